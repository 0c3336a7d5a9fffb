internal import Geometry
internal import Robot
internal import Session

/// The gripper ranges by gripper; `none` where nothing is known.
struct GripperRanges: Sendable {
    typealias Entry = (artefact: Artefact, range: GripperRange?)

    let none: Entry
    private var entries: [Int: Entry] = [:]

    init(none: Entry) { self.none = none }

    subscript(gripper: Int) -> Entry? {
        get { entries[gripper] }
        set { entries[gripper] = newValue }
    }
}

/// Where each side's arm stands: the session's base for single demos, one on either hand for demos of two arms.
struct SideBases: Sendable {
    typealias Entry = (artefact: Artefact, pose: BasePose)

    let single: Entry
    let right: Entry
    let left: Entry

    static func check(_ options: PairOptions) throws(PipelineError) {
        for (name, text) in [("right", options.baseRight), ("left", options.baseLeft)] where !text.isEmpty && numbers(text) == nil {
            throw .usage("pair.base_\(name) '\(text)'", accepted: "'x y z yaw_deg' in the table's frame, or nothing")
        }
    }

    private static func numbers(_ text: String) -> [Double]? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        let numbers = words.compactMap { Double($0) }
        return words.count == 4 && numbers.count == 4 ? numbers : nil
    }

    init(_ base: Entry, options: PairOptions) {
        single = base
        func side(_ text: String, _ name: String, _ y: Double) -> Entry {
            var entry = base
            let numbers = Self.numbers(text)
            var pose = base.pose.tableFromBase
            if let numbers {
                pose = Transform(
                    rotation: Rotation(axis: Vector3(0, 0, 1), angle: numbers[3] * .pi / 180),
                    translation: Vector3(numbers[0], numbers[1], numbers[2]))
            } else {
                pose.translation.y += y
            }
            entry.pose = BasePose(pose, origin: numbers != nil ? "given" : base.pose.origin, note: "the \(name) arm's")
            entry.artefact.key += " \(name) \(pose.translation) \(pose.rotation.xyzw)"
            return entry
        }
        right = side(options.baseRight, "right", -options.baseSpacing / 2)
        left = side(options.baseLeft, "left", options.baseSpacing / 2)
    }

    subscript(side: PairSide?) -> Entry {
        guard let side else { return single }
        return side.isRight ? right : left
    }
}

/// What the pairing came to, for export and report.
struct PairPlan: Sendable {
    var pairs: [DemoPair]
    var episodes: [String: [JointEpisode]]
    var bases: SideBases
}

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

    init(_ base: Entry, options: PairOptions) throws(PipelineError) {
        single = base
        func side(_ text: String, _ name: String, _ y: Double) throws(PipelineError) -> Entry {
            var entry = base
            let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
            let numbers = words.compactMap { Double($0) }
            guard words.isEmpty || (words.count == 4 && numbers.count == 4) else {
                throw .usage("pair.base_\(name) '\(text)'", accepted: "'x y z yaw_deg' in the table's frame, or nothing")
            }
            var pose = base.pose.tableFromBase
            if numbers.count == 4 {
                pose = Transform(
                    rotation: Rotation(axis: Vector3(0, 0, 1), angle: numbers[3] * .pi / 180),
                    translation: Vector3(numbers[0], numbers[1], numbers[2]))
            } else {
                pose.translation.y += y
            }
            entry.pose = BasePose(pose, origin: numbers.count == 4 ? "given" : base.pose.origin, note: "the \(name) arm's")
            entry.artefact.key += " \(name) \(pose.translation) \(pose.rotation.xyzw)"
            return entry
        }
        right = try side(options.baseRight, "right", -options.baseSpacing / 2)
        left = try side(options.baseLeft, "left", options.baseSpacing / 2)
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

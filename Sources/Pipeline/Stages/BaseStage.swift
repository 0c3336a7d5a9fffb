internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// Where an arm's foot stands.
struct BasePose: Sendable, Codable, Equatable {
    /// `arm`, `given`, `search`, or `unknown`: then the pose is the session's own frame, and the note says why.
    var origin: String
    var rotationXYZW: [Double]
    var translation: [Double]
    var note: String

    var tableFromBase: Transform<Table, Base> {
        Transform(
            rotation: Rotation(xyzw: Vector4(rotationXYZW[0], rotationXYZW[1], rotationXYZW[2], rotationXYZW[3])),
            translation: Vector3(translation[0], translation[1], translation[2]))
    }

    /// Whether anything says where the arm stands.
    var isKnown: Bool { origin != "unknown" }

    /// As it goes into keys.
    var text: String { isKnown ? "\(translation) \(rotationXYZW)" : "unknown: \(note)" }

    /// Nothing says where the arm stands.
    static func unknown(_ why: String) -> BasePose { BasePose(.identity, origin: "unknown", note: why) }

    init(_ pose: Transform<Table, Base>, origin: String, note: String) {
        let q = pose.rotation.xyzw
        self.origin = origin
        rotationXYZW = [q.x, q.y, q.z, q.w]
        translation = [pose.translation.x, pose.translation.y, pose.translation.z]
        self.note = note
    }

    /// As the request states it, without looking at any path: `x y z yaw_deg`, else the arm's own.
    static func known(_ request: ConvertRequest) throws(PipelineError) -> BasePose {
        let text = request.configuration.solve.base
        if let placed = Transform<Table, Base>(text: text) { return BasePose(placed, origin: "given", note: "") }
        guard text == "default" || text == "search" else {
            throw .usage("solve.base=\(text)", accepted: "default, search, or \(PoseText.accepted)")
        }
        if let pose = request.arm.tableFromBase { return BasePose(pose, origin: "arm", note: "") }
        guard text == "search" else {
            throw .usage(
                "the arm \(request.arm.name) states no table_from_base",
                accepted: "--set solve.base='x y z yaw_deg' or --set solve.base=search")
        }
        return BasePose(.identity, origin: "arm", note: "")
    }
}

/// Where the arms of the session stand: one for single demos, one on either hand for demos of two arms.
struct SessionBases: Sendable, Codable {
    var single: BasePose
    var right: BasePose
    var left: BasePose

    init(_ base: BasePose, _ options: PairOptions) {
        single = base
        func side(_ text: String, _ name: String, _ y: Double) -> BasePose {
            let given = Transform<Table, Base>(text: text)
            guard given != nil || base.isKnown else { return base }
            var pose = base.tableFromBase
            pose.translation.y += y
            return BasePose(given ?? pose, origin: given != nil ? "given" : base.origin, note: "the \(name) arm's")
        }
        right = side(options.baseRight, "right", -options.baseSpacing / 2)
        left = side(options.baseLeft, "left", options.baseSpacing / 2)
        // Joints of one arm of two are no demo's.
        if !right.isKnown || !left.isKnown { (right, left) = (base, base) }
    }

    subscript(side: PairSide?) -> BasePose {
        guard let side else { return single }
        return side.isRight ? right : left
    }

    static func check(_ options: PairOptions) throws(PipelineError) {
        for (name, text) in [("right", options.baseRight), ("left", options.baseLeft)]
        where !text.isEmpty && Transform<Table, Base>(text: text) == nil {
            throw .usage("pair.base_\(name) '\(text)'", accepted: "\(PoseText.accepted) in the table's frame, or nothing")
        }
    }
}

/// The base poses that `solve.base` asks for: the arm file's, a given one, or the best of a search over all episodes: `base.json`.
struct BaseStage: Stage {
    static let name = "base"
    static let version = 2
    static let scope = StageScope.session
    static let dependsOnArm = true

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [LocalizeStage.self, GripperStateStage.self, EpisodesStage.self, PairStage.self]
    }

    func uses(_ request: ConvertRequest) -> [any Stage.Type] { request.usesMap ? [MapStage.self] : [] }

    private struct Settings: Encodable {
        var solve: SolveOptions
        var pair: PairOptions
        var feasibility: FeasibilityOptions?
    }

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(
            solve: configuration.solve, pair: configuration.pair,
            feasibility: configuration.solve.base == "search" ? configuration.feasibility : nil)
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = try at.request.arm.inputs()
        inputs["frame"] = try at.sessionFrame().text
        guard at.configuration.solve.base == "search" else { return inputs }
        for file in at.going(EpisodesStage.self) {
            inputs["\(file.unit)/episodes"] = at.key(EpisodesStage.self, of: file.unit)
            inputs["\(file.unit)/gripper_state"] = at.key(GripperStateStage.self, of: file.unit)
            inputs["\(file.unit)/localize"] = at.key(LocalizeStage.self, of: file.unit)
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let bases = SessionBases(try find(at), at.configuration.pair)
        try FileBytes.write(JSONText.encode(bases), to: folder.appendingPathComponent("base.json"))
    }

    private func find(_ at: StageInput) throws -> BasePose {
        if let why = try at.sessionFrame().unplaced(at.configuration.solve.base) { return .unknown(why) }
        var known = try BasePose.known(at.request)
        guard at.configuration.solve.base == "search" else { return known }
        var paths: [Trajectory<Table, Tool>] = []
        for file in at.going(EpisodesStage.self) {
            // Where the recorder knew the joints the tool's path follows from the base, not the other way round.
            guard try at.result(LocalizeStage.self, of: file.unit).joints == nil else { continue }
            let tool = try at.result(GripperStateStage.self, of: file.unit).tool
            paths += try at.result(EpisodesStage.self, of: file.unit).episodes.map { tool[$0] }
        }
        guard !paths.isEmpty else {
            known.note = "no episode to search with"
            return known
        }
        let found = try BasePlacement.search(
            paths, arm: at.request.arm, solve: at.configuration.solve, feasibility: at.configuration.feasibility)
        guard let best = found.first else {
            throw UnitFailure(reason: "no_base", detail: "no base pose was found from which any frame is reached")
        }
        let share = 100 * (best.feasibleShare ?? best.reachableShare)
        return BasePose(best.tableFromBase, origin: "search", note: "\(share.fixed(1)) % of the frames are feasible from there")
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionBases {
        try JSONText.decode(SessionBases.self, from: artefact.file("base.json"))
    }
}

extension StageInput {
    /// Where the arm of a demo stands. Not an input by itself: a stage that depends on it names its value.
    func base(_ unit: String) throws -> BasePose { try part(BaseStage.self)[part(PairStage.self).side(unit)] }
}

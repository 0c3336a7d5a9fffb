internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Which demos two grippers recorded together, and what became of those without a partner.
struct SessionPairs: Sendable, Codable {
    var pairs: [DemoPair] = []
    /// Demos of a session of two grippers that are kept single-armed, at the user's word.
    var single: Set<String> = []
    var stops: [String: Stop] = [:]
    var notes: [String] = []

    /// The side that a demo is of its pair; nil for a demo of one arm.
    func side(_ unit: String) -> PairSide? {
        pairs.first { $0.right == unit || $0.left == unit }.map { PairSide(pair: $0, isRight: $0.right == unit) }
    }
}

/// Finds the demos that two grippers recorded together, with their clocks and relative motion: `pairs.json`, and for each pair a folder with
/// `inter_gripper.csv`.
struct PairStage: Stage {
    static let name = "pair"
    static let version = 3
    static let scope = StageScope.session
    static let header = ["time_s_video", "x_m", "y_m", "z_m", "qx", "qy", "qz", "qw", "position_sigma_m", "rotation_sigma_rad"]

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self, LocalizeStage.self, GripperStateStage.self, EpisodesStage.self]
    }

    private struct Settings: Encodable {
        var pair: PairOptions
    }

    func options(_ configuration: Configuration) -> any Encodable { Settings(pair: configuration.pair) }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = ["keeps_single": at.request.keepsSingle ? "yes" : "no"]
        for file in at.board.recordings where file.role == .demo {
            inputs[file.unit] = "\(file.identity.serial ?? "-") \(file.identity.start ?? -1) \(try at.gripper(file.unit))"
            if at.board.artefact(IngestStage.name, file.unit) != nil {
                inputs["\(file.unit)/ingest"] = at.key(IngestStage.self, of: file.unit)
            }
            if let stop = at.board.stops[file.unit] {
                inputs["\(file.unit)/stopped"] = stop.reason
                continue
            }
            inputs["\(file.unit)/localize"] = at.key(LocalizeStage.self, of: file.unit)
            inputs["\(file.unit)/gripper_state"] = at.key(GripperStateStage.self, of: file.unit)
            inputs["\(file.unit)/episodes"] = at.key(EpisodesStage.self, of: file.unit)
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        var demos: [Pairing.Demo] = []
        for file in at.board.recordings where file.role == .demo && file.identity.serial != nil {
            demos.append(try Self.demo(file, at))
        }
        var out = SessionPairs()
        let pairing = Pairing(options: at.configuration.pair, keepsSingle: at.request.keepsSingle)
        pairing.run(demos, &out) { right, left, offset, resolution in
            try pair(right, left, offset: offset, resolution: resolution, at, folder)
        }
        // A demo whose camera nobody knows has no partner either, where the others are paired.
        if !out.pairs.isEmpty {
            for file in at.board.recordings where file.role == .demo && file.identity.serial == nil && at.board.isGoing(file.unit) {
                pairing.leave(file.unit, "no_partner", "its file does not say which camera recorded it", &out)
            }
        }
        try FileBytes.write(JSONText.encode(out), to: folder.appendingPathComponent("pairs.json"))
    }

    private static func demo(_ file: RecordingFile, _ at: StageInput) throws -> Pairing.Demo {
        var demo = Pairing.Demo(unit: file.unit, identity: file.identity, gripper: try at.gripper(file.unit))
        if at.board.artefact(IngestStage.name, file.unit) != nil { demo.times = try at.result(IngestStage.self, of: file.unit).times }
        if let stop = at.board.stops[file.unit] {
            demo.failure = stop.reason
            return demo
        }
        demo.tool = try at.result(GripperStateStage.self, of: file.unit).tool
        let cut = try at.result(EpisodesStage.self, of: file.unit)
        if cut.episodes.isEmpty {
            demo.failure = "nothing is left of it (\(Set(cut.rejections.map(\.reason)).sorted().joined(separator: ", ")))"
            demo.hasStopped = false
        }
        return demo
    }

    private func pair(
        _ right: Pairing.Demo, _ left: Pairing.Demo, offset: Double, resolution: Double, _ at: StageInput, _ folder: URL
    ) throws -> DemoPair {
        let refinement = ClockRefinement(
            right: try Self.clockSide(right.unit, at), left: try Self.clockSide(left.unit, at), options: at.configuration.pair)
        let window = at.configuration.pair.searchWindow + resolution
        // A time code is cut to whole frames on either side.
        let cut = resolution / 6.0.squareRoot()
        var pair = DemoPair(
            name: "\(right.unit)+\(left.unit)", right: right.unit, left: left.unit, offset: offset, offsetSigma: cut, statedOffset: offset,
            method: "clock", sightings: 0, residual: 0, notes: [])
        if let found = refinement.byTags(around: offset, window: window) {
            (pair.method, pair.offset, pair.offsetSigma) = ("tags", found.offset, found.sigma)
            (pair.sightings, pair.residual) = (found.sightings, found.residual)
            pair.notes.append(
                "clocks set by \(found.sightings) sightings of one gripper's tags by the other, "
                    + "\((1000 * (found.offset - offset)).fixed(1)) ms from what the time codes say, ± \((1000 * found.sigma).fixed(1)) ms")
        } else if let found = refinement.byMotion(around: offset, window: window) {
            (pair.method, pair.offset, pair.offsetSigma) = ("motion", found.offset, found.sigma)
            pair.notes.append(
                "clocks set by both grippers' equal turning, \((1000 * (found.offset - offset)).fixed(1)) ms from what the time codes say")
        } else {
            pair.notes.append("clocks as the time codes say, ± \((1000 * cut).fixed(0)) ms: neither gripper saw enough of the other's tags")
        }
        let own = folder.appendingPathComponent(pair.name, isDirectory: true)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        try FileBytes.write(JSONText.encode(pair), to: own.appendingPathComponent("pair.json"))
        try relative(
            at.result(GripperStateStage.self, of: right.unit).tool, at.result(GripperStateStage.self, of: left.unit).tool, pair
        ).write(to: own.appendingPathComponent("inter_gripper.csv"))
        return pair
    }

    private static func clockSide(_ unit: String, _ at: StageInput) throws -> ClockSide {
        let recording = try at.result(IngestStage.self, of: unit)
        return ClockSide(
            camera: try at.result(LocalizeStage.self, of: unit).camera, device: try at.device(recording), times: recording.times,
            tags: try recording.tags())
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionPairs {
        try JSONText.decode(SessionPairs.self, from: artefact.file("pairs.json"))
    }

    func verdict(_ output: SessionPairs) -> SessionVerdict {
        SessionVerdict(stops: output.stops, notes: output.pairs.flatMap { pair in pair.notes.map { "\(pair.name): \($0)" } } + output.notes)
    }

    /// The left tool in the right tool's frame at each of the right's frames, with its uncertainty: of both poses and of the clocks.
    private func relative(_ right: Trajectory<Table, Tool>, _ left: Trajectory<Table, Tool>, _ pair: DemoPair) -> CSVTable {
        var table = CSVTable(header: Self.header, comments: ["right_tool_from_left_tool at the right recording's frames"])
        for i in 0..<right.count where right.states[i] != .lost {
            let time = right.times[i] + pair.offset
            guard let other = left.interpolated(at: time, maximumGap: 0.1), let near = left.nearestIndex(to: time, tolerance: 0.1) else {
                continue
            }
            guard left.states[near] != .lost else { continue }
            let pose = right.poses[i].inverse * other
            let (p, q) = (pose.translation, pose.rotation.xyzw)
            let before = left.interpolated(at: time + -0.02, maximumGap: 0.1) ?? other
            let after = left.interpolated(at: time + 0.02, maximumGap: 0.1) ?? other
            let speed = (after.translation - before.translation).length / 0.04
            let turn = (before.rotation.inverse * after.rotation).vector.length / 0.04
            func root(_ a: Double?, _ b: Double?, _ c: Double) -> String {
                guard let a, let b else { return "" }
                return (a * a + b * b + c * c).squareRoot().fixed(7)
            }
            let (a, b) = (right.covariances[i], left.covariances[near])
            table.rows.append(
                [right.times[i].seconds.fixed(6), p.x.fixed(7), p.y.fixed(7), p.z.fixed(7)] + [q.x, q.y, q.z, q.w].map { $0.fixed(9) } + [
                    root(a?.positionSigma, b?.positionSigma, speed * pair.offsetSigma),
                    root(a?.rotationSigma, b?.rotationSigma, turn * pair.offsetSigma),
                ])
        }
        return table
    }
}

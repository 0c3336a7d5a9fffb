internal import Foundation
internal import Imaging
internal import Session

/// Which gripper made each recording, and the range of each gripper.
struct SessionGrippers: Sendable, Codable {
    struct Range: Sendable, Codable {
        /// Nil where no calibration recording sets it.
        var range: GripperRange?
        /// What it rests on: goes into the keys of what is made with it.
        var key: String
    }

    /// By unit, see `GripperIdentity`.
    var grippers: [String: Int] = [:]
    /// By gripper.
    var ranges: [Int: Range] = [:]
    /// Calibration recordings that cannot be used, by unit.
    var stops: [String: Stop] = [:]
    var notes: [String] = []

    func range(of gripper: Int) -> Range { ranges[gripper] ?? Range(range: nil, key: "none") }
}

/// The grippers of the session by the tags they bear, and their ranges from their own calibration recordings; a lone range serves all.
struct GripperStage: Stage {
    static let name = "gripper"
    static let version = 1
    static let scope = StageScope.session

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [IngestStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.gripperState.gripper }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs: [String: String] = [:]
        for file in at.board.recordings {
            let isThere = at.board.isGoing(file.unit) && at.board.artefact(IngestStage.name, file.unit) != nil
            inputs[file.unit] = isThere ? at.key(IngestStage.self, of: file.unit) : "stopped"
        }
        return inputs
    }

    func make(_ at: StageInput, in folder: URL) throws {
        var out = SessionGrippers()
        let share = at.configuration.gripperState.gripper.identifyShare
        if let tags = at.request.device.fingerTags {
            let going = Set(at.going(IngestStage.self).map(\.unit))
            let seen = try at.board.recordings.map { file in
                GripperIdentity.Seen(
                    unit: file.unit, serial: file.identity.serial,
                    gripper: going.contains(file.unit)
                        ? GripperIdentity.index(of: try at.result(IngestStage.self, of: file.unit).tags(), tags: tags, share: share) : nil)
            }
            let chosen = GripperIdentity.choose(seen, tags: tags, notes: &out.notes)
            for (file, gripper) in zip(at.board.recordings, chosen) { out.grippers[file.unit] = gripper }
        }
        try ranges(at, &out)
        try FileBytes.write(JSONText.encode(out), to: folder.appendingPathComponent("grippers.json"))
    }

    private func ranges(_ at: StageInput, _ out: inout SessionGrippers) throws {
        // A calibration recording that cannot be used fails by itself; the others still set the range.
        var usable: [Int: [(key: String, range: GripperRange)]] = [:]
        for file in at.going(IngestStage.self, role: .gripperCalibration) {
            let recording = try at.result(IngestStage.self, of: file.unit)
            let gripper = out.grippers[file.unit] ?? 0
            let device = try recording.device(at.request.device, gripper: gripper)
            guard let tags = device.fingerTags else { continue }
            do {
                let width = GripperWidth(tags: tags, camera: device.camera, options: at.configuration.gripperState.gripper)
                let range = try width.range(of: recording.tags(), unit: file.unit)
                usable[gripper, default: []].append(("\(file.unit) \(recording.artefact.key)", range))
            } catch let failure as UnitFailure {
                out.stops[file.unit] = failure.stop(Self.name)
            }
        }
        let demos = at.board.recordings.filter { $0.role == .demo }
        let grippers = Set(demos.map { out.grippers[$0.unit] ?? 0 }).sorted()
        if at.request.device.fingerTags != nil {
            out.notes += GripperIdentity.uncalibrated(
                demos.map { (out.grippers[$0.unit] ?? 0, $0.identity.serial) }, calibrated: Set(usable.keys))
        }
        for gripper in grippers {
            let own = usable[gripper] ?? (grippers.count == 1 ? usable.sorted { $0.key < $1.key }.flatMap(\.value) : [])
            out.ranges[gripper] = SessionGrippers.Range(
                range: GripperRange(joining: own.map(\.range)), key: own.isEmpty ? "none" : own.map(\.key).joined(separator: ", "))
        }
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionGrippers {
        try JSONText.decode(SessionGrippers.self, from: artefact.file("grippers.json"))
    }

    func verdict(_ output: SessionGrippers) -> SessionVerdict { SessionVerdict(stops: output.stops, notes: output.notes) }
}

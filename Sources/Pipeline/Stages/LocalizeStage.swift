internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// The camera's pose in the session's frame for every frame of a demo, and where it came from.
struct LocalizedPoses: Sendable {
    var camera: Trajectory<Table, Camera>
    /// Gripper widths that came with poses from outside.
    var widths: [GripperSample]?
    /// By frame, where the recorder knew the arm's joints; nil where it did not.
    var joints: [[Double]]?
    var summary: LocalizeSummary
}

/// The artefact's `localization.json`.
struct LocalizeSummary: Codable, Equatable {
    /// `slam`, or the form of the file that the poses came from.
    var source: String
    var figures: [Figure]
    /// What limits the poses, in sentences.
    var notes: [String]
}

/// Poses by our own mapping, or from a file.
struct LocalizeStage: Stage {
    static let name = "localize"
    static let version = 5
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStage.self] + (request.usesMap ? [MapStage.self] : [])
    }
    func options(_ configuration: Configuration) -> any Encodable { configuration.localize }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = ["ingest": at.key(IngestStage.self), "gripper": "\(try at.gripper(at.unit))"]
        if at.request.usesMap {
            inputs["map"] = at.key(MapStage.self)
        } else {
            inputs["checks"] = "\(at.configuration.ingest.scaleTolerance) \(at.configuration.ingest.usesInertial)"
            let poses = try OutsidePoses(at)
            inputs.merge(try poses.inputs(at)) { a, _ in a }
        }
        return inputs
    }

    func files(_ at: StageInput) throws -> [String: URL] { at.request.usesMap ? [:] : ["poses": try OutsidePoses(at).url] }

    func make(_ at: StageInput, in folder: URL) throws {
        let recording = try at.result(IngestStage.self)
        guard at.request.usesMap else {
            try OutsidePoses(at).write(recording, at, to: folder)
            return
        }
        let map = try at.result(MapStage.self)
        let result = try Localizer.localize(
            tracks: FeatureTracks(contentsOf: recording.artefact.file(TrackObserver.localize)), inertial: recording.inertial(),
            device: at.device(recording), in: map.map, options: at.configuration.localize, progress: at.advance)
        if case .lost(let why) = result.verdict { throw UnitFailure(reason: "not_localized", detail: why, isFinding: true) }
        let camera = result.trajectory.seen(from: map.sessionFromMap)
        let summary = LocalizeSummary(
            source: "slam", figures: result.statistics.figures + camera.figures,
            notes: result.statistics.notes)
        try LocalizedPoses(camera: camera, widths: nil, joints: nil, summary: summary).write(to: folder)
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> LocalizedPoses { try LocalizedPoses(artefact) }
}

extension Trajectory<Table, Camera> {
    /// Frames by state, and how sure the poses are.
    var figures: [Figure] {
        let sigmas = covariances.compactMap { $0?.positionSigma }.sorted()
        let turns = covariances.compactMap { $0?.rotationSigma }.sorted()
        var figures = FrameState.allCases.map { state in
            Figure("frames_\(state.rawValue)", Double(states.filter { $0 == state }.count), "")
        }
        if let median = sigmas.dropFirst(sigmas.count / 2).first, let worst = sigmas.last, let turn = turns.dropFirst(turns.count / 2).first
        {
            figures.append(Figure("position_sigma_median", 1000 * median, "mm"))
            figures.append(Figure("position_sigma_worst", 1000 * worst, "mm"))
            figures.append(Figure("rotation_sigma_median", turn * 180 / .pi, "°"))
        }
        return figures
    }
}

extension LocalizedPoses {
    init(_ artefact: Artefact) throws {
        func table(_ name: String) throws -> CSVTable? {
            let url = artefact.file(name)
            return FileManager.default.fileExists(atPath: url.path) ? try CSVTable(contentsOf: url) : nil
        }
        camera = try Trajectory(csv: artefact.file("camera.csv"))
        widths = try table("widths.csv")?.rows.map { GripperSample(width: Double($0[1])) }
        joints = try table("joints.csv")?.rows.map { $0.dropFirst().compactMap(Double.init) }
        summary = try JSONText.decode(LocalizeSummary.self, from: artefact.file("localization.json"))
    }

    /// - Parameter names: of the joints, where there are any.
    func write(to folder: URL, jointNames names: [String] = []) throws {
        try camera.csv.write(to: folder.appendingPathComponent("camera.csv"))
        if let widths {
            try CSVTable(
                header: ["frame", "width_m"], rows: widths.enumerated().map { ["\($0.offset)", $0.element.width?.fixed(9) ?? ""] }
            ).write(to: folder.appendingPathComponent("widths.csv"))
        }
        if let joints {
            try CSVTable(
                header: ["frame"] + names, rows: joints.enumerated().map { i, row in ["\(i)"] + row.map { "\($0)" } }
            ).write(to: folder.appendingPathComponent("joints.csv"))
        }
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("localization.json"))
    }
}

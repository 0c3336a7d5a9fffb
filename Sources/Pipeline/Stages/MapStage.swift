internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// The session's map and how it came about.
struct SessionMap: Sendable {
    /// The recording that it was made from.
    var unit: String
    var map: LandmarkMap
    var figures: [Figure]
    var notes: [String]
    var frame: SessionFrame
    var sessionFromMap: Transform<Table, Map>
    /// A frame that stands on the scene, see `LandmarkMap.levelFromMap`.
    var surfaceFromSession: Transform<Table, Table>
    /// Camera poses of the mapping recording, in the session's frame.
    var camera: Trajectory<Table, Camera>
}

/// The map, from the mapping recording or, in a session of one, from the demo itself.
struct MapStage: Stage {
    static let name = "map"
    static let version = 5
    static let scope = StageScope.session

    private struct Summary: Codable {
        var unit: String
        var figures: [Figure]
        var notes: [String]
        var frame: SessionFrame
        var sessionFromMap: StoredPose
        var surfaceFromSession: StoredPose
    }

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [IngestStage.self] }
    func applies(to request: ConvertRequest) -> Bool { request.usesMap }
    func options(_ configuration: Configuration) -> any Encodable { configuration.map }

    func inputs(_ at: StageInput) throws -> [String: String] { ["ingest": at.key(IngestStage.self, of: try source(at))] }

    func culprits(_ board: Board, _ request: ConvertRequest) -> [String] { Self.file(board).map { [$0.unit] } ?? [] }

    private static func file(_ board: Board) -> RecordingFile? {
        board.recordings.first { $0.role == .mapping } ?? board.recordings.first { $0.role == .demo }
    }

    /// The recording that the map is made from.
    private func source(_ at: StageInput) throws -> String {
        guard let file = Self.file(at.board) else {
            throw UnitFailure(reason: "no_mapping", detail: "the session holds no recording to make a map of")
        }
        if let stop = at.board.stops[file.unit] {
            throw UnitFailure(reason: stop.reason, detail: "\(file.unit), the mapping recording: \(stop.detail)", isFinding: stop.isFinding)
        }
        return file.unit
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let unit = try source(at)
        let recording = try at.result(IngestStage.self, of: unit)
        let device = try IngestedRecording.device(at.request.device, width: recording.summary.width, height: recording.summary.height)
        let result = try Mapper.build(
            tracks: FeatureTracks(contentsOf: recording.artefact.file(TrackObserver.map)), inertial: recording.inertial(), device: device,
            options: at.configuration.map, progress: at.advance)
        let first = result.trajectory.states.firstIndex { $0 != .lost } ?? 0
        let camera = result.trajectory.poses[first]
        let frame = SessionFrame(result)
        let levelFromMap = result.map.levelFromMap(
            around: camera, up: result.statistics.knowsUp ? result.map.up : nil, options: at.configuration.map.surface)
        let sessionFromMap: Transform<Table, Map> =
            switch frame.kind {
            case .table: result.map.tableFromMap ?? .identity
            case .level: levelFromMap
            case .firstFrame: camera.inverse.relabelled(Table.self, Map.self)
            }
        try result.map.write(to: folder.appendingPathComponent("map.bin"))
        try result.trajectory.seen(from: sessionFromMap).csv.write(to: folder.appendingPathComponent("camera.csv"))
        let summary = Summary(
            unit: unit, figures: result.statistics.figures, notes: result.statistics.notes, frame: frame,
            sessionFromMap: StoredPose(sessionFromMap), surfaceFromSession: StoredPose(levelFromMap * sessionFromMap.inverse))
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("map.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> SessionMap {
        let summary = try JSONText.decode(Summary.self, from: artefact.file("map.json"))
        return SessionMap(
            unit: summary.unit, map: try LandmarkMap(contentsOf: artefact.file("map.bin")), figures: summary.figures, notes: summary.notes,
            frame: summary.frame, sessionFromMap: summary.sessionFromMap.transform(),
            surfaceFromSession: summary.surfaceFromSession.transform(), camera: try Trajectory(csv: artefact.file("camera.csv")))
    }
}

extension MappingStatistics {
    /// What limits the poses, in sentences: pictures that break off, sensors that are not as stated, a fallback.
    var notes: [String] { [readProblem].compactMap { $0 } + sensors.map(\.note) + [fallback].compactMap { $0 } }

    /// What a report lists of them.
    var figures: [Figure] {
        var figures = [
            Figure("keyframes", Double(keyframes), ""), Figure("landmarks", Double(landmarks), ""),
            Figure("reprojection", reprojectionRMS, "px"), Figure("tilt_of_table", tiltDegrees, "°"),
        ]
        if tagFrames > 0 { figures += [Figure("tag_frames", Double(tagFrames), ""), Figure("tag_reprojection", tagRMS, "px")] }
        if rigidShare > 0 { figures.append(Figure("rigid_points", 100 * rigidShare, "%")) }
        if loopPairs > 0 { figures.append(Figure("loop_pairs", Double(loopPairs), "")) }
        if triedKeyframes > 0 { figures.append(Figure("keyframes_recognised", Double(recognizedKeyframes), "of \(triedKeyframes)")) }
        if let d = tagDisagreement { figures.append(Figure("tag_against_map", 1000 * d, "mm")) }
        return figures
    }
}

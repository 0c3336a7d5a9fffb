internal import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// The session's map and how it came about.
struct SessionMap: Sendable {
    var artefact: Artefact
    var map: SceneMap
    var figures: [Figure]
    var notes: [String]
}

enum MapStage {
    private struct Summary: Codable {
        var figures: [Figure]
        var notes: [String]
    }

    static func run(_ recording: IngestedRecording, context: StageContext) throws -> SessionMap {
        let options = context.configuration.map
        let artefact = try context.make(.map, unit: "session", options: options, inputs: ["ingest": recording.artefact.key]) { folder in
            let result = try Mapper.build(
                recording.frames(.gray), times: recording.times, inertial: recording.inertial(), device: recording.device(context.request.device),
                options: options, progress: context.advanced(.map, recording.file.unit))
            try FileBytes.write(result.map.encoded, to: folder.appendingPathComponent("map.bin"))
            try result.trajectory.mapPoses { result.map.tableFromMap * $0 }.csv.write(to: folder.appendingPathComponent("camera.csv"))
            let summary = Summary(figures: figures(result.statistics), notes: [result.verdict])
            try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("map.json"))
        }
        let summary = try JSONText.decode(Summary.self, from: artefact.file("map.json"))
        let url = artefact.file("map.bin")
        return SessionMap(
            artefact: artefact, map: try SceneMap(bytes: FileBytes.read(url), path: url.path), figures: summary.figures, notes: summary.notes)
    }
}

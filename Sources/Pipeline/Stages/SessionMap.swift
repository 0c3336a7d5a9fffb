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
            let device = try recording.device(context.request.device)
            let result = try Mapper.build(
                recording.frames(.gray), inertial: recording.inertial(), device: device, options: options,
                frameCount: recording.times.count,
                progress: context.advanced(.map, recording.file.unit))
            guard let tableFromMap = result.map.tableFromMap else {
                let tag =
                    device.tableTag.map { "the table tag (id \($0.id), \($0.size) m) was not seen" }
                    ?? "the device file states no table_tag"
                throw UnitFailure(
                    reason: "no_table",
                    detail: "\(recording.file.unit): \(tag), so that nothing says where the arm stands; show it while mapping")
            }
            guard result.map.isMetric else {
                throw UnitFailure(
                    reason: "no_scale",
                    detail: "\(recording.file.unit): neither the table tag nor the IMU gives the scale; move more, show the tag")
            }
            try result.map.write(to: folder.appendingPathComponent("map.bin"))
            try result.trajectory.seen(from: tableFromMap).csv.write(to: folder.appendingPathComponent("camera.csv"))
            let summary = Summary(figures: result.statistics.figures, notes: result.statistics.readProblem.map { [$0] } ?? [])
            try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("map.json"))
        }
        let summary = try JSONText.decode(Summary.self, from: artefact.file("map.json"))
        return SessionMap(
            artefact: artefact, map: try SceneMap(contentsOf: artefact.file("map.bin")), figures: summary.figures, notes: summary.notes)
    }
}

extension MappingStatistics {
    /// What a report lists of them.
    var figures: [Figure] {
        var figures = [
            Figure("keyframes", Double(keyframes), ""), Figure("landmarks", Double(landmarks), ""),
            Figure("reprojection", reprojectionRMS, "px"), Figure("tilt_of_table", tiltDegrees, "°"),
        ]
        if tagFrames > 0 { figures += [Figure("tag_frames", Double(tagFrames), ""), Figure("tag_reprojection", tagRMS, "px")] }
        if loopPairs > 0 { figures.append(Figure("loop_pairs", Double(loopPairs), "")) }
        if triedKeyframes > 0 { figures.append(Figure("keyframes_recognised", Double(recognizedKeyframes), "of \(triedKeyframes)")) }
        if let d = tagDisagreement { figures.append(Figure("tag_against_map", 1000 * d, "mm")) }
        return figures
    }
}

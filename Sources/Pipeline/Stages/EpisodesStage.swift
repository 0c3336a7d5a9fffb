internal import Dataset
internal import Foundation
internal import Session

/// A demo's episodes and what lies between them.
struct CutEpisodes: Sendable {
    var episodes: [FrameSpan]
    var rejections: [Rejection]
}

/// Cuts a demo at lost, uncertain and idle spans.
struct EpisodesStage: Stage {
    static let name = "episodes"
    static let version = 1
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [GripperStateStage.self] }
    func options(_ configuration: Configuration) -> any Encodable { configuration.episodes }
    func files(_ at: StageInput) throws -> [String: URL] { at.sampleFiles(at.file) }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = ["gripper_state": at.key(GripperStateStage.self)]
        if !at.run.samples.isEmpty { inputs["samples"] = try JSONText.line(at.run.samples) }
        return inputs
    }

    /// By frame, in words, what no sensor read near it; nil where all did.
    private static func missing(_ at: StageInput, _ times: [Timestamp<VideoClock>]) throws -> [String?] {
        var missing = [String?](repeating: nil, count: times.count)
        let distance = at.configuration.episodes.sampleDistance
        for (feature, series) in zip(at.run.samples, try at.samples(at.file)) {
            guard let series else {
                let text = "the session has \(feature.name) of other demos, and no \(at.unit).\(feature.name).csv of this one"
                return [String?](repeating: text, count: times.count)
            }
            for (i, isNear) in try series.isNear(times, distance: distance).enumerated() where !isNear && missing[i] == nil {
                missing[i] = "\(series.file) has no sample within \(distance) s"
            }
        }
        return missing
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let path = try at.result(GripperStateStage.self)
        let (episodes, rejections) = EpisodeCutter(options: at.configuration.episodes).cut(
            unit: at.unit, tool: path.tool, widths: path.widths, spikes: path.spikes, missing: try Self.missing(at, path.tool.times))
        try FileBytes.write(JSONText.encode(episodes), to: folder.appendingPathComponent("episodes.json"))
        try FileBytes.write(JSONText.encode(rejections), to: folder.appendingPathComponent("rejections.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> CutEpisodes {
        CutEpisodes(
            episodes: try JSONText.decode([FrameSpan].self, from: artefact.file("episodes.json")),
            rejections: try JSONText.decode([Rejection].self, from: artefact.file("rejections.json")))
    }
}

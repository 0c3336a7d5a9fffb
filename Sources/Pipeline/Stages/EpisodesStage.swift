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
    func inputs(_ at: StageInput) throws -> [String: String] { ["gripper_state": at.key(GripperStateStage.self)] }

    func make(_ at: StageInput, in folder: URL) throws {
        let path = try at.result(GripperStateStage.self)
        let (episodes, rejections) = EpisodeCutter(options: at.configuration.episodes).cut(
            unit: at.unit, tool: path.tool, widths: path.widths, spikes: path.spikes)
        try FileBytes.write(JSONText.encode(episodes), to: folder.appendingPathComponent("episodes.json"))
        try FileBytes.write(JSONText.encode(rejections), to: folder.appendingPathComponent("rejections.json"))
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> CutEpisodes {
        CutEpisodes(
            episodes: try JSONText.decode([FrameSpan].self, from: artefact.file("episodes.json")),
            rejections: try JSONText.decode([Rejection].self, from: artefact.file("rejections.json")))
    }
}

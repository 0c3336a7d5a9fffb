internal import Foundation
internal import Session

/// Where a demo is cut, and what is left out.
struct CutEpisodes: Sendable {
    var artefact: Artefact
    var episodes: [FrameSpan]
    var rejections: [Rejection]
}

enum Episodes {
    static func run(_ recording: IngestedRecording, path: (artefact: Artefact, path: ToolPath), context: StageContext) throws -> CutEpisodes
    {
        let options = context.configuration.episodes
        let unit = recording.file.unit
        let artefact = try context.make(.episodes, unit: unit, options: options, inputs: ["calibrate": path.artefact.key]) { folder in
            let cut = EpisodeCutter(options: options).cut(
                unit: unit, tool: path.path.tool, widths: path.path.widths, spikes: path.path.spikes)
            try FileBytes.write(JSONText.encode(cut.episodes), to: folder.appendingPathComponent("episodes.json"))
            try FileBytes.write(JSONText.encode(cut.rejections), to: folder.appendingPathComponent("rejections.json"))
        }
        return CutEpisodes(
            artefact: artefact, episodes: try JSONText.decode([FrameSpan].self, from: artefact.file("episodes.json")),
            rejections: try JSONText.decode([Rejection].self, from: artefact.file("rejections.json")))
    }
}

internal import Dataset
internal import Foundation
internal import Session

/// What the data sets themselves say was written, held against what was to be written.
///
/// Rows are counted in each data set's own tables, and the frames that they show are compared one by one where the format keeps them. An episode
/// counts as written where every data set holds it.
struct WrittenAccount {
    /// By unit, the frames that are in the data sets.
    private(set) var spans: [String: [FrameSpan]] = [:]
    /// By unit, what was to be written and is not.
    private(set) var missing: [String: [Rejection]] = [:]
    /// What contradicts the export, in sentences that name the data set and the recordings.
    private(set) var faults: [String] = []

    /// - Parameters:
    ///   - curation: the episodes that were to be written.
    ///   - times: of each recording's frames.
    init(
        _ exported: Exported, curation: SessionCuration, request: ConvertRequest, identity: SessionIdentity,
        times: (String) throws -> [Timestamp<VideoClock>]
    ) throws {
        var bad: [Int: String] = [:]
        for set in exported.sets where set.format != "lerobot-dynamics" {
            check(set, exported, request, identity, &bad)
        }
        // An episode that no data set was written for is in none.
        let folders = Set(exported.sets.map { $0.path.contains("/") ? String($0.path.split(separator: "/")[0]) : "" })
        for (n, episode) in exported.episodes.enumerated() where !request.formats.isEmpty && !folders.contains(episode.folder) {
            bad[n] = "no data set was written"
        }
        for (n, episode) in exported.episodes.enumerated() {
            for side in episode.sides {
                if let why = bad[n] {
                    missing[side.unit, default: []].append(
                        EpisodeCutter.rejection(side.unit, ExportStage.name, "not_written", why, side.span, try times(side.unit)))
                } else {
                    spans[side.unit, default: []].append(side.span)
                }
            }
        }
        // Too short for a row of the data set's grid.
        for demo in curation.demos {
            for episode in demo.episodes {
                for (place, side) in demo.demo.sides.enumerated() {
                    let span = episode.spans[place]
                    let isThere = exported.episodes.contains { e in e.sides.contains { $0.unit == side.unit && $0.span == span } }
                    guard !isThere else { continue }
                    missing[side.unit, default: []].append(
                        EpisodeCutter.rejection(
                            side.unit, ExportStage.name, "too_short", "no moment of the data set's grid falls into it", span,
                            try times(side.unit)))
                }
            }
        }
    }

    private mutating func check(
        _ set: ExportSummary, _ exported: Exported, _ request: ConvertRequest, _ identity: SessionIdentity, _ bad: inout [Int: String]
    ) {
        let folder = set.path.contains("/") ? String(set.path.split(separator: "/")[0]) : ""
        let expected = exported.episodes.enumerated().filter { $0.element.folder == folder }
        func fault(_ what: String, _ episodes: [(offset: Int, element: WrittenEpisode)]) {
            let units = Set(episodes.flatMap { $0.element.sides.map(\.unit) }).sorted()
            faults.append("\(set.path): \(what) (\(units.joined(separator: ", ")))")
            for episode in episodes { bad[episode.offset] = "\(set.path): \(what)" }
        }
        do {
            let rows = try DatasetRows(contentsOf: request.output.appendingPathComponent(set.path))
            guard let mine = rows.provenance?.sources.last(where: { identity.isOf($0) }) else {
                fault("does not know of this session", expected)
                return
            }
            let range = try rows.episodes(of: mine)
            guard range.count == expected.count else {
                fault("holds \(range.count) episodes of this session, \(expected.count) were to be written", expected)
                return
            }
            for (index, episode) in zip(range, expected) {
                let count = rows.episodes[index].frames
                guard count == episode.element.rows else {
                    fault("episode \(index) has \(count) rows, \(episode.element.rows) were to be written", [episode])
                    continue
                }
                guard let frames = try rows.sourceFrames(episode: index) else { continue }
                let wanted = episode.element.written.map { episode.element.sides[$0].frames }
                if frames != wanted { fault("episode \(index) shows other frames than were to be written", [episode]) }
            }
        } catch {
            fault("cannot be read back: \(error)", expected)
        }
    }
}

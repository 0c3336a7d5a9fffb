internal import Foundation
internal import Imaging
internal import Robot
internal import Session

/// One recording as the exporter takes it up.
struct ExportSide: Sendable {
    var recording: IngestedRecording
    var device: Device
    var path: ToolPath
    var solved: SolvedEpisodes
    var feasible: FeasibleEpisodes
    var masked: MaskedRecording
    var poses: LocalizedPoses
    /// Where its arm stands.
    var base: BasePose
    var curation: CuratedDemo.Side
    /// By frame `exported` or why not.
    var outcomes: [String]
    /// What sensors beside the recording read, in the order of the session's features.
    var samples: [SampleSeries] = []

    var unit: String { recording.file.unit }
}

/// A demo as the exporter takes it up.
struct ExportDemo: Sendable {
    var curated: CuratedDemo
    /// In the demo's order.
    var sides: [ExportSide]
    var clock: DemoClock

    var name: String { curated.demo.name }

    init(_ curated: CuratedDemo, _ at: StageInput, joined: [String: [Rejection]]) throws {
        self.curated = curated
        sides = try curated.demo.sides.enumerated().map { n, side in
            let recording = try at.result(IngestStage.self, of: side.unit)
            let ledger = RecordingLedger(
                file: recording.file, recording: recording, stop: nil, cut: try at.result(EpisodesStage.self, of: side.unit),
                feasible: try at.result(FeasibilityStage.self, of: side.unit), joined: joined[side.unit] ?? [], curated: curated.sides[n])
            let samples = try curated.episodes.isEmpty ? [] : at.samples(recording.file).compactMap { $0 }
            precondition(
                curated.episodes.isEmpty || samples.count == at.run.samples.count, "frames without samples are in no episode")
            return ExportSide(
                recording: recording, device: try at.device(recording), path: try at.result(GripperStateStage.self, of: side.unit),
                solved: try at.result(SolveStage.self, of: side.unit), feasible: try at.result(FeasibilityStage.self, of: side.unit),
                masked: try at.result(MaskStage.self, of: side.unit), poses: try at.result(LocalizeStage.self, of: side.unit),
                base: try at.base(side.unit), curation: curated.sides[n],
                outcomes: try ledger.labels(exported: curated.episodes.map { $0.spans[n] }), samples: samples)
        }
        clock = DemoClock(times: sides.map(\.recording.times), offsets: curated.demo.sides.map(\.offset))
    }
}

internal import Foundation
internal import Session

extension Scenario {
    /// What a camera states of a recording: when its own clock says it began, cut to whole frames, and who it is.
    struct Stamp {
        var creationTime: String
        var timecode: String
        var serial: String
        /// Seconds after the session's date's midnight, as the time code states it.
        var stated: Double
    }

    /// Nil in a session that states no times.
    func stamp(of plan: RecordingPlan) -> Stamp? {
        guard let begin = RecordingDate.parse(files.recordedAt) else { return nil }
        let seconds = begin.seconds + plan.start + files.clockErrors[plan.camera]
        let rate = picture.rate
        let frame = Int((seconds * Double(rate)).rounded(.down))
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let second = frame / rate
        func clock(_ s: Int) -> String { "\(two(s / 3600 % 24)):\(two(s / 60 % 60)):\(two(s % 60))" }
        let date = files.recordedAt.prefix(10)
        return Stamp(
            creationTime: "\(date)T\(clock(second)).000000Z", timecode: "\(clock(second)):\(two(frame % rate))",
            serial: files.serials[plan.camera], stated: Double(frame) / Double(rate))
    }

    /// Where a recording's file lies in the session's folder.
    func path(of plan: RecordingPlan) -> String {
        switch files.layout {
        case .flat: return "\(plan.name).mp4"
        case .demos: return "demos/\(plan.name)/raw_video.mp4"
        case .raw:
            let order = recordings.filter { $0.camera == plan.camera }.sorted { $0.start < $1.start }
            let number = (order.firstIndex { $0.name == plan.name } ?? 0) + 1
            return "raw_videos/\(files.serials[plan.camera])/GX01\(String(10_000 + number).dropFirst()).MP4"
        }
    }
}

/// Puts the files of a finished session where its layout has them, with the device file and the clocks' truth.
struct SessionFiles {
    let scenario: Scenario
    let folder: URL

    func arrange(device: String, truth: TruthFiles) throws(SimulationError) {
        guard !scenario.files.recordedAt.isEmpty || scenario.files.layout != .flat else { return }
        var rows: [[String]] = []
        for plan in scenario.recordings {
            let stamp = scenario.stamp(of: plan)
            let path = scenario.path(of: plan)
            rows.append([
                plan.name, path, "\(plan.camera)", stamp?.serial ?? "", plan.start.fixed(6),
                stamp.map { ($0.stated - (RecordingDate.parse(scenario.files.recordedAt)?.seconds ?? 0)).fixed(6) } ?? "", plan.partner,
            ])
            let target = folder.appendingPathComponent(path)
            let source = folder.appendingPathComponent("\(plan.name).mp4")
            guard target.path != source.path else { continue }
            do {
                try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.moveItem(at: source, to: target)
            } catch {
                throw .file(path: target.path, reason: "cannot be made: \(error.localizedDescription)")
            }
        }
        let header = ["recording", "file", "gripper", "serial", "start_s_true", "start_s_stated", "partner"]
        try truth.write(CSVTable(header: header, rows: rows, comments: ["seconds after the session's beginning"]).encoded, "clocks.csv")
        let url = folder.appendingPathComponent("device.yaml")
        do { try FileBytes.write(Array(device.utf8), to: url) } catch { throw SimulationError(error) }
    }
}

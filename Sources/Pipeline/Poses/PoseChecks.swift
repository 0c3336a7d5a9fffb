internal import Geometry
internal import Session

/// What is wrong with the poses of a file as a whole, though each row may be right.
enum PoseChecks {
    /// Refuses a file whose every pose is the same: a recorder without tracking writes such.
    /// - Parameter poses: of the rows that have one.
    static func moves(_ poses: [Transform<Table, Frame>], file: String) throws(UnitFailure) {
        guard poses.count >= 10, let first = poses.first else { return }
        let isStill = poses.allSatisfy {
            ($0.translation - first.translation).length < 1e-9 && $0.rotation.angle(to: first.rotation) < 1e-7
        }
        guard isStill else { return }
        throw UnitFailure(
            reason: "poses",
            detail: "all \(poses.count) poses of \(file) are the same: this file holds no tracking (Record3D has it with LiDAR alone)")
    }

    /// Refuses a file whose poses meet no frame of the video: its times are on another clock, in another unit, or too far apart.
    /// - Parameters:
    ///   - seconds: times of the rows that have a pose, rising.
    ///   - video: times of the frames.
    ///   - posed: frames that got a pose.
    static func meets(_ seconds: [Double], video: [Timestamp<VideoClock>], posed: Int, file: String) throws(UnitFailure) {
        guard posed == 0, let first = seconds.first, let last = seconds.last, let start = video.first?.seconds,
            let end = video.last?.seconds
        else { return }
        let ranges = "the times of \(file) are \(first.fixed(3)) to \(last.fixed(3)) s, the video's \(start.fixed(3)) to \(end.fixed(3)) s"
        let gap = seconds.count < 2 ? 0 : (last - first) / Double(seconds.count - 1)
        if first > end || last < start {
            let unit = TimeUnit(ofInterval: gap)
            let hint =
                unit != .seconds
                ? "rows are \(gap.fixed(3)) s apart: \(unit.rawValue)? \(unit.advice)"
                : TimeUnit(ofDate: first) == .seconds ? "they count since 1970: \(TimeUnit.seconds.advice)" : "another recording's?"
            throw UnitFailure(
                reason: "poses",
                detail: "\(ranges): they do not meet; seconds on the video clock are expected, 0 at the first frame (\(hint))")
        }
        throw UnitFailure(
            reason: "poses",
            detail: "\(ranges), its poses \(gap.fixed(3)) s apart: between poses more than \(longestGap) s apart none is known")
    }

    /// Between poses further apart nothing is interpolated, seconds: three frames at 30 Hz.
    static let longestGap = 0.1
}

internal import Foundation
internal import Geometry
internal import Session

/// A motion that was really made: motion capture of an IMU, and that IMU's readings, on one clock.
struct MeasuredMotion: Sendable, Equatable {
    /// Seconds after the video's first frame, and where the IMU was.
    private var times: [Double] = []
    private var poses: [Transform<Table, Body>] = []
    private var rows: [[Double]] = []

    /// Seconds between the knots of the curve through the poses: motion capture's noise is above, a hand's motion below 10 Hz.
    static let knotSpacing = 0.05
    /// Longest pause in the motion capture that a recording may contain, seconds.
    static let longestGap = 0.1

    init(_ plan: Scenario.RecordingPlan, duration: Double) throws(SimulationError) {
        let table = try Self.numbers(plan.motionFile, columns: 8)
        guard let first = table.first?[0] else {
            throw .file(path: plan.motionFile, reason: "it has no rows of time, position and quaternion w x y z")
        }
        let zero = first + plan.motionStart * 1e9
        let shift = Vector3(plan.motionShift[0], plan.motionShift[1], plan.motionShift[2])
        for row in table {
            let t = (row[0] - zero) * 1e-9
            guard t > -0.8, t < duration + 0.8 else { continue }
            if let last = times.last, t - last > Self.longestGap {
                throw .file(
                    path: plan.motionFile,
                    reason:
                        "no pose from \((last + plan.motionStart).fixed(2)) to \((t + plan.motionStart).fixed(2)) s after its first row; "
                        + "choose motion_start_s and duration_s so that no pause is longer than \(Self.longestGap) s")
            }
            times.append(t)
            guard
                let pose = Transform<Table, Body>(
                    position: Vector3(row[1], row[2], row[3]) + shift, xyzw: Vector4(row[5], row[6], row[7], row[4]))
            else {
                throw .file(
                    path: plan.motionFile, reason: "at \(row[0].fixed(0)) ns: no position in metres and quaternion w x y z")
            }
            poses.append(pose)
        }
        guard let a = times.first, let b = times.last, a < -0.5, b > duration + 0.5 else {
            throw .file(
                path: plan.motionFile,
                reason: "it does not reach from half a second before motion_start_s to half a second after duration_s")
        }
        rows = try Self.numbers(plan.inertialFile, columns: 7).map { row in
            [(row[0] - zero) * 1e-9] + row[1...6]
        }
    }

    /// The first `columns` numbers of each line: a time in ns, then the rest.
    private static func numbers(_ path: String, columns: Int) throws(SimulationError) -> [[Double]] {
        do {
            let text = try TextRows(contentsOf: URL(fileURLWithPath: path), separator: .comma)
            return try text.rows.indices.filter { !text.isHeader($0) }.map { row throws(SessionError) in
                let known = text.rows[row].fields.prefix(columns).compactMap { NumberText.number($0) }
                guard known.count == columns, abs(known[0]) <= Timestamp<VideoClock>.furthestSeconds * 1e9 else {
                    throw text.error(row, 0, "begins no line of a time in ns and \(columns - 1) numbers with commas between")
                }
                return known
            }
        } catch {
            throw SimulationError(error)
        }
    }

    /// The pose at a time, straight between the rows.
    private func pose(at time: Double) -> Transform<Table, Body> {
        let above = times.firstIndex { $0 > time } ?? times.count - 1
        let below = max(above - 1, 0)
        guard times[above] > times[below] else { return poses[above] }
        return poses[below].interpolated(to: poses[above], fraction: (time - times[below]) / (times[above] - times[below]))
    }

    /// A curve through the poses: controls are corrected until the curve meets them.
    func spline(bodyFromTool: Transform<Body, Tool>) -> PoseSpline<Table, Tool> {
        let start = -0.6
        let count = Int((((times.last ?? 0) - 0.1 - start) / Self.knotSpacing).rounded(.down)) + 1
        let targets = (0..<count).map { pose(at: VectorSpline.time(ofControl: $0, start: start, spacing: Self.knotSpacing)) * bodyFromTool }
        var controls = targets
        for _ in 0..<6 {
            let curve = PoseSpline(start: start, spacing: Self.knotSpacing, controls: controls)
            for k in 2..<(count - 3) {
                let now = curve.pose(at: VectorSpline.time(ofControl: k, start: start, spacing: Self.knotSpacing))
                controls[k] = Transform(
                    rotation: controls[k].rotation * (now.rotation.inverse * targets[k].rotation),
                    translation: controls[k].translation + (targets[k].translation - now.translation))
            }
        }
        return PoseSpline(start: start, spacing: Self.knotSpacing, controls: controls)
    }

    /// The readings from inertial time 0 on, both sensors at their common times.
    func readings(offset: ClockOffset, end: Double) -> InertialRecording {
        var out = InertialRecording(gyroscope: [], accelerometer: [])
        for row in rows where row[0] + offset.seconds >= 0 && row[0] <= end {
            let time = Timestamp<InertialClock>(seconds: row[0] + offset.seconds)
            out.gyroscope.append(VectorSample(time: time, value: Vector3(row[1], row[2], row[3])))
            out.accelerometer.append(VectorSample(time: time, value: Vector3(row[4], row[5], row[6])))
        }
        return out
    }
}

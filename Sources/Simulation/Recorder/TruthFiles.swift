internal import Foundation
internal import Geometry
internal import Session

/// Writes what is known of a recording beside it.
struct TruthFiles {
    let folder: URL

    func write(_ bytes: [UInt8], _ name: String) throws(SimulationError) {
        let url = folder.appendingPathComponent(name)
        do { try FileBytes.write(bytes, to: url) } catch { throw SimulationError(error) }
    }

    func write(_ text: String, _ name: String) throws(SimulationError) { try write(Array(text.utf8), name) }

    private static func row<A, B>(_ time: Double, _ pose: Transform<A, B>) -> [String] {
        let (p, q) = (pose.translation, pose.rotation.xyzw.w < 0 ? -pose.rotation.xyzw : pose.rotation.xyzw)
        return [time.fixed(6)] + [p.x, p.y, p.z].map { $0.fixed(7) } + [q.x, q.y, q.z, q.w].map { $0.fixed(9) }
    }

    /// A TUM trajectory: time, position, quaternion x y z w, separated by spaces.
    private static func tum(_ rows: [[String]]) -> String { rows.map { $0.joined(separator: " ") }.joined(separator: "\n") + "\n" }

    func poses(_ motion: RecordedMotion, times: [Double]) throws(SimulationError) {
        let camera = times.map { Self.row($0, motion.tableFromCamera(at: $0)) }
        let tool = times.map { Self.row($0, motion.tool.pose(at: $0)) }
        let table = CSVTable(
            header: ["time_s_video", "x_m", "y_m", "z_m", "qx", "qy", "qz", "qw"], rows: camera,
            comments: ["table_from_camera at each frame's time (its middle row)"])
        try write(table.encoded, "camera.csv")
        try write(Self.tum(camera), "camera.tum")
        try write(Self.tum(tool), "tool.tum")
        let widths = times.enumerated().map { [String($0), $1.fixed(6), motion.opening(at: $1).fixed(6)] }
        try write(CSVTable(header: ["frame", "time_s_video", "width_m"], rows: widths).encoded, "widths.csv")
    }

    func biases(_ inertial: InertialSynthesis) throws(SimulationError) {
        let rows = inertial.biases.enumerated().filter { $0.offset % 20 == 0 }.map { _, b in
            let (g, a) = (b.gyroscope, b.accelerometer)
            return [b.time, g.x, g.y, g.z, a.x, a.y, a.z].map { $0.fixed(7) }
        }
        let header = ["time_s_video", "gx_rad_s", "gy_rad_s", "gz_rad_s", "ax_m_s2", "ay_m_s2", "az_m_s2"]
        try write(CSVTable(header: header, rows: rows, comments: ["biases in the IMU's frame"]).encoded, "biases.csv")
    }

    func feasibility(_ truths: [FeasibilityTruth], times: [Double]) throws(SimulationError) {
        var rows: [[String]] = []
        for truth in truths {
            for (i, f) in truth.frames.enumerated() {
                rows.append([
                    truth.arm.name, String(i), times[i].fixed(6), f.reasons.isEmpty ? "1" : "0", f.reasons.joined(separator: " "),
                    (f.position * 1000).fixed(3), (f.rotation * 180 / .pi).fixed(3), f.velocityRatio.fixed(4),
                    f.leastVelocityRatio.fixed(4), "joint\(f.worstJoint + 1)", f.accelerationRatio.fixed(4), f.margin.fixed(4),
                ])
            }
        }
        let header = [
            "arm", "frame", "time_s_video", "feasible", "reasons", "position_error_mm", "rotation_error_deg", "velocity_ratio",
            "least_velocity_ratio", "worst_joint", "acceleration_ratio", "joint_margin_rad",
        ]
        let comments = [
            "ratios are joint rates and accelerations over the arm's limits on the path of least joint motion;",
            "least_velocity_ratio is the best of many postures and every self-motion",
        ]
        try write(CSVTable(header: header, rows: rows, comments: comments).encoded, "feasible.csv")
    }
}

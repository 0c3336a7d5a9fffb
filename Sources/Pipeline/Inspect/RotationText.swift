public import Foundation
internal import Geometry
internal import Imaging
internal import Mapping
internal import Session

/// How far the rotation that pictures and gyroscope give is from the one the camera itself recorded.
public enum RotationText {
    /// Lines for people: the picture's agreement with the gyroscope, and where the camera wrote its own orientation (GoPro's CORI), the error
    /// of pictures and gyroscope together and, beside it, of the pictures alone. Footage that the camera stabilised is undone by its own
    /// record (IORI) first. The intrinsics are found from the footage.
    public static func lines(_ url: URL) throws -> [String] {
        let recording = try Recording(url)
        guard let inertial = recording.inertial else { return ["no gyroscope: nothing to compare the pictures with"] }
        let device = recording.telemetry?.inertialDevice
        let stabilisation = (device?.orientations("IORI") ?? []).map {
            (time: Timestamp<VideoClock>(nanoseconds: $0.time.nanoseconds), bodyFromPicture: $0.rotation)
        }
        let verdict = try RotationConsistency.check(video: url, inertial: inertial, camera: nil, stabilisation: stabilisation)
        var lines = ["\(verdict.finding.rawValue): \(verdict.reason)"]
        let truth = device?.orientations("CORI").map { (time: $0.time.seconds, rotation: $0.rotation) } ?? []
        guard !truth.isEmpty else { return lines + ["the camera recorded no orientation of its own (CORI)"] }
        let estimate = try RotationEstimate.estimate(video: url, inertial: inertial, camera: nil, stabilisation: stabilisation)
        let focal = estimate.camera.focalLength.x.fixed(0)
        lines.append(
            "found: focal length \(focal) px (\(estimate.camera.lens.rawValue)), clock offset \((1000 * estimate.clockOffset.seconds).fixed(1)) ms"
        )
        let times = estimate.times.map { $0.seconds }
        let camera = estimate.bodyFromCamera
        if let fused = error(estimate.startFromCamera, times, truth, camera), let alone = error(estimate.picturesOnly, times, truth, camera)
        {
            lines.append(
                "rotation against the camera's own (CORI): \(fused.fixed(2))° RMSE with the gyroscope, \(alone.fixed(2))° from the pictures alone"
            )
        }
        return lines
    }

    /// Root mean square angle, degrees, after the constant rotation between the two starts is taken out; nil without common times.
    private static func error(
        _ startFromCamera: [Rotation], _ times: [Double], _ truth: [(time: Double, rotation: Rotation)], _ bodyFromCamera: Rotation
    ) -> Double? {
        var differences: [Rotation] = []
        for (time, camera) in zip(times, startFromCamera) {
            let above = truth.partitioningIndex { $0.time >= time - 1e-6 }
            guard above < truth.count else { continue }
            let below = max(above - 1, 0)
            let fraction = above == below ? 1 : (time - truth[below].time) / (truth[above].time - truth[below].time)
            let body = truth[below].rotation.interpolated(to: truth[above].rotation, fraction: fraction)
            differences.append(body * (camera * bodyFromCamera.inverse).inverse)
        }
        guard var mean = differences.dropFirst(differences.count / 2).first else { return nil }
        for _ in 0..<10 {
            let step = differences.reduce(Vector3.zero) { $0 + (mean.inverse * $1).vector } / Double(differences.count)
            mean = mean * Rotation(vector: step)
        }
        let squares = differences.reduce(0.0) { $0 + mean.angle(to: $1) * mean.angle(to: $1) }
        return (squares / Double(differences.count)).squareRoot() * 180 / .pi
    }
}

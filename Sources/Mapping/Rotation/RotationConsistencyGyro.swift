internal import Geometry
internal import Session

/// The gyroscope's samples summed up once, so that the turn between any two times costs two look-ups.
struct GyroscopeIntegral: Sendable {
    private let times: [Double]
    private let rates: [Vector3]
    /// Body at the first sample from body at sample k, without any bias taken off.
    private let orientations: [Rotation]
    /// How many holes come before sample k.
    private let holes: [Int]
    /// What a stabiliser in the camera did to the pictures, where the camera recorded it.
    var stabilisation: PictureStabilisation?

    /// - Parameter maximumGap: seconds between samples above which the turn is unknown.
    init(_ recording: InertialRecording, maximumGap: Double) {
        let samples = recording.gyroscope
        times = samples.map { $0.time.seconds }
        rates = samples.map { $0.value }
        var q: [Rotation] = samples.isEmpty ? [] : [.identity]
        var h = samples.isEmpty ? [] : [0]
        for k in samples.indices.dropFirst() {
            let dt = times[k] - times[k - 1]
            q.append(q[k - 1] * Rotation(vector: 0.5 * dt * (rates[k - 1] + rates[k])))
            h.append(h[k - 1] + (dt > maximumGap ? 1 : 0))
        }
        orientations = q
        holes = h
    }

    var span: ClosedRange<Double>? {
        guard let first = times.first, let last = times.last, first < last else { return nil }
        return first...last
    }

    /// Body at `start` from body at `end` (seconds on the inertial clock); nil outside the samples or across a hole.
    func turn(from start: Double, to end: Double) -> Rotation? {
        guard let a = orientation(start), let b = orientation(end), holes[a.index] == holes[min(b.index + 1, holes.count - 1)] else {
            return nil
        }
        return a.rotation.inverse * b.rotation
    }

    private func orientation(_ time: Double) -> (rotation: Rotation, index: Int)? {
        guard times.count >= 2, time >= times[0], time <= times[times.count - 1] else { return nil }
        let above = times.partitioningIndex { $0 > time }
        let k = min(max(above - 1, 0), times.count - 2)
        let dt = times[k + 1] - times[k]
        let s = time - times[k]
        let middle = rates[k] + (rates[k + 1] - rates[k]) * (0.5 * s / dt)
        return (orientations[k] * Rotation(vector: middle * s), k)
    }

    /// How far the picture turned between two times on the video clock, body axes: the body's turn, with the stabiliser's at either end.
    func pictureTurn(from start: Double, to end: Double, offset: Double) -> Rotation? {
        guard let body = turn(from: start + offset, to: end + offset) else { return nil }
        guard let stabilisation else { return body }
        guard let a = stabilisation.bodyFromPicture(start), let b = stabilisation.bodyFromPicture(end) else { return nil }
        return a.inverse * body * b
    }
}

/// The turn of the picture within the camera over time.
struct PictureStabilisation: Sendable {
    private let times: [Double]
    private let rotations: [Rotation]

    /// Times on the video clock, ascending.
    init(_ record: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)]) {
        times = record.map { $0.time.seconds }
        rotations = record.map { $0.bodyFromPicture }
    }

    /// Interpolated; nil more than 50 ms outside the record.
    func bodyFromPicture(_ time: Double) -> Rotation? {
        guard let first = times.first, let last = times.last, time > first - 0.05, time < last + 0.05 else { return nil }
        let above = times.partitioningIndex { $0 >= time }
        if above == 0 { return rotations[0] }
        if above == times.count { return rotations[above - 1] }
        return rotations[above - 1].interpolated(
            to: rotations[above], fraction: (time - times[above - 1]) / (times[above] - times[above - 1]))
    }
}

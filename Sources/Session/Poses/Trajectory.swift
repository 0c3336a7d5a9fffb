public import Geometry

/// What is known of a frame's pose.
public enum FrameState: String, Sendable, Codable, CaseIterable {
    /// Held by enough landmarks in the picture.
    case tracked
    /// Carried by the IMU (or by interpolation) between two tracked frames.
    case bridged
    /// Unknown: the pose column holds no information.
    case lost
}

/// Covariance of a pose error: position δp in the reference frame (m²), rotation δθ on the right, in the moving frame (rad²).
public struct PoseCovariance: Sendable, Equatable {
    public var position: Matrix3
    public var rotation: Matrix3
    /// E[δp δθᵀ], m·rad.
    public var cross: Matrix3

    public init(position: Matrix3, rotation: Matrix3, cross: Matrix3 = .zero) {
        self.position = position
        self.rotation = rotation
        self.cross = cross
    }

    /// Isotropic: standard deviations in metres and radians.
    public init(positionSigma: Double, rotationSigma: Double) {
        self.init(
            position: Matrix3(diagonal: Vector3(repeating: positionSigma * positionSigma)),
            rotation: Matrix3(diagonal: Vector3(repeating: rotationSigma * rotationSigma)))
    }

    public var isFinite: Bool {
        [position, rotation, cross].allSatisfy { $0.c0.isFinite && $0.c1.isFinite && $0.c2.isFinite }
    }

    /// Root of the trace of the position block, metres.
    public var positionSigma: Double { position.trace.squareRoot() }
    /// Root of the trace of the rotation block, radians.
    public var rotationSigma: Double { rotation.trace.squareRoot() }
}

/// Poses over time, in columns: `poses[i]` is the moving frame in the reference frame at `times[i]`, on the video clock.
public struct Trajectory<Reference, Moving>: Sendable {
    public var times: [Timestamp<VideoClock>]
    public var poses: [Transform<Reference, Moving>]
    /// Nil where the source gave none (poses from outside).
    public var covariances: [PoseCovariance?]
    public var states: [FrameState]

    /// All columns are equally long and times do not decrease.
    public init(
        times: [Timestamp<VideoClock>] = [], poses: [Transform<Reference, Moving>] = [], covariances: [PoseCovariance?]? = nil,
        states: [FrameState]? = nil
    ) {
        self.times = times
        self.poses = poses
        self.covariances = covariances ?? Array(repeating: nil, count: times.count)
        self.states = states ?? Array(repeating: .tracked, count: times.count)
        precondition(
            poses.count == times.count && self.covariances.count == times.count && self.states.count == times.count,
            "the columns of a trajectory are equally long")
    }

    public var count: Int { times.count }

    public mutating func append(
        _ time: Timestamp<VideoClock>, _ pose: Transform<Reference, Moving>, covariance: PoseCovariance? = nil, state: FrameState = .tracked
    ) {
        times.append(time)
        poses.append(pose)
        covariances.append(covariance)
        states.append(state)
    }

    /// The index of the sample nearest in time; nil when empty or when it is further than `tolerance` seconds.
    public func nearestIndex(to time: Timestamp<VideoClock>, tolerance: Double) -> Int? {
        guard !times.isEmpty else { return nil }
        let above = times.partitioningIndex { $0 >= time }
        let candidates = [above - 1, above].filter { times.indices.contains($0) }
        guard let best = candidates.min(by: { abs(times[$0] - time) < abs(times[$1] - time) }) else { return nil }
        return abs(times[best] - time) <= tolerance ? best : nil
    }

    /// The pose at any time within the span, straight in position and spherical in rotation; nil outside it.
    /// - Parameter maximumGap: seconds between the two neighbours above which there is no answer.
    public func interpolated(at time: Timestamp<VideoClock>, maximumGap: Double = .infinity) -> Transform<Reference, Moving>? {
        let above = times.partitioningIndex { $0 >= time }
        guard above < times.count else { return nil }
        if times[above] == time { return poses[above] }
        guard above > 0, times[above] - times[above - 1] <= maximumGap else { return nil }
        let fraction = (time - times[above - 1]) / (times[above] - times[above - 1])
        return poses[above - 1].interpolated(to: poses[above], fraction: fraction)
    }

    /// The same path seen from another reference frame; covariances turn with it.
    public func seen<New>(from newFromReference: Transform<New, Reference>) -> Trajectory<New, Moving> {
        let turn = newFromReference.rotation.matrix
        let turned = covariances.map { covariance in
            covariance.map {
                PoseCovariance(position: turn * $0.position * turn.transposed, rotation: $0.rotation, cross: turn * $0.cross)
            }
        }
        return Trajectory<New, Moving>(times: times, poses: poses.map { newFromReference * $0 }, covariances: turned, states: states)
    }

    /// The same columns with every pose changed; covariances are kept as they are.
    public func mapPoses<A, B>(_ change: (Transform<Reference, Moving>) -> Transform<A, B>) -> Trajectory<A, B> {
        Trajectory<A, B>(times: times, poses: poses.map(change), covariances: covariances, states: states)
    }
}

extension Array {
    /// The first index whose element satisfies `predicate`, in an array where all that do come after all that do not; `endIndex` if none.
    @inlinable public func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

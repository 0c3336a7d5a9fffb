internal import Estimation
public import Geometry
public import Session

extension PoseCovariance {
    /// The covariance of `pose * offset`, the offset being exact, from the covariance of `pose`: δp' = δp − R [t]× δθ, δθ' = R_offsetᵀ δθ.
    ///
    /// The position's error is in the reference frame, the rotation's on the right: see `PoseCovariance`.
    public func carried<Reference, Moving, Carried>(
        from pose: Transform<Reference, Moving>, by offset: Transform<Moving, Carried>
    ) -> PoseCovariance {
        let lever = -(pose.rotation.matrix * Matrix3.skew(offset.translation))
        let turn = offset.rotation.matrix
        return PoseCovariance(
            position: position + lever * cross.transposed + cross * lever.transposed + lever * rotation * lever.transposed,
            rotation: turn.transposed * rotation * turn, cross: (cross + lever * rotation) * turn)
    }

    /// From a 6×6 matrix (or its first rows and columns) in the tangent [δp δθ].
    init(tangent m: DenseMatrix) {
        self.init(position: m.block3(0, 0), rotation: m.block3(3, 3), cross: m.block3(0, 3))
    }
}

extension PoseCovariance {
    /// With independent variances along the moving frame's own axes: metres² and radians².
    /// - Parameter axes: reference from moving frame.
    func adding(_ variances: (position: Vector3, rotation: Vector3), axes: Matrix3) -> PoseCovariance {
        PoseCovariance(
            position: position + axes * Matrix3(diagonal: variances.position) * axes.transposed,
            rotation: rotation + Matrix3(diagonal: variances.rotation), cross: cross)
    }
}

/// Errors that all poses of a recording share, so that no pose's own covariance has them; each 1 σ.
struct SystematicError {
    /// Metres, each axis.
    var position: Double
    /// Radians, each axis.
    var rotation: Double
    /// Seconds by which the estimated clock is off: it moves a pose along its own motion.
    var clock: Double

    /// A pose's covariance with them.
    /// - Parameters:
    ///   - velocity: of the moving frame in the reference, m/s.
    ///   - rate: of its turn, in its own frame, rad/s.
    func added(to c: PoseCovariance, velocity: Vector3, rate: Vector3) -> PoseCovariance {
        let one = Matrix3.identity
        let (dp, dt) = (clock * velocity, clock * rate)
        return PoseCovariance(
            position: c.position + (position * position) * one + Matrix3.outer(dp, dp),
            rotation: c.rotation + (rotation * rotation) * one + Matrix3.outer(dt, dt), cross: c.cross + Matrix3.outer(dp, dt))
    }
}

extension Reconstruction {
    /// The distance at which as many points would say as much of the camera's position, metres: near ones say more, by the square; of a
    /// sample of the observations.
    func effectiveDistance() -> Double {
        // A prime, so that the sample is not always the same track of a frame.
        let (step, unknown) = (37, 0.5)
        var (sum, count) = (0.0, 0.0)
        for i in stride(from: 0, to: tracks.observations.count, by: step) {
            let o = tracks.observations[i]
            guard points.exists[Int(o.track)], let pose = states.poses[Int(o.frame)] else { continue }
            sum += 1 / max((points.positions[Int(o.track)] - pose.translation).squaredLength, options.minimumDepth * options.minimumDepth)
            count += 1
        }
        return count > 0 ? (count / sum).squareRoot() : unknown
    }

    /// How far the clock may be off, seconds: beyond what batches leave, what pictures and IMU disagree by on it. A clock that the search
    /// found far off is the device file's error, and mended; a search that went astray, the batch has undone.
    private var clockError: Double {
        let batch = device.corrections.values[0]
        let left = min(abs(batch), abs(batch + device.clockFound), options.clockTolerance)
        return (options.systematicClock * options.systematicClock + left * left).squareRoot()
    }

    /// Camera poses of all frames with covariances, and the counts of their states.
    func trajectory(_ smoothed: SmoothedFrames, _ statistics: inout MappingStatistics) -> Trajectory<Map, Camera> {
        var t = Trajectory<Map, Camera>()
        let c = device.bodyFromCamera
        let focalLength = device.camera.focalLength.x
        let shared = SystematicError(
            position: options.systematicPosition * effectiveDistance() / focalLength, rotation: options.systematicRotation / focalLength,
            clock: clockError)
        let structural = structuralError(smoothed).variances(times: options.structuralInflation)
        statistics.structuralPosition = (0..<3).map { structural.position[$0].squareRoot() }
        statistics.structuralRotation = (0..<3).map { structural.rotation[$0].squareRoot() }
        let cameras = smoothed.poses.map { $0.map { $0 * c } }
        let inflation = max(trackCorrelation(smoothed).inflation, options.covarianceInflation)
        for f in 0..<frameCount {
            let pose = smoothed.poses[f] ?? .identity
            let state = smoothed.poses[f] == nil ? .lost : smoothed.states[f]
            var covariance: PoseCovariance?
            if state != .lost, let m = smoothed.covariances[f] {
                let (v, w) = motion(of: cameras, at: f)
                let own = shared.added(
                    to: PoseCovariance(tangent: m.leading(6, times: inflation)).carried(from: pose, by: c), velocity: v, rate: w)
                covariance = own.adding(structural, axes: (pose * c).rotation.matrix)
            }
            switch state {
            case .tracked: statistics.trackedFrames += 1
            case .bridged: statistics.bridgedFrames += 1
            case .lost: statistics.lostFrames += 1
            }
            t.append(tracks.times[f], pose * c, covariance: covariance, state: state)
        }
        return t
    }

    /// Velocity in the map, m/s, and turning rate in the camera's own frame, rad/s, from the frames before and after; zero where there are
    /// none.
    private func motion(of cameras: [Transform<Map, Camera>?], at f: Int) -> (velocity: Vector3, rate: Vector3) {
        let (a, b) = (max(f - 1, 0), min(f + 1, frameCount - 1))
        let dt = seconds[b] - seconds[a]
        guard dt > 0, let p = cameras[a], let q = cameras[b] else { return (.zero, .zero) }
        return ((q.translation - p.translation) / dt, (p.rotation.inverse * q.rotation).vector / dt)
    }
}

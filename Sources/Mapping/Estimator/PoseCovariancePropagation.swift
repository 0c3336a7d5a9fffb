internal import Estimation
internal import Geometry
internal import Session

extension Reconstruction {
    /// The median distance of tracked points from the camera, metres; of every 37th observation.
    func medianDistance() -> Double {
        var list: [Double] = []
        for i in stride(from: 0, to: tracks.observations.count, by: 37) {
            let o = tracks.observations[i]
            guard hasPoint[Int(o.track)], let pose = poses[Int(o.frame)] else { continue }
            list.append((points[Int(o.track)] - pose.translation).length)
        }
        list.sort()
        return list.isEmpty ? 0.5 : list[list.count / 2]
    }

    /// Camera poses of all frames with covariances, and the counts of their states.
    func trajectory(_ smoothed: Smoothed, _ statistics: inout MappingStatistics) -> Trajectory<Map, Camera> {
        var t = Trajectory<Map, Camera>()
        let c = bodyFromCamera
        let cr = c.rotation.matrix
        let position = options.systematicPosition * medianDistance() / camera.focalLength.x
        let radians = options.systematicRotation / camera.focalLength.x
        let cameras = smoothed.poses.map { $0.map { $0 * c } }
        for f in 0..<frameCount {
            let pose = smoothed.poses[f] ?? .identity
            let state = smoothed.poses[f] == nil ? .lost : smoothed.states[f]
            var covariance: PoseCovariance?
            if state != .lost, let m = smoothed.covariances[f] {
                func block(_ r: Int, _ k: Int) -> Matrix3 {
                    Matrix3(
                        rows: Vector3(m[r, k], m[r, k + 1], m[r, k + 2]), Vector3(m[r + 1, k], m[r + 1, k + 1], m[r + 1, k + 2]),
                        Vector3(m[r + 2, k], m[r + 2, k + 1], m[r + 2, k + 2]))
                }
                // δp_camera = δp − R [t]× δθ ; δθ_camera = R_bcᵀ δθ.
                let a = -(pose.rotation.matrix * Matrix3.skew(c.translation))
                let (pp, pt, tt) = (block(0, 0), block(0, 3), block(3, 3))
                let own = pp + a * pt.transposed + pt * a.transposed + a * tt * a.transposed
                let cross = (pt + a * tt) * cr
                let one = Matrix3.identity
                // A clock that is off moves the pose along its own motion.
                let (v, w) = motion(of: cameras, at: f)
                let (dp, dt) = (options.systematicClock * v, options.systematicClock * w)
                covariance = PoseCovariance(
                    position: own + (position * position) * one + Matrix3.outer(dp, dp),
                    rotation: cr.transposed * tt * cr + (radians * radians) * one + Matrix3.outer(dt, dt),
                    cross: cross + Matrix3.outer(dp, dt))
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

    /// Velocity in the map, m/s, and turning rate in the camera's own frame, rad/s, from the frames before and after; zero where there are none.
    private func motion(of cameras: [Transform<Map, Camera>?], at f: Int) -> (velocity: Vector3, rate: Vector3) {
        let (a, b) = (max(f - 1, 0), min(f + 1, frameCount - 1))
        let dt = seconds[b] - seconds[a]
        guard dt > 0, let p = cameras[a], let q = cameras[b] else { return (.zero, .zero) }
        return ((q.translation - p.translation) / dt, (p.rotation.inverse * q.rotation).vector / dt)
    }
}

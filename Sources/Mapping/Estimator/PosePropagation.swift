internal import Estimation
internal import Geometry
internal import Imaging

extension Reconstruction {
    /// Extends poses from the frames that have one to their neighbours, forwards and backwards, until no more follow.
    ///
    /// Each frame starts from its neighbour's pose carried by the IMU (before gravity and scale are known: turned by the gyroscope and
    /// moved with constant velocity), and is held by the points triangulated so far; keyframes make new points. Where too few points are
    /// seen the IMU carries on alone for `propagationBridge`; frames at the open end of such a span are given up again.
    mutating func propagatePoses() {
        differentiateVelocities()
        triangulateTracks(0..<tracks.trackCount)
        var blind = [Double](repeating: 0, count: frameCount)
        for _ in 0..<options.propagationPasses {
            var progress = false
            for f in 1..<max(frameCount, 1) where states.poses[f] == nil && states.poses[f - 1] != nil {
                if propagate(to: f, from: f - 1, beyond: f - 2, &blind) { progress = true }
            }
            for f in stride(from: frameCount - 2, through: 0, by: -1) where states.poses[f] == nil && states.poses[f + 1] != nil {
                if propagate(to: f, from: f + 1, beyond: f + 2, &blind) { progress = true }
            }
            for f in 0..<frameCount where blind[f] > 0 && states.poses[f] != nil && (f == 0 || states.poses[f - 1] == nil) {
                giveUp(from: f, by: 1, &blind)
            }
            for f in stride(from: frameCount - 1, through: 0, by: -1)
            where blind[f] > 0 && states.poses[f] != nil && (f == frameCount - 1 || states.poses[f + 1] == nil) {
                giveUp(from: f, by: -1, &blind)
            }
            if !progress { break }
        }
    }

    private mutating func giveUp(from start: Int, by step: Int, _ blind: inout [Double]) {
        var f = start
        while f >= 0, f < frameCount, blind[f] > 0, states.poses[f] != nil {
            states.poses[f] = nil
            blind[f] = 0
            f += step
        }
    }

    /// Where the IMU carries a neighbouring frame's pose and velocity; nil where it cannot.
    func carried(from g: Int, to f: Int) -> (pose: Transform<Map, Body>, velocity: Vector3)? {
        guard inertial.isUsed, let signal = inertial.signal, let base = states.poses[g],
            inertial.covers(min(seconds[f], seconds[g]), max(seconds[f], seconds[g]))
        else {
            return nil
        }
        let d = Preintegration(
            signal, from: min(seconds[f], seconds[g]), to: max(seconds[f], seconds[g]), gyroscopeBias: states.gyroscopeBias[g],
            accelerometerBias: states.accelerometerBias[g], noise: inertial.densities, accelerometerGain: device.accelerometerGain)
        let dt = d.duration
        let gravity = InertialResidual.gravityVector(tilt: states.tilt, gravity: options.gravity)
        if f > g {
            let v = states.velocities[g] + gravity * dt + base.rotation * d.velocity
            let p = base.translation + states.velocities[g] * dt + gravity * (0.5 * dt * dt) + base.rotation * d.position
            return (Transform(rotation: base.rotation * d.rotation, translation: p), v)
        }
        let rotation = base.rotation * d.rotation.inverse
        let v = states.velocities[g] - gravity * dt - rotation * d.velocity
        let p = base.translation - v * dt - gravity * (0.5 * dt * dt) - rotation * d.position
        return (Transform(rotation: rotation, translation: p), v)
    }

    private mutating func propagate(to f: Int, from g: Int, beyond h: Int, _ blind: inout [Double]) -> Bool {
        guard let base = states.poses[g] else { return false }
        let dt = seconds[f] - seconds[g]
        guard abs(dt) > 0, abs(dt) < options.maximumBridge else { return false }
        var velocity = Vector3.zero
        var turn = turned(from: g, to: f)
        if h >= 0, h < frameCount, let other = states.poses[h], seconds[g] != seconds[h] {
            velocity = (base.translation - other.translation) / (seconds[g] - seconds[h])
            if inertial.signal == nil {
                inertial.rates[f] = (other.rotation.inverse * base.rotation).vector / (seconds[g] - seconds[h])
                turn = Rotation(vector: inertial.rates[f] * dt)
            }
        }
        states.copyBiases(from: g, to: f)
        let carried = carried(from: g, to: f)
        let guess = carried?.pose ?? Transform(rotation: base.rotation * turn, translation: base.translation + velocity * dt)
        states.velocities[f] = carried?.velocity ?? velocity
        let seen = sightings(f)
        if seen.count >= options.minimumPoints, let refined = refine(guess, frame: f, sightings: seen),
            refined.inliers >= options.minimumPoints, Double(refined.inliers) > options.propagationShare * Double(seen.count),
            refined.pose.rotation.angle(to: guess.rotation) < options.propagationAngleDegrees * .pi / 180,
            (refined.pose.translation - guess.translation).length < options.propagationDistance
        {
            states.poses[f] = refined.pose
            // Errors of gravity and bias would add up in the velocity, and a span without points be crossed at a wrong one.
            if let carried {
                let missed = (refined.pose.translation - carried.pose.translation) / dt
                states.velocities[f] = carried.velocity + options.propagationGain * missed
            } else {
                states.velocities[f] = (refined.pose.translation - base.translation) / dt
            }
        } else {
            guard carried != nil, blind[g] + abs(dt) <= options.propagationBridge else { return false }
            blind[f] = blind[g] + abs(dt)
            states.poses[f] = guess
        }
        if tracks.isKeyframe[f] || f % options.propagationTriangulation == 0 || blind[f] > 0 {
            let fresh = observed.indices(ofFrame: f).map { Int(tracks.observations[$0].track) }.filter { !points.exists[$0] }
            triangulateTracks(fresh)
        }
        return true
    }

    /// Estimates every posed frame again from the present points: what tags alone gave is replaced where enough points are seen.
    mutating func refineAllFrames() {
        for f in 0..<frameCount {
            guard let pose = states.poses[f] else { continue }
            let seen = sightings(f)
            guard seen.count >= options.minimumPoints,
                let refined = refine(pose, frame: f, sightings: seen, sigmaScale: options.refinementWidening),
                refined.inliers >= options.minimumPoints
            else { continue }
            states.poses[f] = refined.pose
        }
        differentiateVelocities()
    }
}

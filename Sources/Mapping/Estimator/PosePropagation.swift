internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

extension Reconstruction {
    /// Body poses from the table tag alone, frame by frame: IPPE's two solutions, the one whose z agrees with gravity (where there is an
    /// IMU) or with less error, refined on the corners with the shutter's rows. Nil where the tag was not seen.
    func tagPoses() throws(MappingError) -> [Transform<Map, Body>?] {
        var found = [Transform<Map, Body>?](repeating: nil, count: frameCount)
        guard tagCorners.count == 4 else { return found }
        let side = (tagCorners[1] - tagCorners[0]).length
        for f in 0..<frameCount {
            guard let corners = tracks.tableTags[f] else { continue }
            let bearings = corners.compactMap { camera.unproject($0) }
            guard bearings.count == 4 else { continue }
            // Turn the bearings so that the tag is straight ahead: the solver works on the plane z = 1.
            let mean = bearings.reduce(Vector3.zero, +).normalized
            let ahead = Rotation(carrying: mean, onto: Vector3(0, 0, 1))
            let solutions: [SquarePose]
            do { solutions = try SquarePose.estimate(corners: bearings.map { ahead * $0 }, side: side) } catch {
                throw .numerical("\(error)")
            }
            var candidates: [(pose: Transform<Map, Body>, cost: Double)] = []
            for s in solutions {
                let cameraFromMap = Transform<Camera, Map>(
                    rotation: ahead.inverse * s.cameraFromTag.rotation, translation: ahead.inverse * s.cameraFromTag.translation)
                let guess = cameraFromMap.inverse * bodyFromCamera.inverse
                let sightings = zip(tagCorners, corners).map { Sighting(point: $0, pixel: $1, sigma: tagSigma) }
                guard let refined = refine(guess, frame: f, sightings: sightings) else { continue }
                var cost = 0.0
                for s in sightings {
                    guard let e = error(s.point, frame: f, pixel: s.pixel, pose: refined.pose) else { cost = .infinity; break }
                    cost += e.dot(e)
                }
                guard cost < 4 * 9 else { continue }
                candidates.append((refined.pose, cost))
            }
            guard let best = candidates.min(by: { $0.cost < $1.cost }) else { continue }
            var chosen = best
            if let up = specificForceDirection(f), candidates.count > 1 {
                func tilted(_ p: Transform<Map, Body>) -> Double { acos(min(1, max(-1, (p.rotation * up).z))) }
                let alternatives = candidates.filter { $0.cost < 9 * best.cost + 1 }
                if let upright = alternatives.min(by: { tilted($0.pose) < tilted($1.pose) }) { chosen = upright }
            }
            found[f] = chosen.pose
        }
        return found
    }

    /// Mean direction of the specific force around a frame, in its body frame, by the gyroscope: nearly up over half a second.
    func specificForceDirection(_ frame: Int) -> Vector3? {
        guard let signal else { return nil }
        let span = 0.5
        let (a, b) = (seconds[frame] - span, seconds[frame] + span)
        guard covered(seconds[frame], seconds[frame]) else { return nil }
        func mean(_ from: Double, _ to: Double) -> Vector3 {
            Preintegration(signal, from: from, to: to, gyroscopeBias: .zero, accelerometerBias: .zero, noise: densities).velocity
        }
        let after = mean(seconds[frame], b)
        let before = Preintegration(
            signal, from: a, to: seconds[frame], gyroscopeBias: .zero, accelerometerBias: .zero, noise: densities)
        return (after + before.rotation.inverse * before.velocity).normalized
    }

    /// Extends poses from the frames that have one to their neighbours, forwards and backwards, until no more follow.
    ///
    /// Each frame starts from its neighbour's pose carried by the IMU (before gravity and scale are known: turned by the gyroscope and moved
    /// with constant velocity), and is held by the points triangulated so far; keyframes make new points. Where too few points are seen the
    /// IMU carries on alone for `propagationBridge`; frames at the open end of such a span are given up again.
    mutating func propagatePoses() {
        differentiateVelocities()
        triangulateTracks(0..<tracks.trackCount)
        var blind = [Double](repeating: 0, count: frameCount)
        for _ in 0..<options.propagationPasses {
            var progress = false
            for f in 1..<max(frameCount, 1) where poses[f] == nil && poses[f - 1] != nil {
                if propagate(to: f, from: f - 1, beyond: f - 2, &blind) { progress = true }
            }
            for f in stride(from: frameCount - 2, through: 0, by: -1) where poses[f] == nil && poses[f + 1] != nil {
                if propagate(to: f, from: f + 1, beyond: f + 2, &blind) { progress = true }
            }
            for f in 0..<frameCount where blind[f] > 0 && poses[f] != nil && (f == 0 || poses[f - 1] == nil) {
                giveUp(from: f, by: 1, &blind)
            }
            for f in stride(from: frameCount - 1, through: 0, by: -1)
            where blind[f] > 0 && poses[f] != nil && (f == frameCount - 1 || poses[f + 1] == nil) { giveUp(from: f, by: -1, &blind) }
            if !progress { break }
        }
    }

    private mutating func giveUp(from start: Int, by step: Int, _ blind: inout [Double]) {
        var f = start
        while f >= 0, f < frameCount, blind[f] > 0, poses[f] != nil {
            poses[f] = nil
            blind[f] = 0
            f += step
        }
    }

    /// Where the IMU carries a neighbouring frame's pose and velocity; nil where it cannot.
    private func carried(from g: Int, to f: Int) -> (pose: Transform<Map, Body>, velocity: Vector3)? {
        guard useInertial, let signal, let base = poses[g], covered(min(seconds[f], seconds[g]), max(seconds[f], seconds[g])) else {
            return nil
        }
        let d = Preintegration(
            signal, from: min(seconds[f], seconds[g]), to: max(seconds[f], seconds[g]), gyroscopeBias: gyroscopeBias[g],
            accelerometerBias: accelerometerBias[g], noise: densities, accelerometerGain: accelerometerGain)
        let dt = d.duration
        let gravity = InertialResidual.gravityVector(tilt: tilt, gravity: options.gravity)
        if f > g {
            let v = velocities[g] + gravity * dt + base.rotation * d.velocity
            let p = base.translation + velocities[g] * dt + gravity * (0.5 * dt * dt) + base.rotation * d.position
            return (Transform(rotation: base.rotation * d.rotation, translation: p), v)
        }
        let rotation = base.rotation * d.rotation.inverse
        let v = velocities[g] - gravity * dt - rotation * d.velocity
        let p = base.translation - v * dt - gravity * (0.5 * dt * dt) - rotation * d.position
        return (Transform(rotation: rotation, translation: p), v)
    }

    mutating func propagate(to f: Int, from g: Int, beyond h: Int, _ blind: inout [Double]) -> Bool {
        guard let base = poses[g] else { return false }
        let dt = seconds[f] - seconds[g]
        guard abs(dt) > 0, abs(dt) < options.maximumBridge else { return false }
        var velocity = Vector3.zero
        var turn = turned(from: g, to: f)
        if h >= 0, h < frameCount, let other = poses[h], seconds[g] != seconds[h] {
            velocity = (base.translation - other.translation) / (seconds[g] - seconds[h])
            if signal == nil {
                rates[f] = (other.rotation.inverse * base.rotation).vector / (seconds[g] - seconds[h])
                turn = Rotation(vector: rates[f] * dt)
            }
        }
        gyroscopeBias[f] = gyroscopeBias[g]
        accelerometerBias[f] = accelerometerBias[g]
        let inertial = carried(from: g, to: f)
        let guess = inertial?.pose ?? Transform(rotation: base.rotation * turn, translation: base.translation + velocity * dt)
        velocities[f] = inertial?.velocity ?? velocity
        let seen = sightings(f)
        if seen.count >= options.minimumPoints, let refined = refine(guess, frame: f, sightings: seen),
            refined.inliers >= options.minimumPoints, Double(refined.inliers) > options.propagationShare * Double(seen.count),
            refined.pose.rotation.angle(to: guess.rotation) < options.propagationAngleDegrees * .pi / 180,
            (refined.pose.translation - guess.translation).length < options.propagationDistance
        {
            poses[f] = refined.pose
            if inertial == nil { velocities[f] = (refined.pose.translation - base.translation) / dt }
        } else {
            guard inertial != nil, blind[g] + abs(dt) <= options.propagationBridge else { return false }
            blind[f] = blind[g] + abs(dt)
            poses[f] = guess
        }
        if tracks.isKeyframe[f] || f % 4 == 0 || blind[f] > 0 {
            let fresh = observations(of: f).map { Int(tracks.observations[$0].track) }.filter { !hasPoint[$0] }
            triangulateTracks(fresh)
        }
        return true
    }

    /// Estimates every posed frame again from the present points: what tags alone gave is replaced where enough points are seen.
    mutating func refineAllFrames() {
        for f in 0..<frameCount {
            guard let pose = poses[f] else { continue }
            let seen = sightings(f)
            guard seen.count >= options.minimumPoints, let refined = refine(pose, frame: f, sightings: seen, sigmaScale: 2),
                refined.inliers >= options.minimumPoints
            else { continue }
            poses[f] = refined.pose
        }
        differentiateVelocities()
    }
}

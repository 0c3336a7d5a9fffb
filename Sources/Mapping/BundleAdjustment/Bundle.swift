internal import Estimation
internal import Geometry

extension Reconstruction {
    /// Visual-inertial bundle adjustment over the keyframes: poses, velocities, biases, gravity's tilt, points and (in mapping)
    /// landmarks.
    ///
    /// Rolling-shutter rows use the velocities, rates and biases of the round before; rounds repeat until they no longer matter.
    ///
    /// With `calibrates`, clock, readout, the camera's rotation in the body, intrinsics and the accelerometer's gain are estimated too,
    /// each held to the device file by what the options expect of it, and taken over at the end.
    mutating func bundle(iterations: Int, calibrates: Bool = false) throws(MappingError) {
        let keys = keyframes
        var slots = [Int32](repeating: -1, count: frameCount)
        for (n, f) in keys.enumerated() { slots[f] = Int32(n) }
        var problem = BundleAdjustment(
            camera: device.camera, bodyFromCamera: device.bodyFromCamera, readout: device.readout, lossScale: options.lossScale)
        problem.calibrates = calibrates && options.calibrates && inertial.hasFactors
        for f in keys {
            let pose = states.poses[f] ?? .identity
            problem.state.poses.append(pose)
            problem.state.motions += states.motionBlock(f)
            problem.motions.append(motion(f, pose: pose))
        }
        problem.state.tilt = states.tilt
        problem.state.gain = device.accelerometerGain
        // Nothing absolute to hold on to: the first pose is the origin.
        if !(anchors.usesTags && tracks.tableTags.contains { $0 != nil }) && !landmarks.areHeld { problem.origin = 0 }
        problem.priors.append(
            BundlePrior(frame: nil, at: 0, mean: [anchors.tilt.x, anchors.tilt.y], sigmas: [anchors.tiltSigma, anchors.tiltSigma]))
        if problem.calibrates { problem.priors += device.correctionPriors(options) }
        if inertial.hasFactors { addInertial(keys, to: &problem) }
        holdScale(keys, in: &problem)
        let seenTracks = addPoints(slots, to: &problem)
        let seenLandmarks = addLandmarks(slots, to: &problem)
        if anchors.usesTags { addTags(keys, to: &problem) }
        try problem.solve(iterations: iterations, tolerance: options.tolerance)
        let state = problem.state
        states.tilt = state.tilt
        readBack(state, keys)
        for (i, t) in seenTracks.enumerated() { points.positions[t] = state.points[i] }
        var isHeld = [Bool](repeating: false, count: tracks.trackCount)
        for t in seenTracks { isHeld[t] = true }
        points.unadjusted = (0..<tracks.trackCount).filter { points.exists[$0] && !isHeld[$0] }
        for (i, l) in seenLandmarks.enumerated() { landmarks.positions[l] = state.points[seenTracks.count + i] }
        if problem.calibrates { absorb(state.correction, gain: state.gain) }
    }

    /// Where neither tag, map nor IMU gives lengths, the longest way from the first keyframe keeps its own.
    private func holdScale(_ keys: [Int], in problem: inout BundleAdjustment) {
        let tagged = anchors.usesTags && keys.contains { tracks.tableTags[$0] != nil }
        guard !inertial.hasFactors, !tagged, !landmarks.areHeld, let origin = problem.state.poses.first?.translation else { return }
        let ways = problem.state.poses.map { ($0.translation - origin).length }
        guard let last = ways.indices.max(by: { ways[$0] < ways[$1] }), ways[last] > 0 else { return }
        problem.distance = (0, last, DistancePrior(distance: ways[last], sigma: 1e-3 * ways[last]))
    }

    private func addInertial(_ keys: [Int], to problem: inout BundleAdjustment) {
        guard let signal = inertial.signal else { return }
        var startsChain = true
        for (n, f) in keys.enumerated() {
            if startsChain {
                problem.priors.append(
                    BundlePrior(
                        frame: n, at: 0, mean: [Double](repeating: 0, count: 9),
                        sigmas: [10, 10, 10] + [Double](repeating: options.gyroscopeBiasSigma, count: 3)
                            + [Double](repeating: options.accelerometerBiasSigma, count: 3)))
            }
            startsChain = true
            guard n + 1 < keys.count else { break }
            let g = keys[n + 1]
            guard seconds[g] - seconds[f] <= options.maximumBridge, inertial.covers(seconds[f], seconds[g]) else { continue }
            let d = Preintegration(
                signal, from: seconds[f], to: seconds[g], gyroscopeBias: states.gyroscopeBias[f],
                accelerometerBias: states.accelerometerBias[f],
                noise: inertial.densities, accelerometerGain: device.accelerometerGain)
            guard let residual = InertialResidual(d, gravity: options.gravity, estimatesGain: problem.calibrates) else { continue }
            problem.factors.append((n, residual))
            startsChain = false
        }
    }

    /// Tracks with a point that two of the frames see; in the order in which their points were added.
    private func addPoints(_ slots: [Int32], to problem: inout BundleAdjustment) -> [Int] {
        var added: [Int] = []
        for t in 0..<tracks.trackCount where points.exists[t] {
            var seen: [BundleObservation] = []
            for i in observed.indices(ofTrack: t).lazy.map(Int.init) {
                let o = tracks.observations[i]
                if !points.rejected[i], slots[Int(o.frame)] >= 0 {
                    seen.append(BundleObservation(frame: slots[Int(o.frame)], pixel: o.pixel, weight: 1 / noise.track))
                }
            }
            guard seen.count >= 2 else { continue }
            problem.add(point: points.positions[t], seen)
            added.append(t)
        }
        return added
    }

    /// The same for landmarks; those of a map are held.
    private func addLandmarks(_ slots: [Int32], to problem: inout BundleAdjustment) -> [Int] {
        var seen = [[BundleObservation]](repeating: [], count: landmarks.positions.count)
        for o in landmarks.observations where slots[Int(o.frame)] >= 0 {
            seen[Int(o.landmark)].append(BundleObservation(frame: slots[Int(o.frame)], pixel: o.pixel, weight: 1 / noise.feature))
        }
        var added: [Int] = []
        for (l, list) in seen.enumerated() {
            if landmarks.areHeld {
                problem.held += list.map { ($0, landmarks.positions[l]) }
            } else if list.count >= 2 {
                problem.add(point: landmarks.positions[l], list.sorted { $0.frame < $1.frame })
                added.append(l)
            }
        }
        return added
    }

    private func addTags(_ keys: [Int], to problem: inout BundleAdjustment) {
        for (n, f) in keys.enumerated() {
            guard let seen = tracks.tableTags[f] else { continue }
            for (corner, pixel) in zip(observed.tagCorners, seen) {
                problem.held.append((BundleObservation(frame: Int32(n), pixel: pixel, weight: 1 / noise.tag), corner))
            }
        }
    }

    /// Takes keyframes from the solution and moves the frames between them along with the keyframe before; those that are then far from
    /// where the IMU carries it were placed wrongly, and go there.
    private mutating func readBack(_ state: BundleState, _ keys: [Int]) {
        let before = states.poses
        for (n, f) in keys.enumerated() {
            let new = state.poses[n]
            states.poses[f] = new
            if inertial.hasFactors {
                let m = Array(state.motions[(9 * n)..<(9 * n + 9)])
                states.velocities[f] = Vector3(m[0], m[1], m[2])
                states.gyroscopeBias[f] = Vector3(m[3], m[4], m[5])
                states.accelerometerBias[f] = Vector3(m[6], m[7], m[8])
            }
            guard let old = before[f] else { continue }
            let end = n + 1 < keys.count ? keys[n + 1] : frameCount
            for g in (n == 0 ? 0 : f)..<end where g != f {
                states.copyBiases(from: f, to: g)
                guard let pose = before[g] else { continue }
                let moved = new * (old.inverse * pose)
                states.poses[g] = moved
                guard abs(seconds[g] - seconds[f]) <= options.propagationBridge, let carried = carried(from: f, to: g),
                    (carried.pose.translation - moved.translation).length > options.carriedDistance
                else { continue }
                states.poses[g] = carried.pose
            }
        }
        for f in 0..<frameCount where !inertial.hasFactors || !observed.isAdjusted[f] {
            guard let (a, b) = states.neighbours(of: f), let pa = states.poses[a], let pb = states.poses[b] else { continue }
            states.velocities[f] = (pb.translation - pa.translation) / (seconds[b] - seconds[a])
        }
    }
}

internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

extension Reconstruction {
    /// Body poses from the table tag alone, frame by frame: IPPE's two solutions, the one whose z agrees with gravity (where there is an
    /// IMU) or with less error, refined on the corners with the shutter's rows. Nil where the tag was not seen.
    ///
    /// Where tags that leave no choice say that the accelerometer's mean does not point up, it is not asked (`knowsUp`).
    mutating func tagPoses() throws(MappingError) -> [Transform<Map, Body>?] {
        var found = [[(pose: Transform<Map, Body>, cost: Double)]](repeating: [], count: frameCount)
        guard observed.tagCorners.count == 4 else { return found.map { _ in nil } }
        let side = (observed.tagCorners[1] - observed.tagCorners[0]).length
        for f in 0..<frameCount {
            guard let corners = tracks.tableTags[f] else { continue }
            let bearings = corners.compactMap { device.camera.unproject($0) }
            guard bearings.count == 4 else { continue }
            // Turn the bearings so that the tag is straight ahead: the solver works on the plane z = 1.
            let mean = bearings.reduce(Vector3.zero, +).normalized
            let ahead = Rotation(carrying: mean, onto: Vector3(0, 0, 1))
            let solutions: [SquarePose]
            do { solutions = try SquarePose.estimate(corners: bearings.map { ahead * $0 }, side: side) } catch {
                throw .numerical("\(error)")
            }
            found[f] = solutions.compactMap { s -> (pose: Transform<Map, Body>, cost: Double)? in
                let cameraFromMap = Transform<Camera, Map>(
                    rotation: ahead.inverse * s.cameraFromTag.rotation, translation: ahead.inverse * s.cameraFromTag.translation)
                return refinedTagPose(cameraFromMap.inverse * device.bodyFromCamera.inverse, frame: f, corners: corners)
            }
        }
        judgeUp(
            found.indices.compactMap { f in
                guard let best = found[f].min(by: { $0.cost < $1.cost }), likely(found[f], best: best.cost).count == 1,
                    let up = specificForceDirection(f)
                else { return nil }
                return (best.pose.rotation * up).z
            })
        return found.enumerated().map { mostUpright($0.element, frame: $0.offset) }
    }

    /// Candidates that are as likely as the best.
    private func likely(
        _ candidates: [(pose: Transform<Map, Body>, cost: Double)], best: Double
    ) -> [(pose: Transform<Map, Body>, cost: Double)] {
        candidates.filter { $0.cost < options.tagAmbiguity * options.tagAmbiguity * best + 1 }
    }

    /// Whether the accelerometer says where up is, by the cosines between its up and that of poses found without it.
    mutating func judgeUp(_ cosines: [Double]) {
        guard cosines.count >= options.upVotes else { return }
        let agreeing = cosines.count { $0 > options.minimumUpCosine }
        if 2 * agreeing < cosines.count { knowsUp = false }
    }

    /// A pose refined on the tag's corners, and the sum of their squared errors, pixels; nil where that is too large.
    private func refinedTagPose(
        _ guess: Transform<Map, Body>, frame f: Int, corners: [Vector2]
    ) -> (pose: Transform<Map, Body>, cost: Double)? {
        let sightings = zip(observed.tagCorners, corners).map { Sighting(point: $0, pixel: $1, sigma: noise.tag) }
        guard let refined = refine(guess, frame: f, sightings: sightings) else { return nil }
        let motion = motion(f, pose: refined.pose)
        var cost = 0.0
        for s in sightings {
            guard let e = device.error(s.point, pixel: s.pixel, pose: refined.pose, motion: motion) else { return nil }
            cost += e.dot(e)
        }
        return cost < 4 * options.tagError * options.tagError ? (refined.pose, cost) : nil
    }

    /// The pose with the least error or, where several are as likely and there is an IMU, the one that stands most upright.
    private func mostUpright(_ candidates: [(pose: Transform<Map, Body>, cost: Double)], frame f: Int) -> Transform<Map, Body>? {
        guard let best = candidates.min(by: { $0.cost < $1.cost }) else { return nil }
        guard let up = specificForceDirection(f), candidates.count > 1 else { return best.pose }
        func tilted(_ p: Transform<Map, Body>) -> Double { acos(min(1, max(-1, (p.rotation * up).z))) }
        return likely(candidates, best: best.cost).min { tilted($0.pose) < tilted($1.pose) }?.pose ?? best.pose
    }

    /// Mean direction of the specific force around a frame, in its body frame, by the gyroscope: nearly up over `gravitySpan` on either
    /// side.
    func specificForceDirection(_ frame: Int) -> Vector3? {
        guard knowsUp, inertial.hasAccelerometer, let signal = inertial.signal else { return nil }
        let (a, b) = (seconds[frame] - options.gravitySpan, seconds[frame] + options.gravitySpan)
        guard inertial.covers(seconds[frame], seconds[frame]) else { return nil }
        func mean(_ from: Double, _ to: Double) -> Vector3 {
            Preintegration(signal, from: from, to: to, gyroscopeBias: .zero, accelerometerBias: .zero, noise: inertial.densities).velocity
        }
        let after = mean(seconds[frame], b)
        let before = Preintegration(
            signal, from: a, to: seconds[frame], gyroscopeBias: .zero, accelerometerBias: .zero, noise: inertial.densities)
        let sum = after + before.rotation.inverse * before.velocity
        // Nothing like gravity: a sensor that does not work.
        return sum.length > 0.1 * options.gravity * (b - a) ? sum.normalized : nil
    }
}

internal import Estimation
internal import Geometry

/// A known point and where it was seen.
struct Sighting {
    var point: Vector3
    var pixel: Vector2
    var sigma: Double
}

/// A frame's pose from known points.
struct RefinedPose {
    var pose: Transform<Map, Body>
    /// Sightings within `rejection` standard deviations.
    var inliers: Int
    var count: Int
    /// 6×6 in the tangent [δp δθ] of the body, of the inliers' information.
    var covariance: DenseMatrix?
}

extension Reconstruction {
    /// Known points seen in a frame: tracks with points, landmarks and the tag's corners.
    func sightings(_ frame: Int, withTag: Bool = true) -> [Sighting] {
        var s: [Sighting] = []
        for i in observed.indices(ofFrame: frame) where !points.rejected[i] {
            let o = tracks.observations[i]
            if points.exists[Int(o.track)] {
                s.append(Sighting(point: points.positions[Int(o.track)], pixel: o.pixel, sigma: noise.track))
            }
        }
        if withTag, anchors.usesTags, let corners = tracks.tableTags[frame] {
            for (x, p) in zip(observed.tagCorners, corners) { s.append(Sighting(point: x, pixel: p, sigma: noise.tag)) }
        }
        return s
    }

    /// Landmarks with descriptors, by the frame that they are seen in.
    func landmarkSightings() -> [[Sighting]] {
        var list = [[Sighting]](repeating: [], count: frameCount)
        for o in landmarks.observations {
            list[Int(o.frame)].append(Sighting(point: landmarks.positions[Int(o.landmark)], pixel: o.pixel, sigma: noise.feature))
        }
        return list
    }

    /// A frame's pose from known points, by `PoseRefinement`.
    func refine(_ guess: Transform<Map, Body>, frame: Int, sightings: [Sighting], sigmaScale: Double = 1) -> RefinedPose? {
        PoseRefinement(device: device, lossScale: options.lossScale, rejection: options.rejection)
            .refine(guess, sightings: sightings, sigmaScale: sigmaScale) { motion(frame, pose: $0) }
    }
}

/// The pose of one frame from known points alone.
struct PoseRefinement {
    let device: DeviceEstimate
    /// Scale of the Cauchy loss, and how far an inlier is off at most, standard deviations.
    let lossScale: Double
    let rejection: Double
    var iterations = 12

    /// Gauss-Newton with Cauchy weights from a guess; nil when the normal equations are singular.
    /// - Parameters:
    ///   - sigmaScale: the loss is so much wider than its scale.
    ///   - motionOf: how the body moves around the frame's time, for a pose that it may have.
    func refine(
        _ guess: Transform<Map, Body>, sightings: [Sighting], sigmaScale: Double = 1, motionOf: (Transform<Map, Body>) -> RowMotion
    ) -> RefinedPose? {
        var pose = guess
        var inliers = 0
        var covariance: DenseMatrix?
        let loss = RobustLoss.cauchy(lossScale)
        let kernel = device.reprojection
        for iteration in 0...iterations {
            var h = DenseMatrix(rows: 6, columns: 6)
            var g = DenseMatrix(rows: 6, columns: 1)
            inliers = 0
            let rotation = pose.rotation.matrix
            let motion = motionOf(pose)
            // The first rounds tolerate a poor guess: the scale of the loss shrinks to its own.
            let widen = max(1, 8.0 / Double(1 << iteration)) * sigmaScale
            for s in sightings {
                guard
                    let l = kernel.linearized(
                        s.point, rotation: rotation, position: pose.translation, motion: motion, rowShare: device.rowShare(s.pixel.y),
                        pixel: s.pixel)
                else { continue }
                let e2 = l.error.dot(l.error) / (s.sigma * s.sigma)
                if e2 < rejection * rejection { inliers += 1 }
                let w = loss.weight(squared: e2 / (widen * widen)) / (s.sigma * s.sigma)
                l.withPoseRows { u, v in
                    for r in 0..<6 {
                        g.values[r] += w * (u[r] * l.error.x + v[r] * l.error.y)
                        for k in 0...r { h.values[6 * r + k] += w * (u[r] * u[k] + v[r] * v[k]) }
                    }
                }
            }
            for r in 0..<6 { for k in 0..<r { h.values[6 * k + r] = h.values[6 * r + k] } }
            guard let l = h.cholesky() else { return nil }
            if iteration == iterations {
                covariance = l.choleskySolve(DenseMatrix(identity: 6))
                break
            }
            let d = l.choleskySolve(g).values
            let step = Vector3(d[0], d[1], d[2])
            let turn = Vector3(d[3], d[4], d[5])
            guard step.isFinite, turn.isFinite, turn.length < 2 else { return nil }
            pose = Transform(rotation: pose.rotation * Rotation(vector: -turn), translation: pose.translation - step)
        }
        return RefinedPose(pose: pose, inliers: inliers, count: sightings.count, covariance: covariance)
    }
}

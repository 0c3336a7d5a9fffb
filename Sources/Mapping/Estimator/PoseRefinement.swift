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
        for i in observations(of: frame) where !rejected[i] {
            let o = tracks.observations[i]
            if hasPoint[Int(o.track)] { s.append(Sighting(point: points[Int(o.track)], pixel: o.pixel, sigma: trackSigma)) }
        }
        if withTag, useTags, let corners = tracks.tableTags[frame] {
            for (x, p) in zip(tagCorners, corners) { s.append(Sighting(point: x, pixel: p, sigma: tagSigma)) }
        }
        return s
    }

    /// Landmarks with descriptors, by the frame that they are seen in.
    func landmarkSightings() -> [[Sighting]] {
        var list = [[Sighting]](repeating: [], count: frameCount)
        for o in landmarkObservations {
            list[Int(o.frame)].append(Sighting(point: landmarks[Int(o.landmark)], pixel: o.pixel, sigma: featureSigma))
        }
        return list
    }

    /// Gauss-Newton with Cauchy weights from a guess; nil when the normal equations are singular.
    func refine(_ guess: Transform<Map, Body>, frame: Int, sightings: [Sighting], sigmaScale: Double = 1, iterations: Int = 12)
        -> RefinedPose?
    {
        var pose = guess
        var inliers = 0
        var covariance: DenseMatrix?
        let loss = RobustLoss.cauchy(options.lossScale)
        for iteration in 0...iterations {
            var h = DenseMatrix(rows: 6, columns: 6)
            var g = DenseMatrix(rows: 6, columns: 1)
            inliers = 0
            let rotation = pose.rotation.matrix
            let motion = motion(frame, pose: pose)
            // The first rounds tolerate a poor guess: the scale of the loss shrinks to its own.
            let widen = max(1, 8.0 / Double(1 << iteration)) * sigmaScale
            for s in sightings {
                let c = rowCamera(motion, row: s.pixel.y)
                let cr = c.rotation.matrix
                let y = rotation.transposed * (s.point - pose.translation)
                guard let (seen, du, dv) = camera.projectWithJacobian(cr.transposed * (y - c.translation)) else { continue }
                let e = (seen - s.pixel) / s.sigma
                let e2 = e.dot(e)
                if e2 < options.rejection * options.rejection { inliers += 1 }
                let w = loss.weight(squared: e2 / (widen * widen)) / (s.sigma * s.sigma)
                let (bu, bv) = (cr * du, cr * dv)
                let (mu, mv) = (rotation * bu, rotation * bv)
                let (tu, tv) = (bu.cross(y), bv.cross(y))
                let ju = (-mu.x, -mu.y, -mu.z, tu.x, tu.y, tu.z)
                let jv = (-mv.x, -mv.y, -mv.z, tv.x, tv.y, tv.z)
                let (ru, rv) = (e.x * s.sigma, e.y * s.sigma)
                withUnsafeBytes(of: ju) { a in
                    withUnsafeBytes(of: jv) { b in
                        let (a, b) = (a.bindMemory(to: Double.self), b.bindMemory(to: Double.self))
                        for r in 0..<6 {
                            g.values[r] += w * (a[r] * ru + b[r] * rv)
                            for k in 0...r { h.values[6 * r + k] += w * (a[r] * a[k] + b[r] * b[k]) }
                        }
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

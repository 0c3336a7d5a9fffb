internal import Estimation
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// A ray: where a pixel looks from, in the map.
struct SightLine {
    var mapFromCamera: Transform<Map, Camera>
    var bearing: Vector3
    var pixel: Vector2
}

/// Points from where they are seen.
struct Triangulation {
    let camera: CameraModel
    /// Least angle between the rays, degrees.
    let minimumParallax: Double
    /// Distances from the camera, metres.
    let minimumDepth: Double
    let maximumDepth: Double

    /// The point that several sight lines agree on: linear start (least sum of squared distances to the lines), Gauss-Newton on pixels.
    ///
    /// Nil when the lines are within `minimumParallax`, the point is behind a camera, nearer or further than allowed, or the median error
    /// is above `tolerance` pixels.
    func point(_ lines: [SightLine], tolerance: Double) -> Vector3? {
        guard lines.count >= 2 else { return nil }
        var a = Matrix3.zero
        var b = Vector3.zero
        var largest = 1.0
        let directions = lines.map { $0.mapFromCamera.rotation * $0.bearing }
        for (line, d) in zip(lines, directions) {
            let m = Matrix3.identity - Matrix3.outer(d, d)
            a = a + m
            b += m * line.mapFromCamera.translation
            largest = min(largest, d.dot(directions[0]))
        }
        // Against the middle one too: a camera that went and came back.
        let middle = directions[directions.count / 2]
        for d in directions { largest = min(largest, d.dot(middle)) }
        guard largest < cos(minimumParallax * .pi / 180) else { return nil }
        var x = a.inverse * b
        guard x.isFinite else { return nil }
        var errors = [Double](repeating: .infinity, count: lines.count)
        for iteration in 0..<5 {
            var h = Matrix3.zero
            var g = Vector3.zero
            for (i, line) in lines.enumerated() {
                let r = line.mapFromCamera.rotation
                let p = r.inverse * (x - line.mapFromCamera.translation)
                guard let (seen, du, dv) = camera.projectWithJacobian(p) else { return nil }
                let e = seen - line.pixel
                errors[i] = e.length
                let w = RobustLoss.cauchy(1).weight(squared: e.dot(e))
                let (ju, jv) = (r * du, r * dv)
                h = h + w * (Matrix3.outer(ju, ju) + Matrix3.outer(jv, jv))
                g += w * (ju * e.x + jv * e.y)
            }
            if iteration == 4 { break }
            let step = h.inverse * g
            guard step.isFinite else { return nil }
            x -= step
        }
        for line in lines {
            let p = line.mapFromCamera.inverse * x
            let depth = p.length
            guard p.dot(line.bearing) > 0, depth > minimumDepth, depth < maximumDepth else { return nil }
        }
        let sorted = errors.sorted()
        return sorted[sorted.count / 2] <= tolerance && sorted[(sorted.count * 3) / 4] <= 2 * tolerance ? x : nil
    }
}

extension Reconstruction {
    var triangulation: Triangulation {
        Triangulation(
            camera: device.camera, minimumParallax: options.minimumParallax, minimumDepth: options.minimumDepth,
            maximumDepth: options.maximumDepth)
    }

    func sightLine(_ frame: Int, _ pixel: Vector2) -> SightLine? {
        guard let pose = states.poses[frame], let bearing = device.camera.unproject(pixel) else { return nil }
        return SightLine(mapFromCamera: pose * device.rowCamera(motion(frame, pose: pose), row: pixel.y), bearing: bearing, pixel: pixel)
    }

    /// Makes points of the tracks that have none (or of all), from at most `limit` of their posed frames, spread over their life.
    mutating func triangulateTracks(_ list: some Sequence<Int>, tolerance: Double = 2, minimumViews: Int = 3, limit: Int = 10) {
        let triangulation = triangulation
        for t in list {
            var candidates: [Int] = []
            for i in observed.indices(ofTrack: t).lazy.map(Int.init) {
                let f = Int(tracks.observations[i].frame)
                if states.poses[f] != nil, !points.rejected[i] { candidates.append(i) }
            }
            guard candidates.count >= minimumViews else { continue }
            let count = min(limit, candidates.count)
            let chosen = (0..<count).map { candidates[$0 * (candidates.count - 1) / max(count - 1, 1)] }
            let lines = chosen.compactMap { sightLine(Int(tracks.observations[$0].frame), tracks.observations[$0].pixel) }
            if lines.count >= minimumViews, let x = triangulation.point(lines, tolerance: tolerance) {
                points.positions[t] = x
                points.exists[t] = true
            } else {
                points.exists[t] = false
            }
        }
    }
}

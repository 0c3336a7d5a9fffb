internal import Geometry
internal import Imaging
internal import Session

/// How far the camera turned between two frames, from pictures alone.
struct RotationPair: Sendable {
    var first: Int
    var second: Int
    /// Camera of the first frame from camera of the second.
    var rotation: Rotation
    var inlierShare: Double
    /// Times of the two frames, seconds on the video clock.
    var start: Double
    var end: Double

    var duration: Double { end - start }

    /// The camera's turn instead of a stabilised picture's; unchanged outside the record.
    func carriedBack(_ record: PictureStabilisation, _ bodyFromCamera: Rotation) -> RotationPair {
        guard let a = record.bodyFromPicture(start), let b = record.bodyFromPicture(end) else { return self }
        var pair = self
        let cameraFromBody = bodyFromCamera.inverse
        pair.rotation = cameraFromBody * a * bodyFromCamera * rotation * cameraFromBody * b.inverse * bodyFromCamera
        return pair
    }
}

/// Rotation between frames from the corners they share.
struct RotationPairFinder {
    let options: RotationConsistencyOptions
    let camera: CameraModel
    let frames: [RotationFrame]
    /// Unit bearings beside `frames[i].pixels`; nil where the lens model does not reach.
    private let bearings: [[Vector3?]]
    private let pixelScale: Double

    init(_ footage: RotationFootage, camera: CameraModel, options: RotationConsistencyOptions) {
        self.options = options
        self.camera = camera
        frames = footage.frames
        bearings = footage.frames.map { $0.pixels.map { camera.unproject($0) } }
        pixelScale = max(1, Double(footage.width) / Double(options.maximumWidth))
    }

    /// Pairs of one baseline; every `stride`-th start.
    func pairs(baseline: Int, stride step: Int) throws(ImagingError) -> [RotationPair] {
        var out: [RotationPair] = []
        for i in stride(from: 0, to: frames.count - baseline, by: max(1, step)) {
            if let pair = try pair(i, i + baseline) { out.append(pair) }
        }
        return out
    }

    func pair(_ i: Int, _ j: Int) throws(ImagingError) -> RotationPair? {
        let (a, b) = shared(i, j)
        guard a.count >= options.minimumTracks else { return nil }
        var ransac = BearingRansacOptions()
        ransac.maximumIterations = options.ransacIterations
        ransac.thresholdDegrees = options.inlierThresholdDegrees
        ransac.confidence = 0.99
        guard let pose = try RelativePose.estimate(from: a, to: b, options: ransac) else { return nil }
        let share = Double(pose.inliers.count) / Double(a.count)
        guard share >= options.minimumInlierShare, pose.inliers.count >= options.minimumTracks else { return nil }
        let rotation = turnOnly(a, b, pose) ?? pose.rotation
        return RotationPair(
            first: i, second: j, rotation: rotation.inverse, inlierShare: share, start: frames[i].time.seconds, end: frames[j].time.seconds)
    }

    /// The bearings both frames have, without what is rigid with the camera.
    private func shared(_ i: Int, _ j: Int) -> ([Vector3], [Vector3]) {
        var a: [Vector3] = []
        var b: [Vector3] = []
        var moves: [Double] = []
        let (f, g) = (frames[i], frames[j])
        var m = 0
        for n in g.ids.indices {
            while m < f.ids.count && f.ids[m] < g.ids[n] { m += 1 }
            guard m < f.ids.count else { break }
            guard f.ids[m] == g.ids[n], let u = bearings[i][m], let v = bearings[j][n] else { continue }
            a.append(u)
            b.append(v)
            moves.append((f.pixels[m] - g.pixels[n]).length / pixelScale)
        }
        let median = moves.sorted()[safe: moves.count / 2] ?? 0
        guard median > 10 * options.rigidMotion else { return (a, b) }
        let kept = moves.indices.filter { moves[$0] > options.rigidMotion }
        return (kept.map { a[$0] }, kept.map { b[$0] })
    }

    /// The rotation of a camera that did not move: better held than with a free direction, but only taken where the way adds nothing.
    ///
    /// Pure noise leaves the epipolar distance (one direction, both bearings moved) 2.5 times smaller than the distance between bearings
    /// (two directions); a way that shows makes it smaller still.
    private func turnOnly(_ a: [Vector3], _ b: [Vector3], _ pose: RelativePose) -> Rotation? {
        var rotation = pose.rotation
        for _ in 0..<5 {
            var h = Matrix3.zero
            var g = Vector3.zero
            for i in pose.inliers {
                let p = rotation * a[i]
                let r = b[i] - p
                let w = 1 / (1 + r.squaredLength / 1e-5)
                h = h + (Matrix3.identity - Matrix3.outer(p, p)) * w
                g += w * p.cross(r)
            }
            let step = h.inverse * g
            guard step.isFinite else { return nil }
            rotation = Rotation(vector: step) * rotation
            if step.length < 1e-9 { break }
        }
        let turning = pose.inliers.map { (b[$0] - rotation * a[$0]).length }.sorted()
        let moving = pose.inliers.map { i -> Double in
            let p = pose.translation.cross(pose.rotation * a[i])
            let q = pose.rotation.inverse * b[i].cross(pose.translation)
            return abs(b[i].dot(p)) / max(1e-12, (p.squaredLength + q.squaredLength).squareRoot())
        }.sorted()
        let middle = turning.count / 2
        return turning[middle] < 3.2 * moving[middle] ? rotation : nil
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

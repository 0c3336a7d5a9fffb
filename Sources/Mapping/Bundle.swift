internal import Estimation
internal import Geometry

extension Reconstruction {
    /// What one bundle adjustment left.
    struct BundleReport {
        var trackRMS = 0.0
        var tagRMS = 0.0
        var observations = 0
        var points = 0
        var finalCost = 0.0
    }

    /// Visual-inertial bundle adjustment over the keyframes: poses, velocities, biases, gravity's tilt, points and (in mapping)
    /// landmarks.
    ///
    /// Rolling-shutter rows use the velocities, rates and biases of the round before; rounds repeat until they no longer matter.
    ///
    /// With `calibrates`, clock, readout, the camera's rotation in the body, intrinsics and the accelerometer's gain are estimated too, each
    /// held to the device file by what the options expect of it, and taken over at the end.
    mutating func bundle(iterations: Int, calibrates: Bool = false) throws(MappingError) -> BundleReport {
        let estimates = calibrates && options.calibrates && useInertial && signal != nil
        let keys = keyframes
        var problem = LeastSquares()
        var poseBlock = [Int](repeating: -1, count: frameCount)
        var motionBlock = poseBlock
        for (n, f) in keys.enumerated() {
            guard let pose = poses[f] else { continue }
            // Nothing absolute to hold on to: the first pose is the origin.
            let holds = n == 0 && !(useTags && tracks.tableTags.contains { $0 != nil }) && !landmarksFixed
            poseBlock[f] = problem.addBlock(pose.blockValues, kind: .pose, fixed: holds)
            if useInertial, signal != nil {
                let (v, g, a) = (velocities[f], gyroscopeBias[f], accelerometerBias[f])
                motionBlock[f] = problem.addBlock([v.x, v.y, v.z, g.x, g.y, g.z, a.x, a.y, a.z])
            }
        }
        holdScale(keys, poseBlock, in: &problem)
        let tiltBlock = problem.addBlock([tilt.x, tilt.y])
        problem.addResidual(VectorPrior(mean: [tiltMean.x, tiltMean.y], sigmas: [tiltSigma, tiltSigma]), [tiltBlock])
        let shared = estimates ? addCalibration(to: &problem) : nil
        if useInertial, signal != nil { addInertial(keys, poseBlock, motionBlock, tiltBlock, shared?.gain, to: &problem) }
        let eye = Eye(self, keys, poseBlock, shared?.camera)
        let pointBlock = addPoints(keys, poseBlock, eye, to: &problem)
        let landmarkBlock = addLandmarks(poseBlock, eye, to: &problem)
        if useTags { addTags(keys, poseBlock, eye, to: &problem) }
        var solver = LeastSquaresOptions()
        solver.maximumIterations = iterations
        solver.functionTolerance = 1e-6
        let summary: LeastSquares.Summary
        do { summary = try problem.solve(solver) } catch { throw .numerical(error.description) }
        readBack(problem, keys, poseBlock, motionBlock)
        let t = Array(problem[tiltBlock])
        tilt = Vector2(t[0], t[1])
        for (track, block) in pointBlock.enumerated() where block >= 0 {
            let v = Array(problem[block])
            points[track] = Vector3(v[0], v[1], v[2])
        }
        if !landmarksFixed {
            for (i, block) in landmarkBlock.enumerated() where block >= 0 {
                let v = Array(problem[block])
                landmarks[i] = Vector3(v[0], v[1], v[2])
            }
        }
        if let shared { absorb(CameraCalibration(values: Array(problem[shared.camera])), gain: Array(problem[shared.gain])) }
        var report = BundleReport()
        report.finalCost = summary.finalCost
        return report
    }

    /// Makes the residuals of one bundle adjustment: plain ones, or such that read the shared calibration.
    struct Eye {
        let camera: CameraModel
        let bodyFromCamera: Transform<Body, Camera>
        let readout: Double
        let height: Double
        /// By frame; nil for frames that are not part of it.
        let motions: [RowMotion?]
        let poseBlock: [Int]
        let calibration: Int?

        init(_ r: Reconstruction, _ keys: [Int], _ poseBlock: [Int], _ calibration: Int?) {
            camera = r.camera
            bodyFromCamera = r.bodyFromCamera
            readout = r.readout
            height = Double(max(r.camera.height - 1, 1))
            var motions = [RowMotion?](repeating: nil, count: r.frameCount)
            for f in keys { motions[f] = r.poses[f].map { r.motion(f, pose: $0) } }
            self.motions = motions
            self.poseBlock = poseBlock
            self.calibration = calibration
        }

        func add(_ frame: Int, _ pixel: Vector2, _ point: Int, sigma: Double, loss: RobustLoss, to problem: inout LeastSquares) {
            guard let motion = motions[frame] else { return }
            let share = pixel.y / height - 0.5
            if let calibration {
                problem.addResidual(
                    CalibratedReprojectionResidual(
                        camera: camera, bodyFromCamera: bodyFromCamera, motion: motion, rowShare: share, readout: readout, pixel: pixel,
                        sigma: sigma), [poseBlock[frame], point, calibration], loss: loss)
            } else {
                let row = readout == 0 ? bodyFromCamera : motion.body(after: share * readout) * bodyFromCamera
                problem.addResidual(
                    ReprojectionResidual(camera: camera, bodyFromRowCamera: row, pixel: pixel, sigma: sigma), [poseBlock[frame], point],
                    loss: loss)
            }
        }
    }

    /// Where neither tag, map nor IMU gives lengths, the longest way from the first keyframe keeps its own.
    private func holdScale(_ keys: [Int], _ poseBlock: [Int], in problem: inout LeastSquares) {
        let tagged = useTags && keys.contains { tracks.tableTags[$0] != nil }
        guard !(useInertial && signal != nil), !tagged, !landmarksFixed, let first = keys.first, let origin = poses[first]?.translation
        else { return }
        func way(_ f: Int) -> Double { ((poses[f]?.translation ?? origin) - origin).length }
        guard let last = keys.max(by: { way($0) < way($1) }), way(last) > 0 else { return }
        problem.addResidual(DistancePrior(distance: way(last), sigma: 1e-3 * way(last)), [poseBlock[first], poseBlock[last]])
    }

    private func addInertial(
        _ keys: [Int], _ poseBlock: [Int], _ motionBlock: [Int], _ tiltBlock: Int, _ gainBlock: Int?, to problem: inout LeastSquares
    ) {
        guard let signal else { return }
        var startsChain = true
        for (n, f) in keys.enumerated() {
            if startsChain {
                problem.addResidual(
                    VectorPrior(
                        mean: [Double](repeating: 0, count: 9),
                        sigmas: [10, 10, 10] + [Double](repeating: options.gyroscopeBiasSigma, count: 3)
                            + [Double](repeating: options.accelerometerBiasSigma, count: 3)), [motionBlock[f]])
            }
            startsChain = true
            guard n + 1 < keys.count else { break }
            let g = keys[n + 1]
            guard seconds[g] - seconds[f] <= options.maximumBridge, covered(seconds[f], seconds[g]) else { continue }
            let d = Preintegration(
                signal, from: seconds[f], to: seconds[g], gyroscopeBias: gyroscopeBias[f], accelerometerBias: accelerometerBias[f],
                noise: densities, accelerometerGain: accelerometerGain)
            guard let residual = InertialResidual(d, gravity: options.gravity, estimatesGain: gainBlock != nil) else { continue }
            let blocks = [poseBlock[f], motionBlock[f], poseBlock[g], motionBlock[g], tiltBlock]
            problem.addResidual(residual, gainBlock.map { blocks + [$0] } ?? blocks)
            startsChain = false
        }
    }

    private func addPoints(_ keys: [Int], _ poseBlock: [Int], _ eye: Eye, to problem: inout LeastSquares) -> [Int] {
        var blocks = [Int](repeating: -1, count: tracks.trackCount)
        let loss = RobustLoss.cauchy(options.lossScale)
        for t in 0..<tracks.trackCount where hasPoint[t] {
            var seen: [Int] = []
            for k in trackOffsets[t]..<trackOffsets[t + 1] {
                let i = Int(trackIndices[k])
                if !rejected[i], poseBlock[Int(tracks.observations[i].frame)] >= 0 { seen.append(i) }
            }
            guard seen.count >= 2 else { continue }
            blocks[t] = problem.addBlock([points[t].x, points[t].y, points[t].z], group: .eliminatedFirst)
            for i in seen {
                let o = tracks.observations[i]
                eye.add(Int(o.frame), o.pixel, blocks[t], sigma: trackSigma, loss: loss, to: &problem)
            }
        }
        return blocks
    }

    private func addLandmarks(_ poseBlock: [Int], _ eye: Eye, to problem: inout LeastSquares) -> [Int] {
        var blocks = [Int](repeating: -1, count: landmarks.count)
        let loss = RobustLoss.cauchy(options.lossScale)
        for o in landmarkObservations where poseBlock[Int(o.frame)] >= 0 {
            let l = Int(o.landmark)
            if blocks[l] < 0 {
                let x = landmarks[l]
                blocks[l] = problem.addBlock([x.x, x.y, x.z], fixed: landmarksFixed, group: .eliminatedFirst)
            }
            eye.add(Int(o.frame), o.pixel, blocks[l], sigma: featureSigma, loss: loss, to: &problem)
        }
        return blocks
    }

    private func addTags(_ keys: [Int], _ poseBlock: [Int], _ eye: Eye, to problem: inout LeastSquares) {
        guard keys.contains(where: { tracks.tableTags[$0] != nil }) else { return }
        let corners = tagCorners.map { problem.addBlock([$0.x, $0.y, $0.z], fixed: true, group: .eliminatedFirst) }
        for f in keys {
            guard let seen = tracks.tableTags[f] else { continue }
            for (corner, pixel) in zip(corners, seen) {
                eye.add(f, pixel, corner, sigma: tagSigma, loss: .cauchy(options.lossScale), to: &problem)
            }
        }
    }

    /// Takes keyframes from the solution and moves the frames between them along with the keyframe before.
    private mutating func readBack(_ problem: LeastSquares, _ keys: [Int], _ poseBlock: [Int], _ motionBlock: [Int]) {
        let before = poses
        for (n, f) in keys.enumerated() {
            let new = Transform<Map, Body>(blockValues: problem[poseBlock[f]])
            poses[f] = new
            if useInertial, signal != nil {
                let m = Array(problem[motionBlock[f]])
                velocities[f] = Vector3(m[0], m[1], m[2])
                gyroscopeBias[f] = Vector3(m[3], m[4], m[5])
                accelerometerBias[f] = Vector3(m[6], m[7], m[8])
            }
            guard let old = before[f] else { continue }
            let end = n + 1 < keys.count ? keys[n + 1] : frameCount
            for g in (n == 0 ? 0 : f)..<end where g != f {
                gyroscopeBias[g] = gyroscopeBias[f]
                accelerometerBias[g] = accelerometerBias[f]
                guard let pose = before[g] else { continue }
                poses[g] = new * (old.inverse * pose)
            }
        }
        for f in 0..<frameCount where (!useInertial || signal == nil || !tracks.isKeyframe[f]) && poses[f] != nil {
            let a = f > 0 && poses[f - 1] != nil ? f - 1 : f
            let b = f + 1 < frameCount && poses[f + 1] != nil ? f + 1 : f
            if b > a, let pa = poses[a], let pb = poses[b] { velocities[f] = (pb.translation - pa.translation) / (seconds[b] - seconds[a]) }
        }
    }

    /// Estimates the tracks' standard deviation from the keyframes' residuals, drops observations beyond `rejection` of them, and points
    /// that lose half of theirs.
    mutating func rejectOutliers() -> BundleReport {
        var report = BundleReport()
        var errors = [Double](repeating: -1, count: tracks.observations.count)
        var components: [Double] = []
        for t in 0..<tracks.trackCount where hasPoint[t] {
            for k in trackOffsets[t]..<trackOffsets[t + 1] {
                let i = Int(trackIndices[k])
                let o = tracks.observations[i]
                let f = Int(o.frame)
                guard tracks.isKeyframe[f], let pose = poses[f] else { continue }
                guard let e = error(points[t], frame: f, pixel: o.pixel, pose: pose) else {
                    errors[i] = .infinity
                    continue
                }
                errors[i] = e.length
                if !rejected[i] {
                    components.append(abs(e.x))
                    components.append(abs(e.y))
                }
            }
        }
        if let s = spread(&components) { trackSigma = min(max(s, options.minimumTrackSigma), options.maximumTrackSigma) }
        let limit = options.rejection * trackSigma
        var sum = 0.0
        for t in 0..<tracks.trackCount where hasPoint[t] {
            var good = 0
            var bad = 0
            for k in trackOffsets[t]..<trackOffsets[t + 1] {
                let i = Int(trackIndices[k])
                guard errors[i] >= 0 else { continue }
                rejected[i] = errors[i] > limit
                if rejected[i] { bad += 1 } else { good += 1 }
            }
            if good < 2 || bad > good {
                hasPoint[t] = false
            } else {
                report.points += 1
                for k in trackOffsets[t]..<trackOffsets[t + 1] where errors[Int(trackIndices[k])] >= 0 && !rejected[Int(trackIndices[k])] {
                    let e = errors[Int(trackIndices[k])]
                    sum += e * e
                    report.observations += 1
                }
            }
        }
        report.trackRMS = report.observations > 0 ? (sum / Double(report.observations)).squareRoot() : 0
        rejectLandmarkObservations()
        var corners = tagErrors().flatMap { [abs($0.x), abs($0.y)] }
        if let s = spread(&corners) { tagSigma = min(max(s, options.minimumTagSigma), options.maximumTagSigma) }
        report.tagRMS = tagRMS()
        return report
    }

    /// Standard deviation of normally distributed residuals by their median, nil for too few.
    private func spread(_ magnitudes: inout [Double]) -> Double? {
        guard magnitudes.count > options.spreadSamples else { return nil }
        magnitudes.sort()
        return 1.4826 * magnitudes[magnitudes.count / 2]
    }

    /// Drops descriptor matches that are far from their landmark.
    mutating func rejectLandmarkObservations() {
        var components: [Double] = []
        for o in landmarkObservations {
            guard let pose = poses[Int(o.frame)], let e = error(landmarks[Int(o.landmark)], frame: Int(o.frame), pixel: o.pixel, pose: pose)
            else { continue }
            components += [abs(e.x), abs(e.y)]
        }
        if let s = spread(&components) { featureSigma = min(max(s, options.minimumFeatureSigma), options.maximumFeatureSigma) }
        let limit = options.rejection * featureSigma
        landmarkObservations = landmarkObservations.filter { o in
            guard let pose = poses[Int(o.frame)], let e = error(landmarks[Int(o.landmark)], frame: Int(o.frame), pixel: o.pixel, pose: pose)
            else { return false }
            return e.length < limit
        }
    }

    /// Root mean square distance of the tag's corners in keyframes, pixels.
    func tagRMS() -> Double {
        let errors = tagErrors()
        return errors.isEmpty ? 0 : (errors.map { $0.dot($0) }.reduce(0, +) / Double(errors.count)).squareRoot()
    }

    private func tagErrors() -> [Vector2] {
        guard useTags else { return [] }
        var list: [Vector2] = []
        for f in 0..<frameCount where tracks.isKeyframe[f] {
            guard let pose = poses[f], let corners = tracks.tableTags[f] else { continue }
            for (x, p) in zip(tagCorners, corners) {
                guard let e = error(x, frame: f, pixel: p, pose: pose) else { continue }
                list.append(e)
            }
        }
        return list
    }
}

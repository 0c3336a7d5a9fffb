internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

extension Reconstruction {
    /// What the device file says of the shared corrections and the accelerometer's gain.
    func correctionPriors() -> [BundlePrior] {
        let o = options
        let pixels = o.principalPointSigma * Double(camera.width)
        let turn = o.cameraTurnSigmaDegrees * .pi / 180
        let sigmas =
            [o.clockSigma, max(o.readoutSigma * readout, 1e-6), turn, turn, turn, o.focalLengthSigma, o.focalLengthSigma, pixels, pixels]
            + [Double](repeating: o.distortionSigma, count: 4)
        // The clock is each recording's own; the rest a map may have found out already.
        let scaled = sigmas.enumerated().map { $0.offset == 0 ? $0.element : $0.element * correctionLatitude }
        return [
            BundlePrior(frame: nil, at: BundleState.correctionAt, mean: corrections.values.map { -$0 }, sigmas: scaled),
            BundlePrior(
                frame: nil, at: BundleState.gainAt, mean: [1, 1, 1], sigmas: [Double](repeating: o.accelerometerGainSigma, count: 3)),
        ]
    }

    /// Takes a correction over: the camera changes, the IMU's clock moves, and the states with it.
    mutating func absorb(_ c: CameraCorrection, gain: Vector3) {
        for f in 0..<frameCount {
            guard let pose = poses[f] else { continue }
            let m = motion(f, pose: pose)
            let moved = m.body(after: c.clock)
            poses[f] = pose * moved
            if signal != nil { velocities[f] += pose.rotation * (m.acceleration * c.clock) }
        }
        camera = c.corrected(camera)
        readout = max(0, readout + c.readout)
        bodyFromCamera = Transform(rotation: bodyFromCamera.rotation * c.rotation, translation: bodyFromCamera.translation)
        for i in corrections.values.indices { corrections.values[i] += c.values[i] }
        accelerometerGain = gain
        shiftClock(by: c.clock)
    }

    /// Pictures were taken so much later on the IMU's clock than was thought.
    mutating func shiftClock(by offset: Double) {
        guard offset != 0, var s = signal else { return }
        for i in s.gyroscopeTimes.indices { s.gyroscopeTimes[i] -= offset }
        for i in s.accelerometerTimes.indices { s.accelerometerTimes[i] -= offset }
        signal = s
        readSignal()
    }

    /// Corrects the clock offset where the turns in the pictures and the gyroscope's clearly say so: the start of the batch needs it to a
    /// few milliseconds, the batch itself finds the rest.
    ///
    /// Relative poses of frames `clockSearchStep` apart, at most `clockSearchPairs` of them, against the integrated gyroscope
    /// (`RotationAlignment`).
    mutating func findClock(_ inertial: InertialRecording?, offset stated: ClockOffset) throws(MappingError) {
        guard options.clockSearchPairs > 0, signal != nil, let inertial, frameCount > 2 * options.clockSearchStep else { return }
        var search = RotationConsistencyOptions()
        search.offsetRange = options.clockSearchRange
        let gyroscope = GyroscopeIntegral(inertial, maximumGap: options.maximumInertialGap)
        guard gyroscope.span != nil else { return }
        var footage = RotationFootage(width: tracks.width, height: tracks.height)
        for f in 0..<frameCount {
            let seen = tracks.observations[observations(of: f)]
            footage.frames.append(RotationFrame(time: tracks.times[f], ids: seen.map(\.track), pixels: seen.map(\.pixel)))
        }
        let finder = RotationPairFinder(footage, camera: camera, options: search)
        let step = options.clockSearchStep
        let stride = max(1, (frameCount - step) / options.clockSearchPairs)
        let pairs: [RotationPair]
        do { pairs = try finder.pairs(baseline: step, stride: stride) } catch { throw .numerical(error.description) }
        guard
            let fit = RotationAlignment.fit(
                pairs, gyroscope, around: stated.seconds, known: bodyFromCamera.rotation, options: search),
            fit.explained > options.clockSearchShare
        else { return }
        let difference = fit.offset - stated.seconds
        guard abs(difference) > options.clockTolerance else { return }
        clockFound = difference
        shiftClock(by: difference)
    }
}

extension Reconstruction {
    /// Begins from what a map found out about the same device; the clock is each recording's own.
    mutating func take(_ refinement: MapRefinement?) {
        guard let refinement, refinement.statedCamera == statedCamera else { return }
        var c = CameraCorrection(values: refinement.corrections)
        c.values[0] = 0
        camera = c.corrected(camera)
        readout = max(0, readout + c.readout)
        bodyFromCamera = Transform(rotation: bodyFromCamera.rotation * c.rotation, translation: bodyFromCamera.translation)
        accelerometerGain = refinement.accelerometerGain
        correctionLatitude = options.knownCalibration
    }
}

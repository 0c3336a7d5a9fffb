internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

extension Reconstruction {
    /// Takes a correction over: the camera changes, the IMU's clock moves, and the states with it.
    mutating func absorb(_ c: CameraCorrection, gain: Vector3) {
        for f in 0..<frameCount {
            guard let pose = states.poses[f] else { continue }
            let m = motion(f, pose: pose)
            states.poses[f] = pose * m.body(after: c.clock)
            if inertial.signal != nil { states.velocities[f] += pose.rotation * (m.acceleration * c.clock) }
        }
        device.absorb(c, gain: gain)
        inertial.shiftClock(by: c.clock, seconds: seconds, readout: device.readout)
    }

    /// Corrects the clock offset where the turns in the pictures and the gyroscope's clearly say so: the start of the batch needs it to a
    /// few milliseconds, the batch itself finds the rest.
    ///
    /// Relative poses of frames `clockSearchStep` apart, at most `clockSearchPairs` of them, against the integrated gyroscope
    /// (`RotationAlignment`).
    mutating func findClock(_ recording: InertialRecording?, offset stated: ClockOffset) throws(MappingError) {
        guard options.clockSearchPairs > 0, inertial.signal != nil, let recording, frameCount > 2 * options.clockSearchStep else { return }
        var search = RotationConsistencyOptions()
        search.offsetRange = options.clockSearchRange
        let gyroscope = GyroscopeIntegral(recording, maximumGap: options.maximumInertialGap)
        guard gyroscope.span != nil else { return }
        let finder = RotationPairFinder(RotationFootage(tracks), camera: device.camera, options: search)
        let step = options.clockSearchStep
        let stride = max(1, (frameCount - step) / options.clockSearchPairs)
        let pairs: [RotationPair]
        do { pairs = try finder.pairs(baseline: step, stride: stride) } catch { throw .numerical(error.description) }
        guard
            let fit = RotationAlignment.fit(
                pairs, gyroscope, around: stated.seconds, known: device.bodyFromCamera.rotation, options: search),
            fit.explained > options.clockSearchShare
        else { return }
        let difference = fit.offset - stated.seconds
        guard abs(difference) > options.clockTolerance else { return }
        device.clockFound = difference
        inertial.shiftClock(by: difference, seconds: seconds, readout: device.readout)
    }
}

extension RotationFootage {
    /// Tracks that exist already.
    init(_ tracks: FeatureTracks) {
        self.init(width: tracks.width, height: tracks.height)
        for f in 0..<tracks.frameCount {
            let seen = tracks.observations[tracks.frameOffsets[f]..<tracks.frameOffsets[f + 1]]
            frames.append(RotationFrame(time: tracks.times[f], ids: seen.map(\.track), pixels: seen.map(\.pixel)))
        }
    }
}

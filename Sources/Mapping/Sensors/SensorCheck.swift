internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

extension Reconstruction {
    /// Takes from a recording what can be believed: readings that are a working sensor's, and a gyroscope that the pictures agree with.
    ///
    /// Relative poses of frames `clockSearchStep` apart, at most `clockSearchPairs` of them, against the integrated gyroscope
    /// (`RotationAlignment`). Its clock is corrected where the turns clearly say so: the batch needs it to a few milliseconds and finds the
    /// rest. Without a gyroscope the accelerometer cannot be integrated, and the IMU as a whole is left out.
    mutating func judgeSensors(_ recording: InertialRecording?, offset stated: ClockOffset) throws(MappingError) {
        guard inertial.signal != nil, let recording else { return }
        let o = options.sensors
        let gyroscope = SensorReadings(recording.gyroscope, of: .gyroscope, options: o)
        let accelerometer = SensorReadings(recording.accelerometer, of: .accelerometer, options: o)
        sensors = gyroscope.judgements + accelerometer.judgements
        if gyroscope.isLeftOut {
            leaveOutInertial()
            return
        }
        let kept = InertialRecording(gyroscope: gyroscope.samples, accelerometer: accelerometer.samples)
        if kept != recording { inertial.replace(InertialSignal(kept, offset: stated), seconds: seconds, readout: device.readout) }
        try judgeGyroscope(kept, offset: stated)
    }

    /// Goes on without any IMU.
    mutating func leaveOutInertial() {
        inertial.replace(nil, seconds: seconds, readout: device.readout)
        inertial.isUsed = false
    }

    private mutating func judgeGyroscope(_ recording: InertialRecording, offset stated: ClockOffset) throws(MappingError) {
        guard options.clockSearchPairs > 0, frameCount > 2 * options.clockSearchStep else { return }
        let o = options.sensors
        var search = RotationConsistencyOptions()
        search.offsetRange = options.clockSearchRange
        let gyroscope = GyroscopeIntegral(recording, maximumGap: options.maximumInertialGap)
        guard gyroscope.span != nil else { return }
        let pairs = try turnsOfPictures(search)
        let axes = device.bodyFromCamera.rotation
        func aligned(_ range: Double) -> RotationAlignment? {
            search.offsetRange = range
            return RotationAlignment.fit(pairs, gyroscope, around: stated.seconds, known: axes, options: search)
        }
        guard var fit = aligned(options.clockSearchRange) else { return }
        // A best offset at the range's end is none.
        let isAtEnd = abs(fit.offset - stated.seconds) > options.clockSearchRange - 2 * search.offsetStep
        if fit.explained <= options.clockSearchShare || isAtEnd, let wide = aligned(o.clockRange),
            wide.explained > max(options.clockSearchShare, fit.explained)
        {
            fit = wide
        }
        let turns = fit.turns(pairs, gyroscope)
        let shown = (turns.reduce(0) { $0 + $1.camera.squaredLength } / Double(max(turns.count, 1))).squareRoot() * 180 / .pi
        let canTell = turns.count >= o.minimumSamples && shown >= o.minimumTurnDegrees
        let percent = "\((100 * max(0, fit.explained)).fixed(0)) %"
        if fit.explained > options.clockSearchShare {
            let difference = fit.offset - stated.seconds
            if canTell, let gain = Self.gain(turns), abs(gain - 1) > o.gainTolerance {
                // Where one axis does most of the turning, two others changed look like a gain: they explain what it leaves.
                if let (fault, words, share) = linearFault(pairs, gyroscope, around: stated.seconds), fault == .axes,
                    1 - share < 0.5 * Self.unexplained(turns, gain: gain)
                {
                    rejectGyroscope(
                        .axes, "\(words); so read, the pictures explain \((100 * share).fixed(0)) % of its turns, as stated \(percent)")
                    return
                }
                rejectGyroscope(
                    .gain,
                    "it turns \(gain.fixed(3)) times as far as the pictures over \(turns.count) pairs of frames, "
                        + "\((1 - o.gainTolerance).fixed(2)) to \((1 + o.gainTolerance).fixed(2)) are believed")
                return
            }
            guard abs(difference) > options.clockTolerance else { return }
            device.clockFound = difference
            inertial.shiftClock(by: difference, seconds: seconds, readout: device.readout)
            if abs(difference) > options.clockSearchRange {
                sensors.append(
                    SensorJudgement(
                        sensor: .gyroscope, use: .corrected, fault: .clock,
                        reason:
                            "its clock is \(difference.fixed(3)) s off the device file's camera_to_imu_offset_s; with that taken off the "
                            + "pictures explain \(percent) of its turns"))
            }
            return
        }
        guard canTell else { return }
        // Nine numbers explain more than none: they must explain half of what is left.
        if let (fault, words, share) = linearFault(pairs, gyroscope, around: stated.seconds), 1 - share < 0.5 * (1 - fit.explained) {
            rejectGyroscope(fault, "\(words); so read, the pictures explain \((100 * share).fixed(0)) % of its turns, as stated \(percent)")
        } else if fit.explained < o.minimumAgreement {
            rejectGyroscope(
                .contradiction,
                "the pictures explain \(percent) of its turns over \(turns.count) pairs of frames, at least "
                    + "\((100 * o.minimumAgreement).fixed(0)) % are needed")
        }
    }

    private mutating func rejectGyroscope(_ fault: SensorJudgement.Fault, _ reason: String) {
        sensors.append(SensorJudgement(sensor: .gyroscope, use: .leftOut, fault: fault, reason: reason))
        leaveOutInertial()
    }

    private func turnsOfPictures(_ search: RotationConsistencyOptions) throws(MappingError) -> [RotationPair] {
        let finder = RotationPairFinder(RotationFootage(tracks), camera: device.camera, options: search)
        let step = options.clockSearchStep
        let stride = max(1, (frameCount - step) / options.clockSearchPairs)
        do { return try finder.pairs(baseline: step, stride: stride) } catch { throw .numerical(error.description) }
    }

    /// How many times the gyroscope turns as far as the pictures, the worst tenth left out; nil without turns.
    private static func gain(_ turns: [RotationAlignment.Turn]) -> Double? {
        var gain = 1.0
        for _ in 0..<3 {
            let order = turns.indices.sorted {
                ((turns[$0].body - gain * turns[$0].camera).squaredLength, $0) < (
                    (turns[$1].body - gain * turns[$1].camera).squaredLength, $1
                )
            }.prefix(turns.count * 9 / 10)
            let cc = order.reduce(0) { $0 + turns[$1].camera.squaredLength }
            guard cc > 0 else { return nil }
            gain = order.reduce(0) { $0 + turns[$1].body.dot(turns[$1].camera) } / cc
        }
        return gain
    }

    /// Share of the gyroscope's squared turns that a gain leaves, the worst twentieth left out.
    private static func unexplained(_ turns: [RotationAlignment.Turn], gain: Double) -> Double {
        let left = turns.map { (($0.body - gain * $0.camera).squaredLength, $0.body.squaredLength) }.sorted { $0.0 < $1.0 }
            .prefix(max(1, turns.count * 19 / 20))
        let all = left.reduce(0) { $0 + $1.1 }
        return all > 0 ? left.reduce(0) { $0 + $1.0 } / all : 1
    }

    /// Other axes or gains under which the pictures explain the gyroscope.
    private func linearFault(
        _ pairs: [RotationPair], _ gyroscope: GyroscopeIntegral, around center: Double
    ) -> (fault: SensorJudgement.Fault, words: String, share: Double)? {
        var best: TurnFit?
        let step = 0.01
        let reach = Int(options.clockSearchRange / step)
        for k in -reach...reach {
            let alignment = RotationAlignment(offset: center + Double(k) * step, bodyFromCamera: device.bodyFromCamera.rotation)
            let turns = alignment.turns(pairs, gyroscope).map { ($0.body, $0.camera, pairs[$0.pair].duration) }
            guard turns.count >= options.sensors.minimumSamples, let fit = TurnFit(turns) else { continue }
            if fit.explained > best?.explained ?? options.clockSearchShare { best = fit }
        }
        guard let best, let (fault, words) = best.map.sensorFault(tolerance: options.sensors.gainTolerance) else { return nil }
        return (fault, words, best.explained)
    }
}

extension RotationFootage {
    /// Tracks that exist already.
    init(_ tracks: FeatureTracks) {
        self.init(width: tracks.width, height: tracks.height)
        for f in 0..<tracks.frameCount {
            let seen = tracks.observations[tracks.frameOffsets[f]..<tracks.frameOffsets[f + 1]].sorted { $0.track < $1.track }
            frames.append(RotationFrame(time: tracks.times[f], ids: seen.map(\.track), pixels: seen.map(\.pixel)))
        }
    }
}

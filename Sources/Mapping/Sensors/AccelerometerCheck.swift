internal import Estimation
internal import Geometry
internal import Session

extension Reconstruction {
    /// Uses the IMU's factors from here on if the accelerometer is believed; else the gyroscope alone.
    /// - Parameter isWanted: whether lengths are metres, which the accelerometer's are.
    mutating func useAccelerometer(where isWanted: Bool = true) {
        guard isWanted, inertial.hasAccelerometer else { return }
        inertial.isUsed = believesAccelerometer()
        if !inertial.isUsed { inertial.leaveOutAccelerometer(seconds: seconds, readout: device.readout) }
    }

    /// Whether the accelerometer can be used, by poses that pictures (and the gyroscope's turns) alone give: second differences of position
    /// over `noiseSpan` against its double integrals.
    ///
    /// Where the pictures explain less than `minimumAgreement` of them, or other axes, gains or another clock explain them better, it is left
    /// out, with the fault named. Where there are too few poses to tell, it is believed.
    mutating func believesAccelerometer() -> Bool {
        guard let signal = inertial.signal, inertial.hasAccelerometer else { return false }
        let o = options.sensors
        let gravity = InertialResidual.gravityVector(tilt: states.tilt, gravity: options.gravity)
        let triples = pictureTriples()
        let rows = accelerationRows(triples, signal, later: 0)
        func fit(_ rows: [AccelerationFit.Row], _ findsMap: Bool) -> AccelerationFit? {
            AccelerationFit(rows, gravity: gravity, findsMap: findsMap, biasSigma: options.accelerometerBiasSigma)
        }
        guard rows.count >= o.minimumSamples, let stated = fit(rows, false) else { return true }
        let moved = (rows.reduce(0) { $0 + $1.way.squaredLength } / Double(3 * rows.count)).squareRoot()
        let seen = (triples.reduce(0) { $0 + $1.variance } / Double(3 * max(triples.count, 1))).squareRoot()
        // Errors that pictures explain tell nothing of the sensor.
        guard stated.error > 2 * seen else { return true }
        let agreement = 1 - stated.error * stated.error / (moved * moved)
        let numbers =
            "as stated its integrals miss the pictures' second differences by \((1e3 * stated.error).fixed(1)) mm over "
            + "\(options.noiseSpan) s (motion \((1e3 * moved).fixed(1)) mm, \(rows.count) triples of frames)"
        func leaveOut(_ fault: SensorJudgement.Fault, _ reason: String) -> Bool {
            sensors.append(SensorJudgement(sensor: .accelerometer, use: .leftOut, fault: fault, reason: reason))
            return false
        }
        // Two kinds of fault can be named: another clock, and other axes or gains. Of nine numbers half as much again is asked.
        let clock = agreement < 0.9 ? bestClock(triples, signal, fit) : nil
        let linear = fit(rows, true)
        let limit = 0.7 * stated.error
        if let clock, abs(clock.later) > o.clockTolerance, clock.error < min(limit, 1.5 * (linear?.error ?? .infinity)) {
            return leaveOut(
                .clock,
                "its clock is \(clock.later.fixed(2)) s off the gyroscope's, which leaves \((1e3 * clock.error).fixed(1)) mm; \(numbers)")
        }
        if let linear, linear.error < limit, let (fault, words) = linear.map.inverse.sensorFault(tolerance: o.gainTolerance) {
            return leaveOut(fault, "\(words), which leaves \((1e3 * linear.error).fixed(1)) mm; \(numbers)")
        }
        let best = min(stated.error, clock?.error ?? stated.error)
        let explained = 1 - best * best / (moved * moved)
        guard explained < o.minimumAgreement else { return true }
        return leaveOut(
            .contradiction,
            numbers + "; the pictures explain \((100 * max(0, explained)).fixed(0)) %, at least "
                + "\((100 * o.minimumAgreement).fixed(0)) % are needed")
    }

    /// The clock offset under which the accelerometer fits best, seconds, and what it leaves, metres.
    private func bestClock(
        _ triples: [PictureTriple], _ signal: InertialSignal, _ fit: ([AccelerationFit.Row], Bool) -> AccelerationFit?
    ) -> (later: Double, error: Double)? {
        let step = 0.02
        let reach = Int(options.sensors.clockRange / step)
        return (-reach...reach).compactMap { k -> (later: Double, error: Double)? in
            let later = Double(k) * step
            let rows = accelerationRows(triples, signal, later: later)
            guard rows.count >= options.sensors.minimumSamples else { return nil }
            return fit(rows, false).map { (later, $0.error) }
        }.min { $0.error < $1.error }
    }

    /// A frame and those about `noiseSpan` before and after it, with poses from pictures alone.
    struct PictureTriple {
        var frames: (before: Int, here: Int, after: Int)
        var poses: (before: Transform<Map, Body>, here: Transform<Map, Body>, after: Transform<Map, Body>)
        /// Of the second difference of position, trace, m².
        var variance: Double
    }

    func pictureTriples() -> [PictureTriple] {
        guard frameCount > 2, let last = seconds.last, last > seconds[0] else { return [] }
        let rate = Double(frameCount - 1) / (last - seconds[0])
        let step = max(1, Int((options.noiseSpan * rate).rounded()) / 2)
        let alone = posesAlone(every: step)
        return stride(from: 2 * step, to: frameCount - 2 * step, by: step).compactMap { f in
            let (a, b) = (f - 2 * step, f + 2 * step)
            guard let before = alone[a], let here = alone[f], let after = alone[b], let ca = before.covariance, let ch = here.covariance,
                let cb = after.covariance, inertial.covers(seconds[a], seconds[b])
            else { return nil }
            let (t, u) = (seconds[f] - seconds[a], seconds[b] - seconds[f])
            guard abs(t - u) < 0.02 * u else { return nil }
            func trace(_ m: DenseMatrix) -> Double { m[0, 0] + m[1, 1] + m[2, 2] }
            return PictureTriple(
                frames: (a, f, b), poses: (before.pose, here.pose, after.pose), variance: trace(ca) + 4 * trace(ch) + trace(cb))
        }
    }

    /// What each triple says of the accelerometer.
    /// - Parameter later: seconds by which its readings are taken later than stated.
    private func accelerationRows(_ triples: [PictureTriple], _ signal: InertialSignal, later: Double) -> [AccelerationFit.Row] {
        // The same readings with the axes passed on: the derivatives by the gain of all three have those by each number of the map.
        let turned = (0..<3).map { k -> InertialSignal in
            var s = signal
            s.accelerometer = signal.accelerometer.map { Vector3($0[k], $0[(k + 1) % 3], $0[(k + 2) % 3]) }
            if later != 0 { s.accelerometerTimes = signal.accelerometerTimes.map { $0 - later } }
            return s
        }
        return triples.compactMap { row(of: $0, turned) }
    }

    private func row(of triple: PictureTriple, _ turned: [InertialSignal]) -> AccelerationFit.Row? {
        let (a, f, b) = triple.frames
        let (t, u) = (seconds[f] - seconds[a], seconds[b] - seconds[f])
        let (before, here) = (triple.poses.before.rotation.matrix, triple.poses.here.rotation.matrix)
        var byMap = [Matrix3](repeating: .zero, count: 3)
        var byBias = Matrix3.zero
        for (k, signal) in turned.enumerated() {
            guard signal.longestGap(from: seconds[a], to: seconds[b], margin: options.maximumInertialGap) <= options.maximumInertialGap
            else {
                return nil
            }
            func integrated(_ from: Int, _ to: Int) -> Preintegration {
                Preintegration(
                    signal, from: seconds[from], to: seconds[to], gyroscopeBias: states.gyroscopeBias[from], accelerometerBias: .zero,
                    noise: inertial.statedDensities)
            }
            let (first, second) = (integrated(a, f), integrated(f, b))
            let byGain = here * second.positionByGain - before * (first.positionByGain - first.velocityByGain * u)
            byBias = here * second.positionByAccelerometer - before * (first.positionByAccelerometer - first.velocityByAccelerometer * u)
            // Axis i of the turned signal is reading (i + k) mod 3.
            for i in 0..<3 {
                let reading = (i + k) % 3
                var columns = [byMap[reading].c0, byMap[reading].c1, byMap[reading].c2]
                columns[i] = byGain[column: i]
                byMap[reading] = Matrix3(columns: columns[0], columns[1], columns[2])
            }
        }
        return AccelerationFit.Row(
            way: triple.poses.after.translation - 2 * triple.poses.here.translation + triple.poses.before.translation,
            squaredSpan: t * u, byBias: byBias, byMap: byMap)
    }
}

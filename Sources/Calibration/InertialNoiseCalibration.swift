public import Geometry
public import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// How an IMU's noise is read off a recording in which it lay still.
public struct InertialNoiseCalibrationOptions: Codable, Sendable, Equatable {
    /// Shortest recording that is accepted, seconds; default 60: the white noise is known to 3 % then. Bias walks want hours.
    public var minimumDuration = 60.0
    /// The shortest averaging time, in samples; default 1.
    public var shortestSamples = 1
    /// The longest averaging time, in parts of the duration; default 1/9, below which the Allan deviation has 9 independent pieces.
    public var longestShare = 1.0 / 9
    /// Averaging times a decade; default 10.
    public var timesPerDecade = 10.0
    /// Rotation of the mean rate between the tenths of the recording above which it did not lie still, rad/s; default 0.01.
    public var stillnessRate = 0.01
    /// Deviation of the rate from its mean above which it did not lie still, rad/s; default 0.05.
    public var stillnessDeviation = 0.05
    /// A term of the Allan deviation is kept only if it lowers the fit's χ² by this much; default 25, so that a recording too short to show
    /// a bias walk is not said to have one (points of an overlapping deviation are not independent, hence more than the usual 9).
    public var termSignificance = 25.0
    /// What estimators take is this many times what was measured; default 2.5: vibration, temperature and scale are not in a still
    /// recording.
    public var inflation = 2.5

    public init() {}
}

/// The Allan deviation of one signal and what is read off it.
public struct AllanDeviation: Sendable, Equatable {
    /// Averaging times, seconds, and the deviation at each, in the signal's unit.
    public var times: [Double]
    public var deviations: [Double]
    /// White noise density, unit/√Hz.
    public var density: Double
    /// Flicker of the bias: the flat part over 0.664, in the signal's unit; 0 where none is seen.
    public var instability: Double
    /// Random walk of the bias, unit/s/√Hz; 0 where the recording is too short to show one.
    public var walk: Double

    /// The overlapping Allan deviation (IEEE 952-1997, annex C) of evenly sampled values, with N²/τ + (2 ln 2/π) B² + K² τ/3 fitted to its
    /// square, each term weighted by its number of independent pieces and none below zero.
    public init(_ values: [Double], rate: Double, options: InertialNoiseCalibrationOptions = InertialNoiseCalibrationOptions()) {
        precondition(rate > 0 && values.count >= 20, "an Allan deviation needs twenty samples at a rate")
        let mean = values.reduce(0, +) / Double(values.count)
        var sums = [0.0]
        sums.reserveCapacity(values.count + 1)
        for v in values { sums.append(sums[sums.count - 1] + (v - mean) / rate) }
        times = []
        deviations = []
        var weights: [Double] = []
        let longest = max(2, Int(Double(values.count) * options.longestShare))
        var m = max(1, options.shortestSamples)
        while m <= longest {
            let tau = Double(m) / rate
            var squares = 0.0
            let count = sums.count - 2 * m
            for i in 0..<count {
                let d = sums[i + 2 * m] - 2 * sums[i + m] + sums[i]
                squares += d * d
            }
            times.append(tau)
            deviations.append((squares / (2 * tau * tau * Double(count))).squareRoot())
            weights.append(Double(values.count) / Double(m))
            m = max(m + 1, Int((Double(m) * pow(10, 1 / options.timesPerDecade)).rounded()))
        }
        (density, instability, walk) = Self.fit(times, deviations, weights, significance: options.termSignificance)
    }

    /// Non-negative least squares of the three terms by trying every subset of them: there are only seven.
    private static func fit(
        _ times: [Double], _ deviations: [Double], _ weights: [Double], significance: Double
    ) -> (Double, Double, Double) {
        let flat = 2 * log(2.0) / Double.pi
        let rows = times.indices.map { i -> (terms: Vector3, value: Double, weight: Double) in
            let square = deviations[i] * deviations[i]
            // Relative errors: the deviation's own share of error falls with the number of pieces.
            return (Vector3(1 / times[i], flat, times[i] / 3) / max(square, 1e-300), 1, weights[i])
        }
        var best = (cost: Double.infinity, terms: Vector3.zero)
        for subset in 1..<8 {
            let mask = Vector3(subset & 1 != 0 ? 1 : 0, subset & 2 != 0 ? 1 : 0, subset & 4 != 0 ? 1 : 0)
            // Scaled columns keep the normal equations well conditioned: the terms differ by many powers of ten.
            var scale = Vector3.zero
            for r in rows { scale += r.weight * r.terms * r.terms }
            scale = Vector3(scale.x.squareRoot(), scale.y.squareRoot(), scale.z.squareRoot())
            var normal = Matrix3(columns: .zero, .zero, .zero)
            var right = Vector3.zero
            for r in rows {
                let a = r.terms / scale * mask
                normal.c0 += r.weight * a * a.x
                normal.c1 += r.weight * a * a.y
                normal.c2 += r.weight * a * a.z
                right += r.weight * r.value * a
            }
            for k in 0..<3 where mask[k] == 0 {
                switch k {
                case 0: normal.c0.x = 1
                case 1: normal.c1.y = 1
                default: normal.c2.z = 1
                }
            }
            let terms = normal.inverse * right / scale * mask
            guard terms.isFinite, terms.x >= 0, terms.y >= 0, terms.z >= 0 else { continue }
            // A squared deviation of n pieces is known to √(2/n) of itself.
            let misfit = rows.reduce(0.0) { sum, r in
                let e = r.terms.dot(terms) - r.value
                return sum + 0.5 * r.weight * e * e
            }
            let cost = misfit + significance * mask.sum()
            if cost < best.cost { best = (cost, terms) }
        }
        return (best.terms.x.squareRoot(), best.terms.y.squareRoot(), best.terms.z.squareRoot())
    }
}

/// An IMU's noise from a recording in which it lay still.
public struct InertialNoiseCalibration: Sendable, Equatable {
    /// x y z.
    public var gyroscope: [AllanDeviation]
    public var accelerometer: [AllanDeviation]
    /// Seconds.
    public var duration: Double
    public var gyroscopeRate: Double
    public var accelerometerRate: Double
    /// The mean angular rate, rad/s: the gyroscope's bias then.
    public var gyroscopeBias: Vector3
    /// The length of the mean specific force, m/s²: 9.81 but for bias and scale.
    public var gravity: Double

    /// Reads the noise of both sensors, axis by axis. A recording that is too short or in which the IMU moved is refused with the figures.
    public init(still recording: InertialRecording, options: InertialNoiseCalibrationOptions = InertialNoiseCalibrationOptions())
        throws(CalibrationError)
    {
        let g = recording.gyroscope
        let a = recording.accelerometer
        guard let first = g.first, let last = g.last, g.count > 20, a.count > 20 else {
            throw .insufficient("the recording has no inertial data", accepted: "a video with telemetry or a folder in EuRoC's layout")
        }
        duration = last.time - first.time
        guard duration >= options.minimumDuration else {
            throw .insufficient(
                "the recording lasts \(duration.fixed(1)) s",
                accepted: "at least \(options.minimumDuration.fixed(0)) s in which the device lies still")
        }
        let rates = g.map(\.value)
        let mean = rates.reduce(Vector3.zero, +) / Double(rates.count)
        let squares = rates.reduce(0.0) { sum, rate in sum + (rate - mean).squaredLength }
        let spread = (squares / Double(rates.count)).squareRoot()
        let tenth = rates.count / 10
        var drift = 0.0
        for k in 0..<10 {
            let part = rates[(k * tenth)..<((k + 1) * tenth)].reduce(Vector3.zero, +) / Double(tenth)
            drift = max(drift, (part - mean).length)
        }
        guard drift <= options.stillnessRate, spread <= options.stillnessDeviation else {
            throw .insufficient(
                "the device moved: its rate varies by \(spread.fixed(3)) rad/s, by \(drift.fixed(3)) rad/s between tenths of the recording",
                accepted: "a recording in which it lies still (\(options.stillnessDeviation) and \(options.stillnessRate) rad/s)")
        }
        gyroscopeRate = Double(g.count - 1) / duration
        accelerometerRate = Double(a.count - 1) / (a[a.count - 1].time - a[0].time)
        gyroscopeBias = mean
        gravity = (a.reduce(Vector3.zero) { $0 + $1.value } / Double(a.count)).length
        let (gr, ar) = (gyroscopeRate, accelerometerRate)
        gyroscope = (0..<3).map { k in AllanDeviation(rates.map { $0[k] }, rate: gr, options: options) }
        accelerometer = (0..<3).map { k in AllanDeviation(a.map { $0.value[k] }, rate: ar, options: options) }
    }

    /// What an estimator should be told: the worst axis, inflated. A walk that the recording is too short to show keeps the value given.
    public func noise(inflation: Double, unseen: InertialNoise = InertialNoise()) -> InertialNoise {
        func worst(_ a: [AllanDeviation], _ key: KeyPath<AllanDeviation, Double>) -> Double {
            inflation * (a.map { $0[keyPath: key] }.max() ?? 0)
        }
        let (gw, aw) = (worst(gyroscope, \.walk), worst(accelerometer, \.walk))
        return InertialNoise(
            gyroscopeDensity: worst(gyroscope, \.density), accelerometerDensity: worst(accelerometer, \.density),
            gyroscopeBiasWalk: gw > 0 ? gw : unseen.gyroscopeBiasWalk, accelerometerBiasWalk: aw > 0 ? aw : unseen.accelerometerBiasWalk)
    }
}

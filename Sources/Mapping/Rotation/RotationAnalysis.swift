internal import Geometry
internal import Imaging
internal import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// The comparison itself, on tracks and an integrated gyroscope.
struct RotationAnalysis {
    let footage: RotationFootage
    let gyroscope: GyroscopeIntegral
    let known: Rotation?
    let offset: Double
    let options: RotationConsistencyOptions
    var camera: CameraModel
    let isCameraEstimated: Bool
    var alignment: RotationAlignment?
    var pairs: [RotationPair] = []

    init(
        _ footage: RotationFootage, gyroscope: GyroscopeIntegral, camera: CameraModel?, known: Rotation?, offset: Double,
        options: RotationConsistencyOptions
    ) throws(ImagingError) {
        self.footage = footage
        self.gyroscope = gyroscope
        self.known = known
        self.offset = offset
        self.options = options
        isCameraEstimated = camera == nil
        if let camera {
            guard let fitting = camera.rescaled(width: footage.width, height: footage.height) else {
                throw .operation(
                    "rotation check",
                    reason:
                        "the intrinsics hold for \(camera.width)x\(camera.height), the pictures are \(footage.width)x\(footage.height): "
                        + "give intrinsics for a picture of the same shape")
            }
            self.camera = fitting
        } else {
            self.camera = Self.lens(.pinhole, 0.5 * Double(footage.width), footage)
            try searchFocalLength()
        }
        pairs = try finder.pairs(baseline: 1, stride: 1)
        alignment = RotationAlignment.fit(pairs, gyroscope, around: offset, known: known, options: options)
    }

    var finder: RotationPairFinder { RotationPairFinder(footage, camera: camera, options: options) }

    private static func lens(_ model: LensModel, _ focal: Double, _ footage: RotationFootage) -> CameraModel {
        CameraModel(
            lens: model, width: footage.width, height: footage.height, focalLength: Vector2(focal, focal),
            principalPoint: Vector2(Double(footage.width) - 1, Double(footage.height) - 1) / 2, maximumAngle: 1.4)
    }

    /// The lens, pinhole or equidistant fisheye, and the focal length under which pictures and gyroscope agree best: a grid in ratios, then
    /// halved steps and a parabola, in the logarithm.
    private mutating func searchFocalLength() throws(ImagingError) {
        // Neighbouring frames: over longer baselines a walking camera's way hides the scale of its turn.
        func agreement(_ model: LensModel, _ focal: Double, pairs count: Int) throws(ImagingError) -> Double {
            let trial = RotationPairFinder(footage, camera: Self.lens(model, focal, footage), options: options)
            let pairs = try trial.pairs(baseline: 1, stride: max(1, (footage.frames.count - 1) / count))
            return RotationAlignment.fit(pairs, gyroscope, around: offset, known: known, options: options)?.explained ?? -.infinity
        }
        let width = Double(footage.width)
        let (low, high) = (log(options.shortestFocalLength * width), log(options.longestFocalLength * width))
        let count = 9
        let spacing = (high - low) / Double(count - 1)
        var top = -Double.infinity
        var center = (low + high) / 2
        var model = LensModel.pinhole
        for candidate in [LensModel.pinhole, .kannalaBrandt] {
            for k in 0..<count {
                let value = try agreement(candidate, exp(low + Double(k) * spacing), pairs: 60)
                if value > top { (top, center, model) = (value, low + Double(k) * spacing, candidate) }
            }
        }
        top = try agreement(model, exp(center), pairs: 150)
        var reach = spacing / 2
        for _ in 0..<3 {
            let left = try agreement(model, exp(center - reach), pairs: 150)
            let right = try agreement(model, exp(center + reach), pairs: 150)
            if left > top && left >= right {
                (center, top) = (center - reach, left)
            } else if right > top {
                (center, top) = (center + reach, right)
            } else {
                let curvature = left - 2 * top + right
                if curvature < 0, curvature.isFinite { center += 0.5 * (left - right) / curvature * reach }
                break
            }
            reach /= 2
        }
        camera = Self.lens(model, exp(min(max(center, low), high)), footage)
    }

    func verdict() throws(ImagingError) -> RotationVerdict {
        let seconds = footage.frames.isEmpty ? 0 : footage.frames[footage.frames.count - 1].time - footage.frames[0].time
        func filled(_ finding: RotationFinding, _ reason: String) -> RotationVerdict {
            var v = RotationVerdict(finding, reason)
            v.camera = camera
            v.isCameraEstimated = isCameraEstimated
            v.isRotationEstimated = known == nil
            v.checkedSeconds = seconds
            v.pairCount = pairs.count
            v.readProblem = footage.problem
            return v
        }
        guard let alignment else {
            return filled(
                .undetermined,
                "\(pairs.count) of \(max(0, footage.frames.count - 1)) pairs of frames could be compared with the gyroscope, at least "
                    + "8 are needed: "
                    + "too dark or plain a picture, or telemetry of another time")
        }
        let turns = alignment.turns(pairs, gyroscope)
        let rates = turns.map { t -> (time: Double, body: Vector3, camera: Vector3) in
            let p = pairs[t.pair]
            return ((p.start + p.end) / 2, t.body / p.duration, t.camera / p.duration)
        }
        let (shake, slow) = Self.split(rates, window: options.slowWindow)
        let whole = Self.agreement(rates.map { ($0.body, $0.camera) })
        let fast = Self.agreement(shake)
        let turning = Self.agreement(slow)
        let degrees = 180 / Double.pi
        var v = filled(.consistent, "")
        v.explainedShare = whole.explained
        v.explainedShakeShare = fast.explained
        v.shakeGain = fast.gain
        v.shakeGainError = fast.gainError
        v.shakeDegrees = fast.signal * degrees
        v.rateResidualDegrees = whole.residual * degrees
        v.correlation = Self.correlation(rates.map { ($0.body.length, $0.camera.length) })
        v.clockOffset = ClockOffset(seconds: alignment.offset)
        v.gyroscopeBias = alignment.bias
        v.bodyFromCamera = alignment.bodyFromCamera
        v.slowGain = turning.gain
        decide(&v, slowDegrees: turning.signal * degrees)
        return v
    }

    private func decide(_ v: inout RotationVerdict, slowDegrees: Double) {
        let percent = Int((100 * max(0, v.explainedShakeShare)).rounded())
        let gain = "\(hundredths(v.shakeGain)) ± \(hundredths(v.shakeGainError))"
        let shake = "\(hundredths(v.shakeDegrees)) deg/s"
        let residual = "\(hundredths(v.rateResidualDegrees)) deg/s"
        let numbers = "gain \(gain), correlation \(hundredths(v.correlation)), residual \(residual) RMS"
        let lacksShake = v.shakeGain + 2 * v.shakeGainError < options.minimumShakeGain
        let comparable = Double(pairs.count) / Double(max(1, footage.frames.count - 1))
        v.finding = .undetermined
        if v.shakeDegrees < options.minimumShakeDegrees {
            v.reason =
                "the camera's shake is \(shake) RMS, below \(hundredths(options.minimumShakeDegrees)): too still to tell whether the "
                + "pictures are stabilised"
        } else if lacksShake, comparable < options.minimumPairShare {
            v.reason =
                "picture rotation against the gyro: \(numbers); only \(Int((100 * comparable).rounded())) % of neighbouring frames could be "
                + "compared: too little to tell whether they are stabilised"
        } else if lacksShake, slowDegrees > options.minimumSlowDegrees, v.slowGain < options.minimumSlowGain {
            v.finding = .stabilised
            v.reason =
                "the pictures show neither the gyro's shake (\(numbers)) nor its slow turns (gain \(hundredths(v.slowGain)), a stabiliser "
                + "lets at least \(hundredths(options.minimumSlowGain)) pass): stabilised in the camera, or the gyro's axes are not as the "
                + "device file states them, or it is of another recording; with ingest.checks_stabilisation=false the poses decide"
        } else if lacksShake {
            v.finding = .stabilised
            v.reason =
                "picture rotation explains only \(percent) % of the gyro's shake (\(shake) RMS, gain \(gain), at least "
                + "\(hundredths(options.minimumShakeGain)) is accepted): stabilised in the camera, or the gyro is of another recording; "
                + "record with HyperSmooth and every other stabilisation off"
        } else if v.shakeGain - v.shakeGainError > options.minimumShakeGain && v.correlation >= options.minimumCorrelation {
            v.finding = .consistent
            v.reason = "picture rotation follows the gyro: \(numbers)"
        } else {
            v.reason =
                "picture rotation against the gyro: \(numbers): too few or too blurred pictures to tell whether they are stabilised"
        }
    }

    private func hundredths(_ x: Double) -> String {
        let n = Int((abs(x) * 100).rounded())
        let fraction = n % 100
        return (x < 0 && n > 0 ? "-" : "") + "\(n / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// Each rate less the mean of its neighbours within half a window on either side, and that mean.
    static func split(
        _ rates: [(time: Double, body: Vector3, camera: Vector3)], window: Double
    ) -> (fast: [(Vector3, Vector3)], slow: [(Vector3, Vector3)]) {
        var out: (fast: [(Vector3, Vector3)], slow: [(Vector3, Vector3)]) = ([], [])
        var low = 0
        var high = 0
        var body = Vector3.zero
        var camera = Vector3.zero
        for r in rates {
            while high < rates.count && rates[high].time <= r.time + window / 2 {
                body += rates[high].body
                camera += rates[high].camera
                high += 1
            }
            while rates[low].time < r.time - window / 2 {
                body -= rates[low].body
                camera -= rates[low].camera
                low += 1
            }
            let n = Double(high - low)
            guard n >= 5 else { continue }
            out.fast.append((r.body - body / n, r.camera - camera / n))
            out.slow.append((body / n, camera / n))
        }
        return out
    }

    /// Robust agreement of camera rates with body rates: pairs whose difference is among the worst twentieth are left out.
    static func agreement(_ rates: [(Vector3, Vector3)]) -> (
        explained: Double, gain: Double, gainError: Double, signal: Double, residual: Double
    ) {
        guard rates.count >= 8 else { return (0, 0, .infinity, 0, 0) }
        let order = rates.indices.sorted {
            ((rates[$0].0 - rates[$0].1).squaredLength, $0) < ((rates[$1].0 - rates[$1].1).squaredLength, $1)
        }
        let kept = order.prefix(rates.count * 19 / 20)
        var bb = 0.0
        var bc = 0.0
        var rr = 0.0
        for i in kept {
            let (b, c) = rates[i]
            bb += b.squaredLength
            bc += b.dot(c)
            rr += (b - c).squaredLength
        }
        let n = Double(kept.count)
        guard bb > 0 else { return (0, 0, .infinity, 0, 0) }
        let gain = bc / bb
        var left = 0.0
        for i in kept { left += (rates[i].1 - gain * rates[i].0).squaredLength }
        return (1 - rr / bb, gain, (left / (3 * n) / bb).squareRoot(), (bb / n).squareRoot(), (rr / (3 * n)).squareRoot())
    }

    static func correlation(_ values: [(Double, Double)]) -> Double {
        let n = Double(max(values.count, 1))
        let a = values.reduce(0) { $0 + $1.0 } / n
        let b = values.reduce(0) { $0 + $1.1 } / n
        var (aa, bb, ab) = (0.0, 0.0, 0.0)
        for (x, y) in values {
            aa += (x - a) * (x - a)
            bb += (y - b) * (y - b)
            ab += (x - a) * (y - b)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }
}

public import Geometry

/// Gyroscope and accelerometer readings on one clock in seconds, each at its own times; frame `Body`.
public struct InertialSignal: Sendable {
    public var gyroscopeTimes: [Double]
    /// rad/s
    public var gyroscope: [Vector3]
    public var accelerometerTimes: [Double]
    /// Specific force, m/s².
    public var accelerometer: [Vector3]

    /// Times are strictly increasing, as many as readings.
    public init(gyroscopeTimes: [Double], gyroscope: [Vector3], accelerometerTimes: [Double], accelerometer: [Vector3]) {
        precondition(
            gyroscopeTimes.count == gyroscope.count && accelerometerTimes.count == accelerometer.count, "a reading has a time")
        self.gyroscopeTimes = gyroscopeTimes
        self.gyroscope = gyroscope
        self.accelerometerTimes = accelerometerTimes
        self.accelerometer = accelerometer
    }

    /// Angular rate at a time, straight between samples, held beyond the ends.
    public func rate(at time: Double) -> Vector3 { Self.interpolate(gyroscopeTimes, gyroscope, time) }

    /// Specific force at a time, straight between samples, held beyond the ends.
    public func force(at time: Double) -> Vector3 { Self.interpolate(accelerometerTimes, accelerometer, time) }

    /// The longest pause between samples of either sensor that touches a span, seconds; infinite where the span sticks out of the
    /// recording by more than `margin`.
    public func longestGap(from: Double, to: Double, margin: Double) -> Double {
        var worst = 0.0
        for times in [gyroscopeTimes, accelerometerTimes] {
            guard let first = times.first, let last = times.last, from >= first - margin, to <= last + margin else { return .infinity }
            var i = max(Self.upperIndex(times, from), 1)
            while i < times.count {
                worst = max(worst, times[i] - times[i - 1])
                if times[i] >= to { break }
                i += 1
            }
        }
        return worst
    }

    /// The first index whose time is greater than `time`.
    @inlinable static func upperIndex(_ times: [Double], _ time: Double) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] > time { high = middle } else { low = middle + 1 }
        }
        return low
    }

    static func interpolate(_ times: [Double], _ values: [Vector3], _ time: Double) -> Vector3 {
        guard !times.isEmpty else { return .zero }
        let above = upperIndex(times, time)
        if above == 0 { return values[0] }
        if above == times.count { return values[above - 1] }
        let f = (time - times[above - 1]) / (times[above] - times[above - 1])
        return values[above - 1] + (values[above] - values[above - 1]) * f
    }
}

/// Noise densities that preintegration assumes: rad/s/√Hz, m/s²/√Hz, and the biases' walks per √Hz.
public struct InertialDensities: Sendable, Equatable {
    public var gyroscope: Double
    public var accelerometer: Double
    public var gyroscopeWalk: Double
    public var accelerometerWalk: Double

    public init(gyroscope: Double, accelerometer: Double, gyroscopeWalk: Double, accelerometerWalk: Double) {
        self.gyroscope = gyroscope
        self.accelerometer = accelerometer
        self.gyroscopeWalk = gyroscopeWalk
        self.accelerometerWalk = accelerometerWalk
    }
}

/// The motion between two times as the IMU alone knows it, seen from the first time's body frame, gravity not yet removed.
///
/// Forster, Carlone, Dellaert, Scaramuzza, "On-manifold preintegration for real-time visual-inertial odometry" (TRO 2017), with the
/// mean of two neighbouring readings for each step instead of the left one, and steps that end at every sample time of either sensor, so
/// that the two need not share times. Cost is linear in the samples.
public struct Preintegration: Sendable {
    public private(set) var duration: Double
    /// First body frame from second: R_iᵀ R_j.
    public private(set) var rotation: Rotation
    /// R_iᵀ (v_j − v_i − g Δt), m/s.
    public private(set) var velocity: Vector3
    /// R_iᵀ (p_j − p_i − v_i Δt − ½ g Δt²), m.
    public private(set) var position: Vector3
    /// The biases it was integrated with.
    public let gyroscopeBias: Vector3
    public let accelerometerBias: Vector3
    /// What the readings of the three accelerometer axes were multiplied with.
    public let accelerometerGain: Vector3
    /// Derivatives by the biases, and by the gain.
    public private(set) var rotationByGyroscope: Matrix3
    public private(set) var velocityByGyroscope: Matrix3
    public private(set) var velocityByAccelerometer: Matrix3
    public private(set) var positionByGyroscope: Matrix3
    public private(set) var positionByAccelerometer: Matrix3
    public private(set) var velocityByGain: Matrix3
    public private(set) var positionByGain: Matrix3
    /// 9×9, order: rotation, velocity, position.
    public private(set) var covariance: DenseMatrix
    /// Standard deviations of the biases' walk over the span.
    public let gyroscopeWalkSigma: Double
    public let accelerometerWalkSigma: Double

    /// Integrates from `from` to `to` (seconds, from < to) on the signal's clock. Readings beyond the signal's ends are held.
    public init(
        _ signal: InertialSignal, from: Double, to: Double, gyroscopeBias: Vector3, accelerometerBias: Vector3, noise: InertialDensities,
        accelerometerGain: Vector3 = Vector3(repeating: 1)
    ) {
        precondition(to > from, "preintegration goes forward in time")
        self.gyroscopeBias = gyroscopeBias
        self.accelerometerBias = accelerometerBias
        self.accelerometerGain = accelerometerGain
        duration = to - from
        gyroscopeWalkSigma = noise.gyroscopeWalk * duration.squareRoot()
        accelerometerWalkSigma = noise.accelerometerWalk * duration.squareRoot()
        var r = Matrix3.identity
        var v = Vector3.zero
        var p = Vector3.zero
        var rg = Matrix3.zero
        var vg = Matrix3.zero
        var va = Matrix3.zero
        var pg = Matrix3.zero
        var pa = Matrix3.zero
        var vk = Matrix3.zero
        var pk = Matrix3.zero
        var c = Covariance9()
        var g = InertialSignal.upperIndex(signal.gyroscopeTimes, from)
        var a = InertialSignal.upperIndex(signal.accelerometerTimes, from)
        var time = from
        var w0 = signal.rate(at: from)
        var f0 = signal.force(at: from)
        while time < to {
            var next = to
            if g < signal.gyroscopeTimes.count { next = min(next, signal.gyroscopeTimes[g]) }
            if a < signal.accelerometerTimes.count { next = min(next, signal.accelerometerTimes[a]) }
            while g < signal.gyroscopeTimes.count, signal.gyroscopeTimes[g] <= next { g += 1 }
            while a < signal.accelerometerTimes.count, signal.accelerometerTimes[a] <= next { a += 1 }
            let dt = next - time
            if dt <= 0 { break }
            let w1 = signal.rate(at: next)
            let f1 = signal.force(at: next)
            let w = 0.5 * (w0 + w1) - gyroscopeBias
            let reading = 0.5 * (f0 + f1)
            let f = accelerometerGain * reading - accelerometerBias
            // Half-step attitude for the force: second order in dt.
            let half = Rotation(vector: w * (0.5 * dt)).matrix
            let full = Rotation(vector: w * dt).matrix
            let middle = r * half
            let jr = Rotation.rightJacobian(w * dt)
            let force = middle * f
            let forceSkew = middle * Matrix3.skew(f)
            // Derivatives before the state moves. The half step's own dependence on the gyroscope is of second order and kept.
            let rgMiddle = half.transposed * rg - 0.5 * dt * Rotation.rightJacobian(w * (0.5 * dt))
            let dvg = -(forceSkew * rgMiddle)
            pg = pg + dt * vg + (0.5 * dt * dt) * dvg
            pa = pa + dt * va - (0.5 * dt * dt) * middle
            vg = vg + dt * dvg
            va = va - dt * middle
            let byGain = middle * Matrix3(diagonal: reading)
            pk = pk + dt * vk + (0.5 * dt * dt) * byGain
            vk = vk + dt * byGain
            rg = full.transposed * rg - dt * jr
            c.propagate(
                full: full, half: half, middle: middle, forceSkew: forceSkew, jr: jr, dt: dt,
                gyroscope: noise.gyroscope * noise.gyroscope / dt, accelerometer: noise.accelerometer * noise.accelerometer / dt)
            p += v * dt + force * (0.5 * dt * dt)
            v += force * dt
            r = r * full
            time = next
            w0 = w1
            f0 = f1
        }
        rotation = Rotation(matrix: r)
        velocity = v
        position = p
        rotationByGyroscope = rg
        velocityByGyroscope = vg
        velocityByAccelerometer = va
        positionByGyroscope = pg
        positionByAccelerometer = pa
        velocityByGain = vk
        positionByGain = pk
        covariance = c.dense
    }
}

/// A symmetric 9×9 covariance in 3×3 blocks (rotation, velocity, position).
struct Covariance9 {
    var rr = Matrix3.zero, rv = Matrix3.zero, rp = Matrix3.zero
    var vv = Matrix3.zero, vp = Matrix3.zero, pp = Matrix3.zero

    mutating func propagate(
        full: Matrix3, half: Matrix3, middle: Matrix3, forceSkew: Matrix3, jr: Matrix3, dt: Double, gyroscope: Double,
        accelerometer: Double
    ) {
        // δR' = Fᵀ δR ; δv' = δv + A δR, A = −dt M [f]× halfᵀ ; δp' = δp + dt δv + ½dt A δR.
        let ft = full.transposed
        let a = -dt * (forceSkew * half.transposed)
        let h = (0.5 * dt) * a
        let at = a.transposed
        let ht = h.transposed
        // Rows of F·C.
        let (vr, pr, pv) = (rv.transposed, rp.transposed, vp.transposed)
        let r0 = (ft * rr, ft * rv, ft * rp)
        let r1 = (a * rr + vr, a * rv + vv, a * rp + vp)
        let r2 = (h * rr + dt * vr + pr, h * rv + dt * vv + pv, h * rp + dt * vp + pp)
        // Times Fᵀ.
        let nrr = r0.0 * full
        let nrv = r0.0 * at + r0.1
        let nrp = r0.0 * ht + dt * r0.1 + r0.2
        let nvv = r1.0 * at + r1.1
        let nvp = r1.0 * ht + dt * r1.1 + r1.2
        let npp = r2.0 * ht + dt * r2.1 + r2.2
        let gr = (dt * dt * gyroscope) * (jr * jr.transposed)
        let qa = dt * dt * accelerometer
        let identity = Matrix3.identity
        rr = nrr + gr
        rv = nrv
        rp = nrp
        vv = nvv + qa * identity
        vp = nvp + (0.5 * dt * qa) * identity
        pp = npp + (0.25 * dt * dt * qa) * identity
    }

    var dense: DenseMatrix {
        var m = DenseMatrix(rows: 9, columns: 9)
        let blocks = [[rr, rv, rp], [rv.transposed, vv, vp], [rp.transposed, vp.transposed, pp]]
        for (i, row) in blocks.enumerated() {
            for (j, block) in row.enumerated() {
                for r in 0..<3 { for c in 0..<3 { m[3 * i + r, 3 * j + c] = block[r, c] } }
            }
        }
        for i in 0..<9 { for j in 0..<i { (m[i, j], m[j, i]) = (0.5 * (m[i, j] + m[j, i]), 0.5 * (m[i, j] + m[j, i])) } }
        return m
    }
}

/// A rotating frame over time: a cumulative B-spline of degree 5 on SO(3), four times continuously differentiable.
///
/// Kim, Kim and Shin, "A general construction scheme for unit quaternion curves" (1995); the derivatives by the recursion of Sommer et al.,
/// "Efficient derivative computation for cumulative B-splines on Lie groups" (CVPR 2020). Neighbouring control rotations must differ by
/// less than π. Time and end conditions as in `VectorSpline`.
public struct RotationSpline: Sendable, Equatable {
    public let start: Double
    public let spacing: Double
    public let controls: [Rotation]
    /// Logarithms of the steps between neighbouring controls.
    private let steps: [Vector3]

    /// - Precondition: at least 6 control rotations and a positive spacing.
    public init(start: Double, spacing: Double, controls: [Rotation]) {
        precondition(controls.count >= 6 && spacing > 0, "a quintic spline needs six control rotations and a positive spacing")
        self.start = start
        self.spacing = spacing
        self.controls = controls
        steps = zip(controls, controls.dropFirst()).map { ($0.inverse * $1).vector }
    }

    /// Last time of the curve, seconds.
    public var end: Double { start + Double(controls.count - 5) * spacing }

    /// The rotation, with angular rate (rad/s) and angular acceleration (rad/s²), both in the rotating frame.
    public func evaluate(at time: Double) -> (value: Rotation, rate: Vector3, acceleration: Vector3) {
        let (k, u) = splineSegment(time, start, spacing, controls.count)
        let b = QuinticBasis(u)
        let n = b.five
        let cumulative = SIMD8(
            n.1 + n.2 + n.3 + n.4 + n.5, n.2 + n.3 + n.4 + n.5, n.3 + n.4 + n.5, n.4 + n.5, n.5, 0, 0, 0)
        let slope = SIMD8(b.four.0, b.four.1, b.four.2, b.four.3, b.four.4, 0, 0, 0) / spacing
        let t = b.three
        let curvature = SIMD8(-t.0, t.0 - t.1, t.1 - t.2, t.2 - t.3, t.3, 0, 0, 0) / (spacing * spacing)
        var value = controls[k]
        var rate = Vector3.zero
        var acceleration = Vector3.zero
        for j in 0..<5 {
            let d = steps[k + j]
            let a = Rotation(vector: cumulative[j] * d)
            let back = a.inverse
            value = value * a
            rate = back * rate + slope[j] * d
            acceleration = back * acceleration + slope[j] * rate.cross(d) + curvature[j] * d
        }
        return (value, rate, acceleration)
    }
}

/// A rigid motion with its derivatives at one instant.
///
/// `velocity` and `acceleration` are of the moving frame's origin, in the reference frame; `rate` and `rateDerivative` in the moving frame.
public struct MotionState<Reference, Moving>: Sendable {
    public var pose: Transform<Reference, Moving>
    public var velocity: Vector3
    public var acceleration: Vector3
    public var rate: Vector3
    public var rateDerivative: Vector3

    public init(pose: Transform<Reference, Moving>, velocity: Vector3, acceleration: Vector3, rate: Vector3, rateDerivative: Vector3) {
        self.pose = pose
        self.velocity = velocity
        self.acceleration = acceleration
        self.rate = rate
        self.rateDerivative = rateDerivative
    }

    /// The motion of another frame that is bolted to the moving one.
    public func carried<Other>(to movingFromOther: Transform<Moving, Other>) -> MotionState<Reference, Other> {
        let r = movingFromOther.translation
        let back = movingFromOther.rotation.inverse
        return MotionState<Reference, Other>(
            pose: pose * movingFromOther,
            velocity: velocity + pose.rotation * rate.cross(r),
            acceleration: acceleration + pose.rotation * (rateDerivative.cross(r) + rate.cross(rate.cross(r))),
            rate: back * rate, rateDerivative: back * rateDerivative)
    }
}

/// A rigid motion as two splines on the same knots: position and rotation apart.
public struct PoseSpline<Reference, Moving>: Sendable {
    public let position: VectorSpline
    public let rotation: RotationSpline

    /// - Precondition: at least 6 control poses and a positive spacing.
    public init(start: Double, spacing: Double, controls: [Transform<Reference, Moving>]) {
        position = VectorSpline(start: start, spacing: spacing, controls: controls.map(\.translation))
        rotation = RotationSpline(start: start, spacing: spacing, controls: controls.map(\.rotation))
    }

    public var start: Double { position.start }
    public var end: Double { position.end }

    public func pose(at time: Double) -> Transform<Reference, Moving> {
        Transform(rotation: rotation.evaluate(at: time).value, translation: position.evaluate(at: time).value)
    }

    public func state(at time: Double) -> MotionState<Reference, Moving> {
        let p = position.evaluate(at: time)
        let r = rotation.evaluate(at: time)
        return MotionState(
            pose: Transform(rotation: r.value, translation: p.value), velocity: p.velocity, acceleration: p.acceleration, rate: r.rate,
            rateDerivative: r.acceleration)
    }
}

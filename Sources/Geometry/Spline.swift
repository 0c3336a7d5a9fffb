/// The basis of a uniform B-spline of degree 5 in one segment, with the lower degrees that its derivatives need.
///
/// Cox and de Boor's recursion on unit knots. `u` in [0, 1] is the place in the segment. A quintic spline has four continuous derivatives.
@usableFromInline
struct QuinticBasis {
    /// Weights of the segment's six control points.
    @usableFromInline var five: (Double, Double, Double, Double, Double, Double)
    /// Weights of the five first differences, for the first derivative.
    @usableFromInline var four: (Double, Double, Double, Double, Double)
    /// Weights of the four second differences, for the second derivative.
    @usableFromInline var three: (Double, Double, Double, Double)

    @inlinable init(_ u: Double) {
        let v = 1 - u
        // Degree 2, then one step of the recursion per degree: N_k[i] = ((u + k − i) N_{k−1}[i−1] + (i + 1 − u) N_{k−1}[i]) / k.
        let (a0, a1, a2) = (v * v / 2, (1 + 2 * u * v) / 2, u * u / 2)
        let b0 = v * a0 / 3
        let b1 = ((u + 2) * a0 + (2 - u) * a1) / 3
        let b2 = ((u + 1) * a1 + (3 - u) * a2) / 3
        let b3 = u * a2 / 3
        three = (b0, b1, b2, b3)
        let c0 = v * b0 / 4
        let c1 = ((u + 3) * b0 + (2 - u) * b1) / 4
        let c2 = ((u + 2) * b1 + (3 - u) * b2) / 4
        let c3 = ((u + 1) * b2 + (4 - u) * b3) / 4
        let c4 = u * b3 / 4
        four = (c0, c1, c2, c3, c4)
        five = (
            v * c0 / 5, ((u + 4) * c0 + (2 - u) * c1) / 5, ((u + 3) * c1 + (3 - u) * c2) / 5, ((u + 2) * c2 + (4 - u) * c3) / 5,
            ((u + 1) * c3 + (5 - u) * c4) / 5, u * c4 / 5
        )
    }
}

/// A curve in space: a uniform B-spline of degree 5, four times continuously differentiable.
///
/// Control point k belongs to time `start + (k − 2) · spacing` at the middle of its reach; the curve is defined on `start ... end`.
/// Outside that span the nearest end segment is continued as a polynomial. Each evaluation takes constant time.
public struct VectorSpline: Sendable, Equatable {
    /// First time of the curve, seconds.
    public let start: Double
    /// Seconds between knots.
    public let spacing: Double
    public let controls: [Vector3]

    /// - Precondition: at least 6 control points and a positive spacing.
    public init(start: Double, spacing: Double, controls: [Vector3]) {
        precondition(controls.count >= 6 && spacing > 0, "a quintic spline needs six control points and a positive spacing")
        self.start = start
        self.spacing = spacing
        self.controls = controls
    }

    /// Last time of the curve, seconds.
    public var end: Double { start + Double(controls.count - 5) * spacing }

    /// The time at which control point `k` of a spline weighs most, seconds.
    public static func time(ofControl k: Int, start: Double, spacing: Double) -> Double { start + (Double(k) - 2) * spacing }

    /// Position and its first two derivatives by time.
    public func evaluate(at time: Double) -> (value: Vector3, velocity: Vector3, acceleration: Vector3) {
        let (k, u) = splineSegment(time, start, spacing, controls.count)
        let b = QuinticBasis(u)
        let (p0, p1, p2) = (controls[k], controls[k + 1], controls[k + 2])
        let (p3, p4, p5) = (controls[k + 3], controls[k + 4], controls[k + 5])
        let (d0, d1, d2, d3, d4) = (p1 - p0, p2 - p1, p3 - p2, p4 - p3, p5 - p4)
        // Differences against the first point keep full precision far from the origin.
        let value = p0 + b.five.1 * (p1 - p0) + b.five.2 * (p2 - p0) + b.five.3 * (p3 - p0) + b.five.4 * (p4 - p0) + b.five.5 * (p5 - p0)
        let velocity = b.four.0 * d0 + b.four.1 * d1 + b.four.2 * d2 + b.four.3 * d3 + b.four.4 * d4
        let acceleration = b.three.0 * (d1 - d0) + b.three.1 * (d2 - d1) + b.three.2 * (d3 - d2) + b.three.3 * (d4 - d3)
        return (value, velocity / spacing, acceleration / (spacing * spacing))
    }
}

@inlinable func splineSegment(_ time: Double, _ start: Double, _ spacing: Double, _ count: Int) -> (index: Int, u: Double) {
    let s = (time - start) / spacing
    let k = Int(min(max(s.rounded(.down), 0), Double(count - 6)))
    return (k, s - Double(k))
}

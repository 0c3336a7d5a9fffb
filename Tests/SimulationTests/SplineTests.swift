import Geometry
import Testing

/// A small seeded generator, apart from the code under test.
struct Lehmer {
    var state: UInt64

    init(_ seed: UInt64) { state = seed * 2 + 1 }

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-52 - 1
    }

    mutating func vector() -> Vector3 { Vector3(next(), next(), next()) }
}

@Suite struct SplineTests {
    @Test func positionDerivativesAgreeWithDifferences() {
        var random = Lehmer(3)
        let spline = VectorSpline(start: -0.2, spacing: 0.1, controls: (0..<20).map { _ in random.vector() })
        let h = 1e-4
        for k in 0..<140 {
            let t = -0.19 + 0.0107 * Double(k)
            let (a, b, c) = (spline.evaluate(at: t - h), spline.evaluate(at: t), spline.evaluate(at: t + h))
            #expect(((c.value - a.value) / (2 * h) - b.velocity).length < 2e-4 * max(1, b.velocity.length))
            #expect(((c.velocity - a.velocity) / (2 * h) - b.acceleration).length < 2e-3 * max(1, b.acceleration.length))
        }
    }

    @Test func splineIsContinuousToTheFourthDerivativeAcrossKnots() {
        // Fourth differences of a C4 curve are the same on both sides of a knot, up to O(h): a jump would be of order 1/spacing⁴ = 1e4.
        var random = Lehmer(5)
        let spline = VectorSpline(start: 0, spacing: 0.1, controls: (0..<12).map { _ in random.vector() })
        let h = 1e-3
        func fourth(_ t: Double) -> Vector3 {
            let p = (-2...2).map { spline.evaluate(at: t + Double($0) * h).value }
            return (p[0] - 4 * p[1] + 6 * p[2] - 4 * p[3] + p[4]) / (h * h * h * h)
        }
        for knot in [0.1, 0.3, 0.5] {
            let before = fourth(knot - 2.5 * h)
            let after = fourth(knot + 2.5 * h)
            #expect((after - before).length < 0.35 * max(before.length, after.length, 2e4))
        }
    }

    @Test func rotationDerivativesAgreeWithDifferences() {
        var random = Lehmer(7)
        var controls = [Rotation.identity]
        for _ in 0..<16 { controls.append(controls[controls.count - 1] * Rotation(vector: 0.5 * random.vector())) }
        let spline = RotationSpline(start: 1, spacing: 0.1, controls: controls)
        let h = 1e-4
        for k in 0..<100 {
            let t = 1.005 + 0.0107 * Double(k)
            let (a, b, c) = (spline.evaluate(at: t - h), spline.evaluate(at: t), spline.evaluate(at: t + h))
            let rate = (a.value.inverse * c.value).vector / (2 * h)
            #expect((rate - b.rate).length < 1e-4 * max(1, b.rate.length))
            #expect(((c.rate - a.rate) / (2 * h) - b.acceleration).length < 1e-3 * max(1, b.acceleration.length))
        }
    }

    @Test func motionOfABoltedFrameAgreesWithDifferences() {
        var random = Lehmer(11)
        var poses: [Transform<Table, Tool>] = []
        var turn = Rotation.identity
        for _ in 0..<16 {
            turn = turn * Rotation(vector: 0.4 * random.vector())
            poses.append(Transform(rotation: turn, translation: 0.3 * random.vector()))
        }
        let spline = PoseSpline(start: 0, spacing: 0.1, controls: poses)
        let offset = Transform<Tool, Camera>(rotation: Rotation(vector: Vector3(0.3, -0.2, 0.9)), translation: Vector3(0.1, -0.2, 0.3))
        let h = 1e-4
        for k in 1..<90 {
            let t = 0.0117 * Double(k)
            let (a, b, c) = (
                spline.state(at: t - h).carried(to: offset), spline.state(at: t).carried(to: offset),
                spline.state(at: t + h).carried(to: offset)
            )
            #expect(((c.pose.translation - a.pose.translation) / (2 * h) - b.velocity).length < 2e-4 * max(1, b.velocity.length))
            #expect(((c.velocity - a.velocity) / (2 * h) - b.acceleration).length < 2e-3 * max(1, b.acceleration.length))
            #expect(((a.pose.rotation.inverse * c.pose.rotation).vector / (2 * h) - b.rate).length < 1e-4 * max(1, b.rate.length))
        }
    }

    @Test func constantControlsGiveAConstantCurve() {
        let p = Vector3(1e3, -2e3, 5)
        let spline = VectorSpline(start: 0, spacing: 0.1, controls: Array(repeating: p, count: 9))
        let state = spline.evaluate(at: 0.217)
        #expect((state.value - p).length < 1e-12 && state.velocity.length < 1e-9 && state.acceleration.length < 1e-9)
    }
}

import Geometry
import Testing

/// Seeded, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func vector(_ size: Double) -> Vector3 {
        Vector3(.random(in: -size...size, using: &self), .random(in: -size...size, using: &self), .random(in: -size...size, using: &self))
    }
}

@Suite struct RotationLaws {
    @Test func groupLaws() {
        var random = SplitMix(state: 1)
        for _ in 0..<200 {
            let a = Rotation(vector: random.vector(2))
            let b = Rotation(vector: random.vector(2))
            let v = random.vector(5)
            #expect(((a * b) * v - a * (b * v)).length < 1e-12)
            #expect((a.inverse * (a * v) - v).length < 1e-12)
            #expect((a.matrix * v - a * v).length < 1e-12)
            #expect(abs((a * v).length - v.length) < 1e-12)
            #expect(Rotation(matrix: a.matrix).angle(to: a) < 1e-7)
        }
    }

    @Test(arguments: [0, 1e-12, 1e-9, 1e-5, 1e-4, 0.3, 3.0, Double.pi - 1e-7])
    func exponentialAndLogarithmAreInverse(angle: Double) {
        var random = SplitMix(state: 2)
        for _ in 0..<20 {
            let v = random.vector(1).normalized * angle
            #expect((Rotation(vector: v).vector - v).length < 1e-9)
        }
    }

    @Test func rotatesByTheRightHand() {
        let quarter = Rotation(axis: Vector3(0, 0, 1), angle: .pi / 2)
        #expect((quarter * Vector3(1, 0, 0) - Vector3(0, 1, 0)).length < 1e-15)
    }

    @Test func halfTurnsFromMatrices() {
        for axis in [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1), Vector3(1, 1, 0).normalized, Vector3(-1, 2, 3).normalized] {
            let r = Rotation(axis: axis, angle: .pi)
            #expect(Rotation(matrix: r.matrix).angle(to: r) < 1e-7)
        }
    }

    @Test func carriesOneDirectionOntoAnother() {
        var random = SplitMix(state: 3)
        for _ in 0..<50 {
            let a = random.vector(1)
            let b = random.vector(1)
            #expect((Rotation(carrying: a, onto: b) * a.normalized - b.normalized).length < 1e-12)
            #expect((Rotation(carrying: a, onto: -a) * a.normalized + a.normalized).length < 1e-12)
        }
    }

    @Test func rightJacobianAgainstFiniteDifferences() {
        var random = SplitMix(state: 4)
        let h = 1e-6
        for scale in [1e-5, 0.1, 1.0, 1.7] {
            for _ in 0..<20 {
                let phi = random.vector(scale)
                let jacobian = Rotation.rightJacobian(phi)
                for k in 0..<3 {
                    var d = Vector3.zero
                    d[k] = h
                    let moved = (Rotation(vector: phi).inverse * Rotation(vector: phi + d)).vector / h
                    #expect((moved - jacobian[column: k]).length < 2e-5)
                }
                #expect((jacobian * (Rotation.inverseRightJacobian(phi) * phi) - phi).length < 1e-9)
                let v = random.vector(1)
                #expect((jacobian * (Rotation.inverseRightJacobian(phi) * v) - v).length < 1e-6)
            }
        }
    }

    @Test func interpolationIsUniform() {
        let a = Rotation(vector: Vector3(0.1, 0.2, -0.3))
        let b = Rotation(vector: Vector3(-0.5, 1.0, 0.4))
        let whole = a.angle(to: b)
        #expect(abs(a.interpolated(to: b, fraction: 0.25).angle(to: a) - 0.25 * whole) < 1e-12)
        #expect(a.interpolated(to: b, fraction: 1).angle(to: b) < 1e-7)
    }
}

@Suite struct TransformLaws {
    @Test func chainsAndInverses() {
        var random = SplitMix(state: 5)
        for _ in 0..<50 {
            let tableFromMap = Transform<Table, Map>(rotation: Rotation(vector: random.vector(2)), translation: random.vector(3))
            let mapFromCamera = Transform<Map, Camera>(rotation: Rotation(vector: random.vector(2)), translation: random.vector(3))
            let p = random.vector(4)
            let tableFromCamera = tableFromMap * mapFromCamera
            #expect((tableFromCamera * p - tableFromMap * (mapFromCamera * p)).length < 1e-12)
            #expect((tableFromCamera.inverse * (tableFromCamera * p) - p).length < 1e-12)
        }
    }
}

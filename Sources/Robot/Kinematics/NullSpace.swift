internal import Geometry

extension InverseKinematics {
    /// Moves a posture towards another by a share of the way, as far as the tool stays where it is: g − Jᵀ(J Jᵀ + ε)⁻¹ J g.
    func drift(_ q: inout [Double], towards other: [Double], by share: Double) {
        let chain = kinematics.chain
        for i in 0..<n {
            joints[i] = q[i]
            step[i] = (other[i] - q[i]) * share
        }
        chain.place(joints)
        chain.jacobian(into: jacobian)
        for a in 0..<6 {
            let ja = jacobian + a * n
            var sum = 0.0
            for i in 0..<n { sum += ja[i] * step[i] }
            right[a] = sum
            for b in 0...a {
                let jb = jacobian + b * n
                var dot = 0.0
                for i in 0..<n { dot += ja[i] * jb[i] }
                system[a * 6 + b] = dot
            }
            system[a * 6 + a] += 1e-6
        }
        solveCholesky6(system, right)
        for i in 0..<n {
            var sum = step[i]
            for a in 0..<6 { sum -= jacobian[a * n + i] * right[a] }
            q[i] = min(max(q[i] + sum, bounds[2 * i]), bounds[2 * i + 1])
        }
    }
}

extension Kinematics {
    /// The smallest singular value of the tool's Jacobian, translations in metres and rotations times `lever` metres: 0 where the arm cannot
    /// move its tool in some direction that it has joints for. By the smallest eigenvalue of J Jᵀ (Jacobi rotations), of Jᵀ J where there are
    /// fewer than six joints.
    public func smallestSingularValue(_ q: [Double], lever: Double = 0.3) -> Double {
        precondition(q.count == jointCount, "a posture has one number for each joint")
        q.withUnsafeBufferPointer { if let p = $0.baseAddress { chain.place(p) } }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: 6 * jointCount + 36) { buffer in
            guard let a = buffer.baseAddress else { return 0 }
            let size = gram(into: a, scratch: a + 36, lever: lever)
            return Self.smallestEigenvalue(a, size: size).squareRoot()
        }
    }

    /// Whether the smallest singular value of the chain's posture is over `limit`: one Cholesky factorisation of J Jᵀ − limit².
    func isRegular(over limit: Double, lever: Double) -> Bool {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 6 * jointCount + 36) { buffer in
            guard let a = buffer.baseAddress else { return false }
            let size = gram(into: a, scratch: a + 36, lever: lever)
            for i in 0..<size {
                for j in 0...i {
                    var sum = a[i * size + j] - (i == j ? limit * limit : 0)
                    for k in 0..<j { sum -= a[i * size + k] * a[j * size + k] }
                    if i == j {
                        if sum <= 0 { return false }
                        a[i * size + i] = sum.squareRoot()
                    } else {
                        a[i * size + j] = sum / a[j * size + j]
                    }
                }
            }
            return true
        }
    }

    /// J Jᵀ of the chain's posture with rotations weighted, or Jᵀ J where there are fewer than six joints; gives its size.
    private func gram(into a: UnsafeMutablePointer<Double>, scratch j: UnsafeMutablePointer<Double>, lever: Double) -> Int {
        chain.jacobian(into: j)
        for k in 3 * jointCount..<6 * jointCount { j[k] *= lever }
        let size = min(6, jointCount)
        for r in 0..<size {
            for c in 0..<size {
                var sum = 0.0
                if jointCount >= 6 {
                    for i in 0..<jointCount { sum += j[r * jointCount + i] * j[c * jointCount + i] }
                } else {
                    for i in 0..<6 { sum += j[i * jointCount + r] * j[i * jointCount + c] }
                }
                a[r * size + c] = sum
            }
        }
        return size
    }

    private static func smallestEigenvalue(_ a: UnsafeMutablePointer<Double>, size: Int) -> Double {
        for _ in 0..<30 {
            var off = 0.0
            for p in 0..<size { for q in p + 1..<max(p + 1, size) { off += a[p * size + q] * a[p * size + q] } }
            if off < 1e-22 { break }
            for p in 0..<size {
                for q in p + 1..<max(p + 1, size) where a[p * size + q] != 0 {
                    let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<size {
                        let (x, y) = (a[k * size + p], a[k * size + q])
                        a[k * size + p] = c * x - s * y
                        a[k * size + q] = s * x + c * y
                    }
                    for k in 0..<size {
                        let (x, y) = (a[p * size + k], a[q * size + k])
                        a[p * size + k] = c * x - s * y
                        a[q * size + k] = s * x + c * y
                    }
                }
            }
        }
        return max(0, (0..<size).reduce(Double.infinity) { min($0, a[$1 * size + $1]) })
    }
}

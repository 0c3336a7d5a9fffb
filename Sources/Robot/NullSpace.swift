internal import Geometry

extension InverseKinematics {
    /// The part of a joint motion that does not move the tool: g − Jᵀ(J Jᵀ + ε)⁻¹ J g, in the posture given.
    func selfMotion(_ gradient: [Double], at q: [Double]) -> [Double] {
        let jacobian = kinematics.jacobian(q)
        var system = [Double](repeating: 0, count: 36)
        var right = [Double](repeating: 0, count: 6)
        for a in 0..<6 {
            for i in 0..<n { right[a] += jacobian[a * n + i] * gradient[i] }
            for b in 0...a {
                for i in 0..<n { system[a * 6 + b] += jacobian[a * n + i] * jacobian[b * n + i] }
            }
            system[a * 6 + a] += 1e-6
        }
        system.withUnsafeMutableBufferPointer { s in
            right.withUnsafeMutableBufferPointer { r in
                if let s = s.baseAddress, let r = r.baseAddress { solveCholesky6(s, r) }
            }
        }
        var out = gradient
        for i in 0..<n { for a in 0..<6 { out[i] -= jacobian[a * n + i] * right[a] } }
        return out
    }
}

extension Kinematics {
    /// The smallest singular value of the tool's Jacobian, translations in metres and rotations times `lever` metres: 0 where the arm cannot
    /// move its tool in some direction. By the smallest eigenvalue of J Jᵀ (Jacobi rotations).
    public func smallestSingularValue(_ q: [Double], lever: Double = 0.3) -> Double {
        var j = jacobian(q)
        for k in 3 * jointCount..<6 * jointCount { j[k] *= lever }
        var a = [Double](repeating: 0, count: 36)
        for r in 0..<6 {
            for c in 0..<6 {
                var sum = 0.0
                for i in 0..<jointCount { sum += j[r * jointCount + i] * j[c * jointCount + i] }
                a[r * 6 + c] = sum
            }
        }
        for _ in 0..<30 {
            var off = 0.0
            for p in 0..<5 { for q in p + 1..<6 { off += a[p * 6 + q] * a[p * 6 + q] } }
            if off < 1e-22 { break }
            for p in 0..<5 {
                for q in p + 1..<6 where a[p * 6 + q] != 0 {
                    let theta = (a[q * 6 + q] - a[p * 6 + p]) / (2 * a[p * 6 + q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<6 {
                        (a[k * 6 + p], a[k * 6 + q]) = (c * a[k * 6 + p] - s * a[k * 6 + q], s * a[k * 6 + p] + c * a[k * 6 + q])
                    }
                    for k in 0..<6 {
                        (a[p * 6 + k], a[q * 6 + k]) = (c * a[p * 6 + k] - s * a[q * 6 + k], s * a[p * 6 + k] + c * a[q * 6 + k])
                    }
                }
            }
        }
        return max(0, (0..<6).map { a[$0 * 7] }.min() ?? 0).squareRoot()
    }
}

/// A similarity that carries estimated positions onto true ones: `to ≈ scale · rotation · from + translation`.
public struct Alignment: Sendable, Equatable {
    public var rotation: Rotation
    public var translation: Vector3
    public var scale: Double

    public init(rotation: Rotation, translation: Vector3, scale: Double = 1) {
        self.rotation = rotation
        self.translation = translation
        self.scale = scale
    }

    @inlinable public func apply(_ p: Vector3) -> Vector3 { scale * (rotation * p) + translation }

    /// The least-squares rigid (or, with `withScale`, similarity) alignment of two equally long lists of points.
    ///
    /// Umeyama, "Least-squares estimation of transformation parameters between two point patterns" (PAMI 1991). The rotation is found as
    /// Horn's quaternion (JOSA 1987) instead of by SVD: the largest eigenvector of a 4×4 symmetric matrix, by Jacobi rotations.
    /// Fewer than 3 points, or points on a line, leave the rotation undetermined: nil for fewer than 3.
    public static func fit(from: [Vector3], to: [Vector3], withScale: Bool) -> Alignment? {
        precondition(from.count == to.count, "alignment needs as many points on both sides")
        guard from.count >= 3 else { return nil }
        let n = Double(from.count)
        let a = from.reduce(Vector3.zero, +) / n
        let b = to.reduce(Vector3.zero, +) / n
        var m = Matrix3.zero
        var spread = 0.0
        for (p, q) in zip(from, to) {
            m = m + Matrix3.outer(p - a, q - b)
            spread += (p - a).squaredLength
        }
        guard spread > 0 else { return nil }
        let (sxx, sxy, sxz) = (m[0, 0], m[0, 1], m[0, 2])
        let (syx, syy, syz) = (m[1, 0], m[1, 1], m[1, 2])
        let (szx, szy, szz) = (m[2, 0], m[2, 1], m[2, 2])
        let horn: [[Double]] = [
            [sxx + syy + szz, syz - szy, szx - sxz, sxy - syx],
            [syz - szy, sxx - syy - szz, sxy + syx, szx + sxz],
            [szx - sxz, sxy + syx, -sxx + syy - szz, syz + szy],
            [sxy - syx, szx + sxz, syz + szy, -sxx - syy + szz],
        ]
        let q = largestEigenvector(horn)
        let rotation = Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0]))
        var scale = 1.0
        if withScale {
            var dot = 0.0
            for (p, t) in zip(from, to) { dot += (t - b).dot(rotation * (p - a)) }
            scale = dot / spread
        }
        return Alignment(rotation: rotation, translation: b - scale * (rotation * a), scale: scale)
    }

    /// The eigenvector of the largest eigenvalue of a small symmetric matrix, by cyclic Jacobi rotations.
    static func largestEigenvector(_ matrix: [[Double]]) -> [Double] {
        let n = matrix.count
        var a = matrix
        var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0.0 } }
        for _ in 0..<60 {
            var off = 0.0
            var all = 0.0
            for i in 0..<n { for j in 0..<n { if i != j { off += a[i][j] * a[i][j] } else { all += a[i][i] * a[i][i] } } }
            if off <= 1e-30 * all { break }
            for p in 0..<n {
                for q in (p + 1)..<n where a[p][q] != 0 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                    for k in 0..<n { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
                }
            }
        }
        let best = (0..<n).max { a[$0][$0] < a[$1][$1] } ?? 0
        return (0..<n).map { v[$0][best] }
    }
}

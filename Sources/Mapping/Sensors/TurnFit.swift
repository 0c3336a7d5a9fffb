internal import Estimation
internal import Geometry
internal import Session

/// The gyroscope's turns as a linear map of the pictures', with a bias: what its axes and gains really are.
struct TurnFit {
    /// Gyroscope from pictures, both in the body's axes of the device file; identity for a sensor that is as stated.
    private(set) var map = Matrix3.identity
    /// rad/s
    private(set) var bias = Vector3.zero
    /// Share of the gyroscope's squared turns that are explained, 0 to 1.
    private(set) var explained = 0.0

    /// Least squares with Cauchy weights; nil where the turns do not determine all nine numbers.
    init?(_ turns: [(body: Vector3, camera: Vector3, duration: Double)]) {
        var weights = [Double](repeating: 1, count: turns.count)
        for _ in 0..<5 {
            var h = DenseMatrix(identity: 4, scale: 1e-9)
            var g = DenseMatrix(rows: 4, columns: 3)
            for (t, w) in zip(turns, weights) {
                let a = [t.camera.x, t.camera.y, t.camera.z, t.duration]
                for r in 0..<4 {
                    for c in 0..<4 { h[r, c] += w * a[r] * a[c] }
                    for c in 0..<3 { g[r, c] += w * a[r] * t.body[c] }
                }
            }
            guard let l = h.cholesky() else { return nil }
            let x = l.choleskySolve(g)
            map = Matrix3(
                columns: Vector3(x[0, 0], x[0, 1], x[0, 2]), Vector3(x[1, 0], x[1, 1], x[1, 2]), Vector3(x[2, 0], x[2, 1], x[2, 2]))
            bias = Vector3(x[3, 0], x[3, 1], x[3, 2])
            let left = turns.map { ($0.body - map * $0.camera - $0.duration * bias).length }
            let scale = max(1e-4, 2 * left.sorted()[left.count / 2])
            weights = left.map { 1 / (1 + ($0 / scale) * ($0 / scale)) }
            let order = left.indices.sorted { (left[$0], $0) < (left[$1], $1) }.prefix(max(1, left.count * 19 / 20))
            let all = order.reduce(0) { $0 + turns[$1].body.squaredLength }
            explained = all > 0 ? 1 - order.reduce(0) { $0 + left[$1] * left[$1] } / all : 0
        }
    }
}

extension Matrix3 {
    /// What a sensor's map from the device's axes is in words: a gain, other axes, or the numbers; nil where it is the identity to a
    /// tolerance.
    func sensorFault(tolerance: Double) -> (fault: SensorJudgement.Fault, words: String)? {
        let diagonal = [self[0, 0], self[1, 1], self[2, 2]]
        var off = 0.0
        for r in 0..<3 { for c in 0..<3 where r != c { off = max(off, abs(self[r, c])) } }
        let text = diagonal.map { $0.fixed(2) }.joined(separator: ", ")
        if off < 0.25 * (diagonal.map(abs).max() ?? 1), diagonal.allSatisfy({ $0 > 0.05 }) {
            return diagonal.contains { abs($0 - 1) > tolerance } ? (.gain, "its gains on x, y, z are \(text)") : nil
        }
        let names = ["x", "y", "z"]
        let read = (0..<3).map { r in (0..<3).max { abs(self[r, $0]) < abs(self[r, $1]) } ?? r }
        // Turns about one axis alone leave the others' numbers open.
        if (0..<3).allSatisfy({ read[$0] == $0 && self[$0, $0] > 0 }) {
            return diagonal.contains { abs($0 - 1) > tolerance } ? (.gain, "its gains on x, y, z are \(text)") : nil
        }
        let axes = (0..<3).map { r -> String in
            let c = read[r]
            return "\(names[r]) reads \(self[r, c] < 0 ? "-" : "")\(names[c])"
        }
        return (.axes, "of the device's axes its \(axes.joined(separator: ", "))")
    }
}

internal import Estimation

#if canImport(Glibc)
    internal import Glibc
#endif

func logOnePlus(_ x: Double) -> Double { log1p(x) }

/// A residual with its Jacobians at given blocks, outside of the solver.
func linearized(_ f: some ResidualFunction, _ blocks: [[Double]]) -> (residual: [Double], jacobians: [[Double]]) {
    let total = blocks.reduce(0) { $0 + $1.count }
    var values = [Double]()
    values.reserveCapacity(total)
    for b in blocks { values += b }
    var residual = [Double](repeating: 0, count: f.dimension)
    var flat = [Double](repeating: 0, count: total * f.dimension)
    values.withUnsafeBufferPointer { v in
        flat.withUnsafeMutableBufferPointer { j in
            residual.withUnsafeMutableBufferPointer { r in
                guard let v = v.baseAddress, let j = j.baseAddress, let r = r.baseAddress else { return }
                var parameters: [UnsafePointer<Double>?] = []
                var jacobians: [UnsafeMutablePointer<Double>?] = []
                var at = 0
                for b in blocks {
                    parameters.append(v + at)
                    jacobians.append(j + at * f.dimension)
                    at += b.count
                }
                _ = f.evaluate(parameters, residuals: r, jacobians: jacobians)
            }
        }
    }
    var out: [[Double]] = []
    var at = 0
    for b in blocks {
        out.append(Array(flat[(at * f.dimension)..<((at + b.count) * f.dimension)]))
        at += b.count
    }
    return (residual, out)
}

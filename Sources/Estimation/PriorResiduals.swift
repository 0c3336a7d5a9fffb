internal import Geometry

/// What is known beforehand of a Euclidean block, each number with its own standard deviation.
public struct VectorPrior: ResidualFunction {
    public var mean: [Double]
    /// 1/σ.
    public var weights: [Double]

    public init(mean: [Double], sigmas: [Double]) {
        precondition(mean.count == sigmas.count && sigmas.allSatisfy { $0 > 0 }, "a prior has a positive sigma for each number")
        self.mean = mean
        weights = sigmas.map { 1 / $0 }
    }

    public var dimension: Int { mean.count }

    public func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let x = parameters[0] else { return false }
        let n = mean.count
        for i in 0..<n { residuals[i] = (x[i] - mean[i]) * weights[i] }
        if let j = jacobians?[0] {
            j.update(repeating: 0, count: n * n)
            for i in 0..<n { j[i * n + i] = weights[i] }
        }
        return true
    }
}

/// The distance between two poses' origins, metres or any unit: holds the scale where nothing else does. Blocks: pose (7), pose (7).
public struct DistancePrior: ResidualFunction {
    public var distance: Double
    /// 1/σ.
    public var weight: Double

    public init(distance: Double, sigma: Double) {
        precondition(distance > 0 && sigma > 0, "a distance prior has a positive distance and sigma")
        self.distance = distance
        weight = 1 / sigma
    }

    public var dimension: Int { 1 }

    public func evaluate(
        _ parameters: UnsafePointer<UnsafePointer<Double>?>, residuals: UnsafeMutablePointer<Double>,
        jacobians: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) -> Bool {
        guard let a = parameters[0], let b = parameters[1] else { return false }
        let way = b.vector() - a.vector()
        let length = way.length
        guard length > 0 else { return false }
        residuals[0] = (length - distance) * weight
        let direction = way * (weight / length)
        if let j = jacobians?[0] {
            j.update(repeating: 0, count: 7)
            j.setRow(-direction, row: 0, column: 0, stride: 7)
        }
        if let j = jacobians?[1] {
            j.update(repeating: 0, count: 7)
            j.setRow(direction, row: 0, column: 0, stride: 7)
        }
        return true
    }
}

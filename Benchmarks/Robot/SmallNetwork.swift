internal import Estimation
internal import Glibc

/// A multilayer perceptron of two hidden layers (tanh), trained with Adam on squared errors of scaled outputs: what a policy has to learn, in small.
struct SmallNetwork {
    private let sizes: [Int]
    private var weights: [[Double]] = []
    private var first: [[Double]] = []
    private var second: [[Double]] = []
    private var steps = 0

    init(inputs: Int, hidden: Int, outputs: Int, seed: UInt64) {
        sizes = [inputs, hidden, hidden, outputs]
        var random = RandomSource(seed: seed)
        for k in 0..<3 {
            let scale = (1 / Double(sizes[k])).squareRoot()
            // Each unit's weights, then its bias.
            weights.append((0..<sizes[k + 1] * (sizes[k] + 1)).map { _ in scale * random.normal() })
        }
        first = weights.map { Array(repeating: 0, count: $0.count) }
        second = first
    }

    /// The outputs for one input, every layer's.
    private func layers(_ input: [Double]) -> [[Double]] {
        var out = [input]
        for k in 0..<3 {
            let (n, w, x) = (sizes[k], weights[k], out[k])
            out.append(
                (0..<sizes[k + 1]).map { unit in
                    let at = unit * (n + 1)
                    var sum = w[at + n]
                    for i in 0..<n { sum += w[at + i] * x[i] }
                    return k < 2 ? tanh(sum) : sum
                })
        }
        return out
    }

    func output(_ input: [Double]) -> [Double] { layers(input)[3] }

    /// Goes over the rows so many times in batches of 32, in an order by seed, with a rate that falls from 3e-3 to 0 by a half cosine.
    mutating func train(_ inputs: [[Double]], _ outputs: [[Double]], rounds: Int, seed: UInt64) {
        var random = RandomSource(seed: seed)
        var order = Array(inputs.indices)
        let batch = 32
        for round in 0..<rounds {
            for i in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(i, Int(random.uniform() * Double(i + 1))) }
            let rate = 1.5e-3 * (1 + cos(Double.pi * Double(round) / Double(rounds)))
            for start in stride(from: 0, to: order.count, by: batch) {
                var gradient = weights.map { [Double](repeating: 0, count: $0.count) }
                let rows = order[start..<min(start + batch, order.count)]
                for row in rows { backward(inputs[row], outputs[row], &gradient) }
                step(gradient, rate: rate, share: 1 / Double(rows.count))
            }
        }
    }

    private func backward(_ input: [Double], _ wanted: [Double], _ gradient: inout [[Double]]) {
        let values = layers(input)
        var error = zip(values[3], wanted).map { $0 - $1 }
        for k in stride(from: 2, through: 0, by: -1) {
            let n = sizes[k]
            var back = [Double](repeating: 0, count: n)
            for unit in error.indices {
                let at = unit * (n + 1)
                for i in 0..<n {
                    gradient[k][at + i] += error[unit] * values[k][i]
                    back[i] += error[unit] * weights[k][at + i]
                }
                gradient[k][at + n] += error[unit]
            }
            error = zip(back, values[k]).map { $0 * (1 - $1 * $1) }
        }
    }

    private mutating func step(_ gradient: [[Double]], rate: Double, share: Double) {
        steps += 1
        let (a, b) = (1 - pow(0.9, Double(steps)), 1 - pow(0.999, Double(steps)))
        for k in 0..<3 {
            for i in weights[k].indices {
                let g = gradient[k][i] * share
                first[k][i] += 0.1 * (g - first[k][i])
                second[k][i] += 0.001 * (g * g - second[k][i])
                weights[k][i] -= rate * (first[k][i] / a) / ((second[k][i] / b).squareRoot() + 1e-8)
            }
        }
    }
}

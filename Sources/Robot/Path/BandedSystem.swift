/// Normal equations of blocks of unknowns along a path, in which each block meets the three that follow it: symmetric, positive definite, banded.
struct BandedSystem {
    private let size: Int
    private let block: Int
    /// Entries of a row left of and on the diagonal.
    private let band: Int
    private var matrix: [Double]
    private var right: [Double]

    init(count: Int, block: Int) {
        self.block = block
        size = count * block
        band = 4 * block
        matrix = Array(repeating: 0, count: size * band)
        right = Array(repeating: 0, count: size)
    }

    /// Adds `weight` (row · change − value)² of one block.
    mutating func addRow(_ frame: Int, _ row: UnsafePointer<Double>, _ value: Double, weight: Double) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            for i in 0..<block {
                let u = frame * block + i
                let scaled = weight * row[i]
                let line = u * band + band - 1 - i
                for j in 0...i { matrix[line + j] += scaled * row[j] }
                right[u] += scaled * value
            }
        }
    }

    mutating func addDiagonal(_ unknown: Int, _ weight: Double, pull: Double) {
        matrix[unknown * band + band - 1] += weight
        right[unknown] += weight * pull
    }

    /// Adds `weight` (Σ c·(q + change))² for the four blocks from `frame`, for each unknown of a block.
    mutating func addDifference(_ frame: Int, _ c: [Double], _ q: [Double], weight: Double) {
        for i in 0..<block {
            var value = 0.0
            for k in 0..<4 { value += c[k] * q[(frame + k) * block + i] }
            for a in 0..<4 {
                let u = (frame + a) * block + i
                right[u] -= weight * c[a] * value
                for b in 0...a { matrix[u * band + band - 1 - (a - b) * block] += weight * c[a] * c[b] }
            }
        }
    }

    /// The change that makes the sum of squares least, by Cholesky factorisation in place.
    mutating func solve() -> [Double] {
        var x = right
        matrix.withUnsafeMutableBufferPointer { matrix in
            x.withUnsafeMutableBufferPointer { x in
                guard let m = matrix.baseAddress else { return }
                for i in 0..<size {
                    let row = m + i * band + band - 1 - i
                    let first = max(0, i - band + 1)
                    for j in first...i {
                        let other = m + j * band + band - 1 - j
                        let from = max(first, j - band + 1)
                        var sum = row[j]
                        for k in from..<max(from, j) { sum -= row[k] * other[k] }
                        row[j] = j == i ? max(sum, 1e-12).squareRoot() : sum / other[j]
                    }
                    var sum = x[i]
                    for k in first..<i { sum -= row[k] * x[k] }
                    x[i] = sum / row[i]
                }
                for i in stride(from: size - 1, through: 0, by: -1) {
                    let row = m + i * band + band - 1 - i
                    x[i] /= row[i]
                    for k in max(0, i - band + 1)..<i { x[k] -= row[k] * x[i] }
                }
            }
        }
        return x
    }
}

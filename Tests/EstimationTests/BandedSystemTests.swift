import Estimation
import Geometry
import Testing

struct BandedSystemTests {
    /// A random banded system with a border, and the same as a dense matrix.
    static func random(count: Int, band: Int, border: Int, seed: UInt64) -> (system: BandedSystem, dense: DenseMatrix, right: [Double]) {
        var random = RandomSource(seed: seed)
        var system = BandedSystem(count: count, band: band, border: border)
        var dense = DenseMatrix(rows: count + border, columns: count + border)
        for i in 0..<(count + border) {
            for j in 0...i where i >= count || i - j < band {
                let x = i == j ? Double(2 * band + 2 * border) : random.normal() * 0.5
                dense[i, j] = x
                dense[j, i] = x
                if i < count {
                    system.matrix[system.index(i, j)] = x
                } else if j < count {
                    system.side[j * border + i - count] = x
                } else {
                    system.corner[(i - count) * border + j - count] = x
                    system.corner[(j - count) * border + i - count] = x
                }
            }
        }
        let right = (0..<(count + border)).map { _ in random.normal() }
        system.right = Array(right[..<count])
        system.borderRight = Array(right[count...])
        return (system, dense, right)
    }

    @Test(arguments: [(1, 1, 0), (30, 1, 0), (30, 4, 0), (40, 7, 3), (5, 9, 2), (60, 12, 6)])
    func agreesWithDense(_ size: (count: Int, band: Int, border: Int)) throws {
        let (system, dense, right) = Self.random(count: size.count, band: size.band, border: size.border, seed: UInt64(size.count))
        let (chain, border) = try #require(system.solve())
        #expect(chain.count == size.count && border.count == size.border)
        let back = dense * (chain + border)
        for i in back.indices { #expect(abs(back[i] - right[i]) < 1e-10) }
    }

    /// Squares and stencils put the normal equations of what they say into the system.
    @Test func squaresAndStencilsAreLeastSquares() throws {
        var random = RandomSource(seed: 3)
        let (count, band) = (20, 8)
        var system = BandedSystem(count: count, band: band)
        var dense = DenseMatrix(rows: count, columns: count)
        var right = [Double](repeating: 0, count: count)
        func add(_ row: [(Int, Double)], _ value: Double, _ weight: Double) {
            for (a, x) in row {
                right[a] += weight * x * value
                for (b, y) in row { dense[a, b] += weight * x * y }
            }
        }
        for i in 0..<count {
            system.addDiagonal(i, 0.3, pull: 1.5)
            add([(i, 1)], 1.5, 0.3)
        }
        for start in [0, 3, 12, 16] {
            let row = (0..<4).map { _ in random.normal() }
            system.addSquare(at: start, row, size: 4, value: 0.7, weight: 2)
            add(row.enumerated().map { (start + $0.offset, $0.element) }, 0.7, 2)
        }
        for start in 0..<(count - 6) {
            let c = [-1.0, 3, -3, 1].map { $0 * random.uniform() }
            system.addStencil(at: start, stride: 2, c, value: 0.2, weight: 5)
            add(c.enumerated().map { (start + 2 * $0.offset, $0.element) }, -0.2, 5)
        }
        let found = try #require(system.solve()).chain
        let back = dense * found
        for i in 0..<count { #expect(abs(back[i] - right[i]) < 1e-10) }
    }

    @Test func whatIsNotDeterminedIsNilOrStays() throws {
        var system = BandedSystem(count: 3, band: 2)
        system.addDiagonal(0, 1, pull: 2)
        system.addDiagonal(2, 4, pull: -1)
        #expect(system.solve()?.chain == nil)
        let held = try #require(system.solve(minimumPivot: 1e-12))
        #expect(held.chain == [2, 0, -1])
        // A border that contradicts the chain's positive definiteness.
        var (bordered, _, _) = Self.random(count: 10, band: 3, border: 2, seed: 1)
        bordered.corner[0] = -1
        #expect(bordered.solve()?.chain == nil)
    }
}

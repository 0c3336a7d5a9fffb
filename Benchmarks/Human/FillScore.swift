import Geometry
import Human
import Imaging

#if canImport(Glibc)
    import Glibc
#endif

/// Filled pixels against the clean frames, by where they come from, beside Telea on the same masks; and how steady they are in time.
struct FillScore {
    private var squares = [Double](repeating: 0, count: 4)
    private var theirs = [Double](repeating: 0, count: 4)
    private var counts = [Double](repeating: 0, count: 4)
    /// By frame: our PSNR over the hole less Telea's.
    private(set) var gains: [Double] = []
    private var ownWarp = 0.0
    private var cleanWarp = 0.0
    private var last: (gray: Image, filled: Image, clean: Image, hole: Image)?

    mutating func add(_ filled: FilledFrame, painted: Image, clean: Image, classes: Image) throws {
        let hole = classes.removalMask
        var (own, other, n) = (0.0, 0.0, 0.0)
        for i in hole.pixels.indices where hole.pixels[i] != 0 {
            let kind = Int(filled.provenance.pixels[i])
            for c in 0..<3 {
                let truth = Double(clean.pixels[3 * i + c])
                let a = Double(filled.picture.pixels[3 * i + c]) - truth
                let b = Double(painted.pixels[3 * i + c]) - truth
                squares[kind] += a * a
                theirs[kind] += b * b
                counts[kind] += 1
                own += a * a
                other += b * b
                n += 1
            }
        }
        if n > 3 * 200 { gains.append(10 * log10(max(other, 1e-9) / max(own, 1e-9))) }
        let gray = clean.gray
        if let last, n > 0 { try addWarp(last, gray, filled.picture, clean, hole) }
        last = (gray, filled.picture, clean, hole)
    }

    /// Points in the hole followed through the clean video; what changes along them in the filled one and in the clean one.
    private mutating func addWarp(
        _ last: (gray: Image, filled: Image, clean: Image, hole: Image), _ gray: Image, _ filled: Image, _ clean: Image, _ hole: Image
    ) throws {
        var points: [Vector2] = []
        for y in stride(from: 8, to: hole.height - 8, by: 6) {
            for x in stride(from: 8, to: hole.width - 8, by: 6) where hole[x, y] != 0 { points.append(Vector2(Double(x), Double(y))) }
        }
        guard !points.isEmpty else { return }
        let flow = OpticalFlow()
        let found = try flow.track(points, from: flow.pyramid(of: gray), to: flow.pyramid(of: last.gray))
        for (p, f) in zip(points, found) where f.isTracked {
            let (x, y) = (Int(f.point.x), Int(f.point.y))
            guard x >= 0, y >= 0, x + 1 < hole.width, y + 1 < hole.height else { continue }
            for c in 0..<3 {
                ownWarp += abs(Double(filled[Int(p.x), Int(p.y), c]) - Self.sample(last.filled, f.point, c))
                cleanWarp += abs(Double(clean[Int(p.x), Int(p.y), c]) - Self.sample(last.clean, f.point, c))
            }
        }
    }

    private static func sample(_ image: Image, _ p: Vector2, _ c: Int) -> Double {
        let (x, y) = (Int(p.x), Int(p.y))
        let (u, v) = (p.x - Double(x), p.y - Double(y))
        let top = Double(image[x, y, c]) * (1 - u) + Double(image[x + 1, y, c]) * u
        let bottom = Double(image[x, y + 1, c]) * (1 - u) + Double(image[x + 1, y + 1, c]) * u
        return top * (1 - v) + bottom * v
    }

    static func decibels(_ squares: Double, _ count: Double) -> Double {
        count == 0 ? .nan : 10 * log10(65025 * count / max(squares, 1e-9))
    }
    func own(_ kind: Provenance) -> Double { Self.decibels(squares[Int(kind.rawValue)], counts[Int(kind.rawValue)]) }
    func telea(_ kind: Provenance) -> Double { Self.decibels(theirs[Int(kind.rawValue)], counts[Int(kind.rawValue)]) }
    func share(_ kind: Provenance) -> Double { counts[Int(kind.rawValue)] / max(counts.reduce(0, +), 1) }
    var isEmpty: Bool { counts.reduce(0, +) == 0 }
    var warpRatio: Double { cleanWarp == 0 ? .nan : ownWarp / cleanWarp }
}

internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Where along the picture's border the human comes in: a count for each of 36 sectors about the principal point.
///
/// An operator stands at one side of the table. What looks human elsewhere (a box at the rim that the surfaces do not explain) is not taken.
struct BorderEntry: Sendable {
    static let sectors = 36
    private var counts = [Int](repeating: 0, count: sectors)

    static func sector(_ pixel: Vector2, _ camera: CameraModel) -> Int {
        let d = pixel - camera.principalPoint
        let turn = (atan2(d.y, d.x) / (2 * .pi) + 1).truncatingRemainder(dividingBy: 1)
        return min(sectors - 1, Int(turn * Double(sectors)))
    }

    /// - Parameter weight: 1 counts regions, their area counts pixels.
    mutating func add(_ sector: Int, weight: Int = 1) { counts[sector] += weight }

    /// The sectors with at least `share` of the fullest one's count, and `reach` more to each side.
    func allowed(share: Double, reach: Int) -> [Bool] {
        let most = Double(counts.max() ?? 0)
        var out = [Bool](repeating: false, count: Self.sectors)
        guard most > 0 else { return out }
        for s in 0..<Self.sectors where counts[s] > 0 && Double(counts[s]) >= share * most {
            for k in -reach...reach { out[(s + k + Self.sectors) % Self.sectors] = true }
        }
        return out
    }
}

extension HumanMasker {
    /// By label: the border pixel through which a region comes in, linked to it by a weaker mask; nil where none is.
    /// - Parameter allowed: by sector; empty allows all.
    func entries(_ parts: ConnectedComponents, through link: Image, allowed: [Bool] = []) throws(HumanError) -> [Int?] {
        let links = try Image.operation("border links") { () throws(ImagingError) in try link.closed(radius: 1).connectedComponents() }
        var border = [[Int]](repeating: [], count: links.components.count + 1)
        for i in pixels.border.indices where pixels.border[i] && (allowed.isEmpty || allowed[pixels.sectors[i]]) {
            border[Int(links.labels[i])].append(i)
        }
        border[0] = []
        var label = [Int](repeating: 0, count: parts.components.count + 1)
        for i in pixels.border.indices where parts.labels[i] > 0 && label[Int(parts.labels[i])] == 0 {
            label[Int(parts.labels[i])] = Int(links.labels[i])
        }
        return [nil]
            + parts.components.map { c in
                border[label[c.label]].min {
                    let a = Vector2(Double($0 % scale.width), Double($0 / scale.width)) - c.center
                    let b = Vector2(Double($1 % scale.width), Double($1 / scale.width)) - c.center
                    return (a.dot(a), $0) < (b.dot(b), $1)
                }
            }
    }
}

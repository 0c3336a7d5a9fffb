internal import Estimation
#if canImport(Glibc)
    internal import Glibc
#endif

/// The desk top with what lies flat on it.
struct DeskTexture {
    /// Texels along each side.
    static let side = 2048

    /// Paints the desk. Texel (i, j) lies at x = x0 + (i + ½) · texel.x, y = y0 + (j + ½) · texel.y.
    static func paint(_ scene: Scenario.SceneDescription, seed: UInt64) -> (canvas: Canvas, texel: SIMD2<Float>) {
        let n = side
        let origin = SIMD2(Float(scene.desk[0]), Float(scene.desk[2]))
        let extent = SIMD2(Float(scene.desk[1]), Float(scene.desk[3])) - origin
        let texel = extent / Float(n)
        var canvas = Canvas(width: n, height: n)
        let contrast = Float(scene.contrast)
        for j in 0..<n {
            for i in 0..<n {
                let p = origin + (SIMD2(Float(i), Float(j)) + 0.5) * texel
                canvas.pixels[j * n + i] = base(scene.table, p, contrast, seed)
            }
        }
        var random = RandomSource(spreading: seed &+ 11)
        if scene.table != .bare { specks(&canvas, &random, texel: texel.x, contrast: contrast) }
        sheets(&canvas, scene, origin: origin, texel: texel, random: &random)
        // Boxes darken the desk around their feet.
        for box in scene.boxes {
            let centre = (SIMD2(Float(box.position[0]), Float(box.position[1])) - origin) / texel
            let half = SIMD2(Float(box.size[0]), Float(box.size[1])) / 2 / texel
            let (c, s) = (cosf(Float(box.yaw) * .pi / 180), sinf(Float(box.yaw) * .pi / 180))
            let soft = 0.03 / texel.x
            let reach = half.x + half.y + 3 * soft
            canvas.paint(x: (centre.x - reach)...(centre.x + reach), y: (centre.y - reach)...(centre.y + reach), colour: .zero) { x, y in
                let (dx, dy) = (x - centre.x, y - centre.y)
                let q = SIMD2(max(abs(c * dx + s * dy) - half.x, 0), max(abs(c * dy - s * dx) - half.y, 0))
                return 0.45 * expf(-(q.x * q.x + q.y * q.y).squareRoot() / soft)
            }
        }
        return (canvas, texel)
    }

    private static func base(_ kind: Scenario.TableTexture, _ p: SIMD2<Float>, _ contrast: Float, _ seed: UInt64) -> Canvas.Colour {
        switch kind {
        case .wood:
            // Planks along x, each with its own tint, grain stretched along it, dark seams.
            let plank = (p.y / 0.135).rounded(.down)
            let inside = p.y - plank * 0.135
            let tint = RandomSource.lattice(Int(plank), 3, seed) - 0.5
            let warp = 0.02 * Canvas.noise(p.x * 3, p.y * 9 + plank * 7, seed: seed &+ 1)
            let grain = Canvas.clouds(p.x * 7 + plank * 3.7, (p.y + warp) * 130, seed: seed &+ 2) - 0.5
            let blotch = Canvas.clouds(p.x * 24, p.y * 34, seed: seed &+ 3) - 0.5
            let seam = min(max(1 - min(inside, 0.135 - inside) / 0.0018, 0), 1)
            let v = 0.62 + contrast * (0.10 * tint + 0.34 * grain + 0.22 * blotch) - 0.35 * contrast * seam
            return SIMD3(v * 1.08, v * 0.80, v * 0.55)
        case .speckle:
            let fine = Canvas.noise(p.x * 190, p.y * 190, seed: seed &+ 4)
            let coarse = Canvas.noise(p.x * 75, p.y * 75, seed: seed &+ 5)
            let v = 0.55 + contrast * (0.5 * (fine - 0.5) + 0.6 * (coarse - 0.5))
            return SIMD3(v, v * 0.98, v * 0.94)
        case .tiles:
            let cell = SIMD2((p.x / 0.06).rounded(.down), (p.y / 0.06).rounded(.down))
            let inside = p - cell * 0.06
            let edge = min(min(inside.x, 0.06 - inside.x), min(inside.y, 0.06 - inside.y))
            let tone = RandomSource.lattice(Int(cell.x), Int(cell.y), seed)
            let v = edge < 0.002 ? 0.3 : 0.6 + contrast * (0.5 * (tone - 0.5) + 0.12 * (Canvas.noise(p.x * 90, p.y * 90, seed: seed) - 0.5))
            return SIMD3(v * 0.95, v, v * 1.02)
        case .posters, .bare:
            let v = 0.72 + 0.03 * contrast * (Canvas.clouds(p.x * 9, p.y * 9, seed: seed) - 0.5)
            return SIMD3(v, v, v * 0.97)
        }
    }

    /// Stains, crumbs and scratches.
    private static func specks(_ canvas: inout Canvas, _ random: inout RandomSource, texel: Float, contrast: Float) {
        let side = Float(canvas.width)
        for _ in 0..<700 {
            let centre = SIMD2(Float(random.uniform()) * side, Float(random.uniform()) * side)
            let tone = Float(random.uniform()) < 0.7 ? Float(random.uniform(0.10, 0.3)) : Float(random.uniform(0.8, 0.95))
            let mix = 0.55 + (tone - 0.55) * contrast
            let colour = SIMD3(mix, mix * 0.9, mix * 0.8)
            let size = Float(random.uniform(0.002, 0.006)) / texel
            if random.uniform() < 0.6 {
                canvas.disc(centre: centre, radius: size, colour: colour)
            } else {
                let long = SIMD2(size * 4, max(size * 0.4, 1.2))
                canvas.rectangle(centre: centre, half: long, angle: Float(random.uniform(0, 3.1)), colour: colour)
            }
        }
    }

    private static func sheets(
        _ canvas: inout Canvas, _ scene: Scenario.SceneDescription, origin: SIMD2<Float>, texel: SIMD2<Float>, random: inout RandomSource
    ) {
        let wanted = scene.table == .posters ? max(scene.sheets, 1) * 3 : scene.sheets
        var placed: [SIMD2<Float>] = []
        for _ in 0..<400 where placed.count < wanted {
            let at = SIMD2(Float(random.uniform(-0.45, 0.85)), Float(random.uniform(-0.7, 0.7)))
            let apart: Float = scene.table == .posters ? 0.10 : 0.22
            let isFree = (at * at).sum().squareRoot() > 0.29 && placed.allSatisfy { (($0 - at) * ($0 - at)).sum().squareRoot() > apart }
            if !isFree { continue }
            let half = placed.count % 2 == 0 ? SIMD2<Float>(0.074, 0.105) : SIMD2<Float>(0.105, 0.1485)
            canvas.sheet(
                centre: (at - origin) / texel, half: half / texel.x, angle: Float(random.uniform(-1.4, 1.4)), kind: placed.count % 3,
                random: &random, texel: texel.x)
            placed.append(at)
        }
    }
}

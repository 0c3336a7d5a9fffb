internal import Estimation
#if canImport(Glibc)
    internal import Glibc
#endif

/// What does not move: the room, the desk, boxes, and every texture.
struct Scene: Sendable {
    var atlas = TextureAtlas()
    var room: Slab
    /// Textures of the faces x−, x+, y−, y+, floor, ceiling.
    var walls: [Int32] = []
    var desk: Slab
    var deskTexture: Int32
    var deskTexel: SIMD2<Float>
    var boxes: [StandingBox] = []
    /// Texture of the table tag's sheet; −1 without a tag.
    var tableTag: Int32 = -1
    /// Half the side of the sheet, margin included, metres.
    var tableTagHalf: Float = 0
    /// By gripper: the sheets on its fingers and on its cube.
    var fingerTags: [(left: Int32, right: Int32)]
    var cubeTags: [(left: Int32, right: Int32)] = []

    static let boxTexel: Float = 0.0007
    static let boxTextureSide = 512
    static let wallTexture = (width: 1024, height: 512)
    static let tagTextureSide = 512

    init(_ scenario: Scenario) {
        let s = scenario.scene
        let seed = UInt64(bitPattern: Int64(scenario.seed)) &* 1_000_003
        room = Slab(
            low: Float3(Float(s.room[0]), Float(s.room[2]), Float(s.room[4])),
            high: Float3(Float(s.room[1]), Float(s.room[3]), Float(s.room[5])))
        desk = Slab(
            low: Float3(Float(s.desk[0]), Float(s.desk[2]), -0.035), high: Float3(Float(s.desk[1]), Float(s.desk[3]), 0))
        let painted = DeskTexture.paint(s, seed: seed)
        deskTexel = painted.texel
        deskTexture = atlas.add(painted.canvas)
        fingerTags = [(atlas.add(Self.tag(id: 0)), atlas.add(Self.tag(id: 1)))]
        if s.tagSize > 0 {
            tableTag = atlas.add(Self.tag(id: s.tagID))
            tableTagHalf = Float(s.tagSize) * 8 / 6 / 2
        }
        var random = RandomSource(spreading: seed &+ 99)
        for box in s.boxes {
            var cover = Canvas.cover(size: Self.boxTextureSide, texel: Self.boxTexel, random: &random)
            if box.colour.count == 3 { cover = Self.plain(box.colour, seed: seed &+ 70) }
            let texture = atlas.add(cover)
            let half = Float3(Float(box.size[0]), Float(box.size[1]), Float(box.size[2])) / 2
            let angle = Float(box.yaw) * .pi / 180
            boxes.append(
                StandingBox(
                    centre: Float3(Float(box.position[0]), Float(box.position[1]), half.z), half: half, cosine: cosf(angle),
                    sine: sinf(angle),
                    texture: texture))
        }
        let length = room.high - room.low
        for face in 0..<4 {
            let wide = face < 2 ? length.y : length.x
            walls.append(atlas.add(Self.wall(wide: wide, high: length.z, posters: s.posters, random: &random, seed: seed &+ UInt64(face))))
        }
        walls.append(atlas.add(Self.floor(seed: seed &+ 40)))
        walls.append(atlas.add(Canvas(width: 16, height: 16, fill: Float3(repeating: 0.85))))
        guard scenario.recordings.contains(where: { $0.camera != 0 || !$0.partner.isEmpty }) else { return }
        fingerTags.append((atlas.add(Self.tag(id: 6)), atlas.add(Self.tag(id: 7))))
        cubeTags = [(2, 3), (8, 9)].map { (atlas.add(Self.tag(id: $0.0)), atlas.add(Self.tag(id: $0.1))) }
    }

    /// The sheet of a tag: 8 by 8 cells, the top row first.
    private static func tag(id: Int) -> Canvas {
        let n = tagTextureSide
        var canvas = Canvas(width: n, height: n)
        guard let bits = TagPattern.bits(id: id) else { return canvas }
        let cell = n / TagPattern.cells
        for j in 0..<n {
            for i in 0..<n {
                let white = TagPattern.isWhite(bits, row: j / cell, column: i / cell)
                canvas.pixels[j * n + i] = Float3(repeating: white ? 0.93 : 0.05)
            }
        }
        return canvas
    }

    /// One colour with faint stains.
    private static func plain(_ colour: [Double], seed: UInt64) -> Canvas {
        let n = boxTextureSide
        var canvas = Canvas(width: n, height: n, fill: Float3(Float(colour[0]), Float(colour[1]), Float(colour[2])))
        for j in 0..<n {
            for i in 0..<n { canvas.pixels[j * n + i] *= 0.92 + 0.16 * Canvas.clouds(Float(i) / 40, Float(j) / 40, seed: seed) }
        }
        return canvas
    }

    private static func wall(wide: Float, high: Float, posters: Bool, random: inout RandomSource, seed: UInt64) -> Canvas {
        let (w, h) = wallTexture
        let texel = SIMD2(wide / Float(w), high / Float(h))
        var canvas = Canvas(width: w, height: h)
        let tint = Float3(Float(random.uniform(0.70, 0.80)), Float(random.uniform(0.72, 0.78)), Float(random.uniform(0.68, 0.76)))
        for j in 0..<h {
            for i in 0..<w {
                let shade = Canvas.clouds(Float(i) * texel.x * 2, Float(j) * texel.y * 2, seed: seed)
                canvas.pixels[j * w + i] = tint * (0.9 + 0.2 * (shade - 0.5))
            }
        }
        guard posters else { return canvas }
        for _ in 0..<14 {
            let centre = SIMD2(Float(random.uniform(0.03, 0.97)) * Float(w), Float(random.uniform(0.3, 0.92)) * Float(h))
            let half = SIMD2(Float(random.uniform(0.10, 0.30)), Float(random.uniform(0.12, 0.30))) / texel
            canvas.rectangle(centre: centre, half: half, colour: Canvas.ink(&random) * 0.6 + 0.25)
            for _ in 0..<12 {
                let p = centre + half * SIMD2(Float(random.uniform(-0.8, 0.8)), Float(random.uniform(-0.8, 0.8)))
                let size = half * SIMD2(Float(random.uniform(0.04, 0.19)), Float(random.uniform(0.04, 0.19)))
                canvas.rectangle(centre: p, half: size, colour: Canvas.ink(&random))
            }
        }
        return canvas
    }

    private static func floor(seed: UInt64) -> Canvas {
        let n = 512
        var canvas = Canvas(width: n, height: n)
        for j in 0..<n {
            for i in 0..<n {
                let tone = RandomSource.lattice(i / 128, j / 64, seed) - 0.5
                let seam: Float = i % 128 < 2 || j % 64 < 2 ? 0.6 : 1
                let v = (0.40 + 0.16 * tone + 0.10 * (Canvas.noise(Float(i) / 9, Float(j) / 5, seed: seed) - 0.5)) * seam
                canvas.pixels[j * n + i] = Float3(v * 1.05, v, v * 0.92)
            }
        }
        return canvas
    }
}

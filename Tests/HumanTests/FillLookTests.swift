import Geometry
import Human
import Imaging
import Session
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// How what was filled looks beside what was recorded: grain, seam, texture.
@Suite struct FillLookTests {
    /// A desk whose static scene is known, with an arm that lies on it, all of it noisy.
    private struct StillDesk {
        var desk = SyntheticDesk(arm: true)
        var shots: [SyntheticDesk.Shot]
        /// The scene without the arm, with the same noise.
        var truths: [Image] = []
        var maps: [Image] = []
        var plates = PlateStore()
        var scene: BackgroundModel?

        init(noise: Double) throws {
            desk.frames = 24
            desk.keepsStill = true
            shots = desk.shots()
            var empty = SyntheticDesk(arm: false)
            empty.frames = 60
            var emptyShots = empty.shots()
            for i in emptyShots.indices { FillLookTests.add(noise, seed: UInt64(1000 + i), to: &emptyShots[i].picture) }
            for i in shots.indices {
                truths.append(shots[i].clean)
                FillLookTests.add(noise, seed: UInt64(i), to: &truths[i])
                FillLookTests.add(noise, seed: UInt64(i), to: &shots[i].picture)
                var human = Image(width: desk.width, height: desk.height, channels: 1)
                for p in human.pixels.indices where shots[i].human[p] { human.pixels[p] = 255 }
                let wide = try human.dilated(radius: 4)
                var map = Image(width: desk.width, height: desk.height, everywhere: .background)
                for p in map.pixels.indices {
                    if wide.pixels[p] != 0 { map.pixels[p] = PixelClass.humanMargin.rawValue }
                    if shots[i].human[p] { map.pixels[p] = PixelClass.human.rawValue }
                    if shots[i].device[p] { map.pixels[p] = PixelClass.device.rawValue }
                }
                maps.append(map)
                try plates.add(MaskedFrame(frame: i, time: desk.time(i), picture: shots[i].picture, classes: map, isTouched: true))
            }
            let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
            scene = try masker.background(stream: empty.stream(emptyShots), poses: empty.poses, tags: [:])
        }

        func filled(_ i: Int, _ picture: Image, _ options: MaskOptions = MaskOptions()) throws -> FilledFrame {
            var filler = Filler(device: desk.device, plates: plates, poses: desk.poses, options: options, background: scene)
            return try filler.fill(picture, classes: maps[i], time: desk.time(i))
        }
    }

    private static func add(_ sigma: Double, seed: UInt64, to picture: inout Image) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 99
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24) - 0.5
        }
        for i in picture.pixels.indices {
            let normal = 1.7320508 * (uniform() + uniform() + uniform() + uniform())
            picture.pixels[i] = UInt8(max(0, min(255, (Double(picture.pixels[i]) + sigma * normal).rounded())))
        }
    }

    /// Root mean square of what differs from the mean of the eight pixels about, in brightness, where all nine count.
    private func grain(_ picture: Image, where counts: (Int) -> Bool) -> Double {
        let w = picture.width
        let gray: [Double] = picture.gray.pixels.map { Double($0) }
        var (sum, n) = (0.0, 0.0)
        for y in 1..<(picture.height - 1) {
            for i in (y * w + 1)..<(y * w + w - 1) {
                let about = [-w - 1, -w, -w + 1, -1, 1, w - 1, w, w + 1]
                guard counts(i), about.allSatisfy({ counts(i + $0) }) else { continue }
                var mean = 0.0
                for step in about { mean += gray[i + step] / 8 }
                let d = gray[i] - mean
                sum += d * d
                n += 1
            }
        }
        return (sum / max(n, 1)).squareRoot()
    }

    @Test(arguments: [0.0, 5.0]) func `the filled part has the picture's grain`(noise: Double) throws {
        let still = try StillDesk(noise: noise)
        var matched = MaskOptions()
        matched.fill.leastGrain = 0.8
        var smooth = MaskOptions()
        smooth.fill.matchesGrain = false
        var (own, without, truth) = (0.0, 0.0, 0.0)
        var (squares, plainSquares) = (0.0, 0.0)
        for i in [8, 12, 16] {
            let a = try still.filled(i, still.shots[i].picture, matched)
            let b = try still.filled(i, still.shots[i].picture, smooth)
            func isSeen(_ p: Int) -> Bool { still.shots[i].human[p] && a.provenance.pixels[p] == Provenance.observed.rawValue }
            own += grain(a.picture, where: isSeen)
            without += grain(b.picture, where: isSeen)
            truth += grain(still.truths[i], where: isSeen)
            for p in still.shots[i].human.indices where isSeen(p) {
                for c in 0..<3 {
                    let clean = Double(still.shots[i].clean.pixels[3 * p + c])
                    squares += (Double(a.picture.pixels[3 * p + c]) - clean) * (Double(a.picture.pixels[3 * p + c]) - clean)
                    plainSquares += (Double(b.picture.pixels[3 * p + c]) - clean) * (Double(b.picture.pixels[3 * p + c]) - clean)
                }
            }
        }
        print(
            "grain of noise \(noise): filled \(own / truth) of the truth's, unmatched \(without / truth); error grows by \(squares / plainSquares)"
        )
        #expect(truth > 0 && abs(own / truth - 1) < (noise > 0 ? 0.2 : 0.25))
        if noise > 0 { #expect(without / truth < 0.8) }
    }

    @Test func `a human's own pixels have no say in what replaces them, and the seam fades only into scene`() throws {
        let still = try StillDesk(noise: 1)
        let i = 12
        let map = still.maps[i]
        let plain = try still.filled(i, still.shots[i].picture)
        // Whatever the human's colours are, and whatever in the margin does not look like the scene, nothing of it is left.
        var other = still.shots[i].picture
        var loud = still.truths[i]
        for p in map.pixels.indices {
            let isHuman = map.pixels[p] == PixelClass.human.rawValue
            let isMargin = map.pixels[p] == PixelClass.humanMargin.rawValue
            for c in 0..<3 {
                if isHuman { other.pixels[3 * p + c] = other.pixels[3 * p + c] ^ 0x80 }
                if isHuman || isMargin { loud.pixels[3 * p + c] = UInt8((Int(loud.pixels[3 * p + c]) + 60) % 256) }
            }
        }
        #expect(try still.filled(i, other).picture == plain.picture)
        var hard = MaskOptions()
        hard.fill.featherWidth = 0
        #expect(try still.filled(i, loud).picture == (try still.filled(i, loud, hard).picture))
        // Where the margin shows scene, the outermost pixels come nearer to it.
        let cut = try still.filled(i, still.shots[i].picture, hard)
        var (soft, sharp, n) = (0.0, 0.0, 0)
        for p in map.pixels.indices
        where map.pixels[p] == PixelClass.humanMargin.rawValue && plain.picture.pixels[3 * p + 1] != cut.picture.pixels[3 * p + 1] {
            soft += abs(Double(plain.picture.pixels[3 * p + 1]) - Double(still.truths[i].pixels[3 * p + 1]))
            sharp += abs(Double(cut.picture.pixels[3 * p + 1]) - Double(still.truths[i].pixels[3 * p + 1]))
            n += 1
        }
        print("seam: \(n) pixels fade, \(soft / Double(max(n, 1))) levels from the truth, \(sharp / Double(max(n, 1))) without")
        #expect(n > 30 && soft < sharp)
    }

    @Test func `what nobody saw is continued, not smeared, and the same each time`() throws {
        let (w, h) = (240, 180)
        var truth = Image(width: w, height: h, channels: 3)
        for y in 0..<h {
            for x in 0..<w {
                let stripe = sin(2 * .pi * (Double(x) + 0.5 * Double(y)) / 11) > 0 ? 150.0 : 80.0
                for (c, tint) in [1.0, 0.9, 0.7].enumerated() { truth.pixels[3 * (y * w + x) + c] = UInt8(stripe * tint) }
            }
        }
        var picture = truth
        var map = Image(width: w, height: h, everywhere: .background)
        for y in 32..<58 {
            for x in 44..<74 {
                map[x, y] = PixelClass.human.rawValue
                for c in 0..<3 { picture[x, y, c] = 220 }
            }
        }
        func filled(_ mode: FillMode) throws -> FilledFrame {
            var options = MaskOptions()
            options.fill.mode = mode
            var filler = Filler(device: SyntheticDesk().device, plates: nil, poses: nil, options: options)
            return try filler.fill(picture, classes: map, time: Timestamp(nanoseconds: 0))
        }
        let (own, telea) = (try filled(.observed), try filled(.inpaint))
        func error(_ frame: FilledFrame) -> Double {
            let hole = map.pixels.indices.filter { map.pixels[$0] != 0 }
            let sum = hole.reduce(0.0) { sum, p in
                let d = Double(frame.picture.pixels[3 * p]) - Double(truth.pixels[3 * p])
                return sum + d * d
            }
            return sum / Double(hole.count)
        }
        print("stripes: squared error \(error(own)) by example, \(error(telea)) by Telea")
        #expect(error(own) < 0.5 * error(telea))
        #expect(own.provenance.pixels.filter { $0 == Provenance.invented.rawValue }.count == 26 * 30)
        #expect(try filled(.observed).picture == own.picture)
        for p in map.pixels.indices where map.pixels[p] == 0 { #expect(own.picture.pixels[3 * p] == truth.pixels[3 * p]) }
    }
}

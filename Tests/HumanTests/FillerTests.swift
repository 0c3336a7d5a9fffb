import Geometry
import Human
import Imaging
import Session
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FillerTests {
    /// A filled hole against the desk without the arm.
    @Test func `observed background beats painting in, and says which is which`() throws {
        let desk = SyntheticDesk(arm: true)
        let shots = desk.shots()
        let background = PixelClass.background.rawValue
        func classes(_ shot: SyntheticDesk.Shot) -> Image {
            var map = Image(width: desk.width, height: desk.height, everywhere: .background)
            for i in map.pixels.indices {
                if shot.human[i] { map.pixels[i] = PixelClass.human.rawValue }
                if shot.device[i] { map.pixels[i] = PixelClass.device.rawValue }
            }
            return map
        }
        var plates = PlateStore()
        for i in PlateStore.frames(of: shots.count) {
            try plates.add(
                MaskedFrame(frame: i, time: desk.time(i), picture: shots[i].picture, classes: classes(shots[i]), isTouched: true))
        }
        var inpaint = MaskOptions()
        inpaint.fill.mode = .inpaint
        var observing = Filler(device: desk.device, plates: plates, poses: desk.poses)
        var painting = Filler(device: desk.device, plates: nil, poses: nil, options: inpaint)
        var observedDecibels: [Double] = []
        var paintedDecibels: [Double] = []
        for i in [36, 42, 45, 50] {
            let map = classes(shots[i])
            guard shots[i].human.filter({ $0 }).count > 200 else { continue }
            let a = try observing.fill(shots[i].picture, classes: map, time: desk.time(i))
            let b = try painting.fill(shots[i].picture, classes: map, time: desk.time(i))
            let observed = a.provenance.pixels.map { $0 == Provenance.observed.rawValue }
            #expect(observed.filter { $0 }.count > shots[i].human.filter { $0 }.count / 2)
            observedDecibels.append(psnr(a.picture, shots[i].clean) { observed[$0] })
            paintedDecibels.append(psnr(b.picture, shots[i].clean) { observed[$0] })
            // Nothing but the hole is changed.
            for p in map.pixels.indices where map.pixels[p] == background || map.pixels[p] == PixelClass.device.rawValue {
                #expect(a.provenance.pixels[p] == Provenance.original.rawValue)
                for c in 0..<3 { #expect(a.picture.pixels[3 * p + c] == shots[i].picture.pixels[3 * p + c]) }
            }
            let hole = map.pixels.filter { $0 == PixelClass.human.rawValue }.count
            #expect(a.provenance.pixels.filter { $0 != 0 }.count == hole)
        }
        print("fill: observed \(observedDecibels) dB, Telea there \(paintedDecibels) dB")
        #expect(observedDecibels.count >= 3)
        for (a, b) in zip(observedDecibels, paintedDecibels) {
            #expect(a > 27)
            #expect(a > b + 5)
        }
    }

    /// An arm that lies still before a desk whose scene is known, the camera moving.
    @Test func `the filled part is steady, says where it is from, and does not hang on the order of the frames`() throws {
        var empty = SyntheticDesk(arm: false)
        empty.frames = 60
        var desk = SyntheticDesk(arm: true)
        desk.frames = 36
        desk.keepsStill = true
        let shots = desk.shots()
        let maps = shots.map { shot in
            var map = Image(width: desk.width, height: desk.height, everywhere: .background)
            for i in map.pixels.indices {
                if shot.human[i] { map.pixels[i] = PixelClass.human.rawValue }
                if shot.device[i] { map.pixels[i] = PixelClass.device.rawValue }
            }
            return map
        }
        // A mask that takes part of the still arm for the device: what it hides of the scene is left to be invented.
        var greedy = DeviceMaskOptions()
        greedy.standingEdge = 0
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots, options: greedy))
        let scene = try #require(try masker.background(stream: empty.stream(empty.shots()), poses: empty.poses, tags: [:]))
        var plates = PlateStore()
        for i in PlateStore.frames(of: shots.count) {
            try plates.add(MaskedFrame(frame: i, time: desk.time(i), picture: shots[i].picture, classes: maps[i], isTouched: true))
        }
        var each = MaskOptions()
        each.fill.maximumAnchorGap = 0
        func filled(_ options: MaskOptions, _ order: [Int]) throws -> [Int: FilledFrame] {
            var filler = Filler(device: desk.device, plates: plates, poses: desk.poses, options: options, background: scene)
            var out: [Int: FilledFrame] = [:]
            for i in order { out[i] = try filler.fill(shots[i].picture, classes: maps[i], time: desk.time(i)) }
            return out
        }
        let range = Array(12..<28)
        let (steady, lone) = (try filled(MaskOptions(), range), try filled(each, range))
        let shuffled = try filled(MaskOptions(), [27, 12, 20, 15])
        for (i, frame) in shuffled { #expect(frame.picture == steady[i]?.picture && frame.provenance == steady[i]?.provenance) }
        // What the error of a pixel changes by from frame to frame; and the error by where the pixel is from.
        func flicker(_ frames: [Int: FilledFrame]) -> Double {
            var (sum, n) = (0.0, 0.0)
            for i in range.dropFirst() {
                guard let a = frames[i - 1], let b = frames[i] else { continue }
                for p in maps[i].pixels.indices where shots[i].human[p] && shots[i - 1].human[p] {
                    let before = Double(a.picture.pixels[3 * p + 1]) - Double(shots[i - 1].clean.pixels[3 * p + 1])
                    sum += abs(Double(b.picture.pixels[3 * p + 1]) - Double(shots[i].clean.pixels[3 * p + 1]) - before)
                    n += 1
                }
            }
            return sum / n
        }
        var (squares, counts) = ([0.0, 0, 0, 0], [0.0, 0, 0, 0])
        for (i, frame) in steady {
            for p in maps[i].pixels.indices where shots[i].human[p] {
                let kind = Int(frame.provenance.pixels[p])
                let e = Double(frame.picture.pixels[3 * p + 1]) - Double(shots[i].clean.pixels[3 * p + 1])
                squares[kind] += e * e
                counts[kind] += 1
            }
        }
        let decibels = (1...3).map { counts[$0] > 0 ? 10 * log10(65025 * counts[$0] / squares[$0]) : .nan }
        print(
            "fill: flicker \(flicker(steady)) levels, each frame by itself \(flicker(lone)); by origin \(decibels) dB of \(counts) pixels")
        #expect(flicker(steady) < 0.95 * flicker(lone))
        #expect(counts[0] == 0 && counts[1] > 0.5 * counts.reduce(0, +))
        #expect(decibels[0] > 28)
        #expect(!(decibels[1] > decibels[0]) && !(decibels[2] > decibels[0]))
    }

    @Test func `black and keep do what they say`() throws {
        let picture = Image(width: 40, height: 30, channels: 3, filledWith: 120)
        var classes = Image(width: 40, height: 30, everywhere: .background)
        classes[10, 10] = PixelClass.human.rawValue
        classes[11, 10] = PixelClass.humanMargin.rawValue
        var options = MaskOptions()
        let device = SyntheticDesk().device
        options.fill.mode = .black
        var blackening = Filler(device: device, plates: nil, poses: nil, options: options)
        let black = try blackening.fill(picture, classes: classes, time: Timestamp(nanoseconds: 0))
        #expect(black.picture[10, 10, 0] == 0 && black.picture[11, 10, 2] == 0 && black.picture[12, 10, 0] == 120)
        #expect(black.inventedShare == 2.0 / 1200)
        options.fill.mode = .keep
        var keeping = Filler(device: device, plates: nil, poses: nil, options: options)
        let kept = try keeping.fill(picture, classes: classes, time: Timestamp(nanoseconds: 0))
        #expect(kept.picture == picture && kept.inventedShare == 0)
    }

    @Test func `a class map of another size is refused`() {
        #expect(throws: HumanError.self) {
            var filler = Filler(device: SyntheticDesk().device, plates: nil, poses: nil)
            _ = try filler.fill(
                Image(width: 40, height: 30, channels: 3), classes: Image(width: 20, height: 30, channels: 1),
                time: Timestamp(nanoseconds: 0))
        }
    }

    @Test func `a finger tag is painted over with the colour around it only when asked`() throws {
        var picture = Image(width: 60, height: 60, channels: 3, filledWith: 200)
        for y in 25..<35 { for x in 25..<35 { for c in 0..<3 { picture[x, y, c] = 10 } } }
        let tag = TagDetection(id: 0, corners: [Vector2(25, 25), Vector2(34, 25), Vector2(34, 34), Vector2(25, 34)])
        let classes = Image(width: 60, height: 60, everywhere: .background)
        let device = SyntheticDesk().device
        var options = MaskOptions()
        var leaving = Filler(device: device, plates: nil, poses: nil, options: options)
        let plain = try leaving.fill(picture, classes: classes, time: Timestamp(nanoseconds: 0), fingerTags: [tag])
        #expect(plain.picture == picture)
        options.fill.paintFingerTags = true
        var painting = Filler(device: device, plates: nil, poses: nil, options: options)
        let painted = try painting.fill(picture, classes: classes, time: Timestamp(nanoseconds: 0), fingerTags: [tag])
        #expect(painted.picture[30, 30, 1] == 200)
        #expect(painted.inventedShare > 0)
    }
}

import Geometry
import Human
import Imaging
import Session
import Testing

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
        for (i, shot) in shots.enumerated() {
            plates.offer(MaskedFrame(frame: i, time: desk.time(i), picture: shot.picture, classes: classes(shot), humanShare: 0))
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

import Geometry
import Human
import Imaging
import Session
import Testing

/// Device mask, background, masks and filling of pictures of any size: whole multiples of the working size or not, smaller than it, flat.
@Suite struct PictureSizeTests {
    struct Size: Sendable, CustomStringConvertible {
        var width: Int
        var height: Int
        var description: String { "\(width)x\(height)" }
    }

    static let recorders = [
        Size(width: 2704, height: 2028), Size(width: 2704, height: 1520), Size(width: 1920, height: 1080), Size(width: 1180, height: 1080),
        Size(width: 960, height: 874), Size(width: 641, height: 359), Size(width: 224, height: 224),
    ]

    /// Widths from 64 and heights from 48 on, up to beyond twice the working width.
    static let anySizes: [Size] = {
        var state: UInt64 = 11
        func next(_ range: ClosedRange<Int>) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return range.lowerBound + Int(state >> 33) % range.count
        }
        return [Size(width: 64, height: 48), Size(width: 511, height: 48), Size(width: 65, height: 301)]
            + (0..<9).map { _ in Size(width: next(64...560), height: next(48...420)) }
    }()

    /// A desk drawn small and enlarged: what a full-size picture would hold, at a hundredth of the cost.
    private struct LargeDesk {
        var desk: SyntheticDesk
        let size: Size
        let shots: [SyntheticDesk.Shot]

        init(_ size: Size, arm: Bool, frames: Int) {
            self.size = size
            desk = SyntheticDesk(arm: arm, frames: frames, rate: 5)
            desk.width = min(size.width, 180)
            desk.height = max(1, (size.height * desk.width + size.width / 2) / size.width)
            shots = desk.shots()
        }

        var device: Device {
            var device = desk.device
            device.camera = device.camera.croppedAndScaled(
                x: 0, y: 0, width: desk.width, height: desk.height, toWidth: size.width, toHeight: size.height)
            return device
        }

        func picture(_ frame: Int) throws(HumanError) -> Image {
            do throws(ImagingError) {
                return try shots[frame].picture.resized(width: size.width, height: size.height, by: .linear)
            } catch {
                throw HumanError.source(reason: "\(error)")
            }
        }

        var stream: PictureStream {
            { (visit) throws(HumanError) in for i in shots.indices { try visit(i, desk.time(i), try picture(i)) } }
        }

        /// Of what is drawn small, by full-size pixel.
        func isTrue(_ small: [Bool], _ i: Int) -> Bool {
            small[i / size.width * desk.height / size.height * desk.width + i % size.width * desk.width / size.width]
        }

        /// Intersection over union of a class with a truth over all frames that are handed in, on a grid of at most some 200 places to a row.
        func overlap(_ maps: [(classes: Image, truth: [Bool])], _ kind: PixelClass) -> Double {
            var (both, either) = (0, 0)
            let step = max(1, size.width / 200)
            for (classes, truth) in maps {
                for y in stride(from: step / 2, to: size.height, by: step) {
                    for x in stride(from: step / 2, to: size.width, by: step) {
                        let i = y * size.width + x
                        let (found, isThere) = (classes.pixels[i] == kind.rawValue, isTrue(truth, i))
                        if found && isThere { both += 1 }
                        if found || isThere { either += 1 }
                    }
                }
            }
            return either == 0 ? 1 : Double(both) / Double(either)
        }
    }

    @Test(arguments: recorders + anySizes) func `pictures of any size are masked and filled`(_ size: Size) throws {
        let demo = LargeDesk(size, arm: true, frames: 24)
        let empty = LargeDesk(size, arm: false, frames: 16)
        // One look at every full picture, as whoever decodes a recording has it.
        let working = WorkingPictures(width: size.width, height: size.height)
        var builder = try DeviceMaskBuilder(device: demo.device, width: size.width, height: size.height)
        var small: [Image] = []
        for i in demo.shots.indices {
            let picture = try demo.picture(i)
            small.append(try working.shrink(picture))
            if i % 2 == 0 { try builder.add(picture, tags: []) }
        }
        let stream: PictureStream = { (visit) throws(HumanError) in
            for (i, picture) in small.enumerated() { try visit(i, demo.desk.time(i), picture) }
        }
        let masker = try HumanMasker(device: demo.device, mask: try builder.build())
        #expect(masker.workingSize == working.size && masker.workingSize.width <= 240)
        let background = try masker.background(stream: empty.stream, poses: empty.desk.poses, tags: [:])
        let trimmed = try masker.trimmed(stream: empty.stream, poses: empty.desk.poses, tags: [:])
        #expect(trimmed.fixed.width == size.width && trimmed.fixed.height == size.height)
        let isFlat = min(size.width, size.height) < 100
        if !isFlat { #expect(background != nil) }
        for background in [background, nil] {
            let analysis = try masker.analyze(stream: stream, poses: demo.desk.poses, tags: [:], background: background)
            let collector = Collector()
            let statistics = try masker.seek(stream: stream, poses: demo.desk.poses, tags: [:], analysis: analysis) {
                (mask: WorkingMask) throws(HumanError) in collector.masks.append(mask)
            }
            #expect(statistics.frameCount == small.count && collector.masks.allSatisfy { $0.classes.width == masker.workingSize.width })
            var finisher = try MaskFinisher(
                masker: masker, record: MaskRecord(collector.masks, analysis: analysis, masker: masker), background: background,
                poses: demo.desk.poses, tags: [:])
            var frames: [MaskedFrame] = []
            for i in [2, 7, 10, 12, 14, 17] { frames.append(try finisher.finish(try demo.picture(i), frame: i, time: demo.desk.time(i))) }
            let human = demo.overlap(frames.map { ($0.classes, demo.shots[$0.frame].human) }, .human)
            let device = demo.overlap([(frames[0].classes, demo.shots[2].device)], .device)
            print("\(size), background \(background != nil): IoU of the human \(human), of the device \(device)")
            if !isFlat {
                #expect(human > 0.7)
                #expect(device > 0.6)
            }
            try fill(demo, frames, background)
        }
    }

    /// Fills one frame from the others: the hole is filled, the rest keeps its bytes.
    private func fill(_ demo: LargeDesk, _ frames: [MaskedFrame], _ background: BackgroundModel?) throws {
        var plates = PlateStore()
        for frame in frames { try plates.add(frame) }
        var filler = Filler(device: demo.device, plates: plates, poses: demo.desk.poses, background: background)
        let frame = frames[3]
        let filled = try filler.fill(frame.picture, classes: frame.classes, time: frame.time)
        var (missed, changed) = (0, 0)
        let (before, after) = (frame.picture.pixels, filled.picture.pixels)
        let (human, margin) = (PixelClass.human.rawValue, PixelClass.humanMargin.rawValue)
        for (i, value) in frame.classes.pixels.enumerated() {
            let isRemoved = value == human || value == margin
            if isRemoved != (filled.provenance.pixels[i] != 0) { missed += 1 }
            if !isRemoved {
                for c in 0..<3 where after[3 * i + c] != before[3 * i + c] { changed += 1 }
            }
        }
        #expect(missed == 0 && changed == 0)
    }
}

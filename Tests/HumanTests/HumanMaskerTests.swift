import Geometry
import Human
import Imaging
import Session
import Testing

/// Collects what the masker hands out.
final class Collector {
    var frames: [MaskedFrame] = []
    var masks: [WorkingMask] = []
}

@Suite struct HumanMaskerTests {
    static func masked(_ desk: SyntheticDesk, _ shots: [SyntheticDesk.Shot], poses: Trajectory<Table, Camera>?) throws -> (
        [MaskedFrame], MaskStatistics
    ) {
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        let collector = Collector()
        let statistics = try masker.run(stream: desk.stream(shots), poses: poses, tags: [:]) { (frame: MaskedFrame) throws(HumanError) in
            collector.frames.append(frame)
        }
        return (collector.frames, statistics)
    }

    /// What the second pass finds; the desk's pictures are of working size.
    static func sought(_ desk: SyntheticDesk, _ shots: [SyntheticDesk.Shot]) throws -> [WorkingMask] {
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        let analysis = try masker.analyze(stream: desk.stream(shots), poses: desk.poses, tags: [:])
        let collector = Collector()
        _ = try masker.seek(stream: desk.stream(shots), poses: desk.poses, tags: [:], analysis: analysis) {
            (mask: WorkingMask) throws(HumanError) in collector.masks.append(mask)
        }
        return collector.masks
    }

    @Test(arguments: [SIMD3<Double>(196, 140, 112), SIMD3<Double>(98, 62, 44)])
    func `an arm that reaches in is found and removed, device and object are not`(_ skin: SIMD3<Double>) throws {
        var desk = SyntheticDesk(arm: true)
        desk.skin = skin
        let shots = desk.shots()
        let (frames, statistics) = try Self.masked(desk, shots, poses: desk.poses)
        let masks = try Self.sought(desk, shots)
        #expect(statistics.humanVisible, Comment(rawValue: statistics.reason))
        #expect(frames.map(\.frame) == Array(0..<desk.frames))
        var overlaps: [Double] = []
        var left = 0
        var human = 0
        var wronglyTaken = 0
        var protected = 0
        for (frame, shot) in zip(frames, shots) {
            let classes = frame.classes.pixels
            let truth = shot.human.filter { $0 }.count
            let found = classes.map { $0 == PixelClass.human.rawValue }
            if truth > 100 { overlaps.append(overlap(found, shot.human)) }
            for i in classes.indices {
                let removed = PixelClass(rawValue: classes[i])?.isRemoved ?? false
                if shot.human[i] {
                    human += 1
                    if !removed { left += 1 }
                }
                if shot.device[i] || shot.object[i] && !shot.human[i] {
                    protected += 1
                    if found[i] { wronglyTaken += 1 }
                }
            }
        }
        // What is stated as nearly certain is, and the truth is stated as likely.
        var (stated, likely, certain, right) = (0.0, 0.0, 0.0, 0.0)
        for (mask, shot) in zip(masks, shots) {
            for i in shot.human.indices {
                let p = Double(mask.humanProbability.pixels[i]) / 255
                if shot.human[i] { (stated, likely) = (stated + 1, likely + p) }
                if p > 0.9 { (certain, right) = (certain + 1, right + (shot.human[i] ? 1 : 0)) }
            }
        }
        print("arm: mean probability on the human \(likely / stated), human where it is above 0.9 \(right / certain)")
        #expect(likely > 0.8 * stated)
        #expect(right > 0.85 * certain && certain > 0.3 * stated)
        let median = overlaps.sorted()[overlaps.count / 2]
        print(
            "arm: IoU median \(median), worst \(overlaps.min() ?? 0), left \(Double(left) / Double(human)), taken \(Double(wronglyTaken) / Double(protected))"
        )
        #expect(overlaps.count > 20)
        #expect(median > 0.85)
        #expect(Double(left) < 0.05 * Double(human))
        #expect(Double(wronglyTaken) < 0.01 * Double(protected))
    }

    @Test func `without a human every mask is empty and every picture the same`() throws {
        let desk = SyntheticDesk(arm: false)
        let shots = desk.shots()
        let (frames, statistics) = try Self.masked(desk, shots, poses: desk.poses)
        #expect(!statistics.humanVisible, "\(statistics.reason)")
        #expect(statistics.humanFrameCount == 0)
        var filler = Filler(device: desk.device, plates: nil, poses: desk.poses)
        for (frame, shot) in zip(frames, shots) {
            #expect(!frame.classes.pixels.contains { PixelClass(rawValue: $0)?.isRemoved ?? false })
            let filled = try filler.fill(frame.picture, classes: frame.classes, time: frame.time)
            #expect(filled.picture == shot.picture)
            #expect(filled.inventedShare == 0 && filled.observedShare == 0)
        }
    }

    @Test func `without poses nothing is judged and nothing changed`() throws {
        let desk = SyntheticDesk(arm: true, frames: 40)
        let shots = desk.shots()
        let (_, statistics) = try Self.masked(desk, shots, poses: nil)
        #expect(statistics.humanFrameCount == 0)
        #expect(statistics.reason.contains("not judged"))
    }

    @Test func `the same input gives the same masks`() throws {
        let desk = SyntheticDesk(arm: true, frames: 45)
        let shots = desk.shots()
        let a = try Self.masked(desk, shots, poses: desk.poses)
        let b = try Self.masked(desk, shots, poses: desk.poses)
        #expect(a.0.map(\.classes) == b.0.map(\.classes))
        #expect(a.1 == b.1)
    }

    @Test func `a picture of another size is refused by frame`() throws {
        let desk = SyntheticDesk(frames: 40)
        let shots = desk.shots()
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        let stream: PictureStream = { (visit) throws(HumanError) in
            try visit(7, desk.time(7), Image(width: 80, height: 60, channels: 3))
        }
        #expect(throws: HumanError.self) { try masker.analyze(stream: stream, poses: nil, tags: [:]) }
        do {
            _ = try masker.analyze(stream: stream, poses: nil, tags: [:])
        } catch {
            #expect("\(error)".contains("frame 7") && "\(error)".contains("160x120"))
        }
    }
}

import Foundation
import Geometry
import Human
import Imaging
import Session
import Testing

/// Masks found once at working size, kept in a folder, and finished at full size: the same whoever made the pictures small, in any order, from
/// memory or from the folder.
@Suite struct MaskRecordTests {
    /// An arm over a desk whose static scene is known, at twice the working size.
    private final class RecordedDesk: Sendable {
        let desk: SyntheticDesk
        let shots: [SyntheticDesk.Shot]
        let masker: HumanMasker
        let background: BackgroundModel?

        init() throws {
            var desk = SyntheticDesk(arm: true, frames: 78)
            (desk.width, desk.height) = (322, 241)
            self.desk = desk
            shots = desk.shots()
            var empty = desk
            (empty.arm, empty.frames) = (false, 20)
            masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
            background = try masker.background(stream: empty.stream(empty.shots()), poses: empty.poses, tags: [:])
        }

        static let shared = Result { try RecordedDesk() }

        var small: PictureStream {
            get throws {
                let working = WorkingPictures(width: desk.width, height: desk.height)
                let pictures = try shots.map { try working.shrink($0.picture) }
                return { [desk] (visit) throws(HumanError) in for (i, p) in pictures.enumerated() { try visit(i, desk.time(i), p) } }
            }
        }

        func sought(
            _ stream: PictureStream, background: BackgroundModel?
        ) throws -> (masks: [WorkingMask], analysis: HumanAnalysis, statistics: MaskStatistics) {
            let analysis = try masker.analyze(stream: stream, poses: desk.poses, tags: [:], background: background)
            let collector = Collector()
            let statistics = try masker.seek(stream: stream, poses: desk.poses, tags: [:], analysis: analysis) {
                (mask: WorkingMask) throws(HumanError) in collector.masks.append(mask)
            }
            return (collector.masks, analysis, statistics)
        }

        func finished(_ record: MaskRecord, background: BackgroundModel?, order: [Int]) throws -> [Int: Image] {
            var finisher = try MaskFinisher(masker: masker, record: record, background: background, poses: desk.poses, tags: [:])
            var out: [Int: Image] = [:]
            for i in order { out[i] = try finisher.finish(shots[i].picture, frame: i, time: desk.time(i)).classes }
            return out
        }
    }

    private static func written(
        _ masks: [WorkingMask], _ analysis: HumanAnalysis, _ masker: HumanMasker
    ) throws -> ScratchFolder {
        let folder = try ScratchFolder("record")
        let writer = try MaskRecordWriter(folder: folder.url, analysis: analysis, masker: masker)
        for mask in masks { try writer.append(mask) }
        try writer.finish()
        return folder
    }

    @Test func `pictures made small beforehand give the same masks as full ones`() throws {
        let session = try RecordedDesk.shared.get()
        #expect(session.masker.workingSize == (161, 121))
        let (full, small) = (
            try session.sought(session.desk.stream(session.shots), background: session.background),
            try session.sought(session.small, background: session.background)
        )
        #expect(full.statistics == small.statistics && full.statistics.humanVisible)
        #expect(full.masks.map(\.classes) == small.masks.map(\.classes))
        #expect(full.masks.map(\.humanProbability) == small.masks.map(\.humanProbability))
        let trimmed = try (
            session.masker.trimmed(stream: session.desk.stream(session.shots), poses: session.desk.poses, tags: [:]),
            session.masker.trimmed(stream: session.small, poses: session.desk.poses, tags: [:])
        )
        #expect(trimmed.0 == trimmed.1)
    }

    @Test(arguments: [true, false]) func `a record on disk finishes as one in memory, in any order`(knowsBackground: Bool) throws {
        let session = try RecordedDesk.shared.get()
        let background = knowsBackground ? session.background : nil
        let (masks, analysis, statistics) = try session.sought(session.small, background: background)
        let folder = try Self.written(masks, analysis, session.masker)
        let all = Array(session.shots.indices)
        let memory = try session.finished(MaskRecord(masks, analysis: analysis, masker: session.masker), background: background, order: all)
        let disk = try MaskRecord(folder: folder.url)
        #expect(disk.humanVisible)
        #expect(try session.finished(disk, background: background, order: all) == memory)
        let some = [60, 9, 33, 34, 12, 33]
        #expect(try session.finished(disk, background: background, order: some).allSatisfy { memory[$0.key] == $0.value })
        // Against the truth, and what working size alone says of the frame.
        var (both, either) = (0, 0)
        for i in all {
            let found = try #require(memory[i]).pixels.map { $0 == PixelClass.human.rawValue }
            for (a, b) in zip(found, session.shots[i].human) { (both, either) = (both + (a && b ? 1 : 0), either + (a || b ? 1 : 0)) }
            let isThere = masks[i].classes.pixels.contains(PixelClass.human.rawValue)
            #expect(isThere == (masks[i].humanShare > 0))
            if session.shots[i].human.count(where: { $0 }) > 1500 { #expect(isThere && masks[i].isTouched) }
        }
        print("record, background \(knowsBackground): IoU \(Double(both) / Double(either)), human in \(statistics.humanFrameCount) frames")
        #expect(Double(both) > 0.8 * Double(either))
        #expect(statistics.humanFrameCount == masks.filter(\.isTouched).count)
    }

    @Test func `the same findings give the same bytes, and frames without a human take no room`() throws {
        let session = try RecordedDesk.shared.get()
        let (masks, analysis, _) = try session.sought(session.small, background: session.background)
        let (a, b) = (try Self.written(masks, analysis, session.masker), try Self.written(masks, analysis, session.masker))
        let names = try FileManager.default.contentsOfDirectory(atPath: a.url.path).sorted()
        #expect(names == ["colours.bin", "frames.csv", "maps.bin", "record.json"])
        var size = 0
        for name in names {
            let bytes = try FileBytes.read(a.url.appendingPathComponent(name))
            if name == "maps.bin" { size = bytes.count }
            #expect(try FileBytes.read(b.url.appendingPathComponent(name)) == bytes, "\(name)")
        }
        let rows = try CSVTable(contentsOf: a.url.appendingPathComponent("frames.csv")).rows
        let human = masks.filter { $0.humanShare > 0 }
        print("record: \(size) bytes for \(human.count) frames with a human of \(masks.count)")
        #expect(!human.isEmpty && rows.count < masks.count && size < 12_000 * rows.count)
    }

    @Test func `a damaged or foreign record is refused by file, never trusted`() throws {
        let session = try RecordedDesk.shared.get()
        let (masks, analysis, _) = try session.sought(session.small, background: session.background)
        func refusal(_ change: (URL) throws -> Void) throws -> String {
            let folder = try Self.written(masks, analysis, session.masker)
            try change(folder.url)
            do {
                let record = try MaskRecord(folder: folder.url)
                _ = try session.finished(record, background: session.background, order: Array(session.shots.indices))
                return ""
            } catch {
                return "\(error)"
            }
        }
        for name in ["record.json", "frames.csv", "maps.bin", "colours.bin"] {
            let gone = try refusal { try FileManager.default.removeItem(at: $0.appendingPathComponent(name)) }
            #expect(gone.contains(name), "\(name): \(gone)")
            let cut = try refusal { folder in
                let url = folder.appendingPathComponent(name)
                let bytes = try FileBytes.read(url)
                try FileBytes.write(Array(bytes.prefix(bytes.count / 2)), to: url)
            }
            #expect(cut.contains(name), "\(name): \(cut)")
        }
        let garbled = try refusal { folder in
            let url = folder.appendingPathComponent("maps.bin")
            try FileBytes.write([UInt8](repeating: 7, count: try FileBytes.read(url).count), to: url)
        }
        #expect(garbled.contains("maps.bin") && garbled.contains("frame"))
        let row = try refusal { folder in
            let url = folder.appendingPathComponent("frames.csv")
            var table = try CSVTable(contentsOf: url)
            table.rows[0][1] = "-5"
            try table.write(to: url)
        }
        #expect(row.contains("frames.csv") && row.contains("row 1"))
        // Another picture size, another background model.
        let record = MaskRecord(masks, analysis: analysis, masker: session.masker)
        let other = SyntheticDesk(arm: true, frames: 26, rate: 5)
        let small = try HumanMasker(device: other.device, mask: try other.deviceMask(other.shots()))
        #expect(throws: HumanError.self) {
            try MaskFinisher(masker: small, record: record, background: nil, poses: other.poses, tags: [:])
        }
        let lone = try session.sought(session.small, background: nil)
        #expect(throws: HumanError.self) {
            try MaskFinisher(
                masker: session.masker, record: MaskRecord(lone.masks, analysis: lone.analysis, masker: session.masker),
                background: session.background, poses: session.desk.poses, tags: [:])
        }
    }

    @Test func `the pictures that are kept beforehand make the same background and device mask`() throws {
        let session = try RecordedDesk.shared.get()
        var empty = session.desk
        (empty.arm, empty.frames, empty.rate) = (false, 60, 15)
        let shots = empty.shots()
        let kept = BackgroundModel.frames((0..<60).map(empty.time))
        #expect(kept.count > 10 && kept.count < 20)
        let some: PictureStream = { (visit) throws(HumanError) in for i in kept { try visit(i, empty.time(i), shots[i].picture) } }
        let (all, few) = (
            try #require(try session.masker.background(stream: empty.stream(shots), poses: empty.poses, tags: [:])),
            try #require(try session.masker.background(stream: some, poses: empty.poses, tags: [:]))
        )
        #expect(all.viewCount == kept.count && few.viewCount == kept.count && all.pointCount == few.pointCount)
        var builders = try (
            DeviceMaskBuilder(device: empty.device, width: empty.width, height: empty.height),
            DeviceMaskBuilder(device: empty.device, width: empty.width, height: empty.height)
        )
        for (i, shot) in shots.enumerated() where i % 4 == 0 {
            try builders.0.add(shot.picture, tags: [], recording: i % 2)
            let small = try builders.1.prepare(shot.picture)
            try builders.1.add(prepared: try Image(decoding: small.pngBytes()), tags: [], recording: i % 2)
        }
        #expect(try builders.0.build() == builders.1.build())
        #expect(throws: HumanError.self) { try builders.1.add(prepared: shots[0].picture, tags: []) }
    }

    @Test func `frames to fill from are few, evenly spread and known beforehand`() {
        var options = FillOptions()
        options.plates = 48
        for count in [0, 1, 2, 47, 48, 49, 95, 96, 97, 1000, 3601] {
            let frames = PlateStore.frames(of: count, options: options)
            let steps = Set(zip(frames, frames.dropFirst()).map { $1 - $0 })
            #expect(frames.count <= 48 && steps.count <= 1 && frames.first == (count > 0 ? 0 : nil))
            // Half as far apart they would be too many.
            if let step = steps.first, step > 1 { #expect((count + step / 2 - 1) / (step / 2) > 48) }
            #expect((frames.last ?? -1) + (steps.first ?? 1) >= count)
        }
    }
}

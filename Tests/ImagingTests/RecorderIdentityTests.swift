import Foundation
import Imaging
import Testing

@Suite struct RecorderIdentityTests {
    @Test func aVideoSaysWhoRecordedItAndWhen() throws {
        let scratch = try Scratch()
        let url = scratch.file("GX010001.MP4")
        var options = VideoWriter.Options(.h264, rate: Rational(30))
        (options.creationTime, options.timecode, options.hasTelemetry) = ("2026-03-01T14:03:07.000000Z", "14:03:07:12", true)
        let writer = try VideoWriter(url, width: 96, height: 64, options: options)
        let pictures = (0..<4).map { Picture.moving($0) }
        for picture in pictures { try writer.append(picture) }
        try writer.append(telemetry: [UInt8]("DEVC".utf8) + [0, 1, 0, 0], milliseconds: 0, duration: 100)
        try writer.finish()
        let plain = try RecorderIdentity(contentsOf: url)
        #expect(plain.serial == nil && plain.problems.count == 1)
        let before = try VideoReader(url).allFrames()
        try CameraSerialBox.add(serial: "C3441320000017", model: "HERO10 Black", to: url)
        let identity = try RecorderIdentity(contentsOf: url)
        #expect(identity.serial == "C3441320000017" && identity.model == "HERO10 Black" && identity.problems.isEmpty)
        let start = try #require(identity.start)
        // 2026-03-01 is day 20513.
        #expect(abs(start - (20_513 * 86_400 + 14 * 3600 + 3 * 60 + 7 + 0.4)) < 1e-6)
        // The pictures are where they were: the chunk offsets moved with the box.
        #expect(try VideoReader(url).allFrames() == before)
    }

    @Test func midnightLiesBetweenDateAndTimecode() throws {
        // The file was made a moment before midnight, its first frame is labelled after it; and the other way round.
        let after = RecorderIdentity(creationTime: "2026-03-01T23:59:59.000000Z", timecode: "00:00:00:15", rate: 30)
        #expect(try abs(#require(after.start) - (20_514 * 86_400 + 0.5)) < 1e-6)
        let before = RecorderIdentity(creationTime: "2026-03-02T00:00:01.000000Z", timecode: "23:59:59:00", rate: 30)
        #expect(try abs(#require(before.start) - (20_514 * 86_400 - 1)) < 1e-6)
    }

    @Test func whatIsMissingIsSaid() {
        let none = RecorderIdentity(creationTime: nil, timecode: nil, rate: 30)
        #expect(none.start == nil && none.problems.count == 2)
        let dated = RecorderIdentity(creationTime: "2026-03-01T14:03:07Z", timecode: "nonsense", rate: 30)
        #expect(dated.resolution == 1 && dated.start != nil && dated.problems.contains { $0.contains("nonsense") })
        let coded = RecorderIdentity(creationTime: nil, timecode: "00:00:02:00", rate: 30)
        #expect(coded.start == 2 && coded.problems.count == 1)
    }
}

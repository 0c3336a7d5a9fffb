import Foundation
import Geometry
import Session
import Testing

@testable import Imaging

/// Recordings that the camera wrote in several files. The truth is the same recording in one file.
@Suite struct ChapterTests {
    private static let rate = Rational(30000, 1001)
    /// A payload holds thirty frames, as GoPro's do.
    private static let payload = 1.001

    private static func frames(_ count: Int) -> [Timestamp<VideoClock>] {
        (0..<count).map { Timestamp(nanoseconds: Int64($0) * 1_001_000_000 / 30) }
    }

    private static func payloads(_ count: Int, offset: Double = 0.021, origin: Int = 1_000_000) throws -> [GPMFWriter.Payload] {
        var options = GPMFWriter.Options()
        options.payloadDuration = payload
        options.clockOrigin = origin
        let truth = TelemetryTests.motion(seconds: Double(count) / 29.97, offset: offset)
        return try GPMFWriter.payloads(truth, frames: frames(count), exposure: 1 / 240, options: options)
    }

    /// Frames `range` of the recording with the payloads of their time, whose times count from the file's own beginning.
    private func write(
        _ url: URL, _ range: Range<Int>, _ payloads: [GPMFWriter.Payload], width: Int = 96, rate: Rational = rate, created: String? = nil
    ) throws {
        var options = VideoWriter.Options(.ffv1, rate: rate)
        options.hasTelemetry = true
        options.creationTime = created
        let writer = try VideoWriter(url, width: width, height: 64, channels: 1, options: options)
        let first = range.lowerBound / 30
        for i in range {
            if i % 30 == 0, i / 30 < payloads.count {
                let p = payloads[i / 30]
                let start = payloads[first].milliseconds
                try writer.append(telemetry: p.bytes, milliseconds: p.milliseconds - start, duration: p.duration)
            }
            try writer.append(Picture.moving(i, width: width, channels: 1))
        }
        try writer.finish()
    }

    @Test(arguments: [[60], [30, 90], [60, 90, 120]]) func chaptersGiveWhatOneFileGives(_ cuts: [Int]) throws {
        let scratch = try Scratch()
        let count = 157
        let payloads = try Self.payloads(count)
        try write(scratch.file("whole.mov"), 0..<count, payloads)
        let whole = try Recording(scratch.file("whole.mov"))
        var urls: [URL] = []
        for (k, (a, b)) in zip([0] + cuts, cuts + [count]).enumerated() {
            urls.append(scratch.file("GX0\(k + 1)0042.mov"))
            try write(urls[k], a..<b, payloads)
        }
        let before = urls.map { DecodeLog.shared.frames(of: $0) }
        let chapters = try Recording(chapters: urls)
        #expect(chapters.frameTimes == whole.frameTimes && chapters.frameTimes.count == count)
        #expect(chapters.inertial == whole.inertial && (whole.inertial?.gyroscope.count ?? 0) > 1000)
        #expect(chapters.telemetry?.devices == whole.telemetry?.devices)
        #expect(chapters.problems == whole.problems)
        #expect(chapters.video?.statedFrameCount == whole.video?.statedFrameCount)
        #expect(abs((chapters.video?.duration ?? 0) - (whole.video?.duration ?? 0)) < 1e-9)

        let source = try chapters.frames(.gray)
        let truth = try whole.frames(.gray)
        for i in 0..<count {
            // Some are passed over, also across a border.
            if i % 7 == 3 || cuts.contains(i) {
                #expect(try source.skipFrame() == truth.skipFrame())
                #expect(try source.lastFrame(.rgb) == truth.lastFrame(.rgb))
            } else {
                #expect(try source.nextFrame() == truth.nextFrame(), "frame \(i)")
            }
        }
        #expect(try source.nextFrame() == nil && truth.nextFrame() == nil)
        #expect(try source.lastFrame(.gray) == truth.lastFrame(.gray))
        for (k, url) in urls.enumerated() {
            let own = ([0] + cuts + [count])[k + 1] - ([0] + cuts)[k]
            // The first frame of a further chapter shows that it can be decoded.
            #expect(DecodeLog.shared.frames(of: url) - before[k] == own + (k == 0 ? 0 : 1), "chapter \(k + 1) is decoded once")
        }
        // As a later stage opens it.
        let again = try Recording.frames(of: urls, .gray)
        for i in 0..<cuts[0] + 2 { #expect(try again.skipFrame() == whole.frameTimes[i]) }
    }

    /// A recorder without stamps (HERO5 to 7): one line through the sample counts of all chapters.
    @Test func unstampedTelemetryGoesOn() throws {
        let scratch = try Scratch()
        let payloads = try Self.payloads(150).map { payload in
            var payload = payload
            let key = Array("STMP".utf8)
            for i in payload.bytes.indices.dropLast(3) where payload.bytes[i..<(i + 4)].elementsEqual(key) { payload.bytes[i] = 88 }
            return payload
        }
        try write(scratch.file("whole.mov"), 0..<150, payloads)
        try write(scratch.file("GOPR0007.mov"), 0..<60, payloads)
        try write(scratch.file("GP010007.mov"), 60..<150, payloads)
        let whole = try Recording(scratch.file("whole.mov"))
        let chapters = try Recording(chapters: ["GOPR0007.mov", "GP010007.mov"].map(scratch.file))
        #expect(whole.telemetry?.devices[0].clockSource == .payloadTimes)
        #expect(chapters.inertial == whole.inertial && chapters.problems == whole.problems)
    }

    /// A recorder that begins its stamps anew with each file: the second chapter's stand to its pictures as the first's do.
    @Test func stampsThatBeginAnewArePutBehind() throws {
        let scratch = try Scratch()
        let all = try Self.payloads(150)
        // The same motion as the second file's recorder would have stamped it, 2.002 s earlier.
        let again = try Self.payloads(150, origin: 1_000_000 - 2_002_000 + 300_000)
        try write(scratch.file("a.mov"), 0..<60, all)
        try write(scratch.file("b.mov"), 60..<150, again)
        try write(scratch.file("whole.mov"), 0..<150, all)
        let truth = try #require(try Recording(scratch.file("whole.mov")).inertial)
        let chapters = try Recording(chapters: ["a.mov", "b.mov"].map(scratch.file))
        let read = try #require(chapters.inertial)
        #expect(read.gyroscope.count == truth.gyroscope.count)
        // Stamps are whole microseconds; between the last of one clock and the first of the other lie the times of one payload.
        for (a, b) in zip(read.gyroscope, truth.gyroscope) { #expect(abs(a.time - b.time) < 2e-5 && a.value == b.value) }
        #expect(chapters.problems.contains { "\($0)".contains("b.mov begin anew") }, "\(chapters.problems)")
    }

    @Test func whatIsNoChapterIsNamed() throws {
        let scratch = try Scratch()
        let all = try Self.payloads(150)
        try write(scratch.file("GX010031.mov"), 0..<60, all, created: "2024-05-03T10:00:00Z")
        func refused(_ write: (URL) throws -> Void) throws -> String {
            let second = scratch.file("GX020031.mov")
            try? FileManager.default.removeItem(at: second)
            try write(second)
            let error = try #require(throws: ImagingError.self) { try Recording(chapters: [scratch.file("GX010031.mov"), second]) }
            guard case .chapter(let path, let reason) = error else { return "\(error)" }
            #expect(path == second.path && reason.contains("GX010031.mov"))
            return reason
        }
        #expect(try refused { try write($0, 60..<90, all, width: 128) }.contains("128x64 at 29.97 Hz"))
        #expect(try refused { try write($0, 60..<90, all, rate: Rational(60)) }.contains("96x64 at 60.0 Hz"))
        #expect(try refused { try write($0, 60..<90, all, created: "2024-05-03T11:00:00Z") }.contains("2024-05-03T11:00:00"))
        // 40 s later by the camera's own clock.
        let later = try Self.payloads(150, origin: 41_000_000)
        #expect(try refused { try write($0, 60..<90, later, created: "2024-05-03T10:00:02Z") }.contains("40.0 s after"))
        // A chapter whose telemetry is gone: the pictures are good.
        let silent = scratch.file("GX020031.mov")
        try FileManager.default.removeItem(at: silent)
        try write(silent, 60..<150, [])
        let recording = try Recording(chapters: [scratch.file("GX010031.mov"), silent])
        #expect(recording.frameTimes.count == 150)
        #expect(recording.problems.contains { "\($0)".contains("GX020031.mov holds no telemetry") }, "\(recording.problems)")
    }

    @Test func camerasAreToldApart() throws {
        let scratch = try Scratch()
        for (name, serial) in [("a.mp4", "C3441"), ("b.mp4", "C3441"), ("c.mp4", "C9000")] {
            let writer = try VideoWriter(scratch.file(name), width: 64, height: 48, options: VideoWriter.Options(.h264, rate: Rational(25)))
            for i in 0..<10 { try writer.append(Picture.moving(i, width: 64, height: 48)) }
            try writer.finish()
            try CameraSerialBox.add(serial: serial, model: "HERO11", to: scratch.file(name))
        }
        #expect(try Recording(chapters: ["a.mp4", "b.mp4"].map(scratch.file)).frameTimes.count == 20)
        let error = try #require(throws: ImagingError.self) { try Recording(chapters: ["a.mp4", "b.mp4", "c.mp4"].map(scratch.file)) }
        #expect("\(error)".contains("c.mp4: is no chapter") && "\(error)".contains("C9000"))
    }

    /// Where a chapter stops before its end, so does the recording: all frames before are good.
    @Test func aDamagedChapterEndsTheRecording() throws {
        let scratch = try Scratch()
        let all = try Self.payloads(90)
        for (k, range) in [0..<30, 30..<60, 60..<90].enumerated() { try write(scratch.file("\(k).mov"), range, all) }
        let second = scratch.file("1.mov")
        let recording = try Recording(chapters: ["0.mov", "1.mov", "2.mov"].map(scratch.file))
        // Its pictures go after it was looked through.
        try Data().write(to: second)
        let source = try recording.frames(.gray)
        for _ in 0..<30 { #expect(try source.skipFrame() != nil) }
        let error = try #require(throws: ImagingError.self) { try source.nextFrame() }
        guard case .truncated(let path, let decoded, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(path == second.path && decoded == 30)
        #expect(throws: error) { try source.nextFrame() }
    }

    @Test func namesAreTheCameras() {
        for (stem, prefix, recording, chapter, family) in [
            ("GX010042", "", "0042", 1, "GX"), ("GH120042", "", "0042", 12, "GH"), ("GOPR0007", "", "0007", 1, "GP"),
            ("GP010007", "", "0007", 2, "GP"), ("gp110007", "", "0007", 12, "GP"), ("mapping_GX030042", "mapping", "0042", 3, "GX"),
            ("left hand-gh020001", "left hand", "0001", 2, "GH"), ("a_b_GOPR1234", "a_b", "1234", 1, "GP"),
        ] {
            let name = ChapterName(stem)
            #expect(
                name?.prefix == prefix && name?.recording == recording && name?.chapter == chapter && name?.family == family, "\(stem)")
        }
        for stem in ["GX01004", "GX0100421", "GX000042", "GP000007", "demo_1", "GX010042_edited", "100GX010042", "GL010042"] {
            #expect(ChapterName(stem) == nil, "\(stem)")
        }
        #expect(ChapterName("GP010007")?.name(of: 1) == "GOPR0007" && ChapterName("GP010007")?.name(of: 3) == "GP020007")
        #expect(ChapterName("mapping_GX010042")?.name(of: 11) == "GX110042")
    }
}

import Foundation
import Imaging
import Session
import Testing

@Suite struct VideoTests {
    @discardableResult
    private func write(_ url: URL, frames: Int, channels: Int = 3, _ options: VideoWriter.Options) throws -> [Image] {
        let images = (0..<frames).map { Picture.moving($0, channels: channels) }
        let writer = try VideoWriter(url, width: 96, height: 64, channels: channels, options: options)
        for image in images { try writer.append(image) }
        try writer.finish()
        return images
    }

    @Test func h264RoundTripKeepsPicturesAndExactTimes() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let images = try write(url, frames: 40, VideoWriter.Options(.h264, rate: Rational(30), crf: 12, gop: 10))
        let reader = try VideoReader(url)
        let frames = try reader.allFrames()
        #expect(frames.count == 40)
        #expect(reader.frameCount == 40)
        for (i, frame) in frames.enumerated() {
            #expect(frame.index == i)
            // A third of a second is a multiple of the time scale: to the nanosecond.
            #expect(frame.time.nanoseconds == Int64((Double(i) * 1e9 / 30).rounded()))
            #expect(Picture.psnr(frame.image, images[i]) > 32)
        }
        // Colours, not only structure: the mean of each channel survives.
        for c in 0..<3 {
            func mean(_ image: Image) -> Double {
                Double(stride(from: c, to: image.pixels.count, by: 3).reduce(0) { $0 + Int(image.pixels[$1]) }) / Double(96 * 64)
            }
            #expect(abs(mean(frames[7].image) - mean(images[7])) < 1.5)
        }
        let info = reader.info
        #expect(info.codec == "h264" && info.pixelFormat == "yuv420p" && !info.isFullRange)
        #expect(info.averageRate == Rational(30) && info.statedFrameCount == 40 && info.rotation == 0)
        #expect(info.streams[0].timeBase == Rational(1, 15360))
        #expect(abs(info.duration - 40.0 / 30) < 1e-6)
    }

    @Test func fractionalRatesAreExact() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        try write(url, frames: 31, VideoWriter.Options(.h264, rate: Rational(30000, 1001)))
        let times = try VideoReader.frameTimes(of: url)
        #expect(times.map(\.nanoseconds) == (0..<31).map { Int64((Double($0) * 1001e9 / 30000).rounded()) })
        #expect(try VideoReader(url).info.averageRate == Rational(30000, 1001))
    }

    @Test func grayIsTheLumaOfTheSamePicture() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let images = try write(url, frames: 3, VideoWriter.Options(.h264, rate: Rational(30), crf: 8))
        let frames = try VideoReader(url, options: VideoReader.Options(.gray)).allFrames()
        for (frame, image) in zip(frames, images) {
            #expect(frame.image.channels == 1)
            #expect(Picture.psnr(frame.image, image.gray) > 36)
        }
    }

    @Test func sameInputGivesTheSameBytes() throws {
        let scratch = try Scratch()
        var options = VideoWriter.Options(.h264, rate: Rational(30))
        options.creationTime = "2024-01-02T03:04:05Z"
        options.timecode = "01:02:03:04"
        try write(scratch.file("a.mp4"), frames: 12, options)
        try write(scratch.file("b.mp4"), frames: 12, options)
        #expect(try SHA256.hex(ofFile: scratch.file("a.mp4")) == SHA256.hex(ofFile: scratch.file("b.mp4")))
        let info = try VideoInfo(contentsOf: scratch.file("a.mp4"))
        #expect(info.creationTime?.hasPrefix("2024-01-02T03:04:05") == true)
        #expect(info.timecode == "01:02:03:04")
    }

    @Test(arguments: [1, 3]) func ffv1IsLossless(channels: Int) throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mov")
        let images = try write(url, frames: 5, channels: channels, VideoWriter.Options(.ffv1, rate: Rational(30)))
        let frames = try VideoReader(url, options: VideoReader.Options(channels == 1 ? .gray : .rgb)).allFrames()
        #expect(frames.map(\.image) == images)
        #expect(frames.map(\.time.nanoseconds) == (0..<5).map { Int64((Double($0) * 1e9 / 30).rounded()) })
    }

    @Test func av1KeepsPicturesAndTimes() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let images = try write(url, frames: 12, VideoWriter.Options(.av1, rate: Rational(30), crf: 20))
        let frames = try VideoReader(url).allFrames()
        #expect(frames.map(\.time.nanoseconds) == (0..<12).map { Int64((Double($0) * 1e9 / 30).rounded()) })
        for (frame, image) in zip(frames, images) { #expect(Picture.psnr(frame.image, image) > 30) }
    }

    @Test func variableRateKeepsEachFramesOwnTime() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let writer = try VideoWriter(url, width: 96, height: 64, options: VideoWriter.Options(.h264, rate: Rational(30)))
        let ticks: [Int64] = [0, 512, 700, 2048, 2060, 5000, 5512]
        for (i, tick) in ticks.enumerated() { try writer.append(Picture.moving(i), tick: tick) }
        try writer.finish()
        let expected = ticks.map { Int64((Double($0) * 1e9 / 15360).rounded()) }
        #expect(try VideoReader(url).allFrames().map(\.time.nanoseconds) == expected)
        #expect(try VideoReader.frameTimes(of: url).map(\.nanoseconds) == expected)
        let problems = try Recording(url).problems
        #expect(problems.contains { if case .variableFrameRate(let a, let b) = $0 { a < 0.001 && b > 0.19 } else { false } })
    }

    /// B frames delay decoding; the container's edit list takes the delay back. Both ways of reading must agree.
    @Test func delayedDecodingBeginsAtZero() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        var options = VideoWriter.Options(.h264, rate: Rational(30), crf: 12, gop: 24)
        options.bFrames = 3
        let images = try write(url, frames: 24, options)
        let frames = try VideoReader(url).allFrames()
        let expected = (0..<24).map { Int64((Double($0) * 1e9 / 30).rounded()) }
        #expect(frames.map(\.time.nanoseconds) == expected)
        #expect(try VideoReader.frameTimes(of: url).map(\.nanoseconds) == expected)
        for (frame, image) in zip(frames, images) { #expect(Picture.psnr(frame.image, image) > 30) }
    }

    @Test(arguments: [90, 180, 270]) func rotationMetadataTurnsThePictureUpright(degrees: Int) throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        var options = VideoWriter.Options(.h264, rate: Rational(30), crf: 8)
        options.rotation = degrees
        let images = try write(url, frames: 2, options)
        for format in [VideoReader.Options.Format.rgb, .gray] {
            let reader = try VideoReader(url, options: VideoReader.Options(format))
            let frame = try #require(try reader.nextFrame())
            let upright = Picture.turned(format == .gray ? images[0].gray : images[0], degrees)
            #expect(reader.width == upright.width && reader.height == upright.height)
            #expect(Picture.psnr(frame.image, upright) > 32)
        }
        var raw = VideoReader.Options()
        raw.appliesRotation = false
        let stored = try VideoReader(url, options: raw)
        #expect(stored.width == 96 && stored.info.rotation == degrees)
        #expect(try Recording(url).problems.contains(.rotated(degrees: degrees)))
    }

    @Test func aTruncatedFileGivesItsGoodFramesThenSaysWhere() throws {
        let scratch = try Scratch()
        let url = scratch.file("whole.mp4")
        let images = try write(url, frames: 60, VideoWriter.Options(.h264, rate: Rational(30), crf: 12, gop: 10))
        let bytes = try Data(contentsOf: url)
        let cut = scratch.file("cut.mp4")
        try bytes.prefix(bytes.count * 6 / 10).write(to: cut)
        let reader = try VideoReader(cut)
        var good: [VideoFrame] = []
        var failure: ImagingError?
        do { while let frame = try reader.nextFrame() { good.append(frame) } } catch { failure = error }
        #expect(good.count > 10 && good.count < 60)
        for frame in good { #expect(Picture.psnr(frame.image, images[frame.index]) > 30) }
        guard case .truncated(let path, let count, _) = failure else {
            Issue.record("no truncation reported: \(String(describing: failure))")
            return
        }
        #expect(path == cut.path && count == good.count)
        #expect(throws: ImagingError.self) { try reader.nextFrame() }
        let problems = try Recording(cut).problems
        #expect(problems.contains { if case .missingFrames(60, let found) = $0 { found == good.count } else { false } })
        // Without its index (at the front here) nothing can be read.
        try bytes.prefix(600).write(to: scratch.file("head.mp4"))
        #expect(throws: ImagingError.self) { try VideoReader(scratch.file("head.mp4")) }
    }

    /// Bytes damaged in the middle: frames before the damage come, none after it, and none that is wrong.
    @Test func aDamagedFileNeverDeliversAWrongPicture() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let images = try write(url, frames: 60, VideoWriter.Options(.h264, rate: Rational(30), crf: 12, gop: 60))
        var bytes = [UInt8](try Data(contentsOf: url))
        for i in 0..<400 { bytes[bytes.count / 2 + i] = UInt8(truncatingIfNeeded: i &* 197 &+ 31) }
        try Data(bytes).write(to: scratch.file("b.mp4"))
        let reader = try VideoReader(scratch.file("b.mp4"))
        var good: [VideoFrame] = []
        #expect(throws: ImagingError.self) { while let frame = try reader.nextFrame() { good.append(frame) } }
        #expect(good.count > 5)
        for frame in good { #expect(Picture.psnr(frame.image, images[frame.index]) > 28) }
    }

    @Test func whatIsNoVideoIsRefusedByName() throws {
        let scratch = try Scratch()
        try Data().write(to: scratch.file("empty.mp4"))
        try Data("this is a text file named .mp4\n".utf8).write(to: scratch.file("text.mp4"))
        try Data("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.mp4\n".utf8).write(to: scratch.file("list.mp4"))
        try Data("1\n00:00:00,000 --> 00:00:02,000\nsubtitle\n\n".utf8).write(to: scratch.file("subtitle.mp4"))
        for (name, words) in [
            ("empty.mp4", "is empty"), ("text.mp4", "is not a video"), ("list.mp4", "is not a video"), ("subtitle.mp4", "is not a video"),
            ("missing.mp4", "does not exist"), (".", "is a folder"),
        ] {
            let url = scratch.file(name)
            let error = #expect(throws: ImagingError.self) { try VideoReader(url) }
            #expect(error?.description.contains(words) == true, "\(name): \(String(describing: error))")
            #expect(error?.description.contains(url.path) == true)
            #expect(throws: ImagingError.self) { try Recording(url) }
        }
    }

    @Test func wrongWritesAreRefused() throws {
        let scratch = try Scratch()
        #expect(throws: ImagingError.self) { try VideoWriter(scratch.file("thin.mp4"), width: 1, height: 64) }
        #expect(throws: ImagingError.self) {
            try VideoWriter(scratch.file("rate.mp4"), width: 96, height: 64, options: VideoWriter.Options(.h264, rate: Rational(0)))
        }
        #expect(throws: ImagingError.self) { try VideoWriter(scratch.file("no/such/folder.mp4"), width: 96, height: 64) }
        let writer = try VideoWriter(scratch.file("a.mp4"), width: 96, height: 64)
        #expect(throws: ImagingError.self) { try writer.append(Image(width: 64, height: 96, channels: 3)) }
        #expect(throws: ImagingError.self) { try writer.append(telemetry: [1, 2, 3, 4], milliseconds: 0, duration: 1000) }
        #expect(throws: ImagingError.self) { try writer.finish() }
    }

    // The real recordings are private: skipped where they are missing.
    @Test(
        .enabled(if: Shared.isPresent),
        arguments: [("gopro-max-handheld", 848, 315), ("gopro-karma-two-devices", 854, 362), ("gopro-hero7-stabilised", 848, 352)])
    func realRecordingsAreMeasuredAsStated(name: String, width: Int, frames: Int) throws {
        let url = Shared.recording("\(name).mp4")
        let reader = try VideoReader(url, options: VideoReader.Options(.gray))
        #expect(reader.info.width == width && reader.info.height == 480 && reader.info.statedFrameCount == frames)
        var times: [Timestamp<VideoClock>] = []
        while let time = try reader.skipFrame() { times.append(time) }
        #expect(times.count == frames)
        #expect(try VideoReader.frameTimes(of: url) == times)
        // 90 kHz at 30000/1001: 3003 ticks each.
        #expect(times.enumerated().allSatisfy { $1.nanoseconds == Int64((Double($0) * 3003e9 / 90000).rounded()) })
    }
}

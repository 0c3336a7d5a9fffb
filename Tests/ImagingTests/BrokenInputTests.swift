import Foundation
import Geometry
import Imaging
import Session
import Testing

/// Files whose numbers nobody meant: each is refused in words, or read as far as it makes sense; none ends the program.
@Suite struct BrokenInputTests {
    private func bigEndian(_ value: UInt64, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(value >> (8 * UInt64($0)) & 255) }
    }

    private func box(_ type: String, _ content: [UInt8]) -> [UInt8] { bigEndian(UInt64(content.count + 8), 4) + Array(type.utf8) + content }

    // MARK: HDF5

    /// A shape larger than all memory over a file of some kilobytes: found before memory is asked for.
    @Test func aDatasetLargerThanItsFileIsRefused() throws {
        let scratch = try Scratch()
        for (name, shape) in [("rows", [3_000_000_000, 14]), ("overflow", [Int.max / 4, 1 << 20]), ("wide", [2, 1 << 40])] {
            let url = scratch.file("\(name).hdf5")
            let file = try HDF5File.creating(url)
            try file.createDataset("/observations/qpos", .float64, shape: shape, chunk: [2, 7])
            try file.close()
            let read = try HDF5File.reading(url)
            let error = try #require(throws: ImagingError.self) { try read.doubles("/observations/qpos") }
            #expect(error.description.contains("\(name).hdf5: /observations/qpos: ") && error.description.contains("bytes"), "\(error)")
            #expect(throws: ImagingError.self) { try read.bytes("/observations/qpos", rows: 0..<shape[0]) }
        }
    }

    /// What compresses well is not taken for damage.
    @Test func aCompressedDatasetIsReadWhole() throws {
        let scratch = try Scratch()
        let url = scratch.file("zeros.hdf5")
        let file = try HDF5File.creating(url)
        let rows = 40_000
        try file.createDataset("/zeros", .float64, shape: [rows, 32], chunk: [rows, 32], deflate: 9)
        try file.write("/zeros", [Double](repeating: 0, count: rows * 32), start: [0, 0], count: [rows, 32])
        try file.close()
        #expect(try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0 < 100_000)
        #expect(try HDF5File.reading(url).doubles("/zeros").values.count == rows * 32)
    }

    // MARK: MP4

    /// Boxes that state lengths up to the largest number there is.
    @Test(arguments: [UInt64(0), 1, 7, 9, 1 << 31, 1 << 62, .max - 15, .max])
    func boxLengthsOfAllKindsAreNoCrash(_ length: UInt64) throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let writer = try VideoWriter(url, width: 32, height: 32)
        try writer.append(Picture.moving(0, width: 32, height: 32))
        try writer.finish()
        let good = [UInt8](try Data(contentsOf: url))
        let ftyp = Int(good[3]) + Int(good[2]) << 8
        // A 64-bit length in place of the box after the first, and inside `moov`.
        let odd = bigEndian(1, 4) + Array("free".utf8) + bigEndian(length, 8)
        for bytes in [
            Array(good[..<ftyp]) + odd + Array(good[ftyp...]),
            Array(good[..<ftyp]) + bigEndian(length & 0xFFFF_FFFF, 4) + Array("moov".utf8),
            Array(good[..<ftyp]) + box("moov", box("udta", bigEndian(length & 0xFFFF_FFFF, 4) + Array("GPMF".utf8))) + Array(good[ftyp...]),
        ] {
            try Data(bytes).write(to: url)
            do { _ = try RecorderIdentity(contentsOf: url) } catch { #expect(error.description.contains("a.mp4: ")) }
            do { try CameraSerialBox.add(serial: "C1", model: "M", to: url) } catch { #expect(error.description.contains("a.mp4: ")) }
        }
    }

    /// Every byte of a small video's index changed in turn: read, or refused by name.
    @Test func aDamagedIndexIsReadOrRefused() throws {
        let scratch = try Scratch()
        let url = scratch.file("whole.mp4")
        var options = VideoWriter.Options()
        options.hasTelemetry = true
        let writer = try VideoWriter(url, width: 32, height: 32, options: options)
        let payloads = try GPMFWriter.payloads(TelemetryTests.motion(seconds: 1), frames: TelemetryTests.frames(30), exposure: 0.01)
        for payload in payloads {
            try writer.append(telemetry: payload.bytes, milliseconds: payload.milliseconds, duration: payload.duration)
        }
        for i in 0..<4 { try writer.append(Picture.moving(i, width: 32, height: 32)) }
        try writer.finish()
        let good = [UInt8](try Data(contentsOf: url))
        let target = scratch.file("b.mp4")
        var noise = Noise(state: 3)
        for _ in 0..<120 {
            var bytes = good
            for _ in 0..<(1 + Int(noise.next() % 4)) { bytes[Int(noise.next() % 1500)] = [0, 1, 127, 128, 255][Int(noise.next() % 5)] }
            try Data(bytes).write(to: target)
            do {
                let recording = try Recording(target)
                let frames = try recording.frames()
                while try frames.nextFrame() != nil {}
                _ = try RecorderIdentity(contentsOf: target)
            } catch { #expect(error.description.contains("b.mp4")) }
        }
    }

    // MARK: Telemetry

    private func entry(_ key: String, _ type: UInt8, size: Int, _ value: [UInt8]) -> [UInt8] {
        var out = Array(key.utf8) + [type, UInt8(size)] + bigEndian(UInt64(value.count / max(size, 1)), 2) + value
        while out.count % 4 != 0 { out.append(0) }
        return out
    }

    private func payload(_ stream: [UInt8]) -> [UInt8] {
        let strm = entry("STRM", 0, size: 1, stream)
        return entry("DEVC", 0, size: 1, entry("DVID", UInt8(ascii: "L"), size: 4, [0, 0, 0, 1]) + strm)
    }

    /// Numbers in the places where the reader counts with them.
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 4e18, 1e-300]) func telemetryNumbersOfAllKindsAreNoCrash(
        _ value: Double
    ) throws {
        let number = bigEndian(value.bitPattern, 8)
        let samples = entry("GYRO", UInt8(ascii: "s"), size: 6, [UInt8](repeating: 1, count: 60))
        for key in ["STMP", "TSMP", "TIMO", "SCAL", "MTRX", "TICK"] {
            let stream = entry(key, UInt8(ascii: "d"), size: 8, number) + samples
            let payloads = (0..<4).map {
                TelemetryPayload(bytes: payload(stream), time: Timestamp(seconds: Double($0)), duration: 1)
            }
            do {
                let telemetry = try Telemetry(payloads: payloads, path: "t")
                _ = try telemetry.inertialRecording()
            } catch { #expect(error.description.hasPrefix("t: ") || error.description.hasPrefix("telemetry: "), "\(error)") }
        }
        let doubles =
            entry("GYRO", UInt8(ascii: "d"), size: 24, number + number + number)
            + entry("ACCL", UInt8(ascii: "d"), size: 24, number + number + number)
        let values = try Telemetry(
            payloads: [TelemetryPayload(bytes: payload(doubles), time: Timestamp(seconds: 0), duration: 1)], path: "t")
        if value.isFinite {
            _ = try? values.inertialRecording()
        } else {
            #expect(throws: ImagingError.self) { try values.inertialRecording() }
        }
        for time in [Int64.min, .max, 0] {
            let odd = TelemetryPayload(bytes: payload(samples), time: Timestamp(nanoseconds: time), duration: value)
            _ = try Telemetry(payloads: [odd, odd, odd], presentationStart: Timestamp(nanoseconds: ~time), path: "t")
        }
    }

    /// A TYPE that spells a billion elements.
    @Test func aLayoutLargerThanItsStructureIsRefused() throws {
        let type = Array(String(repeating: "f[255]", count: 10_000).utf8)
        let stream =
            entry("TYPE", UInt8(ascii: "c"), size: 1, type) + entry("DATA", UInt8(ascii: "?"), size: 8, [UInt8](repeating: 0, count: 16))
        let error = try #require(throws: ImagingError.self) {
            try Telemetry(payloads: [TelemetryPayload(bytes: payload(stream), time: Timestamp(seconds: 0), duration: 1)], path: "t")
        }
        #expect(error.description.contains("DATA") && error.description.contains("layout"))
    }

    // MARK: Pictures

    /// A PNG of some hundred bytes that states 30000x30000 pixels.
    @Test func aPictureLargerThanItsFileCanHoldIsRefused() throws {
        var bytes = try Picture.moving(0, width: 64, height: 48).pngBytes()
        #expect(String(decoding: bytes[12..<16], as: UTF8.self) == "IHDR")
        bytes.replaceSubrange(16..<24, with: bigEndian(30_000, 4) + bigEndian(30_000, 4))
        bytes.replaceSubrange(29..<33, with: bigEndian(UInt64(crc(Array(bytes[12..<29]))), 4))
        #expect(throws: ImagingError.self) { try Image(decoding: Array(bytes.prefix(400)), path: "p.png") }
        // A plain one of many pixels a byte is not.
        let flat = Image(width: 4000, height: 3000, channels: 1, filledWith: 7)
        #expect(try Image(decoding: flat.pngBytes()) == flat)
    }

    private func crc(_ bytes: [UInt8]) -> UInt32 {
        var c: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            c ^= UInt32(byte)
            for _ in 0..<8 { c = c & 1 == 1 ? c >> 1 ^ 0xEDB8_8320 : c >> 1 }
        }
        return ~c
    }

    @Test(arguments: [
        ("x,a.png\n", "no picture"), ("9223372036854775807,a.png\n", "9223372036854775807"),
        ("0,a.png\n-9223372036854775808,a.png\n", "-9223372036854775808"),
        ("5,a.png\n4,a.png\n", "line 3"), ("5\n", "fields"), ("0,\n", "file name"),
    ])
    func wrongTablesOfPicturesAreNamed(_ table: String, _ word: String) throws {
        let scratch = try Scratch()
        let camera = scratch.file("r/mav0/cam0")
        try FileManager.default.createDirectory(at: camera.appendingPathComponent("data"), withIntermediateDirectories: true)
        try Data(Picture.moving(0, channels: 1).pngBytes()).write(to: camera.appendingPathComponent("data/a.png"))
        try Data(("#timestamp [ns],filename\n" + table).utf8).write(to: camera.appendingPathComponent("data.csv"))
        let error = try #require(throws: ImagingError.self) { try PictureFolder(scratch.file("r")) }
        #expect(error.description.contains("data.csv: ") && error.description.contains(word), "\(error)")
        // As a spreadsheet saves it.
        try Data([0xEF, 0xBB, 0xBF] + "#timestamp [ns],filename\r\n0,a.png \r\n,,\r\n".utf8).write(
            to: camera.appendingPathComponent("data.csv"))
        #expect(try PictureFolder(scratch.file("r")).statedFrameCount == 1)
    }

    /// Options are numbers of a file too.
    @Test func optionsBeyondAllMeasureAreNoCrash() throws {
        let image = Picture.moving(0, width: 64, height: 48, channels: 1)
        var corners = CornerDetector.Options()
        (corners.columns, corners.rows, corners.perCell) = (1 << 40, 3, 1 << 40)
        #expect(throws: ImagingError.self) { try CornerDetector(options: corners).detect(in: image) }
        corners = CornerDetector.Options()
        corners.perCell = .max
        #expect(try CornerDetector(options: corners).detect(in: image).count < 200)
        var features = FeatureDetector.Options()
        features.maximumCount = .max
        #expect(try FeatureDetector(options: features).detect(in: image).count < 64 * 48)
        var tags = TagDetector.Options()
        (tags.detectionWidth, tags.largestWindow, tags.windowStep) = (.max, .max, .max)
        _ = try? TagDetector(options: tags).detect(in: image)
        var flow = OpticalFlow.Options()
        (flow.window, flow.levels) = (.max, .max)
        #expect(throws: ImagingError.self) { try OpticalFlow(options: flow).pyramid(of: image) }
        #expect(throws: ImagingError.self) { try image.dilated(radius: .max) }
        #expect(throws: ImagingError.self) { try TagDetector.draw(id: .max, side: 60) }
        let scratch = try Scratch()
        for rate in [Rational(.max, 1), Rational(-5, 1), Rational(0, 0)] {
            #expect(throws: ImagingError.self) {
                try VideoWriter(scratch.file("a.mp4"), width: 64, height: 48, options: VideoWriter.Options(.h264, rate: rate))
            }
        }
        #expect(throws: ImagingError.self) { try VideoWriter(scratch.file("a.mp4"), width: .max, height: 48) }
    }
}

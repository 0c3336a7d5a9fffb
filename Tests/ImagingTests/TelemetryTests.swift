import Foundation
import Geometry
import Session
import Testing

@testable import Imaging

@Suite struct TelemetryTests {
    // MARK: Real payloads (private: skipped where they are missing). The counts were taken by a walk over the bytes written apart from
    // this parser.

    struct Expectation: Sendable, CustomTestStringConvertible {
        var file: String
        var devices: [UInt32]
        var counts: [String: Int]
        var testDescription: String { file }
    }

    static let raw = [
        Expectation(file: "gpmf-parser_hero5", devices: [1], counts: ["ACCL": 199, "GYRO": 399, "GPS5": 18, "ISOG": 24, "SHUT": 24]),
        Expectation(
            file: "gpmf-parser_hero6", devices: [1],
            counts: ["ACCL": 204, "GYRO": 204, "GPS5": 17, "FACE": 17, "FCNM": 15, "ISOE": 30, "SHUT": 30, "WBAL": 30, "WRGB": 30]),
        Expectation(
            file: "gpmf-parser_hero6+ble", devices: [1, 0x0100_0401],
            counts: ["ACCL": 198, "GYRO": 198, "GPS5": 18, "FCNM": 12, "ISOE": 24, "SHUT": 24, "WBAL": 24, "WRGB": 24, "acc1": 82]),
        Expectation(
            file: "gpmf-parser_Fusion", devices: [1], counts: ["ACCL": 197, "GYRO": 3300, "MAGN": 25, "GPS5": 19, "ISOG": 31, "SHUT": 31]),
        Expectation(
            file: "gpmf-parser_karma", devices: [1, 0x0100_e511],
            counts: [
                "ACCL": 196, "GYRO": 392, "ISOG": 29, "SHUT": 29, "FWVS": 0, "KBAT": 1, "GPRI": 4, "ATTD": 4, "GLPI": 4, "VFRH": 4,
                "SYST": 1, "BPOS": 2,
                "ATTR": 4, "SIMU": 4, "ESCS": 1, "LNED": 4, "CYTS": 4, "CSEN": 4,
            ]),
        Expectation(
            file: "gpmf-extract_karma_full", devices: [1, 0x0100_e511],
            counts: [
                "ACCL": 2397, "GYRO": 4795, "ISOG": 361, "SHUT": 361, "FWVS": 0, "KBAT": 12, "GPRI": 47, "ATTD": 47, "GLPI": 47, "VFRH": 47,
                "SYST": 12,
                "BPOS": 12, "ATTR": 47, "SIMU": 47, "ESCS": 12, "SCPR": 6, "LNED": 47, "CYTS": 48, "CSEN": 47,
            ]),
        Expectation(
            file: "gopro-telemetry_hero7", devices: [1],
            counts: [
                "ACCL": 3369, "GYRO": 3369, "GPS5": 308, "ISOE": 509, "SHUT": 509, "WBAL": 169, "WRGB": 169, "UNIF": 169, "SROT": 509,
                "FACE": 16,
            ]),
        Expectation(
            file: "gopro-telemetry_hero11", devices: [1],
            counts: [
                "ACCL": 2192, "GYRO": 2192, "SHUT": 274, "WBAL": 92, "WRGB": 92, "ISOE": 274, "YAVG": 92, "UNIF": 92, "SCEN": 552,
                "HUES": 276, "GPS5": 110,
                "GPS9": 110, "CORI": 274, "IORI": 274, "GRAV": 274, "WNDM": 110, "MWET": 110, "AALP": 110, "MSKP": 274, "LSKP": 274,
            ]),
    ]

    @Test(.enabled(if: Shared.isPresent), arguments: raw)
    func everyRawPayloadIsParsedWhole(expected: Expectation) throws {
        let telemetry = try Telemetry(rawFile: Shared.recording("gpmf/\(expected.file).raw"))
        #expect(telemetry.devices.map(\.id) == expected.devices)
        var counts: [String: Int] = [:]
        for device in telemetry.devices {
            for stream in device.streams {
                #expect(counts[stream.fourCC] == nil)
                counts[stream.fourCC] = stream.rowCount
                #expect(stream.values.count == stream.rowCount * stream.columnCount)
                #expect(zip(stream.times, stream.times.dropFirst()).allSatisfy { $0 <= $1 }, "\(stream.fourCC)")
            }
        }
        #expect(counts == expected.counts)
        #expect(telemetry.problems.isEmpty)
        let inertial = try telemetry.inertialRecording()
        #expect(inertial.gyroscope.count == expected.counts["GYRO"] && inertial.accelerometer.count == expected.counts["ACCL"])
        for samples in [inertial.gyroscope, inertial.accelerometer] {
            #expect(zip(samples, samples.dropFirst()).allSatisfy { $0.time < $1.time })
        }
    }

    /// Spot values read from the bytes by hand: first ACCL 0x0ff4 ffb4 0183 over 418, GYRO 0x00b9 0099 0069 over 3755, first GPS latitude.
    @Test(.enabled(if: Shared.isPresent)) func scalesAndAxesOfAHero5() throws {
        let telemetry = try Telemetry(rawFile: Shared.recording("gpmf/gpmf-parser_hero5.raw"))
        let camera = try #require(telemetry.device(1))
        #expect(Array(try #require(camera.stream("ACCL")).row(0)) == [4084.0 / 418, -76.0 / 418, 387.0 / 418])
        #expect(Array(try #require(camera.stream("GYRO")).row(0)) == [185.0 / 3755, 153.0 / 3755, 105.0 / 3755])
        let gps = try #require(camera.stream("GPS5"))
        #expect(gps.units == ["deg", "deg", "m", "m/s", "m/s"] && abs(gps.values[0] - 33.1264969) < 1e-6)
        // No ORIN: Z, X, Y.
        #expect(try telemetry.inertialRecording().accelerometer[0].value == Vector3(-76.0 / 418, 387.0 / 418, 4084.0 / 418))
    }

    @Test(.enabled(if: Shared.isPresent)) func complexStructuresAreSpelledByType() throws {
        let telemetry = try Telemetry(rawFile: Shared.recording("gpmf/gpmf-parser_karma.raw"))
        let gimbal = try #require(telemetry.device(0x0100_e511))
        #expect(gimbal.name == "GoPro Karma v1.0")
        let battery = try #require(gimbal.stream("KBAT"))
        // TYPE lLlsSSSSSSSBBBb: 0xffffbd1a amperes in thousandths, 0x000007f2 ampere hours in thousandths.
        #expect(battery.columnCount == 15 && abs(battery.values[0] - -17.126) < 1e-9 && abs(battery.values[1] - 2.034) < 1e-9)
        #expect(gimbal.stream("FWVS")?.texts == ["1.1.11.0"])
        #expect(gimbal.stream("ACCL") == nil && telemetry.device(1)?.stream("ATTD") == nil)
        #expect(telemetry.inertialDevice?.id == 1)
        #expect(throws: ImagingError.self) { try telemetry.inertialRecording(device: 0x0100_e511) }
    }

    @Test(.enabled(if: Shared.isPresent)) func twoDevicesInAVideoStayApart() throws {
        let recording = try Recording(Shared.recording("gopro-karma-two-devices.mp4"))
        let telemetry = try #require(recording.telemetry)
        #expect(telemetry.devices.map(\.id) == [1, 0x0100_e511])
        #expect(telemetry.device(1)?.streams.map(\.fourCC).sorted() == ["ACCL", "GYRO", "ISOG", "SHUT"])
        #expect(recording.inertial?.gyroscope.count == 4795 && recording.inertial?.accelerometer.count == 2397)
    }

    /// The camera's own orientation is the reference: the gyroscope, integrated in `Body` axes, must turn as CORI does.
    @Test(.enabled(if: Shared.isPresent)) func integratedGyroscopeAgreesWithTheCamerasOrientation() throws {
        let telemetry = try #require(try Telemetry(contentsOf: Shared.recording("gopro-max-handheld.mp4")))
        let device = try #require(telemetry.device(1))
        #expect(device.name == "GoPro Max" && device.clockSource == .frameStamps && device.stream("GYRO")?.inputOrientation == "XzY")
        let gyroscope = try telemetry.inertialRecording().gyroscope
        let orientations = device.orientations("CORI")
        #expect(gyroscope.count == 2082 && orientations.count == 316)
        var integrated = [Rotation.identity]
        for (a, b) in zip(gyroscope, gyroscope.dropFirst()) {
            integrated.append(integrated[integrated.count - 1] * Rotation(vector: (a.value + b.value) * 0.5 * (b.time - a.time)))
        }
        func rotation(_ seconds: Double) -> Rotation? {
            guard let next = gyroscope.firstIndex(where: { $0.time.seconds > seconds }), next > 0 else { return nil }
            let span = gyroscope[next].time - gyroscope[next - 1].time
            return integrated[next - 1].interpolated(to: integrated[next], fraction: (seconds - gyroscope[next - 1].time.seconds) / span)
        }
        func rmse(offset: Double) -> Double {
            let pairs = orientations.compactMap { o in rotation(o.time.seconds + offset).map { (o.rotation, $0) } }
            let first = pairs[0]
            let errors = pairs.map { (first.0.inverse * $0.0).angle(to: first.1.inverse * $0.1) * 180 / .pi }
            return (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
        }
        let best = (0...30).map { Double($0) * 1e-3 }.min { rmse(offset: $0) < rmse(offset: $1) } ?? 0
        print("CORI against the integrated gyroscope: \(rmse(offset: best)) degrees RMSE over 10.5 s at \(best * 1000) ms")
        #expect(rmse(offset: best) < 0.05)
        // The stamps alone place the two within a frame.
        #expect(best < 0.033)
    }

    // MARK: Broken payloads

    @Test func brokenPayloadsNameTheirByte() throws {
        func parse(_ bytes: [UInt8]) throws(ImagingError) -> Telemetry {
            try Telemetry(payloads: [TelemetryPayload(bytes: bytes, time: Timestamp(nanoseconds: 0), duration: 1)], path: "x.mp4")
        }
        let good = try GPMFWriter.payloads(Self.motion(seconds: 0.2), frames: Self.frames(6), exposure: 0.01)[0].bytes
        #expect(try parse(good).devices.count == 1)
        // Cut anywhere, it is an error that says where, or holds nothing.
        for length in stride(from: 1, to: good.count, by: 7) {
            let error = #expect(throws: ImagingError.self) { try parse(Array(good.prefix(length))) }
            #expect(error?.description.hasPrefix("x.mp4: telemetry payload 0, byte ") == true)
        }
        // Damaged anywhere, it never crashes.
        for at in 0..<good.count {
            var bytes = good
            bytes[at] ^= 0xff
            _ = try? parse(bytes).inertialRecording()
        }
        #expect(try parse([]).devices.isEmpty)
        #expect(try parse([UInt8](repeating: 0, count: 12)).devices.isEmpty)
        #expect(throws: ImagingError.self) { try parse(Array("not telemetry at all".utf8)) }
    }

    @Test func orientationLettersAreAxes() throws {
        #expect(TelemetryStream.axes("XYZ") == .identity)
        let m = try #require(TelemetryStream.axes("XzY"))
        #expect(m * Vector3(1, 2, 3) == Vector3(1, 3, -2))
        for bad in ["XXY", "XY", "XYZW", "ABC", ""] { #expect(TelemetryStream.axes(bad) == nil) }
    }

    // MARK: Writing

    static func motion(seconds: Double, offset: Double = 0, rate: Double = 200) -> InertialRecording {
        var out = InertialRecording(gyroscope: [], accelerometer: [])
        for i in 0..<Int(seconds * rate) {
            let t = Double(i) / rate
            let time = Timestamp<InertialClock>(seconds: t + offset)
            out.gyroscope.append(VectorSample(time: time, value: Vector3(sin(3 * t), 0.5 * cos(2 * t), -0.3 * sin(5 * t))))
            out.accelerometer.append(VectorSample(time: time, value: Vector3(2 * cos(t), -sin(4 * t), 9.81 + sin(7 * t))))
        }
        return out
    }

    static func frames(_ count: Int) -> [Timestamp<VideoClock>] { (0..<count).map { Timestamp(seconds: Double($0) / 30) } }

    @Test(arguments: ["ZXY", "XzY", "YxZ"]) func whatIsWrittenIsReadBack(orientation: String) throws {
        let truth = Self.motion(seconds: 3.4, offset: -0.037)
        var options = GPMFWriter.Options()
        options.orientation = orientation
        let payloads = try GPMFWriter.payloads(truth, frames: Self.frames(100), exposure: 1 / 240, options: options)
        #expect(payloads.map(\.milliseconds) == [0, 1000, 2000, 3000])
        let telemetry = try Telemetry(
            payloads: payloads.map {
                TelemetryPayload(
                    bytes: $0.bytes, time: Timestamp(nanoseconds: Int64($0.milliseconds) * 1_000_000), duration: Double($0.duration) / 1000)
            }, path: "x")
        #expect(telemetry.problems.isEmpty && telemetry.devices.count == 1)
        #expect(telemetry.devices[0].clockSource == .frameStamps && telemetry.devices[0].stream("SHUT")?.rowCount == 100)
        let read = try telemetry.inertialRecording()
        #expect(read.gyroscope.count == truth.gyroscope.count && read.accelerometer.count == truth.accelerometer.count)
        for (a, b) in zip(read.gyroscope, truth.gyroscope) {
            #expect(abs(a.time - b.time) < 2e-6)
            #expect((a.value - b.value).length < 0.87 / 939)
        }
        for (a, b) in zip(read.accelerometer, truth.accelerometer) { #expect((a.value - b.value).length < 0.87 / 417) }
    }

    @Test func telemetryTravelsInAVideo() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let truth = Self.motion(seconds: 2.5, offset: 0.021)
        var options = VideoWriter.Options(.h264, rate: Rational(30))
        options.hasTelemetry = true
        let writer = try VideoWriter(url, width: 96, height: 64, options: options)
        var payloads = try GPMFWriter.payloads(truth, frames: Self.frames(75), exposure: 1 / 240)[...]
        for i in 0..<75 {
            while let payload = payloads.first, payload.milliseconds <= i * 1000 / 30 {
                try writer.append(telemetry: payload.bytes, milliseconds: payload.milliseconds, duration: payload.duration)
                payloads.removeFirst()
            }
            try writer.append(Picture.moving(i))
        }
        try writer.finish()
        let recording = try Recording(url)
        #expect(recording.problems.isEmpty, "\(recording.problems)")
        let track = try #require(recording.video?.streams.first { $0.tag == "gpmd" })
        #expect(track.handler == "GoPro MET" && track.statedPackets == 3 && track.timeBase == Rational(1, 1000))
        let read = try #require(recording.inertial)
        #expect(read.gyroscope.count == 500)
        for (a, b) in zip(read.gyroscope, truth.gyroscope) { #expect(abs(a.time - b.time) < 2e-6 && (a.value - b.value).length < 1e-3) }
        #expect(recording.frameTimes.count == 75)
    }

    /// One sample, its bytes written out by hand from the specification.
    @Test func theBytesAreGPMF() throws {
        let sample = VectorSample(time: Timestamp(nanoseconds: 0), value: Vector3(1, 2, 3))
        let one = InertialRecording(gyroscope: [sample], accelerometer: [sample])
        let bytes = try GPMFWriter.payloads(one, frames: Self.frames(1), exposure: 0.01)[0].bytes
        #expect(Array(bytes.prefix(5)) == Array("DEVC".utf8) + [0])
        func find(_ entry: [UInt8]) -> Bool {
            (0...(bytes.count - entry.count)).contains { Array(bytes[$0..<($0 + entry.count)]) == entry }
        }
        // ZXY at 417 steps: 1251, 417, 834.
        #expect(find(Array("ACCL".utf8) + [UInt8(ascii: "s"), 6, 0, 1, 0x04, 0xe3, 0x01, 0xa1, 0x03, 0x42, 0, 0]))
        #expect(find(Array("STMP".utf8) + [UInt8(ascii: "J"), 8, 0, 1, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40]))
        #expect(find(Array("SIUN".utf8) + [UInt8(ascii: "c"), 1, 0, 4] + Array("m/s".utf8) + [0xb2]))
        #expect(find(Array("ORIN".utf8) + [UInt8(ascii: "c"), 1, 0, 3] + Array("ZXY".utf8) + [0]))
    }

    // MARK: Times

    @Test func lostSamplesAreReportedAndLeaveAGap() throws {
        let truth = Self.motion(seconds: 4)
        var payloads = try GPMFWriter.payloads(truth, frames: Self.frames(120), exposure: 0.01)
        payloads.remove(at: 1)
        let telemetry = try Telemetry(
            payloads: payloads.map {
                TelemetryPayload(bytes: $0.bytes, time: Timestamp(nanoseconds: Int64($0.milliseconds) * 1_000_000), duration: 1)
            }, path: "x")
        #expect(telemetry.problems.contains { $0.contains("GYRO: 200 samples are missing") })
        let read = try telemetry.inertialRecording().gyroscope
        #expect(read.count == 600)
        #expect(abs(read[199].time.seconds - 0.995) < 1e-5 && abs(read[200].time.seconds - 2.0) < 1e-5)
    }

    /// Without stamps the payloads begin with whatever had arrived: the line through them is better than each of them.
    @Test func withoutStampsALineIsFitted() throws {
        var blocks: [StreamBuilder.Block] = []
        var start = 0
        for k in 0..<20 {
            // Arrivals jitter by up to four samples, the first payload is late by 25.
            let end = (k + 1) * 198 - (k == 0 ? 25 : [0, 3, -2, 4, 1, -4][k % 6])
            blocks.append(
                StreamBuilder.Block(
                    start: start, samples: end - start, rows: nil, stamp: nil, time: Int64(k) * 1_001_000_000, duration: 1_001_000_000))
            start = end
        }
        let times = TelemetryClock.times(blocks, isStamped: false)
        #expect(times.count == start)
        for (i, time) in times.enumerated() {
            #expect(abs(Double(time) - Double(i) * 1.001e9 / 198) < 15e6)
        }
        let steps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect((steps.max() ?? 0) - (steps.min() ?? 0) <= 1)
    }
}

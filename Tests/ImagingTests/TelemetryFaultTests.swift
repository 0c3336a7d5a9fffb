import Foundation
import Geometry
import Session
import Testing

@testable import Imaging

/// Telemetry that is cut, damaged in part, dead, or of another time than its video: what is good is used, the rest is named.
@Suite struct TelemetryFaultTests {
    private func video(_ scratch: Scratch, _ inertial: InertialRecording, frames: Int, change: (inout [UInt8], Int) -> Void = { _, _ in })
        throws -> URL
    {
        let url = scratch.file("a.mp4")
        var options = VideoWriter.Options(.h264, rate: Rational(30))
        options.hasTelemetry = true
        let writer = try VideoWriter(url, width: 96, height: 64, options: options)
        var payloads = try GPMFWriter.payloads(inertial, frames: TelemetryTests.frames(frames), exposure: 1 / 240)[...]
        var number = 0
        for i in 0..<frames {
            while let payload = payloads.first, payload.milliseconds <= i * 1000 / 30 || i == frames - 1 {
                var bytes = payload.bytes
                change(&bytes, number)
                try writer.append(telemetry: bytes, milliseconds: payload.milliseconds, duration: payload.duration)
                payloads.removeFirst()
                number += 1
            }
            try writer.append(Picture.moving(i))
        }
        try writer.finish()
        return url
    }

    private static func find(_ text: String, in bytes: [UInt8]) -> [Int] {
        let key = Array(text.utf8)
        return (0..<max(0, bytes.count - 3)).filter { bytes[$0] == key[0] && bytes[$0..<($0 + 4)].elementsEqual(key) }
    }

    /// A clip as a cut without encoding leaves it: both tracks begin before what is shown, and their edit lists say so.
    @Test(arguments: [0.4, 1.1]) func editListsArePartOfTheClock(_ cut: Double) throws {
        let scratch = try Scratch()
        let truth = TelemetryTests.motion(seconds: 4, offset: 0.013)
        let url = try video(scratch, truth, frames: 120)
        var bytes = Array(try Data(contentsOf: url))
        let scale = try #require(try VideoInfo(contentsOf: url).streams.first { $0.kind == .video }?.timeBase)
        let lists = Self.find("elst", in: bytes)
        #expect(lists.count == 2)
        // The video's track comes first; a media time follows version, count and duration.
        for (at, perSecond) in zip(lists, [Double(scale.denominator) / Double(scale.numerator), 1000]) {
            let time = Int32((cut * perSecond).rounded())
            for k in 0..<4 { bytes[at + 16 + k] = UInt8(truncatingIfNeeded: time >> Int32(24 - 8 * k)) }
        }
        try Data(bytes).write(to: url)
        let recording = try Recording(url)
        let read = try #require(recording.inertial)
        #expect(read.gyroscope.count == truth.gyroscope.count)
        for (a, b) in zip(read.gyroscope, truth.gyroscope) { #expect(abs(a.time - b.time + cut) < 1.1e-3) }
        #expect(abs(recording.frameTimes.count - (120 - Int(cut * 30))) <= 1, "\(recording.frameTimes.count)")
    }

    @Test func oneBadStreamOrPayloadCostsWhatItHolds() throws {
        let scratch = try Scratch()
        let truth = TelemetryTests.motion(seconds: 4)
        // A stream of no type that is known, in one payload.
        let aside = try Recording(
            try video(scratch, truth, frames: 120) { bytes, k in
                if k == 2 { for at in Self.find("SHUT", in: bytes) { bytes[at + 4] = UInt8(ascii: "#") } }
            })
        #expect(aside.inertial?.gyroscope.count == truth.gyroscope.count)
        #expect(aside.problems.contains { "\($0)".contains("payload 2") && "\($0)".contains("SHUT") }, "\(aside.problems)")
        // One sensor's payload, and one that is no GPMF at all: a second of the IMU is missing.
        for (k, key) in [(1, "GYRO"), (2, "DEVC")] {
            let recording = try Recording(
                try video(scratch, truth, frames: 120) { bytes, n in
                    if n == k { for at in Self.find(key, in: bytes) { bytes[at + (key == "DEVC" ? 0 : 4)] = 1 } }
                })
            #expect(recording.inertial?.gyroscope.count == 600, "\(key)")
            #expect(recording.problems.contains { "\($0)".contains("payload \(k)") }, "\(recording.problems)")
            #expect(recording.problems.contains { if case .inertialGap = $0 { true } else { false } })
        }
    }

    @Test func deadSensorsAreNamed() throws {
        let scratch = try Scratch()
        for (sensor, from) in [("gyroscope", 0.0), ("accelerometer", 0.0), ("gyroscope", 2.2)] {
            var motion = TelemetryTests.motion(seconds: 4)
            for i in 0..<motion.gyroscope.count where Double(i) / 200 >= from {
                if sensor == "gyroscope" {
                    motion.gyroscope[i].value = Vector3(0.2, 0, -0.1)
                } else {
                    motion.accelerometer[i].value = .zero
                }
            }
            let recording = try Recording(try video(scratch, motion, frames: 120))
            #expect(recording.inertial == nil && recording.telemetry != nil)
            #expect(recording.problems.contains { "\($0)".contains("the \(sensor) does not move") }, "\(recording.problems)")
        }
    }

    @Test func telemetryOfAnotherTimeIsNamed() throws {
        let scratch = try Scratch()
        let fast = try Recording(try video(scratch, TelemetryTests.motion(seconds: 7), frames: 60))
        #expect(fast.problems.contains { "\($0)".contains("telemetry of 6.9") && "\($0)".contains("sped up") }, "\(fast.problems)")
        let slow = try Recording(try video(scratch, TelemetryTests.motion(seconds: 4, rate: 25), frames: 120))
        #expect(slow.problems.contains { "\($0)".contains("25.0 readings a second") }, "\(slow.problems)")
    }

    /// Bare payloads one after the other, as extractors save them, with damage anywhere: read or refused.
    @Test func rawTelemetryIsReadOrRefused() throws {
        let scratch = try Scratch()
        let payloads = try GPMFWriter.payloads(TelemetryTests.motion(seconds: 3), frames: TelemetryTests.frames(90), exposure: 1 / 240)
        let good = payloads.flatMap(\.bytes)
        let url = scratch.file("s.raw")
        try Data(good).write(to: url)
        let telemetry = try Telemetry(rawFile: url)
        #expect(telemetry.payloadCount == payloads.count && telemetry.devices.first?.stream("GYRO")?.rowCount == 600)
        var state: UInt64 = 9
        for _ in 0..<400 {
            var bytes = good
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int((state >> 33) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            try Data(bytes).write(to: url)
            _ = try? Telemetry(rawFile: url).inertialRecording()
        }
    }
}

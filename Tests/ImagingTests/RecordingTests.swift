import Foundation
import Geometry
import Imaging
import Session
import Testing

@Suite struct RecordingTests {
    private func euroc(_ scratch: Scratch, imu: Bool = true) throws -> URL {
        let folder = scratch.file("euroc")
        let pictures = folder.appendingPathComponent("mav0/cam0/data")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        var table = "#timestamp [ns],filename\r\n"
        for i in 0..<6 {
            let time = 1_403_636_579_763_555_584 + i * 50_000_000
            try Data(Picture.moving(i, channels: 1).pngBytes()).write(to: pictures.appendingPathComponent("\(time).png"))
            table += "\(time),\(time).png\r\n"
        }
        try Data(table.utf8).write(to: folder.appendingPathComponent("mav0/cam0/data.csv"))
        if imu {
            let sensor = folder.appendingPathComponent("mav0/imu0")
            try FileManager.default.createDirectory(at: sensor, withIntermediateDirectories: true)
            var rows = "#timestamp [ns],w_x,w_y,w_z,a_x,a_y,a_z\n"
            for i in 0..<70 { rows += "\(1_403_636_579_758_555_584 + i * 5_000_000),0.1,0.2,\(Double(i) / 100),0,0,9.81\n" }
            try Data(rows.utf8).write(to: sensor.appendingPathComponent("data.csv"))
        }
        return folder
    }

    @Test func eurocFoldersAreRecordings() throws {
        let scratch = try Scratch()
        let recording = try Recording(try euroc(scratch))
        #expect(recording.kind == .pictures && recording.problems.isEmpty, "\(recording.problems)")
        let frames = try recording.frames(.gray).allFrames()
        #expect(frames.map(\.image) == (0..<6).map { Picture.moving($0, channels: 1) })
        #expect(frames.map(\.time.nanoseconds) == (0..<6).map { Int64($0) * 50_000_000 })
        let gyroscope = try #require(recording.inertial?.gyroscope)
        #expect(gyroscope.count == 70 && gyroscope[0].time.nanoseconds == -5_000_000 && gyroscope[3].value == Vector3(0.1, 0.2, 0.03))
    }

    @Test func eurocProblemsAndErrorsAreNamed() throws {
        let scratch = try Scratch()
        let folder = try euroc(scratch, imu: false)
        #expect(try Recording(folder).problems.contains { if case .noInertialData = $0 { true } else { false } })
        let table = folder.appendingPathComponent("mav0/cam0/data.csv")
        let pictures = folder.appendingPathComponent("mav0/cam0/data")
        try FileManager.default.removeItem(at: pictures.appendingPathComponent("1403636579863555584.png"))
        let source = try Recording(folder).frames()
        var count = 0
        let error = #expect(throws: ImagingError.self) { while try source.nextFrame() != nil { count += 1 } }
        #expect(count == 2 && error?.description.contains("1403636579863555584.png") == true)
        try Data("#timestamp [ns],filename\n5,a.png\n4,b.png\n".utf8).write(to: table)
        #expect(throws: ImagingError.self) { try Recording(folder) }
    }

    @Test func aVideoWithoutTelemetryIsAProblemNotAnError() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        let writer = try VideoWriter(url, width: 96, height: 64)
        for i in 0..<5 { try writer.append(Picture.moving(i)) }
        try writer.finish()
        let recording = try Recording(url)
        #expect(recording.problems == [.noTelemetry] && recording.inertial == nil && recording.frameTimes.count == 5)
    }

    @Test func anIMUThatEndsEarlyOrHasGapsIsReported() throws {
        let scratch = try Scratch()
        let url = scratch.file("a.mp4")
        var options = VideoWriter.Options()
        options.hasTelemetry = true
        let writer = try VideoWriter(url, width: 96, height: 64, options: options)
        let payloads = try GPMFWriter.payloads(TelemetryTests.motion(seconds: 4), frames: TelemetryTests.frames(120), exposure: 0.01)
        for k in [0, 2] { try writer.append(telemetry: payloads[k].bytes, milliseconds: payloads[k].milliseconds, duration: 1000) }
        for i in 0..<120 { try writer.append(Picture.moving(i)) }
        try writer.finish()
        let problems = try Recording(url).problems
        #expect(
            problems.contains {
                if case .inertialGap(let start, let duration, 1) = $0 {
                    abs(start - 0.995) < 1e-3 && abs(duration - 1.005) < 1e-3
                } else {
                    false
                }
            })
        #expect(
            problems.contains {
                if case .inertialShorterThanVideo(0, let end) = $0 { abs(end - (119.0 / 30 - 2.995)) < 2e-3 } else { false }
            })
        // Telemetry that is damaged leaves the pictures.
        let broken = scratch.file("b.mp4")
        let second = try VideoWriter(broken, width: 96, height: 64, options: options)
        try second.append(telemetry: Array(payloads[0].bytes.prefix(100)), milliseconds: 0, duration: 1000)
        for i in 0..<5 { try second.append(Picture.moving(i)) }
        try second.finish()
        let recording = try Recording(broken)
        #expect(recording.inertial == nil && recording.frameTimes.count == 5)
        #expect(recording.problems.contains { if case .damagedTelemetry = $0 { true } else { false } })
    }

    @Test(.enabled(if: Shared.isPresent)) func theRealHandheldRecordingHasNoProblem() throws {
        let recording = try Recording(Shared.recording("gopro-max-handheld.mp4"))
        #expect(recording.problems.isEmpty, "\(recording.problems)")
        #expect(recording.inertial?.accelerometer.count == 2082)
        // At rest or walking, gravity is the mean of the specific force.
        let mean = (recording.inertial?.accelerometer ?? []).reduce(Vector3.zero) { $0 + $1.value } / 2082
        #expect(abs(mean.length - 9.81) < 0.2)
    }
}

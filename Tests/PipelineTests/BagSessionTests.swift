import Foundation
import Geometry
import Imaging
import Pipeline
import Session
import Testing

/// The first 30 frames of a fixture demo with their IMU readings, as a recording of each kind that a lab may bring.
///
/// All hold the same RGB pictures without loss and the same times and readings to the last bit, so all must give the same rows.
private struct Clip {
    static let demo = "demo_pick_place"
    static let count = 30
    static let start: Int64 = 1_700_000_000_123_456_789
    static let python = package.appendingPathComponent(".deps/checkers/bags/bin/python")
    static let isThere = FileManager.default.fileExists(atPath: package.appendingPathComponent(".deps/checkers/bags/.done").path)

    var pictures: [Image] = []
    var times: [Int64] = []
    var gyroscope: [VectorSample] = []
    var accelerometer: [VectorSample] = []

    init() throws {
        let recording = try Recording(fixture.appendingPathComponent("\(Self.demo).mp4"))
        let source = try recording.frames(.rgb)
        while pictures.count < Self.count, let frame = try source.nextFrame() {
            pictures.append(frame.image)
            times.append(frame.time.nanoseconds)
        }
        let inertial = try #require(recording.inertial)
        gyroscope = inertial.gyroscope.filter { $0.time.nanoseconds <= (times.last ?? 0) }
        // One table and one topic hold both: the accelerometer's readings at the gyroscope's times, 1.2 ms early for all kinds alike.
        accelerometer = zip(gyroscope, inertial.accelerometer).map { VectorSample(time: $0.time, value: $1.value) }
        try #require(accelerometer.count == gyroscope.count && gyroscope.count > 100)
    }

    func euroc(_ folder: URL) throws {
        let camera = folder.appendingPathComponent("mav0/cam0")
        var table = "#timestamp [ns],filename\n"
        for (picture, time) in zip(pictures, times) {
            try FileBytes.write(try picture.pngBytes(), to: camera.appendingPathComponent("data/\(Self.start + time).png"))
            table += "\(Self.start + time),\(Self.start + time).png\n"
        }
        try FileBytes.write(table, to: camera.appendingPathComponent("data.csv"))
        try FileBytes.write("#timestamp [ns],w,w,w,a,a,a\n" + readings, to: folder.appendingPathComponent("mav0/imu0/data.csv"))
    }

    private var readings: String {
        zip(gyroscope, accelerometer).map { g, a in
            "\(Self.start + g.time.nanoseconds),\(g.value.x),\(g.value.y),\(g.value.z),\(a.value.x),\(a.value.y),\(a.value.z)\n"
        }.joined()
    }

    /// Pictures beside a table in seconds.
    func plain(_ folder: URL) throws {
        var table = "time,file\r\n"
        for (n, (picture, time)) in zip(pictures, times).enumerated() {
            try FileBytes.write(try picture.pngBytes(), to: folder.appendingPathComponent("images/\(n).png"))
            let digits = "\(Self.start + time)"
            table += "\(digits.dropLast(9)).\(digits.suffix(9)),\(n).png\r\n"
        }
        try FileBytes.write(table, to: folder.appendingPathComponent("times.csv"))
        try FileBytes.write("time,wx,wy,wz,ax,ay,az\n" + readings, to: folder.appendingPathComponent("imu.csv"))
    }

    /// - Parameter form: of `Tests/make_bag.py`; PNG in CompressedImage for sqlite3, else raw.
    func bag(_ form: String, _ url: URL, in scratch: URL) throws {
        struct Spec: Encodable {
            enum Pictures: Encodable {
                case raw(String)
                case files([String])

                func encode(to encoder: any Encoder) throws {
                    var container = encoder.singleValueContainer()
                    switch self {
                    case .raw(let file): try container.encode(file)
                    case .files(let files): try container.encode(files)
                    }
                }
            }

            var form: String
            var encoding: String
            var width: Int
            var height: Int
            var pictures: Pictures
            var times: [Int64]
            var gyroscope: [[Double]]
            var gyroscope_times: [Int64]
            var accelerometer: [[Double]]
            var accelerometer_times: [Int64]
            var image_topic: String
            var joint = true
            var extra = true
        }
        let vectors = { (samples: [VectorSample]) in samples.map { [$0.value.x, $0.value.y, $0.value.z] } }
        let isPNG = form == "ros2-sqlite3"
        var files: [String] = []
        let raw = scratch.appendingPathComponent("\(form).raw")
        if isPNG {
            for (n, picture) in pictures.enumerated() {
                files.append(scratch.appendingPathComponent("\(form)-\(n).png").path)
                try FileBytes.write(try picture.pngBytes(), to: URL(fileURLWithPath: files[n]))
            }
        } else {
            try FileBytes.write(pictures.flatMap(\.pixels), to: raw)
        }
        let stamps = { (samples: [VectorSample]) in samples.map { Self.start + $0.time.nanoseconds } }
        let spec = Spec(
            form: form, encoding: isPNG ? "rgb8; png compressed bgr8" : "rgb8", width: pictures[0].width, height: pictures[0].height,
            pictures: isPNG ? .files(files) : .raw(raw.path), times: times.map { Self.start + $0 }, gyroscope: vectors(gyroscope),
            gyroscope_times: stamps(gyroscope), accelerometer: vectors(accelerometer), accelerometer_times: stamps(accelerometer),
            image_topic: isPNG ? "/camera/image_raw/compressed" : "/camera/image_raw")
        let json = scratch.appendingPathComponent("\(form).json")
        try JSONEncoder().encode(spec).write(to: json)
        let made = try run(Self.python, [package.appendingPathComponent("Tests/make_bag.py").path, json.path, url.path])
        try #require(made.code == 0, "\(made.lines)")
    }
}

@Suite struct BagSessionTests {
    /// Rows, tables and pictures of a converted session by their names.
    private func made(_ output: URL) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for case let name as String in try #require(FileManager.default.enumerator(atPath: output.path)) {
            // What a run cost and what it read is not what it made.
            let isMade =
                name.hasPrefix("lerobot/data/") || name.hasPrefix("lerobot/videos/") || name.hasPrefix("work/") && name.hasSuffix(".csv")
            guard isMade, !name.hasSuffix("usage.csv"), !name.hasSuffix("/") else { continue }
            let file = output.appendingPathComponent(name)
            if (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true { found[name] = try FileBytes.read(file) }
        }
        return found
    }

    /// A lab's own kinds of recordings give what EuRoC's layout gives, byte for byte.
    @Test(.enabled(if: Clip.isThere, "no .deps/checkers/bags: run Tests/checkers.sh .deps/checkers"))
    func everyKindOfRecordingGivesTheSameRows() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("a", Clip.demo, 0)], frames: Clip.count)
            let clip = try Clip()
            var results: [String: [String: [UInt8]]] = [:]
            for kind in ["euroc", "plain", "mcap", "ros2-sqlite3", "ros2-mcap"] {
                let recording = folder.appendingPathComponent("\(kind)/session/a")
                try FileManager.default.createDirectory(at: recording.deletingLastPathComponent(), withIntermediateDirectories: true)
                switch kind {
                case "euroc": try clip.euroc(recording)
                case "plain": try clip.plain(recording)
                case "mcap": try clip.bag(kind, recording.appendingPathExtension("mcap"), in: folder)
                default: try clip.bag(kind, recording, in: folder)
                }
                let output = folder.appendingPathComponent("\(kind)/out")
                let outcome = try await convert(
                    recording.deletingLastPathComponent(), device: small.device, output: output, poses: small.poses)
                #expect(outcome.exitCode(strict: false) == 0, "\(kind)")
                results[kind] = try made(output)
            }
            let truth = try #require(results["euroc"])
            #expect(truth.keys.contains { $0.hasSuffix(".parquet") } && truth.keys.contains { $0.hasSuffix("gyroscope.csv") })
            for (kind, files) in results {
                #expect(files.keys.sorted() == truth.keys.sorted(), "\(kind)")
                for (name, bytes) in files { #expect(bytes == truth[name], "\(kind): \(name)") }
            }
        }
    }

    @Test func aSessionThatIsOneRecordingIsSaidToBe() async throws {
        try await withTemporaryFolder { folder in
            let recording = folder.appendingPathComponent("bag")
            try FileBytes.write("rosbag2_bagfile_information:\n", to: recording.appendingPathComponent("metadata.yaml"))
            try FileBytes.write([1], to: recording.appendingPathComponent("bag_0.db3"))
            let error = #expect(throws: PipelineError.self) { try SessionLayout(folder: recording, externalPoses: false) }
            #expect(error?.description.contains("is itself one recording") == true, "\(String(describing: error))")
            let layout = try SessionLayout(folder: folder, externalPoses: false)
            #expect(layout.recordings.map(\.unit) == ["bag"] && layout.ignored.isEmpty)
        }
    }
}

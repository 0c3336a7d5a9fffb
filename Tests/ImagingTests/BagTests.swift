import Foundation
import Geometry
import Imaging
import Session
import Testing

/// Bags that the public Python libraries write (`Tests/make_bag.py`), read back; `Tests/checkers.sh` makes the libraries' environment.
enum Bags {
    static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL
    private static let environment = root.appendingPathComponent(".deps/checkers/bags")
    static let isThere = FileManager.default.fileExists(atPath: environment.appendingPathComponent(".done").path)

    struct Spec: Encodable {
        var form = "mcap"
        var encoding = "mono8"
        var width = 96
        var height = 64
        /// Path of raw pictures one after the other.
        var pictures = ""
        var times: [Int64] = []
        var gyroscope: [[Double]] = []
        var gyroscope_times: [Int64] = []
        var accelerometer: [[Double]] = []
        var accelerometer_times: [Int64] = []
        var joint = true
        var image_topic = "/camera/color/image_raw"
        var second: String?
        var extra = true
        var compression = "zstd"
        var stamped = true
    }

    static let start: Int64 = 1_700_000_000_123_456_789

    /// Pictures at 30 Hz, no readings.
    static func spec(_ pictures: [[UInt8]], _ scratch: Scratch) throws -> Spec {
        var spec = Spec()
        let file = scratch.file("pictures.raw")
        try Data(pictures.flatMap { $0 }).write(to: file)
        spec.pictures = file.path
        spec.times = pictures.indices.map { start + Int64($0) * 33_333_333 }
        return spec
    }

    static func write(_ spec: Spec, _ scratch: Scratch, as name: String) throws -> URL {
        let (json, out) = (scratch.file("spec.json"), scratch.file(name))
        try JSONEncoder().encode(spec).write(to: json)
        let process = Process()
        process.executableURL = environment.appendingPathComponent("bin/python")
        process.arguments = [root.appendingPathComponent("Tests/make_bag.py").path, json.path, out.path]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "make_bag.py")
        return out
    }
}

@Suite(.enabled(if: Bags.isThere, "no .deps/checkers/bags: run Tests/checkers.sh .deps/checkers"))
struct BagTests {
    private let gray = (0..<5).map { Picture.moving($0, channels: 1) }

    private func spec(_ scratch: Scratch) throws -> Bags.Spec {
        var spec = try Bags.spec(gray.map(\.pixels), scratch)
        spec.gyroscope = (0..<25).map { [0.1, 0.2, Double($0) / 100] }
        spec.accelerometer = (0..<25).map { [0.5, -0.25, 9.81 + Double($0) / 1000] }
        spec.gyroscope_times = (0..<25).map { Bags.start + 10_000_000 * $0 - 50_000_000 }
        spec.accelerometer_times = spec.gyroscope_times
        return spec
    }

    @Test(arguments: [("mcap", "zstd", "a.mcap"), ("mcap", "lz4", "a.mcap"), ("ros2-sqlite3", "", "a"), ("ros2-mcap", "", "a")])
    func picturesAndReadingsAreThoseWritten(_ form: String, _ compression: String, _ name: String) throws {
        let scratch = try Scratch()
        var spec = try spec(scratch)
        (spec.form, spec.compression, spec.joint) = (form, compression, form != "ros2-mcap")
        let url = try Bags.write(spec, scratch, as: name)
        #expect(BagFile.isBag(url))
        let recording = try Recording(url)
        #expect(recording.kind == .bag && recording.width == 96 && recording.height == 64)
        #expect(recording.bag?.imageTopic == "/camera/color/image_raw" && recording.bag?.imuTopics.count == (spec.joint ? 1 : 2))
        #expect(recording.frameTimes.map(\.nanoseconds) == (0..<5).map { Int64($0) * 33_333_333 })
        let inertial = try #require(recording.inertial)
        #expect(inertial.gyroscope.map(\.time.nanoseconds) == (0..<25).map { Int64($0) * 10_000_000 - 50_000_000 })
        #expect(inertial.gyroscope[7].value == Vector3(0.1, 0.2, 0.07) && inertial.accelerometer[7].value == Vector3(0.5, -0.25, 9.817))
        // Each pass reads anew, skipped frames among them.
        let source = try recording.frames(.gray)
        #expect(try source.skipFrame()?.nanoseconds == 0)
        #expect(try source.lastFrame(.gray) == gray[0])
        for n in 1..<5 { #expect(try source.nextFrame()?.image == gray[n]) }
        #expect(try source.nextFrame() == nil && source.skipFrame() == nil)
        let again = try Recording.frames(of: [url], .rgb, imageTopic: "camera/color/image_raw").allFrames()
        #expect(again.map(\.image) == gray.map(\.rgb) && again.map(\.time) == recording.frameTimes)
    }

    /// A picture that is linear in x and y is what bilinear demosaicing gives back exactly, but at the border.
    @Test(arguments: ["rgb8", "bgr8", "rgba8", "bgra8", "bayer_rggb8", "bayer_bggr8", "bayer_gbrg8", "bayer_grbg8"])
    func encodingsGiveTheirColours(_ encoding: String) throws {
        let scratch = try Scratch()
        let (width, height) = (20, 12)
        func colour(_ x: Int, _ y: Int, _ c: Int) -> UInt8 { UInt8(2 * x + 4 * y + 60 * c) }
        var raw: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let rgb = (0..<3).map { colour(x, y, $0) }
                switch encoding {
                case "rgb8": raw += rgb
                case "bgr8": raw += rgb.reversed()
                case "rgba8": raw += rgb + [9]
                case "bgra8": raw += rgb.reversed() + [9]
                default:
                    let letter = Array(encoding.dropFirst("bayer_".count))[2 * (y % 2) + x % 2]
                    raw.append(rgb[letter == "r" ? 0 : letter == "g" ? 1 : 2])
                }
            }
        }
        var spec = try Bags.spec([raw, raw], scratch)
        (spec.encoding, spec.width, spec.height) = (encoding, width, height)
        let image = try #require(try Recording(try Bags.write(spec, scratch, as: "a.mcap")).frames(.rgb).nextFrame()?.image)
        var wrong = 0
        for y in 1..<height - 1 { for x in 1..<width - 1 { for c in 0..<3 where image[x, y, c] != colour(x, y, c) { wrong += 1 } } }
        #expect(wrong == 0)
    }

    /// Reference: ITU-R BT.601 in floating point.
    @Test(arguments: ["yuv422_yuy2", "uyvy"]) func webcamColoursAreThoseOfBT601(_ encoding: String) throws {
        let scratch = try Scratch()
        let pairs: [(y0: Int, y1: Int, u: Int, v: Int)] = (0..<48).map { (16 + 4 * $0, 235 - 4 * $0, 60 + 3 * $0, 200 - 3 * $0) }
        let raw = pairs.flatMap { p in
            (encoding == "uyvy" ? [p.u, p.y0, p.v, p.y1] : [p.y0, p.u, p.y1, p.v]).map { UInt8($0) }
        }
        var spec = try Bags.spec([raw], scratch)
        (spec.encoding, spec.width, spec.height) = (encoding, 12, 8)
        let image = try #require(try Recording(try Bags.write(spec, scratch, as: "a.mcap")).frames(.rgb).nextFrame()?.image)
        for (n, p) in pairs.enumerated() {
            for (i, luma) in [p.y0, p.y1].enumerated() {
                let (y, u, v) = (1.164383 * Double(luma - 16), Double(p.u - 128), Double(p.v - 128))
                let truth = [y + 1.596027 * v, y - 0.391762 * u - 0.812968 * v, y + 2.017232 * u].map { min(max($0, 0), 255) }
                for c in 0..<3 { #expect(abs(Double(image.pixels[3 * (2 * n + i) + c]) - truth[c]) <= 1.01, "pair \(n) channel \(c)") }
            }
        }
    }

    @Test func topicsAreAskedForByName() throws {
        let scratch = try Scratch()
        var spec = try spec(scratch)
        spec.second = "/camera/infra/image_raw"
        let url = try Bags.write(spec, scratch, as: "a.mcap")
        func refusal(_ image: String, _ imu: String = "") throws -> String {
            var options = Recording.Options()
            (options.imageTopic, options.imuTopic) = (image, imu)
            return "\(try #require(throws: ImagingError.self) { try Recording(url, options: options) })"
        }
        let several = try refusal("")
        #expect(several.contains("2 image topics") && several.contains("/camera/infra/image_raw (mono8 96x64, 5 pictures)"), "\(several)")
        #expect(several.contains("--set ingest.image_topic="))
        #expect(try refusal("/camera/colour/image_raw").contains("did you mean /camera/color/image_raw?"))
        #expect(try refusal("/rosout").contains("std_msgs/msg/String"))
        #expect(try refusal("/camera/depth/image_rect_raw").contains("holds 16UC1"))
        #expect(try refusal("/camera/infra/image_raw", "/camera/imuu").contains("did you mean /camera/imu?"))
        #expect(try refusal("/camera/infra/image_raw", "/rosout").contains("ingest.imu_topic"))
        var options = Recording.Options()
        (options.imageTopic, options.imuTopic) = ("/camera/infra/image_raw", "camera/imu")
        #expect(try Recording(url, options: options).frames(.gray).allFrames().map(\.image) == gray)
    }

    /// Headers without a time: the log's; pictures twice: once.
    @Test func clocksThatAreMissingAreSaid() throws {
        let scratch = try Scratch()
        var spec = try spec(scratch)
        spec.stamped = false
        spec.times[3] = spec.times[2]
        let recording = try Recording(try Bags.write(spec, scratch, as: "a.mcap"))
        #expect(recording.frameTimes.map(\.nanoseconds) == [0, 1, 2, 4].map { Int64($0) * 33_333_333 })
        let problems = recording.problems.map { "\($0)" }
        #expect(problems.contains { $0.contains("state no time") } && problems.contains { $0.contains("1 pictures") }, "\(problems)")
        #expect(try recording.frames(.gray).allFrames().map(\.image) == [0, 1, 2, 4].map { gray[$0] })
    }

    @Test func damageIsOneLine() throws {
        let scratch = try Scratch()
        let whole = try Data(contentsOf: Bags.write(try spec(scratch), scratch, as: "a.mcap"))
        let base = try Data(
            contentsOf: Bags.write(
                {
                    var s = $0; s.form = "ros2-sqlite3"; return s
                }(try spec(scratch)), scratch, as: "r"
            ).appendingPathComponent("r.db3"))
        var spoilt = whole
        for i in 200..<260 { spoilt[i] ^= 0x55 }
        let cases: [(String, Data, String)] = [
            ("cut.mcap", whole.prefix(whole.count / 2), "mcap recover cut.mcap"), ("spoilt.mcap", spoilt, "is damaged"),
            ("empty.mcap", Data(), "is empty"), ("text.mcap", Data("hello".utf8), "neither MCAP"),
            ("one.bag", Data("#ROSBAG V2.0\n".utf8), "rosbags-convert --src one.bag"),
            ("cut.db3", base.prefix(base.count / 2), "is damaged"),
        ]
        for (name, bytes, word) in cases {
            let url = scratch.file(name)
            try bytes.write(to: url)
            let error = "\(try #require(throws: ImagingError.self) { try Recording(url) })"
            #expect(error.contains(word) && !error.contains("\n") && error.count < 500, "\(name): \(error)")
        }
        // A bag whose file is not there.
        try FileManager.default.removeItem(at: scratch.file("r/r.db3"))
        try Data(count: 1).write(to: scratch.file("r/other.db3"))
        #expect("\(try #require(throws: ImagingError.self) { try Recording(scratch.file("r")) })".contains("r.db3 of the bag is missing"))
    }
}

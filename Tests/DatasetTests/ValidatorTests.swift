@testable import Dataset
import Foundation
import Imaging
import Testing

/// Each rule is broken once in an otherwise good data set and must be found, and nothing else with it.
struct ValidatorTests {
    private func leRobot(_ breakIt: (URL) throws -> Void) throws -> [String] {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        var options = LeRobotOptions()
        options.videoFileSeconds = 0
        try Sample.writeLeRobot(root, lengths: [12, 10], options: options)
        try breakIt(root)
        return try DatasetValidator.validate(root).map(\.description)
    }

    private func edit(_ url: URL, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: url, atomically: true, encoding: .utf8)
    }

    private let data = "data/chunk-000/file-000.parquet"
    private let video = "videos/observation.images.wrist/chunk-000/file-001.mp4"

    @Test func anUntouchedCopyIsGood() throws {
        let said = try leRobot {
            try Plant.table($0.appendingPathComponent(data))
            try Plant.table($0.appendingPathComponent("meta/tasks.parquet"))
            try Plant.table($0.appendingPathComponent("meta/episodes/chunk-000/file-000.parquet"))
        }
        #expect(said == [])
    }

    @Test(arguments: [
        ("timestamp", 14, 0.3, "timestamp, row 14"), ("index", 5, 7, "index, row 5"), ("frame_index", 13, 0, "frame_index, row 13"),
        ("episode_index", 3, 1, "episode_index, row 3"), ("task_index", 2, 9, "task_index, row 2"),
        ("action", 7, Double.nan, "action, row 2"),
    ])
    func aWrongRowIsNamed(_ column: String, _ at: Int, _ value: Double, _ place: String) throws {
        let said = try leRobot { try Plant.table($0.appendingPathComponent(data)) { if $0 == column { $1[at] = value } } }
        #expect(said.contains { $0.contains(data) && $0.contains(place) }, "\(said)")
    }

    @Test func columnsMustBeTheDeclaredOnes() throws {
        let missing = try leRobot { try Plant.table($0.appendingPathComponent(data), drop: "action") }
        #expect(missing.count == 1 && missing[0].contains("column action") && missing[0].contains("CastError"), "\(missing)")
        let extra = try leRobot {
            try edit($0.appendingPathComponent("meta/info.json"), "\"diagnostic.is_tracked\"", "\"diagnostic.was_tracked\"")
        }
        #expect(extra.contains { $0.contains("column diagnostic.is_tracked: is not among the features") })
        #expect(extra.contains { $0.contains("column diagnostic.was_tracked: is missing") })
    }

    @Test func tasksNeedThePandasIndex() throws {
        let said = try leRobot { try Plant.table($0.appendingPathComponent("meta/tasks.parquet"), metadata: false) }
        #expect(said.count == 1 && said[0].contains("every task into a number"), "\(said)")
    }

    @Test func informationMustHold() throws {
        let info = "meta/info.json"
        #expect(try leRobot { try edit($0.appendingPathComponent(info), "v3.0", "v1.6") }.first?.contains("codebase_version") == true)
        #expect(
            try leRobot { try edit($0.appendingPathComponent(info), "\"robot_type\"", "\"robot\"") }.first?.contains("robot_type") == true)
        #expect(try leRobot { try edit($0.appendingPathComponent(info), "\"total_frames\": 22", "\"total_frames\": 23") }.count == 3)
        let rate = try leRobot { try edit($0.appendingPathComponent(info), "\"fps\": 20,", "\"fps\": 30,") }
        #expect(rate.contains { $0.contains("average frame rate: 20") })
        let stats = try leRobot { try edit($0.appendingPathComponent("meta/stats.json"), "\"action\"", "\"acton\"") }
        #expect(stats.count == 1 && stats[0].contains("meta/stats.json: action"), "\(stats)")
        let broken = try leRobot { try Data("{\"features\": ".utf8).write(to: $0.appendingPathComponent(info)) }
        #expect(broken.count == 1 && broken[0].contains("not JSON: the text ends early"), "\(broken)")
    }

    @Test func videosMustHoldEveryFrame() throws {
        let gone = try leRobot { try FileManager.default.removeItem(at: $0.appendingPathComponent(video)) }
        #expect(gone.count == 1 && gone[0].contains("file-001.mp4") && gone[0].contains("does not exist"), "\(gone)")
        let cut = try leRobot {
            let url = $0.appendingPathComponent(video)
            try Data(contentsOf: url).prefix(200).write(to: url)
        }
        #expect(cut.contains { $0.contains("file-001.mp4") })
        // The video of the longer episode has the frames; that of the shorter one in its place does not.
        let short = try leRobot {
            let url = $0.appendingPathComponent(video)
            let longer = $0.appendingPathComponent("videos/observation.images.wrist/chunk-000/file-000.mp4")
            try FileManager.default.removeItem(at: longer)
            try FileManager.default.copyItem(at: url, to: longer)
        }
        #expect(short.count == 1 && short[0].contains("episode 0, frame 10") && short[0].contains("(and 1 more)"), "\(short)")
        // A video at another rate, as a converter that forgets to resample would write it.
        let slow = try leRobot {
            let url = $0.appendingPathComponent(video)
            try FileManager.default.removeItem(at: url)
            let writer = try VideoWriter(url, width: 64, height: 48, options: VideoWriter.Options(.h264, rate: Rational(60000, 1001)))
            for i in 0..<10 { try writer.append(Sample.picture(0, i)) }
            try writer.finish()
        }
        #expect(slow.contains { $0.contains("average frame rate: 59.94") })
    }

    @Test func umiRulesAreFound() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("d.zarr.zip")
        func store(_ skip: Set<String> = [], _ change: (String, [UInt8]) -> [UInt8] = { $1 }) throws -> [String] {
            let good = folder.file("good.zarr.zip")
            if !FileManager.default.fileExists(atPath: good.path) { try Sample.writeUMI(good, lengths: [46, 48]) }
            let reader = try ZipReader(path: good.path)
            let writer = try ZipWriter(path: file.path)
            for entry in reader.entries where !skip.contains(entry.name) {
                try writer.add(entry.name, change(entry.name, try reader.bytes(entry.name)))
            }
            try writer.close()
            return try DatasetValidator.validate(file).map(\.description)
        }
        #expect(try store() == [])
        #expect(try store([".zgroup"]).first?.contains(".zgroup") == true)
        #expect(
            try store(["data/camera0_rgb/17.0.0.0"]) == [
                "error: data/camera0_rgb: chunks, picture 17: 17.0.0.0 is missing: it would read as black"
            ])
        #expect(try store(["data/robot0_demo_start_pose/.zarray"]).first?.contains("robot0_demo_start_pose: is missing") == true)
        #expect(try store(["data/robot0_eef_pos/1.0"]).first?.contains("data/robot0_eef_pos/1.0: is missing") == true)
        #expect(try store { $0 == "data/robot0_eef_pos/0.0" ? Array($1.dropLast(12)) : $1 }.first?.contains("the last one too") == true)
        let jump = try store { name, bytes in
            guard name == "data/robot0_eef_pos/0.0" else { return bytes }
            var bytes = bytes
            let x = Float(bitPattern: bytes.u32(10 * 12)) + 0.08
            withUnsafeBytes(of: x.bitPattern.littleEndian) { for (i, byte) in $0.enumerated() { bytes[10 * 12 + i] = byte } }
            return bytes
        }
        #expect(jump.count == 1 && jump[0].contains("episode 0, row 10") && jump[0].contains("(and 1 more)"), "\(jump)")
        let ends = try store { $0 == "meta/episode_ends/0" ? [94, 0, 0, 0, 0, 0, 0, 0] + $1.suffix(8) : $1 }
        #expect(ends.contains { $0.contains("meta/episode_ends: values, episode 1") }, "\(ends)")
        let rubbish = try store { $0 == "data/camera0_rgb/0.0.0.0" ? [1, 2, 3] : $1 }
        #expect(rubbish.count == 1 && rubbish[0].contains("not a JPEG XL picture"), "\(rubbish)")
    }

    @Test func whatIsNoDataSetIsAnError() throws {
        let folder = try TemporaryFolder()
        #expect { try DatasetValidator.validate(folder.file("nothing")) } throws: { "\($0)".contains("does not exist") }
        #expect { try DatasetValidator.validate(folder.url) } throws: { "\($0)".contains("accepted: a folder with meta/info.json") }
        #expect { try DatasetSummary(contentsOf: folder.url) } throws: { "\($0)".contains("no data set") }
    }
}

struct JSONTests {
    @Test func textComesBack() throws {
        let value = JSONValue.object([
            ("b", .array([.integer(-3), .number(0.1), .null, .bool(true)])), ("a", .string("\"\\\n\u{1}ü😀")), ("e", .object([])),
            ("f", .array([])),
        ])
        for indent in [4, nil] { #expect(try JSONValue.parse(Array(value.encoded(indent: indent).utf8), path: "p") == value) }
        #expect(try JSONValue.parse(Array("\"\\ud83d\\ude00\\u00fc\"".utf8), path: "p") == .string("😀ü"))
        for text in ["", "{", "[1,]", "{\"a\" 1}", "NaN", "[Infinity]", "1 2", "\"a", "tru", String(repeating: "[", count: 100)] {
            #expect(throws: DatasetError.self, "\(text)") { try JSONValue.parse(Array(text.utf8), path: "p") }
        }
    }
}

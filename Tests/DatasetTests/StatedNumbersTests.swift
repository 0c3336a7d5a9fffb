@testable import Dataset
import Foundation
import Imaging
import Testing

/// Numbers that a broken or hostile file states neither kill a command, nor make it hang, nor cost memory: they are named.
struct StatedNumbersTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var format: DatasetFormat
        var name: String
        /// What `validate` must say.
        var says: String
        var plant: @Sendable (URL) throws -> Void
        var testDescription: String { "\(format.name): \(name)" }
    }

    private static let episodes = "meta/episodes/chunk-000/file-000.parquet"

    private static func row(_ column: String, _ value: Double) -> Case {
        Case(format: .lerobot, name: "\(column) \(value)", says: column) { root in
            try Plant.table(root.appendingPathComponent(episodes)) { if $0 == column { $1[1] = value } }
        }
    }

    private static func info(_ old: String, _ new: String, _ says: String) -> Case {
        Case(format: .lerobot, name: new, says: says) { try Plant.text($0, "meta/info.json", old, new) }
    }

    private static func line(_ old: String, _ new: String, _ says: String = "length") -> Case {
        Case(format: .lerobot21, name: new, says: says) { try Plant.text($0, "meta/episodes.jsonl", old, new) }
    }

    private static func array(_ name: String, _ old: String, _ new: String, _ says: String) -> Case {
        Case(format: .umi, name: "\(name) \(new)", says: says) { url in
            try Plant.zip(url) { entry, bytes in
                guard entry == "\(name)/.zarray" else { return bytes }
                let text = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }.joined()
                return Array(text.replacingOccurrences(of: old, with: new).utf8)
            }
        }
    }

    private static func end(_ value: Int64) -> Case {
        Case(format: .umi, name: "episode ends at \(value)", says: "meta/episode_ends") { url in
            try Plant.zip(url) { entry, bytes in
                guard entry == "meta/episode_ends/0" else { return bytes }
                var out = Array(bytes.prefix(8))
                out.put(value)
                return out
            }
        }
    }

    static let cases: [Case] =
        [
            row("length", -7), row("length", 3e9), row("length", 1e17), row("dataset_from_index", -1e18), row("dataset_from_index", 5000),
            row("dataset_to_index", 9e18), row("videos/observation.images.wrist/from_timestamp", .nan),
            row("videos/observation.images.wrist/from_timestamp", 1e300), row("videos/observation.images.wrist/to_timestamp", -.infinity),
            row("videos/observation.images.wrist/chunk_index", -1), row("data/file_index", 7e18),
            info("\"fps\": 20,", "\"fps\": 8000000000000000000,", "fps"), info("\"fps\": 20,", "\"fps\": -3,", "fps"),
            info("\"total_frames\": 22", "\"total_frames\": 9223372036854775807", "total_frames"),
            info("\"chunks_size\": 1000", "\"chunks_size\": -5", "chunks_size"),
            info("                48,\n                64,", "                4000000000,\n                4000000000,", "shape"),
            info("                48,\n                64,", "                -48,\n                64,", "shape"),
            line("\"length\": 10", "\"length\": -10"), line("\"length\": 10", "\"length\": 3000000000", "the episodes end at 3000000012"),
            line("\"length\": 12", "\"length\": 9223372036854775807"),
            array("data/robot0_eef_pos", "[94,3]", "[9223372036854775807,3]", "robot0_eef_pos"),
            array("data/robot0_eef_pos", "[94,3]", "[4000000000,4000000000]", "robot0_eef_pos"),
            array("data/robot0_eef_pos", "[94,3]", "[70000000000,3]", "robot0_eef_pos"),
            array("data/camera0_rgb", "[94,32,32,3]", "[900000000,32,32,3]", "camera0_rgb"),
            end(.max), end(.min), end(1 << 60),
        ]
        + [Double.nan, 1e300, -.infinity].flatMap { value in
            [
                Case(format: .robomimic, name: "num_samples \(value)", says: "num_samples") { url in
                    try Plant.hdf5(url) { try $0.set("/data/demo_1", "num_samples", value) }
                },
                Case(format: .robomimic, name: "total \(value)", says: "total") { url in
                    try Plant.hdf5(url) { try $0.set("/data", "total", value) }
                },
            ]
        }

    @Test(.timeLimit(.minutes(1)), arguments: cases)
    func areNamed(_ fault: Case) throws {
        let folder = try TemporaryFolder()
        let (good, bad) = (folder.file("good"), folder.file("bad"))
        let paths = [good, bad].map { $0.appendingPathComponent(fault.format.fileName) }
        for (path, session) in zip(paths, ["a", "b"]) {
            try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            switch fault.format {
            case .umi:
                var options = UMIOptions()
                options.imageSize = 32
                options.effort = 1
                try Sample.writeUMI(path, lengths: [46, 48], options: options, source: Sample.source(session))
            case .robomimic: try Sample.writeRobomimic(path, lengths: [12, 10], source: Sample.source(session))
            default:
                var options = LeRobotOptions()
                options.version = fault.format == .lerobot ? .v30 : .v21
                options.preset = "ultrafast"
                try Sample.writeLeRobot(path, lengths: [12, 10], options: options, source: Sample.source(session))
            }
        }
        try fault.plant(paths[1])
        let said = try DatasetValidator.validate(paths[1]).filter { $0.severity == .error }.map(\.description)
        #expect(said.contains { $0.contains(fault.says) }, "\(said)")
        // Refused by name, or, where the number is not needed, done: either way the program lives.
        let merged = folder.file("merged").appendingPathComponent(fault.format.fileName)
        do throws(DatasetError) {
            try DatasetMerger.merge(paths, into: merged)
            #expect(try DatasetRows(contentsOf: merged).episodes.count == 4)
        } catch {
            #expect("\(error)".contains(paths[1].path), "\(error)")
            #expect(!FileManager.default.fileExists(atPath: merged.path))
        }
        do throws(DatasetError) {
            _ = try DatasetSummary(contentsOf: paths[1]).lines
            _ = try DatasetRows(contentsOf: paths[1])
        } catch {
            #expect("\(error)".contains(paths[1].path), "\(error)")
        }
    }

    /// A column of lists where numbers are due.
    @Test func listsForNumbersAreNamed() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        try Sample.writeLeRobot(root, lengths: [5, 4])
        let url = root.appendingPathComponent(Self.episodes)
        let reader = try ParquetReader(path: url.path)
        let writer = try ParquetWriter(path: url.path + ".new", columns: [ParquetColumn("length", .int64, depth: 1)])
        try writer.append(.int64([5, 5, 4, 4]), column: 0, rows: 2, shape: [2])
        try writer.close()
        #expect(try reader.scalars("length") == [5, 4])
        #expect { try ParquetReader(path: url.path + ".new").scalars("length") } throws: { "\($0)".contains("4 values in 2 rows") }
    }

    /// What other programs wrote before quantiles were kept is read and merged; nothing is made up.
    @Test(arguments: [LeRobotVersion.v30, .v21])
    func statisticsWithoutQuantiles(_ version: LeRobotVersion) throws {
        let folder = try TemporaryFolder()
        var options = LeRobotOptions()
        options.version = version
        let parts = ["a", "b"].map { folder.file($0) }
        for part in parts {
            try Sample.writeLeRobot(part, lengths: [5, 4], options: options, source: Sample.source(part.lastPathComponent))
            for key in FeatureStatistics.keys {
                let stats = part.appendingPathComponent("meta/stats.json")
                guard case .object(let features) = try JSONValue.read(stats) else { continue }
                try JSONValue.object(features.map { ($0.key, Self.without(key, $0.value)) }).encoded()
                    .write(to: stats, atomically: true, encoding: .utf8)
                if version == .v30 {
                    let table = part.appendingPathComponent(Self.episodes)
                    for column in try ParquetReader(path: table.path).columns where column.name.hasSuffix("/\(key)") {
                        try Plant.table(table, drop: column.name)
                    }
                } else {
                    let lines = part.appendingPathComponent("meta/episodes_stats.jsonl")
                    let values = try JSONValue.readLines(lines).map { line -> JSONValue in
                        guard let members = line["stats"]?.members, let index = line["episode_index"] else { return line }
                        return .object([
                            ("episode_index", index), ("stats", .object(members.map { ($0.key, Self.without(key, $0.value)) })),
                        ])
                    }
                    try values.map { $0.encoded(indent: nil) + "\n" }.joined().write(to: lines, atomically: true, encoding: .utf8)
                }
            }
            let said = try DatasetValidator.validate(part)
            #expect(said.map(\.severity) == [.warning] && said[0].reason.contains("normalisation by quantiles"), "\(said)")
        }
        let merged = folder.file("merged")
        try DatasetMerger.merge(parts, into: merged)
        let stats = try JSONValue.read(merged.appendingPathComponent("meta/stats.json"))
        #expect(stats["observation.images.wrist"]?["mean"] != nil && stats["observation.images.wrist"]?["q50"] == nil)
        #expect(stats["action"]?["q50"]?.flattened?.count == 3)
        let said = try DatasetValidator.validate(merged)
        #expect(said.map(\.severity) == [.warning] && said[0].location.contains("q99 of observation.images.wrist"), "\(said)")
        #expect(try DatasetRows(contentsOf: merged).episodes.map(\.frames) == [5, 4, 5, 4])
    }

    private static func without(_ key: String, _ value: JSONValue) -> JSONValue {
        .object((value.members ?? []).filter { $0.key != key })
    }

    /// As older writers have them: names under parts, what a video is under `video_info`.
    @Test func olderSpellingsAreKept() throws {
        let folder = try TemporaryFolder()
        let parts = ["a", "b"].map { folder.file($0) }
        for part in parts {
            try Sample.writeLeRobot(part, lengths: [5], source: Sample.source(part.lastPathComponent))
            let url = part.appendingPathComponent("meta/info.json")
            guard case .object(var info) = try JSONValue.read(url), let at = info.firstIndex(where: { $0.key == "features" }) else {
                return
            }
            let features = try #require(info[at].value.members).map { name, feature in
                let members = (feature.members ?? []).map { key, value -> (key: String, value: JSONValue) in
                    if key == "names", name == "action" { return (key, .object([("motors", value)])) }
                    return (key == "info" && part == parts[1] ? "video_info" : key, value)
                }
                return (key: name, value: JSONValue.object(members))
            }
            info[at].value = .object(features)
            try JSONValue.object(info).encoded().write(to: url, atomically: true, encoding: .utf8)
        }
        let merged = folder.file("merged")
        try DatasetMerger.merge(parts, into: merged)
        let info = try JSONValue.read(merged.appendingPathComponent("meta/info.json"))
        #expect(
            info["features"]?["action"]?["names"]
                == .object([("motors", .array(Sample.layout.actionNames.map { .string($0) }))]))
        #expect(info["features"]?["observation.images.wrist"]?["info"]?["video.codec"] == .string("h264"))
        #expect(try DatasetSummary(contentsOf: merged).features.first { $0.name == "action" }?.names == Sample.layout.actionNames)
    }

    /// Another program's splits live on, and such that overlap are an error.
    @Test func robomimicsMasksLiveOn() throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("a.hdf5"), folder.file("b.hdf5"))
        for file in [a, b] {
            try Sample.writeRobomimic(file, lengths: [4, 3, 5])
            try Plant.hdf5(file) {
                try $0.set("/data", "griptrace", "another program's")
                for mask in ["train", "valid"] where try $0.exists("/mask/\(mask)") { try $0.remove("/mask/\(mask)") }
                try $0.put("/mask/train", texts: ["demo_0"])
                try $0.put("/mask/valid", texts: ["demo_2"])
                try $0.put("/mask/better", texts: ["demo_1", "demo_2"])
            }
        }
        let merged = folder.file("m.hdf5")
        try DatasetMerger.merge([a, b], into: merged)
        let file = try HDF5File.reading(merged)
        #expect(try file.texts("/mask/train") == ["demo_0", "demo_3"] && file.texts("/mask/valid") == ["demo_2", "demo_5"])
        #expect(try file.texts("/mask/better") == ["demo_1", "demo_2", "demo_4", "demo_5"])
        #expect(try DatasetValidator.validate(merged) == [])
        var options = RobomimicOptions()
        options.existing = .append
        try Sample.writeRobomimic(a, lengths: [4], options: options, source: Sample.source("c"))
        #expect(try HDF5File.reading(a).texts("/mask/valid") == ["demo_2"])
        try Plant.hdf5(b) {
            try $0.remove("/mask/valid")
            try $0.put("/mask/valid", texts: ["demo_2", "demo_0"])
        }
        let said = try DatasetValidator.validate(b)
        #expect(said.count == 1 && said[0].severity == .error && said[0].reason.contains("demo_0 is in /mask/train too"), "\(said)")
    }
}

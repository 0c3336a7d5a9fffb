@testable import Dataset
import Foundation
import Imaging
import Testing

/// Data sets as others write them, and as damage leaves them: judged once, merged without loss, or refused with the place.
struct ForeignSetTests {
    private static let data = "data/chunk-000/file-000.parquet"
    private static let episodes = "meta/episodes/chunk-000/file-000.parquet"

    private func pair(_ folder: TemporaryFolder, _ options: LeRobotOptions = LeRobotOptions()) throws -> (a: URL, b: URL) {
        let (a, b) = (folder.file("a"), folder.file("b"))
        try Sample.writeLeRobot(a, lengths: [7, 5], options: options, source: Sample.source("a"))
        try Sample.writeLeRobot(b, lengths: [6], first: 2, options: options, source: Sample.source("b"))
        return (a, b)
    }

    /// Numbers that would poison a batch and have no statistics.
    @Test(arguments: [
        ("action", 4, Double.nan), ("observation.state", 9, .infinity), ("diagnostic.feasibility_margin", 11, -.infinity),
        ("action", 0, 1e300),
    ])
    func whatIsNotFiniteIsNotMerged(_ column: String, _ at: Int, _ value: Double) throws {
        let folder = try TemporaryFolder()
        let (a, b) = try pair(folder)
        try Plant.table(a.appendingPathComponent(Self.data)) { if $0 == column { $1[at] = value } }
        let width = ["action": 3, "observation.state": 4][column] ?? 1
        #expect { try DatasetMerger.merge([b, a], into: folder.file("m")) } throws: {
            "\($0)".contains("\(column), row \(at / width): is null or not")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["a", "b"])
    }

    /// The numbers that episodes and their files are found by.
    @Test(
        .enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"),
        arguments: [
            ("data/chunk_index", 0), ("data/file_index", 1), ("length", 1), ("videos/observation.images.wrist/chunk_index", 1),
            ("dataset_to_index", 0),
        ])
    func nullsAreNamedOnce(_ column: String, _ row: Int) throws {
        let folder = try TemporaryFolder()
        let (a, b) = try pair(folder)
        let script = """
            import sys, pyarrow as pa, pyarrow.parquet as pq
            path, name, row = sys.argv[1], sys.argv[2], int(sys.argv[3])
            t = pq.read_table(path)
            at = t.column_names.index(name)
            v = t.column(name).to_pylist()
            v[row] = None
            pq.write_table(t.set_column(at, name, pa.array(v, t.schema.field(name).type)), path)
            """
        #expect(try Checkers.python("lerobot", ["-c", script, a.appendingPathComponent(Self.episodes).path, column, "\(row)"]) == "")
        let said = try DatasetValidator.validate(a).map(\.description)
        #expect(said.count == 1 && said[0].contains("\(column), row \(row): is null"), "\(said)")
        #expect { try DatasetMerger.merge([a, b], into: folder.file("m")) } throws: { "\($0)".contains("\(column), row \(row): is null") }
    }

    /// Statistics of pictures are made from the pictures where the data set has none, or broken ones.
    @Test(arguments: [Double?.none, .nan, -3])
    func picturesWithoutStatisticsAreMerged(_ count: Double?) throws {
        let folder = try TemporaryFolder()
        var options = LeRobotOptions()
        options.crf = 1
        let (a, b) = try pair(folder, options)
        let (whole, merged) = (folder.file("whole"), folder.file("merged"))
        try DatasetMerger.merge([a, b], into: whole)
        for root in [a, b] {
            let table = root.appendingPathComponent(Self.episodes)
            if let count {
                let column = "stats/observation.images.wrist/\(count.isNaN ? "mean" : "count")"
                try Plant.table(table) { if $0 == column { $1[0] = count } }
            } else {
                try Plant.table(table, drop: "stats/observation.images.wrist/std")
            }
        }
        try DatasetMerger.merge([a, b], into: merged)
        let stats = try [merged, whole].map { try JSONValue.read($0.appendingPathComponent("meta/stats.json")) }
        for (key, value) in try #require(stats[1]["observation.images.wrist"]?.members) {
            let made = try #require(stats[0]["observation.images.wrist"]?[key]?.flattened)
            // The coder changed the pictures by a few levels of 255.
            for (x, y) in zip(made, try #require(value.flattened)) { #expect(abs(x - y) < 0.02, "\(key)") }
        }
        #expect(try DatasetValidator.validate(merged) == [])
    }

    /// Splits that stand in info.json alone live on by episode.
    @Test(arguments: [
        ("1:2", "val", [1, 4]), ("0:2", "test", [0, 1, 3, 4]), ("2:3", "validation", [2, 5]), ("5:2", "val", []), ("0:99", "val", []),
    ])
    func splitsLiveOn(_ range: String, _ name: String, _ held: [Int]) throws {
        let folder = try TemporaryFolder()
        for part in ["a", "b"] {
            let root = folder.file(part)
            try Sample.writeLeRobot(root, lengths: [3, 4, 2])
            try Plant.text(root, "meta/info.json", "\"train\": \"0:3\"", "\"train\": \"0:1\", \"\(name)\": \"\(range)\"")
            for file in ["griptrace", "splits"] { try FileManager.default.removeItem(at: root.appendingPathComponent("meta/\(file).json")) }
        }
        try DatasetMerger.merge([folder.file("a"), folder.file("b")], into: folder.file("m"))
        let splits = try JSONValue.read(folder.file("m").appendingPathComponent("meta/splits.json"))
        #expect(splits["validation"]?.flattened == held.map(Double.init) && splits["train"]?.flattened?.count == 6 - held.count)
    }

    /// An episode in which one thing is done after another.
    @Test func severalTasksOfAnEpisodeLiveOn() throws {
        let folder = try TemporaryFolder()
        var options = LeRobotOptions()
        options.version = .v21
        let (a, b) = try pair(folder, options)
        let texts = ["put the cup on the saucer", "fold the \"cloth\""].map { JSONValue.quoted($0) }
        try Plant.text(a, "meta/episodes.jsonl", "[\(texts[1])]", "[\(texts[0]), \(texts[1])]")
        try Plant.table(a.appendingPathComponent("data/chunk-000/episode_000001.parquet")) { if $0 == "task_index" { $1[1] = 0 } }
        #expect(try DatasetValidator.validate(a).filter { $0.severity == .error && !$0.location.contains("task_index") } == [])
        try DatasetMerger.merge([b, a], into: folder.file("m"))
        let episodes = try LeRobotEpisode.readLines(DatasetFolder(folder.file("m")))
        #expect(episodes.map(\.tasks.count) == [1, 1, 2])
        #expect(try DatasetValidator.validate(folder.file("m")).filter { $0.severity == .error } == [])
    }

    /// Whole numbers that a double does not hold.
    @Test(arguments: [Int64.max, .min, (1 << 53) + 1])
    func largeWholeNumbersAreMerged(_ value: Int64) throws {
        let folder = try TemporaryFolder()
        let layout = EpisodeLayout(
            stateNames: ["s"], actionNames: ["a"], cameras: [], annotations: [AnnotationFeature("diagnostic.code", .int64)])
        func write(_ root: URL) throws {
            let writer = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: layout)
            try writer.beginEpisode(task: "t")
            for _ in 0..<3 { try writer.append(EpisodeFrame(state: [0], action: [0], annotations: [.integer(value)]), images: []) }
            try writer.endEpisode()
            try writer.finish()
        }
        for name in ["a", "b"] { try write(folder.file(name)) }
        try DatasetMerger.merge([folder.file("a"), folder.file("b")], into: folder.file("m"))
        let table = try ParquetReader(path: folder.file("m").appendingPathComponent(Self.data).path)
        #expect(try table.integers("diagnostic.code") == Array(repeating: value, count: 6))
    }

    /// Isaac GR00T takes `annotation.` for texts.
    @Test func groot() throws {
        let folder = try TemporaryFolder()
        var options = LeRobotOptions()
        options.version = .v21
        let root = folder.file("data")
        try Sample.writeLeRobot(root, lengths: [5], options: options)
        #expect(try DatasetValidator.validate(root) == [])
        try Plant.text(root, "meta/info.json", "\"diagnostic.is_tracked\"", "\"annotation.is_tracked\"")
        #expect(try DatasetValidator.validate(root).contains { $0.severity == .warning && $0.location == "annotation.is_tracked" })
    }

    /// robomimic's actions fill -1…1 over the whole file, however it came to be, and are turned back by the file's own scale.
    @Test func robomimicActionsAreScaled() throws {
        let folder = try TemporaryFolder()
        let (whole, grown, a, b, merged) = (
            folder.file("w.hdf5"), folder.file("g.hdf5"), folder.file("a.hdf5"), folder.file("b.hdf5"), folder.file("m.hdf5")
        )
        try Sample.writeRobomimic(whole, lengths: [6, 9, 4])
        var options = RobomimicOptions()
        options.existing = .append
        try Sample.writeRobomimic(grown, lengths: [6], options: options, source: Sample.source("a"))
        try Sample.writeRobomimic(grown, lengths: [9, 4], first: 1, options: options, source: Sample.source("b"))
        try Sample.writeRobomimic(a, lengths: [6], source: Sample.source("a"))
        try Sample.writeRobomimic(b, lengths: [9, 4], first: 1, source: Sample.source("b"))
        try DatasetMerger.merge([a, b], into: merged)
        for url in [whole, grown, merged] {
            let file = try HDF5File.reading(url)
            let (offset, scale) = (try file.doubles("/action_scale/offset").values, try file.doubles("/action_scale/scale").values)
            #expect(try file.texts("/action_scale/names") == Sample.layout.actionNames)
            var largest = [0.0, 0, 0]
            for (episode, length) in [6, 9, 4].enumerated() {
                let scaled = try file.doubles("/data/demo_\(episode)/actions").values
                for row in 0..<length {
                    for (d, truth) in Sample.frame(episode, row).action.enumerated() {
                        let action = scaled[row * 3 + d]
                        #expect(abs(offset[d] + scale[d] * action - Double(truth)) < 1e-6)
                        largest[d] = max(largest[d], abs(action))
                    }
                }
            }
            // The third number never changes.
            #expect(largest == [1, 1, 0], "\(largest)")
            #expect(try DatasetValidator.validate(url) == [])
        }
        try Plant.hdf5(b) { try $0.remove("/action_scale") }
        #expect { try DatasetMerger.merge([a, b], into: folder.file("x.hdf5")) } throws: {
            "\($0)".contains("/action_scale: is in one part only")
        }
        try Plant.hdf5(a) { try $0.write("/data/demo_0/actions", [1.5] as [Float], start: [2, 1], count: [1, 1]) }
        #expect(try DatasetValidator.validate(a).contains { $0.severity == .warning && $0.reason.contains("1.5") })
    }
}

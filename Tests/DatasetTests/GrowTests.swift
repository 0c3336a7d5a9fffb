@testable import Dataset
import Foundation
import Imaging
import Testing

/// Data sets that grow and that are merged: what stood there stays, and the whole is as if written at once.
struct GrowTests {
    private let lengths = [12, 9, 14, 8, 10, 11]

    private func json(_ url: URL) throws -> JSONValue { try JSONValue.read(url) }

    /// All columns of all data tables, in the reader's order.
    private func columns(_ root: URL) throws -> [String: [Double]] {
        var out: [String: [Double]] = [:]
        for file in try DatasetFolder(root).tables(under: "data") {
            let table = try ParquetReader(path: root.appendingPathComponent(file).path)
            for column in table.columns { out[column.name, default: []] += try table.doubles(column.name) }
        }
        return out
    }

    private func expectSameStatistics(_ a: URL, _ b: URL) throws {
        let x = try json(a.appendingPathComponent("meta/stats.json"))
        let y = try json(b.appendingPathComponent("meta/stats.json"))
        for (feature, entry) in try #require(x.members) {
            for (key, value) in try #require(entry.members) {
                let other = try #require(y[feature]?[key]?.flattened)
                for (p, q) in zip(try #require(value.flattened), other) {
                    #expect(abs(p - q) <= 1e-9 * max(1, abs(p)), "\(feature) \(key)")
                }
            }
        }
    }

    @Test(arguments: [LeRobotVersion.v30, .v21])
    func aLeRobotDataSetGrows(_ version: LeRobotVersion) throws {
        let folder = try TemporaryFolder()
        let root = folder.file("grown")
        var options = LeRobotOptions()
        options.version = version
        try Sample.writeLeRobot(root, lengths: Array(lengths[..<2]), options: options, source: Sample.source("a"))
        let before = try contents(of: root)
        options.existing = .append
        try Sample.writeLeRobot(root, lengths: Array(lengths[2..<5]), first: 2, options: options, source: Sample.source("b"))
        try Sample.writeLeRobot(root, lengths: [lengths[5]], first: 5, options: options, source: Sample.source("c"))
        let after = try contents(of: root)
        // v3.0's last files are filled up, see PackingTests.
        let isRewritten = { (path: String) in
            !path.hasPrefix("meta/episodes/") && (version == .v30 || !path.hasPrefix("data/") && !path.hasPrefix("videos/"))
        }
        for (path, bytes) in before where !isRewritten(path) { #expect(after[path] == bytes, "\(path) was written again") }
        #expect(try DatasetValidator.validate(root).filter { $0.severity == .error } == [])
        let whole = folder.file("whole")
        options.existing = .refuse
        try Sample.writeLeRobot(whole, lengths: lengths, options: options)
        #expect(try columns(root) == columns(whole))
        try expectSameStatistics(root, whole)
        let provenance = try #require(DatasetProvenance.read(root))
        #expect(provenance.sources.map(\.session) == ["a", "b", "c"])
        #expect(provenance.sources.map(\.firstEpisode) == [0, 2, 5])
        #expect(provenance.sources.map(\.frames) == [21, 32, 11])
        #expect(provenance.validationEpisodes == [4])
        let card = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        #expect(card.contains("6 episodes, 64 frames at 20 a second") && card.contains("| episodes | lost | 10 | 1 |"), "\(card)")
    }

    @Test func anotherLayoutIsNotAdded() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        try Sample.writeLeRobot(root, lengths: [12])
        let before = try contents(of: root)
        var options = LeRobotOptions()
        options.existing = .append
        var layout = Sample.layout
        layout.stateNames[0] = "joint_0.pos"
        #expect { try Sample.writeLeRobot(root, lengths: [9], layout: layout, options: options) } throws: {
            "\($0)".contains("observation.state.names") && "\($0)".contains("cannot be added")
        }
        #expect { try Sample.writeLeRobot(root, lengths: [9], fps: 30, options: options) } throws: { "\($0)".contains("fps: 20") }
        // A run that dies in the middle leaves what stands there as it was, links or not.
        let killed = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: Sample.layout, options: options)
        try killed.beginEpisode(task: "never ended")
        try killed.append(Sample.frame(0, 0), image: Sample.picture(0, 0))
        #expect(try contents(of: root) == before)
    }

    @Test func aUMIFileGrowsAndMerges() throws {
        let folder = try TemporaryFolder()
        let grown = folder.file("grown.zarr.zip")
        var options = UMIOptions()
        options.imageSize = 32
        options.carriesWeights = true
        try Sample.writeUMI(grown, lengths: [20, 15], options: options, source: Sample.source("a"))
        options.existing = .append
        try Sample.writeUMI(grown, lengths: [30, 7], first: 2, options: options, source: Sample.source("b"))
        options.existing = .refuse
        let whole = folder.file("whole.zarr.zip")
        try Sample.writeUMI(whole, lengths: [20, 15, 30, 7], options: options)
        let (a, b) = (folder.file("a.zarr.zip"), folder.file("b.zarr.zip"))
        try Sample.writeUMI(a, lengths: [20, 15], options: options, source: Sample.source("a"))
        try Sample.writeUMI(b, lengths: [30, 7], first: 2, options: options, source: Sample.source("b"))
        let merged = folder.file("merged.zarr.zip")
        try DatasetMerger.merge([a, b], into: merged)
        let truth = ZarrStore(zip: try ZipReader(path: whole.path))
        for file in [grown, merged] {
            #expect(try DatasetValidator.validate(file).filter { $0.severity == .error } == [])
            let store = ZarrStore(zip: try ZipReader(path: file.path))
            #expect(store.arrays(in: "data") == truth.arrays(in: "data") && store.arrays(in: "data").contains("loss_weight"))
            for name in truth.arrays(in: "data").filter({ !$0.hasPrefix("camera") }).map({ "data/\($0)" }) + ["meta/episode_ends"] {
                #expect(try store.bytes(name, store.description(name)) == truth.bytes(name, truth.description(name)), "\(name)")
            }
            for row in 0..<72 {
                let chunk = "data/camera0_rgb/\(row).0.0.0"
                #expect(try store.zip.bytes(chunk) == truth.zip.bytes(chunk))
            }
            #expect(DatasetProvenance.read(file)?.sources.map(\.firstEpisode) == [0, 2])
        }
        #expect { try DatasetMerger.merge([a, b, a], into: folder.file("twice.zarr.zip")) } throws: { "\($0)".contains("would come twice") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("twice.zarr.zip").path))
    }

    /// Labels come with some sessions and not with others: rows that nobody weighed count in full.
    @Test func weightsComeToAUMIFileThatHadNone() throws {
        let folder = try TemporaryFolder()
        let (a, b, grown, back, merged) = (
            folder.file("a.zarr.zip"), folder.file("b.zarr.zip"), folder.file("g.zarr.zip"), folder.file("h.zarr.zip"),
            folder.file("m.zarr.zip")
        )
        func write(_ url: URL, _ length: Int, weight: Double?) throws {
            var options = UMIOptions()
            options.imageSize = 16
            options.existing = .append
            options.carriesWeights = weight != nil
            let writer = try UMIWriter(path: url, options: options)
            writer.beginEpisode()
            for i in 0..<length {
                try writer.append([Sample.umiFrame(0, i)], images: [Sample.picture(0, i, width: 16, height: 16)], weight: weight ?? 1)
            }
            try writer.endEpisode()
            try writer.finish(source: Sample.source("\(weight ?? -1)"))
        }
        try write(a, 6, weight: nil)
        try write(b, 4, weight: 0.25)
        try write(grown, 6, weight: nil)
        try write(grown, 4, weight: 0.25)
        try write(back, 4, weight: 0.25)
        try write(back, 6, weight: nil)
        try DatasetMerger.merge([a, b], into: merged)
        let (ones, quarters) = (Array(repeating: 1.0, count: 6), Array(repeating: 0.25, count: 4))
        for (file, truth) in [(grown, ones + quarters), (back, quarters + ones), (merged, ones + quarters)] {
            #expect(try DatasetValidator.validate(file).filter { $0.severity == .error } == [])
            let store = ZarrStore(zip: try ZipReader(path: file.path))
            #expect(try store.values("data/loss_weight", store.description("data/loss_weight")) == truth, "\(file.lastPathComponent)")
        }
    }

    /// The percentile of a speed is among all of a data set, however that came to be.
    @Test(arguments: [LeRobotVersion.v30, .v21])
    func speedPercentilesAreOfTheWhole(_ version: LeRobotVersion) throws {
        let folder = try TemporaryFolder()
        var layout = Sample.layout
        layout.annotations = [AnnotationFeature("diagnostic.speed_percentile", .float32)]
        func write(_ root: URL, _ speeds: [Double?]) throws {
            var options = LeRobotOptions()
            options.version = version
            options.existing = .append
            let writer = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: layout, options: options)
            for speed in speeds {
                try writer.beginEpisode(EpisodeHeader(task: "reach", speed: speed))
                for i in 0..<3 {
                    var frame = Sample.frame(0, i)
                    frame.annotations = [.float(-1)]
                    try writer.append(frame, image: Sample.picture(0, i))
                }
                try writer.endEpisode()
            }
            try writer.finish(source: Sample.source("\(speeds)"))
        }
        let (grown, a, b, merged) = (folder.file("grown"), folder.file("a"), folder.file("b"), folder.file("merged"))
        for root in [grown, a] { try write(root, [0.1, nil, 0.4]) }
        for root in [grown, b] { try write(root, [0.2, 0.3]) }
        try DatasetMerger.merge([a, b], into: merged)
        for root in [grown, merged] {
            let speeds = try json(root.appendingPathComponent("meta/speeds.json"))
            #expect(speeds["speed_m_s"] == .array([.number(0.1), .null, .number(0.4), .number(0.2), .number(0.3)]), "\(speeds)")
            #expect(speeds["percentile"] == .array([.number(0.25), .null, .number(1), .number(0.5), .number(0.75)]), "\(speeds)")
        }
        // The grown set's rows stand as they were written; merging writes them anew.
        let column = try #require(try columns(merged)["diagnostic.speed_percentile"])
        #expect(column == [0.25, -1, 1, 0.5, 0.75].flatMap { [$0, $0, $0] })
    }

    @Test(arguments: [LeRobotVersion.v30, .v21])
    func mergedStatisticsAreExact(_ version: LeRobotVersion) throws {
        let folder = try TemporaryFolder()
        var options = LeRobotOptions()
        options.version = version
        let (a, b, whole) = (folder.file("a"), folder.file("b"), folder.file("whole"))
        try Sample.writeLeRobot(a, lengths: Array(lengths[..<3]), options: options, source: Sample.source("a"))
        // Begins with the other task, so that task numbers change on the way.
        try Sample.writeLeRobot(b, lengths: Array(lengths[3...]), first: 3, options: options, source: Sample.source("b"))
        try Sample.writeLeRobot(whole, lengths: lengths, options: options)
        let merged = folder.file("merged")
        try DatasetMerger.merge([a, b], into: merged)
        #expect(try columns(merged) == columns(whole))
        #expect(
            try Data(contentsOf: merged.appendingPathComponent("meta/stats.json"))
                == Data(contentsOf: whole.appendingPathComponent("meta/stats.json")))
        #expect(try DatasetValidator.validate(merged).filter { $0.severity == .error } == [])
        let held = try json(merged.appendingPathComponent("meta/splits.json"))["validation"]?.flattened
        #expect(held == [4])
        #expect { try DatasetMerger.merge([a, folder.file("none")], into: folder.file("x")) } throws: {
            "\($0)".contains("none: does not exist")
        }
    }

    @Test func aRobomimicFileGrowsAndMerges() throws {
        let folder = try TemporaryFolder()
        let (grown, a, b, merged) = (folder.file("g.hdf5"), folder.file("a.hdf5"), folder.file("b.hdf5"), folder.file("m.hdf5"))
        try Sample.writeRobomimic(grown, lengths: [6, 4], source: Sample.source("a"))
        var options = RobomimicOptions()
        options.existing = .append
        try Sample.writeRobomimic(grown, lengths: [5], first: 2, options: options, source: Sample.source("b"))
        try Sample.writeRobomimic(a, lengths: [6, 4], source: Sample.source("a"))
        try Sample.writeRobomimic(b, lengths: [5], first: 2, source: Sample.source("b"))
        try DatasetMerger.merge([a, b], into: merged)
        for file in [grown, merged] {
            #expect(try DatasetValidator.validate(file) == [])
            let summary = try DatasetSummary(contentsOf: file)
            #expect(summary.episodeLengths == [6, 4, 5] && summary.tasks == ["put the cup on the saucer", "fold the \"cloth\""])
            #expect(DatasetProvenance.read(file)?.sources.map(\.frames) == [10, 5])
        }
    }
}

/// The same, by the readers' own word.
@Suite(.enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"))
struct GrownSetsInTheRealReaders {
    private func lengths(_ count: Int) -> [Int] { (0..<count).map { 6 + $0 % 5 } }

    /// Fifty episodes at 50 Hz: twenty, fifteen added, fifteen merged to them. A one-second chunk from every frame.
    @Test func leRobotReadsFifty() throws {
        let folder = try TemporaryFolder()
        let (a, b, c) = (folder.file("a"), folder.file("b"), folder.file("c"))
        var options = LeRobotOptions()
        options.codec = .av1
        let all = lengths(50)
        var layout = Sample.layout
        layout.cameras[0].height = 64
        try Sample.writeLeRobot(a, lengths: Array(all[..<20]), fps: 50, layout: layout, options: options)
        options.existing = .append
        try Sample.writeLeRobot(a, lengths: Array(all[20..<35]), first: 20, fps: 50, layout: layout, options: options)
        options.existing = .refuse
        try Sample.writeLeRobot(b, lengths: Array(all[35...]), first: 35, fps: 50, layout: layout, options: options)
        try DatasetMerger.merge([a, b], into: c)
        let said = try Checkers.checkLeRobot(c)
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("fps 50 episodes 50 frames \(all.reduce(0, +)) tasks 2"))
    }

    @Test func leRobotReadsOne() throws {
        let folder = try TemporaryFolder()
        try Sample.writeLeRobot(folder.file("one"), lengths: [60], fps: 50)
        let said = try Checkers.checkLeRobot(folder.file("one"))
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("episodes 1 frames 60"))
    }

    /// A data set that LeRobot itself wrote, with several episodes in one video, merged with itself.
    @Test func leRobotReadsItsOwnMerged() throws {
        let folder = try TemporaryFolder()
        let reference = Checkers.shared.appendingPathComponent("reference/lerobot_v3")
        try DatasetMerger.merge([reference, reference], into: folder.file("twice"))
        let said = try Checkers.checkLeRobot(folder.file("twice"))
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("episodes 6 frames 286"))
    }

    @Test func umiReadsFiftyAndOne() throws {
        let folder = try TemporaryFolder()
        let (fifty, one) = (folder.file("fifty.zarr.zip"), folder.file("one.zarr.zip"))
        var options = UMIOptions()
        try Sample.writeUMI(fifty, lengths: [46] + Array(repeating: 3, count: 29), options: options)
        options.existing = .append
        try Sample.writeUMI(fifty, lengths: Array(repeating: 3, count: 20), first: 30, options: options)
        try Sample.writeUMI(one, lengths: [48])
        for (file, episodes) in [(fifty, 50), (one, 1)] {
            let said = try Checkers.checkUMI(file)
            #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
            #expect(said.contains("episodes \(episodes) "))
        }
    }

    @Test func leRobot033ReadsVersion21() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("v21")
        var options = LeRobotOptions()
        options.version = .v21
        options.groups = [FeatureGroup("single_arm", start: 0, end: 2), FeatureGroup("gripper", start: 2, end: 3)]
        try Sample.writeLeRobot(root, lengths: [30, 12], fps: 50, options: options)
        options.existing = .append
        try Sample.writeLeRobot(root, lengths: [25], first: 2, fps: 50, options: options)
        let said = try Checkers.checkLeRobot21(root)
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("episodes 3 frames 67 chunks 67"))
        #expect(
            try DatasetValidator.validate(Checkers.shared.appendingPathComponent("reference/lerobot_v21")).filter { $0.severity == .error }
                == [])
    }

    @Test func h5pyReadsRobomimic() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("data.hdf5")
        try Sample.writeRobomimic(file, lengths: [30, 12, 7, 8, 9])
        let said = try Checkers.checkRobomimic(file)
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("demos 5 rows 66 pictures 66 chunks 66"))
    }
}

@testable import Dataset
import Foundation
import Geometry
import Imaging
import Testing

/// Demonstrations through one protocol into every format, read back number by number.
struct WritingTests {
    private static func specification(_ sides: [DatasetSide]) -> DatasetSpecification {
        var specification = Demonstration.specification
        specification.sides = sides
        specification.options.umi.imageSize = 16
        specification.options.squareWidth = 16
        return specification
    }

    private func write(_ format: DatasetFormat, _ url: URL, sides: [DatasetSide], lengths: [Int], weighed: Bool = false) throws {
        var specification = Self.specification(sides)
        specification.carriesWeights = weighed
        let writer = try format.writer(at: url, specification)
        for (episode, length) in lengths.enumerated() { try Demonstration.write(episode, length: length, sides: sides, to: writer) }
        #expect(writer.episodeCount == lengths.count && writer.frameCount == lengths.reduce(0, +))
        try writer.finish(Sample.source("a"))
    }

    @Test(arguments: DatasetFormat.all, [[DatasetSide.only], [.left, .right]])
    func rowsAreCountedAsWritten(_ format: DatasetFormat, _ sides: [DatasetSide]) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        let lengths = [5, 3, 7]
        try write(format, url, sides: sides, lengths: lengths)
        #expect(DatasetFormat(at: url) == format)
        #expect(try DatasetValidator.validate(url).filter { $0.severity == .error } == [])
        let rows = try DatasetRows(contentsOf: url)
        #expect(rows.format == format && rows.episodes.map(\.frames) == lengths && rows.frameCount == 15)
        #expect(try rows.frameCount(of: try #require(rows.provenance?.sources.first)) == 15)
        if format == .umi {
            #expect(try rows.sourceColumns.isEmpty && rows.sourceFrames(episode: 0) == nil)
            return
        }
        #expect(
            rows.sourceColumns
                == (sides.count == 1
                    ? ["diagnostic.source_frame"] : ["diagnostic.left_source_frame", "diagnostic.right_source_frame"]))
        for (episode, length) in lengths.enumerated() {
            let truth = sides.map { side in (0..<length).map { Demonstration.side(episode, $0, side).sourceFrame } }
            #expect(try rows.sourceFrames(episode: episode) == truth)
        }
        // In any order.
        #expect(try rows.sourceFrames(episode: 0)?[0].count == 5)
    }

    /// Without joints an action is the next tool pose seen from this one, so that what is composed of actions is the path.
    @Test(arguments: [[DatasetSide.only], [.left, .right]])
    func actionsWithoutJointsAreRelative(_ sides: [DatasetSide]) throws {
        let folder = try TemporaryFolder()
        let root = folder.file("lerobot")
        var specification = Self.specification(sides)
        specification.jointNames = []
        let writer = try DatasetFormat.lerobot.writer(at: root, specification)
        try writer.begin(EpisodeHeader(task: "t"))
        let frames = (0..<6).map { row in
            var frame = Demonstration.frame(0, row, sides: sides)
            for i in frame.sides.indices { frame.sides[i].joints = [] }
            return frame
        }
        for frame in frames { try writer.append(frame) }
        try writer.end()
        try writer.finish(Sample.source("a"))
        #expect(try DatasetValidator.validate(root).filter { $0.severity == .error } == [])
        let table = try ParquetReader(path: root.appendingPathComponent("data/chunk-000/file-000.parquet").path)
        let actions = try table.doubles("action")
        #expect(actions.count == 6 * 10 * sides.count)
        for (n, _) in sides.enumerated() {
            var tool = frames[0].sides[n].baseFromTool
            for row in 0..<6 {
                let a = actions[(row * sides.count + n) * 10..<(row * sides.count + n + 1) * 10].map { $0 }
                let (x, y) = (Vector3(a[3], a[4], a[5]), Vector3(a[6], a[7], a[8]))
                let turn = Rotation(matrix: Matrix3(rows: x, y, x.cross(y)))
                tool = tool * Transform(rotation: turn, translation: Vector3(a[0], a[1], a[2]))
                let next = frames[min(row + 1, 5)].sides[n]
                #expect((tool.translation - next.baseFromTool.translation).length < 1e-5)
                #expect(tool.rotation.angle(to: next.baseFromTool.rotation) < 1e-5)
                #expect(abs(a[9] - next.gripperWidth) < 1e-6)
            }
        }
    }

    /// What is counted is what is there: metadata that says otherwise does not help.
    @Test func lostRowsAreNotCounted() throws {
        let folder = try TemporaryFolder()
        let v30 = folder.file("lerobot")
        try write(.lerobot, v30, sides: [.only], lengths: [5, 3])
        try Plant.table(v30.appendingPathComponent("data/chunk-000/file-000.parquet")) { name, values in
            if name == "episode_index" { values[5] = 0 }
        }
        #expect(try DatasetRows(contentsOf: v30).episodes.map(\.frames) == [6, 2])
        let v21 = folder.file("lerobot_v21")
        try write(.lerobot21, v21, sides: [.only], lengths: [5, 3])
        try FileManager.default.removeItem(at: v21.appendingPathComponent("data/chunk-000/episode_000001.parquet"))
        let rows = try DatasetRows(contentsOf: v21)
        #expect(rows.episodes.map(\.frames) == [5])
        let source = try #require(rows.provenance?.sources.first)
        #expect { try rows.frameCount(of: source) } throws: { "\($0)".contains("2 episodes from 0 on; the data set holds 1") }
        try Plant.table(v30.appendingPathComponent("data/chunk-000/file-000.parquet")) { name, values in
            if name == "episode_index" { values = values.map { $0 * 1e12 } }
        }
        #expect { try DatasetRows(contentsOf: v30) } throws: { "\($0)".contains("episode_index") && "\($0)".contains("episode 1") }
        let umi = folder.file("dataset.zarr.zip")
        try write(.umi, umi, sides: [.only], lengths: [5, 3])
        try Plant.zip(umi, drop: "data/camera0_rgb/6.0.0.0")
        #expect { try DatasetRows(contentsOf: umi) } throws: { "\($0)".contains("picture 6 is missing") }
        let hdf5 = folder.file("robomimic.hdf5")
        try write(.robomimic, hdf5, sides: [.only], lengths: [5, 3])
        try Plant.hdf5(hdf5) { try $0.remove("/data/demo_1") }
        #expect(try DatasetRows(contentsOf: hdf5).episodes.map(\.frames) == [5])
    }

    /// The action of a row is the state of the next one; the last one stays.
    @Test(arguments: [DatasetFormat.lerobot, .lerobot21], [[DatasetSide.only], [.left, .right]])
    func statesAndActions(_ format: DatasetFormat, _ sides: [DatasetSide]) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        try write(format, url, sides: sides, lengths: [4])
        let table = try DatasetFolder(url).table(try DatasetFolder(url).tables(under: "data")[0])
        let truth = (0..<4).map { row in
            sides.flatMap { side -> [Float] in
                let s = Demonstration.side(0, row, side)
                return [s.joints[0], s.joints[1], s.gripperWidth].map(Float.init)
            }
        }
        #expect(try table.doubles("observation.state").map { Float($0) } == truth.flatMap { $0 })
        #expect(try table.doubles("action").map { Float($0) } == (truth[1...] + [truth[3]]).flatMap { $0 })
        #expect(try table.doubles("loss_weight") == [0.75, 0.75, 0.75, 0.75])
        #expect(try table.doubles("diagnostic.speed_percentile") == [0.5, 0.5, 0.5, 0.5])
        for side in sides {
            #expect(try table.integers("diagnostic.\(side.prefix)pose_bridged") == [0, 1, 0, 1])
            #expect(try table.doubles("diagnostic.\(side.prefix)filled_share") == [0.125, 0.125, 0.125, 0.125])
            let margins = (0..<4).map { Float(Demonstration.side(0, $0, side).feasibilityMargin) }
            #expect(try table.doubles("diagnostic.\(side.prefix)feasibility_margin").map { Float($0) } == margins)
            #expect(try table.doubles("diagnostic.\(side.prefix)position_sigma_m").map { Float($0) } == Array(repeating: 0.001, count: 4))
        }
        let summary = try DatasetSummary(contentsOf: url)
        let numbers = ["joint_1.pos", "joint_2.pos", "gripper.pos"]
        #expect(summary.features.first { $0.name == "action" }?.names == sides.flatMap { side in numbers.map { side.prefix + $0 } })
        #expect(summary.robotType == (sides.count == 1 ? "panda" : "bi_panda"))
        #expect(
            summary.features.filter { $0.type == "video" }.map(\.name) == sides.map { "observation.images.\($0.prefix)wrist" })
        if format == .lerobot21 {
            let modality = try JSONValue.read(url.appendingPathComponent("meta/modality.json"))
            #expect(
                modality["state"]?.members?.map(\.key)
                    == (sides.count == 1
                        ? ["single_arm", "gripper"] : ["left_arm", "left_gripper", "right_arm", "right_gripper"]))
            let last = modality["action"]?.members?.last?.value
            #expect(last?["start"]?.whole == 3 * sides.count - 1 && last?["end"]?.whole == 3 * sides.count)
        }
    }

    /// In UMI's file the right hand is robot 0, poses are in the table's frame, weights are there where somebody weighed.
    @Test func theRightHandIsUMIsFirstRobot() throws {
        let folder = try TemporaryFolder()
        for (sides, weighed) in [([DatasetSide.only], false), ([.left, .right], true)] {
            let url = folder.file("\(sides.count).zarr.zip")
            try write(.umi, url, sides: sides, lengths: [4], weighed: weighed)
            let store = ZarrStore(zip: try ZipReader(path: url.path))
            for (robot, side) in sides.reversed().enumerated() {
                let truth = (0..<4).flatMap { row -> [Float] in
                    let p = Demonstration.side(0, row, side).tableFromTool.translation
                    return [Float(p.x), Float(p.y), Float(p.z)]
                }
                let name = "data/robot\(robot)_eef_pos"
                #expect(try store.values(name, store.description(name)).map { Float($0) } == truth)
                let picture = try JPEGXL.decode(store.zip.bytes("data/camera\(robot)_rgb/2.0.0.0"), path: "p")
                let wanted = try UMIPicture.prepare(Demonstration.side(0, 2, side).picture, size: 16)
                let difference = zip(picture.pixels, wanted.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
                #expect(difference < 12)
            }
            #expect(store.arrays(in: "data").contains("loss_weight") == weighed)
        }
    }

    /// Pictures are fitted to what the format takes: wide ones scaled in proportion to even sizes, or the centre square.
    @Test func picturesAreFitted() throws {
        let folder = try TemporaryFolder()
        var specification = Self.specification([.only])
        (specification.pictureWidth, specification.pictureHeight) = (90, 45)
        specification.options.imageWidth = 62
        for format in [DatasetFormat.lerobot, .robomimic] {
            let url = folder.file(format.fileName)
            let writer = try format.writer(at: url, specification)
            try writer.begin(EpisodeHeader(task: "t"))
            for row in 0..<3 { try writer.append(Demonstration.frame(0, row, width: 90, height: 45)) }
            try writer.end()
            try writer.finish(nil)
            let picture = try DatasetSummary(contentsOf: url).features.first { $0.shape.count == 3 }
            #expect(picture?.shape == (format == .lerobot ? [32, 62, 3] : [16, 16, 3]))
            #expect(try DatasetValidator.validate(url).filter { $0.severity == .error } == [])
        }
    }

    @Test(arguments: DatasetFormat.all)
    func abandonedEpisodesLeaveNoTrace(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("a").appendingPathComponent(format.fileName), folder.file("b").appendingPathComponent(format.fileName))
        try write(format, a, sides: [.only], lengths: [4])
        let writer = try format.writer(at: b, Self.specification([.only]))
        try writer.begin(EpisodeHeader(task: "given up"))
        try writer.append(Demonstration.frame(7, 0))
        try writer.append(Demonstration.frame(7, 1))
        try writer.abandon()
        try Demonstration.write(0, length: 4, to: writer)
        try writer.finish(Sample.source("a"))
        if format == .robomimic {
            #expect(try DatasetRows(contentsOf: b).episodes == DatasetRows(contentsOf: a).episodes)
        } else if format == .umi {
            #expect(try Data(contentsOf: a) == Data(contentsOf: b))
        } else {
            #expect(try contents(of: a) == contents(of: b))
        }
    }

    @Test(arguments: DatasetFormat.all)
    func whatDoesNotFitIsRefused(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        var specification = Self.specification([.right, .left])
        #expect { _ = try format.writer(at: url, specification) } throws: { "\($0)".contains("sides") }
        specification.sides = [.left, .right]
        let writer = try format.writer(at: url, specification)
        try writer.begin(EpisodeHeader(task: "t"))
        #expect { try writer.append(Demonstration.frame(0, 0)) } throws: { "\($0)".contains("sides: 1 given, the data set is of 2") }
        #expect(!FileManager.default.fileExists(atPath: url.path))
    }

    @Test func formatsAreKnownByName() throws {
        #expect(DatasetFormat.names == ["lerobot", "lerobot-v2.1", "umi", "robomimic"])
        #expect(DatasetFormat.all.map(\.fileName) == ["lerobot", "lerobot_v21", "dataset.zarr.zip", "robomimic.hdf5"])
        #expect(Set(DatasetFormat.all.map(\.fileName)).count == DatasetFormat.all.count)
        for format in DatasetFormat.all {
            #expect(DatasetFormat(name: format.name) == format)
            #expect(try JSONDecoder().decode([DatasetFormat].self, from: JSONEncoder().encode([format])) == [format])
        }
        #expect(DatasetFormat(name: "lerobot-v4") == nil)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([DatasetFormat].self, from: Data("[\"x\"]".utf8)) }
        #expect(
            DatasetFormat.accepted
                == "a folder with meta/info.json (LeRobot), a .zarr.zip file (UMI) or an .hdf5 file (robomimic)")
    }

    /// A format is one type: the data set is known, counted and summed up by it.
    @Test func aFormatIsOneTypeAndOneLine() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let format = DatasetFormat(CSVFormat())
        let url = folder.appendingPathComponent(format.fileName)
        let writer = try format.writer(
            at: url, DatasetSpecification(arm: "one", jointNames: ["j1"], rate: 30, pictureWidth: 16, pictureHeight: 16))
        for length in [3, 5] {
            try writer.begin(EpisodeHeader(task: "t"))
            for i in 0..<length {
                let side = DatasetFrame.Side(
                    joints: [Double(i) / 10], gripperWidth: 0.04, baseFromTool: .identity, tableFromTool: .identity,
                    feasibilityMargin: 1, positionSigma: 0.001, isBridged: false, filledShare: 0, sourceFrame: 10 * length + i,
                    picture: Image(width: 16, height: 16, channels: 3))
                try writer.append(DatasetFrame(sides: [side]))
            }
            try writer.end()
        }
        try writer.finish(DatasetSource(session: "s", key: "k", device: "d", robot: "one"))
        #expect(format.definition.recognises(url) && format.definition.provenance(of: url)?.sources.map(\.session) == ["s"])
        #expect(try format.definition.summary(of: url).episodeLengths == [3, 5])
        let rows = try format.definition.rows(of: url)
        #expect(try rows.lengths == [3, 5] && rows.sourceFrames(1) == [[50, 51, 52, 53, 54]])
    }
}

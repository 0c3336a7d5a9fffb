@testable import Dataset
import Foundation
import Imaging
import Session
import Testing

struct LeRobotTests {
    @Test func whatIsWrittenComesBack() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        try Sample.writeLeRobot(root)
        #expect(try DatasetValidator.validate(root, options: .thorough) == [])
        let table = try ParquetReader(path: root.appendingPathComponent("data/chunk-000/file-000.parquet").path)
        #expect(table.rowCount == 96)
        #expect(table.rowGroupCount == 3)
        #expect(try table.integers("index") == Array(0..<96))
        #expect(
            try table.integers("task_index") == [Int64](repeating: 0, count: 30) + .init(repeating: 1, count: 25)
                + .init(repeating: 0, count: 41))
        // Row 40 is frame 10 of episode 1.
        let written = Sample.frame(1, 10)
        #expect(try table.doubles("observation.state")[160..<164].map { Float($0) } == written.state)
        #expect(try table.doubles("action")[120..<123].map { Float($0) } == written.action)
        #expect(try table.doubles("timestamp")[40] == Double(Float(0.5)))
        #expect(try table.integers("diagnostic.source_frame")[40] == 1030)
        #expect(try table.integers("diagnostic.is_tracked")[40] == 1)
        let summary = try DatasetSummary(contentsOf: root)
        #expect(summary.format == .lerobot && summary.robotType == "panda" && summary.fps == 20)
        #expect(summary.episodeLengths == [30, 25, 41])
        #expect(summary.tasks == ["put the cup on the saucer", "fold the \"cloth\""])
        #expect(summary.features.map(\.name).suffix(5) == ["timestamp", "frame_index", "episode_index", "index", "task_index"])
    }

    /// The picture at a frame's time is that frame's, not a neighbour's.
    @Test func videoHoldsTheRightPictures() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        try Sample.writeLeRobot(root, lengths: [30])
        let reader = try VideoReader(root.appendingPathComponent("videos/observation.images.wrist/chunk-000/file-000.mp4"))
        var index = 0
        while let frame = try reader.nextFrame() {
            #expect(frame.time.nanoseconds == Int64(index) * 50_000_000)
            let blue =
                stride(from: 2, to: frame.image.pixels.count, by: 3).reduce(0.0) { $0 + Double(frame.image.pixels[$1]) } / Double(64 * 48)
            // Brightness rises by 2 a frame; the coder may be off by less than half of that.
            #expect(abs(blue - Double(40 + 2 * index)) < 1.9, "frame \(index): \(blue)")
            index += 1
        }
        #expect(index == 30)
    }

    /// Data files are split by size, and rows are numbered through all of them.
    @Test func dataFilesAreSplitBySize() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        var options = LeRobotOptions()
        options.dataFileMegabytes = 1
        options.preset = "ultrafast"
        let names = (0..<256).map { "value_\($0)" }
        let layout = EpisodeLayout(stateNames: names, actionNames: ["a"], cameras: [CameraFeature(width: 16, height: 16)])
        let writer = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: layout, options: options)
        var random = Seeded(state: 1)
        let picture = Image(width: 16, height: 16, channels: 3, filledWith: 90)
        for _ in 0..<8 {
            try writer.beginEpisode(task: "t")
            for _ in 0..<250 {
                try writer.append(EpisodeFrame(state: names.map { _ in .random(in: -1...1, using: &random) }, action: [0]), image: picture)
            }
            try writer.endEpisode()
        }
        try writer.finish()
        let files = try contents(of: root).filter { $0.key.hasPrefix("data/") }.sorted { $0.key < $1.key }
        // A file is closed once it is beyond 1 MB, which takes two to four of these episodes.
        #expect((2...4).contains(files.count))
        #expect(files.dropLast().allSatisfy { (1_000_000..<2_000_000).contains($0.value.count) }, "\(files.map(\.value.count))")
        let last = try ParquetReader(path: root.appendingPathComponent(files[files.count - 1].key).path)
        #expect(try last.integers("index") == Array(Int64(2000 - last.rowCount)..<2000))
        let episodes = try ParquetReader(path: root.appendingPathComponent("meta/episodes/chunk-000/file-000.parquet").path)
        #expect(try Set(episodes.integers("data/file_index")) == Set(files.indices.map { Int64($0) }))
        #expect(try DatasetValidator.validate(root) == [])
    }

    @Test func sameInputGivesSameBytes() throws {
        let folder = try TemporaryFolder()
        try Sample.writeLeRobot(folder.file("a"))
        try Sample.writeLeRobot(folder.file("b"))
        let a = try contents(of: folder.file("a"))
        #expect(a.count == 9)
        #expect(try contents(of: folder.file("b")) == a)
    }

    /// What a killed run left behind changes nothing, and an abandoned episode leaves no trace.
    @Test func leftoversAndAbandonedEpisodesLeaveNoTrace() throws {
        let folder = try TemporaryFolder()
        try Sample.writeLeRobot(folder.file("clean"), lengths: [30])
        let root = folder.file("data")
        FileSteps.$limit.withValue(StepLimit(4)) { try? Sample.writeLeRobot(root, lengths: [30]) }
        #expect(!FileManager.default.fileExists(atPath: root.path))
        #expect(FileManager.default.fileExists(atPath: StagingFolder.place(for: root).appendingPathComponent("new/videos").path))
        let writer = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: Sample.layout)
        try writer.beginEpisode(task: "given up")
        for index in 0..<5 { try writer.append(Sample.frame(7, index), image: Sample.picture(7, index)) }
        writer.abandonEpisode()
        try writer.beginEpisode(task: "put the cup on the saucer")
        for index in 0..<30 { try writer.append(Sample.frame(0, index), image: Sample.picture(0, index)) }
        try writer.endEpisode()
        try writer.finish()
        #expect(try contents(of: root) == contents(of: folder.file("clean")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["clean", "data"])
    }

    @Test func aDataSetIsReplacedOnlyWhenAllowed() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        try Sample.writeLeRobot(root, lengths: [20])
        #expect { try Sample.writeLeRobot(root, lengths: [10]) } throws: { "\($0)".contains("exists already") }
        #expect(try DatasetSummary(contentsOf: root).frameCount == 20)
        var options = LeRobotOptions()
        options.existing = .replace
        try Sample.writeLeRobot(root, lengths: [10], options: options)
        #expect(try DatasetSummary(contentsOf: root).frameCount == 10)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["data"])
    }

    @Test func badFramesAreRefusedByNameAndLeaveTheEpisodeGood() throws {
        let folder = try TemporaryFolder()
        let writer = try LeRobotWriter(root: folder.file("data"), fps: 20, robotType: "panda", layout: Sample.layout)
        try writer.beginEpisode(task: "t")
        let good = Sample.frame(0, 0)
        let picture = Sample.picture(0, 0)
        try writer.append(good, image: picture)
        var nan = good
        nan.state[2] = .nan
        #expect { try writer.append(nan, image: picture) } throws: {
            "\($0)".contains("episode 0, frame 1") && "\($0)".contains("gripper.width") && "\($0)".contains("not finite")
        }
        var short = good
        short.action.removeLast()
        #expect { try writer.append(short, image: picture) } throws: { "\($0)".contains("action: 2 numbers, the layout names 3") }
        var kind = good
        kind.annotations[1] = .float(1)
        #expect { try writer.append(kind, image: picture) } throws: { "\($0)".contains("diagnostic.is_tracked") }
        var unknown = good
        unknown.annotations[0] = .float(.infinity)
        #expect { try writer.append(unknown, image: picture) } throws: { "\($0)".contains("write -1 for unknown") }
        #expect { try writer.append(good, image: Image(width: 64, height: 46, channels: 3)) } throws: { "\($0)".contains("64x46") }
        #expect(throws: DatasetError.self) { try writer.append(good, images: [picture, picture]) }
        try writer.append(Sample.frame(0, 1), image: picture)
        try writer.endEpisode()
        try writer.finish()
        #expect(try DatasetValidator.validate(folder.file("data"), options: .thorough) == [])
        #expect(try DatasetSummary(contentsOf: folder.file("data")).frameCount == 2)
    }

    @Test func whatReadersCannotLoadIsRefused() throws {
        let folder = try TemporaryFolder()
        func open(_ change: (inout EpisodeLayout) -> Void, fps: Int = 20) throws {
            var layout = Sample.layout
            change(&layout)
            _ = try LeRobotWriter(root: folder.file("data"), fps: fps, robotType: "panda", layout: layout)
        }
        #expect(throws: DatasetError.self) { try open({ _ in }, fps: 0) }
        #expect(throws: DatasetError.self) { try open { $0.actionNames = [] } }
        #expect(throws: DatasetError.self) { try open { $0.stateNames = ["a", "a"] } }
        #expect(throws: DatasetError.self) { try open { $0.cameras[0].key = "observation.images/wrist" } }
        #expect(throws: DatasetError.self) { try open { $0.cameras[0].width = 63 } }
        #expect(throws: DatasetError.self) { try open { $0.annotations[0].name = "observation.margin" } }
        #expect(throws: DatasetError.self) { try open { $0.annotations[0].name = "diagnostic.image_quality" } }
        #expect(throws: DatasetError.self) { try open { $0.annotations[1].name = $0.annotations[0].name } }
        let empty = try LeRobotWriter(root: folder.file("data"), fps: 20, robotType: "panda", layout: Sample.layout)
        #expect { try empty.finish() } throws: { "\($0)".contains("no episode was written") }
        var options = LeRobotOptions()
        options.maximumEpisodeSeconds = 0.1
        let long = try LeRobotWriter(root: folder.file("long"), fps: 20, robotType: "panda", layout: Sample.layout, options: options)
        try long.beginEpisode(task: "t")
        for index in 0..<2 { try long.append(Sample.frame(0, index), image: Sample.picture(0, index)) }
        #expect { try long.append(Sample.frame(0, 2), image: Sample.picture(0, 2)) } throws: { "\($0)".contains("split it") }
    }
}

@testable import Dataset
import Foundation
import Geometry
import Imaging
import Testing

/// What the real readers say of what we write.
@Suite(.enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"))
struct ReaderTests {
    /// Two cameras, several chunk folders, annotations, two tasks.
    @Test func leRobotReadsEveryFrame() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        var layout = Sample.layout
        layout.cameras.append(CameraFeature(key: "observation.images.left", width: 48, height: 32))
        var options = LeRobotOptions()
        options.filesPerChunk = 2
        options.videoFileSeconds = 0
        options.episodesPerRowGroup = 1
        try Sample.writeLeRobot(root, lengths: [30, 12, 25], layout: layout, options: options)
        let said = try Checkers.checkLeRobot(root)
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("episodes 3 frames 67 tasks 2"))
        // Quotes in a task survive all the way to an item.
        #expect(said.contains("fold the \"cloth\""))
    }

    @Test func umiReadsEveryPicture() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dataset.zarr.zip")
        try Sample.writeUMI(file)
        let said = try Checkers.checkUMI(file)
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
        #expect(said.contains("episodes 3 rows 157 robots 1 cameras 1 images decoded 157"))
    }

    /// The numbers and a picture as zarr and imagecodecs see them, against what was written.
    @Test func umiReadsTheSameNumbers() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dataset.zarr.zip")
        try Sample.writeUMI(file)
        let script = """
            import sys, zarr, numpy as np
            from imagecodecs.numcodecs import register_codecs
            register_codecs()
            d = zarr.open(zarr.ZipStore(sys.argv[1], mode="r"), mode="r")["data"]
            print(*d["robot0_eef_pos"][60], *d["robot0_eef_rot_axis_angle"][60], *d["robot0_gripper_width"][60])
            print(*d["robot0_demo_start_pose"][60][:3], *d["robot0_demo_end_pose"][60][:3])
            print(*d["camera0_rgb"][60].reshape(-1, 3).mean(0))
            """
        let lines = try Checkers.python("umi", ["-c", script, file.path]).split(separator: "\n")
        try #require(lines.count == 3, "\(lines)")
        let numbers = lines.map { $0.split(separator: " ").compactMap { Double($0) } }
        // Row 60 is frame 10 of episode 1, which has 47 frames.
        let frame = Sample.umiFrame(1, 10)
        let p = frame.tableFromTool.translation
        let r = frame.tableFromTool.rotation.vector
        for (read, written) in zip(numbers[0], [p.x, p.y, p.z, r.x, r.y, r.z, frame.gripperWidth]) { #expect(abs(read - written) < 1e-6) }
        let start = Sample.umiFrame(1, 0).tableFromTool.translation
        let end = Sample.umiFrame(1, 46).tableFromTool.translation
        for (read, written) in zip(numbers[1], [start.x, start.y, start.z, end.x, end.y, end.z]) { #expect(abs(read - written) < 1e-12) }
        let pixels = Sample.picture(1, 10, width: 224, height: 224).pixels
        for channel in 0..<3 {
            let mean = stride(from: channel, to: pixels.count, by: 3).reduce(0.0) { $0 + Double(pixels[$1]) } / Double(224 * 224)
            #expect(abs(numbers[2][channel] - mean) < 1.5)
        }
    }

    /// More entries than a plain zip can count, through Python's zip reader: names, checksums and the Zip64 directory.
    @Test func pythonReadsZip64() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("many.zip").path
        let writer = try ZipWriter(path: path)
        for i in 0..<66_000 { try writer.add("e/\(i)", Array("entry \(i)".utf8)) }
        try writer.close()
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.testzip(), z.read('e/65999'))"
        #expect(try Checkers.python("umi", ["-c", script, path]) == "66000 None b'entry 65999'\n")
    }

    /// Our rules on data sets that the real libraries wrote: none broken, and their statistics are ours.
    @Test func validatorAcceptsTheRealLibrariesOutput() throws {
        let reference = Checkers.shared.appendingPathComponent("reference")
        let leRobot = try DatasetValidator.validate(reference.appendingPathComponent("lerobot_v3"))
        #expect(leRobot.filter { $0.severity == .error } == [])
        let umi = try DatasetValidator.validate(reference.appendingPathComponent("umi.zarr.zip"))
        #expect(umi.filter { $0.severity == .error } == [])
        #expect(umi.contains { $0.reason.contains("shorter than 46 frames") })
        let summary = try DatasetSummary(contentsOf: reference.appendingPathComponent("lerobot_v3"))
        #expect(summary.episodeLengths.reduce(0, +) == 143)
        #expect(summary.fps == 30)
    }

    @Test func statisticsAgreeWithLeRobots() throws {
        let reference = Checkers.shared.appendingPathComponent("reference/lerobot_v3")
        let data = try ParquetReader(path: reference.appendingPathComponent("data/chunk-000/file-000.parquet").path)
        let episodes = try ParquetReader(path: reference.appendingPathComponent("meta/episodes/chunk-000/file-000.parquet").path)
        let lengths = try episodes.integers("length")
        let values = try data.doubles("action")
        var first = 0
        for (episode, length) in lengths.enumerated() {
            let rows = Array(values[(first * 8)..<((first + Int(length)) * 8)])
            first += Int(length)
            let ours = FeatureStatistics(rows: rows, width: 8)
            func theirs(_ key: String) throws -> [Double] {
                Array(try episodes.doubles("stats/action/\(key)")[(episode * 8)..<(episode * 8 + 8)])
            }
            // LeRobot sums in single precision.
            for (key, mine) in [("min", ours.minimum), ("max", ours.maximum), ("mean", ours.mean)] {
                for (a, b) in zip(mine, try theirs(key)) { #expect(abs(a - b) < 1e-6, "\(key) of episode \(episode)") }
            }
            for (a, b) in zip(ours.standardDeviation, try theirs("std")) { #expect(abs(a - b) < 1e-5) }
            // Theirs come from 5000 bins and pick the upper neighbour, so within a neighbour's distance of ours.
            for (q, key) in FeatureStatistics.keys.enumerated() {
                for (d, b) in try theirs(key).enumerated() {
                    let column = stride(from: d, to: rows.count, by: 8).map { rows[$0] }.sorted()
                    let rank = Int(FeatureStatistics.levels[q] * Double(column.count - 1))
                    let low = column[max(rank - 1, 0)] - 1e-3
                    let high = column[min(rank + 2, column.count - 1)] + 1e-3
                    #expect((low...high).contains(b) && (low...high).contains(ours.quantiles[q][d]))
                }
            }
        }
    }
}

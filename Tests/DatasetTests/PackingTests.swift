@testable import Dataset
import Foundation
import Imaging
import Testing

/// Episodes lie one after another in the video files, however a data set came to be, and each row's picture is its own.
struct PackingTests {
    /// Mean of the blue channel of every picture of a file.
    private func shades(_ url: URL) throws -> [Double] {
        let reader = try VideoReader(url)
        var out: [Double] = []
        while let frame = try reader.nextFrame() {
            let pixels = frame.image.pixels
            out.append(stride(from: 2, to: pixels.count, by: 3).reduce(0.0) { $0 + Double(pixels[$1]) } / Double(pixels.count / 3))
        }
        return out
    }

    /// Shades of the made-up pictures, row by row of the whole data set.
    private func truth(_ lengths: [Int], first: Int = 0) -> [Double] {
        lengths.enumerated().flatMap { episode, length in (0..<length).map { Double(40 + 2 * $0 + 20 * (first + episode)) } }
    }

    /// Looks up each row's picture as the map-style reader does, and returns the video files of each episode.
    private func expectRightPictures(_ root: URL, _ lengths: [Int], fps: Int = 20, key: String = "observation.images.wrist") throws
        -> [String]
    {
        #expect(try DatasetValidator.validate(root, options: .thorough) == [])
        let folder = DatasetFolder(root)
        let episodes = try LeRobotEpisode.readTables(folder, videoKeys: [key])
        #expect(episodes.map(\.length) == lengths)
        var wanted = truth(lengths)[...]
        var seen: [String: [Double]] = [:]
        var files: [String] = []
        for episode in episodes {
            let span = try #require(episode.videos[key])
            let file = LeRobotPath.expand(LeRobotPath.videoPattern, chunk: span.chunk, file: span.file, key: key)
            if seen[file] == nil { seen[file] = try shades(root.appendingPathComponent(file)) }
            #expect(abs(span.to - span.from - Double(episode.length) / Double(fps)) < 1e-9)
            for row in 0..<episode.length {
                let at = Int(((span.from + Double(row) / Double(fps)) * Double(fps)).rounded())
                // The coder is off by less than half a frame's step of 2.
                #expect(abs((seen[file]?[at] ?? 0) - (wanted.popFirst() ?? 0)) < 1, "episode \(episode.index), row \(row)")
            }
            files.append(file)
        }
        // Nothing that no episode points to.
        #expect(seen.values.reduce(0) { $0 + $1.count } == lengths.reduce(0, +))
        #expect(try contents(of: root).keys.filter { $0.hasPrefix("videos/\(key)/") }.sorted() == Set(files).sorted())
        return files
    }

    /// Written, added to and merged: one file, in which a picture's place is its row's index, as LeRobot's streaming reader takes it.
    @Test(arguments: [VideoWriter.Codec.h264, .av1])
    func episodesFollowOneAnother(_ codec: VideoWriter.Codec) throws {
        let folder = try TemporaryFolder()
        let lengths = [9, 5, 8, 7, 6, 4]
        var options = LeRobotOptions()
        options.codec = codec
        options.crf = 10
        var layout = Sample.layout
        layout.cameras[0].height = 64
        let (whole, grown, part, merged) = (folder.file("whole"), folder.file("grown"), folder.file("part"), folder.file("merged"))
        func write(_ root: URL, _ range: Range<Int>, _ existing: ExistingDataset = .refuse) throws {
            options.existing = existing
            try Sample.writeLeRobot(
                root, lengths: Array(lengths[range]), first: range.lowerBound, layout: layout, options: options,
                source: Sample.source("\(range)"))
        }
        try write(whole, 0..<6)
        for range in [0..<3, 3..<4, 4..<6] { try write(grown, range, .append) }
        for range in [0..<1, 1..<4] { try write(part, range, .append) }
        try write(folder.file("rest"), 4..<6)
        let parts = try contents(of: part)
        try DatasetMerger.merge([part, folder.file("rest")], into: merged)
        #expect(try contents(of: part) == parts, "merging changes no part")
        let file = "videos/observation.images.wrist/chunk-000/file-000.mp4"
        for root in [whole, grown, merged] {
            #expect(try Set(expectRightPictures(root, lengths)) == [file])
            #expect(zip(try shades(root.appendingPathComponent(file)), truth(lengths)).allSatisfy { abs($0 - $1) < 1 })
            #expect(try DatasetFolder(root).tables(under: "data").count == 1)
        }
        // The same rows and pictures give the same bytes, however they came together.
        let made = try contents(of: whole)
        for root in [grown, merged] {
            let other = try contents(of: root)
            for path in made.keys where path.hasPrefix("videos/") || path.hasPrefix("data/") {
                #expect(other[path] == made[path], "\(root.lastPathComponent)/\(path)")
            }
        }
        // What a data set grows from is not written through its links.
        let before = try contents(of: grown)
        let killed = try LeRobotWriter(
            root: grown, fps: 20, robotType: "panda", layout: layout,
            options: {
                options.existing = .append; return options
            }())
        try killed.beginEpisode(task: "t")
        try killed.append(Sample.frame(0, 0), image: Sample.picture(0, 0, height: 64))
        try killed.endEpisode()
        #expect(try contents(of: grown) == before)
    }

    /// A file is as long as its limit allows and no longer; what is added later fills up the last one.
    @Test func filesEndAtTheirLimits() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        var options = LeRobotOptions()
        options.crf = 10
        options.filesPerChunk = 3
        // 16 pictures.
        options.videoFileSeconds = 0.8
        var layout = Sample.layout
        layout.cameras.append(CameraFeature(key: "observation.images.left", width: 48, height: 32))
        try Sample.writeLeRobot(root, lengths: [9, 5, 8, 20, 3], layout: layout, options: options)
        options.existing = .append
        try Sample.writeLeRobot(root, lengths: [4, 10], first: 5, layout: layout, options: options)
        for camera in layout.cameras {
            let files = try expectRightPictures(root, [9, 5, 8, 20, 3, 4, 10], key: camera.key)
            #expect(
                files.map { $0.suffix(22) }
                    == [
                        "0/file-000.mp4", "0/file-000.mp4", "0/file-001.mp4", "0/file-002.mp4", "1/file-000.mp4", "1/file-000.mp4",
                        "1/file-001.mp4",
                    ].map { "chunk-00\($0)" })
        }
    }

    @Test func filesEndAtTheirSize() throws {
        let folder = try TemporaryFolder()
        let root = folder.file("data")
        var options = LeRobotOptions()
        options.videoFileMegabytes = 1
        options.preset = "ultrafast"
        let layout = EpisodeLayout(stateNames: ["s"], actionNames: ["a"], cameras: [CameraFeature(width: 256, height: 256)])
        let writer = try LeRobotWriter(root: root, fps: 20, robotType: "panda", layout: layout, options: options)
        var random = Seeded(state: 5)
        for length in [6, 6, 5, 1, 1] {
            try writer.beginEpisode(task: "t")
            for _ in 0..<length {
                var picture = Image(width: 256, height: 256, channels: 3)
                for i in picture.pixels.indices { picture.pixels[i] = UInt8.random(in: 0...255, using: &random) }
                try writer.append(EpisodeFrame(state: [0], action: [0]), image: picture)
            }
            try writer.endEpisode()
        }
        try writer.finish()
        let sizes = try contents(of: root).filter { $0.key.hasPrefix("videos/") }.sorted { $0.key < $1.key }.map(\.value.count)
        #expect(sizes.count >= 2 && sizes.allSatisfy { $0 <= 1_000_000 } && sizes.reduce(0, +) > 1_000_000, "\(sizes)")
        #expect(try DatasetValidator.validate(root, options: .thorough) == [])
    }

    /// Videos that were coded otherwise are not put behind one another: each stays a file of its own.
    @Test func whatDoesNotFitStaysByItself() throws {
        let folder = try TemporaryFolder()
        let (a, b, c, merged) = (folder.file("a"), folder.file("b"), folder.file("c"), folder.file("merged"))
        var options = LeRobotOptions()
        options.crf = 10
        try Sample.writeLeRobot(a, lengths: [6, 5], options: options, source: Sample.source("a"))
        // No CABAC, other parameter sets.
        options.preset = "ultrafast"
        try Sample.writeLeRobot(b, lengths: [7], first: 2, options: options, source: Sample.source("b"))
        try Sample.writeLeRobot(c, lengths: [4], first: 3, options: options, source: Sample.source("c"))
        try DatasetMerger.merge([a, b, c], into: merged)
        let files = try expectRightPictures(merged, [6, 5, 7, 4])
        #expect(files.map { String($0.suffix(7)) } == ["000.mp4", "000.mp4", "001.mp4", "001.mp4"])
        let own = "videos/observation.images.wrist/chunk-000/file-000.mp4"
        #expect(try Data(contentsOf: merged.appendingPathComponent(own)) == Data(contentsOf: a.appendingPathComponent(own)))
        options.existing = .append
        options.preset = nil
        try Sample.writeLeRobot(b, lengths: [3], first: 3, options: options, source: Sample.source("d"))
        #expect(try DatasetValidator.validate(b, options: .thorough) == [])
        #expect(try contents(of: b).keys.count { $0.hasPrefix("videos/") } == 2)
    }

    /// The real streaming reader against the real map-style one.
    @Test(.enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"))
    func leRobotStreamsTheRightPictures() throws {
        let folder = try TemporaryFolder()
        let (a, b, merged) = (folder.file("a"), folder.file("b"), folder.file("merged"))
        var options = LeRobotOptions()
        options.existing = .append
        try Sample.writeLeRobot(a, lengths: [12, 9], options: options, source: Sample.source("a"))
        try Sample.writeLeRobot(a, lengths: [7], first: 2, options: options, source: Sample.source("b"))
        try Sample.writeLeRobot(b, lengths: [11, 6], first: 3, options: options, source: Sample.source("c"))
        try DatasetMerger.merge([a, b], into: merged)
        let said = try Checkers.checkStreaming(merged)
        #expect(said.contains("RESULT OK: 45 of 45 rows streamed, 0 with another picture"), "\(said)")
    }
}

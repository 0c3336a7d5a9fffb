@testable import Dataset
import Foundation
import Imaging
import Testing

/// A run that is killed at any step of putting a data set in place loses neither rows nor provenance, and never doubles an episode.
struct CommitTests {
    /// What stands there before, and what the run does.
    enum Scene: String, CaseIterable, Sendable {
        /// Nothing stands there.
        case new
        /// Session a stands there, b is added.
        case growing
        /// An earlier conversion of b stands there, alone.
        case replacing
    }

    private static func small(_ format: DatasetFormat) -> DatasetSpecification {
        var specification = Demonstration.specification
        specification.options.umi.imageSize = 16
        specification.options.umi.effort = 1
        specification.options.squareWidth = 16
        specification.options.leRobot.preset = "ultrafast"
        return specification
    }

    /// Writes one session of two short episodes.
    private static func write(_ format: DatasetFormat, _ url: URL, _ session: String, key: String, _ existing: ExistingDataset) throws {
        let writer = try format.writer(at: url, small(format), existing: existing)
        let first = session == "a" ? 0 : 2
        for episode in first..<(first + 2) { try Demonstration.write(episode, length: 3, to: writer) }
        var source = Sample.source(session)
        source.key = key
        source.identity = "recordings of \(session)"
        try writer.finish(source)
    }

    private static func prepare(_ scene: Scene, _ format: DatasetFormat, _ url: URL) throws {
        switch scene {
        case .new: break
        case .growing: try write(format, url, "a", key: "a", .refuse)
        case .replacing: try write(format, url, "b", key: "b of before", .refuse)
        }
    }

    /// A conversion of session b, run as often as one likes: what is there already is left alone.
    private static func run(_ scene: Scene, _ format: DatasetFormat, _ url: URL) throws {
        try DatasetProvenance.settle(url)
        if DatasetProvenance.read(url)?.sources.contains(where: { $0.key == "b" }) == true { return }
        try write(format, url, "b", key: "b", scene == .replacing ? .replace : .append)
    }

    /// Files of a data set by path; of a file itself under an empty path.
    private static func bytes(_ url: URL) throws -> [String: Data] {
        FileSteps.isFolder(url) ? try contents(of: url) : ["": try Data(contentsOf: url)]
    }

    @Test(arguments: DatasetFormat.all, Scene.allCases)
    func killedAtEveryStep(_ format: DatasetFormat, _ scene: Scene) throws {
        for cannotExchange in format.fileName.contains(".") ? [false] : [false, true] {
            try FileSteps.$cannotExchange.withValue(cannotExchange) {
                let folder = try TemporaryFolder()
                let reference = folder.file("reference").appendingPathComponent(format.fileName)
                try Self.prepare(scene, format, reference)
                try Self.run(scene, format, reference)
                let truth = try Self.bytes(reference)
                var random = Seeded(state: 11)
                var steps = 0
                while true {
                    let place = folder.file("\(steps)")
                    let url = place.appendingPathComponent(format.fileName)
                    try Self.prepare(scene, format, url)
                    let limit = StepLimit(steps)
                    FileSteps.$limit.withValue(limit) { try? Self.run(scene, format, url) }
                    // The next run is killed too, somewhere.
                    FileSteps.$limit.withValue(StepLimit(Int.random(in: 0...max(steps, 1), using: &random))) {
                        try? Self.run(scene, format, url)
                    }
                    try Self.run(scene, format, url)
                    #expect(try Self.bytes(url) == truth, "killed before step \(steps)")
                    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [format.fileName], "before step \(steps)")
                    try FileManager.default.removeItem(at: place)
                    guard limit.isReached else { break }
                    steps += 1
                }
                // Marker, rename, swap, and the way out at least.
                #expect(steps >= 6)
                #expect(DatasetProvenance.read(reference)?.sources.map(\.session) == (scene == .growing ? ["a", "b"] : ["b"]))
            }
        }
    }

    @Test(arguments: DatasetFormat.all)
    func aMergeKilledAtEveryStep(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("a").appendingPathComponent(format.fileName), folder.file("b").appendingPathComponent(format.fileName))
        try Self.write(format, a, "a", key: "a", .refuse)
        try Self.write(format, b, "b", key: "b", .refuse)
        let reference = folder.file("reference").appendingPathComponent(format.fileName)
        try DatasetMerger.merge([a, b], into: reference)
        let truth = try Self.bytes(reference)
        let parts = try [Self.bytes(a), Self.bytes(b)]
        for steps in 0..<100 {
            let place = folder.file("\(steps)")
            let url = place.appendingPathComponent(format.fileName)
            let limit = StepLimit(steps)
            FileSteps.$limit.withValue(limit) { try? DatasetMerger.merge([a, b], into: url) }
            do {
                try DatasetMerger.merge([a, b], into: url)
            } catch {
                #expect("\(error)".contains("exists already"), "\(error)")
            }
            #expect(try Self.bytes(url) == truth, "killed before step \(steps)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [format.fileName], "before step \(steps)")
            guard limit.isReached else { break }
            #expect(steps < 99)
        }
        #expect(try [Self.bytes(a), Self.bytes(b)] == parts)
    }

    /// Files that a user has of the names that others use for such things.
    @Test(arguments: DatasetFormat.all)
    func nobodysFilesAreTouched(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        var theirs: [URL] = []
        for end in ["old", "partial", "new", "tmp", "bak"] {
            let file = folder.file("\(format.fileName).\(end)")
            try Data("precious".utf8).write(to: file)
            theirs.append(file)
        }
        try Self.write(format, url, "a", key: "a", .refuse)
        try Self.run(.growing, format, url)
        for other in ["c", "d"] {
            try Self.write(format, folder.file(other).appendingPathComponent(format.fileName), other, key: other, .refuse)
        }
        let merged = folder.file("merged\(format.fileName)")
        try Data("precious".utf8).write(to: folder.file("merged\(format.fileName).old"))
        try DatasetMerger.merge(["c", "d"].map { folder.file($0).appendingPathComponent(format.fileName) }, into: merged)
        for file in theirs + [folder.file("merged\(format.fileName).old")] {
            #expect(try String(contentsOf: file, encoding: .utf8) == "precious")
        }
    }

    /// A data set that somebody moves to `.old` is theirs: what is written then holds the new rows alone.
    @Test(arguments: DatasetFormat.all)
    func whatAUserMovedAsideIsNotRevived(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        let aside = folder.file("\(format.fileName).old")
        try Self.write(format, url, "a", key: "a", .refuse)
        let before = try Self.bytes(url)
        try FileManager.default.moveItem(at: url, to: aside)
        try Self.run(.growing, format, url)
        #expect(DatasetProvenance.read(url)?.sources.map(\.session) == ["b"])
        #expect(try Self.bytes(aside) == before)
    }

    /// After a kill in the middle of clearing up, and after somebody has removed the data set, nothing comes back.
    @Test(arguments: [false, true])
    func whatWasReplacedIsNotRevived(_ cannotExchange: Bool) throws {
        let folder = try TemporaryFolder()
        for steps in 0..<200 {
            let url = folder.file("\(steps)").appendingPathComponent("lerobot")
            try Self.prepare(.replacing, .lerobot, url)
            let limit = StepLimit(steps)
            FileSteps.$cannotExchange.withValue(cannotExchange) {
                FileSteps.$limit.withValue(limit) { try? Self.run(.replacing, .lerobot, url) }
            }
            let stood = DatasetProvenance.read(url)?.sources.map(\.key)
            // Between the two renames the data set is out of the way: then it must come back.
            if stood == ["b"] {
                try FileManager.default.removeItem(at: url)
                try DatasetProvenance.settle(url)
                #expect(!FileManager.default.fileExists(atPath: url.path), "before step \(steps)")
            } else {
                try DatasetProvenance.settle(url)
                #expect(DatasetProvenance.read(url)?.sources.map(\.key) == ["b of before"], "before step \(steps)")
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path).filter { $0.hasPrefix(".") } == []
            )
            guard limit.isReached else { break }
        }
    }

    /// A folder of that name without our marker is somebody's.
    @Test func aForeignStagingFolderIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("lerobot")
        let staging = StagingFolder.place(for: url)
        for (name, text) in [("old", "precious"), ("marker.json", "{\"format\": \"mine\"}")] {
            try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
            let file = staging.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            #expect { try Self.run(.new, .lerobot, url) } throws: { "\($0)".contains("not of this program") }
            #expect(try String(contentsOf: file, encoding: .utf8) == text)
            try FileManager.default.removeItem(at: staging)
        }
        // A marker that a killed run did not complete is ours.
        try FileManager.default.createDirectory(at: staging, withIntermediateDirectories: true)
        try Data("{\n    \"for".utf8).write(to: staging.appendingPathComponent("marker.json.new"))
        try Self.run(.new, .lerobot, url)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["lerobot"])
    }

    @Test(arguments: DatasetFormat.all)
    func twoRunsAtOnce(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        let first = try format.writer(at: url, Self.small(format), existing: .append)
        #expect { try Self.run(.growing, format, url) } throws: { "\($0)".contains("another run is writing it") }
        for episode in 0..<2 { try Demonstration.write(episode, length: 3, to: first) }
        try first.finish(Sample.source("a"))
        try Self.run(.growing, format, url)
        #expect(DatasetProvenance.read(url)?.sources.map(\.session) == ["a", "b"])
    }

    @Test(arguments: DatasetFormat.all)
    func onlyOurOwnIsReplaced(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        try Data("precious".utf8).write(to: url)
        #expect { try Self.write(format, url, "a", key: "a", .replace) } throws: { "\($0)".contains("not replaced") }
        #expect(try String(contentsOf: url, encoding: .utf8) == "precious")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [format.fileName])
    }

    /// Notes that somebody keeps in a data set's folder stay when the data set is replaced or grows.
    @Test func notesInTheFolderStay() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("lerobot")
        try Self.write(.lerobot, url, "b", key: "b of before", .refuse)
        try Data("precious".utf8).write(to: url.appendingPathComponent("notes.txt"))
        try Self.run(.replacing, .lerobot, url)
        #expect(DatasetProvenance.read(url)?.sources.map(\.key) == ["b"])
        try Self.write(.lerobot, url, "c", key: "c", .append)
        #expect(try String(contentsOf: url.appendingPathComponent("notes.txt"), encoding: .utf8) == "precious")
    }

    @Test(arguments: DatasetFormat.all)
    func aSessionDoesNotComeTwice(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        try Self.write(format, url, "a", key: "a", .refuse)
        let before = try Self.bytes(url)
        #expect { try Self.write(format, url, "a", key: "a", .append) } throws: { "\($0)".contains("would come twice") }
        #expect { try Self.write(format, url, "a", key: "with other options", .append) } throws: { "\($0)".contains("would come twice") }
        #expect(try Self.bytes(url) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [format.fileName])
    }

    /// Two sessions of one name are two.
    @Test(arguments: DatasetFormat.all)
    func sessionsOfOneNameStandSideBySide(_ format: DatasetFormat) throws {
        let folder = try TemporaryFolder()
        let url = folder.file(format.fileName)
        for (day, existing) in [("monday", ExistingDataset.refuse), ("tuesday", .append)] {
            let writer = try format.writer(at: url, Self.small(format), existing: existing)
            try Demonstration.write(0, length: 3, to: writer)
            var source = Sample.source("session")
            (source.key, source.identity) = (day, day)
            try writer.finish(source)
        }
        let sources = try #require(DatasetProvenance.read(url)?.sources)
        #expect(sources.map(\.session) == ["session", "session"] && sources.map(\.identity) == ["monday", "tuesday"])
        #expect(!sources[0].isOfSameSession(as: sources[1]))
        var older = sources[0]
        older.identity = nil
        #expect(older.isOfSameSession(as: sources[1]), "a data set from before identities knows names only")
    }

    /// A session that has grown by a recording is the same session: what was converted before is in it, under whatever name.
    @Test func aSessionThatGrewIsKnownAgain() throws {
        func source(_ session: String, _ identity: String?, _ recordings: [(String, String?)]) -> DatasetSource {
            var source = Sample.source(session)
            source.identity = identity
            source.recordings = recordings.map {
                DatasetSource.Recording(name: $0.0, identity: $0.1, inputFrames: 10, outputFrames: 10)
            }
            return source
        }
        let monday = source("monday", "i1", [("a", "r1"), ("b", "r2")])
        #expect(source("monday", "i2", [("a", "r1"), ("b", "r2"), ("c", "r3")]).isOfSameSession(as: monday))
        #expect(source("renamed", "i2", [("x", "r2")]).isOfSameSession(as: monday))
        #expect(!source("monday", "i3", [("a", "r4"), ("b", "r5")]).isOfSameSession(as: monday), "another of that name")
        #expect(source("monday", nil, [("a", nil)]).isOfSameSession(as: monday), "an older data set knows names only")
        #expect(!source("tuesday", nil, [("a", nil)]).isOfSameSession(as: monday))
        let folder = try TemporaryFolder()
        let url = folder.file("lerobot")
        try Sample.writeLeRobot(url, lengths: [4], source: monday)
        var options = LeRobotOptions()
        options.existing = .append
        for (other, isTwice) in [(source("tuesday", "i2", [("x", "r2")]), true), (source("monday", "i3", [("a", "r4")]), false)] {
            var other = other
            other.key = other.identity ?? ""
            let result = Result { try Sample.writeLeRobot(url, lengths: [4], options: options, source: other) }
            if isTwice {
                #expect { try result.get() } throws: { "\($0)".contains("would come twice") }
            } else {
                #expect(throws: Never.self) { try result.get() }
            }
        }
        #expect(try DatasetRows(contentsOf: url).episodes.count == 2)
    }

    /// Names so long that nothing can be put before them.
    @Test func longNames() throws {
        let folder = try TemporaryFolder()
        let url = folder.file(String(repeating: "ä", count: 120) + ".hdf5")
        try Self.write(.robomimic, url, "a", key: "a", .refuse)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [url.lastPathComponent])
    }

    /// A link in the place of a data set leads to it.
    @Test func aLinkedDataSetGrowsWhereItIs() throws {
        let folder = try TemporaryFolder()
        let (real, link) = (folder.file("big/lerobot"), folder.file("lerobot"))
        try Self.write(.lerobot, real, "a", key: "a", .refuse)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
        try Self.run(.growing, .lerobot, link)
        #expect(FileSteps.isLink(link))
        #expect(DatasetProvenance.read(real)?.sources.map(\.session) == ["a", "b"])
    }
}

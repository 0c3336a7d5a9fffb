@testable import Dataset
import Foundation
import Imaging
import Testing

/// No name, path or link in a data set leads a reader, or what a merge writes, out of its folder.
struct PathTests {
    @Test(arguments: [
        "", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a/.", "a//b", "a/", "a\\b", "a\0b", "a\nb", "a\u{7f}b", "a\u{85}b",
    ])
    func unsafePathsAreFound(_ path: String) { #expect(SafePath.fault(in: path) != nil) }

    @Test(arguments: ["a", "a/b", "observation.images.wrist", "..a", "a..b", ".hidden", "ä ö/ü", "data/chunk-000/file-000.parquet", "-"])
    func safePathsAreNot(_ path: String) { #expect(SafePath.fault(in: path) == nil) }

    private static let names = ["../../../../escaped", "/tmp/escaped", "a\\\\..\\\\b", "observation.images.wrist/../../..", "a\\u0000b"]

    /// A merge of two data sets that state such a name, and `validate`, say the file and the key; nothing is written anywhere.
    @Test(arguments: names)
    func aFeaturesNameDoesNotLeadOut(_ name: String) throws {
        try refuses(location: "features") {
            try Plant.text($0, "meta/info.json", "\"observation.images.wrist\":", "\"\(name)\":")
        }
    }

    @Test(arguments: [
        ("data_path", "../data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"),
        ("data_path", "/data/file-{file_index:03d}.parquet"),
        ("video_path", "videos/{video_key}/../../../file-{file_index:03d}.mp4"), ("video_path", "videos\\\\{video_key}.mp4"),
    ])
    func aPatternDoesNotLeadOut(_ key: String, _ pattern: String) throws {
        try refuses(location: key) { root in
            let old = key == "data_path" ? LeRobotPath.dataPattern : LeRobotPath.videoPattern
            try Plant.text(root, "meta/info.json", "\"\(key)\": \"\(old)\"", "\"\(key)\": \"\(pattern)\"")
        }
    }

    private func refuses(location: String, _ plant: (URL) throws -> Void) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("A"), folder.file("B"))
        for (root, session) in [(a, "a"), (b, "b")] {
            try Sample.writeLeRobot(root, lengths: [4, 3], source: Sample.source(session))
            try plant(root)
        }
        let before = try contents(of: folder.url)
        #expect { try DatasetMerger.merge([a, b], into: folder.file("deep/er/merged")) } throws: {
            "\($0)".contains("meta/info.json") && "\($0)".contains(location)
        }
        #expect(try contents(of: folder.url) == before)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/escaped"))
        let said = try DatasetValidator.validate(a).filter { $0.severity == .error }
        #expect(said.contains { $0.file == "meta/info.json" && $0.location == location }, "\(said)")
    }

    /// A file, or a folder, of the data set that is a link to somewhere else.
    @Test(arguments: [
        "meta/info.json", "meta/tasks.parquet", "meta/episodes", "data/chunk-000/file-000.parquet", "videos/observation.images.wrist",
        "meta/stats.json",
    ])
    func aLinkDoesNotLeadOut(_ path: String) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("A"), folder.file("B"))
        for (root, session) in [(a, "a"), (b, "b")] { try Sample.writeLeRobot(root, lengths: [4, 3], source: Sample.source(session)) }
        let outside = folder.file("outside")
        try FileManager.default.moveItem(at: b.appendingPathComponent(path), to: outside)
        try FileManager.default.createSymbolicLink(at: b.appendingPathComponent(path), withDestinationURL: outside)
        let said = try DatasetValidator.validate(b).filter { $0.severity == .error }
        #expect(said.contains { $0.reason.contains("outside the data set") }, "\(said)")
        if path != "meta/stats.json" {
            #expect { try DatasetMerger.merge([a, b], into: folder.file("merged")) } throws: { "\($0)".contains("outside the data set") }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("merged").path))
        var options = LeRobotOptions()
        options.existing = .append
        #expect { try Sample.writeLeRobot(b, lengths: [3], options: options, source: Sample.source("c")) } throws: {
            "\($0)".contains("is a link: a data set that grows")
        }
    }

    /// Links inside are the data set's own.
    @Test func aLinkInsideIsFollowed() throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("A"), folder.file("B"))
        for (root, session) in [(a, "a"), (b, "b")] { try Sample.writeLeRobot(root, lengths: [4, 3], source: Sample.source(session)) }
        let video = b.appendingPathComponent("videos/observation.images.wrist/chunk-000/file-000.mp4")
        try FileManager.default.moveItem(at: video, to: b.appendingPathComponent("first.mp4"))
        try FileManager.default.createSymbolicLink(at: video, withDestinationURL: b.appendingPathComponent("first.mp4"))
        #expect(try DatasetValidator.validate(b) == [])
        try DatasetMerger.merge([a, b], into: folder.file("merged"))
        try FileManager.default.removeItem(at: b)
        #expect(try DatasetValidator.validate(folder.file("merged")) == [])
    }

    @Test(arguments: ["../escaped/.zarray", "/data/x/.zarray", "data/../../x", "data\\x", "data/a\nb/.zarray"])
    func aZipsEntryDoesNotLeadOut(_ name: String) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("a.zarr.zip"), folder.file("b.zarr.zip"))
        var options = UMIOptions()
        options.imageSize = 16
        try Sample.writeUMI(a, lengths: [3], options: options, source: Sample.source("a"))
        try Sample.writeUMI(b, lengths: [3], options: options, source: Sample.source("b"))
        let reader = try ZipReader(path: b.path)
        let copy = folder.file("copy.zarr.zip")
        let writer = try ZipWriter(path: copy.path)
        for entry in reader.entries { try writer.add(entry.name, try reader.bytes(entry.name)) }
        try writer.add(name, [1])
        try writer.close()
        let said = try DatasetValidator.validate(copy)
        #expect(said.contains { $0.severity == .error && $0.location.contains("entry \(reader.entries.count)") }, "\(said)")
        #expect { try DatasetMerger.merge([a, copy], into: folder.file("m.zarr.zip")) } throws: {
            "\($0)".contains("accepted: a relative path")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("m.zarr.zip").path))
    }

    /// Zips from other programs have entries for folders.
    @Test func aZipsFoldersAreFine() throws {
        let folder = try TemporaryFolder()
        let writer = try ZipWriter(path: folder.file("a.zip").path)
        try writer.add("data/", [])
        try writer.add("data/x", [1])
        try writer.close()
        #expect(try ZipReader(path: folder.file("a.zip").path).bytes("data/x") == [1])
    }

    /// HDF5 files whose numbers lie in another file; `outside-hdf5/make.py` made them.
    @Test(arguments: ["link", "storage", "virtual"])
    func anHDF5FileHoldsItsDataItself(_ kind: String) throws {
        let folder = try TemporaryFolder()
        let (a, b) = (folder.file("a.hdf5"), folder.file("b.hdf5"))
        try Sample.writeRobomimic(a, lengths: [4], source: Sample.source("a"))
        try Sample.writeRobomimic(b, lengths: [4], source: Sample.source("b"))
        try FileManager.default.removeItem(at: b)
        try FileManager.default.copyItem(at: Checkers.package.appendingPathComponent("Tests/outside-hdf5/\(kind).hdf5"), to: b)
        let said = try DatasetValidator.validate(b)
        #expect(said.contains { $0.severity == .error && $0.location.hasPrefix("/data/demo_0/actions") }, "\(said)")
        #expect { try DatasetMerger.merge([a, b], into: folder.file("m.hdf5")) } throws: { "\($0)".contains("holds all its data itself") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("m.hdf5").path))
    }
}

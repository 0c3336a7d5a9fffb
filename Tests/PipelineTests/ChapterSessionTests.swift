@testable import Pipeline
import Foundation
import Imaging
import Session
import Testing

/// Sessions whose recordings come in chapters.
@Suite struct ChapterSessionTests {
    private func layout(_ files: [(String, Int)], in folder: URL) throws -> SessionLayout {
        for (path, size) in files {
            let url = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(count: size).write(to: url)
        }
        return try SessionLayout(folder: folder, externalPoses: false)
    }

    private func told(_ layout: SessionLayout) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: layout.recordings.map { ($0.unit, [$0.role.rawValue] + $0.chapters.map(\.lastPathComponent)) })
    }

    @Test func chaptersOfAFolderAreOneRecording() async throws {
        try await withTemporaryFolder { folder in
            // The two chapters of 0003 together are the largest.
            let layout = try layout(
                [
                    ("GX010003.MP4", 60), ("GX020003.MP4", 50), ("GX010004.MP4", 100), ("GX010005.MP4", 3), ("left/GX020004.MP4", 9),
                    ("gripper_calibration/GX010006.MP4", 4), ("gripper_calibration/GX020006.MP4", 4),
                    ("old/GOPR0004.MP4", 8), ("old/GP010004.MP4", 7), ("old/GP020004.MP4", 7),
                ], in: folder)
            #expect(
                told(layout) == [
                    "GX010003": ["mapping", "GX020003.MP4"], "GX010004": ["demo"], "GX010005": ["demo"], "GX020004": ["demo"],
                    "GX010006": ["gripper_calibration", "GX020006.MP4"], "GOPR0004": ["demo", "GP010004.MP4", "GP020004.MP4"],
                ])
            #expect(layout.recordings.allSatisfy { $0.fault == nil })
            #expect(layout.notes.contains { $0 == "GX010003.MP4, GX020003.MP4 are taken for one recording in 2 chapters" })
            #expect(layout.notes.contains { $0.hasPrefix("GX020004.MP4: chapter 1 (GX010004) is not in the session") })
        }
    }

    @Test func rolesAreOfTheFirstName() async throws {
        try await withTemporaryFolder { folder in
            let layout = try layout(
                [
                    // All renamed, the first alone renamed, one of each name.
                    ("mapping_GX010011.mp4", 2), ("mapping_GX020011.mp4", 1), ("gripper_calibration_GX010012.mp4", 5), ("GX020012.mp4", 5),
                    ("left_GX010013.mp4", 50), ("right_GX010013.mp4", 5), ("right_GX020013.mp4", 6), ("GX010014.mp4", 1),
                ], in: folder)
            #expect(
                told(layout) == [
                    "mapping_GX010011": ["mapping", "mapping_GX020011.mp4"],
                    "gripper_calibration_GX010012": ["gripper_calibration", "GX020012.mp4"], "left_GX010013": ["demo"],
                    "right_GX010013": ["demo", "right_GX020013.mp4"], "GX010014": ["demo"],
                ])
        }
    }

    @Test func aChapterThatIsMissingIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let layout = try layout(
                [
                    ("GX010021.MP4", 1), ("GX040021.MP4", 1), ("GOPR0022.MP4", 2), ("GP020022.MP4", 2), ("GH020023.MP4", 9),
                    ("GH030023.MP4", 9),
                ],
                in: folder)
            let faults = Dictionary(uniqueKeysWithValues: layout.recordings.map { ($0.unit, $0.fault ?? "") })
            #expect(faults["GX010021"]?.hasPrefix("chapter 2 (GX020021), chapter 3 (GX030021) of the recording is missing") == true)
            #expect(
                faults["GOPR0022"]?.hasPrefix("chapter 2 (GP010022) of the recording is missing between GOPR0022.MP4, GP020022") == true)
            #expect(faults["GH020023"] == "" && layout.recordings.count == 3)
        }
    }

    /// The same pictures in one file and in three.
    @Test func chaptersAreConvertedAsOneFileIs() async throws {
        try await withTemporaryFolder { folder in
            let small = try SmallSession(folder, demos: [("GX010077", "demo_pick_place", 20)], frames: 41)
            let original = small.session.appendingPathComponent("GX010077.mp4")
            let pictures = try VideoReader(original)
            let whole = small.session.appendingPathComponent("GX010077.mov")
            let parts = [0..<15, 15..<29, 29..<41]
            func writer(_ url: URL) throws -> VideoWriter {
                try VideoWriter(url, width: 480, height: 360, options: VideoWriter.Options(.ffv1, rate: Rational(30000, 1001)))
            }
            let chapters = folder.appendingPathComponent("chapters")
            try FileManager.default.createDirectory(at: chapters, withIntermediateDirectories: true)
            let all = try writer(whole)
            for (k, part) in parts.enumerated() {
                let one = try writer(chapters.appendingPathComponent("GX0\(k + 1)0077.mov"))
                for _ in part {
                    let frame = try #require(try pictures.nextFrame())
                    try all.append(frame.image)
                    try one.append(frame.image)
                }
                try one.finish()
            }
            try all.finish()
            try FileManager.default.removeItem(at: original)

            let (first, second) = (folder.appendingPathComponent("one"), folder.appendingPathComponent("three"))
            #expect(try await small.convert(first).exitCode(strict: false) == 0)
            // Under the same name, so that what bears it is the same.
            try FileManager.default.removeItem(at: small.session)
            try FileManager.default.moveItem(at: chapters, to: small.session)
            let outcome = try await small.convert(second)
            #expect(try outcome.exitCode(strict: false) == 0 && expectAccount(outcome, second))
            let (a, b) = (try dataFiles(first), try dataFiles(second))
            #expect(!a.isEmpty && Set(a.keys) == Set(b.keys))
            for (name, bytes) in a { #expect(b[name] == bytes, "\(name)") }
            // Decoded as often as one file.
            let usage = outcome.usage
            #expect(StageUsage.decodes("GX010077", frames: 41, in: usage) < 2.2)

            // A chapter goes: the recording is refused, all its frames are in the account.
            try FileManager.default.removeItem(at: small.session.appendingPathComponent("GX020077.mov"))
            let broken = folder.appendingPathComponent("broken")
            let refused = try await small.convert(broken)
            #expect(try refused.exitCode(strict: false) == 1 && expectAccount(refused, broken))
            let row = try #require(refused.rejections.first)
            #expect(row.reason == "chapters" && row.detail.contains("GX020077") && refused.report.frames.input == 27)
        }
    }

    /// Tables and videos of the data set, without what tells where and from what it was made.
    private func dataFiles(_ output: URL) throws -> [String: Data] {
        let root = output.appendingPathComponent("lerobot")
        var out: [String: Data] = [:]
        for case let name as String in try #require(FileManager.default.enumerator(atPath: root.path))
        where name.hasSuffix(".parquet") || name.hasSuffix(".mp4") {
            out[name] = try Data(contentsOf: root.appendingPathComponent(name))
        }
        return out
    }
}

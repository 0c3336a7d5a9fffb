import Dataset
import Foundation
import Glibc
@testable import Pipeline
import Testing

/// What lies in a session's folder beside recordings neither stops a run, nor is taken for a recording, nor vanishes without a word.
@Suite struct SessionScanTests {
    private func make(_ files: [String: String], in folder: URL) throws {
        for (path, text) in files {
            let url = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    private func layout(_ folder: URL, excluding: [URL] = []) throws -> SessionLayout {
        try SessionLayout(folder: folder, externalPoses: true, excluding: excluding)
    }

    private func link(_ path: String, to target: String, in folder: URL) throws {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    private func socket(_ url: URL) throws {
        let handle = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(url.path.utf8CString)
        try #require(path.count <= MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in path.withUnsafeBytes { bytes.copyMemory(from: $0) } }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(handle, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(result == 0)
    }

    @Test func pipesSocketsAndDevicesAreNamedAndLeftOut() async throws {
        try await withTemporaryFolder { folder in
            try make(["a.mp4": "aa", "raw/b.mp4": "b"], in: folder)
            try #require(mkfifo(folder.appendingPathComponent("pipe.mp4").path, 0o600) == 0)
            try #require(mkfifo(folder.appendingPathComponent("raw/other.mov").path, 0o600) == 0)
            try socket(folder.appendingPathComponent("s.mp4"))
            try link("null.mp4", to: "/dev/null", in: folder)
            let layout = try layout(folder)
            #expect(layout.recordings.map(\.unit) == ["a", "b"])
            for name in ["pipe.mp4", "raw/other.mov", "s.mp4", "null.mp4"] {
                #expect(layout.notes.contains { $0.hasPrefix("\(name) is no regular file") }, "\(layout.notes)")
            }
            #expect(layout.failures == [])
        }
    }

    @Test func aSortedSessionWithAPipe() async throws {
        try await withTemporaryFolder { folder in
            try make(["demos/a/raw_video.mp4": "a", "demos/b/notes.txt": "n"], in: folder)
            try #require(mkfifo(folder.appendingPathComponent("demos/b/raw_video.mp4").path, 0o600) == 0)
            let layout = try layout(folder)
            #expect(layout.recordings.map(\.unit) == ["a"])
            #expect(layout.notes.contains { $0.hasPrefix("demos/b/raw_video.mp4 is no regular file (a pipe)") }, "\(layout.notes)")
        }
    }

    @Test func aRecordingOfManyFilesWithAPipeFails() async throws {
        try await withTemporaryFolder { folder in
            try make(["a.mp4": "a", "e/mav0/cam0/data.csv": "x"], in: folder)
            try #require(mkfifo(folder.appendingPathComponent("e/mav0/cam0/pipe").path, 0o600) == 0)
            let layout = try layout(folder)
            #expect(layout.recordings.map(\.unit) == ["a"])
            #expect(layout.failures == [SessionLayout.Failure(path: "e/mav0/cam0/pipe", reason: "is no regular file (a pipe)")])
        }
    }

    @Test func circlesOfLinksEnd() async throws {
        try await withTemporaryFolder { folder in
            try make(["day/a.mp4": "a", "day/deep/b.mp4": "b"], in: folder)
            try link("day/deep/up", to: "..", in: folder)
            try link("self", to: ".", in: folder)
            try link("day/again", to: "deep", in: folder)
            try link("loop.mp4", to: "loop.mp4", in: folder)
            try link("gone.mp4", to: "nowhere.mp4", in: folder)
            let layout = try layout(folder)
            #expect(layout.recordings.map(\.unit).sorted() == ["a", "b"])
            for said in [
                "day/deep/up leads to day,", "self leads to the session's own folder", "day/again leads to day/deep", "loop.mp4 is a link",
                "gone.mp4 is a link that leads nowhere",
            ] {
                #expect(layout.notes.contains { $0.hasPrefix(said) }, "\(said): \(layout.notes)")
            }
            #expect(layout.failures == [])
        }
    }

    /// Recordings are often gathered as links to a larger disk.
    @Test func linksToRecordingsAreFollowed() async throws {
        try await withTemporaryFolder { folder in
            try make(["store/a.mp4": "a", "store/more/b.mp4": "b", "session/c.mp4": "c"], in: folder)
            let session = folder.appendingPathComponent("session")
            try link("clips/a.mp4", to: "../../store/a.mp4", in: session)
            try link("clips/more", to: "../../store/more", in: session)
            let layout = try layout(session)
            #expect(layout.recordings.map(\.unit).sorted() == ["a", "b", "c"])
            #expect(layout.ignored == [] && layout.notes == [])
        }
    }

    @Test func whatCannotBeListedOrIsGoneIsAFailure() async throws {
        try await withTemporaryFolder { folder in
            try make(["a.mp4": "a", "closed/b.mp4": "b", "open/c.mp4": "c"], in: folder)
            struct Refused: Error, LocalizedError { var errorDescription: String? { "permission denied" } }
            let scan = SessionScan(folder) { url in
                if url.lastPathComponent == "closed" { throw Refused() }
                let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
                return url.lastPathComponent == "open" ? names + ["vanished.mp4"] : names
            }
            let layout = try SessionLayout(folder: folder, externalPoses: true, scan: scan)
            #expect(layout.recordings.map(\.unit) == ["a", "c"])
            #expect(layout.failures.map(\.path) == ["closed", "open/vanished.mp4"])
            #expect(layout.failures[0].reason == "cannot be listed: permission denied")
            #expect(layout.failures[1].reason.hasPrefix("cannot be looked at: No such file"))
            let nothing = SessionScan(folder) { _ in throw Refused() }
            #expect { try SessionLayout(folder: folder, externalPoses: true, scan: nothing) } throws: {
                "\($0)".contains("permission denied")
            }
        }
    }

    /// `--output SESSION/out`, and `--output SESSION`: what the first run wrote is no recording of the second.
    @Test func whatConversionsWroteIsNotTakenForRecordings() async throws {
        try await withTemporaryFolder { folder in
            try make(["a.mp4": "aaa"], in: folder)
            let first = try layout(folder, excluding: [folder.appendingPathComponent("out")])
            let written = [
                "work/s/mask/a/classes.mov": "m", "work/s/mask/a/manifest.json": "{}", "report.html": "r", "masks/a/human.mov": "h",
                "lerobot/meta/info.json": "{}", "lerobot/videos/v.mp4": "v",
            ]
            let marker = try String(
                decoding: JSONEncoder().encode(OutputMarker(entries: ["work", "report.html", "masks", "lerobot"])), as: UTF8.self)
            // Into a folder within the session, said to be excluded or known by its marker.
            try make(written.merging([OutputMarker.fileName: marker]) { $1 }, in: folder.appendingPathComponent("out"))
            let again = try layout(folder, excluding: [folder.appendingPathComponent("out/../out")])
            #expect(again.recordings == first.recordings && again.ignored == first.ignored && again.notes == first.notes)
            let other = try layout(folder)
            #expect(other.recordings == first.recordings && other.ignored == ["out"])
            try FileManager.default.removeItem(at: folder.appendingPathComponent("out"))
            // Into the session's own folder; a user's entries there stay the user's.
            try make(written.merging([OutputMarker.fileName: marker, "masked/b.mp4": "b"]) { $1 }, in: folder)
            let own = try layout(folder, excluding: [folder])
            #expect(own.recordings.map(\.unit) == ["a", "b"] && own.ignored == [])
        }
    }

    /// A folder that was moved out of an output: its artefacts say what they are.
    @Test func artefactsAndDataSetsAreKnownAnywhere() async throws {
        try await withTemporaryFolder { folder in
            try make(
                [
                    "a.mp4": "a", "kept/a/classes.mov": "m",
                    "kept/a/manifest.json": "{\"stage\": \"mask\", \"unit\": \"a\", \"key\": \"k\", \"version\": 1}",
                    "mine/manifest.json": "{\"title\": \"a user's own\"}", "mine/b.mp4": "b", "old/set/meta/info.json": "{}",
                    "old/set/videos/c.mp4": "c",
                ], in: folder)
            let layout = try layout(folder)
            #expect(layout.recordings.map(\.unit) == ["a", "b"])
            #expect(layout.ignored == ["kept", "mine/manifest.json", "old"])
        }
    }

    @Test func unitsAreUniqueAndFitForFolders() async throws {
        try await withTemporaryFolder { folder in
            let long = String(repeating: "ü", count: 110)
            let names = [
                "Demo.mp4", "demo.mp4", "DEMO.mov", "x/demo.mp4", "x/Demo.mp4", "y/demo.mp4", "with space.mp4", "日本語.mp4", "\(long)1.mp4",
                "\(long)2.mp4", "caf\u{e9}.mp4", "cafe\u{301}.mp4", "a.partial.mp4", "a.mp4", "session.mp4", "gripper_0.mp4",
                "range_a.mp4", "line\nbreak.mp4",
            ]
            // One by one: to Swift the two spellings of café are one key.
            for name in names { try make([name: name], in: folder) }
            let layout = try layout(folder)
            let units = layout.recordings.map(\.unit)
            #expect(units.count == names.count)
            let folded = units.map { $0.precomposedStringWithCanonicalMapping.lowercased() }
            #expect(Set(folded).count == names.count, "\(units)")
            for unit in units {
                #expect(!unit.isEmpty && !unit.contains("/") && !unit.contains("\n") && "\(unit).partial".utf8.count <= 200, "\(unit)")
                #expect(!unit.lowercased().hasSuffix(".partial"))
            }
            for kept in ["DEMO", "with space", "日本語", "a"] { #expect(units.contains(kept), "\(kept) in \(units)") }
            #expect(Set(units).isDisjoint(with: ["session", "gripper_0", "range_a"]))
            #expect(try self.layout(folder).recordings == layout.recordings)
        }
    }

    /// The same recordings are the same session, however they are called; others are not.
    @Test func aSessionsIdentityIsItsContent() async throws {
        try await withTemporaryFolder { folder in
            try make(
                [
                    "day1/session/video.mp4": "one", "day2/session/video.mp4": "two", "moved/here/other.mp4": "one",
                    "grown/session/video.mp4": "one", "grown/session/more.mp4": "three", "e/r/mav0/cam0/data.csv": "x",
                    "f/r2/mav0/cam0/data.csv": "x", "g/r/mav0/cam0/data.csv": "y",
                ], in: folder)
            func identity(_ path: String) throws -> String { try layout(folder.appendingPathComponent(path)).identity() }
            #expect(try identity("day1/session") != identity("day2/session"))
            #expect(try identity("day1/session") == identity("moved"))
            #expect(try identity("day1/session") != identity("grown/session"))
            #expect(try identity("e") == identity("f") && identity("e") != identity("g"))
            #expect(try identity("day1/session").count == 64)
            // Hashes that are known are taken, those that are not are made.
            let session = try layout(folder.appendingPathComponent("grown/session"))
            let known = try SessionLayout.hash(of: session.recordings[0])
            #expect(try session.identity(hashes: [session.recordings[0].unit: known]) == session.identity())
            #expect(try session.identity(hashes: [session.recordings[0].unit: "other"]) != session.identity())
        }
    }
}

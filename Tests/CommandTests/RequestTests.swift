import Foundation
import Testing

/// What is wrong with a request is said at once and before any work, with exit code 64.
@Suite struct RequestTests {
    private func folder(_ files: [String]) throws -> URL {
        let folder = try Program.temporaryFolder()
        for name in files {
            let url = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("recording,start,end,label,note\n".utf8).write(to: url)
        }
        return folder
    }

    /// Each option by itself, the session's own files, and what only the whole request shows.
    @Test func allFaultsAreSaidAtOnce() throws {
        let folder = try folder(["session/demo_1.mp4", "session/demo_2.mp4"])
        defer { try? FileManager.default.removeItem(at: folder) }
        let labels = folder.appendingPathComponent("session/labels.csv")
        try Data("recording,start,end,label,note\ndemo_1,0,1,idle,\ndemo_7,0,1,idle,\n".utf8).write(to: labels)
        let ended = try Program.run([
            "convert", folder.appendingPathComponent("session").path, "--device", "simulator", "--arm", "panda", "--jobs", "0", "--format",
            "lerobto,umi", "--set", "solve.base=1 2 3", "--set", "exprot.rate=30", "--set", "mask.plates=3", "--speed", "record", "--only",
            "demo_9", "--poses", "/nowhere", "--masks", "/nowhere/either", "--from", "locelize",
        ])
        #expect(ended.code == 64)
        for word in [
            "--jobs 0", "lerobto", "solve.base=1 2 3", "exprot", "mask.fill.plates", "--speed 'record'", "--only demo_9",
            "--poses /nowhere",
            "--masks /nowhere/either", "locelize", "labels.csv: row 2: \"demo_7\" is no recording of the session",
        ] {
            #expect(ended.errors.contains(word), "\(word) in: \(ended.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("session-converted").path))
    }

    /// Without a device and an arm the session is looked at all the same; what two looks find is said once.
    @Test func theSessionIsLookedAtWithoutArmAndDevice() throws {
        let ended = try Program.run("convert", "/no/session", "--arm", "pnda", "--set", "export.rate=1000000000000000000000")
        #expect(ended.code == 64 && ended.errors.contains("did you mean panda?") && ended.errors.contains("export.rate"))
        #expect(ended.errors.components(separatedBy: "/no/session is not a session folder").count == 2, "\(ended.errors)")
    }

    @Test(arguments: [
        (["monday/mapping.mp4", "monday/demo.mp4", "tuesday/mapping.mp4", "tuesday/demo.mp4"], "monday, tuesday"),
        (["a/raw_videos/GX010001.MP4", "b/raw_videos/GX010001.MP4", "c/demos/mapping/raw_video.mp4"], "a, b, c"),
        (["x/device.yaml", "x/demo.mp4", "y/device.yaml", "y/z/demo.mp4"], "x, y"),
    ])
    func aFolderOfSessionsIsNoSession(_ files: [String], _ names: String) throws {
        let folder = try folder(files)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ended = try Program.run("convert", folder.path, "--device", "simulator", "--arm", "panda")
        #expect(ended.code == 64 && ended.errors.contains("sessions: \(names) ("), "\(ended.errors)")
    }

    /// A folder of the arm's or the device's name, and a `Calibration` of one's own, hide nothing that is shipped.
    @Test func localFoldersHideNothingThatIsShipped() throws {
        let folder = try folder(["panda/notes.txt", "simulator/notes.txt", "nothing/notes.txt"])
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = folder.appendingPathComponent("Calibration/arms/mine")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        let shipped = Program.root.appendingPathComponent("Calibration/arms/ur5e")
        for name in ["arm.yaml", "ur5e.xml"] {
            try FileManager.default.copyItem(at: shipped.appendingPathComponent(name), to: own.appendingPathComponent(name))
        }
        func run(_ arguments: String) throws -> Program.Ended {
            try Program.shell("cd '\(folder.path)' && env -u GRIPTRACE_CALIBRATION $griptrace \(arguments)")
        }
        let arms = try run("arms")
        #expect(arms.code == 0 && arms.output.contains("panda") && arms.output.contains("ur10e"), "\(arms.errors)")
        for arm in ["panda", "mine", "Calibration/arms/mine"] { #expect(try run("arms \(arm)").code == 0, "\(arm)") }
        let refused = try run("arms nothing")
        #expect(refused.code == 64 && refused.errors.contains("nothing is a folder without arm.yaml"), "\(refused.errors)")
        let convert = try run("convert nosession --device simulator --arm panda")
        #expect(convert.code == 64 && convert.lines.isEmpty && !convert.errors.contains("panda is"), "\(convert.errors)")
        #expect(convert.errors.split(separator: "\n").count == 1, "\(convert.errors)")
    }
}

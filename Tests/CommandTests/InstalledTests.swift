import Foundation
import Testing

/// What the program says of its installation, and commands that are run by Python.
@Suite struct InstalledTests {
    @Test func theDoctorLooksAtEverything() throws {
        let ended = try Program.run("doctor")
        #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
        for word in ["devices: ", "arms: ", "panda", "H.264 is written and read", "AV1 is written", "GB of memory", "GB free"] {
            #expect(ended.output.contains(word), "\(word): \(ended.output)")
        }
        let wrong = try Program.run("doctor", "--output", "/nowhere/at/all")
        #expect(wrong.code == 1 && wrong.output.contains("WRONG    /nowhere/at/all: No such file or directory"), "\(wrong.output)")
    }

    private static let python = Program.root.appendingPathComponent(".deps/checkers/evo/bin/python")
    private static let hasStatistics = FileManager.default.fileExists(atPath: python.path)

    private func trials(_ folder: URL, _ name: String, _ rows: [String]) throws -> String {
        let url = folder.appendingPathComponent(name)
        try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: url)
        return url.path
    }

    @Test(.enabled(if: hasStatistics, "make checkers makes the environment with the statistics"))
    func policiesAreComparedByTheirTrials() throws {
        let folder = try Program.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = try trials(folder, "a.csv", ["success,seed"] + (0..<40).map { "\($0 % 10 == 0 ? 0 : 1),\($0)" })
        let bad = try trials(folder, "b.csv", ["success,seed"] + (0..<40).map { "\($0 % 10 < 5 ? "no" : "yes"),\($0)" })
        let odd = try trials(folder, "c.csv", ["success", "1", "perhaps"])
        func compare(_ files: String...) throws -> Program.Ended {
            try Program.shell(
                "GRIPTRACE_PYTHON=\(Self.python.path) $griptrace evaluate-policy \(files.joined(separator: " "))")
        }
        let found = try compare(good, bad)
        #expect(found.code == 0, "\(found.errors)")
        #expect(found.output.contains("36 of 40 succeed, 90.0 %") && found.output.contains("A is better, at 95.0 %"), "\(found.output)")
        // By hand: A alone succeeds in 16 of the pairs, B alone in none; exact McNemar p = 2 · 0.5^16.
        #expect(found.output.contains("p = 3.05e-05; paired over 40 starts: A alone succeeds in 16, B alone in 0"), "\(found.output)")
        let same = try compare(bad, bad)
        #expect(same.code == 0 && same.output.contains("neither is shown to be better"), "\(same.output)")
        let refused = try compare(good, odd)
        #expect(refused.code == 64 && refused.errors.contains("line 3: success 'perhaps'"), "\(refused.errors)")
    }
}

import Foundation
import Testing

/// `griptrace options` and what is said of a mistyped word.
@Suite struct OptionTests {
    private func options() throws -> [(path: String, value: String, unit: String)] {
        try Program.run("options").lines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            let equals = try #require(fields[0].firstIndex(of: "="))
            return (String(fields[0][..<equals]), String(fields[0][fields[0].index(after: equals)...]), String(fields.last ?? ""))
        }
    }

    @Test func docsOfTheOptionsAreUpToDate() throws {
        let check = try Program.shell("python3 Sources/Python/option_docs.py --check")
        #expect(check.code == 0, "\(check.errors)")
        #expect(check.errors.isEmpty)
    }

    /// Defaults come from the program, meanings from the doc comments: each option has both, and nested ones are among them.
    @Test func everyOptionHasDefaultUnitAndMeaning() throws {
        let all = try options()
        #expect(all.count > 400)
        for option in all { #expect(!option.unit.isEmpty, "\(option.path)") }
        let unset: Set = [
            "ingest.table_from_world", "ingest.image_topic", "ingest.imu_topic", "pair.base_right", "pair.base_left", "curate.keep",
        ]
        for option in all where option.value.isEmpty { #expect(unset.contains(option.path), "\(option.path) has no default") }
        #expect(all.contains { $0.path == "mask.fill.plates" && $0.value == "48" })
        #expect(all.contains { $0.path == "episodes.minimum_seconds" && $0.unit == "seconds" })
    }

    /// Where a comment names one default in the option's own unit, that is the default. Groups that serve several owners say their own default;
    /// what an owner sets instead is the value beside them.
    @Test func commentsNameTheRightDefault() throws {
        let shared = [".front_end.corners.", ".front_end.flow.", ".front_end.features.", ".recognition.", ".scribble.forest."]
        let values = Dictionary(uniqueKeysWithValues: try options().map { ($0.path, $0.value) })
        let source = try String(contentsOf: Program.root.appendingPathComponent("Sources/griptrace/OptionDocs.swift"), encoding: .utf8)
        var checked = 0
        for line in source.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2).map { $0.trimmingCharacters(in: .whitespaces) }
            guard fields.count == 3, fields[1] != "as the meaning says", !shared.contains(where: { fields[0].contains($0) }) else {
                continue
            }
            let named = fields[2].matches(of: /[Dd]efaults? (−|-)?([0-9.]*[0-9](?:e-?[0-9]+)?)(?! ?(?:mm|ms|degrees|[°%\/0-9]|\.[0-9]))/)
            guard named.count == 1, let number = Double(named[0].output.2), let value = values[fields[0]], let actual = Double(value) else {
                continue
            }
            let said = named[0].output.1 == nil ? number : -number
            #expect(abs(said - actual) <= 1e-9 * max(abs(actual), 1), "\(fields[0]) is \(value), its comment says \(said)")
            checked += 1
        }
        #expect(checked > 200)
    }

    @Test func oneOptionAStageAndAGroup() throws {
        let one = try Program.run("options", "export.rate")
        #expect(one.code == 0 && one.lines[0] == "export.rate=0" && one.output.contains("frames a second"))
        let stage = try Program.run("options", "episodes")
        #expect(stage.output.contains("episodes.idle_seconds=") && !stage.output.contains("export."))
        let group = try Program.run("options", "mask.fill")
        #expect(group.output.contains("mask.fill.minimum_views=") && !group.output.contains("mask.human"))
    }

    @Test(arguments: [
        (["convrt", "x"], "convert"), (["calibrate", "camra"], "camera"), (["convert", "x", "--arm", "panda", "--strct"], "--strict"),
        (["options", "exprt"], "export"), (["options", "export.rte"], "export.rate"), (["options", "plates"], "map"),
        (["arms", "pnda"], "panda"),
        (["station", "two_panda"], "two_pandas"), (["convert", "SESSION", "--device", "simulater", "--arm", "panda"], "simulator"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "ur5"], "ur5e"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--from", "locelize"], "localize"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--format", "lerobto"], "lerobot"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--speed", "record"], "recorded"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--privacy", "stric"], "strict"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--set", "exprot.rate=30"], "export"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--set", "export.rtae=30"], "export.rate"),
        (["convert", "SESSION", "--device", "simulator", "--arm", "panda", "--set", "mask.plates=30"], "mask.fill.plates"),
    ])
    func aMistypedWordIsAnsweredWithTheNearestOne(_ arguments: [String], _ nearest: String) throws {
        let session = Program.root.appendingPathComponent("Fixtures/session").path
        let ended = try Program.run(arguments.map { $0 == "SESSION" ? session : $0 })
        #expect(ended.code == 64)
        if arguments == ["options", "plates"] {
            // Nothing is near: no guess is made, what is accepted is listed.
            #expect(!ended.errors.contains("did you mean") && ended.errors.contains("accepted: ") && ended.errors.contains("ingest"))
        } else {
            #expect(ended.errors.lowercased().contains("did you mean"), "\(ended.errors)")
            #expect(ended.errors.contains(nearest), "\(ended.errors)")
        }
    }
}

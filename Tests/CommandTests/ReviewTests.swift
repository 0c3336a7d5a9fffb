import Foundation
import Testing

/// The review page, used as a person uses it: in a browser, from disk; and the same in the terminal.
@Suite struct ReviewTests {
    /// Two short demos of the fixture with their true poses.
    private func session() throws -> (session: ShortSession, arguments: [String]) {
        let session = try ShortSession()
        let poses = session.folder.appendingPathComponent("poses")
        try FileManager.default.createDirectory(at: poses, withIntermediateDirectories: true)
        let fixture = Program.root.appendingPathComponent("Fixtures/session")
        try FileManager.default.copyItem(
            at: fixture.appendingPathComponent("demo_out_of_reach.mp4"), to: session.session.appendingPathComponent("demo_out_of_reach.mp4")
        )
        for demo in ["demo_too_fast", "demo_out_of_reach"] {
            try FileManager.default.copyItem(
                at: fixture.appendingPathComponent("truth/\(demo)/camera.tum"), to: poses.appendingPathComponent("\(demo).tum"))
        }
        return (
            session,
            [
                "convert", session.session.path, "--device", "simulator", "--arm", "panda", "--poses", poses.path, "--output",
                session.output.path, "--format", "lerobot",
            ]
        )
    }

    private func rows(_ session: ShortSession, _ name: String) throws -> [[String]] {
        let text = try String(contentsOf: session.output.appendingPathComponent(name), encoding: .utf8)
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// What a person decides on the page is what the next conversion does; every number on it is the data set's.
    @Test func decisionsOnThePageAreFollowed() throws {
        let (session, arguments) = try session()
        defer { session.remove() }
        #expect(try Program.run(arguments).code == 0)
        let page = session.output.appendingPathComponent("review")
        let data = try String(contentsOf: page.appendingPathComponent("data/index.js"), encoding: .utf8)
        #expect(data.hasPrefix("gripTrace.index({") && data.contains("\"schema\":\"griptrace.review.v1\""))
        for file in ["data/1.js", "data/2.js"] {
            let size = try Data(contentsOf: page.appendingPathComponent(file)).count
            #expect(size < 100_000, "\(file) has \(size) bytes")
        }
        let browser = try Program.shell("cd Tests && python3 -c 'import browser; print(browser.find() or \"\")'")
        #expect(browser.code == 0, "\(browser.errors)")
        guard !browser.output.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty else {
            print("review page: not run, no Chromium (apt-get install chromium-headless-shell)")
            return
        }
        let used = try Program.shell(
            "python3 Tests/check_review.py '\(session.output.path)' --reject demo_out_of_reach --cut demo_too_fast 2 --labels '\(session.session.path)'"
        )
        #expect(used.code == 0, "\(used.errors)\(used.output)")
        struct Seen: Decodable {
            var demos: [String]
            var words: [String]
            var curves: Int
            var labels: String
            var cutAt: Double
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let seen = try decoder.decode(Seen.self, from: Data(used.output.utf8))
        #expect(seen.demos == ["demo_out_of_reach", "demo_too_fast"] && seen.curves >= 18)
        #expect(seen.words.contains { $0.contains("out of reach") && $0.contains("What mends it: ") && $0.contains("place") })
        #expect(
            seen.labels.contains("demo_out_of_reach,,,reject,") && seen.labels.contains("demo_too_fast,\(seen.cutAt.formatted()),,cut,"))
        // The session holds labels.csv now.
        #expect(try Program.run(arguments).code == 0)
        let episodes = try rows(session, "episodes.csv")
        #expect(episodes.map { $0[0] } == ["demo_too_fast", "demo_too_fast"], "\(episodes)")
        #expect(episodes[0][2] == episodes[1][1] && Int(episodes[0][2]) == 60, "cut at 2 s of 30 Hz: \(episodes)")
        let rejected = try rows(session, "rejections.csv")
        #expect(rejected.contains { $0[0] == "demo_out_of_reach" && $0[2] == "labelled_reject" }, "\(rejected)")
        // And the page shows the labels that it was converted with.
        let again = try String(contentsOf: page.appendingPathComponent("data/index.js"), encoding: .utf8)
        #expect(again.contains("\"label\":\"reject\"") && again.contains("\"labelled_reject\""))
    }

    @Test func explainAndCompareSayWhatHappened() throws {
        let (session, arguments) = try session()
        defer { session.remove() }
        #expect(try Program.run(arguments).code == 0)
        let all = try Program.run("explain", session.output.path)
        #expect(all.code == 0 && all.lines.count == 2 && all.lines[0].hasPrefix("demo_out_of_reach: partly"), "\(all)")
        let one = try Program.run("explain", session.output.path, "demo_out_of_reach")
        #expect(one.output.contains("what the arm can do (feasibility):") && one.output.contains("out of reach: "), "\(one)")
        #expect(one.output.contains("it means: no joints bring the tool there") && one.output.contains("what mends it: move the foot"))
        let wrong = try Program.run("explain", session.output.path, "demo_out_of_rech")
        #expect(wrong.code == 64 && wrong.errors.contains("did you mean demo_out_of_reach"), "\(wrong)")
        #expect(try Program.run("explain", session.folder.path).code == 64)
        let other = session.folder.appendingPathComponent("other").path
        let cut = arguments.map { $0 == session.output.path ? other : $0 } + ["--set", "feasibility.repair=none"]
        #expect(try Program.run(cut).code == 0)
        let compared = try Program.run("compare", session.output.path, other)
        #expect(compared.code == 0)
        #expect(compared.lines.contains { $0.hasPrefix("option feasibility.repair") }, "\(compared)")
        #expect(compared.lines.contains("demo_too_fast:") && compared.output.contains("status: converted → partly"), "\(compared)")
        #expect(
            !compared.lines.contains("demo_out_of_reach:") && compared.output.contains("1 demonstrations are the same in both"),
            "\(compared)")
    }
}

import Foundation
import Testing

/// The files in `examples/` do what they say.
@Suite struct ExampleTests {
    private func example(_ name: String) -> String { Program.root.appendingPathComponent("examples/\(name)").path }

    @Test func everyExampleIsListed() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: example("")).filter { $0 != "README.md" && !$0.hasPrefix(".") }
        let page = try String(contentsOfFile: example("README.md"), encoding: .utf8)
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
        #expect(names.count >= 6)
    }

    @Test func labelsValuesObstaclesAndAMaskCommandConvert() throws {
        let session = try ShortSession()
        defer { session.remove() }
        let ended = try Program.run(
            session.arguments(
                "--labels", example("labels.csv"), "--values", example("values.csv"), "--obstacles", example("obstacles.yaml"),
                "--mask-command",
                "python3 '\(example("mask_command.py"))'"))
        #expect(ended.code == 0, "\(ended.errors)")
        let table = try String(contentsOf: session.output.appendingPathComponent("episodes.csv"), encoding: .utf8)
        #expect(table.contains("put the cup on the saucer"))
        let report = try String(contentsOf: session.output.appendingPathComponent("report.json"), encoding: .utf8)
        #expect(report.contains("masks take evidence from"))
    }

    /// Its videos are not there: the view is left out and said so, the file itself is taken.
    @Test func aFixedCameraIsRead() throws {
        let session = try ShortSession()
        defer { session.remove() }
        let ended = try Program.run(session.arguments("--fixed-camera", example("fixed_camera.yaml")))
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.errors.contains("fixed camera side, demo_too_fast: no view was made"), "\(ended.errors)")
    }

    @Test func aWeekOfSessionsGoesIntoOneDataSet() throws {
        let (a, b) = (try ShortSession(), try ShortSession())
        defer {
            a.remove()
            b.remove()
        }
        let week = a.folder.appendingPathComponent("week")
        try FileManager.default.createDirectory(at: week, withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: a.session, to: week.appendingPathComponent("monday"))
        try FileManager.default.copyItem(
            at: Program.root.appendingPathComponent("Fixtures/session/demo_pick_place.mp4"),
            to: b.session.appendingPathComponent("demo_pick_place.mp4"))
        try FileManager.default.removeItem(at: b.session.appendingPathComponent("demo_too_fast.mp4"))
        try FileManager.default.moveItem(at: b.session, to: week.appendingPathComponent("tuesday"))
        let poses = a.folder.appendingPathComponent("poses")
        try FileManager.default.createDirectory(at: poses, withIntermediateDirectories: true)
        for demo in ["demo_too_fast", "demo_pick_place"] {
            try FileManager.default.copyItem(
                at: Program.root.appendingPathComponent("Fixtures/session/truth/\(demo)/camera.tum"),
                to: poses.appendingPathComponent("\(demo).tum"))
        }
        let ended = try Program.shell(
            "PATH=$(dirname $griptrace):$PATH '\(example("week.sh"))' '\(week.path)' '\(a.output.path)' panda --device simulator --poses '\(poses.path)' --format lerobot"
        )
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output.contains("2 episodes"), "\(ended.output)")
    }
}

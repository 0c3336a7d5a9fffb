import Geometry
import Session
import Simulation
import Testing

@Suite struct ScenarioTests {
    @Test func scenarioSurvivesItsOwnYAML() throws {
        var scenario = Scenario()
        scenario.seed = 9
        scenario.picture.readout = 0.0123
        var plan = Scenario.RecordingPlan()
        plan.human = true
        plan.keyframes = [MotionKey()]
        scenario.recordings = [plan]
        #expect(try Scenario(yaml: scenario.yaml(), path: "t") == scenario)
    }

    @Test func missingKeysKeepTheirDefaults() throws {
        let scenario = try Scenario(yaml: "seed: 4\nrecordings: [{name: a, motion: still}]", path: "t")
        #expect(scenario.seed == 4 && scenario.picture == Scenario.Picture())
        #expect(scenario.recordings[0].motion == .still && scenario.recordings[0].variant == 0)
    }

    @Test(arguments: [
        ("sead: 4\nrecordings: [{name: a}]", "sead", "seed"),
        ("picture: {widht: 4}\nrecordings: [{name: a}]", "picture.widht", "width"),
        ("recordings: [{name: a, motion: dance}]", "recordings", "dance"),
        ("recordings: []", "recordings", "at least one"),
        ("recordings: [{name: a/b}]", "recordings[0].name", "letters"),
        ("recordings: [{name: a}, {name: a}]", "recordings[1].name", "twice"),
        ("picture: {rate_hz: 0}\nrecordings: [{name: a}]", "picture.rate_hz", "1 to 240"),
        ("picture: {width: 480}\nrecordings: [{name: a}]", "lens", "aspect"),
        ("robots: {arms: [kuka]}\nrecordings: [{name: a}]", "robots.arms[0]", "panda"),
        ("scene: {tag_id: 40}\nrecordings: [{name: a}]", "scene.tag_id", "13"),
        ("recordings: [{name: a, motion: custom}]", "keyframes", "custom"),
        ("seed: [", "YAML", ""),
    ])
    func wrongScenariosAreRefusedByKey(yaml: String, key: String, mention: String) {
        do {
            _ = try Scenario(yaml: yaml, path: "file.yaml")
            Issue.record("accepted: \(yaml)")
        } catch {
            let text = "\(error)"
            #expect(text.hasPrefix("file.yaml: ") && text.contains(key) && (mention.isEmpty || text.contains(mention)), "\(text)")
        }
    }

    @Test func unknownRecordingIsRefusedByName() throws {
        let scenario = try Scenario(yaml: "recordings: [{name: first, motion: still}]", path: "t")
        #expect(throws: SimulationError.self) { _ = try SimulatedRecording("second", of: scenario) }
    }

    @Test func deviceOfTheScenarioReadsBack() throws {
        let scenario = try Scenario(yaml: "picture: {width: 480, height: 360}\nrecordings: [{name: a, motion: still}]", path: "t")
        let device = scenario.device()
        #expect(abs(device.camera.focalLength.x - 141.45) < 1e-9 && abs(device.camera.principalPoint.x - 239.75) < 1e-9)
        #expect(device.fingerTags?.nominalDepth == 0.072 && device.tableTag?.id == 13)
    }
}

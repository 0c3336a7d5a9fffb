import Pipeline
import Testing

@Suite struct ConfigurationTests {
    @Test func setsByNameInEitherSpelling() throws {
        var c = Configuration()
        try c.set("export.rate=20")
        try c.set("episodes.minimum_seconds=2.5")
        try c.set("episodes.idleSpeed=0.01")
        try c.set("gripper_state.spikes.sigmas=4")
        try c.set("export.task=put the cup on the saucer")
        #expect(
            c.export.rate == 20 && c.episodes.minimumSeconds == 2.5 && c.episodes.idleSpeed == 0.01 && c.gripperState.spikes.sigmas == 4)
        #expect(c.export.task == "put the cup on the saucer")
    }

    @Test(arguments: ["export.rat=20", "exprt.rate=20", "export.rate=fast", "export.rate", "rate=3"])
    func refusesWhatItDoesNotKnow(assignment: String) throws {
        var c = Configuration()
        let error = try #require(throws: PipelineError.self) { try c.set(assignment) }
        #expect(error.description.contains("accepted:"))
        #expect(c == Configuration())
    }

    @Test func everyStageListsItsOptions() {
        for stage in Configuration.stageNames { #expect(!Configuration.options(ofStage: stage).isEmpty) }
    }
}

internal import ArgumentParser

/// The command line.
@main
struct GripTrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "griptrace",
        abstract: "Turns recordings of a handheld gripper into data that a robot-learning job trains on.",
        discussion: "Exit codes: 0 all done, 1 a recording failed, 2 done with rejections under --strict, 64 wrong usage.",
        version: "0.1.0",
        subcommands: [
            Convert.self, Inspect.self, Arms.self, Place.self, StationCommand.self, Simulate.self, Calibrate.self, Evaluate.self,
            ReplayCommand.self, Scribble.self, Validate.self, Merge.self, OptionsCommand.self, BenchDataset.self,
        ])
}

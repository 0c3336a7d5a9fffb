internal import ArgumentParser

/// The command line.
struct GripTrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "griptrace",
        abstract: "Turns recordings of a handheld gripper into data that a robot-learning job trains on.",
        discussion: """
              griptrace convert SESSION --arm panda   a folder of recordings
              griptrace inspect PATH                  a recording, artefact, data set
              griptrace convert --help                each command has such a page

            --help-all in the place of --help shows what is rarely used as well.

            Exit codes: 0 all done, 1 something failed, 2 done with rejections under --strict, 64 wrong usage, 130 interrupted.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Conversion", subcommands: [Convert.self, BatchCommand.self, Scribble.self, Merge.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    Status.self, Explain.self, Compare.self, Inspect.self, Validate.self, Evaluate.self, EvaluatePolicy.self, Arms.self,
                    OptionsCommand.self, Doctor.self,
                ]),
            CommandGroup(name: "Arm", subcommands: [Place.self, StationCommand.self, ReplayCommand.self]),
            CommandGroup(name: "Device", subcommands: [Calibrate.self, Simulate.self]),
            CommandGroup(name: "Development", subcommands: [BenchDataset.self]),
        ])
}

internal import ArgumentParser
internal import Pipeline

struct OptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "options", abstract: "Lists the options that --set changes, with their defaults.")

    @Argument(help: "A stage; all of them without.")
    var stage: String?

    func run() throws {
        for name in stage.map({ [$0] }) ?? Configuration.stageNames {
            let options = Configuration.options(ofStage: name)
            guard !options.isEmpty else {
                throw ValidationError("there is no stage \(name); accepted: \(Configuration.stageNames.joined(separator: ", "))")
            }
            for option in options { print("\(name).\(option.name)=\(option.value)") }
        }
    }
}

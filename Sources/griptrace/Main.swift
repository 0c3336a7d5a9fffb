internal import ArgumentParser
internal import Foundation

/// Parses the command line and runs the command it names.
@main
enum Main {
    static func main() async {
        Console.prepare()
        Interrupt.watch()
        let arguments = CommandLine.arguments.dropFirst().map { $0 == "--help-all" ? "--help-hidden" : $0 }
        if let refusal = unknownCommand(arguments, of: GripTrace.self) {
            Console.error("error: \(refusal)")
            Console.end(Exit.usage)
        }
        do {
            var command = try GripTrace.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            let code = GripTrace.exitCode(for: error).rawValue
            var text = GripTrace.fullMessage(for: error)
            if code == 0 {
                if arguments.contains("--help-hidden"), arguments.count == 1 { text += hiddenCommands }
                Console.line(text)
            } else if !text.isEmpty {
                Console.error(text)
            }
            Console.end(code)
        }
        Console.end(0)
    }

    private static var hiddenCommands: String {
        let hidden = GripTrace.configuration.subcommands.filter { !$0.configuration.shouldDisplay }
        let lines = hidden.map { "  \(name($0).padding(toLength: 24, withPad: " ", startingAt: 0))\($0.configuration.abstract)\n" }
        return "\nHIDDEN SUBCOMMANDS:\n" + lines.joined()
    }

    private static func name(_ command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? String(describing: command).lowercased()
    }

    /// What is wrong with the command that the arguments name; nil where nothing is.
    private static func unknownCommand(_ arguments: [String], of command: any ParsableCommand.Type, path: String = "griptrace") -> String? {
        let commands = command.configuration.subcommands
        guard !commands.isEmpty, let word = arguments.first, !word.hasPrefix("-") else { return nil }
        if let known = commands.first(where: { name($0) == word }) {
            return unknownCommand(Array(arguments.dropFirst()), of: known, path: "\(path) \(word)")
        }
        if word == "help" { return nil }
        let names = commands.filter { $0.configuration.shouldDisplay }.map { name($0) }
        return "\(path) has no command \(word)\(Suggestion.aside(word, names)); accepted: \(names.joined(separator: ", "))"
    }
}

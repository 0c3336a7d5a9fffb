import Foundation
import Testing

/// What the command line says of itself.
@Suite struct HelpTests {
    /// A command of `--experimental-dump-help`.
    struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?
        var discussion: String?
        var shouldDisplay: Bool?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var name: String
        }

        var kind: String
        var names: [Name]?
        var abstract: String?
        var sectionTitle: String?
        var valueName: String?
    }

    private struct Dump: Decodable {
        var command: Command
    }

    static func commands() throws -> [(path: [String], command: Command)] {
        let dump = try JSONDecoder().decode(Dump.self, from: Data(Program.run("--experimental-dump-help").output.utf8))
        func walk(_ command: Command, _ path: [String]) -> [(path: [String], command: Command)] {
            [(path, command)]
                + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { walk($0, path + [$0.commandName]) }
        }
        return Array(walk(dump.command, []).dropFirst())
    }

    @Test func rootHelpGroupsItsCommands() throws {
        let help = try Program.run("--help")
        #expect(help.code == 0)
        for group in ["CONVERSION SUBCOMMANDS", "LOOKING SUBCOMMANDS", "ARM SUBCOMMANDS", "DEVICE SUBCOMMANDS"] {
            #expect(help.output.contains(group), "\(group)")
        }
        for (path, command) in try Self.commands() where path.count == 1 && command.commandName != "bench-dataset" {
            #expect(help.output.contains("\n  \(command.commandName) "), "\(command.commandName) is not listed")
        }
        #expect(!help.output.contains("bench-dataset"))
        #expect(try Program.run("--help-all").output.contains("bench-dataset"))
    }

    @Test func everyCommandHasAnExampleAndSaysWhatEachOptionIs() throws {
        let commands = try Self.commands()
        #expect(commands.count >= 16)
        for (path, command) in commands where command.subcommands?.isEmpty ?? true {
            let name = path.joined(separator: " ")
            let help = try Program.run(path + ["--help"])
            #expect(help.code == 0, "\(name)")
            if path != ["bench-dataset"] { #expect(help.output.contains("griptrace \(name) "), "\(name) has no example") }
            for argument in command.arguments ?? [] where path != ["bench-dataset"] {
                let label = argument.names?.first?.name ?? argument.valueName ?? ""
                #expect(!(argument.abstract ?? "").isEmpty, "\(name) \(label) says nothing of itself")
            }
        }
    }

    @Test func convertGroupsItsOptionsAndHidesTheRareOnes() throws {
        let (help, all) = (try Program.run("convert", "--help").output, try Program.run("convert", "--help-all").output)
        let titles = ["ARGUMENTS:", "INPUT:", "ARM:", "PICTURES:", "OUTPUT:", "RUNNING:"]
        let places = titles.compactMap { help.range(of: "\n\($0)\n")?.lowerBound }
        #expect(places.count == titles.count && places == places.sorted())
        for rare in ["--onnxruntime", "--plates", "--values", "--fixed-camera"] {
            #expect(!help.contains("  \(rare) "), "\(rare)")
            #expect(all.contains("  \(rare) "), "\(rare)")
        }
    }

    @Test func versionNamesTheCommit() throws {
        let version = try Program.run("--version")
        #expect(version.code == 0)
        #expect(
            version.output.wholeMatch(of: /griptrace \d+\.\d+\.\d+ \(commit (unknown|\S*[0-9a-f]{7,40}(-dirty)?)\)\n/) != nil,
            "\(version.output)")
    }

    @Test func completionScriptsKnowCommandsOptionsAndShippedArms() throws {
        for shell in ["bash", "zsh", "fish"] {
            let script = try Program.run("--generate-completion-script", shell).output
            #expect(script.contains("scribble") && script.contains("mask-command") && script.contains("lerobot-v2.1"), "\(shell)")
        }
        let line =
            "source <($griptrace --generate-completion-script bash); COMP_WORDS=($griptrace arms ''); COMP_CWORD=2; COMP_LINE=\"$griptrace arms \"; "
            + "COMP_POINT=${#COMP_LINE}; _griptrace; echo \"${COMPREPLY[@]}\""
        #expect(try Program.shell(line).output.contains("panda"))
    }
}

internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Pipeline

struct OptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "options", abstract: "Says what the options that --set changes mean, with their units and defaults.",
        discussion: """
            Without an argument a line for each option; with a stage or an option also what it means.

              griptrace options
              griptrace options episodes
              griptrace options mask.fill
              griptrace options export.rate
              griptrace convert SESSION --arm panda --set export.rate=30
            """)

    @Argument(
        help: "A stage, a group within a stage, or an option: STAGE[.GROUP][.OPTION].",
        completion: .custom { _, _, _ in OptionDocs.stages })
    var path: String?

    func run() throws {
        let all = try OptionDocs.entries()
        guard let path else {
            for entry in all { Console.line("\(entry.path)=\(entry.value)\t\(entry.unit)") }
            return
        }
        let wanted = OptionDocs.canonical(path)
        let found = all.filter { OptionDocs.canonical($0.path) == wanted || OptionDocs.canonical($0.path).hasPrefix(wanted + ".") }
        guard !found.isEmpty else {
            Console.error("error: \(OptionDocs.unknown(path))")
            throw ExitCode(Exit.usage)
        }
        let width = max(60, min(Console.columns(STDOUT_FILENO) ?? 110, 140))
        for entry in found {
            Console.line("\(entry.path)=\(entry.value)")
            for line in Self.wrapped(entry.meaning, to: width - 4) + [
                "Default here: \(entry.value.isEmpty ? "nothing" : entry.value). Unit: \(entry.unit)."
            ] { Console.line("    \(line)") }
        }
    }

    /// Words in lines of at most so many characters.
    private static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

/// The options of `--set`, from `Configuration` and the doc comments of its structs (OptionDocs.swift, made by `make option-docs`).
enum OptionDocs {
    struct Entry {
        /// `stage.option`, or `stage.group.option`.
        var path: String
        /// The default, as `--set` takes it.
        var value: String
        var unit: String
        var meaning: String
    }

    /// Every option, stage by stage.
    static func entries() throws -> [Entry] {
        let data = try JSONEncoder().encode(Configuration())
        var values: [String: String] = [:]
        flatten(try JSONDecoder().decode(JSONTree.self, from: data), "", into: &values)
        var entries: [Entry] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 3 else { continue }
            let path = fields[0].trimmingCharacters(in: .whitespaces)
            entries.append(Entry(path: path, value: values[canonical(path)] ?? "", unit: fields[1], meaning: fields[2]))
        }
        return entries
    }

    static var stages: [String] { Configuration.stageNames }

    /// `front_end.darkLevel` and `frontEnd.dark_level` are one.
    static func canonical(_ path: String) -> String { path.lowercased().filter { $0 != "_" && $0 != "-" } }

    /// Refuses `stage.option=value` with a stage or an option that does not exist, with the nearest one that does.
    static func check(_ setting: String) throws {
        guard let equals = setting.firstIndex(of: "=") else {
            throw PipelineError.usage("--set \(setting)", accepted: "stage.option=value, such as export.rate=30")
        }
        let path = String(setting[..<equals])
        let known = Set(try entries().map { canonical($0.path) })
        guard !known.contains(canonical(path)) else { return }
        throw unknown(path, in: "--set \(setting): ")
    }

    /// Why a path is none.
    static func unknown(_ path: String, in context: String = "") -> PipelineError {
        let stage = String(path.prefix { $0 != "." })
        guard let known = stages.first(where: { canonical($0) == canonical(stage) }) else {
            return .usage(
                "\(context)there is no stage \(stage)\(Suggestion.aside(stage, stages))", accepted: stages.joined(separator: ", "))
        }
        let inside = ((try? entries()) ?? []).map(\.path).filter { $0.hasPrefix("\(known).") }
        func last(_ path: String) -> String { String(path.split(separator: ".").last ?? "") }
        // The nearest whole path, else the option whose last word it is, wherever in the stage that lies.
        let near = Suggestion.nearest(path, inside) ?? inside.first { canonical(last($0)) == canonical(last(path)) }
        let groups = Set(inside.map { $0.split(separator: ".").prefix(2).joined(separator: ".") }).sorted()
        return .usage(
            "\(context)there is no option \(path)\(near.map { " (did you mean \($0)?)" } ?? "")", accepted: groups.joined(separator: ", "))
    }

    private static func flatten(_ tree: JSONTree, _ path: String, into values: inout [String: String]) {
        guard case .object(let members) = tree else {
            values[canonical(path)] = tree.text
            return
        }
        for (key, value) in members { flatten(value, path.isEmpty ? key : "\(path).\(key)", into: &values) }
    }
}

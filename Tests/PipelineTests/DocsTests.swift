import Foundation
import Testing

/// Holds the pages against the sources: what the program can write, say or take is found in them, and what they state is so.
@Suite struct DocsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func files(_ folder: String, _ suffix: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
    }

    private static var pages: [String] { ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md"] + files("docs", ".md") }

    /// The Swift sources under some folders, joined.
    private static func sources(_ folders: String...) throws -> String {
        try folders.flatMap { files("Sources/\($0)", ".swift") }.map { try read($0) }.joined(separator: "\n")
    }

    /// The raw values of an enum's cases.
    private static func cases(of name: String, in source: String) throws -> [String] {
        let start = try #require(source.range(of: "enum \(name): String"), "no enum \(name)")
        let body = source[start.upperBound...].prefix { $0 != "}" }
        return body.split(separator: "\n").flatMap { line -> [String] in
            guard let match = line.firstMatch(of: /^ *case ([a-zA-Z`].*)$/) else { return [] }
            return match.output.1.split(separator: ",").map { part in
                let words = part.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
                return words.count > 1 ? words[1].trimmingCharacters(in: ["\""]) : words[0]
            }
        }
    }

    /// Which of the texts a page lacks.
    private static func missing(_ texts: some Sequence<String>, in page: String) -> [String] {
        texts.filter { !page.contains($0) }.sorted()
    }

    // MARK: - Form

    @Test func readmeIsOneScreen() throws {
        let lines = try Self.read("README.md").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 121)
        for (n, line) in lines.enumerated() { #expect(line.count <= 140, "README.md line \(n + 1) has \(line.count) characters") }
    }

    @Test func everyLinkResolves() throws {
        func anchor(_ heading: Substring) -> String {
            let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            return kept.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: " ", with: "-")
        }
        var links = 0
        for page in Self.pages {
            let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
            for match in try Self.read(page).matches(of: /\]\(([^)\s]+)\)/) where !match.output.1.contains("://") {
                let parts = match.output.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                let target =
                    parts[0].isEmpty ? Self.root.appendingPathComponent(page) : folder.appendingPathComponent(parts[0]).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(match.output.1)")
                if parts.count > 1, let text = try? String(contentsOf: target, encoding: .utf8) {
                    let anchors = text.split(separator: "\n").compactMap { $0.firstMatch(of: /^#+ (.*)$/).map { anchor($0.output.1) } }
                    #expect(anchors.contains(parts[1]), "\(page): \(match.output.1): there is no such heading")
                }
                links += 1
            }
        }
        #expect(links > 30)
    }

    // MARK: - What the program writes

    /// Reasons as failures, the cutter, feasibility, curation and the dynamics split name them.
    static func reasons() throws -> Set<String> {
        let pipeline = try sources("Pipeline")
        var found = Set(pipeline.matches(of: /reason: "([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /[lL]abels\[\w+\] = (?:[^"\n]*)"([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /: "(position_spike|lost)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /rejection\(\s*[\w.]+, "\w+", "([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /(?:drop|leave)\(\w+, "([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /stage: Stage\.\w+\.rawValue, reason: "([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /(?:cuts\[i\]|unresolved) = (?:[^"\n]*)"([a-z_]+)"/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /(?:leave\([\w.\[\]]+|Stage\.name|file\.unit), "([a-z_]+)",/).map { String($0.output.1) })
        found.formUnion(pipeline.matches(of: /"(arm_collision)",/).map { String($0.output.1) })
        found.formUnion(try cases(of: "FeasibilityCheck", in: sources("Robot")))
        // Turned into a usage error by whoever sets options: no row ever says so.
        found.remove("option")
        return found
    }

    @Test func everyReasonHasItsRemedy() throws {
        let page = try Self.read("docs/troubleshooting.md")
        let reasons = try Self.reasons()
        for known in [
            "unreadable", "stabilised", "truncated", "no_scale", "not_localized", "lost", "idle", "uncertain", "position_spike",
            "too_short",
            "gripper_unknown", "finger_tags_hidden", "out_of_reach", "joint_velocity", "singularity", "not_kept", "labelled_mistake",
            "labelled_idle",
            "labelled_failure", "human_unresolved", "no_partner", "partner_failed", "one_sided", "picture_size", "failed",
        ] { #expect(reasons.contains(known), "the sources are no longer read right: \(known) is not among \(reasons.sorted())") }
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for reason in reasons.sorted() {
            let row = rows.first { $0.split(separator: "|")[0].contains("`\(reason)`") }
            #expect(row != nil, "\(reason) is not in docs/troubleshooting.md")
            if let row { #expect(row.split(separator: "|").count >= 3, "\(reason) has no remedy") }
        }
    }

    @Test func everyFileThatARunWritesIsListed() throws {
        let pages = ["outputs", "recorders", "human-removal", "review"]
        let page = try pages.map { try Self.read("docs/\($0).md") }.joined()
        let sources = try Self.sources("Pipeline", "Dataset", "Human", "griptrace", "Simulation")
        var names = Set(sources.matches(of: /appendingPathComponent\("([^"\\]+\.\w+)"/).map { String($0.output.1) })
        names.formUnion(sources.matches(of: /\.file\("([^"\\]+\.\w+)"\)/).map { String($0.output.1) })
        names.formUnion(
            sources.matches(of: /(?:static )?let \w+ = "([\w.-]+\.(?:csv|json|jsonl|bin|png|mov|mp4|jpg|yaml|html|svg|hdf5|parquet))"/).map
            { String($0.output.1) })
        names.formUnion(sources.matches(of: /to: "((?:meta\/)?[\w-]+\.(?:json|jsonl|md|parquet))"/).map { String($0.output.1) })
        #expect(names.count > 30)
        let missing = Self.missing(names.map { String($0.split(separator: "/").last ?? "") }, in: page)
        #expect(missing == [], "in no page")
    }

    @Test func everyColumnIsListed() throws {
        let page = try Self.read("docs/outputs.md")
        let sources = try Self.sources("Pipeline", "Session", "Simulation", "Robot")
        var columns: Set<String> = []
        for match in sources.matches(of: /[hH]eader(?:: \[String\])?(?: \{\s*|: | = )\[([^\]]*)\]/) {
            columns.formUnion(match.output.1.matches(of: /"([a-zA-Z][\w]*)"/).map { String($0.output.1) })
        }
        columns.formUnion(sources.matches(of: /"(annotation\.[\w]+|loss_weight)"/).map { String($0.output.1) })
        #expect(columns.count > 80)
        let keys = ["feasibility_margin", "filled_share"].map { "diagnostic.\($0)" } + ["robot0_eef_pos", "robot0_gripper_width"]
        let missing = Self.missing(columns.map { "`\($0)`" } + keys, in: page)
        #expect(missing == [], "not in docs/outputs.md")
    }

    @Test func everyCodeIsListed() throws {
        let outputs = try Self.read("docs/outputs.md")
        let human = try Self.sources("Human")
        for name in ["Provenance", "PixelClass"] {
            let start = try #require(human.range(of: "public enum \(name): UInt8"))
            let body = human[start.upperBound...].prefix { $0 != "}" }
            let cases = body.matches(of: /case (\w+) = (\d+)/)
            #expect(cases.count >= 5)
            let missing = Self.missing(cases.map { "\($0.output.2) `\($0.output.1)`" }, in: outputs)
            #expect(missing == [], "\(name)")
        }
        let words = try Self.cases(of: "Status", in: Self.sources("Pipeline")) + Self.cases(of: "FrameState", in: Self.sources("Session"))
        let missing = Self.missing(words.map { "`\($0)`" }, in: outputs)
        #expect(missing == [], "not in docs/outputs.md")
        let schemas = try Self.sources("Pipeline", "Dataset", "Human").matches(of: /"(griptrace\.[a-z]+\.v\d)"/).map { String($0.output.1) }
        let unsaid = try Self.missing(schemas, in: outputs + Self.read("docs/human-removal.md") + Self.read("docs/review.md"))
        #expect(unsaid == [], "in no page")
    }

    // MARK: - What the program takes

    /// Names as ArgumentParser makes them from the declarations.
    @Test func everyCommandAndOptionIsInUsage() throws {
        let page = try Self.read("docs/usage.md")
        let sources = try Self.sources("griptrace")
        var names = Set(sources.matches(of: /customLong\("([\w-]+)"\)/).map { String($0.output.1) })
        let declared = sources.matches(of: /@(?:Option(?!Group)|Flag)((?:[^@]|\n)*?)\bvar (\w+)/)
        for match in declared where !match.output.1.contains("customLong") {
            names.insert(match.output.2.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) })
        }
        #expect(names.count > 45)
        let missing = Self.missing(names.map { "--\($0)" }, in: page)
        #expect(missing == [], "not in docs/usage.md")
        for match in sources.matches(of: /struct (\w+): (?:Async)?ParsableCommand/) where match.output.1 != "GripTrace" {
            let body = sources[match.range.upperBound...].prefix(400)
            let named = body.prefix(200).firstMatch(of: /commandName: "([\w-]+)"/).map { String($0.output.1) }
            let name = named ?? match.output.1.lowercased()
            let isThere = page.contains("griptrace \(name)") || page.contains("griptrace calibrate \(name)") || page.contains("`\(name)`")
            #expect(isThere, "the command \(name) is not in docs/usage.md")
        }
    }

    @Test func everyExitCodeIsInUsage() throws {
        let page = try Self.read("docs/usage.md")
        let codes = page.split(separator: "\n").filter { $0.firstMatch(of: /^\| [\d, ]+ \|/) != nil }.joined(separator: " ")
        let missing = Self.missing([0, 1, 2, 64, 129, 130, 143].map { "\($0)" }, in: codes)
        #expect(missing == [])
    }

    /// Options that pages name exist: `stage.option` with or without a group between.
    @Test func optionsThatPagesNameExist() throws {
        let lines = try Self.read("Sources/griptrace/OptionDocs.swift").split(separator: "\n").compactMap { line in
            line.split(separator: "\t").first.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let paths = Set(lines.filter { $0.firstMatch(of: /^[a-z_]+\.[a-z_.]+$/) != nil })
        #expect(paths.count > 400)
        let unlisted = try Self.missing(paths.map { "`\($0)`" }, in: Self.read("docs/options.md"))
        #expect(unlisted == [], "not in docs/options.md; run `make option-docs`")
        let stages = Set(paths.map { String($0.prefix { $0 != "." }) })
        for page in Self.pages where page != "CHANGELOG.md" && page != "docs/options.md" {
            for match in try Self.read(page).matches(of: /`(?:--set )?([a-z_]+)\.([a-z_.]*[a-z_])(?:=[^`]*)?(…)?`/) {
                let (stage, option) = (String(match.output.1), String(match.output.2))
                guard stages.contains(stage), !["csv", "json", "md", "yaml", "bin", "tum", "mov", "py"].contains(option) else { continue }
                let known = paths.contains("\(stage).\(option)") || paths.contains { $0.hasPrefix("\(stage).\(option).") }
                #expect(known, "\(page): there is no option \(stage).\(option)")
            }
        }
    }

    // MARK: - What the pages state

    private struct Figures: Decodable {
        struct Figure: Decodable {
            var value: String
            var unit: String
            var command: String
            var commit: String
            var date: String
        }

        struct Output: Decodable {
            var lines: [String]
            var command: String
        }

        var figures: [String: Figure]
        var outputs: [String: Output]
    }

    @Test func figuresComeFromTheFileThatBenchmarksWrite() throws {
        let data = try Data(contentsOf: Self.root.appendingPathComponent("Benchmarks/figures.json"))
        let known = try JSONDecoder().decode(Figures.self, from: data)
        for (name, figure) in known.figures {
            #expect(
                !figure.command.isEmpty && figure.date.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil && figure.commit != "unknown", "\(name)")
        }
        var stated = 0
        for page in ["README.md"] + Self.files("docs", ".md") {
            let text = try Self.read(page)
            for match in text.matches(of: /<!-- figure:([\w.-]+) -->(.*?)<!-- \/figure -->/) {
                let figure = try #require(known.figures[String(match.output.1)], "\(page): \(match.output.1)")
                let space = figure.unit.isEmpty || figure.unit == "°" ? "" : " "
                #expect(match.output.2 == "\(figure.value)\(space)\(figure.unit)", "\(page): \(match.output.1); run `make figures`")
                stated += 1
            }
            for match in text.matches(of: /<!-- output:([\w.-]+) -->\n```\n((?:.|\n)*?)\n```\n<!-- \/output -->/) {
                let output = try #require(known.outputs[String(match.output.1)], "\(page): \(match.output.1)")
                #expect(match.output.2 == output.lines.joined(separator: "\n"), "\(page): \(match.output.1); run `make figures`")
            }
        }
        #expect(stated > 80)
    }

    /// A measured number outside of a mark would drift.
    @Test func noPageStatesAFigureOfItsOwn() throws {
        func unmarked(_ text: some StringProtocol) -> String {
            String(text).replacing(/<!-- figure:[\w.-]+ -->.*?<!-- \/figure -->/, with: "").replacing(/`[^`]*`/, with: "")
        }
        for line in try Self.read("docs/results.md").split(separator: "\n") where line.hasPrefix("| ") && !line.hasPrefix("| what") {
            let cells = line.split(separator: "|").map { unmarked($0) }
            #expect(cells.count == 3)
            let allowed = cells[1].replacing(/960x720|480x360|95 % of frames|0\.5 dB below/, with: "").replacing(/xArm7|room\d/, with: "")
            #expect(allowed.firstMatch(of: /\d/) == nil, "docs/results.md: \(cells[1])")
        }
        var fenced = false
        for line in try Self.read("README.md").split(separator: "\n") {
            if line.hasPrefix("```") { fenced.toggle() }
            guard !fenced, !line.hasPrefix("    ") else { continue }
            let number = unmarked(line).firstMatch(of: /\d(?:[\d.,]*\d)? ?(?:mm|ms|dB|MiB|°|%|minutes?|core-seconds|µs)/)
            #expect(number == nil, "README.md: \(line)")
        }
    }

    // MARK: - Modules

    @Test func arrowsOfTheArchitectureAreThoseOfTheImportsAndThePackage() throws {
        let page = try Self.read("docs/architecture.md")
        let block = try #require(page.firstMatch(of: /```modules\n((?:.|\n)*?)\n```/)).output.1
        var stated: [String: Set<String>] = [:]
        for line in block.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            stated[String(parts[0])] = Set(parts[1].split(separator: " ").map(String.init))
        }
        let own = Set(stated.keys)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Sources").path)
        #expect(own == Set(folders.filter { !$0.hasPrefix(".") && !["Python", "Web"].contains($0) }))
        let package = try Self.read("Package.swift")
        for (module, arrows) in stated where !["CNative", "CMuJoCo", "CBuild"].contains(module) {
            let imported = try Self.sources(module).matches(
                of: /(?m)^ *(?:(?:public|package|internal|private|fileprivate|@testable|@_exported) )*import (\w+)/)
            #expect(arrows == Set(imported.map { String($0.output.1) }).intersection(own), "imports of \(module)")
            let pattern =
                module == "griptrace"
                ? "name: \"griptrace\",\\s*dependencies: \\[((?:.|\\n)*?)\\]" : "\"\(module)\",\\s*\\[((?:.|\\n)*?)\\]"
            let declared = try #require(package.firstMatch(of: try Regex<(Substring, Substring)>(pattern)), "\(module) in Package.swift")
            let names = declared.output.1.matches(of: /"(\w+)"/).map { String($0.output.1) }
            #expect(arrows == Set(names).intersection(own), "dependencies of \(module) in Package.swift")
        }
        for (a, b) in [
            ("Mapping", "Robot"), ("Mapping", "Human"), ("Mapping", "Dataset"), ("Robot", "Human"), ("Robot", "Dataset"),
            ("Human", "Dataset"),
        ] {
            #expect(stated[a]?.contains(b) == false && stated[b]?.contains(a) == false, "\(a) and \(b)")
        }
    }

    /// A newcomer finds a file among at most twenty.
    @Test func noFolderOfSourcesIsFlatAndLong() throws {
        let folders = Dictionary(grouping: Self.files("Sources", ".swift")) { $0.split(separator: "/").dropLast().joined(separator: "/") }
        for (folder, files) in folders {
            #expect(files.count <= 20, "\(folder) holds \(files.count) files")
        }
    }
}

internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import Session

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts two conversions side by side: what changed, and for which demonstrations.",
        discussion: """
            Two output folders of convert, of the same recordings: another arm, another base, other options, another version.

              griptrace compare sessions/monday-converted sessions/monday-ur5e
            """)

    @Argument(help: "An output folder of convert.", completion: .directory)
    var first: String

    @Argument(help: "The other one.", completion: .directory)
    var second: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            let (a, b) = (try FinishedConversion(URL(fileURLWithPath: first)), try FinishedConversion(URL(fileURLWithPath: second)))
            for line in ConversionDifference(a, b).lines { Console.line(line) }
        }
    }
}

/// What is not the same in two conversions.
struct ConversionDifference {
    let a: FinishedConversion
    let b: FinishedConversion

    init(_ a: FinishedConversion, _ b: FinishedConversion) { (self.a, self.b) = (a, b) }

    var lines: [String] {
        var lines = [
            "A: \(a.folder.path) (\(a.report.arm), \(a.report.device))", "B: \(b.folder.path) (\(b.report.arm), \(b.report.device))",
            "frames in the data set: A \(a.report.frames.output) of \(a.report.frames.input), B \(b.report.frames.output) of \(b.report.frames.input)",
        ]
        lines += reasons + settings
        let (inA, inB) = (Set(a.demos.map(\.unit)), Set(b.demos.map(\.unit)))
        for unit in inA.subtracting(inB).sorted() { lines.append("\(unit): only in A") }
        for unit in inB.subtracting(inA).sorted() { lines.append("\(unit): only in B") }
        var same = 0
        for demo in a.demos {
            guard let other = b.demos.first(where: { $0.unit == demo.unit }) else { continue }
            let changes = changes(demo, other)
            if changes.isEmpty { same += 1 } else { lines += ["\(demo.unit):"] + changes.map { "  \($0)" } }
        }
        return lines + ["\(same) demonstrations are the same in both"]
    }

    /// Frames left out by reason.
    private var reasons: [String] {
        func sums(_ conversion: FinishedConversion) -> [String: Int] {
            let demos = Set(conversion.demos.map(\.unit))
            return conversion.rejections.filter { demos.contains($0["unit"] ?? "") }.reduce(into: [:]) { sums, row in
                guard let first = Int(row["first_frame"] ?? ""), let end = Int(row["end_frame"] ?? ""), end >= first else { return }
                sums[row["reason"] ?? "", default: 0] += end - first
            }
        }
        let (left, right) = (sums(a), sums(b))
        return Set(left.keys).union(right.keys).sorted().filter { left[$0] != right[$0] }.map {
            "left out as \($0): A \(left[$0] ?? 0), B \(right[$0] ?? 0) frames"
        }
    }

    private func changes(_ x: RecordingReport, _ y: RecordingReport) -> [String] {
        var out: [String] = []
        if x.status != y.status { out.append("status: \(x.status.rawValue) → \(y.status.rawValue)") }
        if x.frames != y.frames {
            out.append("frames in the data set: \(x.frames.output) of \(x.frames.input) → \(y.frames.output) of \(y.frames.input)")
        }
        if x.verdict != y.verdict { out += ["verdict: \(x.verdict)", "      → \(y.verdict)"] }
        for figure in x.figures {
            guard let other = y.figures.first(where: { $0.name == figure.name }) else { continue }
            // Below a hundredth nobody would act on it.
            guard abs(figure.value - other.value) > 0.01 * max(abs(figure.value), abs(other.value)) else { continue }
            out.append("\(figure.name.replacing("_", with: " ")): \(figure.value.fixed(3)) → \(other.value.fixed(3)) \(figure.unit)")
        }
        return out
    }

    /// Versions of stages and their options, where the artefacts are still there.
    private var settings: [String] {
        let (left, right) = (stages(a), stages(b))
        return Set(left.keys).intersection(right.keys).sorted().flatMap { stage -> [String] in
            guard let x = left[stage], let y = right[stage] else { return [] }
            var out: [String] = []
            if x.version != y.version { out.append("stage \(stage): version \(x.version) → \(y.version)") }
            for key in Set(x.options.keys).union(y.options.keys).sorted() where x.options[key] != y.options[key] {
                out.append("option \(stage).\(key): \(x.options[key] ?? "absent") → \(y.options[key] ?? "absent")")
            }
            return out
        }
    }

    private struct Manifest: Decodable {
        var version: Int
        var options: String
    }

    /// Of one unit of each stage: all have the same options.
    private func stages(_ conversion: FinishedConversion) -> [String: (version: Int, options: [String: String])] {
        let files = FileManager.default
        let work = conversion.folder.appendingPathComponent("work/\(conversion.report.session)")
        var out: [String: (version: Int, options: [String: String])] = [:]
        for stage in (try? files.contentsOfDirectory(atPath: work.path)) ?? [] {
            let folder = work.appendingPathComponent(stage)
            for unit in ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() {
                let file = folder.appendingPathComponent(unit).appendingPathComponent("manifest.json")
                guard let manifest = try? JSONText.decode(Manifest.self, from: file) else { continue }
                let options = (try? JSONSerialization.jsonObject(with: Data(manifest.options.utf8), options: [.fragmentsAllowed])) ?? [:]
                out[stage] = (manifest.version, Self.flat(options, ""))
                break
            }
        }
        return out
    }

    private static func flat(_ value: Any, _ path: String) -> [String: String] {
        guard let members = value as? [String: Any] else { return [path: "\(value)"] }
        return members.reduce(into: [:]) { out, member in
            out.merge(flat(member.value, path.isEmpty ? member.key : "\(path).\(member.key)")) { a, _ in a }
        }
    }
}

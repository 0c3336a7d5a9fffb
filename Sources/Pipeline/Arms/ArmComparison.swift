internal import Foundation
internal import Robot
internal import Session

/// One session for several arms, in one table: `report.json` and `arms.csv` of a run for several arms, and what its page and the terminal show.
public struct ArmComparison: Codable, Sendable, Equatable {
    /// Changes when a reader of `report.json` must.
    static let schema = "griptrace.arms.v1"
    static let table = "arms.csv"

    public var schema = ArmComparison.schema
    public var session: String
    public var device: String
    /// In the order of the command.
    public var arms: [ArmFigures]

    public init(session: String, device: String, arms: [ArmFigures]) { (self.session, self.device, self.arms) = (session, device, arms) }

    // MARK: For programs

    private static let header = [
        "arm", "fault", "frames_in", "frames_exported", "frames_rejected", "episodes", "episodes_home_family", "episodes_other_family",
        "episodes_own_posture", "frames_retimed", "least_margin", "least_margin_check", "tool_error_median_mm", "tool_error_p99_mm",
        "tool_error_worst_mm", "tool_error_median_deg", "tool_error_p99_deg", "tool_error_worst_deg",
    ]

    /// Every reason for which some arm left frames out.
    private var reasons: [String] { Set(arms.flatMap(\.rejected.keys)).sorted() }

    /// A row for each arm; the columns after the fixed ones are a check's least margin and a reason's frames.
    var csv: CSVTable {
        let checks = FeasibilityCheck.allCases.map(\.rawValue)
        let reasons = reasons
        let rows = arms.map { arm -> [String] in
            func spread(_ spread: ArmFigures.Spread?, _ scale: Double) -> [String] {
                spread.map { [$0.median, $0.high, $0.worst].map { ($0 * scale).fixed(4) } } ?? ["", "", ""]
            }
            var row = [arm.arm, arm.fault]
            for count in [
                arm.frames.input, arm.frames.output, arm.frames.rejected, arm.episodes, arm.homeEpisodes, arm.otherFamilyEpisodes,
                arm.ownPostureEpisodes, arm.retimedFrames,
            ] { row.append("\(count)") }
            row += [arm.nearest?.margin.fixed(6) ?? "", arm.nearest?.check ?? ""]
            row += spread(arm.positionError, 1000)
            row += spread(arm.rotationError, 180 / .pi)
            row += checks.map { arm.leastMargins[$0]?.fixed(6) ?? "" }
            row += reasons.map { "\(arm.rejected[$0] ?? 0)" }
            return row
        }
        return CSVTable(header: Self.header + checks.map { "margin_\($0)" } + reasons.map { "rejected_\($0)" }, rows: rows)
    }

    // MARK: For people

    /// A label and what there is to say of each arm.
    typealias Row = (label: String, cells: [String])

    /// What is compared, row by row.
    var rows: [Row] {
        var rows: [Row] = []
        func add(_ label: String, _ cell: (ArmFigures) -> String) {
            let cells = arms.map(cell)
            if cells.contains(where: { !$0.isEmpty }) { rows.append((label, cells.map { $0.isEmpty ? "-" : $0 })) }
        }
        add("demo frames") { "\($0.frames.input)" }
        add("exported") { arm in
            "\(arm.frames.output) (\((100 * Double(arm.frames.output) / Double(max(arm.frames.input, 1))).fixed(1)) %)"
        }
        for reason in reasons { add("left out: \(reason)") { $0.rejected[reason].map(String.init) ?? "0" } }
        add("at another speed") { "\($0.retimedFrames)" }
        add("episodes") { "\($0.episodes)" }
        add("in the home family") { $0.leastMargins.isEmpty ? "" : "\($0.homeEpisodes)" }
        add("in another family") { $0.otherFamilyEpisodes > 0 ? "\($0.otherFamilyEpisodes)" : "" }
        add("in postures of their own") { $0.ownPostureEpisodes > 0 ? "\($0.ownPostureEpisodes)" : "" }
        for check in FeasibilityCheck.allCases {
            add("least margin: \(check.rawValue)") { $0.leastMargins[check.rawValue]?.fixed(3) ?? "" }
        }
        add("tool from recorded, mm") { Self.text($0.positionError, 1000) }
        add("tool from recorded, deg") { Self.text($0.rotationError, 180 / .pi) }
        add("went wrong") { $0.fault }
        return rows
    }

    private static func text(_ spread: ArmFigures.Spread?, _ scale: Double) -> String {
        spread.map { "\(($0.median * scale).fixed(2)), 99 %: \(($0.high * scale).fixed(2))" } ?? ""
    }

    /// The table as lines of text, a column for each arm.
    public var lines: [String] {
        // What went wrong is a sentence: it has no column.
        let rows = [(label: "arm", cells: arms.map(\.arm))] + self.rows.filter { $0.label != "went wrong" }
        let label = rows.map(\.label.count).max() ?? 0
        let widths = arms.indices.map { k in rows.map { $0.cells[k].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row.cells, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
            return (row.label + String(repeating: " ", count: label - row.label.count) + "  " + cells.joined(separator: "  "))
        } + arms.filter { !$0.fault.isEmpty }.map { "\($0.arm): \($0.fault)" }
    }

    /// `report.html`: the table, and links to each arm's own report.
    var page: String {
        var out = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>GripTrace: \(session.markupEscaped)</title>
            <style>\(ReportPage.style)</style></head><body><main>
            <h1>\(session.markupEscaped)</h1>
            <div class="m">device \(device.markupEscaped), \(arms.count) arms; the same in <code>\(Self.table)</code></div>
            <table><tr><th></th>

            """
        for arm in arms {
            let name = arm.arm.markupEscaped
            let link = "<a href=\"\(name)/report.html\">\(name)</a>"
            out += "<th>\(arm.fault.isEmpty ? link : "\(name) <span class=\"b failed\">failed</span>")</th>"
        }
        out += "</tr>\n"
        for row in rows {
            out += "<tr><th>\(row.label.replacing("_", with: " ").markupEscaped)</th>"
            for cell in row.cells { out += "<td class=\"n\">\(cell.markupEscaped)</td>" }
            out += "</tr>\n"
        }
        return out + """
            </table>
            <p class="m">A margin is 1 far from its limit and 0 at it, the least over all frames that are exported. The tool is where the
            exported joints put it, against where it was recorded: median, and what 99 of 100 frames do not exceed.</p>
            </main></body></html>

            """
    }
}

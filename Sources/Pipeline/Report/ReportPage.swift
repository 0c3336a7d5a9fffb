internal import Human
internal import Session

/// What the page shows of one recording beyond its part of the report: drawings and strips of pictures.
struct RecordingPictures: Sendable {
    var path = ""
    /// The path coloured by how near it comes to a limit.
    var margins = ""
    /// JPEG strips (before, mask, after) as base64, with a caption.
    var strips: [(caption: String, jpegBase64: String)] = []
    /// Height over width of a strip.
    var stripAspect = 0.0
}

/// `report.html`: one file, no scripts, nothing loaded from elsewhere. Pictures and curves are on the review page that it links to.
enum ReportPage {
    static func html(_ report: RunReport, pictures: [String: RecordingPictures], rejections: [Rejection]) -> String {
        var out = head(report)
        out += summary(report)
        for recording in report.recordings {
            out += section(recording, pictures[recording.unit] ?? RecordingPictures(), rejections.filter { $0.unit == recording.unit })
        }
        return out + "</main></body></html>\n"
    }

    private static func head(_ report: RunReport) -> String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>GripTrace: \(report.session.markupEscaped)</title>
        <style>\(style)</style></head><body><main>
        <h1>\(report.session.markupEscaped)</h1>
        <div class="m">device \(report.device.markupEscaped), arm \(report.arm.markupEscaped)</div>
        <p><b><a href="review/index.html">Review page</a></b>: videos, joints against their limits, the path in space; sorted, filtered, judged.</p>

        """
    }

    static let style = """

        body{font:14px/1.45 system-ui,sans-serif;color:#222;background:#fff;margin:0}
        main{max-width:940px;margin:0 auto;padding:20px}
        h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:34px 0 6px;border-top:1px solid #ddd;padding-top:16px}
        table{border-collapse:collapse;margin:8px 0}td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}th{color:#666;font-weight:600}
        td.n{text-align:right;font-variant-numeric:tabular-nums}
        .b{display:inline-block;padding:1px 8px;border-radius:9px;color:#fff;font-size:12px;vertical-align:middle}
        .converted,.used{background:#3a9d5d}.partly{background:#e08e2b}.rejected{background:#a14a8a}.failed{background:#a11d1d}
        .k{display:inline-block;width:10px;height:10px;margin:0 4px 0 12px;border-radius:2px}
        .m{color:#666}svg{max-width:100%;height:auto}

        """

    private static func summary(_ report: RunReport) -> String {
        let f = report.frames
        let share = f.input > 0 ? 100 * Double(f.output) / Double(f.input) : 0
        var out = "<p><b>\(f.output)</b> of <b>\(f.input)</b> demo frames are in the data set (\(share.fixed(1)) %); "
        out += "\(f.rejected) are not, each with its reason below and in <code>rejections.csv</code>.</p>"
        if let set = report.dataSets.first, set.frames != f.output {
            out += "<p class=\"m\">\(set.path.markupEscaped) has \(set.frames) rows for them: rows are on a grid of \(set.rate) Hz, "
            out += "and a stretch that is played slower than it was recorded has more rows than frames.</p>"
        }
        var bar = SVG(width: 900, height: 14)
        bar.rectangle(x: 0, y: 0, width: 900 * share / 100, height: 14, fill: ReportPlots.colour("exported"))
        bar.rectangle(x: 900 * share / 100, y: 0, width: 900 * (1 - share / 100), height: 14, fill: "#ccc")
        out += bar.document
        out += "<table><tr><th>recording</th><th>role</th><th></th><th>frames</th><th>out</th><th>rejected</th><th>verdict</th></tr>"
        for r in report.recordings {
            out +=
                "<tr><td><a href=\"#\(r.unit.markupEscaped)\">\(r.unit.markupEscaped)</a></td><td>\(r.role.rawValue)</td><td>\(badge(r.status))</td>"
            out += "<td class=\"n\">\(r.frames.input)</td><td class=\"n\">\(r.frames.output)</td><td class=\"n\">\(r.frames.rejected)</td>"
            out += "<td>\(r.verdict.markupEscaped)</td></tr>"
        }
        out += "</table>"
        for set in report.dataSets {
            out +=
                "<div>\(set.format): <code>\(set.path.markupEscaped)</code>, \(set.episodes) episodes, \(set.frames) frames at \(set.rate) Hz</div>"
        }
        for fault in report.faults { out += "<div><b>⚠ \(fault.markupEscaped)</b></div>" }
        for note in report.notes { out += "<div class=\"m\">\(note.markupEscaped)</div>" }
        if !report.ignoredFiles.isEmpty {
            out += "<div class=\"m\">not recordings: \(report.ignoredFiles.joined(separator: ", ").markupEscaped)</div>"
        }
        return out
    }

    private static func section(_ r: RecordingReport, _ pictures: RecordingPictures, _ rejections: [Rejection]) -> String {
        var out = "<h2 id=\"\(r.unit.markupEscaped)\">\(r.unit.markupEscaped) \(badge(r.status))</h2>"
        out += "<div class=\"m\">\(r.video.markupEscaped)</div>"
        if !r.verdict.isEmpty { out += "<p>\(r.verdict.markupEscaped)</p>" }
        for problem in r.problems { out += "<div class=\"m\">⚠ \(problem.markupEscaped)</div>" }
        for finding in r.findings { out += "<div class=\"m\">✓ \(finding.markupEscaped)</div>" }
        if !r.timeline.isEmpty {
            out += ReportPlots.timeline(r)
            var seen: [String] = []
            for span in r.timeline where !seen.contains(span.label) { seen.append(span.label) }
            out += "<div class=\"m\">"
            for label in seen {
                out += "<span class=\"k\" style=\"background:\(ReportPlots.colour(label))\"></span>\(label.replacing("_", with: " "))"
            }
            out += "</div>"
        }
        if !rejections.isEmpty {
            out += "<table><tr><th>left out</th><th>frames</th><th>seconds</th><th>why</th></tr>"
            for x in rejections {
                out +=
                    "<tr><td>\(x.reason.replacing("_", with: " ").markupEscaped)</td><td>\(x.firstFrame)–\(max(x.firstFrame, x.endFrame - 1))</td>"
                out += "<td>\(x.startSeconds.fixed(2))–\(x.endSeconds.fixed(2))</td><td>\(x.detail.markupEscaped)</td></tr>"
            }
            out += "</table>"
        }
        if !r.spikes.isEmpty {
            let list = r.spikes.map { "\($0.frame) (\((1000 * $0.step).fixed(1)) mm\($0.isRepaired ? "" : ", cut"))" }.joined(
                separator: ", ")
            out += "<p>\(r.spikes.count) position spikes, after frame: \(list)</p>"
        }
        if !r.figures.isEmpty {
            out += "<table><tr>"
            for (i, f) in r.figures.enumerated() {
                if i > 0, i % 3 == 0 { out += "</tr><tr>" }
                out +=
                    "<th>\(f.name.replacing("_", with: " ").markupEscaped)</th><td class=\"n\">\(number(f.value)) \(f.unit.markupEscaped)</td>"
            }
            out += "</tr></table>"
        }
        out += pictures.path
        out += pictures.margins
        if let shares = r.provenance { out += provenance(shares) }
        return out
    }

    /// A bar of where the exported pixels come from, its shares beside their colours.
    private static func provenance(_ shares: [String: Double]) -> String {
        let colours = ["original": "#b9c4cf", "observed": "#3a9d5d", "propagated": "#8fbf5a", "invented": "#d9822b", "rendered": "#7a55c7"]
        var bar = SVG(width: 900, height: 14)
        var x = 0.0
        var legend = "<div class=\"m\">exported pixels:"
        for kind in Provenance.allCases {
            let (name, share) = ("\(kind)", shares["\(kind)"] ?? 0)
            bar.rectangle(x: x, y: 0, width: 900 * share, height: 14, fill: colours[name] ?? "#ccc")
            x += 900 * share
            legend +=
                "<span class=\"k\" style=\"background:\(colours[name] ?? "#ccc")\"></span>\(name) \((100 * share).fixed(share < 0.01 && share > 0 ? 3 : 1)) %"
        }
        return legend + "</div>" + bar.document
    }

    private static func badge(_ status: RecordingReport.Status) -> String {
        "<span class=\"b \(status.rawValue)\">\(status.rawValue)</span>"
    }

    static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e7 { return value.fixed(0) }
        return value.fixed(abs(value) < 1 ? 3 : abs(value) < 100 ? 2 : 1)
    }
}

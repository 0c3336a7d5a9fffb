internal import Geometry
internal import Robot
internal import Session

/// Drawings of the arm's verdict: the path by its margin, each check over time.
extension ReportPlots {
    /// Red at and beyond a limit, through amber, to green where half of the way to it or more is left; grey where nothing is known.
    static func colour(margin: Double?) -> String {
        guard let margin else { return "#cfcabd" }
        if margin < 0 { return "#a11d1d" }
        let steps = ["#d9482b", "#e07b2f", "#e3a33a", "#d6bd45", "#a9b84a", "#74ab53", "#3a9d5d"]
        return steps[min(steps.count - 1, Int(margin / 0.5 * Double(steps.count - 1)))]
    }

    /// The tool's path from above coloured by the least margin of all checks, and the margin of each check over time.
    static func margins(_ tool: Trajectory<Table, Tool>, episodes: [FrameSpan], verdicts: [FeasibilityVerdict]) -> String {
        guard let first = episodes.first, let last = episodes.last, last.end > first.first + 1 else { return "" }
        let checks = FeasibilityCheck.allCases.filter { check in
            verdicts.contains {
                $0.kept.margins.contains { $0.check == check && $0.worst != nil } || $0.recorded.spans.contains { $0.check == check }
            }
        }
        let side = 300.0
        let row = min(22, side / Double(max(1, checks.count)))
        var svg = SVG(width: 900, height: side + 30)
        svg.rectangle(x: 10, y: 10, width: side, height: side, fill: "#f6f4ee")
        let frames = episodes.flatMap { Array($0.first..<$0.end) }
        var low = tool.poses[first.first].translation
        var high = low
        for i in frames {
            low = pointwiseMin(low, tool.poses[i].translation)
            high = pointwiseMax(high, tool.poses[i].translation)
        }
        let scale = (side - 24) / max(high.x - low.x, high.y - low.y, 0.05)
        let (midX, midY) = (0.5 * (low.x + high.x), 0.5 * (low.y + high.y))
        func above(_ p: Vector3) -> (Double, Double) { (10 + side / 2 + (p.x - midX) * scale, 10 + side / 2 - (p.y - midY) * scale) }
        let t0 = tool.times[first.first].seconds
        let t1 = max(tool.times[last.end - 1].seconds, t0 + 1e-3)
        let (left, width) = (470.0, 410.0)
        func x(_ t: Double) -> Double { left + (t - t0) / (t1 - t0) * width }
        for (n, check) in checks.enumerated() {
            let y = 10 + Double(n) * row
            let worst = verdicts.compactMap { v in v.kept.margins.first { $0.check == check }?.worst }.min()
            svg.text(check.rawValue.replacing("_", with: " "), x: 330, y: y + row - 8, size: 10, fill: "#444")
            svg.text(worst.map { "\((100 * $0).fixed(0)) %" } ?? "", x: left - 8, y: y + row - 8, size: 10, anchor: "end", fill: "#666")
        }
        for (span, verdict) in zip(episodes, verdicts) {
            let least = (0..<span.count).map { i in
                verdict.kept.reasons[i] == nil ? verdict.kept.margins.compactMap { $0.values[i] }.min() : -1
            }
            for run in runs(least.map { colour(margin: $0) }) {
                let end = min(run.range.upperBound, span.count - 1)
                svg.polyline(
                    (run.range.lowerBound...end).map { above(tool.poses[span.first + $0].translation) }, stroke: run.colour, width: 2.5)
            }
            for (n, check) in checks.enumerated() {
                let values = verdict.kept.margins.first { $0.check == check }?.values ?? []
                for run in runs(
                    (0..<span.count).map { i in
                        verdict.kept.reasons[i] == check ? colour(margin: -1) : colour(margin: i < values.count ? values[i] : nil)
                    })
                {
                    let from = x(tool.times[span.first + run.range.lowerBound].seconds)
                    let to = x(tool.times[min(span.first + run.range.upperBound, span.end - 1)].seconds)
                    svg.rectangle(
                        x: from, y: 12 + Double(n) * row, width: max(to - from, 0.7), height: row - 4, fill: run.colour,
                        title: check.rawValue)
                }
            }
        }
        svg.text(
            "the path from above by its least margin: red none, green half of the limit or more", x: 10, y: side + 25, size: 10,
            fill: "#666")
        svg.text("margin of each check over time, with the least", x: 470, y: side + 25, size: 10, fill: "#666")
        return svg.document
    }

    private static func runs(_ colours: [String]) -> [(colour: String, range: Range<Int>)] {
        var out: [(colour: String, range: Range<Int>)] = []
        for (i, colour) in colours.enumerated() {
            if let last = out.last, last.colour == colour {
                out[out.count - 1].range = last.range.lowerBound..<i + 1
            } else {
                out.append((colour, i..<i + 1))
            }
        }
        return out
    }
}

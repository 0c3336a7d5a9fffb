internal import Geometry
internal import Robot
internal import Session

/// Drawings of the arm's verdict: the path by its margin, each check over time, each joint against its limits.
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

    /// Each joint over the recording's time between its limits (grey as solved, blue as exported), and below it the shares of the limits on velocity
    /// (orange), torque (violet) and acceleration (brown) that the exported motion uses.
    static func joints(_ path: JointPath, verdict: FeasibilityVerdict, kinematics: Kinematics) -> String {
        let arm = kinematics.arm
        let columns = 4
        let cell = (width: 225.0, height: 158.0)
        let rows = (arm.joints.count + columns - 1) / columns
        var svg = SVG(width: cell.width * Double(columns), height: cell.height * Double(rows) + 16)
        guard let first = path.times.first, let last = path.times.last, last > first else { return "" }
        let motions = verdict.paths.map { shares($0, kinematics) }
        for (j, joint) in arm.joints.enumerated() {
            let x0 = Double(j % columns) * cell.width + 4
            let y0 = Double(j / columns) * cell.height + 16
            let (w, h, low) = (cell.width - 12, 84.0, 40.0)
            func x(_ t: Timestamp<VideoClock>) -> Double { x0 + w * (t - first) / (last - first) }
            svg.rectangle(x: x0, y: y0, width: w, height: h, fill: "#f6f4ee")
            svg.rectangle(x: x0, y: y0 + h + 4, width: w, height: low, fill: "#f6f4ee")
            let pad = 0.05 * (joint.upper - joint.lower)
            func y(_ q: Double) -> Double {
                y0 + h
                    * (1 - (min(max(q, joint.lower - pad), joint.upper + pad) - joint.lower + pad) / (joint.upper - joint.lower + 2 * pad))
            }
            for limit in [joint.lower, joint.upper] { svg.line((x0, y(limit)), (x0 + w, y(limit)), stroke: "#c0392b", dash: "3 2") }
            let stride = max(1, path.count / 300)
            svg.polyline(
                Swift.stride(from: 0, to: path.count, by: stride).map { (x(path.times[$0]), y(path[$0][path[$0].startIndex + j])) },
                stroke: "#b9b4a7", width: 1)
            let base = y0 + h + 4 + low
            svg.line((x0, base - low / 1.15), (x0 + w, base - low / 1.15), stroke: "#c0392b", dash: "3 2")
            for motion in motions {
                svg.polyline(motion.map { (x($0.source), y($0.joints[j])) }, stroke: "#2a6f97")
                for (kind, stroke) in [(1, "#8a6d3b"), (2, "#7b4fb0"), (0, "#e0762f")] {
                    let points = motion.compactMap { row in
                        row.shares[3 * j + kind].map { (x(row.source), base - min($0, 1.15) * low / 1.15) }
                    }
                    svg.polyline(points, stroke: stroke, width: 1)
                }
            }
            svg.text("\(joint.name)  \(joint.lower.fixed(2)) … \(joint.upper.fixed(2))", x: x0, y: y0 - 4, size: 10, fill: "#555")
        }
        svg.text(
            "joints between their limits: solved (grey), exported (blue); below, shares of the limits on velocity (orange), torque (violet), "
                + "acceleration (brown)", x: 4, y: svg.height - 3, size: 10, fill: "#666")
        return svg.document
    }

    private struct Row {
        var source: Timestamp<VideoClock>
        var joints: [Double]
        /// Velocity, acceleration, torque of each joint over its limit; nil where there is none.
        var shares: [Double?]
    }

    private static func shares(_ motion: Motion, _ kinematics: Kinematics) -> [Row] {
        let count = max(2, min(300, Int(motion.duration * 60)))
        return (0..<count).map { k in
            let time = motion.duration * Double(k) / Double(count - 1)
            let (q, v, a) = (motion.joints(at: time), motion.joints(at: time, derivative: 1), motion.joints(at: time, derivative: 2))
            let torque = kinematics.inverseDynamics(q, velocity: v, acceleration: a)
            let shares = kinematics.arm.joints.enumerated().flatMap { j, joint -> [Double?] in
                [
                    joint.velocityLimit(at: q[j], moving: v[j]).map { abs(v[j]) / max($0, 1e-9) },
                    joint.acceleration.map { abs(a[j]) / $0 },
                    joint.torque.map { abs(torque[j]) / $0 },
                ]
            }
            return Row(source: motion.source(at: time), joints: q, shares: shares)
        }
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

internal import Geometry
internal import Session

/// The report's drawings: time line and path above the table; for the arm's verdict see `FeasibilityPlots.swift`.
enum ReportPlots {
    /// A colour for each label of a time line; the same label has the same colour throughout.
    static func colour(_ label: String) -> String {
        switch label {
        case "exported": "#3a9d5d"
        case "tracked", "used": "#7fb5d8"
        case "bridged": "#b7d88a"
        case "lost", "uncertain": "#8b8b8b"
        case "idle", "too_short", "gripper_unknown": "#d9d3c3"
        case "out_of_reach": "#7b4fb0"
        case "joint_velocity": "#e0562f"
        case "joint_acceleration": "#e98a2b"
        case "joint_torque": "#c9a227"
        case "joint_jerk", "joint_torque_rate": "#d1b24a"
        case "tool_deviation": "#5f7f9f"
        case "joint_position", "path_jump", "singularity": "#b0387f"
        case "self_collision", "table_collision", "obstacle_collision": "#a11d1d"
        case "spike", "position_spike": "#1b1b1b"
        default: "#555555"
        }
    }

    static func timeline(_ recording: RecordingReport) -> String {
        let width = 900.0
        var svg = SVG(width: width, height: 46)
        let start = recording.timeline.first?.startSeconds ?? 0
        let end = max(recording.timeline.last?.endSeconds ?? recording.seconds, start + 1e-3)
        func x(_ t: Double) -> Double { (t - start) / (end - start) * (width - 2) + 1 }
        for span in recording.timeline {
            let left = x(span.startSeconds)
            let title =
                "\(span.label): frames \(span.firstFrame) to \(span.endFrame - 1), \(span.startSeconds.fixed(2)) to \(span.endSeconds.fixed(2)) s. "
                + span.detail
            svg.rectangle(
                x: left, y: 4, width: max(x(span.endSeconds) - left, 0.7), height: 22, fill: colour(span.label), title: title)
        }
        let frames = Double(max(recording.frames.input, 1))
        for spike in recording.spikes {
            let t = start + (Double(spike.frame) + 1) / frames * (end - start)
            svg.line((x(t), 0), (x(t), 30), stroke: colour("spike"), width: 1.2)
        }
        let step = tick(end - start)
        var t = (start / step).rounded(.up) * step
        while t <= end {
            svg.line((x(t), 26), (x(t), 31), stroke: "#999")
            svg.text("\(t.fixed(step < 1 ? 1 : 0)) s", x: min(max(x(t), 12), width - 14), y: 43, size: 10, anchor: "middle", fill: "#666")
            t += step
        }
        return svg.document
    }

    /// The path from above (x right, y up) and its height over time, metres.
    static func path(_ tool: Trajectory<Table, Tool>, labels: [String], hasTag: Bool) -> String {
        let known = (0..<tool.count).filter { tool.states[$0] != .lost }
        guard let firstKnown = known.first else { return "" }
        var low = tool.poses[firstKnown].translation
        var high = low
        for i in known {
            low = pointwiseMin(low, tool.poses[i].translation)
            high = pointwiseMax(high, tool.poses[i].translation)
        }
        // The table's origin is always in view: a path that floats beside the table shows at once.
        low = pointwiseMin(low, Vector3(-0.1, -0.1, 0)) - 0.03
        high = pointwiseMax(high, Vector3(0.1, 0.1, 0.1)) + 0.03
        let side = 300.0
        let scale = side / max(high.x - low.x, high.y - low.y)
        var svg = SVG(width: 900, height: side + 30)
        func above(_ p: Vector3) -> (Double, Double) { (10 + (p.x - low.x) * scale, 10 + side - (p.y - low.y) * scale) }
        let tag = above(Vector3(-0.08, 0.08, 0))
        svg.rectangle(x: 10, y: 10, width: side, height: side, fill: "#f6f4ee")
        if hasTag {
            svg.rectangle(x: tag.0, y: tag.1, width: 0.16 * scale, height: 0.16 * scale, fill: "#444", title: "table tag", opacity: 0.35)
        }
        let t0 = tool.times[firstKnown].seconds
        let t1 = max(tool.times[known.last ?? firstKnown].seconds, t0 + 1e-3)
        let heightTop = max(high.z, 0.1)
        func lateral(_ t: Double, _ z: Double) -> (Double, Double) {
            (370 + (t - t0) / (t1 - t0) * 510, 10 + side * (1 - (z - low.z) / (heightTop - low.z)))
        }
        svg.rectangle(x: 370, y: 10, width: 510, height: side, fill: "#f6f4ee")
        svg.line(lateral(t0, 0), lateral(t1, 0), stroke: "#8a6d3b", width: 1.5)
        for (colour, run) in coloured(known, labels) {
            svg.polyline(run.map { above(tool.poses[$0].translation) }, stroke: colour, width: 2)
            svg.polyline(run.map { lateral(tool.times[$0].seconds, tool.poses[$0].translation.z) }, stroke: colour, width: 2)
        }
        svg.circle(above(tool.poses[firstKnown].translation), radius: 4, fill: "#222", title: "start")
        svg.text(
            hasTag ? "the tool's path from above; the tag is 0.16 m" : "the tool's path from above", x: 10, y: side + 25, size: 10,
            fill: "#666")
        svg.text(
            "its height above the table over time, \(low.z.fixed(2)) to \(heightTop.fixed(2)) m", x: 370, y: side + 25, size: 10,
            fill: "#666")
        return svg.document
    }

    /// Runs of neighbouring frames of one colour; each run begins where the last one ended, so that the line does not break.
    private static func coloured(_ frames: [Int], _ labels: [String]) -> [(String, [Int])] {
        var runs: [(String, [Int])] = []
        var previous: Int?
        for i in frames {
            let colour = colour(labels[i])
            if let last = runs.last, last.0 == colour, previous == i - 1 {
                runs[runs.count - 1].1.append(i)
            } else {
                runs.append((colour, previous == i - 1 ? [i - 1, i] : [i]))
            }
            previous = i
        }
        return runs
    }

    private static func tick(_ span: Double) -> Double { [0.2, 0.5, 1, 2, 5, 10, 20, 60, 120].first { span / $0 <= 12 } ?? 300 }
}

internal import Session

/// `overview.svg`: one picture of a run. A frame with its mask and what is exported of it, the path above the table, and every verdict.
enum Overview {
    static func svg(_ report: RunReport, pictures: [String: RecordingPictures]) -> String {
        let demos = report.recordings.filter { $0.role == .demo }
        // The demo with most human in view shows most.
        let shown = demos.max { human($0) < human($1) }
        let strip = shown.flatMap { pictures[$0.unit] }
        let stripHeight = 900 * (strip?.stripAspect ?? 0)
        let pathTop = 24 + stripHeight
        let listTop = pathTop + (strip == nil ? 0 : 340)
        var svg = SVG(width: 900, height: listTop + 34 + 20 * Double(demos.count))
        svg.rectangle(x: 0, y: 0, width: svg.width, height: svg.height, fill: "#ffffff")
        if let shown, let strip {
            svg.text("\(shown.unit): recorded, device (blue) and human (red), exported", x: 4, y: 15, size: 12)
            if let picture = strip.strips.dropFirst(strip.strips.count / 2).first {
                svg.image(jpegBase64: picture.jpegBase64, x: 0, y: 22, width: 900, height: stripHeight)
            }
            svg.embed(strip.path, y: pathTop)
        }
        svg.text("for the arm \(report.arm)", x: 4, y: listTop + 12, size: 12)
        for (n, demo) in demos.enumerated() {
            let y = listTop + 20 + 20 * Double(n)
            svg.rectangle(x: 4, y: y + 2, width: 12, height: 12, fill: demo.frames.rejected == 0 ? "#3a9d5d" : "#e08e2b")
            let verdict = demo.verdict.count > 105 ? String(demo.verdict.prefix(104)) + "…" : demo.verdict
            svg.text("\(demo.unit), \(demo.frames.output) of \(demo.frames.input) frames: \(verdict)", x: 24, y: y + 12, size: 11)
        }
        return svg.document + "\n"
    }

    private static func human(_ recording: RecordingReport) -> Double {
        recording.figures.first { $0.name == "human_share_mean" }?.value ?? 0
    }
}

internal import Session

/// Small vector drawings for the report, without scripts or outside files.
struct SVG {
    var width: Double
    var height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String, title: String? = nil, opacity: Double = 1) {
        body += "<rect x=\"\(x.fixed(2))\" y=\"\(y.fixed(2))\" width=\"\(width.fixed(2))\" height=\"\(height.fixed(2))\" fill=\"\(fill)\""
        if opacity < 1 { body += " fill-opacity=\"\(opacity.fixed(2))\"" }
        if let title { body += "><title>\(title.markupEscaped)</title></rect>" } else { body += "/>" }
    }

    mutating func line(_ a: (Double, Double), _ b: (Double, Double), stroke: String, width: Double = 1, dash: String? = nil) {
        body += "<line x1=\"\(a.0.fixed(2))\" y1=\"\(a.1.fixed(2))\" x2=\"\(b.0.fixed(2))\" y2=\"\(b.1.fixed(2))\" stroke=\"\(stroke)\""
        body += " stroke-width=\"\(width.fixed(2))\"" + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "") + "/>"
    }

    mutating func polyline(_ points: [(Double, Double)], stroke: String, width: Double = 1.5) {
        guard points.count > 1 else { return }
        let text = points.map { "\($0.0.fixed(1)),\($0.1.fixed(1))" }.joined(separator: " ")
        body +=
            "<polyline points=\"\(text)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(width.fixed(2))\" stroke-linejoin=\"round\"/>"
    }

    mutating func circle(_ center: (Double, Double), radius: Double, fill: String, title: String? = nil) {
        body += "<circle cx=\"\(center.0.fixed(2))\" cy=\"\(center.1.fixed(2))\" r=\"\(radius.fixed(2))\" fill=\"\(fill)\""
        if let title { body += "><title>\(title.markupEscaped)</title></circle>" } else { body += "/>" }
    }

    mutating func text(_ text: String, x: Double, y: Double, size: Double = 11, anchor: String = "start", fill: String = "#333") {
        body += "<text x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" font-size=\"\(size.fixed(0))\" text-anchor=\"\(anchor)\" fill=\"\(fill)\">"
        body += text.markupEscaped + "</text>"
    }

    /// A JPEG as part of the drawing.
    mutating func image(jpegBase64: String, x: Double, y: Double, width: Double, height: Double) {
        body += "<image x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" width=\"\(width.fixed(1))\" height=\"\(height.fixed(1))\" "
        body += "href=\"data:image/jpeg;base64,\(jpegBase64)\"/>"
    }

    /// Another drawing as part of this one.
    mutating func embed(_ other: String, y: Double) { body += "<g transform=\"translate(0 \(y.fixed(1)))\">\(other)</g>" }

    var document: String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width.fixed(0))\" height=\"\(height.fixed(0))\" "
            + "viewBox=\"0 0 \(width.fixed(0)) \(height.fixed(0))\" font-family=\"system-ui, sans-serif\">\(body)</svg>"
    }
}

public import Calibration
internal import Foundation
internal import Geometry
public import Session

/// What `griptrace calibrate camera` writes and says.
public struct CameraCalibrationReport: Sendable {
    public var calibration: IntrinsicsCalibration
    public var source: String

    public init(_ calibration: IntrinsicsCalibration, source: String) {
        self.calibration = calibration
        self.source = source
    }

    /// The device with this lens, and the record of how it was measured.
    public func applied(to device: Device) -> Device {
        var out = device
        out.camera = calibration.camera
        let c = calibration.camera
        // Hints are in pixels of the picture the intrinsics hold for.
        let scale = Vector2(Double(c.width) / Double(device.camera.width), Double(c.height) / Double(device.camera.height))
        out.maskHints = device.maskHints.map { MaskHint(kind: $0.kind, polygon: $0.polygon.map { ($0 + 0.5) * scale - 0.5 }) }
        out.record(
            CalibrationRecord(
                kind: "camera",
                holdsFor: "\(c.width)x\(c.height) pictures, up to \((calibration.largestAngle * 180 / .pi).fixed(1))° off the axis",
                residual: "\(calibration.residualRMS.fixed(3)) px RMS over \(corners) corners in \(calibration.pictures.count) pictures",
                source: source, sigmas: calibration.sigmas))
        return out
    }

    private var corners: Int { calibration.pictures.reduce(0) { $0 + $1.isUsed.count(where: { $0 }) } }

    /// Lines for people.
    public var lines: [String] {
        let c = calibration.camera
        let names = ["fx", "fy", "cx", "cy"] + (c.lens == .kannalaBrandt ? ["k1", "k2", "k3", "k4"] : ["k1", "k2", "p1", "p2"])
        var lines = ["\(c.lens.rawValue) \(c.width)x\(c.height)"]
        for (k, name) in names.enumerated() {
            let digits = k < 4 ? 3 : 6
            lines.append("\(name) \(c.intrinsics[k].fixed(digits)) ± \(calibration.sigmas[k].fixed(digits))\(k < 4 ? " px" : "")")
        }
        lines.append(
            "residual \(calibration.residualRMS.fixed(3)) px RMS over \(corners) corners in \(calibration.pictures.count) pictures, "
                + "up to \((calibration.largestAngle * 180 / .pi).fixed(1))° off the axis")
        for p in calibration.pictures where p.rms > 2 * calibration.residualRMS {
            lines.append("\(p.name): \(p.rms.fixed(2)) px, twice the others': blurred or bent?")
        }
        lines += calibration.leftOut.map { "left out: \($0.name): \($0.reason)" }
        let border = [
            Vector2(0, 0), Vector2(Double(c.width - 1), 0), Vector2(0, Double(c.height - 1)),
            Vector2(Double(c.width - 1), Double(c.height - 1)),
        ]
        if border.contains(where: { c.unproject($0) == nil }) {
            lines.append("the picture's corners were not covered by the board: nothing is measured there, and they are not used")
        }
        return lines
    }

    /// Residuals over the picture, a hundred times as long, and their size by distance from the middle.
    public func plot() -> String {
        let c = calibration.camera
        let width = 640.0
        let scale = width / Double(c.width)
        let height = Double(c.height) * scale
        var svg = SVG(width: width, height: height + 220)
        svg.rectangle(x: 0, y: 0, width: width, height: height + 220, fill: "#fff")
        svg.rectangle(x: 0, y: 0, width: width, height: height, fill: "#f4f4f2")
        let reach = 3 * max(calibration.residualRMS, 0.05)
        let middle = c.principalPoint
        let farthest = Vector2(Double(c.width), Double(c.height)).length / 2
        let plotTop = height + 30
        let plotHeight = 150.0
        for picture in calibration.pictures {
            for ((pixel, residual), used) in zip(zip(picture.pixels, picture.residuals), picture.isUsed) {
                let at = pixel * scale
                let colour = used ? "#2a6f97" : "#d1495b"
                if !residual.x.isFinite { continue }
                let limited = residual * min(1, 2 * reach / max(residual.length, 1e-9))
                let end = at + limited * 100 * scale
                svg.line((at.x, at.y), (end.x, end.y), stroke: colour, width: 0.8)
                svg.circle((at.x, at.y), radius: 1.2, fill: colour)
                let radius = (pixel - middle).length / farthest
                svg.circle(
                    (40 + radius * (width - 60), plotTop + plotHeight * (1 - min(1, residual.length / reach))), radius: 1.3, fill: colour)
            }
        }
        svg.line((40, plotTop), (40, plotTop + plotHeight), stroke: "#999")
        svg.line((40, plotTop + plotHeight), (width - 20, plotTop + plotHeight), stroke: "#999")
        svg.text("\(reach.fixed(2)) px", x: 4, y: plotTop + 4, size: 10)
        svg.text("0", x: 28, y: plotTop + plotHeight, size: 10)
        svg.text("residual over distance from the principal point (right end: half the diagonal)", x: 44, y: plotTop + plotHeight + 16)
        svg.text("above: residuals × 100 where they were seen; red: left out", x: 44, y: plotTop + plotHeight + 30)
        return svg.document
    }
}

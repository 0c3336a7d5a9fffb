internal import Foundation
internal import Imaging
internal import Session

extension Recording {
    /// One line: kind, size, telemetry.
    var headline: String {
        if let bag {
            return "bag \(width)x\(height) (\(bag.imageTopic), \(bag.encoding)), "
                + (bag.imuTopics.isEmpty ? "no IMU" : "IMU (\(bag.imuTopics.joined(separator: ", ")))")
        }
        guard let video else { return "pictures \(width)x\(height)\(inertial == nil ? "" : ", IMU")" }
        let devices = telemetry.map { $0.devices.map(\.name).joined(separator: ", ") } ?? "none"
        return "\(video.codec) \(width)x\(height), telemetry: \(devices)"
    }
}

/// A recording in lines for people: streams, rates, clocks, problems.
enum RecordingText {
    static func lines(_ r: Recording) -> [String] {
        var lines = ["\(r.url.lastPathComponent): \(r.headline)"]
        let count = r.frameTimes.count
        if let last = r.frameTimes.last, count > 1 {
            lines.append("\(count) frames over \(last.seconds.fixed(3)) s, \((Double(count - 1) / last.seconds).fixed(3)) Hz")
        }
        if let v = r.video {
            lines.append(
                "\(v.container), \(v.pixelFormat)\(v.isFullRange ? " full range" : ""), made \(v.creationTime ?? "at no stated time"), "
                    + "timecode \(v.timecode ?? "none"), first frame at \(v.presentationStart.seconds.fixed(6)) s of the file's time line")
            for s in v.streams {
                lines.append(
                    "    \(s.kind.rawValue) \(s.codec) \(s.tag) \(s.handler), time base \(s.timeBase), \(s.statedPackets) packets, \(s.duration.fixed(3)) s"
                )
            }
        }
        lines += (r.bag?.topics ?? []).map { "    \($0)" }
        for device in r.telemetry?.devices ?? [] { lines += Self.lines(device) }
        if let inertial = r.inertial, let g = inertial.gyroscope.first, let h = inertial.gyroscope.last {
            lines.append(
                "IMU: \(inertial.gyroscope.count) angular rates, \(inertial.accelerometer.count) accelerations, \(g.time.seconds.fixed(3)) to "
                    + "\(h.time.seconds.fixed(3)) s on the inertial clock")
        }
        lines += r.problems.map { "problem: \($0)" }
        if r.problems.isEmpty { lines.append("no problem found") }
        return lines
    }

    static func lines(_ device: TelemetryDevice) -> [String] {
        var lines = ["telemetry device \(device.id) \"\(device.name)\", clock: \(device.clockSource.rawValue)"]
        for s in device.streams {
            let axes = s.inputOrientation.map { ", axes \($0)" } ?? ""
            let unit = s.units.isEmpty ? "" : " \(s.units.joined(separator: ","))"
            lines.append("    \(s.fourCC) \(s.name): \(s.rowCount) × \(s.columnCount)\(unit) at \(s.rate.fixed(2)) Hz\(axes)")
        }
        if !device.emptyStreams.isEmpty { lines.append("    empty: \(device.emptyStreams.joined(separator: ", "))") }
        return lines
    }
}

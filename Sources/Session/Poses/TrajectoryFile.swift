public import Foundation
internal import Geometry

extension Trajectory {
    private static var header: [String] {
        ["time_s_video", "x_m", "y_m", "z_m", "q_x", "q_y", "q_z", "q_w", "state"]
            + Self.covarianceNames
    }

    /// Upper triangles of the position (m²) and rotation (rad²) blocks, then the full cross block (m·rad), row by row.
    private static var covarianceNames: [String] {
        let axes = ["x", "y", "z"]
        var names: [String] = []
        for block in ["p", "r"] { for i in 0..<3 { for j in i..<3 { names.append("cov_\(block)\(axes[i])_\(block)\(axes[j])") } } }
        for i in 0..<3 { for j in 0..<3 { names.append("cov_p\(axes[i])_r\(axes[j])") } }
        return names
    }

    /// A CSV table of all columns, with 9 decimals for times and poses; covariances in shortest exact text, empty where unknown.
    public var csv: CSVTable {
        var table = CSVTable(header: Self.header, comments: ["\(Reference.self) from \(Moving.self); seconds on the video clock, metres"])
        table.rows.reserveCapacity(count)
        for i in 0..<count {
            let p = poses[i].translation
            let q = poses[i].rotation.xyzw
            var row = [times[i].seconds.fixed(9), p.x.fixed(9), p.y.fixed(9), p.z.fixed(9)]
            row += [q.x.fixed(9), q.y.fixed(9), q.z.fixed(9), q.w.fixed(9), states[i].rawValue]
            if let c = covariances[i] {
                for block in [c.position, c.rotation] { for a in 0..<3 { for b in a..<3 { row.append(String(block[a, b])) } } }
                for a in 0..<3 { for b in 0..<3 { row.append(String(c.cross[a, b])) } }
            } else {
                row += Array(repeating: "", count: 21)
            }
            table.rows.append(row)
        }
        return table
    }

    /// Reads what `csv` wrote.
    public init(csv url: URL) throws(SessionError) {
        let table = try CSVTable(contentsOf: url)
        guard table.header == Self.header else {
            throw .format(path: url.path, location: "header", reason: "expected \(Self.header.prefix(9).joined(separator: ",")),…")
        }
        self.init()
        for (r, row) in table.rows.enumerated() {
            let location = "row \(r + 1)"
            let numbers = row[0..<8].compactMap(Double.init)
            guard numbers.count == 8, let state = FrameState(rawValue: row[8]) else {
                throw .format(path: url.path, location: location, reason: "eight numbers and one of tracked, bridged, lost are expected")
            }
            var covariance: PoseCovariance?
            let c = row[9...].compactMap(Double.init)
            if c.count == 21 {
                var position = Matrix3.zero
                var rotation = Matrix3.zero
                var cross = Matrix3.zero
                var k = 0
                for a in 0..<3 {
                    for b in a..<3 {
                        position[a, b] = c[k]
                        position[b, a] = c[k]
                        rotation[a, b] = c[k + 6]
                        rotation[b, a] = c[k + 6]
                        k += 1
                    }
                }
                for a in 0..<3 { for b in 0..<3 { cross[a, b] = c[12 + 3 * a + b] } }
                covariance = PoseCovariance(position: position, rotation: rotation, cross: cross)
            }
            append(
                Timestamp(seconds: numbers[0]),
                Transform(
                    rotation: Rotation(xyzw: Vector4(numbers[4], numbers[5], numbers[6], numbers[7])),
                    translation: Vector3(numbers[1], numbers[2], numbers[3])),
                covariance: covariance, state: state)
        }
    }

    /// TUM's text form: `time x y z q_x q_y q_z q_w`, one line a pose, lost frames left out.
    public var tum: String {
        var out = ""
        for i in 0..<count where states[i] != .lost {
            let p = poses[i].translation
            let q = poses[i].rotation.xyzw
            let fields = [times[i].seconds, p.x, p.y, p.z, q.x, q.y, q.z, q.w].map { $0.fixed(9) }
            out += fields.joined(separator: " ") + "\n"
        }
        return out
    }

    /// Reads TUM's text form; lines that begin with `#` are comments. Times must increase.
    public init(tum url: URL) throws(SessionError) {
        let text = String(decoding: try FileBytes.read(url), as: UTF8.self)
        self.init()
        for (n, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.first == "#" || line == "\r" { continue }
            guard let v = NumberText.numbers(in: line), v.count == 8, Vector4(v[4], v[5], v[6], v[7]) != .zero else {
                throw .format(path: url.path, location: "line \(n + 1)", reason: "expected: time x y z q_x q_y q_z q_w")
            }
            let time = Timestamp<VideoClock>(seconds: v[0])
            if let last = times.last, time <= last {
                throw .format(path: url.path, location: "line \(n + 1)", reason: "its time \(v[0]) s does not come after the line before")
            }
            append(
                time,
                Transform(rotation: Rotation(xyzw: Vector4(v[4], v[5], v[6], v[7])), translation: Vector3(v[1], v[2], v[3])))
        }
        guard count > 0 else { throw .format(path: url.path, location: "line 1", reason: "no pose in the file") }
    }
}

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

    /// A CSV table of all columns, with 9 decimals for times and poses; covariances in shortest exact text, empty where unknown
    /// or not finite.
    public var csv: CSVTable {
        var table = CSVTable(header: Self.header, comments: ["\(Reference.self) from \(Moving.self); seconds on the video clock, metres"])
        table.rows.reserveCapacity(count)
        for i in 0..<count {
            let p = poses[i].translation
            let q = poses[i].rotation.xyzw
            var row = [times[i].seconds.fixed(9), p.x.fixed(9), p.y.fixed(9), p.z.fixed(9)]
            row += [q.x.fixed(9), q.y.fixed(9), q.z.fixed(9), q.w.fixed(9), states[i].rawValue]
            if let c = covariances[i], c.isFinite {
                for block in [c.position, c.rotation] { for a in 0..<3 { for b in a..<3 { row.append(String(block[a, b])) } } }
                for a in 0..<3 { for b in 0..<3 { row.append(String(c.cross[a, b])) } }
            } else {
                row += Array(repeating: "", count: 21)
            }
            table.rows.append(row)
        }
        return table
    }

    /// Reads what `csv` wrote: times that do not decrease, poses that are poses unless the frame is lost, covariances whole or empty.
    public init(csv url: URL) throws(SessionError) {
        let table = try CSVTable(contentsOf: url)
        guard table.header == Self.header else {
            throw .format(path: url.path, location: "header", reason: "expected \(Self.header.prefix(9).joined(separator: ",")),…")
        }
        self.init()
        for r in table.rows.indices {
            guard let state = FrameState(rawValue: table.rows[r][8]) else {
                throw table.error(r, 8, "is not one of \(FrameState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let time = try table.time(r, 0)
            if let last = times.last, time < last { throw table.error(r, 0, "s comes before the row above") }
            let v = try table.numbers(r, Array(1..<8))
            let pose = Transform<Reference, Moving>(position: Vector3(v[0], v[1], v[2]), xyzw: Vector4(v[3], v[4], v[5], v[6]))
            guard let pose = pose ?? (state == .lost ? .identity : nil) else {
                throw table.error(r, 1, "begins no pose: metres and a quaternion are expected")
            }
            append(time, pose, covariance: try Self.covariance(table, r), state: state)
        }
    }

    /// The columns after the state; nil where all are empty.
    private static func covariance(_ table: CSVTable, _ r: Int) throws(SessionError) -> PoseCovariance? {
        if table.rows[r][9...].allSatisfy(\.isEmpty) { return nil }
        let c = try table.numbers(r, Array(9..<30))
        var covariance = PoseCovariance(position: .zero, rotation: .zero)
        var k = 0
        for a in 0..<3 {
            for b in a..<3 {
                covariance.position[a, b] = c[k]
                covariance.position[b, a] = c[k]
                covariance.rotation[a, b] = c[k + 6]
                covariance.rotation[b, a] = c[k + 6]
                k += 1
            }
        }
        for a in 0..<3 { for b in 0..<3 { covariance.cross[a, b] = c[12 + 3 * a + b] } }
        return covariance
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

    /// Reads TUM's text form; lines that begin with `#` are comments. Times are seconds and must increase. A line without a pose (`nan`, or
    /// zeros throughout), as trackers write where they are lost, is no sample.
    public init(tum url: URL) throws(SessionError) {
        let accepted = "time x y z q_x q_y q_z q_w"
        let text = try TextRows(contentsOf: url, separator: .blanks)
        self.init()
        for r in text.rows.indices {
            let fields = text.rows[r].fields
            guard fields.count == 8 else {
                throw .format(
                    path: url.path, location: text.location(row: r), reason: "\(fields.joined(separator: " ").excerpt) is not: \(accepted)")
            }
            let number = NumberText.number(fields[0])
            guard let time = number.flatMap({ Timestamp<VideoClock>(checkedSeconds: $0) }) else {
                throw number == nil
                    ? .format(
                        path: url.path, location: text.location(row: r),
                        reason: "\(fields.joined(separator: " ").excerpt) is not: \(accepted)")
                    : text.error(r, 0, Timestamp<VideoClock>.refusal(of: number))
            }
            guard let v = try text.numbersIfAny(r, 1..<8, accepted: accepted), v.contains(where: { $0 != 0 }) else { continue }
            if let last = times.last, time <= last { throw text.error(r, 0, "s does not come after the line before") }
            guard let pose = Transform<Reference, Moving>(position: Vector3(v[0], v[1], v[2]), xyzw: Vector4(v[3], v[4], v[5], v[6])) else {
                throw text.error(r, 1, "begins no pose: x y z in metres and a quaternion x y z w are expected")
            }
            append(time, pose)
        }
        guard count > 0 else { throw .format(path: url.path, location: "line 1", reason: "no pose in the file") }
    }
}

internal import Foundation
internal import Geometry
internal import Session

extension Arm {
    /// A description for people: the chain, the limits and who says them, tool, payload, collisions left out. What `griptrace arms NAME` prints.
    public func summary() -> String {
        var lines = ["\(name): \(title)", "", "base \(baseBody), flange \(flangeBody), \(joints.count) joints", ""]
        if isProjected {
            lines.insert("fewer than six joints: the tool's position is met, its rotation is the nearest that the arm can take", at: 3)
        }
        let width = max(8, (joints.map(\.name.count).max() ?? 0) + 2)
        func cell(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }
        let kinds = LimitKind.allCases.filter { kind in kind == .position || joints.contains { $0[kind] != nil } }
        lines.append(
            cell("joint", width) + cell("kind", 11) + cell("position", 22)
                + kinds.dropFirst().map { cell($0.rawValue, 14) }.joined() + "home")
        for (joint, rest) in zip(joints, home) {
            lines.append(
                cell(joint.name, width) + cell(joint.kind.rawValue, 11) + cell("\(shortest(joint.lower)) … \(shortest(joint.upper))", 22)
                    + kinds.dropFirst().map { kind in cell(joint[kind].map(shortest) ?? "unknown", 14) }.joined() + shortest(rest))
        }
        lines += ["", "limits, SI (rad, m, Nm, N), and who says them:"]
        for kind in LimitKind.allCases { lines.append("  " + cell(kind.rawValue, 14) + (sources[kind] ?? "unknown: not checked")) }
        if let source = sources.velocitySlowdown {
            let first = joints.compactMap(\.slowdown).map { "\(shortest($0.deceleration)), \(shortest($0.offset))" }.joined(separator: "; ")
            lines.append("  towards the ends of the range at most √(2 deceleration room) − offset (\(first); \(source))")
        }
        let t = flangeFromTool
        let q = t.rotation.xyzw
        func list(_ values: [Double]) -> String { "[" + values.map(shortest).joined(separator: ", ") + "]" }
        lines += [
            "",
            "tool on the flange: translation_m \(list([t.translation.x, t.translation.y, t.translation.z])), "
                + "rotation_xyzw \(list([q.x, q.y, q.z, q.w])) (z out of the fingers, y down in the picture)",
            payload.map { "payload: \(shortest($0.mass)) kg (\($0.source))" } ?? "payload: none",
        ]
        if let base = tableFromBase {
            let b = base.rotation.xyzw
            lines.append(
                "foot on the table unless told: translation_m \(list([base.translation.x, base.translation.y, base.translation.z])), "
                    + "rotation_xyzw \(list([b.x, b.y, b.z, b.w]))")
        }
        lines.append("may touch the table: " + (mayTouchTable.isEmpty ? "nothing" : mayTouchTable.joined(separator: ", ")))
        let ignored = ignoredCollisions.filter { $0.reason != "adjacent" }
        if !ignored.isEmpty {
            lines.append(
                "not checked against each other: " + ignored.map { "\($0.first)|\($0.second) (\($0.reason))" }.joined(separator: ", "))
        }
        if !obstacles.isEmpty { lines.append("obstacles: " + obstacles.map(\.name).joined(separator: ", ")) }
        lines += notes.map { "note: \($0)" }
        lines.append("files: " + files.map(\.lastPathComponent).joined(separator: ", "))
        return lines.joined(separator: "\n")
    }

    /// One line: the name, what it is, its joints and which limits are known.
    public func headline() -> String {
        let known = LimitKind.allCases.filter { sources[$0] != nil && !sources.isAssumed($0) }.map(\.rawValue)
        let assumed = LimitKind.allCases.filter { sources.isAssumed($0) }.map(\.rawValue)
        return "\(name): \(title), \(joints.count) joints; published: \(known.joined(separator: ", "))"
            + (assumed.isEmpty ? "" : "; assumed: \(assumed.joined(separator: ", "))")
    }
}

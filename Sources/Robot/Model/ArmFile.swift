internal import Foundation
internal import Geometry
internal import Session
internal import Yams

/// What an arm's sidecar YAML holds, key by key. SI; joints in the order of `joints`, else of the chain from base to flange.
struct ArmFile: Decodable {
    struct Range: Decodable {
        var lower: [Double]
        var upper: [Double]
        var source: String
    }

    struct Magnitudes: Decodable {
        var values: [Double]
        var source: String
        /// Of velocity only: how it falls towards the ends of the range (`VelocitySlowdown`).
        var position_dependent: Slowdown?
    }

    struct Slowdown: Decodable {
        var deceleration: [Double]
        var offset: [Double]
        var source: String
    }

    struct Limits: Decodable {
        var position: Range?
        var velocity: Magnitudes?
        var acceleration: Magnitudes?
        var jerk: Magnitudes?
        var torque: Magnitudes?
        var torque_rate: Magnitudes?

        func magnitudes(_ kind: LimitKind) -> Magnitudes? {
            switch kind {
            case .position: nil
            case .velocity: velocity
            case .acceleration: acceleration
            case .jerk: jerk
            case .torque: torque
            case .torqueRate: torque_rate
            }
        }
    }

    struct Load: Decodable {
        var mass_kg: Double
        var center_of_mass_m: [Double]
        var source: String
    }

    var name: String?
    var title: String?
    /// The URDF or MJCF, relative to this file. May be left out in a sidecar `NAME.arm.yaml` beside `NAME.urdf` or `NAME.xml`.
    var model: String?
    /// The body whose frame is `Base`; the root body when left out.
    var base: String?
    /// The body or site that carries the tool; the end of the arm as `ArmEnd` finds it when left out.
    var flange: String?
    /// The body or site where the tool stands, fixed to the flange (in place of `flange_from_tool`); alone, it is the flange too.
    var tool_frame: String?
    var flange_from_tool: PoseKeys?
    var joints: [String]?
    var limits: Limits?
    var payload: Load?
    var home: [Double]?
    /// Where joints outside the chain are held (fingers), rad or m.
    var held: [String: Double]?
    var table_from_base: PoseKeys?
    var may_touch_table: [String]?
    var allowed_collisions: [[String]]?

    init(flange: String) { self.flange = flange }

    static func read(_ url: URL) throws(RobotError) -> ArmFile {
        let text = try SidecarYAML.text(url)
        let file = try SidecarYAML.decode(ArmFile.self, text, path: url.path)
        try file.checkKeys(of: text, path: url.path)
        return file
    }

    /// A misspelt key would silently leave a limit out, so keys that are not known are refused.
    private func checkKeys(of text: String, path: String) throws(RobotError) {
        let known = [
            "": [
                "name", "title", "model", "base", "flange", "tool_frame", "flange_from_tool", "joints", "limits", "payload", "home", "held",
                "table_from_base",
                "may_touch_table", "allowed_collisions",
            ],
            "limits": ["position"] + LimitKind.allCases.dropFirst().map(\.rawValue),
        ]
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch { throw .file(path: path, reason: "is not YAML: \(error)") }
        guard let mapping = root?.mapping else { throw .file(path: path, reason: "is not a YAML mapping; see the shipped arms' arm.yaml") }
        for (section, names) in known.sorted(by: { $0.key < $1.key }) {
            guard let part = section.isEmpty ? mapping : mapping[Node(section)]?.mapping else { continue }
            for key in part.keys.compactMap(\.string) where !names.contains(key) {
                throw .model(
                    path: path, element: section.isEmpty ? key : "\(section).\(key)",
                    reason: "is not a key of an arm file; \(names.joined(separator: ", ")) are")
            }
        }
    }
}

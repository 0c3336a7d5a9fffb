internal import Foundation
internal import Geometry
internal import Session
internal import Yams

/// What an arm's sidecar YAML holds, key by key. SI; joints in the order of `joints`, else of the chain from base to flange.
struct ArmFile: Decodable {
    struct Pose: Decodable {
        var rotation_xyzw: [Double]
        var translation_m: [Double]
    }

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
    /// The body or site that carries the tool; the end of the longest chain when left out.
    var flange: String?
    var flange_from_tool: Pose?
    var joints: [String]?
    var limits: Limits?
    var payload: Load?
    var home: [Double]?
    /// Where joints outside the chain are held (fingers), rad or m.
    var held: [String: Double]?
    var table_from_base: Pose?
    var may_touch_table: [String]?
    var allowed_collisions: [[String]]?

    init(flange: String) { self.flange = flange }

    static func read(_ url: URL) throws(RobotError) -> ArmFile {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(url)
        } catch {
            throw .file(path: url.path, reason: "cannot be read or does not exist")
        }
        do {
            let file = try YAMLDecoder().decode(ArmFile.self, from: String(decoding: bytes, as: UTF8.self))
            try file.checkKeys(of: String(decoding: bytes, as: UTF8.self), path: url.path)
            return file
        } catch let error as RobotError {
            throw error
        } catch let error as DecodingError {
            throw .model(path: url.path, element: Self.key(of: error), reason: Self.reason(of: error))
        } catch {
            throw .file(path: url.path, reason: "is not YAML: \(error)")
        }
    }

    /// A misspelt key would silently leave a limit out, so keys that are not known are refused.
    private func checkKeys(of text: String, path: String) throws(RobotError) {
        let known = [
            "": [
                "name", "title", "model", "base", "flange", "flange_from_tool", "joints", "limits", "payload", "home", "held",
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

    static func key(of error: DecodingError) -> String {
        let path: [any CodingKey]
        switch error {
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): path = context.codingPath
        @unknown default: path = []
        }
        return path.isEmpty ? "the file" : path.map(\.stringValue).joined(separator: ".")
    }

    static func reason(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound: "is missing"
        case .typeMismatch(let type, _), .valueNotFound(let type, _): "must be \(type)"
        case .dataCorrupted(let context): "is not valid YAML: \(context.debugDescription)"
        @unknown default: "cannot be read"
        }
    }
}

extension ArmFile.Pose {
    func transform<A, B>(path: String, key: String) throws(RobotError) -> Transform<A, B> {
        guard rotation_xyzw.count == 4, rotation_xyzw.allSatisfy(\.isFinite), abs(rotation_xyzw.reduce(0) { $0 + $1 * $1 } - 1) < 1e-3
        else {
            throw .model(path: path, element: "\(key).rotation_xyzw", reason: "must be a unit quaternion in the order x y z w")
        }
        guard translation_m.count == 3, translation_m.allSatisfy(\.isFinite) else {
            throw .model(path: path, element: "\(key).translation_m", reason: "must be three finite numbers")
        }
        let q = rotation_xyzw
        return Transform(
            rotation: Rotation(xyzw: Vector4(q[0], q[1], q[2], q[3])),
            translation: Vector3(translation_m[0], translation_m[1], translation_m[2]))
    }
}

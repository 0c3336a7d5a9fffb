public import Foundation
internal import Geometry
internal import Yams

/// What a device YAML file holds, key by key; `device` turns it into values.
private struct DeviceFile: Codable {
    struct Fingers: Codable {
        var left_id: Int
        var right_id: Int
        var size_m: Double
        var nominal_depth_m: Double
        var depth_tolerance_m: Double
    }

    struct Body: Codable {
        var id: Int
        var size_m: Double
        var camera_from_tag: PoseKeys
    }

    struct Table: Codable {
        var id: Int
        var size_m: Double
    }

    struct Hint: Codable {
        var kind: String
        var polygon_px: [[Double]]
    }

    var name: String
    var camera: LensKeys
    var imu_from_camera: PoseKeys
    var camera_to_imu_offset_s: Double
    var imu_noise: InertialNoise
    var camera_from_tool: PoseKeys
    var finger_tags: Fingers?
    var gripper_tags: [Body]?
    var table_tag: Table?
    var mask_hints: [Hint]?
    var calibrations: [CalibrationRecord]?
}

extension Device {
    /// Reads a device file. A missing or wrong key is named; numbers are checked for length and range.
    public init(contentsOf url: URL) throws(SessionError) {
        let bytes = try FileBytes.read(url)
        let path = url.path
        let file: DeviceFile
        do {
            file = try YAMLDecoder().decode(DeviceFile.self, from: String(decoding: bytes, as: UTF8.self))
        } catch let error as DecodingError {
            throw SessionError(decoding: error, path: path)
        } catch {
            throw .format(path: path, location: "YAML", reason: "\(error)")
        }
        guard let readout = file.camera.readout_s else {
            throw .format(path: path, location: "camera.readout_s", reason: "this key is missing")
        }
        guard readout >= 0, readout < 0.1 else {
            throw .format(path: path, location: "camera.readout_s", reason: "\(readout) s is not between 0 and 0.1 s")
        }
        self.init(
            name: file.name, camera: try file.camera.camera(path: path), readout: readout,
            bodyFromCamera: try file.imu_from_camera.transform(path: path, key: "imu_from_camera"),
            clockOffset: ClockOffset(seconds: file.camera_to_imu_offset_s), inertialNoise: file.imu_noise,
            cameraFromTool: try file.camera_from_tool.transform(path: path, key: "camera_from_tool"))
        if let t = file.finger_tags {
            fingerTags = FingerTags(
                leftID: t.left_id, rightID: t.right_id, size: t.size_m, nominalDepth: t.nominal_depth_m, depthTolerance: t.depth_tolerance_m
            )
        }
        calibrations = file.calibrations ?? []
        for (i, t) in (file.gripper_tags ?? []).enumerated() {
            guard t.size_m > 0 else {
                throw .format(path: path, location: "gripper_tags[\(i)].size_m", reason: "\(t.size_m) m is not a size")
            }
            bodyTags.append(
                BodyTag(
                    id: t.id, size: t.size_m,
                    cameraFromTag: try t.camera_from_tag.transform(path: path, key: "gripper_tags[\(i)].camera_from_tag")))
        }
        if let t = file.table_tag { tableTag = TableTag(id: t.id, size: t.size_m) }
        for (i, hint) in (file.mask_hints ?? []).enumerated() {
            guard let kind = MaskHint.Kind(rawValue: hint.kind) else {
                let known = MaskHint.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .format(path: path, location: "mask_hints[\(i)].kind", reason: "\"\(hint.kind)\" is not known; accepted: \(known)")
            }
            guard hint.polygon_px.count >= 3, hint.polygon_px.allSatisfy({ $0.count == 2 }) else {
                throw .format(path: path, location: "mask_hints[\(i)].polygon_px", reason: "at least three [x, y] corners are needed")
            }
            maskHints.append(MaskHint(kind: kind, polygon: hint.polygon_px.map { Vector2($0[0], $0[1]) }))
        }
    }

    /// The device as YAML, in the form the reader takes.
    public func yaml() throws(SessionError) -> String {
        let file = DeviceFile(
            name: name,
            camera: LensKeys(camera, readout: readout),
            imu_from_camera: PoseKeys(bodyFromCamera), camera_to_imu_offset_s: clockOffset.seconds, imu_noise: inertialNoise,
            camera_from_tool: PoseKeys(cameraFromTool),
            finger_tags: fingerTags.map {
                .init(
                    left_id: $0.leftID, right_id: $0.rightID, size_m: $0.size, nominal_depth_m: $0.nominalDepth,
                    depth_tolerance_m: $0.depthTolerance)
            },
            gripper_tags: bodyTags.isEmpty
                ? nil : bodyTags.map { .init(id: $0.id, size_m: $0.size, camera_from_tag: PoseKeys($0.cameraFromTag)) },
            table_tag: tableTag.map { .init(id: $0.id, size_m: $0.size) },
            mask_hints: maskHints.isEmpty
                ? nil : maskHints.map { .init(kind: $0.kind.rawValue, polygon_px: $0.polygon.map { [$0.x, $0.y] }) },
            calibrations: calibrations.isEmpty ? nil : calibrations)
        do {
            return try YAMLEncoder().encode(file)
        } catch {
            throw .format(path: name, location: "YAML", reason: "\(error)")
        }
    }
}

extension SessionError {
    /// A decoding error with the key it happened at.
    public init(decoding error: DecodingError, path: String) {
        func key(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            let keys = context.codingPath + (last.map { [$0] } ?? [])
            return keys.isEmpty ? "top level" : keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let missing, let context):
            self = .format(path: path, location: key(context, missing), reason: "this key is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self = .format(path: path, location: key(context), reason: context.debugDescription)
        @unknown default:
            self = .format(path: path, location: "YAML", reason: "\(error)")
        }
    }
}

public import Foundation
internal import Geometry
internal import Yams

/// What a device YAML file holds, key by key; `device` turns it into values.
private struct DeviceFile: Codable {
    struct Camera: Codable {
        var model: String
        var width: Int
        var height: Int
        var focal_length_px: [Double]
        var principal_point_px: [Double]
        var distortion: [Double]
        var maximum_angle_deg: Double?
        var readout_s: Double
    }

    struct Pose: Codable {
        var rotation_xyzw: [Double]
        var translation_m: [Double]
    }

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
        var camera_from_tag: Pose
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
    var camera: Camera
    var imu_from_camera: Pose
    var camera_to_imu_offset_s: Double
    var imu_noise: InertialNoise
    var camera_from_tool: Pose
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
        let c = file.camera
        guard let lens = LensModel(rawValue: c.model) else {
            let known = LensModel.allCases.map(\.rawValue).joined(separator: ", ")
            throw .format(path: path, location: "camera.model", reason: "\"\(c.model)\" is not known; accepted: \(known)")
        }
        guard c.width > 0, c.height > 0 else {
            throw .format(path: path, location: "camera.width, camera.height", reason: "a picture size in pixels is needed")
        }
        let focal = try Self.numbers(c.focal_length_px, 2, path, "camera.focal_length_px")
        let centre = try Self.numbers(c.principal_point_px, 2, path, "camera.principal_point_px")
        let k = try Self.numbers(c.distortion, 4, path, "camera.distortion")
        guard focal[0] > 0, focal[1] > 0 else {
            throw .format(path: path, location: "camera.focal_length_px", reason: "two positive numbers are needed")
        }
        let angle = (c.maximum_angle_deg ?? (lens == .pinhole ? 68 : 100)) * .pi / 180
        guard c.readout_s >= 0, c.readout_s < 0.1 else {
            throw .format(path: path, location: "camera.readout_s", reason: "\(c.readout_s) s is not between 0 and 0.1 s")
        }
        self.init(
            name: file.name,
            camera: CameraModel(
                lens: lens, width: c.width, height: c.height, focalLength: Vector2(focal[0], focal[1]),
                principalPoint: Vector2(centre[0], centre[1]), distortion: Vector4(k[0], k[1], k[2], k[3]), maximumAngle: angle),
            readout: c.readout_s,
            bodyFromCamera: try Self.transform(file.imu_from_camera, path, "imu_from_camera"),
            clockOffset: ClockOffset(seconds: file.camera_to_imu_offset_s),
            inertialNoise: file.imu_noise,
            cameraFromTool: try Self.transform(file.camera_from_tool, path, "camera_from_tool"))
        if let t = file.finger_tags {
            fingerTags = FingerTags(
                leftID: t.left_id, rightID: t.right_id, size: t.size_m, nominalDepth: t.nominal_depth_m, depthTolerance: t.depth_tolerance_m)
        }
        calibrations = file.calibrations ?? []
        for (i, t) in (file.gripper_tags ?? []).enumerated() {
            guard t.size_m > 0 else { throw .format(path: path, location: "gripper_tags[\(i)].size_m", reason: "\(t.size_m) m is not a size") }
            bodyTags.append(
                BodyTag(
                    id: t.id, size: t.size_m,
                    cameraFromTag: try Self.transform(t.camera_from_tag, path, "gripper_tags[\(i)].camera_from_tag")))
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

    private static func numbers(_ values: [Double], _ count: Int, _ path: String, _ key: String) throws(SessionError) -> [Double] {
        guard values.count == count, values.allSatisfy(\.isFinite) else {
            throw .format(path: path, location: key, reason: "\(count) finite numbers are needed, \(values.count) given")
        }
        return values
    }

    private static func transform<A, B>(_ pose: DeviceFile.Pose, _ path: String, _ key: String) throws(SessionError) -> Transform<A, B> {
        let q = try numbers(pose.rotation_xyzw, 4, path, "\(key).rotation_xyzw")
        let t = try numbers(pose.translation_m, 3, path, "\(key).translation_m")
        let v = Vector4(q[0], q[1], q[2], q[3])
        guard abs((v * v).sum().squareRoot() - 1) < 0.01 else {
            throw .format(path: path, location: "\(key).rotation_xyzw", reason: "not a unit quaternion")
        }
        return Transform(rotation: Rotation(xyzw: v), translation: Vector3(t[0], t[1], t[2]))
    }

    /// The device as YAML, in the form the reader takes.
    public func yaml() throws(SessionError) -> String {
        func pose<A, B>(_ t: Transform<A, B>) -> DeviceFile.Pose {
            let q = t.rotation.xyzw
            return DeviceFile.Pose(rotation_xyzw: [q.x, q.y, q.z, q.w], translation_m: [t.translation.x, t.translation.y, t.translation.z])
        }
        let file = DeviceFile(
            name: name,
            camera: .init(
                model: camera.lens.rawValue, width: camera.width, height: camera.height,
                focal_length_px: [camera.focalLength.x, camera.focalLength.y],
                principal_point_px: [camera.principalPoint.x, camera.principalPoint.y],
                distortion: [camera.distortion.x, camera.distortion.y, camera.distortion.z, camera.distortion.w],
                maximum_angle_deg: camera.maximumAngle * 180 / .pi, readout_s: readout),
            imu_from_camera: pose(bodyFromCamera), camera_to_imu_offset_s: clockOffset.seconds, imu_noise: inertialNoise,
            camera_from_tool: pose(cameraFromTool),
            finger_tags: fingerTags.map {
                .init(
                    left_id: $0.leftID, right_id: $0.rightID, size_m: $0.size, nominal_depth_m: $0.nominalDepth,
                    depth_tolerance_m: $0.depthTolerance)
            },
            gripper_tags: bodyTags.isEmpty
                ? nil : bodyTags.map { .init(id: $0.id, size_m: $0.size, camera_from_tag: pose($0.cameraFromTag)) },
            table_tag: tableTag.map { .init(id: $0.id, size_m: $0.size) },
            mask_hints: maskHints.isEmpty ? nil : maskHints.map { .init(kind: $0.kind.rawValue, polygon_px: $0.polygon.map { [$0.x, $0.y] }) },
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

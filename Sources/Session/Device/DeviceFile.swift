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

extension DeviceFile.Fingers {
    func tags(_ check: KeyCheck) throws(SessionError) -> FingerTags {
        try check.tagID(left_id, "finger_tags.left_id")
        try check.tagID(right_id, "finger_tags.right_id")
        try check.holds(left_id != right_id, "finger_tags.right_id", "\(right_id) is the left finger's id too")
        try check.tagSize(size_m, "finger_tags.size_m")
        try check.number(nominal_depth_m, "finger_tags.nominal_depth_m", above: 0, upTo: 10, unit: "m")
        try check.number(depth_tolerance_m, "finger_tags.depth_tolerance_m", above: 0, upTo: 10, unit: "m")
        return FingerTags(
            leftID: left_id, rightID: right_id, size: size_m, nominalDepth: nominal_depth_m, depthTolerance: depth_tolerance_m)
    }
}

extension DeviceFile.Body {
    func tag(_ check: KeyCheck, key: String) throws(SessionError) -> BodyTag {
        try check.tagID(id, "\(key).id")
        try check.tagSize(size_m, "\(key).size_m")
        return BodyTag(
            id: id, size: size_m, cameraFromTag: try camera_from_tag.transform(path: check.path, key: "\(key).camera_from_tag"))
    }
}

extension DeviceFile.Hint {
    func hint(_ check: KeyCheck, key: String) throws(SessionError) -> MaskHint {
        guard let kind = MaskHint.Kind(rawValue: kind) else {
            let known = MaskHint.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .format(path: check.path, location: "\(key).kind", reason: "\(self.kind.excerpt) is not known; accepted: \(known)")
        }
        // Corners may lie outside the picture, not out of reach of whole numbers.
        let isPolygon = polygon_px.count >= 3 && polygon_px.allSatisfy { $0.count == 2 && $0.allSatisfy { abs($0) <= 1e5 } }
        try check.holds(isPolygon, "\(key).polygon_px", "at least three [x, y] corners within ±100000 pixels are needed")
        return MaskHint(kind: kind, polygon: polygon_px.map { Vector2($0[0], $0[1]) })
    }
}

extension InertialNoise {
    fileprivate func check(_ check: KeyCheck, key: String) throws(SessionError) {
        func positive(_ value: Double, _ name: CodingKeys, _ unit: String) throws(SessionError) {
            try check.number(value, "\(key).\(name.rawValue)", above: 0, upTo: 1e3, unit: unit)
        }
        try positive(gyroscopeDensity, .gyroscopeDensity, "rad/s/√Hz")
        try positive(accelerometerDensity, .accelerometerDensity, "m/s²/√Hz")
        try positive(gyroscopeBiasWalk, .gyroscopeBiasWalk, "rad/s²/√Hz")
        try positive(accelerometerBiasWalk, .accelerometerBiasWalk, "m/s³/√Hz")
    }
}

extension Device {
    /// Reads a device file. A missing or wrong key is named; numbers are checked for length and range.
    public init(contentsOf url: URL) throws(SessionError) {
        let bytes = try FileBytes.readText(url)
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
        let check = KeyCheck(path: path)
        try check.number(readout, "camera.readout_s", from: 0, upTo: 0.1, unit: "s")
        // Recorders that count from their own start-up may be days apart.
        try check.number(file.camera_to_imu_offset_s, "camera_to_imu_offset_s", from: -1e6, upTo: 1e6, unit: "s")
        try file.imu_noise.check(check, key: "imu_noise")
        self.init(
            name: file.name, camera: try file.camera.camera(path: path), readout: readout,
            bodyFromCamera: try file.imu_from_camera.transform(path: path, key: "imu_from_camera"),
            clockOffset: ClockOffset(seconds: file.camera_to_imu_offset_s), inertialNoise: file.imu_noise,
            cameraFromTool: try file.camera_from_tool.transform(path: path, key: "camera_from_tool"))
        fingerTags = try file.finger_tags?.tags(check)
        if let t = file.table_tag {
            try check.tagID(t.id, "table_tag.id")
            try check.tagSize(t.size_m, "table_tag.size_m")
            tableTag = TableTag(id: t.id, size: t.size_m)
        }
        for (i, t) in (file.gripper_tags ?? []).enumerated() { bodyTags.append(try t.tag(check, key: "gripper_tags[\(i)]")) }
        for (i, hint) in (file.mask_hints ?? []).enumerated() { maskHints.append(try hint.hint(check, key: "mask_hints[\(i)]")) }
        calibrations = file.calibrations ?? []
        for (i, record) in calibrations.enumerated() {
            let finite = record.sigmas?.allSatisfy { $0.isFinite && $0 >= 0 } ?? true
            try check.holds(finite, "calibrations[\(i)].sigmas", "standard deviations are finite and not negative")
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

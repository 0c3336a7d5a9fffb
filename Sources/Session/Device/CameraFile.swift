public import Geometry

/// A lens as the keys of a YAML file state it: of a device, or of a camera beside the table.
public struct LensKeys: Codable, Sendable {
    public var model: String
    public var width: Int
    public var height: Int
    public var focal_length_px: [Double]
    public var principal_point_px: [Double]
    public var distortion: [Double]
    public var maximum_angle_deg: Double?
    /// Of a rolling shutter, seconds; files of devices alone have it.
    public var readout_s: Double?

    public init(_ camera: CameraModel, readout: Double? = nil) {
        model = camera.lens.rawValue
        (width, height) = (camera.width, camera.height)
        focal_length_px = [camera.focalLength.x, camera.focalLength.y]
        principal_point_px = [camera.principalPoint.x, camera.principalPoint.y]
        distortion = [camera.distortion.x, camera.distortion.y, camera.distortion.z, camera.distortion.w]
        maximum_angle_deg = camera.maximumAngle * 180 / .pi
        readout_s = readout
    }

    /// The lens; without `maximum_angle_deg` it reaches to 68° (pinhole) or 100°. A wrong key is an error that names file and key.
    public func camera(path: String, key: String = "camera") throws(SessionError) -> CameraModel {
        guard let lens = LensModel(rawValue: model) else {
            let known = LensModel.allCases.map(\.rawValue).joined(separator: ", ")
            throw .format(path: path, location: "\(key).model", reason: "\"\(model)\" is not known; accepted: \(known)")
        }
        let focal = try numbers(focal_length_px, 2, path, "\(key).focal_length_px")
        let centre = try numbers(principal_point_px, 2, path, "\(key).principal_point_px")
        let k = try numbers(distortion, 4, path, "\(key).distortion")
        let angle = maximum_angle_deg ?? (lens == .pinhole ? 68 : 100)
        try KeyCheck(path: path).number(angle, "\(key).maximum_angle_deg", above: 0, upTo: 180, unit: "degrees")
        return try CameraModel(
            checked: lens, width: width, height: height, focalLength: Vector2(focal[0], focal[1]),
            principalPoint: Vector2(centre[0], centre[1]),
            distortion: Vector4(k[0], k[1], k[2], k[3]), maximumAngle: angle * .pi / 180, path: path, key: key)
    }
}

extension CameraModel {
    /// A camera out of a file: a picture of 2 to 32768 pixels a side and lens numbers that are such; the key that is wrong is named.
    init(
        checked lens: LensModel, width: Int, height: Int, focalLength: Vector2, principalPoint: Vector2, distortion: Vector4,
        maximumAngle: Double? = nil, path: String, key: String
    ) throws(SessionError) {
        let check = KeyCheck(path: path)
        for (name, side) in [("width", width), ("height", height)] {
            try check.holds((2...32768).contains(side), "\(key).\(name)", "\(side) is not a picture size from 2 to 32768 pixels")
        }
        for f in [focalLength.x, focalLength.y] { try check.number(f, "\(key).focal_length_px", above: 0, upTo: 1e6, unit: "pixels") }
        for c in [principalPoint.x, principalPoint.y] {
            try check.number(c, "\(key).principal_point_px", from: -1e6, upTo: 1e6, unit: "pixels")
        }
        for k in [distortion.x, distortion.y, distortion.z, distortion.w] {
            try check.number(k, "\(key).distortion", from: -1e3, upTo: 1e3, unit: "")
        }
        self.init(
            lens: lens, width: width, height: height, focalLength: focalLength, principalPoint: principalPoint, distortion: distortion,
            maximumAngle: maximumAngle)
    }
}

/// A pose as the keys of a YAML file state it.
public struct PoseKeys: Codable, Sendable {
    public var rotation_xyzw: [Double]
    public var translation_m: [Double]

    public init<A, B>(_ pose: Transform<A, B>) {
        let q = pose.rotation.xyzw
        rotation_xyzw = [q.x, q.y, q.z, q.w]
        translation_m = [pose.translation.x, pose.translation.y, pose.translation.z]
    }

    /// The pose; a quaternion that is not of unit length, or numbers that are missing, are an error that names file and key.
    public func transform<A, B>(path: String, key: String) throws(SessionError) -> Transform<A, B> {
        let q = try numbers(rotation_xyzw, 4, path, "\(key).rotation_xyzw")
        let t = try numbers(translation_m, 3, path, "\(key).translation_m")
        let v = Vector4(q[0], q[1], q[2], q[3])
        guard abs((v * v).sum().squareRoot() - 1) < 0.01 else {
            throw .format(path: path, location: "\(key).rotation_xyzw", reason: "\(rotation_xyzw) is not a unit quaternion")
        }
        guard let pose = Transform<A, B>(position: Vector3(t[0], t[1], t[2]), xyzw: v) else {
            throw .format(path: path, location: "\(key).translation_m", reason: "\(translation_m) is no position in metres")
        }
        return pose
    }
}

/// Checks numbers of a file's keys against their ranges; the error names file, key, number and range.
struct KeyCheck {
    let path: String

    func holds(_ condition: Bool, _ key: String, _ reason: @autoclosure () -> String) throws(SessionError) {
        if !condition { throw .format(path: path, location: key, reason: reason()) }
    }

    /// A number from a bound on.
    func number(_ value: Double, _ key: String, from low: Double, upTo high: Double, unit: String) throws(SessionError) {
        try holds(value >= low && value <= high, key, "\(value) is not between \(low) and \(high) \(unit)")
    }

    /// A number above a bound.
    func number(_ value: Double, _ key: String, above low: Double, upTo high: Double, unit: String) throws(SessionError) {
        try holds(value > low && value <= high, key, "\(value) is not above \(low) and at most \(high) \(unit)")
    }

    /// The side of a printed tag, metres.
    func tagSize(_ size: Double, _ key: String) throws(SessionError) { try number(size, key, above: 0, upTo: 10, unit: "m") }

    /// A tag's id in DICT_4X4_50.
    func tagID(_ id: Int, _ key: String) throws(SessionError) {
        try holds((0...49).contains(id), key, "\(id) is not a tag id from 0 to 49")
    }
}

private func numbers(_ values: [Double], _ count: Int, _ path: String, _ key: String) throws(SessionError) -> [Double] {
    guard values.count == count, values.allSatisfy(\.isFinite) else {
        throw .format(path: path, location: key, reason: "\(count) finite numbers are needed, \(values.count) given")
    }
    return values
}

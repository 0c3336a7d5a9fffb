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
        guard width > 0, height > 0 else {
            throw .format(path: path, location: "\(key).width, \(key).height", reason: "a picture size in pixels is needed")
        }
        let focal = try numbers(focal_length_px, 2, path, "\(key).focal_length_px")
        let centre = try numbers(principal_point_px, 2, path, "\(key).principal_point_px")
        let k = try numbers(distortion, 4, path, "\(key).distortion")
        guard focal[0] > 0, focal[1] > 0 else {
            throw .format(path: path, location: "\(key).focal_length_px", reason: "two positive numbers are needed")
        }
        return CameraModel(
            lens: lens, width: width, height: height, focalLength: Vector2(focal[0], focal[1]),
            principalPoint: Vector2(centre[0], centre[1]),
            distortion: Vector4(k[0], k[1], k[2], k[3]), maximumAngle: (maximum_angle_deg ?? (lens == .pinhole ? 68 : 100)) * .pi / 180)
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
            throw .format(path: path, location: "\(key).rotation_xyzw", reason: "not a unit quaternion")
        }
        return Transform(rotation: Rotation(xyzw: v), translation: Vector3(t[0], t[1], t[2]))
    }
}

private func numbers(_ values: [Double], _ count: Int, _ path: String, _ key: String) throws(SessionError) -> [Double] {
    guard values.count == count, values.allSatisfy(\.isFinite) else {
        throw .format(path: path, location: key, reason: "\(count) finite numbers are needed, \(values.count) given")
    }
    return values
}

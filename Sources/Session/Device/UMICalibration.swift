public import Foundation
public import Geometry

/// UMI's own calibration files, read as they are.
public enum UMICalibration {
    private struct Intrinsics: Decodable {
        struct Values: Decodable {
            var focal_length: Double
            var principal_pt_x: Double
            var principal_pt_y: Double
            var radial_distortion_1: Double
            var radial_distortion_2: Double
            var radial_distortion_3: Double
            var radial_distortion_4: Double
        }

        var image_width: Int
        var image_height: Int
        var intrinsic_type: String
        var intrinsics: Values
    }

    /// `gopro_intrinsics_2_7k.json` and its like. The aspect ratio is left aside, as UMI does: fx = fy = focal length.
    public static func camera(contentsOf url: URL) throws(SessionError) -> CameraModel {
        let file = try JSONText.decode(Intrinsics.self, from: url)
        guard file.intrinsic_type == "FISHEYE" else {
            throw .format(path: url.path, location: "intrinsic_type", reason: "\"\(file.intrinsic_type)\" is not known; accepted: FISHEYE")
        }
        let v = file.intrinsics
        return try CameraModel(
            checked: .kannalaBrandt, width: file.image_width, height: file.image_height,
            focalLength: Vector2(v.focal_length, v.focal_length), principalPoint: Vector2(v.principal_pt_x, v.principal_pt_y),
            distortion: Vector4(v.radial_distortion_1, v.radial_distortion_2, v.radial_distortion_3, v.radial_distortion_4),
            path: url.path, key: "intrinsics")
    }

    /// `aruco_config.yaml`: the side of each tag by its id, metres, and the side of all others.
    public struct Tags: Sendable, Equatable {
        public var sizes: [Int: Double]
        public var defaultSize: Double

        public func size(of id: Int) -> Double { sizes[id] ?? defaultSize }
    }

    public static func tags(contentsOf url: URL) throws(SessionError) -> Tags {
        let tree = try YAMLTree(contentsOf: url)
        let dictionary = try tree.string("aruco_dict", "predefined")
        guard dictionary == "DICT_4X4_50" else {
            throw .format(path: url.path, location: "aruco_dict.predefined", reason: "\(dictionary) is not known; accepted: DICT_4X4_50")
        }
        var tags = Tags(sizes: [:], defaultSize: 0)
        for (key, size) in try tree.numbers("marker_size_map") {
            try KeyCheck(path: url.path).tagSize(size, "marker_size_map.\(key)")
            if key == "default" {
                tags.defaultSize = size
            } else if let id = Int(key) {
                tags.sizes[id] = size
            } else {
                throw .format(path: url.path, location: "marker_size_map.\(key)", reason: "neither a tag id nor `default`")
            }
        }
        return tags
    }
}

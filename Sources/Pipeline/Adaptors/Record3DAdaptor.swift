public import Foundation
internal import Geometry
internal import Session

/// Record3D on an iPhone: `metadata.json` with `poses`, one `[qx, qy, qz, qw, px, py, pz]` a frame, and `fps` or `frameTimestamps`.
///
/// ARKit's camera axes are x right, y up, z backwards. Noise as measured of ARKit indoors: about 10 mm and 0.5°.
public enum Record3DAdaptor: RecordingAdaptor {
    public static let name = "record3d"
    public static let accepts = "Record3D: metadata.json with poses (qx qy qz qw px py pz)"

    private struct Metadata: Decodable {
        var poses: [[Double]]
        var frameTimestamps: [Double]?
    }

    public static func recognises(_ url: URL) -> Bool {
        guard url.pathExtension.lowercased() == "json", let data = try? Data(contentsOf: url) else { return false }
        return (try? JSONDecoder().decode(Metadata.self, from: data)) != nil
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let metadata = try JSONText.decode(Metadata.self, from: url)
        let times = metadata.frameTimestamps.flatMap { $0.count == metadata.poses.count ? $0 : nil }
        var rows: [AdaptedRecording.Row] = []
        for (n, v) in metadata.poses.enumerated() {
            guard v.count == 7, v.allSatisfy(\.isFinite) else {
                throw SessionError.format(path: url.path, location: "poses[\(n)]", reason: "7 finite numbers are needed, \(v.count) given")
            }
            let pose = try RecordingAdaptors.pose(Array(v[4...6]), xyzw: Array(v[0...3]), row: n, url)
            rows.append(
                .init(frame: times == nil ? n : nil, seconds: times.map { $0[n] - $0[0] }, pose: RecordingAdaptors.pictureAxes(pose)))
        }
        return AdaptedRecording(
            moving: .camera, rows: rows, positionSigma: 0.010, rotationSigma: 0.0087,
            notes: ["poses of ARKit: 10 mm and 0.5° are assumed of them"])
    }
}

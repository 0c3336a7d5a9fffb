public import Foundation
internal import Geometry
internal import Session

/// Record3D on an iPhone: `metadata.json` with `poses`, one `[qx, qy, qz, qw, px, py, pz]` a frame, and `fps` or `frameTimestamps`.
///
/// ARKit's camera axes are x right, y up, z backwards. Noise as measured of ARKit indoors: about 10 mm and 0.5°.
public enum Record3DAdaptor: RecordingAdaptor {
    public static let name = "record3d"
    public static let accepts = "Record3D: metadata.json, or an .r3d archive's metadata, with poses (qx qy qz qw px py pz)"

    private struct Metadata: Decodable {
        var poses: [[Double]]
        var frameTimestamps: [Double]?
    }

    public static func recognises(_ url: URL) -> Bool {
        RecordingAdaptors.isJSON(url) && (try? JSONText.decode(Metadata.self, from: url)) != nil
    }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let metadata = try JSONText.decode(Metadata.self, from: url)
        let times = metadata.frameTimestamps.flatMap { $0.count == metadata.poses.count ? $0 : nil }
        var clock = RecorderTimes()
        var rows: [AdaptedRecording.Row] = []
        for (n, v) in metadata.poses.enumerated() {
            guard v.count == 7 else {
                throw SessionError.format(path: url.path, location: "poses[\(n)]", reason: "7 numbers are needed, \(v.count) given")
            }
            let pose = try RecordingAdaptors.pose(v[4...6], xyzw: v[0...3], at: "poses[\(n)]", path: url.path)
            rows.append(
                .init(
                    frame: times == nil ? n : nil, seconds: times.map { clock.seconds($0[n]) },
                    pose: pose.map(RecordingAdaptors.pictureAxes)))
        }
        if let fault = RecorderTimes.unitFault(rows.compactMap(\.seconds), path: url.path) { throw fault }
        return AdaptedRecording(
            moving: .camera, rows: rows, positionSigma: 0.010, rotationSigma: 0.0087,
            notes: ["poses of ARKit: 10 mm and 0.5° are assumed of them"])
    }
}

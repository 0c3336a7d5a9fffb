internal import Dataset
internal import Geometry
internal import Session

/// Where the tool of an exported episode was recorded, frame by frame of the data set: what a replay is held against.
enum ReplayPath {
    /// - Parameters:
    ///   - episode: counted among the session's own of the data set.
    ///   - folder: of the data set, see `WrittenEpisode`.
    static func name(episode: Int, folder: String = "", hand: DatasetSide = .only) -> String {
        "recorded_\(folder.isEmpty ? "" : "\(folder)_")\(hand.prefix)\(episode).csv"
    }

    static let columns = ["x_m", "y_m", "z_m", "rotation_x", "rotation_y", "rotation_z", "rotation_w"]

    /// One row for each frame: the moment of the recording and the recorded tool above the arm's base, `rotation_xyzw`.
    static func table(_ samples: [SideSample], unit: String) -> CSVTable {
        var table = CSVTable(header: ["frame", "source_time_ns_video", "source_frame"] + columns, comments: ["unit \(unit)"])
        for (i, sample) in samples.enumerated() {
            let p = sample.baseFromRecordedTool.translation
            let q = sample.baseFromRecordedTool.rotation.xyzw
            table.rows.append(
                ["\(i)", "\(sample.source.nanoseconds)", "\(sample.frame)"] + [p.x, p.y, p.z, q.x, q.y, q.z, q.w].map { "\($0)" })
        }
        return table
    }

    /// The recorded tool above the base, one for each frame; throws when a field is no number.
    static func read(_ table: CSVTable, path: String) throws(SessionError) -> (unit: String, poses: [Transform<Base, Tool>]) {
        var poses: [Transform<Base, Tool>] = []
        for (i, row) in table.rows.enumerated() {
            let v = row.dropFirst(3).compactMap { Double($0) }
            guard v.count == columns.count else {
                throw .format(path: path, location: "row \(i + 1)", reason: "a position and a rotation are expected")
            }
            poses.append(Transform(rotation: Rotation(xyzw: Vector4(v[3], v[4], v[5], v[6])), translation: Vector3(v[0], v[1], v[2])))
        }
        let unit = table.comments.first { $0.hasPrefix("unit ") }.map { String($0.dropFirst(5)) } ?? ""
        return (unit, poses)
    }
}

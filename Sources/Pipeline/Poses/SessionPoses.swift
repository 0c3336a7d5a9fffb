internal import Foundation
internal import Geometry
internal import Session

/// What UMI's own pipeline left in a session: verdicts of its review page, trajectories, the table tag's place in its map.
struct SessionPoses: Sendable {
    /// Nil where `mapping/tx_slam_tag.json` is missing or broken: `problem` says which.
    private let tableFromMap: Transform<Table, Frame>?
    private let problem: String

    private struct TagFile: Decodable {
        var tx_slam_tag: [[Double]]
    }

    /// - Parameter mapping: the session's mapping recording; nil where it has none.
    init(recording: RecordingFile, mapping: RecordingFile?) {
        let folder =
            mapping?.url.deletingLastPathComponent()
            ?? recording.url.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("mapping")
        let url = folder.appendingPathComponent("tx_slam_tag.json")
        guard let file = try? JSONText.decode(TagFile.self, from: url), let m = Self.rigid(file.tx_slam_tag) else {
            (tableFromMap, problem) = (nil, "\(url.path): tx_slam_tag, a 4 x 4 matrix of a rigid motion, is expected there")
            return
        }
        let columns = (0..<3).map { c in Vector3(m[0][c], m[1][c], m[2][c]) }
        let mapFromTable = Transform<Frame, Table>(
            rotation: Rotation(matrix: Matrix3(columns: columns[0], columns[1], columns[2])),
            translation: Vector3(m[0][3], m[1][3], m[2][3]))
        (tableFromMap, problem) = (mapFromTable.inverse, "")
    }

    /// The rows of a matrix that turns and moves; nil for one that does anything else, or is none.
    private static func rigid(_ m: [[Double]]) -> [[Double]]? {
        guard m.count >= 3, m.allSatisfy({ $0.count == 4 && $0.allSatisfy { abs($0) <= 1e6 } }) else { return nil }
        for a in 0..<3 {
            for b in a..<3 {
                let product = (0..<3).reduce(0.0) { $0 + m[$1][a] * m[$1][b] }
                guard abs(product - (a == b ? 1 : 0)) < 0.01 else { return nil }
            }
        }
        return m
    }

    /// A recording that UMI's review page refused (`check_result.txt` that does not begin with `true`) is left out.
    static func check(_ file: RecordingFile) throws {
        let url = file.url.deletingLastPathComponent().appendingPathComponent("check_result.txt")
        guard file.role == .demo, file.url.lastPathComponent.lowercased().hasPrefix("raw_video."), let bytes = try? FileBytes.read(url)
        else { return }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.lowercased().hasPrefix("true") else { return }
        throw UnitFailure(
            reason: "check_result", detail: "\(url.lastPathComponent) says \"\(text.prefix(40))\": only `true` lets a demo in",
            isFinding: true)
    }

    /// The trajectory of a demo, and the place of its map.
    func poses(of file: RecordingFile) throws -> (url: URL, tableFromMap: Transform<Table, Frame>) {
        guard let tableFromMap else { throw UnitFailure(reason: "no_poses", detail: problem) }
        let url = file.url.deletingLastPathComponent().appendingPathComponent("camera_trajectory.csv")
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw UnitFailure(reason: "no_poses", detail: "\(url.path) is missing: the session holds no trajectory of this demo")
        }
        return (url, tableFromMap)
    }
}

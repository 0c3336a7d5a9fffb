internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// The fiducials in every frame of a recording, as a table.
enum TagTable {
    static let name = "tags.csv"
    static let header = ["frame", "id", "x0_px", "y0_px", "x1_px", "y1_px", "x2_px", "y2_px", "x3_px", "y3_px"]

    static func row(_ tag: TagDetection, frame: Int) -> [String] {
        ["\(frame)", "\(tag.id)"] + tag.corners.flatMap { [$0.x.fixed(4), $0.y.fixed(4)] }
    }

    static func byFrame(_ detections: [[TagDetection]]) -> [Int: [TagDetection]] {
        Dictionary(uniqueKeysWithValues: detections.enumerated().map { ($0.offset, $0.element) })
    }

    /// The detections by frame.
    static func read(_ url: URL, frameCount: Int) throws -> [[TagDetection]] {
        let table = try CSVTable(contentsOf: url)
        var frames = [[TagDetection]](repeating: [], count: frameCount)
        for (n, row) in table.rows.enumerated() {
            let v = row.dropFirst(2).compactMap(Double.init)
            guard row.count == header.count, v.count == 8, let frame = Int(row[0]), let id = Int(row[1]), frames.indices.contains(frame)
            else {
                throw SessionError.format(
                    path: url.path, location: "row \(n + 1)", reason: "a frame, an id and eight pixel coordinates are expected")
            }
            frames[frame].append(TagDetection(id: id, corners: (0..<4).map { Vector2(v[2 * $0], v[2 * $0 + 1]) }))
        }
        return frames
    }
}

internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// The fiducials in every frame of a recording.
enum Tags {
    static let header = ["frame", "id", "x0_px", "y0_px", "x1_px", "y1_px", "x2_px", "y2_px", "x3_px", "y3_px"]

    static func run(_ recording: IngestedRecording, context: StageContext) throws -> Artefact {
        let options = context.configuration.tags
        return try context.make(.tags, unit: recording.file.unit, options: options, inputs: ["ingest": recording.artefact.key]) { folder in
            let detector = TagDetector(options: options)
            let source = try recording.frames(.gray)
            let advanced = context.advanced(.tags, recording.file.unit)
            var table = CSVTable(header: header)
            while let frame = try source.nextFrame() {
                for tag in try detector.detect(in: frame.image) {
                    table.rows.append(["\(frame.index)", "\(tag.id)"] + tag.corners.flatMap { [$0.x.fixed(4), $0.y.fixed(4)] })
                }
                if frame.index % 30 == 0 { advanced(Double(frame.index) / Double(recording.times.count)) }
            }
            try table.write(to: folder.appendingPathComponent("tags.csv"))
        }
    }

    static func byFrame(_ detections: [[TagDetection]]) -> [Int: [TagDetection]] {
        Dictionary(uniqueKeysWithValues: detections.enumerated().map { ($0.offset, $0.element) })
    }

    /// The detections by frame.
    static func read(_ artefact: Artefact, frameCount: Int) throws -> [[TagDetection]] {
        let url = artefact.file("tags.csv")
        let table = try CSVTable(contentsOf: url)
        var frames = [[TagDetection]](repeating: [], count: frameCount)
        for (n, row) in table.rows.enumerated() {
            let v = row.compactMap(Double.init)
            guard v.count == 10, frames.indices.contains(Int(v[0])) else {
                throw SessionError.format(
                    path: url.path, location: "row \(n + 1)", reason: "a frame, an id and eight pixel coordinates are expected")
            }
            frames[Int(v[0])].append(TagDetection(id: Int(v[1]), corners: (0..<4).map { Vector2(v[2 + 2 * $0], v[3 + 2 * $0]) }))
        }
        return frames
    }
}

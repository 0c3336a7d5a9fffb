import Foundation
import Geometry
import Imaging
import Mapping
import Session

/// Tracks on disk, so that the back end can be run again without the pictures. For the benchmark alone.
enum TracksFile {
    private struct Head: Codable {
        var width: Int
        var height: Int
        var times: [Int64]
        var isKeyframe: [Bool]
        var tags: [[Double]?]
        var featureCounts: [Int]
        var counts: [Int]
        var kind: FeatureKind
        var problem: String?
        var seconds: Double
    }

    static func write(_ t: FeatureTracks, seconds: Double, to url: URL) throws {
        var columns: [Double] = []
        for o in t.observations { columns += [Double(o.track), o.pixel.x, o.pixel.y] }
        var bytes: [UInt8] = []
        for f in t.features.compactMap({ $0 }) {
            for k in f.keypoints {
                columns += [k.position.x, k.position.y, Double(k.size), Double(k.angle), Double(k.response), Double(k.octave)]
            }
            bytes += f.descriptors
        }
        let head = Head(
            width: t.width, height: t.height, times: t.times.map(\.nanoseconds), isKeyframe: t.isKeyframe,
            tags: t.tableTags.map { $0.map { $0.flatMap { [$0.x, $0.y] } } }, featureCounts: t.features.map { $0?.count ?? -1 },
            counts: (0..<t.frameCount).map { t.frameOffsets[$0 + 1] - t.frameOffsets[$0] },
            kind: t.features.compactMap { $0 }.first?.kind ?? .sift, problem: t.readProblem, seconds: seconds)
        let json = try JSONEncoder().encode(head)
        var data = Data()
        withUnsafeBytes(of: UInt64(json.count)) { data.append(contentsOf: $0) }
        data.append(json)
        columns.withUnsafeBytes { data.append(contentsOf: $0) }
        data.append(contentsOf: bytes)
        try data.write(to: url)
    }

    static func read(_ url: URL) throws -> (tracks: FeatureTracks, seconds: Double) {
        let data = try Data(contentsOf: url)
        let length = Int(data.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let head = try JSONDecoder().decode(Head.self, from: data[8..<(8 + length)])
        let rest = data.dropFirst(8 + length)
        let points = head.counts.reduce(0, +)
        let keypoints = head.featureCounts.reduce(0) { $0 + max($1, 0) }
        let total = 3 * points + 6 * keypoints
        var columns = [Double](repeating: 0, count: total)
        _ = columns.withUnsafeMutableBytes { rest.prefix(8 * total).copyBytes(to: $0) }
        let bytes = [UInt8](rest.dropFirst(8 * total))
        var tracks = FeatureTracks(width: head.width, height: head.height)
        tracks.readProblem = head.problem
        var (at, k, b) = (0, 3 * points, 0)
        let n = head.kind.bytesPerDescriptor
        for (f, time) in head.times.enumerated() {
            var list: [(track: Int32, pixel: Vector2)] = []
            for _ in 0..<head.counts[f] {
                list.append((Int32(columns[at]), Vector2(columns[at + 1], columns[at + 2])))
                at += 3
            }
            var set: FeatureSet?
            let count = head.featureCounts[f]
            if count >= 0 {
                var keys: [Keypoint] = []
                for _ in 0..<count {
                    var p = Keypoint(position: Vector2(columns[k], columns[k + 1]))
                    (p.size, p.angle, p.response) = (Float(columns[k + 2]), Float(columns[k + 3]), Float(columns[k + 4]))
                    p.octave = Int32(columns[k + 5])
                    keys.append(p)
                    k += 6
                }
                set = FeatureSet(kind: head.kind, keypoints: keys, descriptors: Array(bytes[b..<(b + count * n)]))
                b += count * n
            }
            let tag = head.tags[f].map { v in (0..<(v.count / 2)).map { Vector2(v[2 * $0], v[2 * $0 + 1]) } }
            tracks.appendFrame(Timestamp(nanoseconds: time), isKeyframe: head.isKeyframe[f], points: list, tableTag: tag, features: set)
        }
        return (tracks, head.seconds)
    }
}

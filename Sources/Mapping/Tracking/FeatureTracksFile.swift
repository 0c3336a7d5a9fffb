public import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// A recording's tracks as a file: `GTFT`, a version, then tables in order, little-endian, and a checksum of all before it.
///
/// Positions take 4 bytes a number where nothing is lost by it: about 0.4 MB for each second at 60 Hz, half of it descriptors.
extension FeatureTracks {
    static let magic: [UInt8] = Array("GTFT".utf8)
    static let version: Int32 = 1

    /// The same tracks give the same bytes.
    func encoded() -> Data {
        var w = BinaryWriter()
        w.bytes.append(contentsOf: Self.magic)
        w.put([Self.version, Int32(width), Int32(height), Int32(trackCount), Int32(frameCount)])
        for t in times { w.put(t.nanoseconds) }
        w.bytes.append(contentsOf: isKeyframe.map { $0 ? 1 : 0 })
        for f in 0..<frameCount {
            let seen = observations[frameOffsets[f]..<frameOffsets[f + 1]]
            w.put(Int32(seen.count))
            w.put(seen.map(\.track))
            w.putShortest(seen.flatMap { [$0.pixel.x, $0.pixel.y] })
        }
        for tag in tableTags {
            w.put(Int32(tag?.count ?? -1))
            if let tag { w.put(tag.flatMap { [$0.x, $0.y] }) }
        }
        for set in features {
            w.put(Int32(set?.count ?? -1))
            if let set { w.put(set) }
        }
        let problem = readProblem.map { Array($0.utf8) }
        w.put(Int32(problem?.count ?? -1))
        w.bytes.append(contentsOf: problem ?? [])
        w.put(checksum(w.bytes))
        return w.bytes
    }

    /// - Throws: where a track's number is beyond what the observations can hold, or the file cannot be written.
    public func write(to url: URL) throws(MappingError) {
        guard trackCount <= observations.count else {
            throw .file(
                path: url.path, reason: "\(trackCount) tracks have \(observations.count) observations; each track must have one at least")
        }
        do { try encoded().write(to: url) } catch { throw .file(path: url.path, reason: "cannot write the tracks: \(error)") }
    }

    /// Reads what `write` wrote; anything else is an error that names what is wrong.
    public init(contentsOf url: URL) throws(MappingError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch { throw .file(path: url.path, reason: "cannot read the tracks: \(error)") }
        do { try self.init(decoding: [UInt8](data)) } catch { throw .file(path: url.path, reason: error.reason) }
    }

    init(decoding bytes: [UInt8]) throws(FileFormatError) {
        guard bytes.starts(with: Self.magic) else { throw FileFormatError("not a file of tracks: it does not begin with GTFT") }
        let kind = "file of tracks"
        var tail = BinaryReader(Array(bytes.suffix(8)), of: kind)
        guard bytes.count >= 32, try tail.longs(1)[0] == checksum(bytes.dropLast(8)) else {
            throw FileFormatError("the \(kind) does not have the checksum that it states: it is damaged or truncated; make it again")
        }
        var r = BinaryReader(Array(bytes.dropLast(8)), of: kind)
        _ = try r.raw(4)
        let head = try r.ints(4)
        guard head[0] == Self.version else {
            throw FileFormatError("version \(head[0]) of a \(kind); this program reads version \(Self.version): make it again")
        }
        guard head[1] > 0, head[2] > 0 else { throw FileFormatError("the \(kind) has pictures of \(head[1])x\(head[2]) pixels") }
        self.init(width: Int(head[1]), height: Int(head[2]))
        try read(from: &r)
        guard trackCount <= head[3], head[3] <= observations.count, r.isAtEnd else {
            throw FileFormatError("the \(kind) counts \(head[3]) tracks, which its \(observations.count) observations do not hold")
        }
        trackCount = Int(head[3])
    }

    private mutating func read(from r: inout BinaryReader) throws(FileFormatError) {
        let n = try r.count("frames", of: 22)
        let stamps = try r.longs(n)
        guard zip(stamps, stamps.dropFirst()).allSatisfy({ $0 < $1 }) else { throw FileFormatError("times of frames do not ascend") }
        let keys = try r.raw(n)
        var points: [[(track: Int32, pixel: Vector2)]] = []
        for _ in 0..<n {
            let count = try r.count("points", of: 12)
            let ids = try r.ints(count)
            let pixels = try Self.pixels(try r.shortest(2 * count))
            guard ids.allSatisfy({ $0 >= 0 && $0 < .max }) else { throw FileFormatError("a track's number is out of range") }
            points.append(zip(ids, pixels).map { ($0, $1) })
        }
        var tags: [[Vector2]?] = []
        for _ in 0..<n { tags.append(try Self.tag(&r)) }
        for f in 0..<n {
            appendFrame(
                Timestamp(nanoseconds: stamps[f]), isKeyframe: keys[f] != 0, points: points[f], tableTag: tags[f],
                features: try r.featureSet())
        }
        let length = try r.int()
        if length >= 0 { readProblem = String(decoding: try r.raw(Int(length)), as: UTF8.self) }
    }

    private static func tag(_ r: inout BinaryReader) throws(FileFormatError) -> [Vector2]? {
        switch try r.int() {
        case -1: nil
        case 4: try pixels(try r.doubles(8))
        case let n: throw FileFormatError("a table tag has \(n) corners instead of 4")
        }
    }

    fileprivate static func pixels(_ v: [Double]) throws(FileFormatError) -> [Vector2] {
        guard v.allSatisfy({ abs($0) < 1e6 }) else { throw FileFormatError("a point lies a million pixels away or nowhere") }
        return (0..<(v.count / 2)).map { Vector2(v[2 * $0], v[2 * $0 + 1]) }
    }
}

extension BinaryWriter {
    /// A set's kind, keypoints and descriptors; its count goes before.
    fileprivate mutating func put(_ set: FeatureSet) {
        put(set.kind == .orb ? 0 : 1 as UInt8)
        putShortest(set.keypoints.flatMap { [$0.position.x, $0.position.y] })
        put(set.keypoints.flatMap { [$0.size, $0.angle, $0.response] })
        put(set.keypoints.map(\.octave))
        bytes.append(contentsOf: set.descriptors)
    }
}

extension BinaryReader {
    fileprivate mutating func featureSet() throws(FileFormatError) -> FeatureSet? {
        let count = Int(try int())
        if count == -1 { return nil }
        let kind: FeatureKind = try byte() == 0 ? .orb : .sift
        let positions = try FeatureTracks.pixels(try shortest(2 * count))
        let numbers = try floats(3 * count)
        let octaves = try ints(count)
        let keypoints = (0..<count).map { i in
            var k = Keypoint(position: positions[i])
            (k.size, k.angle, k.response, k.octave) = (numbers[3 * i], numbers[3 * i + 1], numbers[3 * i + 2], octaves[i])
            return k
        }
        return FeatureSet(kind: kind, keypoints: keypoints, descriptors: try raw(count * kind.bytesPerDescriptor))
    }
}

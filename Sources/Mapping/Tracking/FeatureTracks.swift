public import Geometry
public import Imaging
public import Session

/// A point seen in a frame.
public struct TrackObservation: Sendable, Equatable {
    public var frame: Int32
    public var track: Int32
    public var pixel: Vector2

    public init(frame: Int32, track: Int32, pixel: Vector2) {
        self.frame = frame
        self.track = track
        self.pixel = pixel
    }
}

/// What the front end makes of a video, in columns: the back end needs no pictures.
public struct FeatureTracks: Sendable, Equatable {
    public var width: Int
    public var height: Int
    public var times: [Timestamp<VideoClock>] = []
    public var isKeyframe: [Bool] = []
    /// In order of frame.
    public var observations: [TrackObservation] = []
    /// `frameOffsets[f]..<frameOffsets[f + 1]` are the observations of frame f.
    public var frameOffsets: [Int] = [0]
    public var trackCount = 0
    /// Corners of the table tag where it was seen, in the tag's own order.
    public var tableTags: [[Vector2]?] = []
    /// Descriptors of keyframes; empty for others.
    public var features: [FeatureSet?] = []
    /// Why reading stopped before the end, if it did.
    public var readProblem: String?

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    public var frameCount: Int { times.count }

    /// Adds a frame with its observations; their frame number is set here.
    public mutating func appendFrame(
        _ time: Timestamp<VideoClock>, isKeyframe key: Bool, points: [(track: Int32, pixel: Vector2)], tableTag: [Vector2]?,
        features set: FeatureSet?
    ) {
        let frame = Int32(times.count)
        times.append(time)
        isKeyframe.append(key)
        for p in points {
            observations.append(TrackObservation(frame: frame, track: p.track, pixel: p.pixel))
            trackCount = max(trackCount, Int(p.track) + 1)
        }
        frameOffsets.append(observations.count)
        tableTags.append(tableTag)
        features.append(set)
    }

    /// Which keyframes to adjust where there are more than `limit`: one in each of as many slots of time (no longer than `longest`
    /// seconds), one with descriptors if there is one.
    func adjusted(limit: Int, longest: Double) -> [Bool] {
        let keys = isKeyframe.indices.filter { isKeyframe[$0] }
        guard let first = keys.first, let last = keys.last, keys.count > limit else { return isKeyframe }
        let start = times[first].seconds
        let slot = max(min((times[last].seconds - start) / Double(max(limit, 1)), longest), 1e-6)
        var chosen = [Bool](repeating: false, count: frameCount)
        var k = 0
        while k < keys.count {
            let number = Int((times[keys[k]].seconds - start) / slot)
            let end = keys[k...].firstIndex { Int((times[$0].seconds - start) / slot) != number } ?? keys.count
            chosen[keys[k..<end].first { features[$0] != nil } ?? keys[k]] = true
            k = end
        }
        return chosen
    }

    /// Offsets and indices of observations by track.
    func byTrack() -> (offsets: [Int], indices: [Int32]) {
        var offsets = [Int](repeating: 0, count: trackCount + 1)
        for o in observations { offsets[Int(o.track) + 1] += 1 }
        for t in 0..<trackCount { offsets[t + 1] += offsets[t] }
        var cursor = offsets
        var indices = [Int32](repeating: 0, count: observations.count)
        for (i, o) in observations.enumerated() {
            indices[cursor[Int(o.track)]] = Int32(i)
            cursor[Int(o.track)] += 1
        }
        return (offsets, indices)
    }
}

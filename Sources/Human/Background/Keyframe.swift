internal import Geometry
internal import Imaging
internal import Session

/// A working picture that stands for the scene at its time.
struct Keyframe: Sendable {
    var frame: Int
    var time: Timestamp<VideoClock>
    /// RGB, working size.
    var image: Image
    /// Nil where the pose is not known.
    var poses: RowPoses?
    /// Log odds of human from models and labels, working size; nil without.
    var external: [Float]?
}

/// Times at a steady interval.
struct KeyframeRhythm: Sendable {
    /// Seconds.
    var interval: Double
    private var last: Timestamp<VideoClock>?

    init(interval: Double) { self.interval = interval }

    /// That of the pictures of a background model.
    init(first: Timestamp<VideoClock>, last: Timestamp<VideoClock>, options o: BackgroundOptions) {
        self.init(interval: max(o.interval, (last - first) / Double(max(o.keyframes - 1, 1))))
    }

    func wants(_ time: Timestamp<VideoClock>) -> Bool { last.map { time - $0 >= interval - 1e-4 } ?? true }

    /// Takes a time if it is due.
    mutating func takes(_ time: Timestamp<VideoClock>) -> Bool {
        guard wants(time) else { return false }
        last = time
        return true
    }
}

/// Keyframes at a steady interval; when there are too many, every other one is dropped and the interval doubles.
struct KeyframeStore: Sendable {
    private(set) var keyframes: [Keyframe] = []
    private var rhythm: KeyframeRhythm
    private let limit: Int

    init(interval: Double, limit: Int) {
        rhythm = KeyframeRhythm(interval: interval)
        self.limit = max(2, limit)
    }

    /// For a background model; its rhythm alone keeps them few.
    init(first: Timestamp<VideoClock>, last: Timestamp<VideoClock>, options: BackgroundOptions) {
        rhythm = KeyframeRhythm(first: first, last: last, options: options)
        limit = max(2, 2 * options.keyframes)
    }

    func wants(_ time: Timestamp<VideoClock>) -> Bool { rhythm.wants(time) }

    mutating func add(_ keyframe: Keyframe) {
        guard rhythm.takes(keyframe.time) else { return }
        keyframes.append(keyframe)
        if keyframes.count > limit {
            keyframes = stride(from: 0, to: keyframes.count, by: 2).map { keyframes[$0] }
            rhythm.interval *= 2
        }
    }
}

/// The scene pictures of the keyframes near the one in hand; those left behind are dropped.
struct KeyframeWindow {
    private let keyframes: [Keyframe]
    private var pictures: [ColourPicture?]
    private var oldest = 0
    private let gains: [Float]

    init(_ keyframes: [Keyframe], gains: [Float]) {
        self.keyframes = keyframes
        self.gains = gains
        pictures = Array(repeating: nil, count: keyframes.count)
    }

    mutating func picture(_ i: Int) throws(HumanError) -> ColourPicture {
        if let known = pictures[i] { return known }
        let made = try ColourPicture(keyframes[i].image, gains: gains)
        pictures[i] = made
        return made
    }

    /// Drops the pictures of a second and more before a time; times only grow.
    mutating func forget(before time: Timestamp<VideoClock>) {
        let first = keyframes.partitioningIndex { $0.time >= time + -1 }
        while oldest < first {
            pictures[oldest] = nil
            oldest += 1
        }
    }

    /// Keyframes to compare a picture with: half before and half after, evenly spread between the nearest and the furthest allowed.
    func neighbours(of time: Timestamp<VideoClock>, options: HumanOptions) -> [Int] {
        func spread(_ list: [Int], _ count: Int) -> [Int] {
            if list.count <= count { return list }
            return (0..<count).map { list[$0 * (list.count - 1) / max(count - 1, 1)] }
        }
        let low = keyframes.partitioningIndex { $0.time >= time + -options.furthestNeighbour }
        var before: [Int] = []
        var after: [Int] = []
        for i in low..<keyframes.count {
            let dt = keyframes[i].time - time
            if dt > options.furthestNeighbour { break }
            if keyframes[i].poses == nil || abs(dt) < options.nearestNeighbour { continue }
            if dt < 0 { before.append(i) } else { after.append(i) }
        }
        let half = max(1, options.neighbours / 2)
        let fromBefore = min(before.count, max(half, options.neighbours - after.count))
        let fromAfter = min(after.count, max(half, options.neighbours - before.count))
        return spread(before, min(fromBefore, options.neighbours)) + spread(after, min(fromAfter, options.neighbours))
    }

    /// Keyframes at some distance in time, seconds, before and after.
    func near(_ time: Timestamp<VideoClock>, within span: ClosedRange<Double>) -> [Int] {
        let low = keyframes.partitioningIndex { $0.time >= time + -span.upperBound }
        return (low..<keyframes.count).prefix { keyframes[$0].time - time <= span.upperBound }.filter {
            abs(keyframes[$0].time - time) > span.lowerBound
        }
    }

    func isBefore(_ i: Int, _ time: Timestamp<VideoClock>) -> Bool { keyframes[i].time < time }
    func poses(_ i: Int) -> RowPoses? { keyframes[i].poses }
}

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
    /// Log odds of human from outside, working size; nil without.
    var outside: [Float]?
}

/// Keyframes at a steady interval; when there are too many, every other one is dropped and the interval doubles.
struct KeyframeStore: Sendable {
    private(set) var keyframes: [Keyframe] = []
    private var interval: Double
    private let limit: Int

    init(interval: Double, limit: Int) {
        self.interval = interval
        self.limit = max(2, limit)
    }

    func wants(_ time: Timestamp<VideoClock>) -> Bool {
        guard let last = keyframes.last else { return true }
        return time - last.time >= interval - 1e-4
    }

    mutating func add(_ keyframe: Keyframe) {
        keyframes.append(keyframe)
        if keyframes.count > limit {
            keyframes = stride(from: 0, to: keyframes.count, by: 2).map { keyframes[$0] }
            interval *= 2
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

    /// Drops what lies before a keyframe; times only grow.
    mutating func forget(before i: Int) {
        while oldest < i {
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

    /// Keyframes within a span that are not the picture itself.
    func near(_ time: Timestamp<VideoClock>, span: Double) -> [Int] {
        let low = keyframes.partitioningIndex { $0.time >= time + -span }
        return (low..<keyframes.count).prefix { keyframes[$0].time - time <= span }.filter { abs(keyframes[$0].time - time) > 0.08 }
    }

    func isBefore(_ i: Int, _ time: Timestamp<VideoClock>) -> Bool { keyframes[i].time < time }
    func poses(_ i: Int) -> RowPoses? { keyframes[i].poses }
    func firstIndex(after time: Timestamp<VideoClock>) -> Int { keyframes.partitioningIndex { $0.time >= time } }
}

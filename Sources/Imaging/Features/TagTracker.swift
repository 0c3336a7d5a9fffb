internal import Geometry
public import Session

/// Finds tags in pictures that follow one another: those in view are looked for where they were, the whole picture is searched now and then.
///
/// A whole search is most of what tags cost, and from one picture to the next a tag moves by a part of its side. Whatever is found has the
/// corners that a search of the whole picture gives; what comes into view is found up to `searchInterval` later. A tag that is not found where
/// it was (blur, a hand over it) has the whole picture searched once, and goes on being looked for there until the next whole search.
public struct TagTracker: Sendable {
    private let detector: TagDetector
    private var seen: [Seen] = []
    private var searched: Timestamp<VideoClock>?

    private struct Seen {
        var tag: TagDetection
        /// Of its centre since the picture before, pixels.
        var motion: Vector2
        var isLost = false
    }

    public init(options: TagDetector.Options = TagDetector.Options()) { detector = TagDetector(options: options) }

    /// The tags in the next picture, in the order of `TagDetector.detect`.
    /// - Parameters:
    ///   - gray: the luma plane.
    ///   - time: later than that of the picture before, or the whole picture is searched.
    public mutating func detect(in gray: Image, time: Timestamp<VideoClock>) throws(ImagingError) -> [TagDetection] {
        guard let searched, time >= searched, time - searched < detector.options.searchInterval - 1e-9 else {
            return try searchAll(gray, time)
        }
        let parts = parts(of: gray)
        guard 2 * parts.reduce(0, { $0 + $1.count }) < gray.width * gray.height else { return try searchAll(gray, time) }
        var found: [TagDetection] = []
        for part in parts { found += try detector.detect(in: gray, box: part) }
        let missed = seen.indices.filter { i in !seen[i].isLost && !found.contains { $0.id == seen[i].tag.id } }
        guard missed.isEmpty else { return try searchAll(gray, time) }
        note(found)
        return found.sorted(by: TagDetection.areInOrder)
    }

    private mutating func searchAll(_ gray: Image, _ time: Timestamp<VideoClock>) throws(ImagingError) -> [TagDetection] {
        let found = try detector.detect(in: gray)
        searched = time
        note(found)
        return found
    }

    /// Remembers where tags are; those that were seen and are not stay where they were, lost, until the next search of the whole picture but one.
    private mutating func note(_ found: [TagDetection]) {
        var next = found.map { tag in
            var now = Seen(tag: tag, motion: .zero)
            if let before = seen.filter({ $0.tag.id == tag.id }).min(by: {
                ($0.tag.center - now.tag.center).length < ($1.tag.center - now.tag.center).length
            }) {
                now.motion = now.tag.center - before.tag.center
            }
            return now
        }
        for old in seen where !old.isLost && !found.contains(where: { $0.id == old.tag.id }) {
            var lost = old
            lost.isLost = true
            next.append(lost)
        }
        seen = next
    }

    /// Where to look, parts that overlap made one.
    private func parts(of gray: Image) -> [PixelBox] {
        var parts: [PixelBox] = []
        for tag in seen {
            guard var part = part(about: tag, of: gray) else { continue }
            while let i = parts.firstIndex(where: { $0.overlaps(part) }) { part = part.union(parts.remove(at: i)) }
            parts.append(part)
        }
        return parts
    }

    /// The widest threshold window fits about the tag too, so that it is seen as in the whole picture.
    private func part(about seen: Seen, of gray: Image) -> PixelBox? {
        let corners = seen.tag.corners
        let side = (0..<4).map { (corners[$0] - corners[($0 + 1) % 4]).length }.max() ?? 0
        let width = detector.options.detectionWidth
        let divisor = width > 0 ? (gray.width + width - 1) / width : 1
        let reach = detector.options.searchReach * side + seen.motion.length + Double(divisor * detector.options.largestWindow)
        func range(_ values: [Double], _ count: Int) -> Range<Int>? {
            let (low, high) = ((values.min() ?? 0) - reach, (values.max() ?? 0) + reach)
            guard low.isFinite, high.isFinite, high > 0, low < Double(count) else { return nil }
            // Whole steps of the smaller picture that is searched.
            let first = Int(max(0, low)) / divisor * divisor
            return first..<min(count, Int(min(high, Double(count))) + 1)
        }
        guard let x = range(corners.map(\.x), gray.width), let y = range(corners.map(\.y), gray.height) else { return nil }
        return PixelBox(x: x, y: y)
    }
}

internal import Dataset
internal import Foundation
internal import Session

/// What goes into the data set as one: the recording of one gripper, or those of two at the same time.
struct JoinedDemo: Sendable, Codable, Equatable {
    /// The recording's name; of two grippers right, `+`, left.
    var name: String
    /// One, or right and left. The first one's clock is the demo's.
    var sides: [Side]
    var segments: [Segment]

    struct Side: Sendable, Codable, Equatable {
        var unit: String
        /// Its video time = the demo's time + offset, seconds.
        var offset: Double
        /// Which arm's columns it fills.
        var hand: DatasetSide
    }

    /// A stretch that is kept on all sides.
    struct Segment: Sendable, Codable, Equatable {
        /// By side: its frames of the stretch, and the motion that they are part of.
        var parts: [KeptSegment]
        /// By side, all that is kept about it: moments between frames are interpolated in this.
        var kept: [FrameSpan]

        init(_ parts: [KeptSegment]) { (self.parts, kept) = (parts, parts.map(\.span)) }
    }

    init(name: String, sides: [Side], segments: [Segment]) { (self.name, self.sides, self.segments) = (name, sides, segments) }

    /// A demo of one arm.
    init(_ unit: String, kept: [KeptSegment]) {
        self.init(
            name: unit, sides: [Side(unit: unit, offset: 0, hand: .only)], segments: kept.map { Segment([$0]) })
    }

    init(_ pair: DemoPair, segments: [Segment]) {
        self.init(
            name: pair.name,
            sides: [Side(unit: pair.right, offset: 0, hand: .right), Side(unit: pair.left, offset: pair.offset, hand: .left)],
            segments: segments)
    }

    /// Places of the sides in the order in which their numbers stand in a data set: left before right, as trainers have it.
    var written: [Int] { sides.indices.sorted { sides[$0].hand.rawValue < sides[$1].hand.rawValue } }
}

/// The frame times of a demo's sides: which frames go with which.
struct DemoClock: Sendable {
    /// By side.
    let times: [[Timestamp<VideoClock>]]
    let offsets: [Double]

    /// Of a side, on the demo's clock, seconds.
    func time(_ side: Int, _ frame: Int) -> Double { times[side][frame].seconds - offsets[side] }

    /// The frames of a span that lie within a time of the demo's clock, rounding aside.
    func frames(_ side: Int, _ span: FrameSpan, _ start: Double, _ end: Double) -> FrameSpan? {
        let inside = (span.first..<span.end).filter { time(side, $0) >= start - 1e-6 && time(side, $0) <= end + 1e-6 }
        guard let first = inside.first, let last = inside.last else { return nil }
        return FrameSpan(first: first, end: last + 1)
    }

    /// The frames of another side that go with frames of the first one in a segment: neighbouring spans leave none out and share none.
    func frames(_ side: Int, along span: FrameSpan, of segment: JoinedDemo.Segment) -> FrameSpan {
        guard side > 0 else { return span }
        let (whole, own) = (segment.parts[0].span, segment.parts[side].span)
        func first(after frame: Int) -> Int {
            if frame <= whole.first { return own.first }
            if frame >= whole.end { return own.end }
            let moment = time(0, frame) - 1e-6
            return (own.first..<own.end).first { time(side, $0) >= moment } ?? own.end
        }
        return FrameSpan(first: first(after: span.first), end: first(after: span.end))
    }

    /// The first side's frame that is nearest to, or next after, a frame of another side.
    func reference(_ side: Int, _ frame: Int) -> Int {
        guard side > 0 else { return frame }
        let seconds = time(side, frame)
        let after = times[0].partitioningIndex { $0.seconds - offsets[0] >= seconds - 0.5e-3 }
        return min(max(after, 0), max(times[0].count - 1, 0))
    }
}

internal import Geometry
public import Session

/// A stretch of a demonstration as the arm moves it: joints (none where no arm is known) as a smooth function of time, and which moment of the recording each moment shows.
///
/// The one thing that is checked, written to data sets and played back.
public struct Motion: Sendable, Equatable {
    /// The joints (rad or m), then the moment of the recording in seconds since `origin`, over the motion's own clock.
    public var spline: JointSpline
    /// The part of the spline's clock that is the motion, seconds.
    public var start: Double
    public var end: Double
    /// What the source column counts from.
    public var origin: Timestamp<VideoClock>
    /// First and one-past-last frame of the joint path that the motion goes through.
    public var firstFrame: Int
    public var endFrame: Int
    /// Whether the time was changed.
    public var isRetimed: Bool

    public var jointCount: Int { spline.columns - 1 }
    public var duration: Double { end - start }

    /// Joints at a time after the motion's start, held at its ends.
    public func joints(at time: Double, derivative: Int = 0) -> [Double] {
        Array(spline(clamped(time), derivative: derivative).dropLast())
    }

    /// The moment of the recording that is shown at a time after the motion's start.
    public func source(at time: Double) -> Timestamp<VideoClock> { origin + sourceSeconds(clamped(time)) }

    /// When, after the motion's start, a moment of the recording is shown; clamped to the motion.
    public func time(of source: Timestamp<VideoClock>) -> Double {
        let wanted = source - origin
        var (low, high) = (start, end)
        if !isRetimed { return min(max(wanted - sourceSeconds(start), 0), duration) }
        for _ in 0..<50 {
            let middle = 0.5 * (low + high)
            if sourceSeconds(middle) < wanted { low = middle } else { high = middle }
        }
        return 0.5 * (low + high) - start
    }

    /// Recorded seconds that pass in a second of motion; below 1 where the demonstration was slowed down.
    public func speed(at time: Double) -> Double { spline.value(clamped(time), column: spline.columns - 1, derivative: 1) }

    /// How fast that changes, 1/s.
    func acceleration(at time: Double) -> Double { spline.value(clamped(time), column: spline.columns - 1, derivative: 2) }

    private func clamped(_ time: Double) -> Double { min(max(start + time, start), end) }
    private func sourceSeconds(_ clock: Double) -> Double { spline.value(clock, column: spline.columns - 1) }

    public init(
        spline: JointSpline, start: Double, end: Double, origin: Timestamp<VideoClock>, firstFrame: Int, endFrame: Int, isRetimed: Bool
    ) {
        self.spline = spline
        self.start = start
        self.end = end
        self.origin = origin
        self.firstFrame = firstFrame
        self.endFrame = endFrame
        self.isRetimed = isRetimed
    }

    /// A smoothed piece at the speed at which it was recorded.
    init(_ piece: JointSpline, frames: Range<Int>, path: JointPath) {
        let n = piece.columns
        let rows = piece.control.count / n
        var control: [Double] = []
        control.reserveCapacity(rows * (n + 1))
        for k in 0..<rows {
            control += piece.control[k * n..<(k + 1) * n]
            // A straight line's control points are the middles of the functions' supports.
            control.append(piece.start + piece.knot * Double(k - 2))
        }
        self.init(
            spline: JointSpline(columns: n + 1, start: piece.start, knot: piece.knot, control: control), start: piece.start,
            end: frames.count > 1 ? piece.end : piece.start, origin: path.times[frames.lowerBound], firstFrame: frames.lowerBound,
            endFrame: frames.upperBound, isRetimed: false)
    }

    /// A run of frames of this motion.
    func part(_ frames: Range<Int>, of path: JointPath) -> Motion {
        var part = self
        part.start = start + time(of: path.times[frames.lowerBound])
        part.end = start + time(of: path.times[frames.upperBound - 1])
        part.firstFrame = frames.lowerBound
        part.endFrame = frames.upperBound
        return part
    }
}

extension Motion {
    /// The motion as a table of control points, from which `init(table:)` makes it again to the bit: one row for each, `time_s` their place on the
    /// motion's clock, then the joints, then the recording's clock.
    public func table(jointNames: [String]) -> CSVTable {
        let n = spline.columns
        var table = CSVTable(
            header: ["time_s"] + jointNames + ["source_s"],
            comments: [
                "spline degree 5, start \(spline.start) s, knot \(spline.knot) s", "span \(start) to \(end) s",
                "frames \(firstFrame) to \(endFrame)", "origin \(origin.nanoseconds) ns", "retimed \(isRetimed ? 1 : 0)",
            ])
        for k in 0..<spline.control.count / n {
            table.rows.append(["\(spline.start + spline.knot * Double(k - 2))"] + spline.control[k * n..<(k + 1) * n].map { "\($0)" })
        }
        return table
    }

    /// Reads what `table` wrote; names what is missing.
    public init(table: CSVTable, path: String) throws(RobotError) {
        func numbers(_ word: String) -> [Double] {
            let line = table.comments.first { $0.hasPrefix(word) } ?? ""
            return line.split(whereSeparator: { $0 == " " || $0 == "," }).compactMap { NumberText.number($0) }
        }
        func wholes(_ word: String) -> [Int] { numbers(word).compactMap { Int(exactly: $0) } }
        let columns = table.header.count - 1
        let (shape, span, retimed) = (numbers("spline"), numbers("span"), numbers("retimed"))
        // Nanoseconds have more digits than a double holds.
        let origin = (table.comments.first { $0.hasPrefix("origin") } ?? "").split(separator: " ").compactMap { Int64($0) }
        let frames = wholes("frames")
        guard columns > 0, table.rows.count > JointSpline.degree, shape.count == 3, shape[2] > 0, span.count == 2, span[0] <= span[1],
            frames.count == 2, frames[0] >= 0, frames[0] <= frames[1], retimed.count == 1, origin.count == 1,
            let start = Timestamp<VideoClock>(checkedNanoseconds: origin[0])
        else {
            throw .input(
                what: path, reason: "is not a motion: spline, span, frames, origin and \(columns) numbers in each row are expected")
        }
        var control: [Double] = []
        control.reserveCapacity(table.rows.count * columns)
        for row in table.rows.indices {
            do { control += try table.numbers(row, Array(1...columns)) } catch { throw RobotError(error) }
        }
        self.init(
            spline: JointSpline(columns: columns, start: shape[1], knot: shape[2], control: control), start: span[0], end: span[1],
            origin: start, firstFrame: frames[0], endFrame: frames[1], isRetimed: retimed[0] == 1)
    }
}

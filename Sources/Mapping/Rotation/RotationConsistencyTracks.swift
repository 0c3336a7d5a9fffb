internal import Geometry
internal import Imaging
internal import Session

/// Corners of one frame, in pixels of the full picture, by track.
struct RotationFrame: Sendable {
    var time: Timestamp<VideoClock>
    /// Ascending.
    var ids: [Int32] = []
    var pixels: [Vector2] = []
}

/// Follows corners from frame to frame, without any inertial help.
struct RotationTracker {
    let options: RotationConsistencyOptions
    let mask: Image?
    private let width: Int
    private let height: Int
    private let scale: Vector2
    private let flow: OpticalFlow
    private let detector: CornerDetector
    private var pyramid: FlowPyramid?
    private var ids: [Int32] = []
    private var points: [Vector2] = []
    private var nextID: Int32 = 0

    /// - Parameter mask: where corners may lie, any size of the picture's shape.
    init(width fullWidth: Int, height fullHeight: Int, mask: Image?, options: RotationConsistencyOptions) throws(ImagingError) {
        self.options = options
        width = min(fullWidth, options.maximumWidth)
        height = max(1, Int((Double(fullHeight) * Double(width) / Double(fullWidth)).rounded()))
        scale = Vector2(Double(fullWidth) / Double(width), Double(fullHeight) / Double(height))
        if let mask { self.mask = try mask.resized(width: width, height: height, by: .nearest) } else { self.mask = nil }
        var flowOptions = OpticalFlow.Options()
        (flowOptions.window, flowOptions.maximumRoundTrip) = (options.flowWindow, 0.5)
        flow = OpticalFlow(options: flowOptions)
        var corners = CornerDetector.Options()
        corners.columns = 10
        corners.rows = 8
        corners.perCell = max(1, options.trackCount / (corners.columns * corners.rows))
        detector = CornerDetector(options: corners)
    }

    mutating func add(_ frame: VideoFrame) throws(ImagingError) -> RotationFrame {
        let gray = try frame.image.gray.resized(width: width, height: height)
        let next = try flow.pyramid(of: gray)
        if let pyramid, !points.isEmpty {
            let found = try flow.track(points, from: pyramid, to: next)
            let kept = found.indices.filter { found[$0].isTracked }
            ids = kept.map { ids[$0] }
            points = kept.map { found[$0].point }
        }
        if points.count < options.trackCount * 3 / 4 {
            for corner in try detector.detect(in: gray, mask: mask, existing: points) {
                ids.append(nextID)
                points.append(corner)
                nextID += 1
            }
        }
        pyramid = next
        return RotationFrame(time: frame.time, ids: ids, pixels: points.map { ($0 + 0.5) * scale - 0.5 })
    }
}

/// What was read of a video for rotation.
struct RotationFootage: Sendable {
    var width: Int
    var height: Int
    var frames: [RotationFrame] = []
    /// Why reading stopped before the end, if it did.
    var problem: String?

    /// Tracks a whole video. One that breaks off gives what came before, and says so in `problem`.
    static func read(
        _ source: any FrameSource, mask: Image?, options: RotationConsistencyOptions
    ) throws(MappingError) -> RotationFootage {
        var recorder = try RotationFootageRecorder(width: source.width, height: source.height, mask: mask, options: options)
        while recorder.footage.problem == nil {
            let frame: VideoFrame?
            do { frame = try source.nextFrame() } catch {
                try recorder.stop(error.description)
                break
            }
            guard let frame else { break }
            _ = try recorder.add(frame)
        }
        return recorder.footage
    }
}

/// Fills a `RotationFootage` frame by frame.
struct RotationFootageRecorder {
    private(set) var footage: RotationFootage
    private var tracker: RotationTracker
    private var last: Timestamp<VideoClock>?
    /// Three quarters of a frame's interval, so that 29.97 counts as 30 and 59.94 as every second frame; seconds.
    private let interval: Double

    init(width: Int, height: Int, mask: Image?, options: RotationConsistencyOptions) throws(MappingError) {
        footage = RotationFootage(width: width, height: height)
        interval = 0.75 / options.maximumRate
        do { tracker = try RotationTracker(width: width, height: height, mask: mask, options: options) } catch {
            throw .pictures(error.description)
        }
    }

    /// Adds a frame unless it comes too soon after the last one; whether it was added.
    mutating func add(_ frame: VideoFrame) throws(MappingError) -> Bool {
        if let last, frame.time - last < interval { return false }
        try frame.checkSize(width: footage.width, height: footage.height)
        last = frame.time
        do {
            footage.frames.append(try tracker.add(frame))
        } catch {
            try stop(error.description)
            return false
        }
        return true
    }

    /// Notes why the frames end here.
    /// - Throws: the same, where there are fewer than two frames.
    mutating func stop(_ problem: String) throws(MappingError) {
        if footage.frames.count < 2 { throw .pictures(problem) }
        footage.problem = problem
    }
}

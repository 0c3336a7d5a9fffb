internal import CNative
public import Geometry

/// A picture made ready for optical flow: its scales and their derivatives. Built once, used with the frame before and the one after.
public final class FlowPyramid {
    let handle: OpaquePointer
    public let width: Int
    public let height: Int

    init(handle: OpaquePointer, width: Int, height: Int) {
        self.handle = handle
        self.width = width
        self.height = height
    }

    deinit { gt_pyramid_free(handle) }
}

/// Where a point went.
public struct FlowResult: Sendable, Equatable {
    /// Pixels of the second picture; the last guess where the point was lost.
    public var point: Vector2
    /// Found, inside the picture, and back where it began.
    public var isTracked: Bool
    /// Mean absolute grey difference in the window.
    public var residual: Double
    /// Distance of the way there and back to the start, pixels.
    public var roundTrip: Double
}

/// Pyramidal Lucas-Kanade tracking with a check of the way back.
///
/// Bouguet, "Pyramidal implementation of the Lucas Kanade feature tracker" (2000).
public struct OpticalFlow: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// Side of the window, pixels, odd; default 21.
        public var window = 21
        /// Scales above the picture itself; default 3: motions up to about 80 px without a guess.
        public var levels = 3
        /// Iterations a scale; default 30.
        public var iterations = 30
        /// A step below this ends the iterations, pixels; default 0.01.
        public var epsilon = 0.01
        /// Least eigenvalue of the window's gradient matrix over its area (OpenCV's normalisation); default 1e-4 drops plain surfaces.
        public var minimumEigenvalue = 1e-4
        /// Longest distance after the way there and back, pixels; default 0.7; negative turns the check off and halves the cost.
        public var maximumRoundTrip = 0.7

        public init() {}
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// Prepares a grey picture.
    public func pyramid(of gray: Image) throws(ImagingError) -> FlowPyramid {
        var handle: OpaquePointer?
        try gray.withView { picture throws(ImagingError) in
            try check(
                gt_pyramid_create(picture, Int32(clamping: options.window), Int32(clamping: options.levels), &handle),
                "optical flow pyramid (needs a grey picture)")
        }
        guard let handle else { throw ImagingError.operation("optical flow pyramid", reason: "no memory") }
        return FlowPyramid(handle: handle, width: gray.width, height: gray.height)
    }

    /// Follows points from one picture to another of the same size.
    /// - Parameters:
    ///   - points: pixels of `from`.
    ///   - guesses: where they are expected in `to`, as many; nil starts from where they were.
    public func track(
        _ points: [Vector2], from: FlowPyramid, to: FlowPyramid, guesses: [Vector2]? = nil
    ) throws(ImagingError) -> [FlowResult] {
        precondition(guesses == nil || guesses?.count == points.count, "one guess per point")
        let n = points.count
        if n == 0 { return [] }
        let start = points.flatMap { [$0.x, $0.y] }
        let guess = guesses?.flatMap { [$0.x, $0.y] }
        var found = [Double](repeating: 0, count: 2 * n)
        var ok = [UInt8](repeating: 0, count: n)
        var error = [Float](repeating: 0, count: n)
        var roundTrip = error
        let native = gt_flow_options(
            iterations: Int32(clamping: options.iterations), epsilon: options.epsilon, min_eigenvalue: options.minimumEigenvalue,
            max_forward_backward: options.maximumRoundTrip)
        try check(
            gt_flow(from.handle, to.handle, start, guess, Int32(clamping: n), native, &found, &ok, &error, &roundTrip),
            "optical flow between pictures of \(from.width)x\(from.height) and \(to.width)x\(to.height)")
        return (0..<n).map {
            FlowResult(
                point: Vector2(found[2 * $0], found[2 * $0 + 1]), isTracked: ok[$0] != 0, residual: Double(error[$0]),
                roundTrip: Double(roundTrip[$0]))
        }
    }
}

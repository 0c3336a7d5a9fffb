internal import CNative
public import Geometry

/// Corners to track: Shi and Tomasi's measure, spread over a grid.
public struct CornerDetector: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// Cells across; default 16: with 12 rows, about 60 px a cell at 960×720.
        public var columns = 16
        /// Cells down; default 12.
        public var rows = 12
        /// Corners a cell holds at most, existing ones counted; default 3, about 570 in all.
        public var perCell = 3
        /// Side of the window the corner measure is summed over, pixels; default 5.
        public var blockSize = 5
        /// Corners are at least this far from each other and from existing ones, pixels; default 10.
        public var minimumDistance = 10.0
        /// Least corner measure (smaller eigenvalue; pixels scaled to 0...1, OpenCV's normalisation); default 1e-4: plain sky gives less.
        public var minimumScore = 1e-4
        /// Least corner measure relative to the picture's best; default 0.005.
        public var relativeScore = 0.005
        /// Refine to sub-pixel; default true.
        public var refines = true

        public init() {}
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// Corners of a grey picture, cell by cell, the best of a cell first.
    /// - Parameters:
    ///   - mask: where corners may lie (one channel, not zero), of the picture's size; nil is everywhere.
    ///   - existing: points already tracked: new corners keep away from them and they fill their cells.
    /// - Returns: positions of the new corners only, pixels.
    public func detect(in gray: Image, mask: Image? = nil, existing: [Vector2] = []) throws(ImagingError) -> [Vector2] {
        // No more corners than pixels, whatever the options say.
        let cells = Double(options.columns) * Double(options.rows) * Double(options.perCell)
        let capacity = Int(min(max(cells, 0), Double(gray.width * gray.height)))
        var xy = [Double](repeating: 0, count: 2 * capacity)
        var found: Int32 = 0
        let old = existing.flatMap { [$0.x, $0.y] }
        let native = gt_corner_options(
            columns: Int32(clamping: options.columns), rows: Int32(clamping: options.rows), per_cell: Int32(clamping: options.perCell),
            block_size: Int32(clamping: options.blockSize), refine: options.refines ? 1 : 0, min_distance: options.minimumDistance,
            min_score: options.minimumScore, relative_score: options.relativeScore)
        try gray.withView { picture throws(ImagingError) in
            try withOptionalView(mask) { mask throws(ImagingError) in
                try check(
                    gt_detect_corners(
                        picture, mask, old, Int32(clamping: existing.count), native, &xy, nil, Int32(clamping: capacity), &found),
                    "corner detection (needs a grey picture and a mask of its size)")
            }
        }
        return (0..<Int(found)).map { Vector2(xy[2 * $0], xy[2 * $0 + 1]) }
    }
}

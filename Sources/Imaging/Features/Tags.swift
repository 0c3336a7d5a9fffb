internal import CNative
public import Geometry

/// A fiducial seen in a picture.
public struct TagDetection: Sendable, Equatable {
    /// Of OpenCV's DICT_4X4_50: 0...49.
    public var id: Int
    /// Four corners of the black square, pixels: top left, top right, bottom right, bottom left of the printed pattern.
    public var corners: [Vector2]

    public init(id: Int, corners: [Vector2]) {
        self.id = id
        self.corners = corners
    }

    public var center: Vector2 { corners.reduce(.zero, +) / Double(max(corners.count, 1)) }

    /// By id, then by the first corner's row and column.
    static func areInOrder(_ a: TagDetection, _ b: TagDetection) -> Bool {
        let (p, q) = (a.corners.first ?? .zero, b.corners.first ?? .zero)
        return (a.id, p.y, p.x) < (b.id, q.y, q.x)
    }
}

/// Finds ArUco tags of the dictionary DICT_4X4_50.
///
/// Garrido-Jurado et al., "Automatic generation and detection of highly reliable fiducial markers under occlusion" (2014), as in OpenCV,
/// with corners refined to sub-pixel: by OpenCV, then as crossings of the traced sides.
public struct TagDetector: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// Smallest window of the adaptive threshold, pixels, odd; default 3: for the 16 mm finger tags, about 25 px wide at 960×720.
        public var smallestWindow = 3
        /// Largest window, pixels, odd; default 43: for the table tag from near.
        public var largestWindow = 43
        /// Step between windows, pixels; default 10.
        public var windowStep = 10
        /// Time between two searches of the whole picture in pictures that follow one another, seconds; default 0.2: a tag that comes into view is
        /// found that much later at most, while those in view are looked for where they were; 0: every picture is searched whole.
        public var searchInterval = 0.2
        /// How far about its last place a tag is looked for, in parts of its longest side, besides how far it last moved; default 1.
        public var searchReach = 1.0
        /// Subtracted from the local mean, grey levels; default 7.
        public var thresholdConstant = 7.0
        /// Shortest contour, in parts of the picture's larger side; default 0.02.
        public var minimumPerimeter = 0.02
        /// Longest contour, in parts of the picture's larger side; default 4.
        public var maximumPerimeter = 4.0
        /// Deviation of a contour from its quadrangle, in parts of its length; default 0.05: fisheye bends sides.
        public var polygonAccuracy = 0.05
        /// Share of the correctable bits that is corrected; default 0.6. Lower it against false detections.
        public var errorCorrection = 0.6
        /// Half side of the corner refinement's window, pixels; default 3; it never exceeds a tenth of the tag's side.
        public var refinementWindow = 3
        /// Iterations of the corner refinement; default 40.
        public var refinementIterations = 40
        /// A step below this ends the refinement, pixels; default 0.01.
        public var refinementAccuracy = 0.01
        /// Take corners as crossings of the traced sides (parabolas: a fisheye bends them); default true: OpenCV's own refinement alone
        /// draws a square's corners inwards by a quarter of a pixel, half a percent of a 60 px tag and so of the scale.
        public var refinesBySides = true
        /// Wider pictures are searched at half their size (or less), their corners refined at full size, pixels; default 1440: the threshold's
        /// windows are made for pictures of about 960; 0: never.
        public var detectionWidth = 1440

        public init() {}
    }

    public var options: Options

    public init(options: Options = Options()) { self.options = options }

    /// The tags in a grey picture, in order of id, then of the first corner's row and column. An id may come twice: mirrors, prints.
    public func detect(in gray: Image) throws(ImagingError) -> [TagDetection] {
        try detect(in: gray, box: PixelBox(x: 0, y: 0, width: gray.width, height: gray.height))
    }

    /// Those that lie within a part of the picture, in the picture's own pixels.
    /// - Precondition: the part is not empty and lies within the picture.
    func detect(in gray: Image, box: PixelBox) throws(ImagingError) -> [TagDetection] {
        let o = options
        let part = gt_box(
            x: Int32(clamping: box.x), y: Int32(clamping: box.y), width: Int32(clamping: box.width), height: Int32(clamping: box.height))
        let native = gt_tag_options(
            window_min: Int32(clamping: o.smallestWindow), window_max: Int32(clamping: o.largestWindow),
            window_step: Int32(clamping: o.windowStep),
            refine_window: Int32(clamping: o.refinementWindow), refine_iterations: Int32(clamping: o.refinementIterations),
            refine_by_sides: o.refinesBySides ? 1 : 0, detection_width: Int32(clamping: o.detectionWidth),
            threshold_constant: o.thresholdConstant, min_perimeter_rate: o.minimumPerimeter, max_perimeter_rate: o.maximumPerimeter,
            polygon_accuracy: o.polygonAccuracy, error_correction: o.errorCorrection, refine_accuracy: o.refinementAccuracy)
        var raw = [gt_tag](repeating: gt_tag(), count: 256)
        var found: Int32 = 0
        try gray.withView { picture throws(ImagingError) in
            try check(
                gt_detect_tags(picture, part, native, &raw, Int32(clamping: raw.count), &found), "tag detection (needs a grey picture)")
        }
        return raw.prefix(Int(found)).map { tag in
            let c = tag.corners
            return TagDetection(
                id: Int(tag.id), corners: [Vector2(c.0, c.1), Vector2(c.2, c.3), Vector2(c.4, c.5), Vector2(c.6, c.7)])
        }
    }

    /// The picture of a tag: `side` pixels of grey, the black border one sixth of it wide.
    public static func draw(id: Int, side: Int) throws(ImagingError) -> Image {
        var out = Image(width: side, height: side, channels: 1)
        try out.withBuffer { buffer throws(ImagingError) in
            try check(gt_draw_tag(Int32(clamping: id), buffer), "draw tag \(id) at \(side) px (ids are 0 to 49, at least 6 px)")
        }
        return out
    }
}

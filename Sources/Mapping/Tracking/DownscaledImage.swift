internal import Geometry
internal import Imaging

/// A picture and where it may be used, halved (or more) until it is no wider than a limit; positions are those of the full picture.
struct DownscaledImage {
    private let gray: Image
    private let mask: Image
    /// Pixels of the full picture for one of the reduced one.
    private let scale: Vector2

    init(_ gray: Image, _ mask: Image, width: Int) throws(ImagingError) {
        let divisor = (gray.width + width - 1) / max(width, 1)
        guard divisor > 1 else {
            (self.gray, self.mask, scale) = (gray, mask, Vector2(1, 1))
            return
        }
        let (w, h) = (gray.width / divisor, gray.height / divisor)
        self.gray = try gray.resized(width: w, height: h)
        self.mask = try mask.resized(width: w, height: h, by: .nearest)
        scale = Vector2(Double(gray.width) / Double(w), Double(gray.height) / Double(h))
    }

    private func full(_ p: Vector2) -> Vector2 { (p + 0.5) * scale - 0.5 }
    private func reduced(_ p: Vector2) -> Vector2 { (p + 0.5) / scale - 0.5 }

    func features(_ detector: FeatureDetector) throws(ImagingError) -> FeatureSet {
        var set = try detector.detect(in: gray, mask: mask)
        for i in set.keypoints.indices { set.keypoints[i].position = full(set.keypoints[i].position) }
        return set
    }

    /// Corners away from those that exist; the detector's distances are those of the full picture.
    func corners(_ detector: CornerDetector, existing: [Vector2]) throws(ImagingError) -> [Vector2] {
        var detector = detector
        detector.options.minimumDistance /= scale.x
        return try detector.detect(in: gray, mask: mask, existing: existing.map(reduced)).map(full)
    }
}

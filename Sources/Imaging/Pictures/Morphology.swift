internal import CNative
public import Geometry

/// One 8-connected region of a mask.
public struct Component: Sendable, Equatable {
    /// Its value in `ConnectedComponents.labels`: 1, 2, …
    public var label: Int
    /// Bounding box, pixels.
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int
    /// Pixels.
    public var area: Int
    /// Mean position, pixels.
    public var center: Vector2
}

/// A mask taken apart into its regions.
public struct ConnectedComponents: Sendable, Equatable {
    /// Row-major; 0 is background.
    public var labels: [Int32]
    /// In order of label.
    public var components: [Component]
}

/// Masks are images of one channel: 0 is outside, all else inside; those made here hold 255.
extension Image {
    /// An empty mask with the pixels inside a polygon set to 255.
    public static func mask(width: Int, height: Int, polygon: [Vector2]) throws(ImagingError) -> Image {
        var out = Image(width: width, height: height, channels: 1)
        try out.fill(polygon: polygon)
        return out
    }

    /// Sets the pixels inside a polygon (corners in pixels) of a one-channel image.
    public mutating func fill(polygon: [Vector2], value: UInt8 = 255) throws(ImagingError) {
        let xy = polygon.flatMap { [$0.x, $0.y] }
        try withBuffer { buffer throws(ImagingError) in
            try check(
                gt_fill_polygon(xy, Int32(clamping: polygon.count), value, buffer), "fill a polygon (needs 3 corners and one channel)")
        }
    }

    /// Erosion by a disc, radius in pixels.
    public func eroded(radius: Int) throws(ImagingError) -> Image { try morphology(GT_ERODE, radius) }
    /// Dilation by a disc, radius in pixels.
    public func dilated(radius: Int) throws(ImagingError) -> Image { try morphology(GT_DILATE, radius) }
    /// Erosion then dilation: removes specks.
    public func opened(radius: Int) throws(ImagingError) -> Image { try morphology(GT_OPEN, radius) }
    /// Dilation then erosion: closes gaps.
    public func closed(radius: Int) throws(ImagingError) -> Image { try morphology(GT_CLOSE, radius) }

    private func morphology(_ operation: some BinaryInteger & Sendable, _ radius: Int) throws(ImagingError) -> Image {
        if radius == 0 { return self }
        return try producing(width: width, height: height, channels: channels, "morphology with radius \(radius)") {
            gt_morphology($0, Int32(clamping: operation), Int32(clamping: radius), $1)
        }
    }

    /// The 8-connected regions of a mask, in scan order.
    public func connectedComponents() throws(ImagingError) -> ConnectedComponents {
        var labels = [Int32](repeating: 0, count: width * height)
        var found: Int32 = 0
        var raw = [gt_component](repeating: gt_component(), count: 256)
        for _ in 0..<2 {
            try withView { input throws(ImagingError) in
                try check(
                    gt_connected_components(input, &labels, labels.count, &raw, Int32(clamping: raw.count), &found),
                    "connected components (need one channel)")
            }
            if Int(found) <= raw.count { break }
            raw = [gt_component](repeating: gt_component(), count: Int(found))
        }
        let components = raw.prefix(Int(found)).enumerated().map { i, c in
            Component(
                label: i + 1, x: Int(c.x), y: Int(c.y), width: Int(c.width), height: Int(c.height), area: Int(c.area),
                center: Vector2(c.center_x, c.center_y))
        }
        return ConnectedComponents(labels: labels, components: components)
    }
}

internal import CNative
public import Geometry

/// Where each pixel of a picture to be made lies in the picture it is made from.
public struct PixelMap: Sendable, Equatable {
    public var width: Int
    public var height: Int
    /// Pixels of the source, row-major; a negative large number means nowhere.
    public var x: [Float]
    public var y: [Float]

    public init(width: Int, height: Int, x: [Float], y: [Float]) {
        precondition(x.count == width * height && y.count == width * height, "a pixel map holds one position per pixel")
        self.width = width
        self.height = height
        self.x = x
        self.y = y
    }

    /// A map by a function from the target's pixel to the source's; nil gives the border.
    public init(width: Int, height: Int, _ source: (Vector2) -> Vector2?) {
        var x = [Float](repeating: -1e6, count: width * height)
        var y = x
        for row in 0..<height {
            for column in 0..<width {
                guard let p = source(Vector2(Double(column), Double(row))) else { continue }
                x[row * width + column] = Float(p.x)
                y[row * width + column] = Float(p.y)
            }
        }
        self.init(width: width, height: height, x: x, y: y)
    }

    /// What a camera `to` sees of a picture that camera `from` took, both in one place: undistortion, rectification, a virtual turn.
    /// - Parameter fromTarget: takes a bearing of the target camera to the source camera.
    public init(from: CameraModel, to: CameraModel, fromTarget: Rotation = .identity) {
        self.init(width: to.width, height: to.height) { pixel in
            guard let bearing = to.unproject(pixel) else { return nil }
            return from.project(fromTarget * bearing)
        }
    }
}

extension Image {
    /// The picture sampled at a map's positions; what lies outside becomes `border`.
    public func remapped(_ map: PixelMap, by interpolation: Interpolation = .linear, border: UInt8 = 0) throws(ImagingError) -> Image {
        try producing(width: map.width, height: map.height, channels: channels, "remap to \(map.width)x\(map.height)") {
            gt_remap($0, map.x, map.y, map.x.count, interpolation.rawValue, border, $1)
        }
    }
}

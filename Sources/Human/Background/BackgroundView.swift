internal import Geometry
internal import Imaging

/// A picture of the static scene prepared for depth.
struct BackgroundView: Sendable {
    var frame: Int
    var image: Image
    var picture: ColourPicture
    var poses: RowPoses
    /// Not scene: the device, beyond the circle.
    var blocked: [Bool]
    /// Brightness less its mean about, levels: exposure drops out.
    var detail: [Int16]
    /// The picture at full size, for filling, and 0 where it may be copied from.
    var full: Image
    var fullBlocked: Image
    /// Not 0 where a pixel, or one of those to the right of and below it, is blocked: nothing can be read between them.
    let unusable: [UInt8]
    let fullUnusable: [UInt8]

    /// - Parameter detailRadius: half side of the square whose mean is taken off, working pixels.
    init(
        frame: Int, image: Image, picture: ColourPicture, poses: RowPoses, blocked: [Bool], full: Image, fullBlocked: Image,
        detailRadius: Int
    ) {
        (self.full, self.fullBlocked) = (full, fullBlocked)
        (self.frame, self.image, self.picture, self.poses, self.blocked) = (frame, image, picture, poses, blocked)
        let (w, h) = (image.width, image.height)
        unusable = Self.spread(blocked.map { $0 ? 255 : 0 }, width: w, height: h)
        fullUnusable = Self.spread(fullBlocked.pixels, width: fullBlocked.width, height: fullBlocked.height)
        let luma = (0..<(w * h)).map { Float(picture.colours[3 * $0]) }
        let sums = boxSum(luma, width: w, height: h, radius: detailRadius)
        let ones = boxSum([Float](repeating: 1, count: w * h), width: w, height: h, radius: detailRadius)
        detail = luma.indices.map { Int16(luma[$0] - sums[$0] / ones[$0]) }
    }

    private static func spread(_ blocked: [UInt8], width w: Int, height h: Int) -> [UInt8] {
        blocked.withUnsafeBufferPointer { b in
            [UInt8](unsafeUninitializedCapacity: w * h) { out, count in
                for y in 0..<h {
                    let below = y + 1 < h ? w : 0
                    for x in 0..<w {
                        let i = y &* w &+ x
                        let right = x + 1 < w ? 1 : 0
                        out[i] = b[i] | b[i &+ right] | b[i &+ below] | b[i &+ below &+ right]
                    }
                }
                count = w * h
            }
        }
    }

    var middle: Transform<Table, Camera> { poses.pose(atHeight: 0.5) }
}

/// A rectangle of pixels.
public struct PixelBox: Sendable, Equatable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public var count: Int { width * height }

    public init(x: Int, y: Int, width: Int, height: Int) { (self.x, self.y, self.width, self.height) = (x, y, width, height) }

    public init(x: Range<Int>, y: Range<Int>) { self.init(x: x.lowerBound, y: y.lowerBound, width: x.count, height: y.count) }

    /// The smallest about the pixels of a mask that are not 0; nil where there are none.
    public init?(around mask: Image) {
        var (x0, y0, x1, y1) = (Int.max, Int.max, -1, -1)
        mask.pixels.withUnsafeBufferPointer { p in
            for y in 0..<mask.height {
                for x in 0..<mask.width where p[y &* mask.width &+ x] != 0 {
                    (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y))
                }
            }
        }
        guard x1 >= 0 else { return nil }
        self.init(x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1)
    }

    /// Wider by some pixels to each side, as far as the picture goes.
    public func grown(by margin: Int, within picture: (width: Int, height: Int)) -> PixelBox {
        let (left, top) = (max(0, x - margin), max(0, y - margin))
        let (right, bottom) = (min(picture.width, x + width + margin), min(picture.height, y + height + margin))
        return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// The smallest that holds both.
    func union(_ other: PixelBox) -> PixelBox {
        let (left, top) = (min(x, other.x), min(y, other.y))
        return PixelBox(
            x: left, y: top, width: max(x + width, other.x + other.width) - left, height: max(y + height, other.y + other.height) - top)
    }

    func overlaps(_ other: PixelBox) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
}

internal import Geometry
internal import Imaging

/// The size masks are found at: the full picture divided by the smallest whole number that makes it narrow enough.
struct WorkingScale: Sendable, Equatable {
    let fullWidth: Int
    let fullHeight: Int
    let factor: Int
    let width: Int
    let height: Int

    init(width: Int, height: Int, maximumWidth: Int) {
        fullWidth = width
        fullHeight = height
        factor = max(1, (width + maximumWidth - 1) / max(maximumWidth, 1))
        self.width = (width + factor - 1) / factor
        self.height = (height + factor - 1) / factor
    }

    /// The camera of the working picture.
    func camera(_ full: CameraModel) -> CameraModel {
        full.croppedAndScaled(x: 0, y: 0, width: width * factor, height: height * factor, toWidth: width, toHeight: height)
    }

    /// A full pixel position in working pixels.
    func shrink(_ p: Vector2) -> Vector2 { (p + 0.5) / Double(factor) - 0.5 }

    /// The columns and rows of full pixels that a working pixel stands for; at the right and bottom they may be cut short.
    func block(_ i: Int) -> (columns: Range<Int>, rows: Range<Int>) {
        let (x, y) = (i % width * factor, i / width * factor)
        return (x..<min(x + factor, fullWidth), y..<min(y + factor, fullHeight))
    }

    func isFull(_ picture: Image) -> Bool { picture.width == fullWidth && picture.height == fullHeight }
    func isWorking(_ picture: Image) -> Bool { picture.width == width && picture.height == height }

    /// A picture at working size, RGB: made small if it is of the full size; nil for one of another size.
    func small(_ picture: Image) -> Image? {
        if isWorking(picture) { return picture.rgb }
        return isFull(picture) ? shrink(picture.rgb) : nil
    }

    /// Why `small` has no answer.
    func refusal(of picture: Image) -> String {
        "\(picture.width)x\(picture.height) pixels; accepted: \(fullWidth)x\(fullHeight), or made small \(width)x\(height)"
    }

    /// The full column or row that stands for a working one: the middle of its block.
    private static func middle(_ i: Int, _ factor: Int, _ full: Int) -> Int { min(i * factor + factor / 2, full - 1) }

    /// By working column, and by working row, the full pixel that stands for it.
    var middles: (columns: [Int], rows: [Int]) {
        ((0..<width).map { Self.middle($0, factor, fullWidth) }, (0..<height).map { Self.middle($0, factor, fullHeight) })
    }

    /// A full-size class map at working size: the class in the middle of each block.
    func sampled(_ classes: Image) -> Image {
        let (columns, rows) = middles
        var out = Image(width: width, height: height, channels: 1)
        for (y, v) in rows.enumerated() {
            for (x, u) in columns.enumerated() { out.pixels[y * width + x] = classes.pixels[v * fullWidth + u] }
        }
        return out
    }

    /// The full-size rectangle about the working pixels that are not 0, some full-size pixels wider; nil where there is none.
    func boundingBox(_ map: [UInt8], margin: Int) -> PixelBox? {
        PixelBox(around: Image(width: width, height: height, channels: 1, pixels: map)).map { box in
            PixelBox(x: box.x * factor, y: box.y * factor, width: box.width * factor, height: box.height * factor)
                .grown(by: margin, within: (fullWidth, fullHeight))
        }
    }

    /// Means over blocks; blocks at the right and bottom may be cut short.
    func shrink(_ image: Image) -> Image {
        if factor == 1 { return image }
        let (w, h, f, c) = (width, height, factor, image.channels)
        let out = [UInt8](unsafeUninitializedCapacity: w * h * c) { out, initialized in
            image.pixels.withUnsafeBufferPointer { p in
                withUnsafeTemporaryAllocation(of: UInt16.self, capacity: fullWidth * c) { columns in
                    for y in 0..<h {
                        let y1 = min(y * f + f, fullHeight)
                        Self.addRows(p, from: y * f, to: y1, length: fullWidth * c, columns)
                        // Exact while a block has fewer than 4096 pixels.
                        func inverse(_ count: Int) -> UInt64 { (1 << 32) / UInt64(max(count, 1)) + 1 }
                        let rows = y1 - y * f
                        let whole = inverse(rows * f)
                        for x in 0..<w {
                            let side = min(f, fullWidth - x * f)
                            let n = rows &* side
                            let scale = side == f ? whole : inverse(n)
                            let start = x &* f &* c
                            let q = (y &* w &+ x) &* c
                            if c == 3 {
                                let half = UInt64(truncatingIfNeeded: n &>> 1)
                                var (red, green, blue) = (half, half, half)
                                var i = start
                                let end = start &+ 3 &* side
                                while i < end {
                                    red &+= UInt64(columns[i])
                                    green &+= UInt64(columns[i &+ 1])
                                    blue &+= UInt64(columns[i &+ 2])
                                    i &+= 3
                                }
                                out[q] = UInt8(truncatingIfNeeded: (red &* scale) &>> 32)
                                out[q &+ 1] = UInt8(truncatingIfNeeded: (green &* scale) &>> 32)
                                out[q &+ 2] = UInt8(truncatingIfNeeded: (blue &* scale) &>> 32)
                            } else {
                                for k in 0..<c {
                                    var sum = UInt64(n / 2)
                                    for u in 0..<side { sum &+= UInt64(columns[start &+ u &* c &+ k]) }
                                    out[q &+ k] = UInt8(truncatingIfNeeded: (sum &* scale) &>> 32)
                                }
                            }
                        }
                    }
                }
            }
            initialized = w * h * c
        }
        return Image(width: w, height: h, channels: c, pixels: out)
    }

    /// Sums of some rows of bytes, column by column.
    private static func addRows(
        _ p: UnsafeBufferPointer<UInt8>, from: Int, to: Int, length: Int, _ sums: UnsafeMutableBufferPointer<UInt16>
    ) {
        guard let bytes = p.baseAddress, let sums = sums.baseAddress else { return }
        let first = bytes + from * length
        for i in 0..<length { sums[i] = UInt16(first[i]) }
        for y in (from + 1)..<max(to, from + 1) {
            let row = bytes + y * length
            for i in 0..<length { sums[i] &+= UInt16(row[i]) }
        }
    }

    /// A mask or class map at full size: each working pixel becomes its block.
    func enlarge(_ map: Image) -> Image {
        if factor == 1 { return map }
        let out = [UInt8](unsafeUninitializedCapacity: fullWidth * fullHeight) { out, initialized in
            map.pixels.withUnsafeBufferPointer { p in
                for y in 0..<fullHeight {
                    let row = y * fullWidth
                    if y % factor > 0 {
                        for x in 0..<fullWidth { out[row &+ x] = out[row &+ x &- fullWidth] }
                        continue
                    }
                    var x = 0
                    for u in 0..<width {
                        let value = p[y / factor &* width &+ u]
                        let end = min(x &+ factor, fullWidth)
                        while x < end {
                            out[row &+ x] = value
                            x &+= 1
                        }
                    }
                }
            }
            initialized = fullWidth * fullHeight
        }
        return Image(width: fullWidth, height: fullHeight, channels: 1, pixels: out)
    }

    /// A working field at a full pixel, bilinear.
    @inline(__always) func value(_ field: [Float], _ x: Int, _ y: Int) -> Float {
        let inverse = 1 / Float(factor)
        let sx = max(0, min((Float(x) + 0.5) * inverse - 0.5, Float(width - 1)))
        let sy = max(0, min((Float(y) + 0.5) * inverse - 0.5, Float(height - 1)))
        let (x0, y0) = (Int(sx), Int(sy))
        let (right, below) = (x0 + 1 < width ? 1 : 0, y0 + 1 < height ? width : 0)
        let (fx, fy) = (sx - Float(x0), sy - Float(y0))
        let i = y0 &* width &+ x0
        let top = field[i] + (field[i + right] - field[i]) * fx
        let bottom = field[i + below] + (field[i + below + right] - field[i + below]) * fx
        return top + (bottom - top) * fy
    }

    /// A working field at full size, bilinear.
    func enlarge(_ field: [Float]) -> [Float] {
        if factor == 1 { return field }
        return [Float](unsafeUninitializedCapacity: fullWidth * fullHeight) { out, initialized in
            field.withUnsafeBufferPointer { p in
                let inverse = 1 / Float(factor)
                for y in 0..<fullHeight {
                    let sy = max(0, min((Float(y) + 0.5) * inverse - 0.5, Float(height - 1)))
                    let y0 = min(Int(sy), max(height - 2, 0))
                    let fy = sy - Float(y0)
                    let r0 = y0 * width
                    let r1 = min(y0 + 1, height - 1) * width
                    for x in 0..<fullWidth {
                        let sx = max(0, min((Float(x) + 0.5) * inverse - 0.5, Float(width - 1)))
                        let x0 = min(Int(sx), max(width - 2, 0))
                        let x1 = min(x0 + 1, width - 1)
                        let fx = sx - Float(x0)
                        let a = p[r0 + x0] + (p[r0 + x1] - p[r0 + x0]) * fx
                        let b = p[r1 + x0] + (p[r1 + x1] - p[r1 + x0]) * fx
                        out[y * fullWidth + x] = a + (b - a) * fy
                    }
                }
            }
            initialized = fullWidth * fullHeight
        }
    }
}

/// Sums over a (2 radius + 1)² square, clipped at the border; two sums may share a number where neither overflows.
func boxSum(_ values: [UInt32], width: Int, height: Int, radius: Int) -> [UInt32] {
    let rows = [UInt32](unsafeUninitializedCapacity: values.count) { rows, count in
        values.withUnsafeBufferPointer { v in
            for y in 0..<height {
                let start = y * width
                var sum: UInt32 = 0
                for x in 0..<min(radius, width) { sum &+= v[start &+ x] }
                for x in 0..<width {
                    if x &+ radius < width { sum &+= v[start &+ x &+ radius] }
                    if x > radius { sum &-= v[start &+ x &- radius &- 1] }
                    rows[start &+ x] = sum
                }
            }
        }
        count = values.count
    }
    var sums = [UInt32](repeating: 0, count: width)
    return [UInt32](unsafeUninitializedCapacity: values.count) { out, count in
        rows.withUnsafeBufferPointer { rows in
            sums.withUnsafeMutableBufferPointer { sums in
                for y in 0..<min(radius, height) { for x in 0..<width { sums[x] &+= rows[y &* width &+ x] } }
                for y in 0..<height {
                    if y + radius < height { for x in 0..<width { sums[x] &+= rows[(y + radius) &* width &+ x] } }
                    if y > radius { for x in 0..<width { sums[x] &-= rows[(y - radius - 1) &* width &+ x] } }
                    for x in 0..<width { out[y &* width &+ x] = sums[x] }
                }
            }
        }
        count = values.count
    }
}

/// Sums over a (2 radius + 1)² square, clipped at the border.
func boxSum(_ values: [Float], width: Int, height: Int, radius: Int) -> [Float] {
    var rows = [Float](repeating: 0, count: values.count)
    var out = rows
    values.withUnsafeBufferPointer { v in
        for y in 0..<height {
            var sum: Float = 0
            for x in 0..<min(radius, width) { sum += v[y * width + x] }
            for x in 0..<width {
                if x + radius < width { sum += v[y * width + x + radius] }
                if x - radius - 1 >= 0 { sum -= v[y * width + x - radius - 1] }
                rows[y * width + x] = sum
            }
        }
    }
    var sums = [Float](repeating: 0, count: width)
    for y in 0..<min(radius, height) { for x in 0..<width { sums[x] += rows[y * width + x] } }
    for y in 0..<height {
        if y + radius < height { for x in 0..<width { sums[x] += rows[(y + radius) * width + x] } }
        if y - radius - 1 >= 0 { for x in 0..<width { sums[x] -= rows[(y - radius - 1) * width + x] } }
        for x in 0..<width { out[y * width + x] = sums[x] }
    }
    return out
}

extension Image {
    /// Calls an Imaging operation, its error under this module's name.
    static func operation<R>(_ name: String, _ body: () throws(ImagingError) -> R) throws(HumanError) -> R {
        do throws(ImagingError) {
            return try body()
        } catch {
            throw .operation(name, reason: "\(error)")
        }
    }
}

internal import Geometry
internal import Imaging

/// A working picture that stands for the scene at a time, with the range of each channel in its 3×3 neighbourhood.
struct ColourPicture: Sendable {
    /// Y Cr Cb, interleaved.
    var colours: [UInt8]
    /// Lowest and highest Y, Cr and Cb about each pixel, interleaved; empty where not asked for.
    private(set) var lowest: [UInt8] = []
    private(set) var highest: [UInt8] = []

    /// - Parameters:
    ///   - gains: factors by pixel that undo the lens's fall-off; empty for none.
    ///   - hasRanges: whether the ranges are wanted; else they are empty.
    init(_ image: Image, gains: [Float] = [], hasRanges: Bool = true) throws(HumanError) {
        var even = image.rgb
        if !gains.isEmpty {
            even.pixels.withUnsafeMutableBufferPointer { p in
                gains.withUnsafeBufferPointer { gains in
                    for i in gains.indices {
                        for c in 0..<3 {
                            p[3 &* i &+ c] = UInt8(truncatingIfNeeded: Int32(min(255, Float(p[3 &* i &+ c]) * gains[i] + 0.5)))
                        }
                    }
                }
            }
        }
        let corrected = even
        let ycc = try Image.operation("colour conversion") { () throws(ImagingError) in try corrected.converted(.rgbToYCrCb) }
        colours = ycc.pixels
        if hasRanges {
            lowest = Self.extremes(ycc.pixels, width: image.width, height: image.height) { min($0, $1) }
            highest = Self.extremes(ycc.pixels, width: image.width, height: image.height) { max($0, $1) }
        }
    }

    /// Of each pixel and its eight neighbours, by channel.
    @inline(__always) private static func extremes(
        _ values: [UInt8], width: Int, height: Int, _ better: (UInt8, UInt8) -> UInt8
    ) -> [UInt8] {
        let (n, length) = (values.count, 3 * width)
        let rows = [UInt8](unsafeUninitializedCapacity: n) { out, count in
            values.withUnsafeBufferPointer { p in
                for y in 0..<height {
                    let start = y * length
                    for k in [0, 1, 2, length - 3, length - 2, length - 1] where k >= 0 {
                        out[start + k] = better(
                            p[start + k], better(p[start + max(k - 3, k % 3)], p[start + min(k + 3, length - 3 + k % 3)]))
                    }
                    for i in (start + 3)..<max(start + 3, start + length - 3) { out[i] = better(p[i], better(p[i &- 3], p[i &+ 3])) }
                }
            }
            count = n
        }
        return [UInt8](unsafeUninitializedCapacity: n) { out, count in
            rows.withUnsafeBufferPointer { p in
                for y in 0..<height {
                    let (above, below) = (y > 0 ? length : 0, y + 1 < height ? length : 0)
                    for i in (y * length)..<(y * length + length) { out[i] = better(p[i], better(p[i &- above], p[i &+ below])) }
                }
            }
            count = n
        }
    }
}

/// How badly a picture is explained by the static scene that other pictures saw.
enum Disagreement {
    static let unknown: UInt8 = 255
    /// A share of 1 in the bytes of the result.
    static let full = 200.0

    /// The share of views that disagree on the best surface, times `full`; `unknown` where too few views saw the pixel.
    ///
    /// All views together, those before alone or those after alone may explain a pixel: what was put down or taken away is explained, what
    /// passes by is not. A cell that is explained is left out of the surfaces that follow.
    /// - Parameters:
    ///   - views: other pictures with their poses; `before` tells on which side in time.
    ///   - blocked: pixels that say nothing, in every picture: device, beyond the circle.
    ///   - asksBlocked: whether the picture's own blocked pixels are asked about; those of the views never say anything.
    ///   - factor: on the tolerances of the options.
    ///   - asked: pixels that are asked about; the rest stays unknown but near them; empty asks about all.
    static func between(
        _ picture: ColourPicture, poses: RowPoses, views: [(picture: ColourPicture, poses: RowPoses, before: Bool)], surfaces: [Surface],
        warp: SurfaceWarp, blocked: [Bool], asksBlocked: Bool = false, tolerance factor: Double,
        asked: [Bool] = [], options: HumanOptions
    ) -> [UInt8] {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let n = w * h
        var best = [Float](repeating: -1, count: n)
        let tolerance = (0..<256).map { Float(factor * (options.brightnessTolerance + options.relativeBrightnessTolerance * Double($0))) }
        let limit = Float(factor * options.colourTolerance)
        let fewest = 3 * options.minimumViews
        let enough = Float(options.sufficientAgreement)
        let asked = asked.isEmpty ? [Bool](repeating: true, count: n) : asked
        let isOpen = (0..<n).map { asked[$0] && (asksBlocked || !blocked[$0]) }
        var wanted = warp.cells { asked[$0] }
        for surface in surfaces {
            guard let first = wanted.firstIndex(of: true), let last = wanted.lastIndex(of: true) else { break }
            // Rows of pixels in which there are votes, and those beside them.
            let top = max(0, first / (warp.columns - 1) * warp.step - 1)
            let bottom = min(h, (last / (warp.columns - 1) + 1) * warp.step + 1)
            var votes = [Votes(count: n), Votes(count: n)]
            let distances = warp.distances(from: poses, over: surface, wanted: wanted)
            var ranges = distances
            for view in views.prefix(255) {
                let grid = warp.grid(from: poses, to: view.poses, distances: distances, ranges: &ranges)
                compare(picture, view.picture, grid, wanted, asked, warp, blocked, tolerance, limit, &votes[view.before ? 0 : 1])
            }
            let agree = votes.map { Votes.sums($0.agree, width: w, rows: top..<bottom) }
            let seen = votes.map { Votes.sums($0.seen, width: w, rows: top..<bottom) }
            let offset = top * w
            for i in 0..<((bottom - top) * w) {
                let (b, a) = (Int(seen[0][i]), Int(seen[1][i]))
                // Up to nine pixels vote; a third of them with enough views must have seen the place.
                guard a + b >= fewest else { continue }
                let (before, after) = (Float(agree[0][i]), Float(agree[1][i]))
                var value = (before + after) / Float(a + b)
                if b >= fewest { value = max(value, before / Float(b)) }
                if a >= fewest { value = max(value, after / Float(a)) }
                best[offset + i] = max(best[offset + i], value)
            }
            close(&wanted, best, isOpen, warp, enough)
        }
        return best.map { $0 < 0 ? unknown : UInt8((Double(1 - $0) * full).rounded()) }
    }

    /// By pixel: the views that saw it, and those of them that agree.
    private struct Votes {
        var agree: [UInt8]
        var seen: [UInt8]

        init(count: Int) {
            agree = [UInt8](repeating: 0, count: count)
            seen = agree
        }

        /// Over a pixel and its eight neighbours, for some rows; there are no votes in the rows about those.
        static func sums(_ values: [UInt8], width w: Int, rows: Range<Int>) -> [UInt16] {
            let n = w * rows.count
            let across = [UInt16](unsafeUninitializedCapacity: n) { out, count in
                values.withUnsafeBufferPointer { all in
                    let v = UnsafeBufferPointer(rebasing: all[(w * rows.lowerBound)..<(w * rows.upperBound)])
                    for start in stride(from: 0, to: n, by: w) {
                        for x in [0, w - 1] {
                            out[start + x] =
                                UInt16(v[start + x]) + (x > 0 ? UInt16(v[start + x - 1]) : 0) + (x + 1 < w ? UInt16(v[start + x + 1]) : 0)
                        }
                        for i in (start + 1)..<max(start + 1, start + w - 1) {
                            out[i] = UInt16(v[i &- 1]) &+ UInt16(v[i]) &+ UInt16(v[i &+ 1])
                        }
                    }
                }
                count = n
            }
            return [UInt16](unsafeUninitializedCapacity: n) { out, count in
                across.withUnsafeBufferPointer { r in
                    for start in stride(from: 0, to: n, by: w) {
                        let (isFirst, isLast) = (start == 0, start + w == n)
                        let (above, below): (UInt16, UInt16) = (isFirst ? 0 : 1, isLast ? 0 : 1)
                        let (up, down) = (isFirst ? 0 : w, isLast ? 0 : w)
                        for i in start..<(start + w) { out[i] = r[i] &+ above &* r[i &- up] &+ below &* r[i &+ down] }
                    }
                }
                count = n
            }
        }
    }

    /// Takes out the cells in which every pixel is explained.
    private static func close(_ wanted: inout [Bool], _ best: [Float], _ isOpen: [Bool], _ warp: SurfaceWarp, _ enough: Float) {
        let (w, h) = (warp.camera.width, warp.camera.height)
        for cell in wanted.indices where wanted[cell] {
            let (r, c) = (cell / (warp.columns - 1), cell % (warp.columns - 1))
            var open = false
            for y in (r * warp.step)..<min(r * warp.step + warp.step, h) where !open {
                for x in (c * warp.step)..<min(c * warp.step + warp.step, w) where isOpen[y * w + x] && best[y * w + x] < enough {
                    open = true
                    break
                }
            }
            wanted[cell] = open
        }
    }

    /// The mean over a square of what is known there and not blocked.
    /// - Parameter keepsUnknown: whether what is unknown stays so.
    static func dense(
        _ disagreement: [UInt8], blocked: [Bool], width: Int, height: Int, radius: Int, keepsUnknown: Bool = false
    ) -> [UInt8] {
        // The sum, and from bit 20 on how many.
        let radius = min(radius, 31)
        let known: [UInt32] = disagreement.withUnsafeBufferPointer { d in
            blocked.withUnsafeBufferPointer { blocked in
                d.indices.map { blocked[$0] || d[$0] == unknown ? 0 : UInt32(d[$0]) | 1 << 20 }
            }
        }
        let sums = boxSum(known, width: width, height: height, radius: radius)
        return disagreement.indices.map { i in
            let (sum, count) = (sums[i] & 0xf_ffff, sums[i] >> 20)
            if count == 0 || (keepsUnknown && disagreement[i] == unknown) { return unknown }
            return UInt8(min(UInt32(full), (2 * sum + count) / (2 * count)))
        }
    }

    /// Adds one view's votes.
    private static func compare(
        _ picture: ColourPicture, _ other: ColourPicture, _ grid: SurfaceWarp.Grid, _ wanted: [Bool], _ asked: [Bool], _ warp: SurfaceWarp,
        _ blocked: [Bool], _ tolerance: [Float], _ limit: Float, _ votes: inout Votes
    ) {
        let w = warp.camera.width
        let (right, bottom) = (Float(w) - 0.5, Float(warp.camera.height) - 0.5)
        votes.agree.withUnsafeMutableBufferPointer { agree in
            votes.seen.withUnsafeMutableBufferPointer { seen in
                picture.colours.withUnsafeBufferPointer { c in
                    other.lowest.withUnsafeBufferPointer { low in
                        other.highest.withUnsafeBufferPointer { high in
                            blocked.withUnsafeBufferPointer { blocked in
                                asked.withUnsafeBufferPointer { asked in
                                    tolerance.withUnsafeBufferPointer { tolerance in
                                        warp.forEachPixel(grid, wanted: wanted) { i, px, py in
                                            if !asked[i] || !(px > -0.5 && py > -0.5 && px < right && py < bottom) { return }
                                            let j = Int(Int32(py + 0.5)) &* w &+ Int(Int32(px + 0.5))
                                            if blocked[j] { return }
                                            seen[i] &+= 1
                                            let (p, q) = (3 &* i, 3 &* j)
                                            @inline(__always) func gap(_ k: Int) -> Int32 {
                                                let v = Int32(c[p &+ k])
                                                return max(0, Int32(low[q &+ k]) &- v, v &- Int32(high[q &+ k]))
                                            }
                                            let dy = max(0, Float(gap(0)) - tolerance[Int(c[p])])
                                            if 0.5 * dy + Float(gap(1) &+ gap(2)) < limit { agree[i] &+= 1 }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

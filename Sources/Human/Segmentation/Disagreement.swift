internal import Geometry
internal import Imaging

/// How badly a picture is explained by the static scene that other pictures saw.
enum Disagreement {
    static let unknown: UInt8 = 255
    /// A share of 1 in the bytes of the result.
    static let full = 200.0

    /// Another picture with its poses.
    struct View {
        var picture: ColourPicture
        var poses: RowPoses
        /// On which side in time it lies.
        var isBefore: Bool
    }

    /// What is asked of the views.
    struct Question {
        /// Pixels that are asked about; the rest stays unknown but near them; empty asks about all.
        var asked: [Bool]
        /// Pixels that say nothing, in every picture: device, beyond the circle.
        var blocked: [Bool]
        /// Whether the picture's own blocked pixels are asked about; those of the views never say anything.
        var asksBlocked: Bool
        /// A factor on the tolerances of the options.
        var tolerance: Double
    }

    /// By how much two pixels may differ.
    private struct Limits {
        /// Of brightness, by level.
        let brightness: [Float]
        /// Of colour, levels.
        let colour: Float

        init(_ factor: Double, _ o: HumanOptions) {
            brightness = (0..<256).map { Float(factor * (o.brightnessTolerance + o.relativeBrightnessTolerance * Double($0))) }
            colour = Float(factor * o.colourTolerance)
        }
    }

    /// The share of views that disagree on the best surface, times `full`; `unknown` where too few views saw the pixel.
    ///
    /// All views together, those before alone or those after alone may explain a pixel: what was put down or taken away is explained, what
    /// passes by is not. A cell that is explained is left out of the surfaces that follow.
    static func between(
        _ picture: ColourPicture, _ poses: RowPoses, and views: [View], over geometry: WorkingGeometry, _ question: Question,
        options: HumanOptions
    ) -> [UInt8] {
        let warp = geometry.warp
        let (w, h) = (warp.camera.width, warp.camera.height)
        let n = w * h
        var best = [Float](repeating: -1, count: n)
        let limits = Limits(question.tolerance, options)
        let fewest = 3 * options.minimumViews
        let enough = Float(options.sufficientAgreement)
        let (blocked, asksBlocked) = (question.blocked, question.asksBlocked)
        let asked = question.asked.isEmpty ? [Bool](repeating: true, count: n) : question.asked
        let isOpen = (0..<n).map { asked[$0] && (asksBlocked || !blocked[$0]) }
        var wanted = warp.cells { asked[$0] }
        for surface in geometry.surfaces {
            guard let first = wanted.firstIndex(of: true), let last = wanted.lastIndex(of: true) else { break }
            // Rows of pixels in which there are votes, and those beside them.
            let top = max(0, first / (warp.columns - 1) * warp.step - 1)
            let bottom = min(h, (last / (warp.columns - 1) + 1) * warp.step + 1)
            var votes = [Votes(count: n), Votes(count: n)]
            let distances = warp.distances(from: poses, over: surface, wanted: wanted)
            var ranges = distances
            for view in views.prefix(255) {
                let grid = warp.grid(from: poses, to: view.poses, distances: distances, ranges: &ranges)
                let cells = (grid: grid, wanted: wanted, warp: warp)
                compare(picture, view.picture, cells, asked, blocked, limits, &votes[view.isBefore ? 0 : 1])
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
        _ picture: ColourPicture, _ other: ColourPicture, _ cells: (grid: SurfaceWarp.Grid, wanted: [Bool], warp: SurfaceWarp),
        _ asked: [Bool], _ blocked: [Bool], _ limits: Limits, _ votes: inout Votes
    ) {
        let (warp, limit) = (cells.warp, limits.colour)
        let w = warp.camera.width
        let (right, bottom) = (Float(w) - 0.5, Float(warp.camera.height) - 0.5)
        votes.agree.withUnsafeMutableBufferPointer { agree in
            votes.seen.withUnsafeMutableBufferPointer { seen in
                picture.colours.withUnsafeBufferPointer { c in
                    other.lowest.withUnsafeBufferPointer { low in
                        other.highest.withUnsafeBufferPointer { high in
                            blocked.withUnsafeBufferPointer { blocked in
                                asked.withUnsafeBufferPointer { asked in
                                    limits.brightness.withUnsafeBufferPointer { tolerance in
                                        warp.forEachPixel(cells.grid, wanted: cells.wanted) { i, px, py in
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

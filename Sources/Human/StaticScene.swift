internal import Geometry
internal import Imaging

/// A working picture that stands for the scene at a time, with the range of each channel in its 3×3 neighbourhood.
struct ScenePicture: Sendable {
    /// Y Cr Cb, interleaved.
    var colours: [UInt8]
    /// Lowest Y Cr Cb and highest Y Cr Cb about each pixel, interleaved (6 bytes a pixel).
    var ranges: [UInt8]

    /// - Parameters:
    ///   - gains: factors by pixel that undo the lens's fall-off; empty for none.
    ///   - hasRanges: whether the ranges are wanted; else they are empty.
    init(_ image: Image, gains: [Float] = [], hasRanges: Bool = true) throws(HumanError) {
        var even = image.rgb
        if !gains.isEmpty {
            even.pixels.withUnsafeMutableBufferPointer { p in
                for i in gains.indices { for c in 0..<3 { p[3 * i + c] = UInt8(min(255, Float(p[3 * i + c]) * gains[i] + 0.5)) } }
            }
        }
        let corrected = even
        let ycc = try Image.operation("colour conversion") { () throws(ImagingError) in try corrected.converted(.rgbToYCrCb) }
        colours = ycc.pixels
        ranges = !hasRanges ? [] : Self.ranges(ycc.pixels, width: image.width, height: image.height)
    }

    private static func ranges(_ c: [UInt8], width: Int, height: Int) -> [UInt8] {
        let n = width * height
        var rows = [UInt8](repeating: 0, count: n * 6)
        var out = rows
        c.withUnsafeBufferPointer { p in
            for y in 0..<height {
                for x in 0..<width {
                    let i = y * width + x
                    let a = x > 0 ? i - 1 : i
                    let b = x + 1 < width ? i + 1 : i
                    for k in 0..<3 {
                        rows[6 * i + k] = min(p[3 * a + k], p[3 * i + k], p[3 * b + k])
                        rows[6 * i + 3 + k] = max(p[3 * a + k], p[3 * i + k], p[3 * b + k])
                    }
                }
            }
        }
        rows.withUnsafeBufferPointer { p in
            for y in 0..<height {
                for x in 0..<width {
                    let i = y * width + x
                    let a = y > 0 ? i - width : i
                    let b = y + 1 < height ? i + width : i
                    for k in 0..<3 {
                        out[6 * i + k] = min(p[6 * a + k], p[6 * i + k], p[6 * b + k])
                        out[6 * i + 3 + k] = max(p[6 * a + 3 + k], p[6 * i + 3 + k], p[6 * b + 3 + k])
                    }
                }
            }
        }
        return out
    }
}

/// How badly a picture is explained by the static scene that other pictures saw.
enum SceneEvidence {
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
    ///   - factor: on the tolerances of the options.
    ///   - cells: of the warp's grid that are asked about; the rest stays unknown; nil asks about all.
    static func disagreement(
        _ picture: ScenePicture, poses: RowPoses, views: [(picture: ScenePicture, poses: RowPoses, before: Bool)], surfaces: [Surface],
        warp: SurfaceWarp, blocked: [Bool], tolerance factor: Double,
        wanted cells: [Bool]? = nil, options: HumanOptions
    ) -> [UInt8] {
        let (w, h) = (warp.camera.width, warp.camera.height)
        let n = w * h
        var best = [Float](repeating: -1, count: n)
        var agree = [[Float]](repeating: [Float](repeating: 0, count: n), count: 2)
        var seen = agree
        let tolerance = (0..<256).map { Float(factor * (options.brightnessTolerance + options.relativeBrightnessTolerance * Double($0))) }
        let limit = Float(factor * options.colourTolerance)
        let fewest = Float(3 * options.minimumViews)
        let enough = Float(options.sufficientAgreement)
        var wanted = cells ?? [Bool](repeating: true, count: (warp.rows - 1) * (warp.columns - 1))
        for surface in surfaces {
            guard wanted.contains(true) else { break }
            for side in 0..<2 {
                agree[side].withUnsafeMutableBufferPointer { a in for i in 0..<n { a[i] = 0 } }
                seen[side].withUnsafeMutableBufferPointer { a in for i in 0..<n { a[i] = 0 } }
            }
            for view in views {
                let side = view.before ? 0 : 1
                let grid = warp.grid(from: poses, to: view.poses, over: surface)
                agree[side].withUnsafeMutableBufferPointer { agree in
                    seen[side].withUnsafeMutableBufferPointer { seen in
                        compare(picture, view.picture, grid, wanted, warp, blocked, tolerance, limit, agree, seen)
                    }
                }
            }
            let agreeBefore = boxSum(agree[0], width: w, height: h, radius: 1)
            let agreeAfter = boxSum(agree[1], width: w, height: h, radius: 1)
            let seenBefore = boxSum(seen[0], width: w, height: h, radius: 1)
            let seenAfter = boxSum(seen[1], width: w, height: h, radius: 1)
            for i in 0..<n {
                let (b, a) = (seenBefore[i], seenAfter[i])
                // Up to nine pixels vote; a third of them with enough views must have seen the place.
                guard a + b >= fewest else { continue }
                var value = (agreeBefore[i] + agreeAfter[i]) / (a + b)
                if b >= fewest { value = max(value, agreeBefore[i] / b) }
                if a >= fewest { value = max(value, agreeAfter[i] / a) }
                best[i] = max(best[i], value)
            }
            for cell in wanted.indices where wanted[cell] {
                let (r, c) = (cell / (warp.columns - 1), cell % (warp.columns - 1))
                var open = false
                for y in (r * warp.step)..<min(r * warp.step + warp.step, h) where !open {
                    for x in (c * warp.step)..<min(c * warp.step + warp.step, w) where !blocked[y * w + x] && best[y * w + x] < enough {
                        open = true
                        break
                    }
                }
                wanted[cell] = open
            }
        }
        return best.map { $0 < 0 ? unknown : UInt8((Double(1 - $0) * full).rounded()) }
    }

    /// The mean over a square of what is known there and not blocked.
    /// - Parameter keepsUnknown: whether what is unknown stays so.
    static func dense(
        _ disagreement: [UInt8], blocked: [Bool], width: Int, height: Int, radius: Int, keepsUnknown: Bool = false
    ) -> [UInt8] {
        var value = [Float](repeating: 0, count: disagreement.count)
        var weight = value
        for i in disagreement.indices where !blocked[i] && disagreement[i] != unknown {
            value[i] = Float(disagreement[i])
            weight[i] = 1
        }
        let values = boxSum(value, width: width, height: height, radius: radius)
        let weights = boxSum(weight, width: width, height: height, radius: radius)
        return disagreement.indices.map { weights[$0] < 1 || (keepsUnknown && disagreement[$0] == unknown) ? unknown : UInt8(min(full, Double(values[$0] / weights[$0]).rounded())) }
    }

    /// Adds one view's votes.
    private static func compare(
        _ picture: ScenePicture, _ other: ScenePicture, _ grid: SurfaceWarp.Grid, _ wanted: [Bool], _ warp: SurfaceWarp, _ blocked: [Bool],
        _ tolerance: [Float], _ limit: Float, _ agree: UnsafeMutableBufferPointer<Float>, _ seen: UnsafeMutableBufferPointer<Float>
    ) {
        let (w, h) = (warp.camera.width, warp.camera.height)
        picture.colours.withUnsafeBufferPointer { c in
            other.ranges.withUnsafeBufferPointer { r in
                blocked.withUnsafeBufferPointer { blocked in
                    tolerance.withUnsafeBufferPointer { tolerance in
                        warp.forEachPixel(grid, wanted: wanted) { i, px, py in
                            let (x, y) = (Int((px + 0.5).rounded(.down)), Int((py + 0.5).rounded(.down)))
                            if x < 0 || y < 0 || x >= w || y >= h { return }
                            let j = y * w + x
                            if blocked[j] { return }
                            seen[i] += 1
                            let q = 6 * j
                            let luma = Int(c[3 * i])
                            let dy = max(0, Float(max(Int(r[q]) - luma, luma - Int(r[q + 3]))) - tolerance[luma])
                            let cr = Int(c[3 * i + 1])
                            let cb = Int(c[3 * i + 2])
                            let dr = max(0, Int(r[q + 1]) - cr, cr - Int(r[q + 4]))
                            let db = max(0, Int(r[q + 2]) - cb, cb - Int(r[q + 5]))
                            if 0.5 * dy + Float(dr + db) < limit { agree[i] += 1 }
                        }
                    }
                }
            }
        }
    }
}

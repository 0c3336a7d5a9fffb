internal import Imaging

extension Region {
    /// What was found for a region.
    struct Filling {
        var found: Found
        /// A `Provenance` raw value by pixel of the region.
        var origin: [UInt8]
        /// By pixel of the region.
        var isFilled: [Bool]
        /// Of a working pixel, in pixels.
        var scale: Int
        /// Of the grain: the same for the same frame.
        var seed: UInt64
    }

    /// Puts found colours into the hole of a picture.
    ///
    /// Brightness meets the ring, sharpness and grain those of the picture about it. Next to the hole's edge, in the margin about the human, the
    /// picture itself shows through where the found colour explains it: so no seam stays, and no human.
    func write(_ filling: Filling, classes: Image, options: FillOptions, to out: inout FilledFrame, hole: inout Image) {
        let (found, origin) = (filling.found, filling.origin)
        let offsets = offsets(found, picture: out.picture, options: options)
        let grain = grain(found, picture: out.picture, seed: filling.seed, options: options)
        let rim = depths(upTo: options.featherWidth) { !isHole[$0] }
        let besideMover = depths(upTo: options.moverMargin * filling.scale) { touchesMover($0, classes) }
        let margin = PixelClass.humanMargin.rawValue
        let (reach, tolerance) = (1 / Float(options.featherWidth + 1), 1 / Float(max(options.featherTolerance, 1e-3)))
        for (k, i) in pixels.enumerated() where isHole[k] && filling.isFilled[k] {
            var colour = SIMD3<Float>.zero
            for c in 0..<3 { colour[c] = found.colours[3 * k + c] + offsets[3 * k + c] + grain[k] }
            if rim[k] > 0, classes.pixels[i] == margin {
                let own = SIMD3(
                    Float(out.picture.pixels[3 * i]), Float(out.picture.pixels[3 * i + 1]), Float(out.picture.pixels[3 * i + 2]))
                let d = own - colour
                let off = max(abs(d.x), max(abs(d.y), abs(d.z))) * tolerance
                if off < 1 { colour += d * (1 - Float(rim[k]) * reach) * (1 - off * off) }
            }
            for c in 0..<3 { out.picture.pixels[3 * i + c] = UInt8(max(0, min(255, colour[c].rounded()))) }
            out.provenance.pixels[i] = besideMover[k] > 0 ? Provenance.invented.rawValue : origin[k]
            hole.pixels[i] = 0
        }
    }

    /// Whether a pixel of the hole has another gripper or a moved thing beside it.
    private func touchesMover(_ k: Int, _ classes: Image) -> Bool {
        let i = pixels[k]
        guard isHole[k], i >= width, i + width < classes.pixels.count else { return false }
        func isMover(_ j: Int) -> Bool {
            classes.pixels[j] == PixelClass.otherGripper.rawValue || classes.pixels[j] == PixelClass.movedObject.rawValue
        }
        return isMover(i - 1) || isMover(i + 1) || isMover(i - width) || isMover(i + width)
    }

    /// How many pixels into the hole from where it starts, from 1 on; 0 for those farther in than `most`.
    private func depths(upTo most: Int, from isStart: (Int) -> Bool) -> [Int32] {
        var out = [Int32](repeating: 0, count: pixels.count)
        var front = pixels.indices.filter(isStart)
        for k in front where isHole[k] { out[k] = 1 }
        for depth in stride(from: 1, through: Int32(most), by: 1) {
            if front.isEmpty { break }
            var next: [Int] = []
            for k in front where pixels[k] >= width && pixels[k] + width < place.count {
                for s in 0..<4 {
                    let n = Int(place[pixels[k] + (s < 2 ? 2 * s - 1 : (2 * s - 5) * width)])
                    if n >= 0, isHole[n], out[n] == 0 {
                        out[n] = depth
                        next.append(n)
                    }
                }
            }
            front = next
        }
        return out
    }
}

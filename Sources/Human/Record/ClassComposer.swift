internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Puts what was found in a frame on its class map, at working size or at full size.
struct ClassComposer: Sendable {
    /// From the working picture to the one that the map is of.
    let scale: WorkingScale
    /// The fixed part of the device mask, of the map's size.
    let fixed: Image
    let options: MaskOptions

    /// The whole class map: the device stays the device, what is left over is a held thing or unknown.
    /// - Parameters:
    ///   - base: the map before any human is sought.
    ///   - picture: of the map's size.
    ///   - outline: 255 where human, of the map's size; nil takes the frame's own score.
    ///   - neighbours: by frame about this one: working pixels in which there is human.
    func compose(
        _ base: Image, picture: Image, finding: FrameFinding, outline: Image? = nil, neighbours: [[Bool]]
    ) throws(HumanError) -> Image {
        var classes = base
        let marks = finding.marks
        if let marks { mark(.otherGripper, on: &classes) { marks.has(MarkMap.gripper, $0) } }
        if finding.score != nil || !neighbours.isEmpty { try take(&classes, picture, finding, outline, neighbours) }
        if let marks { mark(.movedObject, on: &classes) { marks.has(MarkMap.moved, $0) } }
        if let score = finding.score?.odds {
            let least = options.human.unresolvedOdds
            mark(.unknown, on: &classes) { score[$0] > HumanScore.blocked && score[$0] >= least }
        }
        return classes
    }

    /// Human from this frame's own score, margin from dilation and from the frames about it.
    private func take(
        _ classes: inout Image, _ picture: Image, _ finding: FrameFinding, _ outline: Image?, _ neighbours: [[Bool]]
    ) throws(HumanError) {
        var union = try union(neighbours)
        if let area = finding.score?.area {
            for i in area.indices where area[i] { union.pixels[i] = 255 }
            if let outline { try add(outline, beyond: area, to: &union) }
        }
        let margin = try margin(union, finding)
        guard let box = scale.boundingBox(margin.pixels, margin: scale.factor) else { return }
        write(&classes, picture, outline, finding.score?.odds, margin, box)
        takeRim(&classes, box)
    }

    /// Where the frames about this one have human; their outlines are not known and may leave their working masks.
    private func union(_ areas: [[Bool]]) throws(HumanError) -> Image {
        var union = Image(width: scale.width, height: scale.height, channels: 1)
        guard !areas.isEmpty else { return union }
        for area in areas { for i in area.indices where area[i] { union.pixels[i] = 255 } }
        let (joined, reach) = (union, options.human.neighbourReach)
        return try Image.operation("human in frames about") { () throws(ImagingError) in try joined.dilated(radius: reach) }
    }

    /// Adds the working pixels in which the outline has human; it leaves the working mask by `edgeReach` at most.
    private func add(_ outline: Image, beyond coarse: [Bool], to union: inout Image) throws(HumanError) {
        let own = Image(width: scale.width, height: scale.height, channels: 1, pixels: coarse.map { $0 ? 255 : 0 })
        let reach = options.human.edgeReach
        let near = try Image.operation("edge band") { () throws(ImagingError) in try own.dilated(radius: reach) }
        outline.pixels.withUnsafeBufferPointer { p in
            for i in near.pixels.indices where near.pixels[i] != 0 && !coarse[i] {
                let (xs, ys) = scale.block(i)
                for v in ys { for u in xs where p[v * scale.fullWidth + u] != 0 { union.pixels[i] = 255 } }
            }
        }
    }

    /// The human of this frame and those about it, dilated; another gripper beside it is left out.
    private func margin(_ union: Image, _ finding: FrameFinding) throws(HumanError) -> Image {
        let (radius, beside) = (options.human.marginRadius + finding.blur, options.human.otherMargin)
        return try Image.operation("margin") { () throws(ImagingError) in
            var margin = try union.dilated(radius: radius)
            guard let marks = finding.marks else { return margin }
            let gripper = marks.flags.pixels.map { $0 & MarkMap.gripper != 0 ? UInt8(255) : 0 }
            let kept = try Image(width: union.width, height: union.height, channels: 1, pixels: gripper).dilated(radius: beside)
            for i in margin.pixels.indices where kept.pixels[i] != 0 && union.pixels[i] == 0 { margin.pixels[i] = 0 }
            return margin
        }
    }

    /// Writes margin and human into a part of the picture.
    private func write(
        _ classes: inout Image, _ picture: Image, _ outline: Image?, _ score: [Float]?, _ margin: Image, _ box: PixelBox
    ) {
        let (background, outside) = (PixelClass.background.rawValue, PixelClass.outside.rawValue)
        let (near, human) = (PixelClass.humanMargin.rawValue, PixelClass.human.rawValue)
        let (width, f, channels) = (scale.fullWidth, scale.factor, picture.channels)
        let dark = options.device.circleBrightness
        classes.pixels.withUnsafeMutableBufferPointer { c in
            picture.pixels.withUnsafeBufferPointer { picture in
                for y in box.y..<(box.y + box.height) {
                    let row = y / f * scale.width
                    for x in box.x..<(box.x + box.width) {
                        let i = y &* width &+ x
                        if margin.pixels[row &+ x / f] != 0 {
                            if c[i] == background {
                                c[i] = near
                            } else if c[i] == outside {
                                // The circle's last pixels show a human too where they are lit.
                                var most: UInt8 = 0
                                for k in 0..<channels { most = max(most, picture[channels * i + k]) }
                                if Double(most) > dark { c[i] = near }
                            }
                        }
                        guard c[i] == near || c[i] == background else { continue }
                        let isHuman = outline.map { $0.pixels[i] != 0 } ?? score.map { scale.value($0, x, y) > 0 } ?? false
                        if isHuman { c[i] = human }
                    }
                }
            }
        }
    }

    /// Working pixels as a class where the map says background.
    private func mark(_ pixelClass: PixelClass, on classes: inout Image, where isMarked: (_ working: Int) -> Bool) {
        let background = PixelClass.background.rawValue
        for k in 0..<(scale.width * scale.height) where isMarked(k) {
            let (xs, ys) = scale.block(k)
            for v in ys {
                for i in (v * classes.width + xs.lowerBound)..<(v * classes.width + xs.upperBound) where classes.pixels[i] == background {
                    classes.pixels[i] = pixelClass.rawValue
                }
            }
        }
    }

    /// The circle's last pixels are taken with the human beside them where they are lit.
    private func takeRim(_ classes: inout Image, _ box: PixelBox) {
        let (outside, margin, human) = (PixelClass.outside.rawValue, PixelClass.humanMargin.rawValue, PixelClass.human.rawValue)
        let (w, h) = (classes.width, classes.height)
        classes.pixels.withUnsafeMutableBufferPointer { classes in
            fixed.pixels.withUnsafeBufferPointer { fixed in
                for y in box.y..<(box.y + box.height) {
                    for x in box.x..<(box.x + box.width) where classes[y &* w &+ x] == margin && fixed[y &* w &+ x] == outside {
                        // A few steps towards the middle of the picture.
                        let (dx, dy) = (Float(w / 2 - x), Float(h / 2 - y))
                        let length = max(1, (dx * dx + dy * dy).squareRoot())
                        for step in 1...(3 * scale.factor) {
                            let (u, v) = (x + Int((dx / length * Float(step)).rounded()), y + Int((dy / length * Float(step)).rounded()))
                            guard u >= 0, v >= 0, u < w, v < h else { break }
                            let j = v * w + u
                            if fixed[j] == outside { continue }
                            if classes[j] == human { classes[y * w + x] = human }
                            break
                        }
                    }
                }
            }
        }
    }
}

extension HumanOptions {
    /// Log odds from which a pixel that is not taken out is unresolved.
    var unresolvedOdds: Float {
        let p = min(max(unresolvedProbability, 1e-3), 1 - 1e-3)
        return Float(log(p / (1 - p)))
    }
}

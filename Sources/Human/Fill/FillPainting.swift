internal import Imaging
internal import Session

extension FilledFrame {
    /// Paints what nobody saw from what is around it, in the rectangle about it.
    ///
    /// Slivers, and what is very large, smoothly (A. Telea, 2004); what is between by `ExemplarFill`. Only the hole is taken over: everything
    /// else keeps its bytes. What is not scene (the device, beyond the circle) is painted over as well in passing, lest its colour run into the
    /// hole.
    /// - Parameter classes: 0 where the picture shows scene.
    mutating func paintIn(_ hole: Image, avoiding classes: Image, options: MaskOptions, at time: Timestamp<VideoClock>) throws(HumanError) {
        guard let tight = PixelBox(around: hole) else { return }
        let fill = options.fill
        let radius = fill.inpaintRadius
        let core = fill.mode == .observed ? try wide(hole, tight, options) : nil
        let box = tight.grown(
            by: max(2 * Int(radius.rounded(.up)) + 2, core == nil ? 0 : fill.exemplarReach), within: (hole.width, hole.height))
        let source = picture.cropped(x: box.x, y: box.y, width: box.width, height: box.height)
        let part = hole.cropped(x: box.x, y: box.y, width: box.width, height: box.height)
        let mask = try withOthers(part, box, classes, reach: Int(radius.rounded(.up)) + 2)
        let painted = try Image.operation("inpaint at \(time.seconds) s") { () throws(ImagingError) in
            try source.inpainted(mask: mask, radius: radius)
        }
        let result = core.map { copied(painted, part, box, core: $0, tight, classes, options: fill) } ?? painted
        for y in 0..<box.height {
            for x in 0..<box.width where part.pixels[y * box.width + x] != 0 {
                let i = (y + box.y) * hole.width + x + box.x
                for c in 0..<3 { picture.pixels[3 * i + c] = result.pixels[3 * (y * box.width + x) + c] }
                provenance.pixels[i] = Provenance.invented.rawValue
            }
        }
    }

    /// A part of the hole with what is not scene about it.
    private func withOthers(_ part: Image, _ box: PixelBox, _ classes: Image, reach: Int) throws(HumanError) -> Image {
        let near = try Image.operation("inpaint") { () throws(ImagingError) in try part.dilated(radius: reach) }
        var mask = part
        for y in 0..<box.height {
            for x in 0..<box.width {
                let (i, j) = ((y + box.y) * classes.width + x + box.x, y * box.width + x)
                if part.pixels[j] == 0, near.pixels[j] != 0, classes.pixels[i] != 0, provenance.pixels[i] == 0 { mask.pixels[j] = 255 }
            }
        }
        return mask
    }

    /// The wide parts of the hole continued by copied squares.
    /// - Parameters:
    ///   - painted: the box, smoothly painted in.
    ///   - part: of the hole, in the box.
    ///   - core: what of it is wide, in the `tight` box.
    private func copied(
        _ painted: Image, _ part: Image, _ box: PixelBox, core: Image, _ tight: PixelBox, _ classes: Image, options: FillOptions
    ) -> Image {
        var target = [Bool](repeating: false, count: box.count)
        var shown = target
        for y in 0..<box.height {
            for x in 0..<box.width {
                let (i, j) = ((y + box.y) * classes.width + x + box.x, y * box.width + x)
                let (u, v) = (x + box.x - tight.x, y + box.y - tight.y)
                if part.pixels[j] == 0 {
                    shown[j] = classes.pixels[i] == 0 || provenance.pixels[i] != 0
                } else if u >= 0, v >= 0, u < core.width, v < core.height {
                    target[j] = core.pixels[v * core.width + u] != 0
                }
            }
        }
        var exemplar = ExemplarFill(painted, target: target, known: shown, options: options)
        let colours = exemplar.run()
        var out = painted
        for j in target.indices where target[j] {
            for c in 0..<3 { out.pixels[3 * j + c] = UInt8(max(0, min(255, colours[j][c].rounded()))) }
        }
        return out
    }

    /// What of a hole is wider than a sliver, in the rectangle about it; nil where nothing is.
    private func wide(_ hole: Image, _ box: PixelBox, _ options: MaskOptions) throws(HumanError) -> Image? {
        let scale = WorkingScale(width: hole.width, height: hole.height, maximumWidth: options.human.maximumWorkingWidth).factor
        let radius = max(1, options.fill.sliverWidth * scale / 2)
        guard min(box.width, box.height) > 2 * radius else { return nil }
        let part = hole.cropped(x: box.x, y: box.y, width: box.width, height: box.height)
        let count = part.pixels.reduce(0) { $0 + ($1 != 0 ? 1 : 0) }
        guard Double(count) <= options.fill.largestExemplar * Double(hole.pixels.count) else { return nil }
        let core = try Image.operation("fill by example") { () throws(ImagingError) in
            try part.eroded(radius: radius).dilated(radius: radius + 1)
        }
        return core.pixels.contains(255) ? core : nil
    }
}

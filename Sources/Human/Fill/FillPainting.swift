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
        let (w, h) = (hole.width, hole.height)
        var (x0, y0, x1, y1) = (w, h, -1, -1)
        for y in 0..<h {
            for x in 0..<w where hole.pixels[y * w + x] != 0 { (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y)) }
        }
        guard x1 >= 0 else { return }
        let fill = options.fill
        let radius = fill.inpaintRadius
        let core = fill.mode == .observed ? try wide(hole, (x0, y0, x1, y1), options) : nil
        let reach = max(2 * Int(radius.rounded(.up)) + 2, core == nil ? 0 : fill.exemplarReach)
        let corner = (x0, y0)
        (x0, y0, x1, y1) = (max(0, x0 - reach), max(0, y0 - reach), min(w - 1, x1 + reach), min(h - 1, y1 + reach))
        let (cw, ch) = (x1 - x0 + 1, y1 - y0 + 1)
        var part = Image(width: cw, height: ch, channels: 3)
        var mask = Image(width: cw, height: ch, channels: 1)
        for y in 0..<ch {
            for x in 0..<cw {
                let i = (y + y0) * w + x + x0
                mask.pixels[y * cw + x] = hole.pixels[i]
                for c in 0..<3 { part.pixels[3 * (y * cw + x) + c] = picture.pixels[3 * i + c] }
            }
        }
        let known = mask
        let near = try Image.operation("inpaint") { () throws(ImagingError) in try known.dilated(radius: Int(radius.rounded(.up)) + 2) }
        for y in 0..<ch {
            for x in 0..<cw {
                let (i, j) = ((y + y0) * w + x + x0, y * cw + x)
                if mask.pixels[j] == 0, near.pixels[j] != 0, classes.pixels[i] != 0, provenance.pixels[i] == 0 { mask.pixels[j] = 255 }
            }
        }
        let (source, wanted) = (part, mask)
        let painted = try Image.operation("inpaint at \(time.seconds) s") { () throws(ImagingError) in
            try source.inpainted(mask: wanted, radius: radius)
        }
        var result = painted
        if let core {
            var target = [Bool](repeating: false, count: cw * ch)
            var shown = target
            for y in 0..<ch {
                for x in 0..<cw {
                    let (i, j) = ((y + y0) * w + x + x0, y * cw + x)
                    let (u, v) = (x + x0 - corner.0, y + y0 - corner.1)
                    if known.pixels[j] == 0 {
                        shown[j] = classes.pixels[i] == 0 || provenance.pixels[i] != 0
                    } else if u >= 0, v >= 0, u < core.width, v < core.height {
                        target[j] = core.pixels[v * core.width + u] != 0
                    }
                }
            }
            var exemplar = ExemplarFill(painted, target: target, known: shown, options: fill)
            let colours = exemplar.run()
            for j in target.indices where target[j] {
                for c in 0..<3 { result.pixels[3 * j + c] = UInt8(max(0, min(255, colours[j][c].rounded()))) }
            }
        }
        for y in 0..<ch {
            for x in 0..<cw where known.pixels[y * cw + x] != 0 {
                let i = (y + y0) * w + x + x0
                for c in 0..<3 { picture.pixels[3 * i + c] = result.pixels[3 * (y * cw + x) + c] }
                provenance.pixels[i] = Provenance.invented.rawValue
            }
        }
    }

    /// What of a hole is wider than a sliver, in the rectangle about it; nil where nothing is.
    private func wide(_ hole: Image, _ box: (x0: Int, y0: Int, x1: Int, y1: Int), _ options: MaskOptions) throws(HumanError) -> Image? {
        let scale = WorkingScale(width: hole.width, height: hole.height, maximumWidth: options.human.maximumWorkingWidth).factor
        let radius = max(1, options.fill.sliverWidth * scale / 2)
        var part = Image(width: box.x1 - box.x0 + 1, height: box.y1 - box.y0 + 1, channels: 1)
        guard min(part.width, part.height) > 2 * radius else { return nil }
        var count = 0
        for y in 0..<part.height {
            for x in 0..<part.width {
                part.pixels[y * part.width + x] = hole.pixels[(y + box.y0) * hole.width + x + box.x0]
                if part.pixels[y * part.width + x] != 0 { count += 1 }
            }
        }
        guard Double(count) <= options.fill.largestExemplar * Double(hole.pixels.count) else { return nil }
        let whole = part
        let core = try Image.operation("fill by example") { () throws(ImagingError) in
            try whole.eroded(radius: radius).dilated(radius: radius + 1)
        }
        return core.pixels.contains(255) ? core : nil
    }
}

internal import Imaging
internal import Session

extension FilledFrame {
    /// Paints what nobody saw from what is around it (A. Telea, 2004), in the rectangle about it.
    ///
    /// Only the hole is taken over: everything else keeps its bytes. What is not scene (the device, beyond the circle) is painted over as well
    /// in passing, lest its colour run into the hole.
    /// - Parameter classes: 0 where the picture shows scene.
    mutating func paintIn(_ hole: Image, avoiding classes: Image, radius: Double, at time: Timestamp<VideoClock>) throws(HumanError) {
        let (w, h) = (hole.width, hole.height)
        var (x0, y0, x1, y1) = (w, h, -1, -1)
        for y in 0..<h {
            for x in 0..<w where hole.pixels[y * w + x] != 0 { (x0, y0, x1, y1) = (min(x0, x), min(y0, y), max(x1, x), max(y1, y)) }
        }
        guard x1 >= 0 else { return }
        let reach = 2 * Int(radius.rounded(.up)) + 2
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
        for y in 0..<ch {
            for x in 0..<cw where known.pixels[y * cw + x] != 0 {
                let i = (y + y0) * w + x + x0
                for c in 0..<3 { picture.pixels[3 * i + c] = painted.pixels[3 * (y * cw + x) + c] }
                provenance.pixels[i] = Provenance.invented.rawValue
            }
        }
    }
}

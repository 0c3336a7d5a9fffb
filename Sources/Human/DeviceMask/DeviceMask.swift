internal import Geometry
public import Imaging

/// Where the recorder itself is in its own pictures: the still part once per rig, the fingers by their tags.
public struct DeviceMask: Sendable, Equatable {
    /// The part that never moves, at picture size: background, device, mirror, outside.
    public var fixed: Image
    /// A finger that moves with its tag.
    public var fingers: [FingerMask]
    /// The protected square about a seen finger tag, in tag sides.
    public var fingerTagScale: Double
    /// Ids of the finger tags.
    public var fingerTagIDs: [Int]
    /// Pictures it was found from.
    public var frameCount: Int
    /// What limits it, for the report; empty when nothing does.
    public var notes: [String]

    /// Share of the picture inside the image circle that the still part covers.
    public var deviceShare: Double {
        let device = fixed.count(of: .device) + fixed.count(of: .mirror)
        return Double(device) / Double(max(fixed.pixels.count - fixed.count(of: .outside), 1))
    }

    /// The class map of one picture before any human is sought: the still part and the fingers where their tags are.
    /// - Parameter tags: this picture's detections, in pixels of the full picture; others than the finger tags are left out.
    public func classes(tags: [TagDetection]) throws(HumanError) -> Image {
        var out = fixed
        for tag in tags where fingerTagIDs.contains(tag.id) {
            if let finger = fingers.first(where: { $0.id == tag.id }) { finger.draw(on: &out, center: tag.center) }
            let c = tag.center
            let square = tag.corners.map { c + ($0 - c) * fingerTagScale }
            let (xs, ys) = (square.map(\.x), square.map(\.y))
            guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max(), right > left - 1, bottom > top - 1
            else { continue }
            let x0 = Int(max(0, min(Double(out.width), left - 2)))
            let y0 = Int(max(0, min(Double(out.height), top - 2)))
            let (x1, y1) = (Int(max(0, min(Double(out.width), right + 3))), Int(max(0, min(Double(out.height), bottom + 3))))
            guard x0 < x1, y0 < y1 else { continue }
            var drawn = Image(width: x1 - x0, height: y1 - y0, channels: 1)
            let shifted = square.map { $0 - Vector2(Double(x0), Double(y0)) }
            try Image.operation("protect finger tag \(tag.id)") { () throws(ImagingError) in try drawn.fill(polygon: shifted) }
            let (background, device) = (PixelClass.background.rawValue, PixelClass.device.rawValue)
            let width = out.width
            out.pixels.withUnsafeMutableBufferPointer { out in
                drawn.pixels.withUnsafeBufferPointer { drawn in
                    for y in y0..<y1 {
                        for x in x0..<x1 where drawn[(y - y0) * (x1 - x0) + x - x0] != 0 && out[y * width + x] == background {
                            out[y * width + x] = device
                        }
                    }
                }
            }
        }
        return out
    }
}

/// The shape of a finger about its tag, learned from what moves with the tag in the picture.
public struct FingerMask: Sendable, Equatable {
    /// The tag's id.
    public var id: Int
    /// 255 on the finger; `pixelsPerCell` full pixels for each of its own, the tag's centre in the middle.
    public var mask: Image
    public var pixelsPerCell: Int

    /// The mask's cell that shows a full-size pixel where the tag's centre is known; nil outside of the mask.
    func cell(_ pixel: Vector2, center: Vector2) -> Int? {
        let place = (pixel - center) / Double(pixelsPerCell) + Vector2(Double(mask.width / 2), Double(mask.height / 2))
        let (column, row) = (Int(place.x.rounded()), Int(place.y.rounded()))
        guard column >= 0, row >= 0, column < mask.width, row < mask.height else { return nil }
        return row * mask.width + column
    }

    /// Takes out the cells that show the scene, and what does not hang together with the tag then.
    mutating func trim(where isScene: (Int) -> Bool) throws(HumanError) {
        let scene = Image(
            width: mask.width, height: mask.height, channels: 1,
            pixels: mask.pixels.indices.map { mask.pixels[$0] != 0 && isScene($0) ? 255 : 0 })
        let old = mask
        let middle = mask.height / 2 * mask.width + mask.width / 2
        mask = try Image.operation("trimming finger \(id)") { () throws(ImagingError) in
            let free = try scene.opened(radius: 1)
            var kept = old
            for i in kept.pixels.indices where free.pixels[i] != 0 { kept.pixels[i] = 0 }
            let parts = try kept.connectedComponents()
            let own = parts.labels[middle]
            for i in kept.pixels.indices where own == 0 || parts.labels[i] != own { kept.pixels[i] = 0 }
            return kept
        }
    }

    /// Marks the finger as device on a full-size class map, where that says background.
    func draw(on classes: inout Image, center: Vector2) {
        let f = Double(pixelsPerCell)
        let half = Vector2(Double(mask.width / 2), Double(mask.height / 2))
        let x0 = max(0, Int((center.x - (half.x + 1) * f).rounded(.down)))
        let y0 = max(0, Int((center.y - (half.y + 1) * f).rounded(.down)))
        let x1 = min(classes.width, Int((center.x + (half.x + 1) * f).rounded(.up)))
        let y1 = min(classes.height, Int((center.y + (half.y + 1) * f).rounded(.up)))
        guard x0 < x1, y0 < y1 else { return }
        let columns = (x0..<x1).map { Int(((Double($0) - center.x) / f + half.x).rounded()) }
        let (background, device) = (PixelClass.background.rawValue, PixelClass.device.rawValue)
        let width = classes.width
        classes.pixels.withUnsafeMutableBufferPointer { classes in
            mask.pixels.withUnsafeBufferPointer { own in
                columns.withUnsafeBufferPointer { columns in
                    for y in y0..<y1 {
                        let row = Int(((Double(y) - center.y) / f + half.y).rounded())
                        guard row >= 0, row < mask.height else { continue }
                        for x in x0..<x1 {
                            let column = columns[x - x0]
                            guard column >= 0, column < mask.width, own[row * mask.width + column] != 0 else { continue }
                            if classes[y * width + x] == background { classes[y * width + x] = device }
                        }
                    }
                }
            }
        }
    }
}

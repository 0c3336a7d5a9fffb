internal import Geometry
public import Imaging
internal import Session

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
        try draw(tags, on: &out, scale: WorkingScale(width: out.width, height: out.height, maximumWidth: out.width))
        return out
    }

    /// Draws the fingers and their tags' squares on a class map, where that says background.
    /// - Parameters:
    ///   - tags: in pixels of the full picture.
    ///   - scale: from the map to the full picture; a pixel of the map shows what lies in the middle of its block.
    func draw(_ tags: [TagDetection], on classes: inout Image, scale: WorkingScale) throws(HumanError) {
        let own = tags.filter { fingerTagIDs.contains($0.id) }
        if own.isEmpty { return }
        let grid = MapGrid(scale)
        for tag in own {
            if let finger = fingers.first(where: { $0.id == tag.id }) { finger.draw(on: &classes, center: tag.center, grid: grid) }
            try protectSquare(about: tag, on: &classes, scale: scale, grid: grid)
        }
    }

    private func protectSquare(
        about tag: TagDetection, on classes: inout Image, scale: WorkingScale, grid: MapGrid
    ) throws(HumanError) {
        let c = tag.center
        let square = tag.corners.map { c + ($0 - c) * fingerTagScale }
        let (xs, ys) = (square.map(\.x), square.map(\.y))
        guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max(), right > left - 1, bottom > top - 1
        else { return }
        let (width, height) = (Double(scale.fullWidth), Double(scale.fullHeight))
        let (x0, y0) = (Int(max(0, min(width, left - 2))), Int(max(0, min(height, top - 2))))
        let (x1, y1) = (Int(max(0, min(width, right + 3))), Int(max(0, min(height, bottom + 3))))
        guard x0 < x1, y0 < y1 else { return }
        var drawn = Image(width: x1 - x0, height: y1 - y0, channels: 1)
        let shifted = square.map { $0 - Vector2(Double(x0), Double(y0)) }
        try Image.operation("protect finger tag \(tag.id)") { () throws(ImagingError) in try drawn.fill(polygon: shifted) }
        drawn.pixels.withUnsafeBufferPointer { drawn in
            grid.protect(on: &classes, x0..<x1, y0..<y1) { x, y in drawn[(y - y0) * (x1 - x0) + x - x0] != 0 }
        }
    }
}

/// The pixels of a class map and the full pixels that they show.
struct MapGrid {
    private let columns: [Int]
    private let rows: [Int]

    init(_ scale: WorkingScale) { (columns, rows) = scale.middles }

    /// Marks as device the pixels of a rectangle of full pixels that say background.
    /// - Parameter isDevice: of a full pixel, column and row.
    @inline(__always) func protect(
        on classes: inout Image, _ xs: Range<Int>, _ ys: Range<Int>, where isDevice: (_ x: Int, _ y: Int) -> Bool
    ) {
        let (background, device, width) = (PixelClass.background.rawValue, PixelClass.device.rawValue, classes.width)
        func places(_ all: [Int], _ wanted: Range<Int>) -> Range<Int> {
            let first = all.partitioningIndex { $0 >= wanted.lowerBound }
            return first..<max(first, all.partitioningIndex { $0 >= wanted.upperBound })
        }
        let (across, down) = (places(columns, xs), places(rows, ys))
        classes.pixels.withUnsafeMutableBufferPointer { out in
            for v in down {
                for u in across where out[v * width + u] == background && isDevice(columns[u], rows[v]) { out[v * width + u] = device }
            }
        }
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

    /// Marks the finger as device on a class map, where that says background.
    /// - Parameter center: of the tag, full-size pixels.
    func draw(on classes: inout Image, center: Vector2, grid: MapGrid) {
        let f = Double(pixelsPerCell)
        let half = Vector2(Double(mask.width / 2), Double(mask.height / 2))
        let (x0, y0) = (Int((center.x - (half.x + 1) * f).rounded(.down)), Int((center.y - (half.y + 1) * f).rounded(.down)))
        let (x1, y1) = (Int((center.x + (half.x + 1) * f).rounded(.up)), Int((center.y + (half.y + 1) * f).rounded(.up)))
        let columns = (x0..<x1).map { Int(((Double($0) - center.x) / f + half.x).rounded()) }
        let rows = (y0..<y1).map { Int(((Double($0) - center.y) / f + half.y).rounded()) }
        mask.pixels.withUnsafeBufferPointer { own in
            grid.protect(on: &classes, x0..<x1, y0..<y1) { x, y in
                let (column, row) = (columns[x - x0], rows[y - y0])
                return column >= 0 && column < mask.width && row >= 0 && row < mask.height && own[row * mask.width + column] != 0
            }
        }
    }
}

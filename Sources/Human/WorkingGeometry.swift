internal import Geometry
internal import Imaging

/// Cameras, grids and surfaces of the pictures in which a human is sought.
struct WorkingGeometry: Sendable {
    let scale: WorkingScale
    /// Of the working picture.
    let camera: CameraModel
    /// Carries pictures of the recording to one another over `surfaces`.
    let warp: SurfaceWarp
    let surfaces: [Surface]
    /// The grid on which depth maps live, over working pictures and over full ones.
    let nodes: SurfaceWarp
    let fullNodes: SurfaceWarp

    init(full: CameraModel, options: MaskOptions) {
        scale = WorkingScale(width: full.width, height: full.height, maximumWidth: options.human.maximumWorkingWidth)
        camera = scale.camera(full)
        let (reach, step) = (options.human.maximumPlaneDistance, max(1, options.background.step))
        warp = SurfaceWarp(camera: camera, step: max(2, options.human.gridStep), reach: reach)
        nodes = SurfaceWarp(camera: camera, step: step, reach: reach)
        fullNodes = SurfaceWarp(camera: full, step: step * scale.factor, reach: reach)
        surfaces = options.human.surfaces
    }
}

/// What is known of the working pixels before a picture is seen: from the still part of the device mask alone.
struct FixedPixels: Sendable {
    /// The still part of the device mask.
    let classes: Image
    /// Not background: device, mirror, beyond the circle.
    let isBlocked: [Bool]
    /// From which a region counts as reaching the border.
    let border: [Bool]
    /// See `BorderEntry.sector`.
    let sectors: [Int]
    /// The lens's rim, in which nothing can be a seed, and the same where the static scene is known.
    let rim: [Bool]
    let backgroundRim: [Bool]
    /// Pixels inside the circle, at least 1.
    let inside: Int
    /// Nodes of depth maps that lie in the circle or beside it.
    let seenNodes: [Bool]

    /// - Parameter fixed: at full size.
    init(_ fixed: Image, geometry: WorkingGeometry, options: HumanOptions) throws(HumanError) {
        let (scale, camera) = (geometry.scale, geometry.camera)
        let classes = scale.sampled(fixed)
        self.classes = classes
        isBlocked = classes.pixels.map { $0 != PixelClass.background.rawValue }
        let reach = [options.rimWidth, options.backgroundRimWidth, options.borderReach]
        let near = try Image.operation("lens rim") { () throws(ImagingError) in
            let outside = classes.mask(of: [.outside])
            return [
                try outside.dilated(radius: reach[0]), try outside.dilated(radius: reach[1]), try outside.dilated(radius: reach[2]),
            ].map { map in map.pixels.map { $0 != 0 } }
        }
        (rim, backgroundRim) = (near[0], near[1])
        border = Self.border(classes, besideCircle: near[2], reach: options.borderReach)
        sectors = classes.pixels.indices.map { BorderEntry.sector(Vector2(Double($0 % scale.width), Double($0 / scale.width)), camera) }
        inside = max(classes.pixels.count - classes.count(of: .outside), 1)
        seenNodes = Self.seen(geometry.nodes, classes)
    }

    /// Near the picture's edge or the circle, and not the device.
    private static func border(_ classes: Image, besideCircle: [Bool], reach: Int) -> [Bool] {
        let (w, h) = (classes.width, classes.height)
        return (0..<(w * h)).map { i in
            let (x, y) = (i % w, i / w)
            let edge = x < reach || y < reach || x >= w - reach || y >= h - reach
            return (edge || besideCircle[i]) && classes.pixels[i] == PixelClass.background.rawValue
        }
    }

    private static func seen(_ nodes: SurfaceWarp, _ classes: Image) -> [Bool] {
        let (w, h, step) = (classes.width, classes.height, nodes.step)
        return (0..<(nodes.columns * nodes.rows)).map { k in
            let (x, y) = (min(k % nodes.columns * step, w - 1), min(k / nodes.columns * step, h - 1))
            for v in max(0, y - step)...min(h - 1, y + step) {
                for u in max(0, x - step)...min(w - 1, x + step) where classes.pixels[v * w + u] != PixelClass.outside.rawValue {
                    return true
                }
            }
            return false
        }
    }
}

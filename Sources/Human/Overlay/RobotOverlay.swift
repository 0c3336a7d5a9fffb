public import Geometry
public import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// What is known of how far the scene is: distances along the pixels' bearings at the picture's size or smaller, metres; not finite where unknown.
public struct SceneDistance: Sendable {
    public var width: Int
    public var height: Int
    public var values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == width * height, "a map of distances holds one for each of its pixels")
        self.width = width
        self.height = height
        self.values = values
    }
}

/// Draws an arm into pictures, where it would be: through the same lens, in the scene's light, blur and grain, behind what is known to be nearer.
///
/// What is nearer: the table's plane, obstacles, the distances that are handed in, and pixels of another gripper, a moved object or (see
/// `OverlayGripper`) the device, which stay in front. Where nothing is known the arm is in front. Every pixel that it touches is marked
/// `Provenance.rendered`. One for each thread.
public final class RobotOverlay {
    public let options: OverlayOptions
    public let camera: CameraModel
    private let parts: [OverlayPart]
    private let bearings: BearingGrid
    private var raster: Rasterizer

    /// - Parameter camera: for the pictures' own size.
    public init(parts: [OverlayPart], camera: CameraModel, options: OverlayOptions = OverlayOptions()) {
        precondition(parts.count < Int(UInt16.max), "parts are numbered in 16 bits")
        self.parts = parts
        self.camera = camera
        self.options = options
        bearings = BearingGrid(camera)
        raster = Rasterizer(LensProjection(camera), samples: max(1, options.samples), bend: options.bend)
    }

    /// Draws into one picture.
    /// - Parameters:
    ///   - frame: of the picture, changed in place: pixels and provenance.
    ///   - classes: its class map; what it says is in front stays.
    ///   - cameraFromPart: where each part stands.
    ///   - isWristView: whether the device in the picture is what `options.gripper` speaks of.
    ///   - distance: of the scene; nil where only the table is known.
    ///   - seed: of the grain, such as the frame's number.
    /// - Returns: the share of the picture that was drawn on.
    @discardableResult
    public func draw(
        on frame: inout FilledFrame, classes: Image, cameraFromPart: [Transform<Camera, OverlayPart.Frame>],
        tableFromCamera: Transform<Table, Camera>, isWristView: Bool, distance: SceneDistance? = nil, seed: Int = 0
    ) throws(HumanError) -> Double {
        precondition(cameraFromPart.count == parts.count, "every part stands somewhere")
        let (w, h) = (camera.width, camera.height)
        guard frame.picture.width == w, frame.picture.height == h, frame.picture.channels == 3, classes.width == w, classes.height == h else {
            throw .picture(
                location: "overlay of frame \(seed)",
                reason: "\(frame.picture.width)x\(frame.picture.height)x\(frame.picture.channels); the camera's \(w)x\(h) in RGB is accepted")
        }
        let drawsGripper = !isWristView || options.gripper == .model
        raster.clear()
        let wanted = parts.indices.filter { (parts[$0].kind != .gripper || drawsGripper) && isInView(parts[$0], cameraFromPart[$0]) }
        guard wanted.contains(where: { parts[$0].kind != .obstacle }) else { return 0 }
        let up = tableFromCamera.rotation.inverse * Vector3(0, 0, 1)
        let light = try SceneLight.estimate(frame.picture, classes: classes, up: up, options: options) { bearings[$0, $1] }
        for k in wanted { rasterize(k, cameraFromPart[k], light) }
        guard raster.drawn != nil else { return 0 }
        return try composite(&frame, classes, tableFromCamera, distance, light, isWristView: isWristView, seed: seed)
    }

    private func isInView(_ part: OverlayPart, _ pose: Transform<Camera, OverlayPart.Frame>) -> Bool {
        let center = pose * part.center
        let d = center.length
        guard d > part.radius else { return true }
        return acos(max(-1, min(1, center.z / d))) - asin(part.radius / d) <= camera.maximumAngle
    }

    private func rasterize(_ k: Int, _ pose: Transform<Camera, OverlayPart.Frame>, _ light: SceneLight) {
        let part = parts[k]
        let rotation = pose.rotation.matrix
        let towards = rotation.transposed * light.direction
        let eye = rotation.transposed * (-pose.translation)
        let ambient = options.ambientShare
        var corners: [DrawnVertex] = []
        corners.reserveCapacity(part.vertices.count)
        for (v, n) in zip(part.vertices, part.normals) {
            let facing = n.dot(towards)
            // From everywhere, more from above; and from the light.
            let lit = ambient * (0.75 + 0.25 * facing) + (1 - ambient) * max(0, facing)
            let shine = max(0, n.dot((towards + (eye - v).normalized).normalized))
            let (s2, s4) = (shine * shine, shine * shine * shine * shine)
            let s8 = s4 * s4
            corners.append(raster.vertex(rotation * v + pose.translation, light: Float(lit), highlight: Float(options.highlight * s8 * s8 * s4 * s2)))
        }
        let number = UInt16(k + 1)
        part.triangles.withUnsafeBufferPointer { t in
            for i in stride(from: 0, to: t.count, by: 3) {
                let (a, b, c) = (corners[Int(t[i])], corners[Int(t[i + 1])], corners[Int(t[i + 2])])
                // Only what faces the camera: a shape that the camera is inside of is not seen.
                if (b.point - a.point).cross(c.point - a.point).dot(a.point) >= 0 { continue }
                raster.draw(a, b, c, number: number)
            }
        }
    }

    private func composite(
        _ frame: inout FilledFrame, _ classes: Image, _ tableFromCamera: Transform<Table, Camera>, _ scene: SceneDistance?, _ light: SceneLight,
        isWristView: Bool, seed: Int
    ) throws(HumanError) -> Double {
        guard let drawn = raster.drawn else { return 0 }
        let (w, h, s) = (camera.width, camera.height, raster.samples)
        let margin = light.blur > 0.35 ? Int((3 * light.blur).rounded(.up)) : 0
        let x0 = max(0, drawn.x.lowerBound / s - margin), x1 = min(w - 1, drawn.x.upperBound / s + margin)
        let y0 = max(0, drawn.y.lowerBound / s - margin), y1 = min(h - 1, drawn.y.upperBound / s + margin)
        let (width, height) = (x1 - x0 + 1, y1 - y0 + 1)
        // Colour times coverage, and coverage.
        var colour = Image(width: width, height: height, channels: 3)
        var cover = Image(width: width, height: height, channels: 1)
        let front = inFront(isWristView)
        let up = tableFromCamera.rotation.inverse * Vector3(0, 0, 1)
        resolve(light, x0, y0, &colour, &cover) { x, y, farness in
            if front[Int(classes.pixels[y * w + x])] { return false }
            guard let bearing = bearings[x, y] else { return false }
            return Double(farness) <= reach(x, y, bearing, up, tableFromCamera, scene)
        }
        if margin > 0 {
            let sigma = light.blur
            (colour, cover) = try Image.operation("blur of the overlay") { [colour, cover] () throws(ImagingError) in
                (try colour.gaussianBlurred(sigma: sigma), try cover.gaussianBlurred(sigma: sigma))
            }
        }
        var touched = 0
        let rendered = Provenance.rendered.rawValue
        let grain = Float(light.grain)
        frame.picture.pixels.withUnsafeMutableBufferPointer { picture in
            frame.provenance.pixels.withUnsafeMutableBufferPointer { provenance in
                colour.pixels.withUnsafeBufferPointer { colour in
                    for (out, covered) in cover.pixels.enumerated() where covered > 0 {
                        let (x, y) = (x0 + out % width, y0 + out / width)
                        let at = y * w + x
                        if front[Int(classes.pixels[at])] || bearings[x, y] == nil { continue }
                        let left = 1 - Float(covered) / 255
                        for c in 0..<3 {
                            let noise = grain > 0.3 ? grain * Self.noise(at * 3 + c, seed) * (1 - left) : 0
                            let value = Float(picture[3 * at + c]) * left + Float(colour[3 * out + c]) + noise
                            picture[3 * at + c] = UInt8(max(0, min(255, value.rounded())))
                        }
                        provenance[at] = rendered
                        touched += 1
                    }
                }
            }
        }
        return Double(touched) / Double(w * h)
    }

    /// Colour times coverage and coverage of the pixels that the samples cover, from a corner on.
    /// - Parameter isSeen: of a pixel and its samples' mean distance: whether nothing is before it.
    private func resolve(
        _ light: SceneLight, _ x0: Int, _ y0: Int, _ colour: inout Image, _ cover: inout Image, isSeen: (_ x: Int, _ y: Int, _ farness: Float) -> Bool
    ) {
        let (s, width) = (raster.samples, cover.width)
        let white = SIMD3<Float>(Float(light.radiance.x), Float(light.radiance.y), Float(light.radiance.z))
        let palette = parts.map { p in
            SIMD3<Float>(Float(Tone.linear(p.colour.x)), Float(Tone.linear(p.colour.y)), Float(Tone.linear(p.colour.z))) * white
        }
        let isDrawn = [false] + parts.map { $0.kind != .obstacle }
        let full = Float(s * s)
        let columns = raster.width
        raster.withSamples { part, distance, lights, highlights in
            for y in 0..<cover.height {
                for x in 0..<width {
                    var sum = SIMD3<Float>.zero
                    var (count, farness): (Float, Float) = (0, 0)
                    for j in (y0 + y) * s..<(y0 + y) * s + s {
                        for i in j * columns + (x0 + x) * s..<j * columns + (x0 + x) * s + s where isDrawn[Int(part[i])] {
                            sum += Self.levels(palette[Int(part[i]) - 1] * lights[i] + white * highlights[i])
                            count += 1
                            farness += distance[i]
                        }
                    }
                    guard count > 0, isSeen(x0 + x, y0 + y, farness / count) else { continue }
                    let out = y * width + x
                    for c in 0..<3 { colour.pixels[3 * out + c] = UInt8((sum[c] / full).rounded()) }
                    cover.pixels[out] = UInt8((255 * count / full).rounded())
                }
            }
        }
    }

    /// By class value: whether such a pixel stays in front of the arm.
    private func inFront(_ isWristView: Bool) -> [Bool] {
        var out = [Bool](repeating: false, count: 256)
        for c in [PixelClass.otherGripper, .movedObject, .mirror, .outside] { out[Int(c.rawValue)] = true }
        out[Int(PixelClass.device.rawValue)] = isWristView && options.gripper == .recorded
        return out
    }

    /// Beyond which distance an arm's pixel is hidden by the scene, metres.
    @inline(__always) private func reach(
        _ x: Int, _ y: Int, _ bearing: Vector3, _ up: Vector3, _ tableFromCamera: Transform<Table, Camera>, _ scene: SceneDistance?
    ) -> Double {
        var nearest = Double.infinity
        let fall = bearing.dot(up)
        if options.tableHides, fall < 0 {
            let d = -tableFromCamera.translation.z / fall * bearing.length
            if d > 0 { nearest = d }
        }
        if let scene {
            let v = scene.values[(y * scene.height / camera.height) * scene.width + x * scene.width / camera.width]
            if v.isFinite, v > 0 { nearest = min(nearest, Double(v)) }
        }
        return nearest + options.depthTolerance
    }

    @inline(__always) private static func levels(_ linear: SIMD3<Float>) -> SIMD3<Float> {
        // By scalars: the conversion of vectors is many times slower.
        @inline(__always) func level(_ v: Float) -> Float { Tone.level[Int(max(0, min(4096, v * 4096)))] }
        return SIMD3(level(linear.x), level(linear.y), level(linear.z))
    }

    /// About normal, mean 0, deviation 1: the sum of four uniform numbers from a hash.
    private static func noise(_ a: Int, _ b: Int) -> Float {
        var x = UInt64(bitPattern: Int64(a &* 0x9E37_79B9 &+ b &* 0x85EB_CA6B))
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        x ^= x >> 31
        let sum = Float(x & 0xFFFF) + Float(x >> 16 & 0xFFFF) + Float(x >> 32 & 0xFFFF) + Float(x >> 48)
        return (sum / 65535 - 2) * 1.732
    }
}

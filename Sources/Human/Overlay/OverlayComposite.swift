internal import Geometry
internal import Imaging

/// The picture that is drawn into, but for its pixels.
struct OverlaidView {
    var classes: Image
    var tableFromCamera: Transform<Table, Camera>
    /// Of the scene; nil where only the table is known.
    var distance: SceneDistance?
    var isWristView: Bool
    /// Of the grain.
    var seed: Int
}

extension RobotOverlay {
    /// A part of the picture as it is drawn.
    private struct Layer {
        let box: PixelBox
        /// Colour times coverage, and coverage.
        var colour: Image
        var cover: Image

        init(_ box: PixelBox) {
            self.box = box
            colour = Image(width: box.width, height: box.height, channels: 3)
            cover = Image(width: box.width, height: box.height, channels: 1)
        }
    }

    /// Puts what was drawn into the picture, behind what is nearer; what changes is marked.
    /// - Returns: the share of the picture that was drawn on.
    func composite(_ frame: inout FilledFrame, _ view: OverlaidView, _ light: SceneLight) throws(HumanError) -> Double {
        let (w, h) = (camera.width, camera.height)
        let rows = (0..<h).map(raster.drawnColumns(ofPixels:))
        guard let top = rows.firstIndex(where: { !$0.isEmpty }), let bottom = rows.lastIndex(where: { !$0.isEmpty }) else { return 0 }
        let drawn = rows[top...bottom].filter { !$0.isEmpty }
        let (left, right) = (drawn.map(\.lowerBound).min() ?? 0, drawn.map(\.upperBound).max() ?? w)
        let isBlurred = light.blur > options.leastBlur
        var layer = Layer(
            PixelBox(x: left, y: top, width: right - left, height: bottom - top + 1)
                .grown(by: isBlurred ? Int((3 * light.blur).rounded(.up)) : 0, within: (w, h)))
        let front = inFront(view.isWristView)
        let isSeen = seen(view, layer.box, front)
        resolve(light, rows, layer.box.x, layer.box.y, &layer.colour, &layer.cover, isSeen: isSeen)
        if isBlurred {
            let sigma = light.blur
            (layer.colour, layer.cover) = try Image.operation("blur of the overlay") { [layer] () throws(ImagingError) in
                (try layer.colour.gaussianBlurred(sigma: sigma), try layer.cover.gaussianBlurred(sigma: sigma))
            }
        }
        return Double(blend(layer, into: &frame, view, front, grain: Float(light.grain))) / Double(w * h)
    }

    /// Whether nothing is before what is drawn at a pixel, at a mean distance.
    private func seen(_ view: OverlaidView, _ box: PixelBox, _ front: [Bool]) -> (_ x: Int, _ y: Int, _ farness: Float) -> Bool {
        let (w, h) = (camera.width, camera.height)
        let tableFromCamera = view.tableFromCamera
        let up = tableFromCamera.rotation.inverse * Vector3(0, 0, 1)
        let height = tableFromCamera.translation.z
        let table =
            options.tableHides && height > 0
            ? bearings.nearness(up: up, height: height, x: box.x...(box.x + box.width - 1), y: box.y...(box.y + box.height - 1)) : nil
        let tolerance = Float(options.depthTolerance)
        // Nearer than the camera's height nothing is below the table.
        let clearance = Float(height)
        let (classes, scene) = (view.classes.pixels, view.distance)
        return { [bearings] x, y, farness in
            if front[Int(classes[y * w + x])] || !bearings.sees[y * w + x] { return false }
            if let table, farness - tolerance > clearance {
                var near = table[x, y]
                if near.isNaN { near = bearings[x, y].map { Float(-$0.dot(up) / $0.length / height) } ?? 0 }
                if near * (farness - tolerance) > 1 { return false }
            }
            guard let scene else { return true }
            let v = scene.values[(y * scene.height / h) * scene.width + x * scene.width / w]
            return !(v.isFinite && v > 0 && farness > v + tolerance)
        }
    }

    /// Returns how many pixels are touched.
    private func blend(_ layer: Layer, into frame: inout FilledFrame, _ view: OverlaidView, _ front: [Bool], grain: Float) -> Int {
        let (w, box) = (camera.width, layer.box)
        let rendered = Provenance.rendered.rawValue
        let hasGrain = grain > Float(options.leastGrain)
        var touched = 0
        frame.picture.pixels.withUnsafeMutableBufferPointer { picture in
            frame.provenance.pixels.withUnsafeMutableBufferPointer { provenance in
                layer.colour.pixels.withUnsafeBufferPointer { colour in
                    layer.cover.pixels.withUnsafeBufferPointer { cover in
                        for out in 0..<box.count where cover[out] > 0 {
                            let at = (box.y + out / box.width) * w + box.x + out % box.width
                            if front[Int(view.classes.pixels[at])] || !bearings.sees[at] { continue }
                            let opaque = Float(cover[out]) / 255
                            for c in 0..<3 {
                                let noise = hasGrain ? grain * Self.noise(at * 3 + c, view.seed) * opaque : 0
                                let value = Float(picture[3 * at + c]) * (1 - opaque) + Float(colour[3 * out + c]) + noise
                                picture[3 * at + c] = UInt8(max(0, min(255, value + 0.5)))
                            }
                            provenance[at] = rendered
                            touched += 1
                        }
                    }
                }
            }
        }
        return touched
    }

    /// Colour times coverage and coverage of the pixels that the samples cover, from a corner on.
    /// - Parameter isSeen: of a pixel and its samples' mean distance: whether nothing is before it.
    private func resolve(
        _ light: SceneLight, _ rows: [Range<Int>], _ x0: Int, _ y0: Int, _ colour: inout Image, _ cover: inout Image,
        isSeen: (_ x: Int, _ y: Int, _ farness: Float) -> Bool
    ) {
        let (s, width) = (raster.samples, cover.width)
        let white = SIMD3<Float>(Float(light.radiance.x), Float(light.radiance.y), Float(light.radiance.z))
        let palette = parts.map { p in
            SIMD3<Float>(Float(Tone.linear(p.colour.x)), Float(Tone.linear(p.colour.y)), Float(Tone.linear(p.colour.z))) * white
        }
        let isDrawn = parts.map { $0.kind != .obstacle }
        let (full, middle) = (Float(s * s), 0.5 * Float(s - 1))
        colour.pixels.withUnsafeMutableBufferPointer { colour in
            cover.pixels.withUnsafeMutableBufferPointer { cover in
                raster.facets.withUnsafeBufferPointer { facets in
                    Tone.level.withUnsafeBufferPointer { level in
                        func levels(_ part: Int, _ light: Float, _ highlight: Float) -> SIMD3<Float> {
                            let linear = (palette[part] * light + white * highlight) * 4096
                            // By scalars: the conversion of vectors is many times slower.
                            func one(_ v: Float) -> Float { level[Int(max(0, min(4096, v)))] }
                            return SIMD3(one(linear.x), one(linear.y), one(linear.z))
                        }
                        for y in rows.indices {
                            for x in rows[y] {
                                let id = raster.facet(x * s, y * s)
                                var isWhole = true
                                for j in y * s..<y * s + s { for i in x * s..<x * s + s { isWhole = isWhole && raster.facet(i, j) == id } }
                                var (sum, count, farness) = (SIMD3<Float>.zero, full, Float(0))
                                if isWhole {
                                    // Most pixels: one triangle, whose light is even enough.
                                    if id == 0 || !isDrawn[facets[id].part] { continue }
                                    let at = facets[id].surface(Float(x * s) + middle, Float(y * s) + middle)
                                    sum = levels(facets[id].part, at.light, at.highlight) * full
                                    farness = at.distance
                                } else {
                                    count = 0
                                    for j in y * s..<y * s + s {
                                        for i in x * s..<x * s + s {
                                            let id = raster.facet(i, j)
                                            if id == 0 || !isDrawn[facets[id].part] { continue }
                                            let at = facets[id].surface(Float(i), Float(j))
                                            sum += levels(facets[id].part, at.light, at.highlight)
                                            count += 1
                                            farness += at.distance
                                        }
                                    }
                                    farness /= count
                                }
                                guard count > 0, isSeen(x, y, farness) else { continue }
                                let out = (y - y0) * width + x - x0
                                for c in 0..<3 { colour[3 * out + c] = UInt8(sum[c] / full + 0.5) }
                                cover[out] = UInt8(255 * count / full + 0.5)
                            }
                        }
                    }
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

    /// About normal, mean 0, deviation 1: the sum of four uniform numbers from a hash.
    private static func noise(_ a: Int, _ b: Int) -> Float {
        var x = UInt64(bitPattern: Int64(a &* 0x9E37_79B9 &+ b &* 0x85EB_CA6B))
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        x ^= x >> 31
        let sum = (x & 0xFFFF) + (x >> 16 & 0xFFFF) + (x >> 32 & 0xFFFF) + (x >> 48)
        return (Float(Int(sum)) / 65535 - 2) * 1.732
    }
}

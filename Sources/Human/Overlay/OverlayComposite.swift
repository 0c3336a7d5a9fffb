internal import Geometry
internal import Imaging

extension RobotOverlay {
    /// Puts what was drawn into the picture, behind what is nearer; what changes is marked.
    /// - Returns: the share of the picture that was drawn on.
    func composite(
        _ frame: inout FilledFrame, _ classes: Image, _ tableFromCamera: Transform<Table, Camera>, _ scene: SceneDistance?,
        _ light: SceneLight,
        isWristView: Bool, seed: Int
    ) throws(HumanError) -> Double {
        let (w, h) = (camera.width, camera.height)
        let rows = (0..<h).map(raster.drawnColumns(ofPixels:))
        guard let top = rows.firstIndex(where: { !$0.isEmpty }), let bottom = rows.lastIndex(where: { !$0.isEmpty }) else { return 0 }
        let drawn = rows[top...bottom].filter { !$0.isEmpty }
        let margin = light.blur > 0.35 ? Int((3 * light.blur).rounded(.up)) : 0
        let x0 = max(0, (drawn.map(\.lowerBound).min() ?? 0) - margin), x1 = min(w - 1, (drawn.map(\.upperBound).max() ?? w) - 1 + margin)
        let (y0, y1) = (max(0, top - margin), min(h - 1, bottom + margin))
        let (width, height) = (x1 - x0 + 1, y1 - y0 + 1)
        // Colour times coverage, and coverage.
        var colour = Image(width: width, height: height, channels: 3)
        var cover = Image(width: width, height: height, channels: 1)
        let front = inFront(isWristView)
        let up = tableFromCamera.rotation.inverse * Vector3(0, 0, 1)
        let table =
            options.tableHides && tableFromCamera.translation.z > 0
            ? bearings.nearness(up: up, height: tableFromCamera.translation.z, x: x0...x1, y: y0...y1) : nil
        let tolerance = Float(options.depthTolerance)
        // Nearer than the camera's height nothing is below the table.
        let clearance = Float(tableFromCamera.translation.z)
        resolve(light, rows, x0, y0, &colour, &cover) { x, y, farness in
            if front[Int(classes.pixels[y * w + x])] || !bearings.sees[y * w + x] { return false }
            if let table, farness - tolerance > clearance {
                var near = table[x, y]
                if near.isNaN { near = bearings[x, y].map { Float(-$0.dot(up) / $0.length / tableFromCamera.translation.z) } ?? 0 }
                if near * (farness - tolerance) > 1 { return false }
            }
            guard let scene else { return true }
            let v = scene.values[(y * scene.height / h) * scene.width + x * scene.width / w]
            return !(v.isFinite && v > 0 && farness > v + tolerance)
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
                    cover.pixels.withUnsafeBufferPointer { cover in
                        for y in 0..<height {
                            for x in 0..<width where cover[y * width + x] > 0 {
                                let (out, at) = (y * width + x, (y0 + y) * w + x0 + x)
                                if front[Int(classes.pixels[at])] || !bearings.sees[at] { continue }
                                let opaque = Float(cover[out]) / 255
                                for c in 0..<3 {
                                    let noise = grain > 0.3 ? grain * Self.noise(at * 3 + c, seed) * opaque : 0
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
        }
        return Double(touched) / Double(w * h)
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

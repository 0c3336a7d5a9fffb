internal import Estimation
internal import Dispatch
internal import Geometry
internal import Imaging
internal import Session
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// One picture and what is known of it.
struct RenderedFrame {
    var image: Image
    /// The same picture without the human, sensor noise included; nil when no human is seen (then it is `image`).
    var clean: Image?
    /// 255 where any ray of the pixel met the human.
    var human: Image?
    /// What each pixel shows, see `RecordingPlan.classes`.
    var classes: Image
}

/// Draws frames through the device's lens: every row at its own time, every ray at its own moment of the exposure.
struct FrameRenderer: Sendable {
    let scenario: Scenario
    let device: Device
    /// Painted when first needed.
    private let painted = Painted()

    init(scenario: Scenario, device: Device) {
        self.scenario = scenario
        self.device = device
    }

    /// What is worked out once, whoever draws first.
    private final class Painted: Sendable {
        private let value = Mutex<(scene: Scene, lens: LensTable)?>(nil)

        func get(_ make: () -> (scene: Scene, lens: LensTable)) -> (scene: Scene, lens: LensTable) {
            value.withLock { held in
                if let held { return held }
                let made = make()
                held = made
                return made
            }
        }
    }

    /// - Parameters:
    ///   - time: of the middle row's middle of exposure, on the video clock.
    ///   - noiseSeed: frames with the same seed have the same sensor noise.
    ///   - gripper: which gripper's tags the fingers carry.
    ///   - partner: the other gripper's motion in the room, if there is one.
    func render(
        _ motion: RecordedMotion, at time: Double, human: HumanArm?, noiseSeed: UInt64, gripper: Int = 0, partner: PartnerMotion? = nil
    ) -> RenderedFrame {
        let (scene, lens) = painted.get { (Scene(scenario), LensTable(device.camera, picture: scenario.picture)) }
        let things = movingThings(motion, at: time, human: human, scene: scene, gripper: gripper, partner: partner)
        let (w, h) = (device.camera.width, device.camera.height)
        let poses = rowPoses(motion, at: time)
        let band = 8
        let count = (h + band - 1) / band
        let parts = Parts(count)
        let light = brightness(at: time)
        // Each band of rows is a value of its own: what it holds does not depend on which thread drew it, or when.
        DispatchQueue.concurrentPerform(iterations: count) { k in
            let rows = (k * band)..<min(h, (k + 1) * band)
            parts.keep(
                drawBand(rows: rows, scene: scene, lens: lens, things: things, poses: poses, noiseSeed: noiseSeed, light: light), at: k)
        }
        let drawn = parts.all
        let image = drawn.flatMap(\.image)
        let clean = drawn.flatMap(\.clean)
        let mask = drawn.flatMap(\.mask)
        let isSeen = mask.contains(255)
        return RenderedFrame(
            image: Image(width: w, height: h, channels: 3, pixels: image),
            clean: isSeen ? Image(width: w, height: h, channels: 3, pixels: clean) : nil,
            human: isSeen ? Image(width: w, height: h, channels: 1, pixels: mask) : nil,
            classes: Image(width: w, height: h, channels: 1, pixels: drawn.flatMap(\.classes)))
    }

    /// The picture behind a covered lens: the sensor's noise.
    func covered(noiseSeed: UInt64) -> RenderedFrame {
        let (w, h) = (device.camera.width, device.camera.height)
        var image = Image(width: w, height: h, channels: 3)
        let sigma = Float(scenario.picture.noiseSigma)
        image.pixels.withUnsafeMutableBufferPointer { out in
            for pixel in 0..<(w * h) { Self.store(Float3(repeating: 4) + sigma * Self.noise(noiseSeed, pixel), out, 3 * pixel) }
        }
        return RenderedFrame(image: image, clean: nil, human: nil, classes: Image(width: w, height: h, channels: 1))
    }

    /// A band of rows of the picture.
    private struct Band: Sendable {
        var image: [UInt8]
        var clean: [UInt8]
        var mask: [UInt8]
        var classes: [UInt8]
    }

    /// Collects bands from several threads, by their number.
    private final class Parts: Sendable {
        private let bands: Mutex<[Band]>

        init(_ count: Int) { bands = Mutex(Array(repeating: Band(image: [], clean: [], mask: [], classes: []), count: count)) }

        func keep(_ band: Band, at index: Int) { bands.withLock { $0[index] = band } }

        var all: [Band] { bands.withLock { $0 } }
    }

    private func drawBand(
        rows: Range<Int>, scene: Scene, lens: LensTable, things: MovingThings, poses: [FloatTransform], noiseSeed: UInt64,
        light: Float
    ) -> Band {
        let w = device.camera.width
        let hasHuman = things.human != nil
        var band = Band(
            image: [UInt8](repeating: 0, count: w * rows.count * 3), clean: [UInt8](repeating: 0, count: hasHuman ? w * rows.count * 3 : 0),
            mask: [UInt8](repeating: 0, count: hasHuman ? w * rows.count : 0), classes: [UInt8](repeating: 0, count: w * rows.count))
        withTracer(scene, things) { tracer in
            band.image.withUnsafeMutableBufferPointer { image in
                band.clean.withUnsafeMutableBufferPointer { clean in
                    band.mask.withUnsafeMutableBufferPointer { mask in
                        band.classes.withUnsafeMutableBufferPointer { classes in
                            for row in rows {
                                drawRow(row, from: rows.lowerBound, lens, tracer, poses, noiseSeed, light, image, clean, mask, classes)
                            }
                        }
                    }
                }
            }
        }
        return band
    }

    /// Draws one row into a band that begins at row `first`.
    private func drawRow(
        _ row: Int, from first: Int, _ lens: LensTable, _ tracer: Tracer, _ poses: [FloatTransform], _ seed: UInt64,
        _ brightness: Float, _ out: UnsafeMutableBufferPointer<UInt8>, _ bare: UnsafeMutableBufferPointer<UInt8>,
        _ flags: UnsafeMutableBufferPointer<UInt8>,
        _ classes: UnsafeMutableBufferPointer<UInt8>
    ) {
        let w = device.camera.width
        let grid = raysAcross
        let samples = grid * grid
        let share = 1 / Float(samples)
        let sigma = Float(scenario.picture.noiseSigma)
        lens.corners.withUnsafeBufferPointer { corners in
            poses.withUnsafeBufferPointer { poses in
                for x in 0..<w {
                    let light = lens.gain[row * w + x]
                    guard light > 0 else { continue }
                    let k = row * (w + 1) + x
                    let (a, b, c, d) = (corners[k], corners[k + 1], corners[k + w + 1], corners[k + w + 2])
                    var colour = Float3.zero
                    var clean = Float3.zero
                    var isHuman = false
                    var kinds: UInt8 = 0
                    var kind: UInt8 = 0
                    for s in 0..<samples {
                        let u = (Float(s % grid) + 0.5) / Float(grid)
                        let v = (Float(s / grid) + 0.5) / Float(grid)
                        let top = a + u * (b - a)
                        let bottom = c + u * (d - c)
                        let bearing = (top + v * (bottom - top)).unit
                        // Which moment of the exposure this part of the pixel sees changes from pixel to pixel.
                        let pose = poses[row * samples + (s + x + 2 * row) % samples]
                        let result = tracer.trace(pose.translation, pose.direction(bearing), bearing, row: row)
                        colour += result.colour
                        clean += result.clean
                        isHuman = isHuman || result.isHuman
                        kind = result.kind
                        kinds |= 1 << kind
                    }
                    let noise = Self.noise(seed, row * w + x) * sigma
                    let scale = 255 * share * light * brightness
                    let place = (row - first) * w + x
                    Self.store(colour * scale + noise, out, 3 * place)
                    classes[place] = isHuman ? 4 : kinds == 1 << kind ? kind : 0
                    if !bare.isEmpty {
                        Self.store(clean * scale + noise, bare, 3 * place)
                        if isHuman { flags[place] = 255 }
                    }
                }
            }
        }
    }

    @inline(__always) private static func store(_ value: Float3, _ out: UnsafeMutableBufferPointer<UInt8>, _ at: Int) {
        let c = value.clamped(lowerBound: .zero, upperBound: Float3(repeating: 255)).rounded(.toNearestOrEven)
        out[at] = UInt8(c.x)
        out[at + 1] = UInt8(c.y)
        out[at + 2] = UInt8(c.z)
    }

    /// Three nearly normal numbers that belong to a pixel: sums of four uniform bytes, scaled to unit variance.
    @inline(__always) private static func noise(_ seed: UInt64, _ pixel: Int) -> Float3 {
        let a = RandomSource.mix(seed ^ UInt64(pixel) &* 0x9E37_79B9_7F4A_7C15)
        let b = RandomSource.mix(a ^ 0xD1B5_4A32_D192_ED03)
        @inline(__always) func sum(_ v: UInt64) -> Float {
            Float((v & 255) + (v >> 8 & 255) + (v >> 16 & 255) + (v >> 24 & 255))
        }
        return (Float3(sum(a), sum(a >> 32), sum(b)) - 510) / 147.8
    }

    /// The camera's pose for each row and moment of the exposure, rows first.
    private func rowPoses(_ motion: RecordedMotion, at time: Double) -> [FloatTransform] {
        let h = device.camera.height
        let samples = scenario.picture.samplesPerPixel
        var poses: [FloatTransform] = []
        poses.reserveCapacity(h * samples)
        for row in 0..<h {
            let middle = time + (Double(row) / Double(max(h - 1, 1)) - 0.5) * device.readout
            for s in 0..<samples {
                let t = middle + ((Double(s) + 0.5) / Double(samples) - 0.5) * scenario.picture.exposure
                poses.append(FloatTransform(motion.tableFromCamera(at: t)))
            }
        }
        return poses
    }

    /// For each row, what carries table coordinates into the partner's camera frame at the middle of that row's exposure.
    private func rowPlaces(of partner: PartnerMotion, at time: Double) -> [FloatTransform] {
        let h = device.camera.height
        return (0..<h).map { row in
            let moment = time + (Double(row) / Double(max(h - 1, 1)) - 0.5) * device.readout
            return FloatTransform(partner.tableFromCamera(at: moment).inverse)
        }
    }

    private func movingThings(
        _ motion: RecordedMotion, at time: Double, human: HumanArm?, scene: Scene, gripper: Int, partner: PartnerMotion?
    ) -> MovingThings {
        let tags = scene.fingerTags[min(gripper, scene.fingerTags.count - 1)]
        let parts = Gripper.parts(opening: motion.opening(at: time), leftTexture: tags.left, rightTexture: tags.right)
        var things = MovingThings(
            gripper: parts, gripperBounds: Gripper.bounds(parts), object: nil, shadow: (.zero, 0), human: human,
            partner: partner?.parts(at: time, scene: scene) ?? [], partnerRows: partner.map { rowPlaces(of: $0, at: time) } ?? [])
        let foot: Vector3
        switch motion.object(at: time) {
        case .absent: return things
        case .standing(let tableFromObject):
            things.object = (false, FloatTransform(tableFromObject.inverse))
            foot = tableFromObject.translation
        case .held(let toolFromObject):
            things.object = (true, FloatTransform((device.cameraFromTool * toolFromObject).inverse))
            foot = motion.tool.pose(at: time) * toolFromObject.translation
        }
        // The higher the object, the weaker its contact shadow.
        let height = max(foot.z, 0)
        things.shadow = (SIMD2(Float(foot.x), Float(foot.y)), Float(0.5 / (1 + (height / 0.02) * (height / 0.02))))
        return things
    }

    /// The lamps: a swing with steep flanks.
    private func brightness(at time: Double) -> Float {
        guard scenario.picture.lightSwing > 0 else { return 1 }
        return Float(1 + scenario.picture.lightSwing * tanh(4 * sin(4 * .pi * time / scenario.picture.lightPeriod)))
    }

    /// Rays along each side of a pixel.
    private var raysAcross: Int { Int(Double(scenario.picture.samplesPerPixel).squareRoot().rounded()) }

    private func withTracer(_ scene: Scene, _ things: MovingThings, _ body: (Tracer) -> Void) {
        things.partner.withUnsafeBufferPointer { partner in
            things.partnerRows.withUnsafeBufferPointer { rows in withTracer(scene, things, partner, rows, body) }
        }
    }

    private func withTracer(
        _ scene: Scene, _ things: MovingThings, _ partner: UnsafeBufferPointer<GripperPart>, _ rows: UnsafeBufferPointer<FloatTransform>,
        _ body: (Tracer) -> Void
    ) {
        let colour = scenario.object.colour
        let limbs = things.human?.capsules ?? []
        let rayAngle = Float(1 / (device.camera.focalLength.x * Double(raysAcross)))
        scene.atlas.texels.withUnsafeBufferPointer { texels in
            scene.atlas.entries.withUnsafeBufferPointer { entries in
                scene.boxes.withUnsafeBufferPointer { boxes in
                    things.gripper.withUnsafeBufferPointer { gripper in
                        limbs.withUnsafeBufferPointer { human in
                            guard let t = texels.baseAddress, let e = entries.baseAddress else { return }
                            body(
                                Tracer(
                                    scene: scene, things: things, textures: TextureReader(texels: t, entries: e), boxes: boxes,
                                    gripper: gripper, partner: partner, partnerRows: rows,
                                    human: human, objectRadius: Float(scenario.object.radius), objectHeight: Float(scenario.object.height),
                                    objectColour: Float3(Float(colour[0]), Float(colour[1]), Float(colour[2])), rayAngle: rayAngle))
                        }
                    }
                }
            }
        }
    }
}

extension FloatTransform {
    init<A, B>(_ t: Transform<A, B>) {
        let m = t.rotation.matrix
        func narrow(_ v: Vector3) -> Float3 { Float3(Float(v.x), Float(v.y), Float(v.z)) }
        self.init(c0: narrow(m.c0), c1: narrow(m.c1), c2: narrow(m.c2), translation: narrow(t.translation))
    }
}

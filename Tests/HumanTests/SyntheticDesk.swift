import Geometry
import Human
import Imaging
import Session

#if canImport(Glibc)
    import Glibc
#endif

/// A textured desk seen through a fisheye from known poses, with a gripper that stays put in the picture and, if wanted, an arm that reaches in
/// from the side, an object that is put down halfway and one that the jaws hold. All truth is made here, by ray-plane intersection.
struct SyntheticDesk {
    var arm = false
    /// Red, green, blue of the arm's skin and sleeve.
    var skin = SIMD3<Double>(196, 140, 112)
    var sleeve = SIMD3<Double>(50, 70, 140)
    /// The arm lies on one place all the time.
    var keepsStill = false
    var frames = 90
    var rate = 15.0
    var seed: UInt64 = 1
    var width = 160
    var height = 120

    /// Pixels to one of a picture of 160x120.
    private var scale: Double { min(Double(width) / 160, Double(height) / 120) }
    private var middle: Vector2 { Vector2(Double(width - 1) / 2, Double(height - 1) / 2) }

    var camera: CameraModel {
        CameraModel(
            lens: .kannalaBrandt, width: width, height: height, focalLength: Vector2(repeating: 47 * scale), principalPoint: middle,
            distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452))
    }

    var device: Device {
        Device(name: "desk", camera: camera, cameraFromTool: Transform(rotation: .identity, translation: Vector3(0, 0.086, 0.22)))
    }

    func time(_ frame: Int) -> Timestamp<VideoClock> { Timestamp(seconds: Double(frame) / rate) }

    func tableFromCamera(_ frame: Int) -> Transform<Table, Camera> {
        let t = Double(frame) / rate
        let position = Vector3(0.16 * sin(0.9 * t), -0.30 + 0.12 * cos(1.3 * t), 0.42 + 0.05 * sin(0.7 * t))
        // Looks down and ahead: camera z mostly down, y towards the operator.
        let down = Rotation(axis: Vector3(1, 0, 0), angle: .pi - 0.55)
        return Transform(
            rotation: Rotation(vector: Vector3(0.1 * sin(t), 0.08 * cos(0.8 * t), 0.25 * sin(0.6 * t))) * down, translation: position)
    }

    var poses: Trajectory<Table, Camera> {
        Trajectory(times: (0..<frames).map(time), poses: (0..<frames).map(tableFromCamera))
    }

    /// The picture of a frame and where it truly shows the human, the device, the put-down object.
    struct Shot {
        var picture: Image
        var clean: Image
        var human: [Bool]
        var device: [Bool]
        var object: [Bool]
    }

    private func hash(_ a: Int, _ b: Int, _ c: Int) -> Double {
        var x = UInt64(bitPattern: Int64(a &* 73_856_093 ^ b &* 19_349_663 ^ c &* 83_492_791)) &+ seed &* 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((x ^ (x >> 31)) >> 11) / Double(1 << 53)
    }

    /// Smooth noise over the table, cells of `size` metres.
    private func noise(_ x: Double, _ y: Double, _ size: Double, _ channel: Int) -> Double {
        let (u, v) = (x / size, y / size)
        let (i, j) = (Int(u.rounded(.down)), Int(v.rounded(.down)))
        func ease(_ t: Double) -> Double { t * t * (3 - 2 * t) }
        let (a, b) = (ease(u - Double(i)), ease(v - Double(j)))
        let top = hash(i, j, channel) * (1 - a) + hash(i + 1, j, channel) * a
        let bottom = hash(i, j + 1, channel) * (1 - a) + hash(i + 1, j + 1, channel) * a
        return top * (1 - b) + bottom * b
    }

    private func table(_ x: Double, _ y: Double) -> SIMD3<Double> {
        let coarse = noise(x, y, 0.09, 1)
        let fine = noise(x, y, 0.025, 2)
        let tint = noise(x, y, 0.16, 3)
        return SIMD3(70 + 90 * coarse + 40 * fine, 90 + 80 * coarse + 40 * fine - 20 * tint, 80 + 60 * coarse + 40 * fine + 50 * tint)
    }

    /// Distance to a segment in the plane.
    private func distance(_ p: Vector2, _ a: Vector2, _ b: Vector2) -> Double {
        let d = b - a
        let s = max(0, min(1, (p - a).dot(d) / d.dot(d)))
        return (p - a - d * s).length
    }

    func shot(_ frame: Int) -> Shot {
        let n = width * height
        var out = Shot(
            picture: Image(width: width, height: height, channels: 3), clean: Image(width: width, height: height, channels: 3),
            human: Array(repeating: false, count: n), device: Array(repeating: false, count: n), object: Array(repeating: false, count: n))
        let pose = tableFromCamera(frame)
        let share = Double(frame) / Double(frames)
        // In over the right side between a quarter and three quarters of the recording, never still.
        let visit = (share - 0.25) / 0.5
        let inwards = keepsStill ? 0.9 : visit > 0 && visit < 1 ? sin(.pi * visit) : -1
        let t = Double(frame) / rate
        let hand = Vector2(1.0 - 1.1 * max(inwards, 0), -0.12 + (keepsStill ? 0 : 0.2 * sin(1.7 * t)))
        let elbow = hand + Vector2(1.5, 0.3)
        let (camera, middle, scale) = (camera, middle, scale)
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x
                let pixel = Vector2(Double(x), Double(y))
                guard (pixel - middle).length < 78 * scale, let bearing = camera.unproject(pixel) else { continue }
                let d = pose.rotation * bearing
                var colour: SIMD3<Double>
                var human = false
                if d.z < -0.05 {
                    let p = pose.translation + (-pose.translation.z / d.z) * d
                    let q = Vector2(p.x, p.y)
                    colour = (q - pose.translation.xy).length < 2.5 ? table(p.x, p.y) : SIMD3(150, 152, 149)
                    if share > 0.5, (q - Vector2(-0.12, 0.02)).length < 0.05 {
                        colour = SIMD3(40, 150, 70)
                        out.object[i] = true
                    }
                } else {
                    colour = SIMD3(150, 152, 149)
                }
                let base = colour
                if arm, inwards > -1, d.z < -0.02 {
                    // A slab 5 cm above the table.
                    let p = pose.translation + ((0.05 - pose.translation.z) / d.z) * d
                    let q = Vector2(p.x, p.y)
                    let far = distance(q, hand, elbow)
                    if far < 0.075 {
                        human = true
                        let covered = (q - hand).length > 0.22
                        colour = (covered ? sleeve : skin) * (1 - 1.8 * far)
                        if covered { colour *= 0.85 + 0.3 * noise(q.x - hand.x, q.y - hand.y, 0.03, 7) }
                    }
                }
                // Two fingers and a palm at the bottom, and a bar they hang on.
                let (u, v) = ((Double(x) - middle.x) / scale, (Double(y) - middle.y) / scale + 59.5)
                let finger = abs(abs(u) - 22) < 6 && v > 84
                let palm = v > 104 && abs(u) < 46
                var clean = base
                if finger || palm {
                    human = false
                    out.device[i] = true
                    colour = finger ? SIMD3(225, 120, 30) : SIMD3(40, 40, 44)
                    if finger && Int(v) % 6 < 2 { colour = SIMD3(20, 20, 20) }
                    clean = colour
                }
                out.human[i] = human
                for c in 0..<3 {
                    let grain = 3 * (hash(i, frame, 10 + c) - 0.5)
                    out.picture.pixels[3 * i + c] = UInt8(max(0, min(255, (colour[c] + grain).rounded())))
                    out.clean.pixels[3 * i + c] = UInt8(max(0, min(255, (clean[c] + grain).rounded())))
                }
            }
        }
        return out
    }

    func shots() -> [Shot] { (0..<frames).map(shot) }

    func stream(_ shots: [Shot]) -> PictureStream {
        { (visit) throws(HumanError) in
            for (i, shot) in shots.enumerated() { try visit(i, time(i), shot.picture) }
        }
    }

    func deviceMask(_ shots: [Shot], options: DeviceMaskOptions = DeviceMaskOptions()) throws -> DeviceMask {
        var builder = try DeviceMaskBuilder(device: device, width: width, height: height, options: options)
        for shot in shots.enumerated() where shot.offset % 3 == 0 { try builder.add(shot.element.picture, tags: []) }
        return try builder.build()
    }
}

extension SIMD3<Double> {
    var xy: Vector2 { Vector2(x, y) }
}

/// Intersection over union of a class and a truth.
func overlap(_ found: [Bool], _ truth: [Bool]) -> Double {
    var both = 0
    var either = 0
    for (a, b) in zip(found, truth) {
        if a && b { both += 1 }
        if a || b { either += 1 }
    }
    return either == 0 ? 1 : Double(both) / Double(either)
}

/// Peak signal-to-noise ratio over some pixels, decibels.
func psnr(_ a: Image, _ b: Image, where use: (Int) -> Bool) -> Double {
    var sum = 0.0
    var count = 0
    for i in 0..<(a.width * a.height) where use(i) {
        for c in 0..<3 {
            let d = Double(a.pixels[3 * i + c]) - Double(b.pixels[3 * i + c])
            sum += d * d
        }
        count += 3
    }
    return count == 0 ? .infinity : 10 * log10(65025 * Double(count) / max(sum, 1e-9))
}

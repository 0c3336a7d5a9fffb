import Estimation
import Geometry
import Imaging
import Mapping
import Session

#if canImport(Glibc)
    import Glibc
#endif

/// Tracks, tags, descriptors and IMU readings of a point scene along an analytic motion, with a rolling shutter: no pictures are made.
struct SyntheticRecording {
    struct Scene {
        var points: [Vector3] = []
        var descriptors: [[UInt8]] = []

        /// A desk of 1.4 m with things up to 15 cm high, and walls around at 1.5 m.
        init(seed: UInt64, count: Int = 1500) {
            var random = RandomSource(seed: seed)
            for i in 0..<count {
                if i % 4 == 3 {
                    let angle = 2 * Double.pi * random.uniform()
                    points.append(Vector3(1.5 * cos(angle), 1.5 * sin(angle), random.uniform() * 1.2))
                } else {
                    points.append(
                        Vector3(1.4 * (random.uniform() - 0.5), 1.4 * (random.uniform() - 0.5), i % 3 == 0 ? 0.15 * random.uniform() : 0))
                }
                descriptors.append((0..<128).map { _ in UInt8(random.next() % 90) })
            }
        }
    }

    /// Phase shifts one motion into another.
    var phase = 0.0
    var duration = 8.0
    var readout = 0.010
    var pixelNoise = 0.25
    /// Pixels by which a followed point is off besides, for a while: correlated by 0.95 from a frame to the next.
    var pixelDrift = 0.0
    var outlierShare = 0.03
    var seed: UInt64 = 1
    var showsTag = true
    /// Frames in which nothing is seen.
    var blind: Range<Int> = 0..<0
    /// Points that move with the object between these times.
    var movingPoints = 0
    var gyroscopeBias = Vector3(0.008, -0.012, 0.005)
    var accelerometerBias = Vector3(0.06, -0.04, 0.08)
    var accelerometerScale = Vector3(repeating: 1)

    static let device: Device = {
        var d = Device(
            name: "synthetic",
            camera: CameraModel(
                lens: .kannalaBrandt, width: 480, height: 360, focalLength: Vector2(141.4, 141.4), principalPoint: Vector2(239.5, 179.5),
                distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452)))
        d.readout = 0.010
        d.bodyFromCamera = Transform(
            rotation: Rotation(vector: Vector3(0.1, -0.2, 1.5)), translation: Vector3(0.012, -0.03, 0.02))
        d.clockOffset = ClockOffset(seconds: 0.023)
        d.tableTag = TableTag(id: 13, size: 0.16)
        return d
    }()

    func cameraPosition(_ t: Double) -> Vector3 {
        let s = t + phase
        return Vector3(0.28 * sin(1.1 * s) - 0.1, 0.25 * sin(0.8 * s + 1) - 0.15, 0.5 + 0.12 * sin(1.4 * s + 0.4))
    }

    func cameraRotation(_ t: Double) -> Rotation {
        let s = t + phase
        // Looks down (camera z against the map's z), turned about.
        return Rotation(vector: Vector3(0.25 * sin(1.2 * s), 0.3 * sin(0.9 * s + 0.7), 0.6 * sin(0.5 * s)))
            * Rotation(axis: Vector3(1, 0, 0), angle: .pi)
    }

    func mapFromCamera(_ t: Double) -> Transform<Map, Camera> {
        Transform(rotation: cameraRotation(t), translation: cameraPosition(t))
    }

    func mapFromBody(_ t: Double) -> Transform<Map, Body> { mapFromCamera(t) * Self.device.bodyFromCamera.inverse }

    /// Readings from the analytic motion by central differences of 0.2 ms: exact to 1e-6.
    func inertial() -> InertialRecording {
        var random = RandomSource(seed: seed &+ 77)
        func noise(_ s: Double) -> Vector3 { Vector3(random.normal(), random.normal(), random.normal()) * s }
        var gyroscope: [VectorSample] = []
        var accelerometer: [VectorSample] = []
        let h = 2e-4
        let rateHz = 200.0
        for i in 0..<Int((duration + 0.4) * rateHz) {
            let t = Double(i) / rateHz - 0.2
            let a = mapFromBody(t - h)
            let b = mapFromBody(t)
            let c = mapFromBody(t + h)
            let rate = (a.rotation.inverse * c.rotation).vector / (2 * h)
            let acceleration = (c.translation - 2 * b.translation + a.translation) / (h * h)
            let force = b.rotation.inverse * (acceleration + Vector3(0, 0, 9.81))
            let time = Self.device.clockOffset.inertial(Timestamp<VideoClock>(seconds: t))
            gyroscope.append(VectorSample(time: time, value: rate + gyroscopeBias + noise(2e-4 * rateHz.squareRoot())))
            accelerometer.append(
                VectorSample(time: time + 0.0013, value: force * accelerometerScale + accelerometerBias + noise(2e-3 * rateHz.squareRoot()))
            )
        }
        return InertialRecording(gyroscope: gyroscope, accelerometer: accelerometer)
    }

    /// Where a point appears with the shutter's rows, if it does.
    func pixel(of point: Vector3, at t: Double) -> Vector2? {
        let camera = Self.device.camera
        var row = 180.0
        for _ in 0..<4 {
            let p = mapFromCamera(t + (row / 359 - 0.5) * readout).inverse * point
            guard atan2((p.x * p.x + p.y * p.y).squareRoot(), p.z) < 1.3, let u = camera.project(p) else { return nil }
            row = min(max(u.y, 0), 359)
        }
        let p = mapFromCamera(t + (row / 359 - 0.5) * readout).inverse * point
        guard let u = camera.project(p), camera.contains(u, margin: 8) else { return nil }
        return u
    }

    func tracks(_ scene: Scene) -> FeatureTracks {
        var random = RandomSource(seed: seed)
        var tracks = FeatureTracks(width: 480, height: 360)
        let n = Int(duration * 30)
        var id = [Int32](repeating: -1, count: scene.points.count)
        var age = [Int](repeating: 0, count: scene.points.count)
        var next: Int32 = 0
        var drift = [Vector2](repeating: .zero, count: pixelDrift > 0 ? scene.points.count : 0)
        func noisy(_ p: Vector2, _ s: Double) -> Vector2 { p + Vector2(random.normal(), random.normal()) * s }
        for f in 0..<n {
            let t = Double(f) / 30
            let key = f % 7 == 0
            var seen: [(track: Int32, pixel: Vector2)] = []
            var features = FeatureSet(kind: .sift)
            for (i, still) in scene.points.enumerated() {
                var point = still
                if i < movingPoints { point += Vector3(0.08, 0.05, 0.02) * min(max(t - 1, 0), 3) }
                guard !blind.contains(f), let u = pixel(of: point, at: t) else {
                    id[i] = -1
                    continue
                }
                if id[i] < 0 || age[i] > 25 + i % 40 {
                    // A quarter of the points is tracked at a time.
                    id[i] = (i + f) % 4 == 0 && key ? next : -1
                    if id[i] >= 0 { next += 1 }
                    age[i] = 0
                }
                age[i] += 1
                if id[i] >= 0 {
                    let wrong = random.uniform() < outlierShare ? Vector2(random.normal(), random.normal()) * 15 : .zero
                    if pixelDrift > 0 {
                        // 0.31² = 1 - 0.95²: it stays as large as it is.
                        drift[i] = age[i] == 1 ? noisy(.zero, pixelDrift) : noisy(0.95 * drift[i], 0.31 * pixelDrift)
                    }
                    seen.append((id[i], noisy(u + wrong + (pixelDrift > 0 ? drift[i] : .zero), pixelNoise)))
                }
                if key, i % 3 == 0 {
                    features.keypoints.append(Keypoint(position: noisy(u, 0.4)))
                    features.descriptors += scene.descriptors[i].map { UInt8(min(255, max(0, Double($0) + 5 * random.normal()))) }
                }
            }
            var tag: [Vector2]?
            if showsTag, f % 2 == 0, !blind.contains(f) {
                let corners = TableTag.corners(size: 0.16).compactMap { pixel(of: $0, at: t) }
                if corners.count == 4 { tag = corners.map { noisy($0, 0.2) } }
            }
            tracks.appendFrame(Timestamp(seconds: t), isKeyframe: key, points: seen, tableTag: tag, features: key ? features : nil)
        }
        return tracks
    }

    func truth() -> Trajectory<Map, Camera> {
        let n = Int(duration * 30)
        return Trajectory(
            times: (0..<n).map { Timestamp(seconds: Double($0) / 30) }, poses: (0..<n).map { mapFromCamera(Double($0) / 30) })
    }
}

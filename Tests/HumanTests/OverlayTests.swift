import Geometry
import Human
import Imaging
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// What is drawn into pictures against rays cast by the test: where, behind what, and how bright.
@Suite struct OverlayTests {
    let camera = CameraModel(
        lens: .kannalaBrandt, width: 480, height: 360, focalLength: Vector2(141.45, 141.45), principalPoint: Vector2(239.75, 179.75),
        distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452), maximumAngle: 83 * .pi / 180)

    /// One metre above the table, looking down and ahead.
    let tableFromCamera = Transform<Table, Camera>(
        rotation: Rotation(axis: Vector3(1, 0, 0), angle: .pi - 0.6), translation: Vector3(0, -0.4, 1))

    static func box(_ h: Vector3, kind: OverlayPart.Kind = .link) -> OverlayPart {
        var (vertices, normals, triangles): ([Vector3], [Vector3], [Int32]) = ([], [], [])
        for axis in 0..<3 {
            for sign in [-1.0, 1.0] {
                var (n, u, v) = (Vector3.zero, Vector3.zero, Vector3.zero)
                n[axis] = sign
                u[(axis + 1) % 3] = sign
                v[(axis + 2) % 3] = 1
                let first = Int32(vertices.count)
                for (a, b) in [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1)] {
                    vertices.append((n + u * a + v * b) * h)
                    normals.append(n)
                }
                triangles += [0, 1, 2, 0, 2, 3].map { first + $0 }
            }
        }
        return OverlayPart(kind: kind, vertices: vertices, normals: normals, triangles: triangles, colour: Vector3(0.9, 0.5, 0.1))
    }

    /// Whether a ray from the camera hits a box, and where.
    func hit(_ h: Vector3, _ pose: Transform<Camera, OverlayPart.Frame>, _ bearing: Vector3) -> Double? {
        let (o, d) = (pose.inverse.translation, pose.rotation.inverse * bearing)
        var (near, far) = (0.0, Double.infinity)
        for k in 0..<3 {
            if abs(d[k]) < 1e-12 {
                if abs(o[k]) > h[k] { return nil }
                continue
            }
            let (a, b) = ((-h[k] - o[k]) / d[k], (h[k] - o[k]) / d[k])
            (near, far) = (max(near, min(a, b)), min(far, max(a, b)))
        }
        return near < far ? near : nil
    }

    func scene(_ level: UInt8 = 110) -> (frame: FilledFrame, classes: Image) {
        var picture = Image(width: camera.width, height: camera.height, channels: 3)
        for i in 0..<camera.width * camera.height {
            let texture = UInt8((i % camera.width / 9 + i / camera.width / 9) % 2 * 20)
            for c in 0..<3 { picture.pixels[3 * i + c] = level &+ texture }
        }
        return (
            FilledFrame(untouched: picture),
            Image(width: camera.width, height: camera.height, everywhere: .background)
        )
    }

    func drawn(_ frame: FilledFrame) -> [Bool] { frame.provenance.pixels.map { $0 == Provenance.rendered.rawValue } }

    /// A pixel whose neighbours within one pixel agree, and so does not lie on an outline.
    func isInside(_ truth: [Bool], _ x: Int, _ y: Int) -> Bool {
        for dy in -1...1 {
            for dx in -1...1 where truth[(y + dy) * camera.width + x + dx] != truth[y * camera.width + x] { return false }
        }
        return true
    }

    /// A bar across most of the fisheye, whose straight edges the lens bends, and a bar that goes past the camera: drawn to one pixel.
    @Test func shapesCoverWhatTheirRaysHit() throws {
        var options = OverlayOptions()
        options.tableHides = false
        let bars: [(Vector3, Transform<Camera, OverlayPart.Frame>)] = [
            (
                Vector3(0.9, 0.05, 0.04),
                Transform(rotation: Rotation(vector: Vector3(0.2, -0.1, 0.5)), translation: Vector3(0.05, -0.15, 0.35))
            ),
            (Vector3(0.06, 0.05, 0.8), Transform(rotation: Rotation(vector: Vector3(0.1, 0.3, 0)), translation: Vector3(-0.25, 0.1, 0.1))),
            (Vector3(0.05, 0.05, 0.05), Transform(rotation: Rotation(vector: Vector3(0.6, 0.2, 0.4)), translation: Vector3(0.3, 0.2, 0.3))),
        ]
        for (h, pose) in bars {
            let overlay = RobotOverlay(parts: [Self.box(h)], camera: camera, options: options)
            var (frame, classes) = scene()
            try overlay.draw(on: &frame, classes: classes, cameraFromPart: [pose], tableFromCamera: tableFromCamera, isWristView: false)
            classes.pixels[0] = 0
            let found = drawn(frame)
            let truth = (0..<camera.width * camera.height).map { i in
                camera.unproject(Vector2(Double(i % camera.width), Double(i / camera.width))).map { hit(h, pose, $0) != nil } ?? false
            }
            var (covered, wrong) = (0, 0)
            for y in 1..<camera.height - 1 {
                for x in 1..<camera.width - 1 where isInside(truth, x, y) {
                    let i = y * camera.width + x
                    if truth[i] { covered += 1 }
                    if truth[i] != found[i] { wrong += 1 }
                }
            }
            #expect(covered > 500, "the bar is in view")
            #expect(wrong == 0, "\(wrong) pixels off by more than one, of \(covered)")
        }
    }

    /// What is known to be nearer hides: the table's plane, an obstacle, a measured distance; of two parts the nearer one shows.
    @Test func nearerThingsHide() throws {
        let h = Vector3(0.15, 0.15, 0.15)
        func pose(_ p: Vector3) -> Transform<Camera, OverlayPart.Frame> {
            tableFromCamera.inverse * Transform<Table, OverlayPart.Frame>(rotation: .identity, translation: p)
        }
        // Half of the box is below the table: rays that reach the table first see the table.
        let half = pose(Vector3(0, 0.3, 0))
        let overlay = RobotOverlay(parts: [Self.box(h)], camera: camera)
        var (frame, classes) = scene()
        classes.pixels[0] = 0
        try overlay.draw(on: &frame, classes: classes, cameraFromPart: [half], tableFromCamera: tableFromCamera, isWristView: false)
        var (seen, hidden) = (0, 0)
        let truth = (0..<camera.width * camera.height).map { i -> Double? in
            camera.unproject(Vector2(Double(i % camera.width), Double(i / camera.width))).flatMap { hit(h, half, $0) }
        }
        let hits = truth.map { $0 != nil }
        var wrong = 0
        for i in truth.indices where i / camera.width > 0 && i / camera.width < camera.height - 1 && i % camera.width > 0 {
            let (x, y) = (i % camera.width, i / camera.width)
            guard x < camera.width - 1, let near = truth[i], let bearing = camera.unproject(Vector2(Double(x), Double(y))) else { continue }
            let height = (tableFromCamera * (bearing * near)).z
            if height > 0.05, isInside(hits, x, y) {
                seen += 1
                if frame.provenance.pixels[i] != Provenance.rendered.rawValue { wrong += 1 }
            } else if height < -0.05 {
                hidden += 1
                if frame.provenance.pixels[i] != 0 { wrong += 1 }
            }
        }
        #expect(wrong == 0)
        #expect(seen > 200 && hidden > 100)

        let up = pose(Vector3(0, 0.3, 0.3))
        func share(_ parts: [OverlayPart], _ poses: [Transform<Camera, OverlayPart.Frame>], _ distance: SceneDistance? = nil) throws
            -> Double
        {
            var (frame, classes) = scene()
            classes.pixels[0] = 0
            let overlay = RobotOverlay(parts: parts, camera: camera)
            return try overlay.draw(
                on: &frame, classes: classes, cameraFromPart: poses, tableFromCamera: tableFromCamera, isWristView: false,
                distance: distance)
        }
        let alone = try share([Self.box(h)], [up])
        #expect(alone > 0)
        // Halfway between the camera and the box, as large as the box: hides all of it.
        let shield = Transform<Camera, OverlayPart.Frame>(rotation: up.rotation, translation: up.translation * 0.5)
        #expect(try share([Self.box(h), Self.box(h, kind: .obstacle)], [up, shield]) == 0)
        let behind = Transform<Camera, OverlayPart.Frame>(rotation: up.rotation, translation: up.translation * 2)
        #expect(try share([Self.box(h), Self.box(h, kind: .obstacle)], [up, behind]) == alone)
        func wall(_ d: Float) -> SceneDistance { SceneDistance(width: 60, height: 45, values: Array(repeating: d, count: 60 * 45)) }
        #expect(try share([Self.box(h)], [up], wall(0.2)) == 0)
        #expect(try share([Self.box(h)], [up], wall(5)) == alone)
        #expect(try share([Self.box(h)], [up], wall(.nan)) == alone)
    }

    @Test func outOfViewChangesNothing() throws {
        let overlay = RobotOverlay(parts: [Self.box(Vector3(0.1, 0.1, 0.1))], camera: camera)
        for p in [Vector3(0, 0, -0.5), Vector3(0.9, 0, -0.4), Vector3(0, 0, 0)] {
            var (frame, classes) = scene()
            let before = frame
            classes.pixels[0] = 0
            // In the last case the camera is inside of the box.
            let share = try overlay.draw(
                on: &frame, classes: classes, cameraFromPart: [Transform(rotation: .identity, translation: p)],
                tableFromCamera: tableFromCamera,
                isWristView: true)
            #expect(share == 0 && frame.picture == before.picture && frame.provenance == before.provenance)
        }
    }

    /// Every pixel that changed says so; the recorded gripper stays in front where it is what the arm carries.
    @Test func changedPixelsSaySoAndTheDeviceStays() throws {
        var options = OverlayOptions()
        let pose = Transform<Camera, OverlayPart.Frame>(rotation: .identity, translation: Vector3(0, 0.05, 0.4))
        for gripper in OverlayGripper.allCases {
            options.gripper = gripper
            let overlay = RobotOverlay(
                parts: [Self.box(Vector3(0.1, 0.1, 0.05)), Self.box(Vector3(0.3, 0.02, 0.02), kind: .gripper)], camera: camera,
                options: options)
            var (frame, classes) = scene()
            for i in classes.pixels.indices where i % camera.width < 240 { classes.pixels[i] = PixelClass.device.rawValue }
            let before = frame.picture
            try overlay.draw(
                on: &frame, classes: classes, cameraFromPart: [pose, pose], tableFromCamera: tableFromCamera, isWristView: true)
            let found = drawn(frame)
            #expect(
                !found.indices.contains { i in
                    !found[i] && (0..<3).contains { frame.picture.pixels[3 * i + $0] != before.pixels[3 * i + $0] }
                })
            #expect(found.contains(true))
            let onDevice = found.indices.contains { found[$0] && $0 % camera.width < 240 }
            #expect(onDevice == (gripper == .model))
            // The gripper's bar is wider than the link.
            let row = try #require(camera.project(Vector3(0.25, 0.05, 0.4)))
            #expect(found[Int(row.y) * camera.width + Int(row.x)] == (gripper == .model))
        }
    }

    /// A darker scene gets a darker arm, and the same picture gets the same bytes.
    @Test func litLikeTheScene() throws {
        let overlay = RobotOverlay(parts: [Self.box(Vector3(0.1, 0.1, 0.05))], camera: camera)
        let pose = Transform<Camera, OverlayPart.Frame>(rotation: .identity, translation: Vector3(0, 0, 0.4))
        func mean(_ level: UInt8) throws -> (Double, Image) {
            var (frame, classes) = scene(level)
            classes.pixels[0] = 0
            try overlay.draw(
                on: &frame, classes: classes, cameraFromPart: [pose], tableFromCamera: tableFromCamera, isWristView: false, seed: 3)
            let found = drawn(frame)
            var (sum, count) = (0.0, 0.0)
            for i in found.indices where found[i] {
                sum += Double(frame.picture.pixels[3 * i])
                count += 1
            }
            return (sum / count, frame.picture)
        }
        let (dark, _) = try mean(40)
        let (middle, picture) = try mean(110)
        let (bright, _) = try mean(200)
        #expect(dark + 25 < middle && middle + 25 < bright, "\(dark) \(middle) \(bright)")
        #expect(try mean(110).1 == picture)
    }
}

import Geometry
import Testing

@Suite struct CameraModelLaws {
    static let cameras = [
        CameraModel(
            lens: .kannalaBrandt, width: 960, height: 720, focalLength: Vector2(282.9, 283.4), principalPoint: Vector2(480, 358),
            distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452)),
        CameraModel(
            lens: .pinhole, width: 752, height: 480, focalLength: Vector2(458.7, 457.3), principalPoint: Vector2(367.2, 248.4),
            distortion: Vector4(-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05), maximumAngle: 0.75),
    ]

    @Test(arguments: cameras) func projectAndUnprojectAreInverse(camera: CameraModel) throws {
        var random = SplitMix(state: 6)
        var checked = 0
        for _ in 0..<500 {
            let p = Vector3(.random(in: -1...1, using: &random), .random(in: -1...1, using: &random), .random(in: 0.2...2, using: &random))
            guard let pixel = camera.project(p), camera.contains(pixel) else { continue }
            let bearing = try #require(camera.unproject(pixel))
            #expect((bearing - p.normalized).length < 1e-6)
            checked += 1
        }
        #expect(checked > 100)
    }

    /// A picture made smaller or larger, or cut first: points move with the areas of the pixels, whatever the sizes.
    @Test(arguments: cameras) func anotherSizeSeesTheSame(camera: CameraModel) throws {
        var random = SplitMix(state: 12)
        for _ in 0..<200 {
            let scale = Double.random(in: 0.02...3, using: &random)
            let (w, h) = (max(2, Int((Double(camera.width) * scale).rounded())), max(2, Int((Double(camera.height) * scale).rounded())))
            let other = try #require(camera.rescaled(width: w, height: h), "\(w)x\(h)")
            #expect(other.width == w && other.height == h)
            let (x, y) = (Int.random(in: 0..<camera.width / 2, using: &random), Int.random(in: 0..<camera.height / 2, using: &random))
            let (cw, ch) = (Int.random(in: 2...camera.width - x, using: &random), Int.random(in: 2...camera.height - y, using: &random))
            let part = camera.croppedAndScaled(x: x, y: y, width: cw, height: ch, toWidth: w, toHeight: h)
            for _ in 0..<5 {
                let p = Vector3(
                    .random(in: -1...1, using: &random), .random(in: -1...1, using: &random), .random(in: 1...2, using: &random))
                guard let pixel = camera.project(p), let there = other.project(p), let cut = part.project(p) else { continue }
                let s = Vector2(Double(w) / Double(camera.width), Double(h) / Double(camera.height))
                #expect(((pixel + 0.5) * s - 0.5 - there).length < 1e-9)
                let t = Vector2(Double(w) / Double(cw), Double(h) / Double(ch))
                #expect(((pixel - Vector2(Double(x), Double(y)) + 0.5) * t - 0.5 - cut).length < 1e-9 * (1 + cut.length))
            }
        }
        #expect(camera.rescaled(width: camera.width, height: camera.height * 11 / 10) == nil && camera.rescaled(width: 0, height: 0) == nil)
    }

    @Test(arguments: cameras) func jacobianAgainstFiniteDifferences(camera: CameraModel) throws {
        var random = SplitMix(state: 7)
        let h = 1e-6
        var checked = 0
        for _ in 0..<300 {
            let p = Vector3(.random(in: -1...1, using: &random), .random(in: -1...1, using: &random), .random(in: 0.3...2, using: &random))
            guard let (_, du, dv) = camera.projectWithJacobian(p) else { continue }
            for k in 0..<3 {
                var d = Vector3.zero
                d[k] = h
                guard let ahead = camera.project(p + d), let behind = camera.project(p - d) else { continue }
                let slope = (ahead - behind) / (2 * h)
                #expect(abs(slope.x - du[k]) < 1e-3 && abs(slope.y - dv[k]) < 1e-3)
                checked += 1
            }
        }
        #expect(checked > 100)
    }

    @Test(arguments: cameras) func intrinsicsJacobianAgainstFiniteDifferences(camera: CameraModel) throws {
        var random = SplitMix(state: 8)
        var checked = 0
        for _ in 0..<100 {
            let p = Vector3(.random(in: -1...1, using: &random), .random(in: -1...1, using: &random), .random(in: 0.3...2, using: &random))
            guard let (du, dv) = camera.intrinsicsJacobian(p) else { continue }
            for k in 0..<CameraModel.intrinsicsCount {
                var (more, less) = (camera, camera)
                more.intrinsics[k] += 1e-5
                less.intrinsics[k] -= 1e-5
                guard let ahead = more.project(p), let behind = less.project(p) else { continue }
                let slope = (ahead - behind) / 2e-5
                #expect(abs(slope.x - du[k]) < 1e-4 && abs(slope.y - dv[k]) < 1e-4, "parameter \(k)")
                checked += 1
            }
        }
        #expect(checked > 300)
    }

    @Test func looksBehindTheImagePlaneOnlyAsFarAsItIsTold() {
        let camera = Self.cameras[0]
        #expect(camera.project(Vector3(1, 0, -0.1)) != nil)
        #expect(camera.project(Vector3(0.1, 0, -1)) == nil)
        #expect(Self.cameras[1].project(Vector3(0, 0, -1)) == nil)
    }

    @Test func scalingKeepsBearings() throws {
        let camera = Self.cameras[0]
        let half = try #require(camera.rescaled(width: 480, height: 360))
        // Pixel (x, y) of the full picture is (x + ½) / 2 − ½ of the half one.
        let bearing = try #require(camera.unproject(Vector2(600, 200)))
        let pixel = try #require(half.project(bearing))
        #expect((pixel - Vector2(299.75, 99.75)).length < 1e-9)
        #expect(camera.rescaled(width: 480, height: 270) == nil)
    }

    @Test func atTheAxisTheFisheyeIsAPinhole() throws {
        let (pixel, du, dv) = try #require(Self.cameras[0].projectWithJacobian(Vector3(0, 0, 2)))
        #expect(pixel == Vector2(480, 358))
        #expect((du - Vector3(141.45, 0, 0)).length < 1e-9 && (dv - Vector3(0, 141.7, 0)).length < 1e-9)
    }
}

@Suite struct AlignmentTests {
    @Test func recoversASimilarity() throws {
        var random = SplitMix(state: 8)
        let truth = Alignment(rotation: Rotation(vector: Vector3(0.4, -1.2, 2.0)), translation: Vector3(3, -1, 0.5), scale: 1.7)
        let points = (0..<40).map { _ in random.vector(1) }
        let found = try #require(Alignment.fit(from: points, to: points.map { truth.apply($0) }, withScale: true))
        #expect(abs(found.scale - truth.scale) < 1e-9)
        #expect(found.rotation.angle(to: truth.rotation) < 1e-7)
        #expect((found.translation - truth.translation).length < 1e-9)
        let rigid = try #require(Alignment.fit(from: points, to: points.map { truth.apply($0) }, withScale: false))
        #expect(rigid.scale == 1 && rigid.rotation.angle(to: truth.rotation) < 1e-7)
    }

    @Test func neverMirrors() throws {
        // A mirrored cloud: the best rotation is still a rotation.
        let points = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1), Vector3(1, 1, 1)]
        let mirrored = points.map { Vector3(-$0.x, $0.y, $0.z) }
        let found = try #require(Alignment.fit(from: points, to: mirrored, withScale: false))
        #expect(abs(found.rotation.matrix.determinant - 1) < 1e-9)
        #expect(Alignment.fit(from: [Vector3.zero], to: [Vector3.zero], withScale: false) == nil)
    }
}

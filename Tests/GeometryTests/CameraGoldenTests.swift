import Geometry
import Testing

/// Both lens models against OpenCV's `fisheye` and pinhole functions, which made the numbers.
@Suite struct CameraGoldenTests {
    private func model(_ golden: OpenCVGoldens.Camera) -> CameraModel {
        let k = golden.intrinsics
        return CameraModel(
            lens: golden.isFisheye ? .kannalaBrandt : .pinhole, width: 4000, height: 3000, focalLength: Vector2(k[0], k[1]),
            principalPoint: Vector2(k[2], k[3]), distortion: Vector4(k[4], k[5], k[6], k[7]))
    }

    @Test(arguments: OpenCVGoldens.cameras.indices) func pixelsAreOpenCVs(_ index: Int) throws {
        let golden = OpenCVGoldens.cameras[index]
        let camera = model(golden)
        #expect(golden.samples.count >= 20)
        for sample in golden.samples {
            let pixel = try #require(camera.project(Vector3(sample.point[0], sample.point[1], sample.point[2])))
            #expect((pixel - Vector2(sample.pixel[0], sample.pixel[1])).length < 1e-7, "\(golden.name) \(sample.point)")
        }
    }

    @Test(arguments: OpenCVGoldens.cameras.indices) func bearingsAreOpenCVs(_ index: Int) throws {
        let golden = OpenCVGoldens.cameras[index]
        let camera = model(golden)
        for sample in golden.samples {
            let bearing = try #require(camera.unproject(Vector2(sample.pixel[0], sample.pixel[1])))
            let theirs = Vector3(sample.normalized[0], sample.normalized[1], 1).normalized
            #expect((bearing - theirs).length < 1e-7, "\(golden.name) \(sample.pixel)")
        }
    }

    @Test(arguments: OpenCVGoldens.cameras.indices) func jacobiansAreOpenCVs(_ index: Int) throws {
        let golden = OpenCVGoldens.cameras[index]
        let camera = model(golden)
        for sample in golden.samples {
            let (du, dv) = try #require(camera.intrinsicsJacobian(Vector3(sample.point[0], sample.point[1], sample.point[2])))
            for k in 0..<CameraModel.intrinsicsCount {
                let tolerance = 1e-9 * max(1, abs(sample.du[k]), abs(sample.dv[k]))
                #expect(abs(du[k] - sample.du[k]) < tolerance && abs(dv[k] - sample.dv[k]) < tolerance, "\(golden.name) by parameter \(k)")
            }
        }
    }
}

/// Numbers out of files that no rotation can be made of are told from those that can.
@Suite struct CheckedRotationTests {
    @Test(arguments: [
        Vector4(.nan, 0, 0, 1), Vector4(0, 0, .infinity, 1), Vector4(0, 0, 0, 0), Vector4(3e-200, 0, 0, 0), Vector4(7e180, 1, 0, 0),
        Vector4(1e-9, 1e-9, 0, 0),
    ])
    func noQuaternion(_ xyzw: Vector4) { #expect(Rotation(checkedXYZW: xyzw) == nil) }

    @Test(arguments: [Vector3(.nan, 0, 0), Vector3(0, -.infinity, 0), Vector3(4e220, 0, 0), Vector3(0, 0, 2000)])
    func noRotationVector(_ vector: Vector3) { #expect(Rotation(checkedVector: vector) == nil) }

    @Test func usualNumbersPass() throws {
        #expect(Rotation(checkedXYZW: Vector4(0, 0, 2, 0)) == Rotation(xyzw: Vector4(0, 0, 1, 0)))
        let v = Vector3(0.3, -0.2, 3)
        #expect(try #require(Rotation(checkedVector: v)).angle(to: Rotation(vector: v)) < 1e-12)
    }

    /// A straight spline goes on straight outside its span, at any time that a file may state.
    @Test func splinesGoOnOutsideTheirSpan() {
        let spline = VectorSpline(start: 0, spacing: 0.1, controls: (0..<8).map { Vector3(Double($0), 0, 0) })
        for time in [-4.0, 0.05, 4] { #expect(abs(spline.evaluate(at: time).value.x - (10 * time + 2)) < 1e-6 * (1 + time * time)) }
    }
}

import Geometry
import Session
import Testing

@testable import Human

@Suite struct SurfaceWarpTests {
    private static func camera(_ lens: LensModel) -> CameraModel {
        CameraModel(
            lens: lens, width: 240, height: 180, focalLength: lens == .pinhole ? Vector2(180, 178) : Vector2(72, 71.5),
            principalPoint: Vector2(121.3, 88.7),
            distortion: lens == .pinhole ? Vector4(-0.08, 0.02, 0.001, -0.002) : Vector4(-0.01746, -0.02808, 0.01283, -0.00452))
    }

    private static func point(_ k: Int) -> Vector3 {
        let (a, b) = (Double(k % 40) / 20 - 1, Double(k / 40) / 12 - 1)
        return Vector3(1.6 * a, 1.4 * b, 0.2 + Double(k % 7) / 4)
    }

    @Test(arguments: LensModel.allCases) func `eight points at once fall where each falls alone`(lens: LensModel) {
        let camera = Self.camera(lens)
        let fast = FloatLens(camera)
        var compared = 0
        for first in stride(from: 0, to: 960, by: 8) {
            var (x, y, z) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
            for i in 0..<8 {
                let p = Self.point(first + i)
                (x[i], y[i], z[i]) = (Float(p.x), Float(p.y), Float(p.z))
            }
            let (u, v) = fast.project(x, y, z)
            for i in 0..<8 {
                guard let exact = camera.project(Vector3(Double(x[i]), Double(y[i]), Double(z[i]))) else {
                    #expect(u[i].isNaN)
                    continue
                }
                guard !u[i].isNaN, camera.contains(exact, margin: -40) else { continue }
                compared += 1
                #expect(abs(Double(u[i]) - exact.x) < 0.01 && abs(Double(v[i]) - exact.y) < 0.01)
            }
        }
        #expect(compared > 300)
    }

    /// A camera that moves and turns while its rows are read: each node must fall where the pose of the row it falls on says.
    @Test(arguments: [2, 8]) func `nodes of known distance fall where the moving camera sees them`(step: Int) throws {
        let camera = Self.camera(.kannalaBrandt)
        let warp = SurfaceWarp(camera: camera, step: step, reach: 4)
        let down = Rotation(vector: Vector3(Double.pi, 0, 0))
        let poses = (0..<12).map { k in
            let s = Double(k)
            return Transform<Table, Camera>(
                rotation: down * Rotation(vector: Vector3(0.02 * s, -0.015 * s, 0.02 * s)),
                translation: Vector3(0.02 * s, -0.015 * s, 0.45 + 0.01 * s))
        }
        let trajectory = Trajectory<Table, Camera>(
            times: (0..<12).map { Timestamp(nanoseconds: Int64($0) * 50_000_000) }, poses: poses,
            covariances: nil, states: Array(repeating: .tracked, count: 12))
        let from = try #require(RowPoses(trajectory: trajectory, frame: 3, rows: 23, readout: 0.016))
        let to = try #require(RowPoses(trajectory: trajectory, frame: 8, rows: 23, readout: 0.016))
        let distances = warp.distances(from: from, over: .plane(height: 0))
        var ranges = [Float](repeating: 0, count: distances.count)
        let grid = warp.grid(from: from, to: to, distances: distances, ranges: &ranges)
        var errors: [Double] = []
        for k in distances.indices where distances[k] > 0 && !grid.x[k].isNaN {
            guard let bearing = warp.bearing(k) else { continue }
            let pose = from.pose(atHeight: Double(k / warp.columns * warp.step) / 179)
            let point = pose.translation + Double(distances[k]) * (pose.rotation * bearing)
            // The row is found by trying again.
            var pixel = camera.project(to.pose(atHeight: 0.5).inverse * point)
            for _ in 0..<4 { pixel = pixel.flatMap { camera.project(to.pose(atHeight: max(0, min(1, $0.y / 179))).inverse * point) } }
            guard let pixel, camera.contains(pixel) else { continue }
            errors.append((Vector2(Double(grid.x[k]), Double(grid.y[k])) - pixel).length)
        }
        errors.sort()
        #expect(errors.count > 16000 / (step * step))
        // The row is the node's above; the topmost ones take the middle row's.
        #expect(errors[errors.count / 2] < 0.02 * Double(step))
        #expect(errors[errors.count * 9 / 10] < 0.05 * Double(step))
    }
}

import Estimation
import Foundation
import Geometry
import Imaging

/// Pictures of a board through a known lens, ray by ray: the truth of these tests.
struct BoardPictures {
    var camera: CameraModel
    var board: CalibrationBoard
    /// Rays a pixel, a side.
    let samples = 3
    private var rays: [Vector3?] = []

    init(camera: CameraModel, board: CalibrationBoard) {
        self.camera = camera
        self.board = board
        rays.reserveCapacity(camera.width * camera.height * samples * samples)
        for y in 0..<(camera.height * samples) {
            for x in 0..<(camera.width * samples) {
                let pixel = (Vector2(Double(x), Double(y)) + 0.5) / Double(samples) - 0.5
                rays.append(camera.unproject(pixel))
            }
        }
    }

    /// Grey of the board's plane at a point of it, metres; the first inner corner is the origin.
    private func shade(_ x: Double, _ y: Double, markers: [Image]) -> Double {
        let size = board.corners
        let u = x / board.square + 1
        let v = y / board.square + 1
        guard u >= 0, v >= 0, u < Double(size.columns + 1), v < Double(size.rows + 1) else {
            return u > -1 && v > -1 && u < Double(size.columns + 2) && v < Double(size.rows + 2) ? 230 : 120
        }
        let (column, row) = (Int(u), Int(v))
        if (column + row) % 2 == 0 { return 25 }
        guard case .charuco(let columns, _, let square, let marker, _) = board else { return 230 }
        let part = marker / square
        let (a, b) = ((u - Double(column) - 0.5) / part + 0.5, (v - Double(row) - 0.5) / part + 0.5)
        guard a >= 0, b >= 0, a < 1, b < 1 else { return 230 }
        let before = (0..<row).reduce(0) { $0 + ($1 % 2 == 0 ? columns / 2 : (columns + 1) / 2) } + column / 2
        let image = markers[before]
        return Double(image.pixels[Int(b * Double(image.height)) * image.width + Int(a * Double(image.width))]) * 0.8 + 25
    }

    /// A picture with noise of two grey levels.
    func picture(_ cameraFromBoard: Transform<Camera, Frame.Tag>, seed: UInt64, markers: [Image] = []) -> Image {
        var random = RandomSource(seed: seed)
        var image = Image(width: camera.width, height: camera.height, channels: 1)
        let r = cameraFromBoard.rotation.matrix
        let origin = r.transposed * (-cameraFromBoard.translation)
        let stride = camera.width * samples
        for y in 0..<camera.height {
            for x in 0..<camera.width {
                var sum = 0.0
                for b in 0..<samples {
                    for a in 0..<samples {
                        guard let ray = rays[(y * samples + b) * stride + x * samples + a] else { continue }
                        let d = r.transposed * ray
                        let t = -origin.z / d.z
                        sum += t > 0 ? shade(origin.x + t * d.x, origin.y + t * d.y, markers: markers) : 120
                    }
                }
                let noise = (0..<4).reduce(0.0) { s, _ in s + Double.random(in: -1...1, using: &random) } * 1.7
                image.pixels[y * camera.width + x] = UInt8(max(0, min(255, sum / Double(samples * samples) + noise)))
            }
        }
        return image
    }

    /// Poses that put the board's middle in many parts of the picture, tilted.
    func poses(_ count: Int, distance: ClosedRange<Double>, seed: UInt64) -> [Transform<Camera, Frame.Tag>] {
        var random = RandomSource(seed: seed)
        let size = board.corners
        let middle = Vector3(Double(size.columns - 1), Double(size.rows - 1), 0) * (board.square / 2)
        return (0..<count).map { k in
            let azimuth = 2.4 * Double(k)
            let off = 0.75 * Double(k) / Double(max(1, count - 1))
            let direction = Vector3(sin(off) * cos(azimuth), sin(off) * sin(azimuth), cos(off))
            let facing = k == 0 ? Rotation.identity : Rotation(vector: Vector3(0, 0, 1).cross(direction).normalized * off)
            let tilt = Rotation(
                vector: Vector3(
                    .random(in: -0.6...0.6, using: &random), .random(in: -0.6...0.6, using: &random),
                    .random(in: -0.4...0.4, using: &random)))
            let rotation = facing * tilt
            return Transform(rotation: rotation, translation: direction * Double.random(in: distance, using: &random) - rotation * middle)
        }
    }
}

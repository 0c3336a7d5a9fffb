import Calibration
import Estimation
import Foundation
import Geometry
import Imaging
import Testing

/// A lens found again from pictures of a board, against the lens that drew them.
@Suite struct IntrinsicsCalibrationTests {
    static let fisheye = CameraModel(
        lens: .kannalaBrandt, width: 480, height: 360, focalLength: Vector2(142.3, 141.6), principalPoint: Vector2(243.1, 176.4),
        distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452))

    func views(_ pictures: BoardPictures, _ count: Int, markers: [Image] = []) throws -> [BoardView] {
        try pictures.poses(count, distance: 0.12...0.3, seed: 3).enumerated().map { k, pose in
            let found = try BoardDetector.detect(pictures.board, in: pictures.picture(pose, seed: UInt64(k), markers: markers))
            // Where the board is found, corners are where they were drawn; a checkerboard of even sides looks the same upside down.
            let size = pictures.board.corners
            let errors = try [false, true].map { turned in
                try found.map { corner, pixel in
                    let drawn = turned ? size.columns * size.rows - 1 - corner : corner
                    return (try #require(pictures.camera.project(pose * pictures.board.point(drawn))) - pixel).length
                }.sorted()
            }
            let best = markers.isEmpty && errors[1].last ?? 9 < errors[0].last ?? 9 ? errors[1] : errors[0]
            if let worst = best.last { #expect(worst < 1.2 && best[best.count * 9 / 10] < 0.4, "picture \(k): \(best) px") }
            return BoardView(name: "picture \(k)", points: found.map { pictures.board.point($0.corner) }, pixels: found.map(\.pixel))
        }
    }

    /// The largest distance between where two lenses see the same direction, within the angle that was seen.
    func difference(_ a: CameraModel, _ b: CameraModel, within angle: Double) -> Double {
        var worst = 0.0
        for y in stride(from: 0, to: a.height, by: 10) {
            for x in stride(from: 0, to: a.width, by: 10) {
                let pixel = Vector2(Double(x), Double(y))
                guard let ray = a.unproject(pixel), ray.z > cos(angle), let other = b.project(ray) else { continue }
                worst = max(worst, (other - pixel).length)
            }
        }
        return worst
    }

    @Test func fisheyeFromCheckerboard() throws {
        let pictures = BoardPictures(camera: Self.fisheye, board: .checkerboard(columns: 8, rows: 6, square: 0.02))
        let result = try IntrinsicsCalibration.estimate(try views(pictures, 16), width: 480, height: 360)
        #expect(result.pictures.count >= 12)
        #expect(result.residualRMS < 0.15)
        #expect(difference(Self.fisheye, result.camera, within: result.largestAngle) < 0.3)
        let largest = difference(Self.fisheye, result.camera, within: result.largestAngle)
        print("figure\tcalibrate.lens_simulated\t\((100 * largest).rounded() / 100)\tpx")
        for (k, (found, truth)) in zip(result.camera.intrinsics, Self.fisheye.intrinsics).enumerated() {
            #expect(abs(found - truth) < 5 * result.sigmas[k] + 0.02, "intrinsic \(k): \(found) ± \(result.sigmas[k]) for \(truth)")
        }
        #expect(abs(result.camera.focalLength.x - 142.3) < 0.3)
    }

    @Test func fisheyeFromChArUcoWithPartsOfTheBoard() throws {
        let board = CalibrationBoard.charuco(columns: 9, rows: 6, square: 0.03, marker: 0.022, dictionary: 0)
        let pictures = BoardPictures(camera: Self.fisheye, board: board)
        let markers = try (0..<27).map { try TagDetector.draw(id: $0, side: 60) }
        let result = try IntrinsicsCalibration.estimate(try views(pictures, 14, markers: markers), width: 480, height: 360)
        #expect(result.pictures.count >= 10)
        #expect(result.residualRMS < 0.25)
        #expect(difference(Self.fisheye, result.camera, within: result.largestAngle) < 0.4)
    }

    @Test func wrongCornersAreLeftOut() throws {
        let board = CalibrationBoard.checkerboard(columns: 8, rows: 6, square: 0.02)
        let pictures = BoardPictures(camera: Self.fisheye, board: board)
        var random = RandomSource(seed: 9)
        let views = pictures.poses(12, distance: 0.12...0.3, seed: 5).enumerated().map { k, pose in
            var view = BoardView(name: "\(k)", points: [], pixels: [])
            for corner in 0..<48 {
                guard let pixel = Self.fisheye.project(pose * board.point(corner)), Self.fisheye.contains(pixel) else { continue }
                let noise = Vector2(.random(in: -0.2...0.2, using: &random), .random(in: -0.2...0.2, using: &random))
                view.points.append(board.point(corner))
                view.pixels.append(pixel + noise + (corner == 7 ? Vector2(15, -9) : .zero))
            }
            return view
        }
        let result = try IntrinsicsCalibration.estimate(views, width: 480, height: 360)
        for picture in result.pictures {
            for (residual, used) in zip(picture.residuals, picture.isUsed) { #expect(used == (residual.length < 3)) }
        }
        let clean = views.map { view in
            let kept = view.points.indices.filter { view.points[$0] != board.point(7) }
            return BoardView(name: view.name, points: kept.map { view.points[$0] }, pixels: kept.map { view.pixels[$0] })
        }
        let without = try IntrinsicsCalibration.estimate(clean, width: 480, height: 360)
        #expect(difference(without.camera, result.camera, within: result.largestAngle) < 0.01)
    }

    @Test func tooFewPicturesAreRefusedWithTheNumber() throws {
        let view = BoardView(name: "a", points: [.zero], pixels: [.zero])
        let error = #expect(throws: CalibrationError.self) { try IntrinsicsCalibration.estimate([view, view], width: 480, height: 360) }
        #expect("\(try #require(error))".contains("0 of 2 pictures"))
    }
}

import Foundation
import Geometry
import Imaging
import Testing

@Suite struct TagsTests {
    /// A tag on a table under a fisheye, ray-cast with 4×4 samples a pixel: corners to a tenth of a pixel, pose to 2 mm and 1°.
    @Test func tagUnderAFisheyeIsFoundWhereItIs() throws {
        let camera = CameraModel(
            lens: .kannalaBrandt, width: 480, height: 360, focalLength: Vector2(141.5, 141.5), principalPoint: Vector2(239.5, 179.5),
            distortion: Vector4(-0.022, -0.019, 0.0017, -0.00017))
        let side = 0.16
        // The tag's z towards the camera, its y up in the picture, tilted.
        let cameraFromTag = Transform<Geometry.Camera, Geometry.Tag>(
            rotation: Rotation(vector: Vector3(0.3, 0.2, 0)) * Rotation(axis: Vector3(1, 0, 0), angle: .pi),
            translation: Vector3(0.05, 0.08, 0.4))
        let print = try TagDetector.draw(id: 13, side: 96)
        let tagFromCamera = cameraFromTag.inverse
        var image = Image(width: 480, height: 360, channels: 1)
        for y in 0..<360 {
            for x in 0..<480 {
                var sum = 0.0
                for sy in 0..<4 {
                    for sx in 0..<4 {
                        let pixel = Vector2(Double(x) + (Double(sx) - 1.5) / 4, Double(y) + (Double(sy) - 1.5) / 4)
                        guard let ray = camera.unproject(pixel) else { continue }
                        let direction = tagFromCamera.rotation * ray
                        let origin = tagFromCamera.translation
                        let s = -origin.z / direction.z
                        var value = 170.0
                        if s > 0 {
                            let p = origin + s * direction
                            let u = (p.x / side + 0.5) * 96
                            let v = (0.5 - p.y / side) * 96
                            if u >= 0 && v >= 0 && u < 96 && v < 96 { value = print[Int(u), Int(v)] > 127 ? 220 : 25 }
                        }
                        sum += value / 16
                    }
                }
                image[x, y] = UInt8(sum)
            }
        }
        let found = try TagDetector().detect(in: image)
        #expect(found.map(\.id) == [13])
        let tag = try #require(found.first)
        let h = side / 2
        let truth = [Vector3(-h, h, 0), Vector3(h, h, 0), Vector3(h, -h, 0), Vector3(-h, -h, 0)]
        for (corner, point) in zip(tag.corners, truth) {
            let expected = try #require(camera.project(cameraFromTag * point))
            #expect((corner - expected).length < 0.1)
        }
        let bearings = try tag.corners.map { try #require(camera.unproject($0)) }
        let poses = try SquarePose.estimate(corners: bearings, side: side)
        let pose = try #require(poses.first)
        #expect((pose.cameraFromTag.translation - cameraFromTag.translation).length < 0.002)
        #expect(pose.cameraFromTag.rotation.angle(to: cameraFromTag.rotation) * 180 / .pi < 1)
        #expect(pose.error * 141.5 < 0.2)
        // The same pose through points in general position.
        let absolute = try #require(try AbsolutePose.estimate(bearings: bearings, points: truth))
        #expect((absolute.translation - cameraFromTag.translation).length < 0.002)
    }

    @Test func nothingIsFoundWhereThereIsNothing() throws {
        #expect(try TagDetector().detect(in: Texture(seed: 10).image(320, 240) { $0 }).isEmpty)
        #expect(try TagDetector().detect(in: Image(width: 64, height: 64, channels: 1, filledWith: 128)).isEmpty)
        #expect(throws: ImagingError.self) { try TagDetector.draw(id: 50, side: 60) }
        #expect(throws: ImagingError.self) { try TagDetector().detect(in: Image(width: 64, height: 64, channels: 3)) }
    }
}

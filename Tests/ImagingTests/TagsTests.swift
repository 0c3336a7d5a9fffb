import Foundation
import Geometry
import Imaging
import Session
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

/// Tags followed over pictures against a search of every picture.
@Suite struct TagTrackerTests {
    /// A picture of tags by id, at a place, with a side, all turned alike, 2x2 samples a pixel.
    private static func picture(_ tags: [(id: Int, middle: Vector2, side: Double)], turn: Double, size: (Int, Int)) throws -> Image {
        var image = Texture(seed: 4).image(size.0, size.1) { $0 }
        for i in image.pixels.indices { image.pixels[i] = 120 + image.pixels[i] / 4 }
        let (c, s) = (cos(turn), sin(turn))
        for tag in tags {
            let cells = try TagDetector.draw(id: tag.id, side: 96)
            let reach = tag.side
            for y in max(0, Int(tag.middle.y - reach))..<min(size.1, max(0, Int(tag.middle.y + reach))) {
                for x in max(0, Int(tag.middle.x - reach))..<min(size.0, max(0, Int(tag.middle.x + reach))) {
                    var sum = 0
                    var isTag = false
                    for k in 0..<4 {
                        let p = Vector2(Double(x) + Double(k % 2) / 2 - 0.25, Double(y) + Double(k / 2) / 2 - 0.25) - tag.middle
                        // The tag with a white margin of one module.
                        let q = Vector2(c * p.x + s * p.y, -s * p.x + c * p.y) / tag.side
                        guard max(abs(q.x), abs(q.y)) < 0.5 + 1.0 / 6 else {
                            sum += Int(image[x, y])
                            continue
                        }
                        isTag = true
                        let isInside = max(abs(q.x), abs(q.y)) < 0.5
                        sum += isInside && cells[Int((q.x + 0.5) * 96), Int((q.y + 0.5) * 96)] < 128 ? 25 : 215
                    }
                    if isTag { image[x, y] = UInt8(sum / 4) }
                }
            }
        }
        return image
    }

    @Test(arguments: [(480, 360), (722, 541)]) func whatIsFoundHasTheCornersOfAWholeSearch(size: (Int, Int)) throws {
        let options = TagDetector.Options()
        var tracker = TagTracker(options: options)
        let whole = TagDetector(options: options)
        let scale = Double(size.0) / 480
        var (found, sought, late, whereIs) = (0, 0, 0, [Int: Int]())
        for frame in 0..<36 {
            let t = Double(frame) / 30
            // One drifts, one swings by up to its own side a frame, one comes into view and leaves, two fingers open and close.
            var tags: [(id: Int, middle: Vector2, side: Double)] = [
                (13, scale * Vector2(120 + 60 * t, 90), scale * 50), (2, scale * Vector2(300 + 60 * sin(9 * t), 130), scale * 28),
                (0, scale * Vector2(200 - 20 * sin(3 * t), 300), scale * 26), (1, scale * Vector2(280 + 20 * sin(3 * t), 300), scale * 26),
            ]
            if (10..<31).contains(frame) { tags.append((5, scale * Vector2(420, 240 + 40 * t), scale * 34)) }
            let picture = try Self.picture(tags, turn: 0.4 * t, size: size)
            let expected = try whole.detect(in: picture)
            let tracked = try tracker.detect(in: picture, time: Timestamp(seconds: t))
            #expect(tracked.map(\.id) == tracked.map(\.id).sorted())
            for tag in tracked {
                let same = try #require(expected.first { $0.id == tag.id }, "frame \(frame): \(tag.id) is only where it was looked for")
                for (a, b) in zip(tag.corners, same.corners) { #expect((a - b).length < 0.02, "frame \(frame), tag \(tag.id)") }
            }
            for tag in expected {
                let isLate = !tracked.contains { $0.id == tag.id }
                if isLate {
                    late += 1
                    // Only what has just come into view is late, by the interval at most.
                    #expect(tag.id == 5 && frame < 10 + Int(options.searchInterval * 30), "frame \(frame): tag \(tag.id) is missed")
                }
                whereIs[tag.id, default: 0] += 1
            }
            (found, sought) = (found + tracked.count, sought + expected.count)
        }
        // Fast tags blur in no picture here: all are there in all frames.
        #expect(whereIs[13] == 36 && whereIs[2] == 36 && whereIs[0] == 36 && whereIs[1] == 36 && (whereIs[5] ?? 0) == 21)
        #expect(found + late == sought && late <= 6)
    }

    @Test func afterAPauseOrAJumpBackTheWholePictureIsSearched() throws {
        var tracker = TagTracker()
        func seen(_ x: Double, at time: Double) throws -> [Int] {
            let picture = try Self.picture([(7, Vector2(x, 150), 40)], turn: 0, size: (480, 360))
            return try tracker.detect(in: picture, time: Timestamp(seconds: time)).map(\.id)
        }
        #expect(try seen(80, at: 1) == [7])
        #expect(try seen(400, at: 1.03) == [7])
        #expect(try seen(80, at: 3) == [7])
        #expect(try seen(400, at: 0.5) == [7])
    }
}

import Geometry
import Imaging
import Session
import Simulation
import Testing

/// The recordings that the tests draw from, small and without what a test does not need.
enum Sample {
    static func recording(_ motion: String, picture: String = "", human: Bool = false, extra: String = "") throws -> SimulatedRecording {
        let scenario = try Scenario(
            yaml: """
                seed: 5
                picture: {width: 480, height: 360, rate_hz: 30, noise_sigma: 0.5, \(picture)}
                recordings: [{name: r, motion: \(motion), human: \(human), human_from_s: 0.5, human_to_s: 3.4}]
                \(extra)
                """, path: "test")
        return try SimulatedRecording("r", of: scenario)
    }

    /// Where the corners of a square tag must appear, each seen at its own row's time.
    static func corners(_ points: [Vector3], _ recording: SimulatedRecording, time: Double, readout: Double) -> [Vector2]? {
        var pixels: [Vector2] = []
        for p in points {
            var row = Double(recording.device.camera.height) / 2
            var pixel = Vector2.zero
            for _ in 0..<12 {
                let t = time + (row / Double(recording.device.camera.height - 1) - 0.5) * readout
                guard let seen = recording.device.camera.project(recording.camera(at: t).pose.inverse * p) else { return nil }
                pixel = seen
                row = seen.y
            }
            pixels.append(pixel)
        }
        return pixels
    }
}

@Suite struct RenderTests {
    @Test func tagsAreSeenWhereTheyAreProjected() throws {
        let recording = try Sample.recording("still", picture: "readout_s: 0, exposure_s: 0.001, samples_per_pixel: 16")
        let frame = recording.frame(12)
        let tags = try TagDetector().detect(in: frame.image.gray)
        let table = try #require(tags.first { $0.id == 13 })
        let h = 0.08
        let points = [Vector3(-h, h, 0), Vector3(h, h, 0), Vector3(h, -h, 0), Vector3(-h, -h, 0)]
        let expected = try #require(Sample.corners(points, recording, time: recording.times[12], readout: 0))
        for (a, b) in zip(table.corners, expected) { #expect((a - b).length < 0.3, "table tag: \(a) against \(b)") }
        // The finger tags, from the published mount: their plane at 72 mm, 50 mm below the axis, 30 mm apart plus the opening.
        let opening = recording.opening(at: recording.times[12])
        for (id, side) in [(0, -1.0), (1, 1.0)] {
            let tag = try #require(tags.first { $0.id == id })
            let centre = Vector3(side * (0.030 + opening) / 2, 0.050, 0.072)
            for (corner, offset) in zip(tag.corners, [Vector2(-1, -1), Vector2(1, -1), Vector2(1, 1), Vector2(-1, 1)]) {
                let p = centre + Vector3(offset.x, offset.y, 0) * 0.008
                let pixel = try #require(recording.device.camera.project(p))
                #expect((corner - pixel).length < 0.3, "finger tag \(id): \(corner) against \(pixel)")
            }
        }
    }

    @Test func rowsAreExposedOneAfterAnother() throws {
        let readout = 0.016
        // A twist of 120 degrees in half a second, with the tag far up in the picture, where rows are early.
        let scenario = try Scenario(
            yaml: """
                picture: {width: 480, height: 360, rate_hz: 30, noise_sigma: 0.5, readout_s: \(readout), exposure_s: 0.001}
                recordings:
                  - name: r
                    motion: custom
                    keyframes:
                      - {time_s: 0.3, tool_position_m: [-0.45, 0, 0.12], pitch_deg: 85, roll_deg: -60}
                      - {time_s: 0.8, tool_position_m: [-0.45, 0, 0.12], pitch_deg: 85, roll_deg: 60}
                """, path: "test")
        let recording = try SimulatedRecording("r", of: scenario)
        let h = 0.08
        let points = [Vector3(-h, h, 0), Vector3(h, h, 0), Vector3(h, -h, 0), Vector3(-h, -h, 0)]
        var compared = 0
        var difference = 0.0
        for index in 13..<20 {
            let time = recording.times[index]
            guard let tag = try TagDetector().detect(in: recording.frame(index).image.gray).first(where: { $0.id == 13 }) else { continue }
            let rolling = try #require(Sample.corners(points, recording, time: time, readout: readout))
            let global = try #require(Sample.corners(points, recording, time: time, readout: 0))
            for k in 0..<4 {
                #expect((tag.corners[k] - rolling[k]).length < 0.8, "frame \(index): \(tag.corners[k]) against \(rolling[k])")
                difference = max(difference, (tag.corners[k] - global[k]).length)
                compared += 1
            }
        }
        #expect(compared >= 8, "the tag is seen during the twist")
        #expect(difference > 2, "a global shutter would not explain the picture: \(difference) px")
    }

    @Test func onlyTheMaskedPixelsDifferWithoutTheHuman() throws {
        let recording = try Sample.recording("pick_place", picture: "samples_per_pixel: 4", human: true)
        var largest = 0.0
        for index in [3, 30, 50, 60, 170] {
            let frame = recording.frame(index)
            let pixels = frame.human.pixels
            var outside = 0
            var inside = 0
            var changed = 0
            for (k, flag) in pixels.enumerated() {
                let differs = (0..<3).contains { frame.image.pixels[3 * k + $0] != frame.clean.pixels[3 * k + $0] }
                if flag == 0 { outside += differs ? 1 : 0 } else { (inside, changed) = (inside + 1, changed + (differs ? 1 : 0)) }
            }
            #expect(outside == 0)
            #expect(changed * 10 >= inside * 9, "frame \(index): \(changed) of \(inside) masked pixels differ")
            largest = max(largest, Double(inside) / Double(pixels.count))
        }
        #expect(largest > 0.01, "the arm covers \(largest) of the picture at most")
        #expect(!recording.frame(3).human.pixels.contains(255) && !recording.frame(170).human.pixels.contains(255))
    }

    @Test func objectMovesWithTheGripperWhileHeld() throws {
        // Near the finger tips, red pixels stay where they are in the picture while the object is carried; before, there are fewer.
        let recording = try Sample.recording("pick_place", picture: "exposure_s: 0.001")
        func red(_ time: Double) -> (centre: Vector2, count: Double) {
            let image = recording.frame(Int((time * 30).rounded())).image
            var sum = Vector2.zero
            var count = 0.0
            for y in 170..<250 {
                for x in 200..<280 where image[x, y, 0] > 120 && image[x, y, 1] < 60 && image[x, y, 2] < 60 {
                    sum += Vector2(Double(x), Double(y))
                    count += 1
                }
            }
            return (sum / max(count, 1), count)
        }
        let held = [2.8, 3.4, 4.0, 4.8].map(red)
        for p in held { #expect(p.count > 300 && (p.centre - held[0].centre).length < 1.5, "\(held)") }
        #expect(red(0.9).count < 0.7 * held[0].count)
    }

    @Test func pictureIsBlackOutsideTheImageCircle() throws {
        let frame = try Sample.recording("still").frame(0)
        #expect(frame.image[0, 0, 1] == 0 && frame.image[479, 359, 1] == 0)
        #expect(frame.image[240, 100, 1] > 20)
    }
}

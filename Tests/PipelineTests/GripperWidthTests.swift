import Geometry
import Imaging
import Session
import Testing

@testable import Pipeline

@Suite struct GripperWidthTests {
    static let camera = CameraModel(
        lens: .kannalaBrandt, width: 960, height: 720, focalLength: Vector2(282.9, 282.9), principalPoint: Vector2(480, 360),
        distortion: Vector4(-0.01746, -0.02808, 0.01283, -0.00452))
    static let tags = FingerTags(leftID: 0, rightID: 1, size: 0.016, nominalDepth: 0.072, depthTolerance: 0.008)
    let width = GripperWidth(tags: tags, camera: camera, options: GripperOptions())

    private func tag(_ id: Int, x: Double, depth: Double = 0.072) throws -> TagDetection {
        TagDetection(
            id: id,
            corners: try TableTag.corners(size: 0.016).map { try #require(Self.camera.project(Vector3(x + $0.x, 0.03 - $0.y, depth))) })
    }

    private func times(_ n: Int) -> [Timestamp<VideoClock>] { (0..<n).map { Timestamp(seconds: Double($0) / 30) } }

    @Test func bothTagsGiveTheirDistance() throws {
        let raw = try #require(try width.rawWidth([tag(0, x: -0.03), tag(1, x: 0.035)]))
        #expect(abs(raw.width - 0.065) < 5e-4 && raw.tagCount == 2)
    }

    @Test func oneTagCountsTwice() throws {
        let raw = try #require(try width.rawWidth([tag(1, x: 0.03)]))
        #expect(abs(raw.width - 0.06) < 5e-4 && raw.tagCount == 1)
        #expect(try width.rawWidth([]) == nil)
    }

    @Test func oneTagIsMirroredAboutTheMiddleThatTheCalibrationFound() throws {
        // A gripper that sits 2 mm to the right: by itself the right tag would give 4 mm too much.
        let range = GripperRange(minimum: 0.03, maximum: 0.11, centre: 0.002)
        let frames = try (0..<20).map { i in i % 2 == 0 ? try [tag(0, x: -0.028), tag(1, x: 0.032)] : try [tag(1, x: 0.032)] }
        for sample in try width.widths(of: frames, times: times(20), range: range) {
            #expect(try abs(#require(sample.width) - 0.03) < 5e-4 && !sample.isInterpolated)
        }
    }

    @Test func uncertaintyGrowsWithTheGap() throws {
        var frames = try (0..<30).map { _ in try [tag(0, x: -0.03), tag(1, x: 0.03)] }
        for i in 10..<20 { frames[i] = [] }
        let samples = try width.widths(of: frames, times: times(30), range: nil)
        let (seen, near, far) = (try #require(samples[5].sigma), try #require(samples[10].sigma), try #require(samples[14].sigma))
        #expect(seen < 0.0002 && near > seen && far > 2 * near && samples[14].isInterpolated)
    }

    @Test func aTagAtAnotherDepthIsNotOurs() throws {
        #expect(try width.rawWidth([tag(0, x: -0.03, depth: 0.12)]) == nil)
    }

    @Test func shortGapsAreBridgedAndMarkedLongOnesAreNot() throws {
        var frames = try (0..<60).map { try [tag(0, x: -0.02 - 0.0002 * Double($0)), tag(1, x: 0.02 + 0.0002 * Double($0))] }
        for i in 10..<15 { frames[i] = [] }
        for i in 30..<55 { frames[i] = [] }
        let samples = try width.widths(of: frames, times: times(60), range: GripperRange(minimum: 0.04, maximum: 0.08))
        for i in 10..<15 {
            #expect(samples[i].isInterpolated)
            let width = try #require(samples[i].width)
            #expect(abs(width - 0.0004 * Double(i)) < 1e-3)
        }
        #expect(samples[40].width == nil && samples[20].isInterpolated == false)
    }

    @Test func anOutlierIsDropped() throws {
        var frames = try (0..<20).map { _ in try [tag(0, x: -0.03), tag(1, x: 0.03)] }
        frames[10] = try [tag(0, x: -0.005), tag(1, x: 0.03)]
        let samples = try width.widths(of: frames, times: times(20), range: nil)
        let mended = try #require(samples[10].width)
        #expect(samples[10].isInterpolated && abs(mended - 0.06) < 1e-3)
    }

    /// Tags at another depth than stated are said to be, by how much, and what to state; those at their depth are not.
    @Test(arguments: [0.105, 0.048]) func tagsAtAnotherDepthAreSaidToBe(depth: Double) throws {
        let frames = try (0..<40).map { i in i % 4 == 0 ? [] : try [tag(0, x: -0.03, depth: depth), tag(1, x: 0.03, depth: depth)] }
        let failure = try #require(try width.misplaced(in: frames, unit: "demo"))
        #expect(failure.reason == "finger_tag_depth")
        #expect(failure.detail.contains("30 of 40 frames"))
        #expect(failure.detail.contains(depth > 0.072 ? "0.0330 m too far" : "0.0240 m too near"), "\(failure.detail)")
        #expect(failure.detail.contains("nominal_depth_m: \(depth.fixed(4))"), "\(failure.detail)")
        #expect(failure.detail.contains("size_m: \((0.016 * 0.072 / depth).fixed(4))"), "\(failure.detail)")
        #expect(throws: UnitFailure.self) { try width.range(of: frames, unit: "calibration") }

        let right = try (0..<40).map { _ in try [tag(0, x: -0.03), tag(1, x: 0.03)] }
        #expect(try width.misplaced(in: right, unit: "demo") == nil)
        // A single reflection is no reason to refuse a demo.
        let one = try (0..<40).map { i in i == 7 ? try [tag(0, x: -0.03, depth: depth)] : [] }
        #expect(try width.misplaced(in: one, unit: "demo") == nil)
    }
}

import Estimation
import Foundation
import Geometry
import Imaging
import Mapping
import Session
import Testing

/// The inside of a textured box 0.8 m deep before a fisheye that turns slowly, shakes and moves; its gyroscope has a bias and another
/// clock.
final class ShakyDesk: FrameSource {
    let camera = CameraModel(
        lens: .kannalaBrandt, width: 320, height: 240, focalLength: Vector2(150, 150), principalPoint: Vector2(159.5, 119.5),
        distortion: Vector4(-0.02, -0.02, 0, 0))
    let bodyFromCamera = Rotation(vector: Vector3(0.1, -0.2, 1.6))
    let bias = Vector3(0.004, -0.006, 0.003)
    let offset = 0.023
    let frameCount: Int
    /// Share of the shake that reaches the pictures: 1 honest, 0 stabilised.
    let pictureShake: Double
    private let table: Image
    /// A gripper as rich in corners as the room, over the lower part of the picture; nil without.
    private let gripper: Image?
    private var next = 0
    private var last: Image?
    var width: Int { camera.width }
    var height: Int { camera.height }

    init(frames: Int, pictureShake: Double, showsGripper: Bool = false) {
        frameCount = frames
        self.pictureShake = pictureShake
        var random = RandomSource(seed: 11)
        // Squares of random size and grey: corners everywhere.
        var image = Image(width: 900, height: 900, channels: 1, filledWith: 120)
        for _ in 0..<2500 {
            let (x, y, s, v) = (
                Int(880 * random.uniform()), Int(880 * random.uniform()), 4 + Int(16 * random.uniform()), UInt8(20 + 210 * random.uniform())
            )
            for r in y..<min(900, y + s) { for c in x..<min(900, x + s) { image[c, r] = v } }
        }
        table = (try? image.gaussianBlurred(sigma: 1)) ?? image
        guard showsGripper else {
            gripper = nil
            return
        }
        var worn = Image(width: 320, height: 240, channels: 1, filledWith: 90)
        for _ in 0..<900 {
            let (x, y, s, v) = (Int(312 * random.uniform()), Int(232 * random.uniform()), 3 + Int(5 * random.uniform()), random.uniform())
            for r in y..<(y + s) { for c in x..<(x + s) { worn[c, r] = UInt8(20 + 210 * v) } }
        }
        gripper = (try? worn.gaussianBlurred(sigma: 0.8)) ?? worn
    }

    func orientation(_ t: Double, shake: Double) -> Rotation {
        let slow = Vector3(0.15 * sin(1.1 * t), 0.2 * sin(0.8 * t + 1), 0.25 * sin(0.9 * t))
        let fast = Vector3(0.012 * sin(23 * t), 0.01 * sin(29 * t + 1), 0.014 * sin(19 * t + 2))
        return Rotation(vector: slow) * Rotation(vector: shake * fast)
    }

    func position(_ t: Double) -> Vector3 { Vector3(0.1 * sin(1.7 * t), 0.08 * cos(1.3 * t), 0.05 * sin(0.9 * t)) }

    func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard next < frameCount else { return nil }
        let t = Double(next) / 30
        let (r, p) = (orientation(t, shake: pictureShake), position(t))
        let map = PixelMap(width: width, height: height) { pixel in
            guard let bearing = camera.unproject(pixel) else { return nil }
            let d = r * bearing
            guard d.z > 0.05 else { return nil }
            // The floor, or the wall that comes first; each shows another part of the texture.
            let floor = (0.8 - p.z) / d.z
            let side = d.x > 0 ? (0.7 - p.x) / d.x : (-0.7 - p.x) / d.x
            let end = d.y > 0 ? (0.6 - p.y) / d.y : (-0.6 - p.y) / d.y
            let s = min(floor, side, end)
            let hit = p + s * d
            if s == floor { return Vector2(450 + 220 * hit.x, 450 + 220 * hit.y) }
            return s == side ? Vector2(450 + 300 * hit.z, 450 + 300 * hit.y) : Vector2(450 + 300 * hit.x, 450 - 300 * hit.z)
        }
        var image = try table.remapped(map, border: 90)
        if let gripper { for y in 90..<height { for x in 0..<width { image[x, y] = gripper[x, y] } } }
        next += 1
        last = image
        return VideoFrame(index: next - 1, time: Timestamp(seconds: t), image: image)
    }

    func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image {
        guard let last, format == .gray else { throw .operation("last frame", reason: "only grey pictures, and those after the first") }
        return last
    }

    func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? { try nextFrame()?.time }

    /// 200 Hz, rates by central differences of the true orientation over a tenth of a millisecond.
    var inertial: InertialRecording {
        var samples: [VectorSample] = []
        for k in -40..<(Int(Double(frameCount) / 30 * 200) + 40) {
            let t = Double(k) / 200
            let h = 1e-4
            let turn = (orientation(t - h, shake: 1).inverse * orientation(t + h, shake: 1)).vector / (2 * h)
            samples.append(VectorSample(time: Timestamp(seconds: t + offset), value: bodyFromCamera * turn + bias))
        }
        return InertialRecording(gyroscope: samples, accelerometer: [])
    }
}

@Suite struct RotationConsistencyTests {
    @Test func anHonestClipIsConsistentAndItsClockAxesAndBiasAreFound() throws {
        let desk = ShakyDesk(frames: 150, pictureShake: 1)
        var options = RotationConsistencyOptions()
        options.earlyMotion = 0
        let v = try RotationConsistency.check(desk, inertial: desk.inertial, camera: desk.camera, options: options)
        #expect(v.finding == .consistent, "\(v.reason)")
        #expect(v.shakeGain > 0.9 && v.shakeGain < 1.1 && v.correlation > 0.9)
        #expect(abs(v.clockOffset.seconds - desk.offset) < 0.002)
        #expect(v.bodyFromCamera.angle(to: desk.bodyFromCamera) * 180 / .pi < 1)
        #expect((v.gyroscopeBias - desk.bias).length < 0.004)
    }

    /// An honest clip is believed after a few seconds; a stabilised one is looked at to its end.
    @Test(arguments: [(1.0, true), (0, false)]) func itEndsWhereThereIsNoDoubt(_ shake: Double, _ isEarly: Bool) throws {
        let desk = ShakyDesk(frames: 240, pictureShake: shake)
        let v = try RotationConsistency.check(desk, inertial: desk.inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera)
        #expect(v.finding == (isEarly ? .consistent : .stabilised), "\(v.reason)")
        #expect(isEarly ? v.checkedSeconds < 5 : v.checkedSeconds > 7, "\(v.checkedSeconds) s")
    }

    @Test func aStabilisedClipIsRefusedWithItsNumbers() throws {
        let desk = ShakyDesk(frames: 150, pictureShake: 0)
        let v = try RotationConsistency.check(desk, inertial: desk.inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera)
        #expect(v.stabilised, "\(v.reason)")
        #expect(v.shakeGain < 0.3)
        #expect(v.reason.contains("HyperSmooth"))
        // Undone by its own record, the same pictures agree.
        let record = (0..<150).map { k -> (time: Timestamp<VideoClock>, bodyFromPicture: Rotation) in
            let t = Double(k) / 30
            let cameraFromPicture = desk.orientation(t, shake: 1).inverse * desk.orientation(t, shake: 0)
            return (Timestamp(seconds: t), desk.bodyFromCamera * cameraFromPicture * desk.bodyFromCamera.inverse)
        }
        let again = ShakyDesk(frames: 150, pictureShake: 0)
        let undone = try RotationConsistency.check(
            again, inertial: desk.inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera, stabilisation: record)
        #expect(undone.stabilised)
        #expect((undone.undoneExplainedShare ?? 0) > 0.9)
    }

    /// Two thirds of the picture show a gripper that never moves in it: the room still says whether the camera stabilised.
    @Test func aGripperDoesNotOutvoteTheRoom() throws {
        let desk = ShakyDesk(frames: 150, pictureShake: 1, showsGripper: true)
        let honest = try RotationConsistency.check(desk, inertial: desk.inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera)
        #expect(honest.finding == .consistent, "\(honest.reason)")
        #expect(honest.rigidShare > 0.4)
        let still = ShakyDesk(frames: 150, pictureShake: 0, showsGripper: true)
        let stabilised = try RotationConsistency.check(
            still, inertial: desk.inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera)
        #expect(stabilised.stabilised, "\(stabilised.reason)")
    }

    /// A frozen gyroscope is not a stabiliser; of one that is wired otherwise or of another recording its axes are said to be looked at.
    @Test(arguments: ["frozen", "swapped", "other"]) func aWrongGyroscopeIsSaid(fault: String) throws {
        let desk = ShakyDesk(frames: 150, pictureShake: 1)
        var inertial = desk.inertial
        inertial.gyroscope = inertial.gyroscope.enumerated().map { k, s in
            var s = s
            switch fault {
            case "frozen": if k > 500 { s.value = inertial.gyroscope[500].value }
            case "swapped": s.value = Vector3(s.value.z, s.value.x, -s.value.y)
            default: s.value = 0.3 * Vector3(sin(3 * s.time.seconds), sin(2.2 * s.time.seconds), sin(13 * s.time.seconds))
            }
            return s
        }
        let v = try RotationConsistency.check(desk, inertial: inertial, camera: desk.camera, bodyFromCamera: desk.bodyFromCamera)
        #expect(
            fault == "frozen" ? v.finding == .undetermined : v.finding == .stabilised && v.reason.contains("axes"), "\(fault): \(v.reason)")
    }

    @Test func picturesHandedOverOneByOneGiveTheSameVerdict() throws {
        let whole = try RotationConsistency.check(
            ShakyDesk(frames: 90, pictureShake: 1), inertial: ShakyDesk(frames: 90, pictureShake: 1).inertial, camera: nil)
        func handedOver(until enough: Double) throws -> (verdict: RotationVerdict, taken: Int) {
            let desk = ShakyDesk(frames: 90, pictureShake: 1)
            var options = RotationConsistencyOptions()
            options.sufficientMotion = enough
            var check = try RotationConsistencyCheck(
                width: desk.width, height: desk.height, inertial: desk.inertial, camera: nil, options: options)
            var taken = 0
            while let frame = try desk.nextFrame(), !check.isSatisfied {
                try check.add(frame)
                taken += 1
            }
            return (try check.finish(), taken)
        }
        #expect(try handedOver(until: 12).verdict == whole)
        let short = try handedOver(until: 1.5)
        #expect(short.taken > 45 && short.taken < 60, "enough after \(short.taken) frames")
        #expect(short.verdict.checkedSeconds < 2)

        // What breaks off says so; before two pictures it is an error.
        let desk = ShakyDesk(frames: 90, pictureShake: 1)
        var broken = try RotationConsistencyCheck(width: desk.width, height: desk.height, inertial: desk.inertial, camera: desk.camera)
        #expect(throws: MappingError.pictures("cut")) { try broken.finish(readProblem: "cut") }
        for _ in 0..<20 { if let frame = try desk.nextFrame() { try broken.add(frame) } }
        #expect(try broken.finish(readProblem: "cut").readProblem == "cut")
        let small = VideoFrame(index: 20, time: Timestamp(seconds: 1), image: Image(width: 160, height: 120, channels: 1))
        #expect(throws: MappingError.self) { try broken.add(small) }
    }

    @Test func whatCannotBeToldIsSaidSo() throws {
        let desk = ShakyDesk(frames: 30, pictureShake: 1)
        let none = try RotationConsistency.check(desk, inertial: InertialRecording(gyroscope: [], accelerometer: []), camera: desk.camera)
        #expect(none.finding == .notApplicable && !none.stabilised)
        let still = ShakyDesk(frames: 40, pictureShake: 1)
        let samples = (0..<400).map { VectorSample(time: Timestamp(seconds: Double($0) / 200 - 0.2), value: Vector3(0.001, 0, 0)) }
        let v = try RotationConsistency.check(
            still, inertial: InertialRecording(gyroscope: samples, accelerometer: []), camera: desk.camera, bodyFromCamera: .identity)
        #expect(v.finding == .undetermined, "\(v.reason)")
        let other = CameraModel(lens: .pinhole, width: 100, height: 100, focalLength: Vector2(50, 50), principalPoint: Vector2(49.5, 49.5))
        #expect(throws: MappingError.self) {
            try RotationConsistency.check(ShakyDesk(frames: 5, pictureShake: 1), inertial: desk.inertial, camera: other)
        }
    }

    @Test func aWholeClipIsEstimatedFromPicturesAndGyroscope() throws {
        let desk = ShakyDesk(frames: 240, pictureShake: 1)
        let estimate = try RotationEstimate.estimate(desk, inertial: desk.inertial, camera: desk.camera)
        let start = desk.orientation(0, shake: 1).inverse
        func rmse(_ found: [Rotation]) -> Double {
            let sum = zip(estimate.times, found).reduce(0.0) {
                let angle = (start * desk.orientation($1.0.seconds, shake: 1)).angle(to: $1.1)
                return $0 + angle * angle
            }
            return (sum / Double(found.count)).squareRoot() * 180 / .pi
        }
        #expect(estimate.times.count == 240 && estimate.unseenSteps == 0)
        #expect(rmse(estimate.startFromCamera) < 0.5)
        #expect(rmse(estimate.picturesOnly) < 2)
        #expect(rmse(estimate.startFromCamera) <= rmse(estimate.picturesOnly))
    }
}

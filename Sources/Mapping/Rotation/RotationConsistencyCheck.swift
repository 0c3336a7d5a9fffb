public import Geometry
public import Imaging
public import Session

/// `RotationConsistency.check` fed one picture at a time, for a caller that decodes a recording once for everything that looks at it.
///
/// Pictures handed to `add` in order give the same verdict as `check` pulling them from a source. It keeps corners, not pictures: at most
/// `maximumDuration · maximumRate` frames of about `trackCount` corners of 20 bytes (13 MB with the defaults), and one flow pyramid.
public struct RotationConsistencyCheck {
    private var recorder: RotationFootageRecorder
    private var gyroscope: GyroscopeIntegral
    private let camera: CameraModel?
    private let known: Rotation?
    private let offset: Double
    private let stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)]
    private let options: RotationConsistencyOptions
    /// What keeps the gyroscope from being compared at all.
    private let unusable: String?
    /// Footage that moves enough, seconds, and how much of it there is to be when it is next looked at.
    private var motion = 0.0
    private var nextLook: Double
    /// What was concluded before there was enough motion, because there was no doubt.
    private var early: RotationVerdict?
    /// Whether further pictures change nothing: there was enough motion, the pictures broke off, or there is no gyroscope.
    public private(set) var isSatisfied: Bool

    /// As for `RotationConsistency.check`; `width` and `height` are the size of every picture that will come, pixels.
    public init(
        width: Int, height: Int, inertial: InertialRecording, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0),
        stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)] = [], mask: Image? = nil,
        options: RotationConsistencyOptions = RotationConsistencyOptions()
    ) throws(MappingError) {
        recorder = try RotationFootageRecorder(width: width, height: height, mask: mask, options: options)
        let readings = SensorReadings(inertial.gyroscope, of: .gyroscope, options: options.sensors)
        unusable = readings.judgements.first { $0.use == .leftOut }?.note
        gyroscope = GyroscopeIntegral(
            InertialRecording(gyroscope: readings.samples, accelerometer: []), maximumGap: options.maximumGyroscopeGap)
        isSatisfied = gyroscope.span == nil
        self.camera = camera
        known = bodyFromCamera
        offset = clockOffset.seconds
        self.stabilisation = stabilisation
        self.options = options
        nextLook = options.earlyMotion > 0 && camera != nil ? options.earlyMotion : .infinity
    }

    /// Adds the next picture, grey or colour; ignored once `isSatisfied`.
    /// - Throws: where it has another size than was announced, or none of the first two can be processed.
    public mutating func add(_ frame: VideoFrame) throws(MappingError) {
        guard !isSatisfied, try recorder.add(frame) else {
            isSatisfied = isSatisfied || recorder.footage.problem != nil
            return
        }
        let frames = recorder.footage.frames
        guard frames.count >= 2 else { return }
        let (a, b) = (frames[frames.count - 2].time.seconds, frames[frames.count - 1].time.seconds)
        let moving = options.movingRateDegrees * .pi / 180
        if let turn = gyroscope.turn(from: a + offset, to: b + offset), turn.angle > moving * (b - a) { motion += b - a }
        isSatisfied = motion >= options.sufficientMotion || b - frames[0].time.seconds >= options.maximumDuration
        if !isSatisfied, motion >= nextLook { try look() }
    }

    /// Concludes where there is no doubt that the pictures follow the gyroscope.
    private mutating func look() throws(MappingError) {
        nextLook = motion < 2 * options.earlyMotion ? 2 * options.earlyMotion : .infinity
        let verdict = try finish()
        guard verdict.finding == .consistent, verdict.shakeGain - options.earlyErrors * verdict.shakeGainError > options.minimumShakeGain
        else { return }
        early = verdict
        isSatisfied = true
    }

    /// What the pictures so far say.
    /// - Parameter readProblem: why the caller could read no further, if it did not reach the end.
    /// - Throws: where there were fewer than two pictures because of `readProblem`, or the intrinsics are for another shape of picture.
    public func finish(readProblem: String? = nil) throws(MappingError) -> RotationVerdict {
        if let early { return early }
        guard gyroscope.span != nil else {
            return unusable.map { RotationVerdict(.undetermined, "\($0): nothing can be told of stabilisation") }
                ?? RotationConsistency.noGyroscope
        }
        var recorder = recorder
        if let readProblem, !isSatisfied { try recorder.stop(readProblem) }
        do throws(ImagingError) {
            let rigid = RigidPoints(recorder.footage, options: options.rigid)
            let footage = recorder.footage.without(rigid)
            var verdict = try analysis(footage, gyroscope).verdict()
            verdict.rigidShare = rigid.share
            guard verdict.stabilised, !stabilisation.isEmpty else { return verdict }
            return try undone(verdict, footage)
        } catch {
            throw .pictures(error.description)
        }
    }

    private func analysis(_ footage: RotationFootage, _ gyroscope: GyroscopeIntegral) throws(ImagingError) -> RotationAnalysis {
        try RotationAnalysis(footage, gyroscope: gyroscope, camera: camera, known: known, offset: offset, options: options)
    }

    /// A verdict that also says what undoing the camera's own stabilisation would give.
    private func undone(_ stabilised: RotationVerdict, _ footage: RotationFootage) throws(ImagingError) -> RotationVerdict {
        var (verdict, gyroscope) = (stabilised, gyroscope)
        gyroscope.stabilisation = PictureStabilisation(stabilisation)
        let first = stabilisation[0].bodyFromPicture
        let largest = stabilisation.reduce(0) { max($0, first.angle(to: $1.bodyFromPicture)) } * 180 / .pi
        verdict.undoneExplainedShare = try analysis(footage, gyroscope).alignment?.explained
        let share = Int((100 * max(0, verdict.undoneExplainedShare ?? 0)).rounded())
        verdict.reason +=
            "; the camera's own record of it turns the pictures by up to \(Int(largest.rounded())) deg and explains \(share) % of the rest"
        return verdict
    }
}

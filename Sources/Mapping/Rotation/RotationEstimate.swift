public import Foundation
public import Geometry
public import Imaging
public import Session

/// The camera's orientation over a whole clip, from pictures and gyroscope together and from pictures alone.
///
/// One state per frame (after skipping to `Options.maximumRate`). Measurements: turns between pictures over several baselines, robust by
/// Cauchy weights, and the integrated gyroscope between neighbours, with its bias and the camera's orientation in the IMU as unknowns.
/// Solved at once by Gauss-Newton on a banded system, so that every frame uses what comes before and after it. There is no absolute
/// direction: the frame of reference is the first frame's camera.
///
/// Two pictures of nothing but one plane have two explanations; pictures alone then drift by degrees a second, with the gyroscope they do
/// not.
public struct RotationEstimate: Sendable, Equatable {
    /// Share of the gyroscope's squared turns that the pictures explain after alignment, 0...1; nil without a gyroscope.
    public var agreement: Double?
    /// Why the gyroscope was left out of `startFromCamera`, where it was.
    public var contradiction: String?
    /// One per frame.
    public var times: [Timestamp<VideoClock>]
    /// First camera from camera, pictures and gyroscope; equal to `picturesOnly` without a gyroscope or where the two contradict each
    /// other.
    public var startFromCamera: [Rotation]
    /// First camera from camera, pictures alone (and the stabiliser's record where one was given).
    public var picturesOnly: [Rotation]
    /// Frames with no picture measurement to the frame before: pictures alone hold still there.
    public var unseenSteps: Int
    public var bodyFromCamera: Rotation
    /// rad/s, body axes.
    public var gyroscopeBias: Vector3
    /// Used offset: `inertial = video + offset`.
    public var clockOffset: ClockOffset
    /// Intrinsics used or found.
    public var camera: CameraModel
    public var isCameraEstimated: Bool
    /// Pairs of frames measured.
    public var pairCount: Int
    public var readProblem: String?

    /// Every threshold of the estimate that the comparison does not have already.
    public struct Options: Codable, Sendable, Equatable {
        /// Tracking, pairs, clock and focal length.
        public var consistency = RotationConsistencyOptions()
        /// Gyroscope noise density (1 σ), rad/s/√Hz; default 3e-4, twice a consumer data sheet.
        public var gyroscopeDensity = 3e-4
        /// Gyroscope scale error (1 σ), share of the turn; default 0.003.
        public var gyroscopeScaleSigma = 0.003
        /// Error of the camera's orientation in the IMU (1 σ), degrees; default 3 where it was estimated.
        public var estimatedOrientationSigmaDegrees = 3.0
        /// The same where it was given; default 0.3.
        public var givenOrientationSigmaDegrees = 0.3
        /// Turn per step where nothing was measured (1 σ), degrees; default 10: weak enough not to pull on a measurement.
        public var unmeasuredSigmaDegrees = 10.0
        /// Least share of the gyroscope's squared turns that the pictures must explain for the two to be joined; default 0.5.
        public var minimumAgreement = 0.5
        /// Gauss-Newton steps; default 12.
        public var iterations = 12

        public init() {}
    }

    /// Estimates a whole clip.
    ///
    /// A clip that was stabilised in the camera can be used where the camera recorded what it did (GoPro's IORI): the pictures' turns are
    /// then carried back to the camera's. Without that record the two contradict each other: `contradiction` says so and the gyroscope is
    /// not used.
    /// - Parameters:
    ///   - stabilisation: orientation of the picture in the camera over time, body axes (`bodyFromPicture`); empty where there was none.
    ///   - others: as for `RotationConsistency.check`; the clip is read to its end.
    public static func estimate(
        video: URL, inertial: InertialRecording?, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0),
        stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)] = [], mask: Image? = nil, options: Options = Options()
    ) throws(MappingError) -> RotationEstimate {
        let source: VideoReader
        do throws(ImagingError) {
            source = try VideoReader(video, options: VideoReader.Options(.gray))
        } catch {
            throw .pictures(error.description)
        }
        return try estimate(
            source, inertial: inertial, camera: camera, bodyFromCamera: bodyFromCamera, clockOffset: clockOffset,
            stabilisation: stabilisation, mask: mask, options: options)
    }

    /// The same from any source of frames; it is read from where it stands.
    public static func estimate(
        _ source: any FrameSource, inertial: InertialRecording?, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0),
        stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)] = [], mask: Image? = nil, options: Options = Options()
    ) throws(MappingError) -> RotationEstimate {
        let consistency = options.consistency
        let footage = try RotationFootage.read(source, mask: mask, options: consistency)
        guard footage.frames.count >= 2 else { throw .pictures("\(footage.frames.count) frames, at least 2 are needed") }
        var gyroscope = GyroscopeIntegral(
            inertial ?? InertialRecording(gyroscope: [], accelerometer: []), maximumGap: consistency.maximumGyroscopeGap)
        if !stabilisation.isEmpty { gyroscope.stabilisation = PictureStabilisation(stabilisation) }
        do throws(ImagingError) {
            if gyroscope.span == nil && camera == nil {
                throw .operation("rotation estimate", reason: "neither intrinsics nor a gyroscope to find them with: give one of them")
            }
            let analysis = try RotationAnalysis(
                footage, gyroscope: gyroscope, camera: camera, known: bodyFromCamera, offset: clockOffset.seconds, options: consistency)
            var pairs = analysis.pairs
            for baseline in consistency.baselines.dropFirst() {
                pairs += try analysis.finder.pairs(baseline: baseline, stride: max(1, baseline / 3))
            }
            // Without a gyroscope the stabiliser's axes cannot be told from the camera's unless they are given.
            if let axes = bodyFromCamera ?? analysis.alignment?.bodyFromCamera, let record = gyroscope.stabilisation {
                pairs = pairs.map { $0.carriedBack(record, axes) }
            }
            return solved(analysis, pairs, known: bodyFromCamera, options: options)
        } catch {
            throw .pictures(error.description)
        }
    }

    private static func solved(_ analysis: RotationAnalysis, _ pairs: [RotationPair], known: Rotation?, options: Options)
        -> RotationEstimate
    {
        let times = analysis.footage.frames.map { $0.time }
        var problem = RotationProblem(frameCount: times.count, pairs: pairs, options: options)
        problem.solve()
        let pictures = problem.orientations
        let measured = Set(analysis.pairs.map { $0.second })
        var out = RotationEstimate(
            agreement: analysis.alignment?.explained, contradiction: nil, times: times, startFromCamera: pictures, picturesOnly: pictures,
            unseenSteps: times.count - 1 - measured.count,
            bodyFromCamera: known ?? .identity, gyroscopeBias: .zero, clockOffset: ClockOffset(seconds: analysis.offset),
            camera: analysis.camera,
            isCameraEstimated: analysis.isCameraEstimated, pairCount: pairs.count, readProblem: analysis.footage.problem)
        guard let alignment = analysis.alignment else { return out }
        guard alignment.explained >= options.minimumAgreement else {
            out.contradiction =
                "pictures explain \(Int((100 * max(0, alignment.explained)).rounded())) % of the gyroscope's turns, at least "
                + "\(Int((100 * options.minimumAgreement).rounded())) % are needed: stabilised in the camera, or the gyroscope is of "
                + "another recording"
            return out
        }
        problem.addGyroscope(analysis.gyroscope, alignment, times: times.map { $0.seconds }, isOrientationGiven: known != nil)
        problem.solve()
        out.startFromCamera = problem.orientations
        out.bodyFromCamera = problem.bodyFromCamera
        out.gyroscopeBias = problem.bias
        out.clockOffset = ClockOffset(seconds: alignment.offset)
        return out
    }
}

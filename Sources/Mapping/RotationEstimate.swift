public import Foundation
public import Geometry
public import Imaging
public import Session

/// The camera's orientation over a whole clip, from pictures and gyroscope together and from pictures alone.
///
/// One state per frame (after skipping to `Options.maximumRate`). Measurements: turns between pictures over several baselines, robust by
/// Cauchy weights, and the integrated gyroscope between neighbours, with its bias and the camera's orientation in the IMU as unknowns. Solved
/// at once by Gauss-Newton on a banded system, so that every frame uses what comes before and after it. There is no absolute direction:
/// the frame of reference is the first frame's camera.
public struct RotationEstimate: Sendable, Equatable {
    /// One per frame.
    public var times: [Timestamp<VideoClock>]
    /// First camera from camera, pictures and gyroscope; equal to `picturesOnly` without a gyroscope.
    public var startFromCamera: [Rotation]
    /// First camera from camera, pictures alone.
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
        /// Error of a turn between pictures (1 σ), degrees; default 0.1: a third of a pixel of 200 corners and an unmodelled lens.
        public var pictureSigmaDegrees = 0.1
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
        /// Gauss-Newton steps; default 12.
        public var iterations = 12

        public init() {}
    }

    /// Estimates a whole clip.
    /// - Parameters: as for `RotationConsistency.check`; the clip is read to its end.
    public static func estimate(
        video: URL, inertial: InertialRecording?, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0), mask: Image? = nil, options: Options = Options()
    ) throws(MappingError) -> RotationEstimate {
        let source: VideoReader
        do throws(ImagingError) {
            source = try VideoReader(video, options: VideoReader.Options(.gray))
        } catch {
            throw .pictures(error.description)
        }
        let consistency = options.consistency
        let footage = try RotationFootage.read(source, mask: mask, options: consistency) { _ in false }
        guard footage.frames.count >= 2 else { throw .pictures("\(video.path): \(footage.frames.count) frames, at least 2 are needed") }
        let gyroscope = GyroscopeIntegral(
            inertial ?? InertialRecording(gyroscope: [], accelerometer: []), maximumGap: consistency.maximumGyroscopeGap)
        do throws(ImagingError) {
            if gyroscope.span == nil && camera == nil {
                throw .operation(video.path, reason: "neither intrinsics nor a gyroscope to find them with: give one of them")
            }
            let analysis = try RotationAnalysis(
                footage, gyroscope: gyroscope, camera: camera, known: bodyFromCamera, offset: clockOffset.seconds, options: consistency)
            var pairs = analysis.pairs
            for baseline in consistency.baselines.dropFirst() {
                pairs += try analysis.finder.pairs(baseline: baseline, stride: max(1, baseline / 3))
            }
            return solved(analysis, pairs, known: bodyFromCamera, options: options)
        } catch {
            throw .pictures(error.description)
        }
    }

    private static func solved(_ analysis: RotationAnalysis, _ pairs: [RotationPair], known: Rotation?, options: Options) -> RotationEstimate {
        let times = analysis.footage.frames.map { $0.time }
        var problem = RotationProblem(frameCount: times.count, pairs: pairs, options: options)
        problem.solve()
        let pictures = problem.orientations
        let measured = Set(analysis.pairs.map { $0.second })
        var out = RotationEstimate(
            times: times, startFromCamera: pictures, picturesOnly: pictures, unseenSteps: times.count - 1 - measured.count,
            bodyFromCamera: known ?? .identity, gyroscopeBias: .zero, clockOffset: ClockOffset(seconds: analysis.offset), camera: analysis.camera,
            isCameraEstimated: analysis.isCameraEstimated, pairCount: pairs.count, readProblem: analysis.footage.problem)
        guard let alignment = analysis.alignment else { return out }
        problem.addGyroscope(analysis.gyroscope, alignment, times: times.map { $0.seconds }, isOrientationGiven: known != nil)
        problem.solve()
        out.startFromCamera = problem.orientations
        out.bodyFromCamera = problem.bodyFromCamera
        out.gyroscopeBias = problem.bias
        out.clockOffset = ClockOffset(seconds: alignment.offset)
        return out
    }
}

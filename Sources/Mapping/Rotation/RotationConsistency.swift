public import Foundation
public import Geometry
public import Imaging
public import Session

/// Do the pictures turn as the gyroscope says the camera did?
///
/// Corners are followed by optical flow, without inertial help; the turn between frames is the rotation of a 5-point relative pose
/// (of a turn alone where the camera's way does not show). The gyroscope is integrated between the same frames. Clock offset, camera
/// orientation, gyroscope bias and, for unknown intrinsics, the focal length are those under which the two agree best: a stabilised clip
/// gets every chance. What decides is the gain of the shake: the regression of the pictures' rate on the gyroscope's after slow turns are
/// taken out, which tracking noise does not bias.
///
/// A rolling shutter is not modelled here: over frames that turn alike it cancels.
public enum RotationConsistency {
    /// Compares a recording's pictures with its gyroscope.
    /// - Parameters:
    ///   - video: read once, until there is enough motion (`Options.sufficientMotion`) or it ends.
    ///   - inertial: without gyroscope samples the finding is `notApplicable`.
    ///   - camera: for this video's picture size or one of the same shape; nil searches the focal length of a pinhole.
    ///   - bodyFromCamera: nil estimates it.
    ///   - clockOffset: the middle of the search.
    ///   - stabilisation: the camera's own record of what it did to the pictures (GoPro's IORI), body axes; it does not change the finding,
    ///     but the reason then says whether undoing it would make the recording usable.
    ///   - mask: where the pictures show the room (one channel, not zero); what is rigid with the camera must not be a majority.
    /// - Throws: when the pictures cannot be read at all, or the intrinsics are for another shape of picture.
    public static func check(
        video: URL, inertial: InertialRecording, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0),
        stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)] = [], mask: Image? = nil,
        options: RotationConsistencyOptions = RotationConsistencyOptions()
    ) throws(MappingError) -> RotationVerdict {
        if inertial.gyroscope.count < 2 { return noGyroscope }
        let source: VideoReader
        do throws(ImagingError) {
            source = try VideoReader(video, options: VideoReader.Options(.gray))
        } catch {
            throw .pictures(error.description)
        }
        return try check(
            source, inertial: inertial, camera: camera, bodyFromCamera: bodyFromCamera, clockOffset: clockOffset,
            stabilisation: stabilisation,
            mask: mask, options: options)
    }

    /// The same from any source of frames; it is read from where it stands.
    public static func check(
        _ source: any FrameSource, inertial: InertialRecording, camera: CameraModel?, bodyFromCamera: Rotation? = nil,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0),
        stabilisation: [(time: Timestamp<VideoClock>, bodyFromPicture: Rotation)] = [], mask: Image? = nil,
        options: RotationConsistencyOptions = RotationConsistencyOptions()
    ) throws(MappingError) -> RotationVerdict {
        var check = try RotationConsistencyCheck(
            width: source.width, height: source.height, inertial: inertial, camera: camera, bodyFromCamera: bodyFromCamera,
            clockOffset: clockOffset, stabilisation: stabilisation, mask: mask, options: options)
        while !check.isSatisfied {
            let frame: VideoFrame?
            do { frame = try source.nextFrame() } catch { return try check.finish(readProblem: error.description) }
            guard let frame else { break }
            try check.add(frame)
        }
        return try check.finish()
    }

    static var noGyroscope: RotationVerdict {
        RotationVerdict(
            .notApplicable, "no gyroscope samples to compare the pictures with: nothing is known about stabilisation; record with telemetry"
        )
    }
}

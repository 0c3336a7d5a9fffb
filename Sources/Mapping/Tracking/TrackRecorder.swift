internal import Geometry
public import Imaging
public import Session

/// The front end fed one picture at a time, for a caller that decodes a recording once for everything that looks at it.
///
/// Pictures handed to `add` in order give the same tracks, byte for byte, as `FeatureTracks.extract` pulling them from a source. Besides
/// the tracks it holds two grey pictures and one flow pyramid.
public struct TrackRecorder {
    private var frontEnd: FrontEnd
    /// Finds tags where the caller has not.
    private var tracker: TagTracker
    /// Why pictures are no longer looked at: one did not come after the one before it. Nil while they are.
    public private(set) var problem: String?

    /// - Parameters:
    ///   - width, height: size of every picture that will come, pixels; the device's intrinsics are rescaled to it.
    ///   - inertial: on its own clock, joined through `device.clockOffset`; nil without.
    ///   - tags: how tags are found in pictures that come without them.
    /// - Throws: where the pictures' shape is not that of the device file.
    public init(
        width: Int, height: Int, device: Device, inertial: InertialRecording?, tags: TagDetector.Options = TagDetector.Options(),
        options: FrontEndOptions = FrontEndOptions()
    ) throws(MappingError) {
        tracker = TagTracker(options: tags)
        let camera = try Mapper.cameraModel(device, width: width, height: height)
        do {
            frontEnd = try FrontEnd(
                camera: camera, device: device, signal: Mapper.inertialSignal(inertial, device), options: options)
        } catch { throw .pictures(error.description) }
    }

    /// Pictures looked at so far.
    public var frameCount: Int { frontEnd.tracks.frameCount }

    /// Adds the next picture, grey or colour; once `problem` is set it is ignored.
    /// - Parameter tags: the tags in it, where the caller has looked for them in every picture.
    /// - Throws: where it has another size than the first, or cannot be processed.
    public mutating func add(_ frame: VideoFrame, tags: [TagDetection]? = nil) throws(MappingError) {
        guard problem == nil else { return }
        if let last = frontEnd.tracks.times.last, frame.time <= last {
            problem = "frame \(frame.index) at \(frame.time.seconds) s is not later than the one before it"
            return
        }
        try frame.checkSize(width: frontEnd.camera.width, height: frontEnd.camera.height)
        do throws(ImagingError) {
            let found = if let tags { tags } else { try tracker.detect(in: frame.image.gray, time: frame.time) }
            try frontEnd.add(frame, tags: found)
        } catch {
            throw .pictures(error.description)
        }
    }

    /// The tracks of all pictures that were added.
    /// - Parameter readProblem: why the caller could read no further, if it did not reach the end; `problem` comes before it.
    /// - Throws: where there was no picture at all.
    public func finish(readProblem: String? = nil) throws(MappingError) -> FeatureTracks {
        var tracks = frontEnd.tracks
        tracks.readProblem = problem ?? readProblem
        if tracks.frameCount == 0 {
            throw .pictures(
                "no frame could be read\(tracks.readProblem.map { ": " + $0 } ?? ""); a video with at least one frame is needed")
        }
        return tracks
    }
}

extension TrackRecorder {
    /// Adds all pictures of a source; an error in the middle keeps those before it and is noted.
    mutating func addAll(_ frames: any FrameSource, progress: (Int) -> Void = { _ in }) throws(MappingError) -> FeatureTracks {
        while problem == nil {
            let frame: VideoFrame?
            do { frame = try frames.nextFrame() } catch { return try finish(readProblem: error.description) }
            guard let frame else { break }
            try add(frame)
            if problem == nil { progress(frameCount) }
        }
        return try finish()
    }
}

extension FeatureTracks {
    /// The front end alone: what `Mapper` and `Localizer` make of pictures before they estimate anything.
    public static func extract(
        _ frames: any FrameSource, inertial: InertialRecording?, device: Device, options: FrontEndOptions = FrontEndOptions()
    ) throws(MappingError) -> FeatureTracks {
        try extract(frames, inertial: inertial, device: device, options: options, progress: { _ in })
    }

    static func extract(
        _ frames: any FrameSource, inertial: InertialRecording?, device: Device, options: FrontEndOptions, progress: (Int) -> Void
    ) throws(MappingError) -> FeatureTracks {
        var recorder = try TrackRecorder(width: frames.width, height: frames.height, device: device, inertial: inertial, options: options)
        return try recorder.addAll(frames, progress: progress)
    }
}

extension VideoFrame {
    /// - Throws: where the picture has another size than was announced.
    func checkSize(width: Int, height: Int) throws(MappingError) {
        guard image.width == width, image.height == height else {
            throw .pictures(
                "frame \(index) is \(image.width)x\(image.height), the recording \(width)x\(height): all pictures must have one size")
        }
    }
}

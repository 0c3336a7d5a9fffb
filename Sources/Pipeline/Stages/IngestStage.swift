internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
public import Mapping
internal import Session

/// How recordings are read.
public struct IngestOptions: Codable, Sendable, Equatable {
    /// The true frame rate where a file states a wrong one, frames a second: frame i is then put at i / rate. Default 0: the file is right.
    public var frameRate = 0.0
    /// Wider pictures are worked on at half their size or less, so that they are no wider than this, though no narrower than the data set's,
    /// pixels; default 1440: distances and noise in pixels are those of pictures of 480 to 960, and what is exported is smaller still. Tags'
    /// corners are measured at full size. 0: never.
    public var pictureWidth = 1440
    /// Where the world of poses from another recorder stands in the table's frame: `x y z yaw_deg` or `x y z q_x q_y q_z q_w`, metres; default
    /// empty: they are in the table's frame already.
    public var tableFromWorld = ""
    /// Poses from another program are scaled where the recording's IMU says that their lengths are off by more than this, share of them; default
    /// 0.1: trackers are right to a few percent, paths without a scale to none.
    public var scaleTolerance = 0.1
    /// The topic of the pictures in MCAP files and ROS 2 bags; default empty: the only one that is read, and where there are several they are
    /// listed.
    public var imageTopic = ""
    /// The topic of the IMU in MCAP files and ROS 2 bags, or two, `GYROSCOPE,ACCELEROMETER`; default empty: found by type and name.
    public var imuTopic = ""
    /// Whether the recordings' gyroscope and accelerometer are used. Default true; without them poses come from pictures alone.
    public var usesInertial = true
    /// Whether picture motion is checked against the gyroscope, and footage stabilised in the camera refused. Default true.
    public var checksStabilisation = true
    /// The check's own thresholds.
    public var consistency = RotationConsistencyOptions()

    public init() {}
}

/// Demux, telemetry, clocks, and one pass over the pictures for everything that looks at them: whether they can be trusted, tags, tracks, and
/// the small pictures that masks are made from.
struct IngestStage: Stage {
    static let name = "ingest"
    static let version = 5
    static let scope = StageScope.recording

    func needs(_ request: ConvertRequest) -> [any Stage.Type] { [] }
    func applies(to file: RecordingFile, _ request: ConvertRequest) -> Bool { true }

    /// Of all stages whose pictures are looked at here.
    private struct Settings: Encodable {
        var ingest: IngestOptions
        var tags: TagDetector.Options
        var map: FrontEndOptions?
        var localize: FrontEndOptions?
        var pictures: SmallPictures.Settings
        /// Pictures are not made narrower.
        var leastWidth: Int
    }

    /// 0 where no picture is made as narrow as the data sets' anyway, so that their size is no input then.
    private static func leastWidth(_ configuration: Configuration) -> Int {
        let least = max(configuration.export.imageWidth, configuration.export.squareWidth)
        return 2 * least > configuration.ingest.pictureWidth ? least : 0
    }

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(
            ingest: configuration.ingest, tags: configuration.tags, map: configuration.map.frontEnd,
            localize: configuration.localize.frontEnd,
            pictures: SmallPictures.Settings(configuration.mask),
            leastWidth: Self.leastWidth(configuration))
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        let file = at.file
        return [
            "device": SHA256.hex(of: try at.request.device.yaml()),
            "looks": Looks(file, at.request, isAlone: at.run.isAlone).description,
        ]
    }

    func files(_ at: StageInput) throws -> [String: URL] { at.file.named("recording") }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> IngestedRecording {
        let table = try CSVTable(contentsOf: artefact.file("frames.csv"))
        return IngestedRecording(
            file: at.file, artefact: artefact, summary: try JSONText.decode(IngestSummary.self, from: artefact.file("recording.json")),
            times: table.rows.compactMap { Int64($0[1]) }.map { Timestamp<VideoClock>(nanoseconds: $0) })
    }

    func make(_ at: StageInput, in folder: URL) throws {
        let file = at.file
        try SessionPoses.check(file)
        let recording = try Self.recording(file, at.configuration.ingest)
        let frames = recording.frameTimes.count
        do {
            try look(at, recording, in: folder)
        } catch var failure as UnitFailure {
            // What is refused is accounted for with all its frames.
            failure.frames = frames
            failure.seconds = recording.frameTimes.last?.seconds ?? 0
            throw failure
        } catch {
            throw UnitFailure(
                reason: "failed", detail: "\(error)", frames: frames, seconds: recording.frameTimes.last?.seconds ?? 0)
        }
    }

    /// The recording with all its chapters; what is none fails as a whole.
    private static func recording(_ file: RecordingFile, _ ingest: IngestOptions) throws -> Recording {
        var options = Recording.Options()
        (options.imageTopic, options.imuTopic) = (ingest.imageTopic, ingest.imuTopic)
        if let fault = file.fault { throw UnitFailure(reason: "chapters", detail: fault) }
        do { return try Recording(chapters: file.urls, options: options) } catch {
            guard case .chapter(let path, let reason) = error else { throw error }
            throw UnitFailure(reason: "chapters", detail: "\(URL(fileURLWithPath: path).lastPathComponent) \(reason)")
        }
    }

    private func look(_ at: StageInput, _ recording: Recording, in folder: URL) throws {
        let file = at.file
        for problem in recording.problems {
            guard case .inertialLongerThanVideo = problem else { continue }
            throw UnitFailure(reason: "telemetry_span", detail: "\(file.url.lastPathComponent): \(problem); give the original recording")
        }
        let recorded = PictureSize(width: recording.width, height: recording.height)
        let size = recorded.reduced(to: at.configuration.ingest.pictureWidth, atLeast: Self.leastWidth(at.configuration))
        let device: Device
        do {
            device = try IngestedRecording.device(at.request.device, width: size.width, height: size.height)
        } catch let misfit as UnitFailure {
            // Footage of another shape may be so because the camera stabilised it, which says more.
            if let check = try gyroscope(recording, nil, size, at) {
                _ = try pass(at, recording, [check], size, in: folder)
                try refuseStabilised(check, file)
            }
            throw misfit
        }
        let looks = Looks(file, at.request, isAlone: at.run.isAlone)
        var observers: [any FrameObserver] = [TagObserver(at.configuration.tags)]
        let inertial = Self.inertial(recording, at)
        if looks.mapsTracks {
            observers.append(
                TrackObserver(
                    TrackObserver.map,
                    try TrackRecorder(
                        width: size.width, height: size.height, device: device, inertial: inertial, options: at.configuration.map.frontEnd))
            )
        }
        if looks.localizesTracks {
            observers.append(
                TrackObserver(
                    TrackObserver.localize,
                    try TrackRecorder(
                        width: size.width, height: size.height, device: device, inertial: inertial,
                        options: at.configuration.localize.frontEnd)))
        }
        let gyroscope = try gyroscope(recording, device, size, at)
        if let gyroscope { observers.append(gyroscope) }
        observers += try SmallPictures.observers(at, device, recording.frameTimes, size, looks)
        let (times, truncation) = try pass(at, recording, observers, size, in: folder)
        if let gyroscope { try refuseStabilised(gyroscope, file) }
        var problems = recording.problems.map { "\($0)" }
        if inertial == nil, looks.mapsTracks || looks.localizesTracks {
            problems.append("no IMU: poses rest on the pictures and the table tag alone")
        }
        let rate = Double(times.count - 1) / (times[times.count - 1] - times[0])
        let stated = max(recording.video?.statedFrameCount ?? 0, recording.frameTimes.count)
        let summary = IngestSummary(
            frames: times.count, statedFrames: max(stated, times.count), width: size.width, height: size.height,
            recorded: recorded, rate: rate,
            description: recording.headline + ", \(times.count) frames at \(rate.fixed(2)) Hz", hasInertial: inertial != nil,
            problems: problems, consistency: gyroscope?.verdict?.reason ?? "", truncation: truncation,
            imageTopic: recording.bag?.imageTopic,
            fileHash: try at.run.hashes.hash(of: file))
        try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("recording.json"))
        try CSVTable(header: ["frame", "time_ns_video"], rows: times.enumerated().map { ["\($0.offset)", "\($0.element.nanoseconds)"] })
            .write(to: folder.appendingPathComponent("frames.csv"))
        if let inertial {
            try InertialTable.write(inertial.gyroscope, unit: "rad_s", to: folder.appendingPathComponent("gyroscope.csv"))
            try InertialTable.write(inertial.accelerometer, unit: "m_s2", to: folder.appendingPathComponent("accelerometer.csv"))
        }
    }

    /// The recording's IMU where it is used.
    private static func inertial(_ recording: Recording, _ at: StageInput) -> InertialRecording? {
        guard at.configuration.ingest.usesInertial, let inertial = recording.inertial, !inertial.isEmpty else { return nil }
        return inertial
    }

    /// Nil where nothing is to be checked: what shows how far the gripper opens is looked at for its finger tags alone.
    /// - Parameter device: with its lens for these pictures; nil where it has none for them.
    private func gyroscope(_ recording: Recording, _ device: Device?, _ size: PictureSize, _ at: StageInput) throws -> GyroscopeObserver? {
        let options = at.configuration.ingest
        guard options.checksStabilisation, at.file.role != .gripperCalibration, let inertial = Self.inertial(recording, at) else {
            return nil
        }
        let rig = device ?? at.request.device
        return GyroscopeObserver(
            try RotationConsistencyCheck(
                width: size.width, height: size.height, inertial: inertial, camera: device?.camera,
                bodyFromCamera: rig.bodyFromCamera.rotation, clockOffset: rig.clockOffset, options: options.consistency))
    }

    private func refuseStabilised(_ gyroscope: GyroscopeObserver, _ file: RecordingFile) throws {
        guard let verdict = gyroscope.verdict, verdict.stabilised else { return }
        throw UnitFailure(reason: "stabilised", detail: "\(file.url.lastPathComponent): \(verdict.reason)")
    }

    /// Decodes the recording once, up to its end or to what does not decode.
    private func pass(
        _ at: StageInput, _ recording: Recording, _ observers: [any FrameObserver], _ size: PictureSize, in folder: URL
    ) throws -> (times: [Timestamp<VideoClock>], truncation: String?) {
        let options = at.configuration.ingest
        let name = at.file.url.lastPathComponent
        let source = try recording.frames(.gray)
        let stated = max(recording.video?.statedFrameCount ?? 0, recording.frameTimes.count)
        var times: [Timestamp<VideoClock>] = []
        var truncation: String?
        while true {
            let frame: VideoFrame?
            do { frame = try source.nextFrame() } catch {
                truncation = "\(error)"
                break
            }
            guard let frame else { break }
            let time = options.frameRate > 0 ? Timestamp(seconds: Double(times.count) / options.frameRate) : frame.time
            if let last = times.last, last >= time {
                throw UnitFailure(
                    reason: "frame_times", detail: "\(name): the time of frame \(times.count) does not come after the one before")
            }
            let looked = try LookedFrame(frame, index: times.count, time: time, size: size, source: source)
            for observer in observers { try observer.see(looked) }
            times.append(time)
            if times.count % 30 == 0, stated > 0 { at.advanced(min(1, Double(times.count) / Double(stated))) }
        }
        guard times.count >= 2 else {
            throw UnitFailure(reason: "unreadable", detail: truncation ?? "\(name): fewer than two frames decode")
        }
        for observer in observers { try observer.finish(into: folder, problem: truncation) }
        return (times, truncation)
    }
}

/// What is looked for in a recording: by what it is for.
struct Looks: CustomStringConvertible {
    /// Points are followed for the session's map, or for localising it.
    var mapsTracks: Bool
    var localizesTracks: Bool
    /// Whether masks are made of it, and whether the static background is.
    var masks: Bool
    var background: Bool

    /// - Parameter isAlone: whether this demo is the session's map too.
    init(_ file: RecordingFile, _ request: ConvertRequest, isAlone: Bool) {
        mapsTracks = request.usesMap && (file.role == .mapping || file.role == .demo && isAlone)
        localizesTracks = request.usesMap && file.role == .demo
        masks = file.role == .demo
        background = request.usesMap && file.role == .mapping
    }

    var description: String {
        [(mapsTracks, "map"), (localizesTracks, "localize"), (masks, "masks"), (background, "background")].filter(\.0).map(\.1)
            .joined(separator: " ")
    }
}

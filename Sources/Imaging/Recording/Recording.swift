public import Foundation
public import Session
internal import Synchronization

/// What is wrong with a recording, short of its being unreadable.
public enum RecordingProblem: Sendable, Equatable, CustomStringConvertible {
    case noTelemetry
    /// Telemetry is there but no device in it has both a gyroscope and an accelerometer, or it cannot be used.
    case noInertialData(reason: String)
    /// Telemetry is damaged; the pictures are not.
    case damagedTelemetry(reason: String)
    /// Seconds of video before the first and after the last IMU sample.
    case inertialShorterThanVideo(missingAtStart: Double, missingAtEnd: Double)
    /// A sensor of the IMU that gives the same reading again and again: where that begins on the inertial clock and how long it lasts, seconds.
    case inertialStalled(sensor: String, start: Double, duration: Double)
    /// The telemetry covers much more time than the pictures, seconds each: the video was sped up or cut without it.
    case inertialLongerThanVideo(inertial: Double, video: Double)
    /// Samples a second of a slow IMU: turns between them are missed.
    case lowInertialRate(sensor: String, rate: Double)
    /// IMU samples further apart than accepted: the longest gap and where it begins, seconds on the inertial clock.
    case inertialGap(start: Double, duration: Double, count: Int)
    /// Frame intervals vary: the shortest and longest, seconds.
    case variableFrameRate(shortest: Double, longest: Double)
    /// The index states more frames than the file holds.
    case missingFrames(stated: Int, found: Int)
    /// The file asks for its pictures to be turned, clockwise degrees.
    case rotated(degrees: Int)
    /// What the telemetry parser remarked.
    case telemetry(String)
    /// What was remarked of a bag, or of a folder's tables.
    case source(String)

    public var description: String {
        func three(_ x: Double) -> String { "\((x * 1000).rounded() / 1000)" }
        switch self {
        case .noTelemetry: return "no telemetry: the file has no gpmd track"
        case .noInertialData(let reason): return "no usable IMU data: \(reason)"
        case .damagedTelemetry(let reason): return "telemetry is damaged: \(reason)"
        case .inertialShorterThanVideo(let start, let end):
            return "the IMU does not cover the video: \(three(start)) s are missing at the start, \(three(end)) s at the end"
        case .inertialStalled(let sensor, let start, let duration):
            return "the \(sensor) does not move for \(three(duration)) s from \(three(start)) s on: the IMU is not used"
        case .inertialLongerThanVideo(let inertial, let video):
            return "telemetry of \(three(inertial)) s over a video of \(three(video)) s: the video was sped up, or cut without it"
        case .lowInertialRate(let sensor, let rate): return "the \(sensor) gives \(three(rate)) readings a second: fast turns are missed"
        case .inertialGap(let start, let duration, let count):
            return "\(count) gap\(count == 1 ? "" : "s") in the IMU data, the longest \(three(duration)) s at \(three(start)) s"
        case .variableFrameRate(let shortest, let longest):
            return "variable frame rate: frames are \(three(shortest * 1000)) to \(three(longest * 1000)) ms apart"
        case .missingFrames(let stated, let found): return "the index states \(stated) frames, the file holds \(found)"
        case .rotated(let degrees): return "pictures are stored turned: the file asks for \(degrees) degrees clockwise"
        case .telemetry(let remark), .source(let remark): return remark
        }
    }
}

/// A recording as found on disk: a video with its telemetry, in one file or in chapters, an MCAP file or ROS 2 bag, or a folder of pictures
/// with a table of their times, with a list of its shortcomings.
public struct Recording: Sendable {
    public struct Options: Codable, Sendable, Equatable {
        /// IMU samples further apart than this many median intervals are a gap; default 5 (25 ms at 200 Hz), within which preintegration
        /// stays good.
        public var gapIntervals = 5.0
        /// The IMU may begin later or end earlier than the video by this much without remark, seconds; default 0.1, a few frames.
        public var coverageTolerance = 0.1
        /// Frame intervals may differ from their median by this fraction without remark; default 0.1, for time bases round.
        public var intervalTolerance = 0.1
        /// A sensor whose reading stays the same to the last bit for longer is taken for stalled, seconds; default 0.5: of a sensor that works
        /// noise alone changes it within a few samples.
        public var stallSeconds = 0.5
        /// Slowest IMU without remark, readings a second; default 90: what hand motion needs between frames.
        public var lowestInertialRate = 90.0
        /// Telemetry may cover so many times the video and seconds more; default 1.2 and 2.1: a payload of a second at either end, and cuts at
        /// key frames.
        public var longestTelemetryRatio = 1.2
        public var longestTelemetryExcess = 2.1
        /// A bag's topic of pictures, and its topic of the IMU (or `GYROSCOPE,ACCELEROMETER`); default empty: found by their types.
        public var imageTopic = ""
        public var imuTopic = ""
        /// A bag's reader that gives nothing for longer is ended, seconds; default 600, in which a slow disk reads some 50 GB through.
        public var bagTimeout = 600.0

        public init() {}
    }

    public enum Kind: String, Sendable {
        case video
        case pictures
        case bag
    }

    /// Of the first chapter.
    public let url: URL
    public let kind: Kind
    /// Nil but for a video. Of chapters the first's, with the frames and the length of all.
    public let video: VideoInfo?
    public let width: Int
    public let height: Int
    /// From the file's packets or the folder's table, nothing decoded; the first is 0.
    public let frameTimes: [Timestamp<VideoClock>]
    /// Nil without telemetry.
    public let telemetry: Telemetry?
    /// On the clock `Telemetry` documents; nil where there is none that can be used.
    public let inertial: InertialRecording?
    public let problems: [RecordingProblem]
    /// Which topics are read; nil but for a bag.
    public let bag: BagContents?
    /// Of a video, in order.
    let chapters: [ChapterReader.Part]
    private let bagTimeout: Double
    /// The reader that has decoded the first frame already.
    private let opened: OpenedReader

    /// Looks a recording through without decoding more than its first frame. A missing, empty or foreign file and one without pictures
    /// are errors;
    /// everything else is a problem in the list.
    public init(_ url: URL, options: Options = Options()) throws(ImagingError) { try self.init(chapters: [url], options: options) }

    /// The same of a recording that the camera wrote in several files, in their order: frames, telemetry and clocks go on from each to the
    /// next as if it had been one. Chapters that are of no one recording are an error that names the one.
    public init(chapters urls: [URL], options: Options = Options()) throws(ImagingError) {
        precondition(!urls.isEmpty, "a recording has a file")
        let url = urls[0]
        self.url = url
        bagTimeout = options.bagTimeout
        var problems: [RecordingProblem] = []
        if BagFile.isBag(url) {
            let index = try BagIndex(url, options: options)
            kind = .bag
            (video, telemetry, chapters) = (nil, nil, [])
            bag = index.contents
            (width, height, frameTimes) = (index.first.width, index.first.height, index.frameTimes)
            problems += index.remarks.map { .source($0) }
            let readings = index.inertial.flatMap { $0.isEmpty ? nil : $0 }
            if readings == nil { problems.append(.noInertialData(reason: "the bag has no readings of gyroscope and accelerometer")) }
            let stalls = readings.map { Self.stalls($0, options) } ?? []
            problems += stalls
            inertial = stalls.isEmpty ? readings : nil
            opened = OpenedReader(nil)
        } else if PictureFolder.isPictureFolder(url) {
            let folder = try PictureFolder(url)
            kind = .pictures
            (video, bag, chapters) = (nil, nil, [])
            width = folder.width
            height = folder.height
            frameTimes = folder.frameTimes
            telemetry = nil
            inertial = try folder.inertialRecording()
            opened = OpenedReader(nil)
            problems += folder.remarks.map { .source($0) }
            if inertial == nil { problems.append(.noInertialData(reason: "the folder has no \(folder.inertialTable)")) }
        } else {
            let reader = try VideoReader(url, options: VideoReader.Options(.gray))
            let joined = try ChapterList(urls, first: reader.info, intervalTolerance: options.intervalTolerance)
            let info = joined.info
            opened = OpenedReader(reader)
            kind = .video
            (video, bag) = (info, nil)
            width = info.width
            height = info.height
            frameTimes = joined.frameTimes
            chapters = joined.parts
            if joined.missing > 0 {
                problems.append(.missingFrames(stated: frameTimes.count + joined.missing, found: frameTimes.count))
            }
            if info.rotation != 0 { problems.append(.rotated(degrees: info.rotation)) }
            let (found, readings) = Self.telemetry(of: joined, &problems)
            try joined.checkSteps(found?.chapterSteps ?? [])
            telemetry = found
            let stalls = readings.map { Self.stalls($0, options) } ?? []
            problems += stalls
            inertial = stalls.isEmpty ? readings : nil
        }
        Self.checkRate(frameTimes, options, &problems)
        if let inertial { Self.checkInertial(inertial, frameTimes, options, &problems) }
        self.problems = problems
    }

    /// Opens the pictures from the first on.
    public func frames(_ format: VideoReader.Options.Format = .gray, threads: Int = 1) throws(ImagingError) -> any FrameSource {
        let reader = format == .gray && threads == 1 ? opened.take() : nil
        if chapters.count > 1 {
            return try ChapterReader(chapters, options: VideoReader.Options(format, threads: threads), first: reader)
        }
        if let reader { return reader }
        if let bag { return try BagReader(url, topic: bag.imageTopic, format: format, timeout: bagTimeout) }
        return try Self.frames(of: [url], format, threads: threads)
    }

    /// The same of a recording that was looked through before.
    /// - Parameter imageTopic: of a bag, as `bag` said.
    public static func frames(
        of urls: [URL], _ format: VideoReader.Options.Format, threads: Int = 1, imageTopic: String = ""
    ) throws(ImagingError) -> any FrameSource {
        precondition(!urls.isEmpty, "a recording has a file")
        if BagFile.isBag(urls[0]) {
            var options = Options()
            options.imageTopic = imageTopic
            let topic = imageTopic.isEmpty ? try BagIndex(urls[0], options: options).contents.imageTopic : imageTopic
            return try BagReader(urls[0], topic: topic, format: format, timeout: options.bagTimeout)
        }
        if PictureFolder.isPictureFolder(urls[0]) { return try PictureFolder(urls[0], format: format) }
        let options = VideoReader.Options(format, threads: threads)
        if urls.count > 1 { return try ChapterReader(try ChapterReader.Part.all(urls), options: options) }
        return try VideoReader(urls[0], options: options)
    }

    private static func telemetry(of list: ChapterList, _ problems: inout [RecordingProblem]) -> (Telemetry?, InertialRecording?) {
        let telemetry: Telemetry
        do {
            guard let found = try Telemetry(chapters: list.files) else {
                problems.append(.noTelemetry)
                return (nil, nil)
            }
            telemetry = found
        } catch {
            problems.append(.damagedTelemetry(reason: error.description))
            return (nil, nil)
        }
        problems += telemetry.problems.map { .telemetry($0) }
        do {
            let inertial = try telemetry.inertialRecording(path: list.parts[0].url.path)
            return (telemetry, inertial.isEmpty ? nil : inertial)
        } catch {
            problems.append(.noInertialData(reason: error.description))
            return (telemetry, nil)
        }
    }

    /// Sensors that stand still.
    private static func stalls(_ inertial: InertialRecording, _ options: Options) -> [RecordingProblem] {
        [("gyroscope", inertial.gyroscope), ("accelerometer", inertial.accelerometer)].compactMap { sensor, samples in
            var longest = (start: 0.0, duration: 0.0)
            var first = 0
            for i in samples.indices.dropFirst() {
                if samples[i].value != samples[first].value { first = i }
                let duration = samples[i].time - samples[first].time
                if duration > longest.duration { longest = (samples[first].time.seconds, duration) }
            }
            guard longest.duration > options.stallSeconds else { return nil }
            return .inertialStalled(sensor: sensor, start: longest.start, duration: longest.duration)
        }
    }

    private static func checkRate(_ times: [Timestamp<VideoClock>], _ options: Options, _ problems: inout [RecordingProblem]) {
        let intervals = zip(times.dropFirst(), times).map { $0 - $1 }
        guard let median = TelemetryClock.median(intervals), let shortest = intervals.min(), let longest = intervals.max() else { return }
        if shortest < median * (1 - options.intervalTolerance) || longest > median * (1 + options.intervalTolerance) {
            problems.append(.variableFrameRate(shortest: shortest, longest: longest))
        }
    }

    private static func checkInertial(
        _ inertial: InertialRecording, _ frames: [Timestamp<VideoClock>], _ options: Options, _ problems: inout [RecordingProblem]
    ) {
        var start = 0.0
        var end = 0.0
        if let first = inertial.gyroscope.first, let last = inertial.gyroscope.last, let a = frames.first, let b = frames.last {
            let (span, video) = (last.time - first.time, b - a)
            if span > video * options.longestTelemetryRatio + options.longestTelemetryExcess {
                problems.append(.inertialLongerThanVideo(inertial: span, video: video))
            }
        }
        for (sensor, samples) in [("gyroscope", inertial.gyroscope), ("accelerometer", inertial.accelerometer)] {
            guard let first = samples.first, let last = samples.last else { continue }
            start = max(start, first.time.seconds - (frames.first?.seconds ?? 0))
            end = max(end, (frames.last?.seconds ?? 0) - last.time.seconds)
            let intervals = zip(samples.dropFirst(), samples).map { $0.time - $1.time }
            guard let median = TelemetryClock.median(intervals) else { continue }
            if median > 0, 1 / median < options.lowestInertialRate { problems.append(.lowInertialRate(sensor: sensor, rate: 1 / median)) }
            let gaps = intervals.indices.filter { intervals[$0] > median * options.gapIntervals }
            if let longest = gaps.max(by: { intervals[$0] < intervals[$1] }) {
                problems.append(.inertialGap(start: samples[longest].time.seconds, duration: intervals[longest], count: gaps.count))
            }
        }
        if start > options.coverageTolerance || end > options.coverageTolerance {
            problems.append(.inertialShorterThanVideo(missingAtStart: max(start, 0), missingAtEnd: max(end, 0)))
        }
    }
}

/// A reader that nobody has read from yet, handed out once.
private final class OpenedReader: Sendable {
    private let reader: Mutex<VideoReader?>

    init(_ reader: sending VideoReader?) { self.reader = Mutex(reader) }

    func take() -> VideoReader? {
        reader.withLock { reader in
            let taken = reader
            reader = nil
            return taken
        }
    }
}

internal import Foundation
internal import Session

/// The files of one recording, looked through without decoding more than their first frames: where each begins, and that they belong
/// together.
struct ChapterList {
    /// The first file's, with the frames and the length of all.
    private(set) var info: VideoInfo
    /// Each file's own.
    private var infos: [VideoInfo] = []
    private(set) var parts: [ChapterReader.Part] = []
    /// On the recording's clock.
    private(set) var frameTimes: [Timestamp<VideoClock>] = []
    /// Frames that the files' indices state beyond what they hold.
    private(set) var missing = 0

    /// A camera's clock and its pictures may part by this much from one chapter to the next, seconds: a second's payload at most lies
    /// across the border.
    private static let furthestStep = 2.0
    /// A chapter's date may lie outside the recording by this much, seconds: cameras state whole seconds, of the chapter's begin or the
    /// recording's, and some set the clock meanwhile.
    private static let dateTolerance = 120.0

    /// - Parameter first: what the first file says of itself.
    init(_ urls: [URL], first: VideoInfo, intervalTolerance: Double) throws(ImagingError) {
        info = first
        for (number, url) in urls.enumerated() {
            let own = number == 0 ? first : try VideoInfo(contentsOf: url)
            let packets = try VideoReader.packets(of: url)
            var clock = ChapterClock(tick: packets.tick)
            if let last = parts.last {
                clock = ChapterClock(after: last.clock, lasting: length, tick: packets.tick)
                try belongs(own, url, intervalTolerance)
                info.duration += own.duration
                info.statedFrameCount = info.statedFrameCount.flatMap { all in own.statedFrameCount.map { all + $0 } }
            }
            frameTimes += packets.times.map { clock.time($0) }
            missing += packets.missing
            length = packets.end
            parts.append(ChapterReader.Part(url: url, clock: clock))
            infos.append(own)
        }
        if urls.count > 1 { try checkCameras() }
    }

    /// Of the file looked at last, in its ticks.
    private var length: Int64 = 0

    /// Each file with its first frame's time.
    var files: [(url: URL, start: Timestamp<VideoClock>, info: VideoInfo)] {
        zip(parts, infos).map { ($0.url, $0.clock.time(Timestamp(nanoseconds: 0)), $1) }
    }

    private func belongs(_ own: VideoInfo, _ url: URL, _ tolerance: Double) throws(ImagingError) {
        func told(_ v: VideoInfo) -> String { "\(v.width)x\(v.height) at \((v.averageRate.value * 100).rounded() / 100) Hz" }
        let (rate, ownRate) = (info.averageRate.value, own.averageRate.value)
        guard own.width == info.width, own.height == info.height, own.rotation == info.rotation,
            abs(ownRate - rate) <= tolerance * rate
        else { throw other(url, "holds \(told(own)), \(parts[0].url.lastPathComponent) \(told(info))") }
        guard let first = seconds(info.creationTime), let date = seconds(own.creationTime) else { return }
        guard date > first - Self.dateTolerance, date < first + info.duration + Self.dateTolerance else {
            throw other(url, "was made \(own.creationTime ?? ""), \(parts[0].url.lastPathComponent) \(info.creationTime ?? "")")
        }
    }

    private func checkCameras() throws(ImagingError) {
        guard let first = try RecorderIdentity.serial(of: parts[0].url) else { return }
        for part in parts.dropFirst() {
            if let serial = try RecorderIdentity.serial(of: part.url), serial != first {
                throw other(part.url, "is of camera \(serial), \(parts[0].url.lastPathComponent) of \(first)")
            }
        }
    }

    /// - Parameter steps: by how much the recorder's clock went on further than the pictures before each further chapter, seconds.
    func checkSteps(_ steps: [Double?]) throws(ImagingError) {
        for (part, step) in zip(parts.dropFirst(), steps) {
            guard let step, abs(step) > Self.furthestStep else { continue }
            throw other(part.url, "begins \((step * 10).rounded() / 10) s after the chapter before ended, by the camera's own clock")
        }
    }

    private func seconds(_ date: String?) -> Double? {
        date.flatMap { RecordingDate.parse($0) }.map { Double($0.day) * 86_400 + $0.seconds }
    }

    private func other(_ url: URL, _ why: String) -> ImagingError {
        .chapter(
            path: url.path,
            reason:
                "is no chapter of the recording that \(parts[0].url.lastPathComponent) begins: it \(why); accepted: the chapters as the "
                + "camera wrote them, or another name for what is a recording of its own")
    }
}

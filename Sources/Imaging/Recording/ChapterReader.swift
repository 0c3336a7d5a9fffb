internal import Foundation
internal import Session

/// Where a chapter stands on its recording's clock: the camera began it where the last frame of the one before ended.
struct ChapterClock: Sendable {
    /// Ticks of `tick` seconds from the recording's first frame to the chapter's.
    var offset: Int64
    var tick: Rational

    /// The first chapter's.
    init(tick: Rational) { (offset, self.tick) = (0, tick) }

    /// Of the chapter behind one that lasts so many ticks.
    init(after previous: ChapterClock, lasting ticks: Int64, tick: Rational) {
        self.tick = tick
        let end = previous.offset + ticks
        offset = previous.tick == tick ? end : Self.rescaled(end, previous.tick, tick)
    }

    /// A time of the chapter's own as one of the recording's: ticks are added, not nanoseconds, so that nothing is rounded twice.
    func time(_ own: Timestamp<VideoClock>) -> Timestamp<VideoClock> {
        guard offset != 0 else { return own }
        return Timestamp(nanoseconds: Self.rescaled(offset + Self.rescaled(own.nanoseconds, Self.nanosecond, tick), tick, Self.nanosecond))
    }

    private static let nanosecond = Rational(1, 1_000_000_000)

    /// The nearest whole number of `to` in so many of `from`.
    private static func rescaled(_ value: Int64, _ from: Rational, _ to: Rational) -> Int64 {
        let above = Int128(value) * Int128(from.numerator) * Int128(to.denominator)
        let below = Int128(from.denominator) * Int128(to.numerator)
        guard below > 0 else { return value }
        let half = above < 0 ? -below / 2 : below / 2
        return Int64(clamping: (above + half) / below)
    }
}

/// Reads a recording's chapters one after the other as one video: frames are counted on, and times go on.
///
/// The next file is opened when the one before has ended; every picture is decoded once. Where one stops before its end, so does the
/// recording: where the others stand would be a guess.
final class ChapterReader: FrameSource {
    struct Part {
        var url: URL
        var clock: ChapterClock

        /// The chapters of a recording that was looked through before: nothing is decoded.
        static func all(_ urls: [URL]) throws(ImagingError) -> [Part] {
            var out: [Part] = []
            var length: Int64 = 0
            for url in urls {
                let packets = try VideoReader.packets(of: url)
                let clock =
                    out.last.map { ChapterClock(after: $0.clock, lasting: length, tick: packets.tick) } ?? ChapterClock(tick: packets.tick)
                out.append(Part(url: url, clock: clock))
                length = packets.end
            }
            return out
        }
    }

    let width: Int
    let height: Int
    private let parts: [Part]
    private let options: VideoReader.Options
    private var current: VideoReader
    private var at = 0
    private var count = 0
    private var failure: ImagingError?

    /// Opens the first chapter. There must be one.
    /// - Parameter first: it, opened with these options, if it is already.
    init(_ parts: [Part], options: VideoReader.Options, first: VideoReader? = nil) throws(ImagingError) {
        precondition(!parts.isEmpty, "a recording has a chapter")
        (self.parts, self.options) = (parts, options)
        if let first { current = first } else { current = try VideoReader(parts[0].url, options: options) }
        (width, height) = (current.width, current.height)
    }

    func nextFrame() throws(ImagingError) -> VideoFrame? {
        while true {
            if var frame = try advanced({ () throws(ImagingError) in try current.nextFrame() }) {
                (frame.index, frame.time) = (count, parts[at].clock.time(frame.time))
                count += 1
                return frame
            }
            guard try opensNext() else { return nil }
        }
    }

    func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        while true {
            if let time = try advanced({ () throws(ImagingError) in try current.skipFrame() }) {
                count += 1
                return parts[at].clock.time(time)
            }
            guard try opensNext() else { return nil }
        }
    }

    func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image { try current.lastFrame(format) }

    func lastFrame(width: Int, height: Int) throws(ImagingError) -> Image { try current.lastFrame(width: width, height: height) }

    private func advanced<Result>(_ body: () throws(ImagingError) -> Result?) throws(ImagingError) -> Result? {
        if let failure { throw failure }
        do { return try body() } catch {
            let broken: ImagingError =
                if case .truncated(let path, _, let reason) = error {
                    .truncated(path: path, decodedFrames: count, reason: reason)
                } else { error }
            failure = broken
            throw broken
        }
    }

    private func opensNext() throws(ImagingError) -> Bool {
        guard at + 1 < parts.count else { return false }
        let url = parts[at + 1].url
        do { current = try VideoReader(url, options: options) } catch {
            let broken = ImagingError.truncated(path: url.path, decodedFrames: count, reason: error.description)
            failure = broken
            throw broken
        }
        at += 1
        return true
    }
}

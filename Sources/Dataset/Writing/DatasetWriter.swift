internal import Imaging

/// Writes demonstrations into a data set of any format, one episode after another, in constant memory: begin, append, end, finish.
///
/// Nothing stands at the destination before `finish` returns; a run that is killed leaves what stood there. The same calls give the same
/// bytes.
public protocol DatasetWriter: AnyObject {
    /// Episodes in the data set, those that were there before included.
    var episodeCount: Int { get }
    /// Rows in the data set, likewise.
    var frameCount: Int { get }

    /// The episode before must be ended or abandoned.
    func begin(_ header: EpisodeHeader) throws(DatasetError)
    /// As many sides as the specification names. What does not fit is refused by name.
    func append(_ frame: DatasetFrame) throws(DatasetError)
    /// Drops the episode that was begun, as if it had never been.
    func abandon() throws(DatasetError)
    /// At least one row is needed.
    func end() throws(DatasetError)
    /// Completes the data set and puts it in its place. `source` is remembered in it.
    func finish(_ source: DatasetSource?) throws(DatasetError)
}

/// Demonstrations as rows of a state and an action, into any format that has rows: the action of a row is where the next one is, or the
/// way there, and the last one's is to stay.
final class DemonstrationTable: DatasetWriter {
    private let writer: any EpisodeWriter
    private let sides: Int
    private let numbers: DatasetNumbers
    private let samples: [SampleFeature]
    private let carriesRetiming: Bool
    private let fit: (Image) throws(DatasetError) -> Image
    /// The row whose action is not known yet, its pictures fitted.
    private var pending: (frame: DatasetFrame, images: [Image])?
    private var rows = 0

    /// - Parameter fit: makes a recording's picture as large as the data set's.
    init(
        _ writer: any EpisodeWriter, _ specification: DatasetSpecification, fit: @escaping (Image) throws(DatasetError) -> Image
    ) {
        self.writer = writer
        sides = specification.sides.count
        numbers = specification.written
        samples = specification.samples
        carriesRetiming = specification.carriesRetiming
        self.fit = fit
    }

    var episodeCount: Int { writer.episodeCount }
    var frameCount: Int { writer.frameCount }

    func begin(_ header: EpisodeHeader) throws(DatasetError) {
        try writer.beginEpisode(header)
        (pending, rows) = (nil, 0)
    }

    func append(_ frame: DatasetFrame) throws(DatasetError) {
        guard frame.sides.count == sides else {
            throw .frame(
                episode: episodeCount, frame: rows, key: "sides", reason: "\(frame.sides.count) given, the data set is of \(sides)")
        }
        var images: [Image] = []
        for side in frame.sides { images.append(try fit(side.picture)) }
        if let before = pending { try write(before, action: frame) }
        pending = (frame, images)
        rows += 1
    }

    func abandon() throws(DatasetError) {
        pending = nil
        try writer.abandonEpisode()
    }

    func end() throws(DatasetError) {
        if let last = pending { try write(last, action: last.frame) }
        pending = nil
        try writer.endEpisode()
    }

    func finish(_ source: DatasetSource?) throws(DatasetError) { try writer.finish(source: source) }

    private func write(_ row: (frame: DatasetFrame, images: [Image]), action: DatasetFrame) throws(DatasetError) {
        let frame = row.frame
        func values(_ parts: [DatasetNumbers.Part], of sides: [DatasetFrame.Side]) -> [Float] {
            sides.indices.flatMap { i in
                parts.flatMap { numbers.numbers($0, of: sides[i], after: frame.sides[i], place: i).map(Float.init) }
            }
        }
        guard let vectors = frame.vectors(samples) else {
            throw .frame(
                episode: episodeCount, frame: max(rows - 1, 0), key: "samples",
                reason: "\(frame.sides.map { $0.samples.map(\.count) }), the data set has \(samples.map(\.columns))")
        }
        var out = EpisodeFrame(
            state: values(numbers.stateParts, of: frame.sides), action: values(numbers.actionParts, of: action.sides),
            annotations: frame.sides.flatMap(\.annotations) + [.float(Float(frame.speedPercentile))]
                + (carriesRetiming ? [.bool(frame.isRetimed)] : []) + [.float(Float(frame.weight))])
        out.vectors = vectors.map { $0.map(Float.init) }
        try writer.append(out, images: row.images)
    }
}

extension Image {
    /// At another size; the same picture where that is its own.
    func scaled(width: Int, height: Int) throws(DatasetError) -> Image {
        if self.width == width && self.height == height { return self }
        do { return try resized(width: width, height: height) } catch {
            throw .layout(key: "picture", reason: "\(error)")
        }
    }
}

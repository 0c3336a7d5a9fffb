public import Imaging

/// What to do with a data set that stands where a new one is to be written.
public enum ExistingDataset: String, Codable, Sendable, CaseIterable {
    /// It is an error; nothing is touched.
    case refuse
    /// The old one is removed, but only after the new one is complete.
    case replace
    /// The new episodes follow the ones that are there, of which no picture is coded again and only files that are not full are written
    /// anew. Layout, rate and robot must be the same. Without an existing data set a new one is made.
    case append
}

/// What an episode says of itself as a whole.
public struct EpisodeHeader: Sendable, Equatable {
    /// What is done, in words; what a language-conditioned policy is told.
    public var task: String
    /// Held back from training.
    public var isValidation: Bool
    /// Mean speed of the tool, metres a second; nil where it is not known. Kept with the data set, see `DatasetProvenance.episodeSpeeds`.
    public var speed: Double?

    public init(task: String, isValidation: Bool = false, speed: Double? = nil) {
        self.task = task
        self.isValidation = isValidation
        self.speed = speed
    }
}

/// Writes episodes of one layout, one after another, in constant memory, whatever the format: begin, append, end, finish.
///
/// Nothing stands at the destination before `finish` returns. The same calls give the same bytes.
public protocol EpisodeWriter: AnyObject {
    /// Episodes in the data set, those that were there before included.
    var episodeCount: Int { get }
    /// Frames in the data set, likewise.
    var frameCount: Int { get }

    /// The one before must be ended or abandoned.
    func beginEpisode(_ header: EpisodeHeader) throws(DatasetError)
    /// One picture per camera of the layout. A frame that does not fit is refused whole.
    func append(_ frame: EpisodeFrame, images: [Image]) throws(DatasetError)
    /// Drops the episode that was begun, as if it had never been.
    func abandonEpisode() throws(DatasetError)
    /// At least one frame is needed.
    func endEpisode() throws(DatasetError)
    /// Completes the data set and puts it in its place. `source` is remembered in it and shown on its card.
    func finish(source: DatasetSource?) throws(DatasetError)
}

extension EpisodeWriter {
    public func beginEpisode(task: String) throws(DatasetError) { try beginEpisode(EpisodeHeader(task: task)) }
    public func append(_ frame: EpisodeFrame, image: Image) throws(DatasetError) { try append(frame, images: [image]) }
    public func finish() throws(DatasetError) { try finish(source: nil) }
}

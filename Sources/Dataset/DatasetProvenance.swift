public import Foundation
internal import Imaging
internal import Session

/// One conversion's part in a data set: what went in, what came out, what was left out and why.
public struct DatasetSource: Codable, Sendable, Equatable {
    /// A recording and what became of its frames: `input` = `output` + everything dropped.
    public struct Recording: Codable, Sendable, Equatable {
        public var name: String
        public var inputFrames: Int
        /// Of the recording; at another rate the data set holds more or fewer rows.
        public var outputFrames: Int

        public init(name: String, inputFrames: Int, outputFrames: Int) {
            self.name = name
            self.inputFrames = inputFrames
            self.outputFrames = outputFrames
        }
    }

    /// Frames that one reason took.
    public struct Drop: Codable, Sendable, Equatable {
        public var stage: String
        public var reason: String
        public var frames: Int
        public var recordings: Int

        public init(stage: String, reason: String, frames: Int, recordings: Int) {
            self.stage = stage
            self.reason = reason
            self.frames = frames
            self.recordings = recordings
        }
    }

    /// The session folder's name: what is looked up to see whether it is in the data set already.
    public var session: String
    /// Hash over everything the episodes were made from; another key means other content.
    public var key: String
    public var device: String
    public var robot: String
    /// Programs and versions, by name.
    public var versions: [String: String]
    /// Its episodes in the data set: the first, and how many. Set by the writer.
    public var firstEpisode = 0
    public var episodes = 0
    /// Rows of the data set. Set by the writer.
    public var frames = 0
    public var recordings: [Recording]
    public var dropped: [Drop]
    /// What a reader should know beside the numbers, in sentences.
    public var notes: [String]

    public init(
        session: String, key: String, device: String, robot: String, versions: [String: String] = [:], recordings: [Recording] = [],
        dropped: [Drop] = [], notes: [String] = []
    ) {
        self.session = session
        self.key = key
        self.device = device
        self.robot = robot
        self.versions = versions
        self.recordings = recordings
        self.dropped = dropped
        self.notes = notes
    }
}

/// Where a data set's episodes came from, as it says itself: `meta/griptrace.json`, UMI's `.zattrs`, HDF5's attribute `griptrace`.
public struct DatasetProvenance: Codable, Sendable, Equatable {
    public static let schemaName = "griptrace.dataset.v1"

    public var schema = Self.schemaName
    public var sources: [DatasetSource] = []
    /// Episodes held back from training, ascending; all others are for training.
    public var validationEpisodes: [Int] = []

    public init() {}

    /// What the data set at `url` says of itself; nil where there is none, or where another program wrote it.
    public static func read(_ url: URL) -> DatasetProvenance? {
        switch DatasetFormat(at: url) {
        case .lerobot, .lerobot21:
            guard let bytes = try? FileBytes.read(url.appendingPathComponent(file)) else { return nil }
            return try? JSONDecoder().decode(Self.self, from: Data(bytes))
        case .umi:
            guard let zip = try? ZipReader(path: url.path), let bytes = try? zip.bytes(".zattrs") else { return nil }
            return (try? JSONDecoder().decode([String: Self].self, from: Data(bytes)))?["griptrace"]
        case .robomimic:
            guard let file = try? HDF5File.reading(url), let text = try? file.text("/data", "griptrace") else { return nil }
            return try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
        case nil:
            return nil
        }
    }

    static let file = "meta/griptrace.json"

    /// Appends the conversion that wrote the episodes from `firstEpisode` on.
    mutating func add(_ source: DatasetSource, firstEpisode: Int, episodes: Int, frames: Int) {
        var source = source
        source.firstEpisode = firstEpisode
        source.episodes = episodes
        source.frames = frames
        sources.append(source)
    }

    /// The same of another data set whose episodes follow `episodes` others.
    func shifted(by episodes: Int) -> DatasetProvenance {
        var out = self
        for i in out.sources.indices { out.sources[i].firstEpisode += episodes }
        out.validationEpisodes = validationEpisodes.map { $0 + episodes }
        return out
    }

    func encoded() throws(DatasetError) -> [UInt8] { try Self.encode(self) }

    static func encode(_ value: some Encodable) throws(DatasetError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do { return [UInt8](try encoder.encode(value)) + [10] } catch {
            throw .layout(key: "provenance", reason: "cannot be written as JSON: \(error)")
        }
    }

    /// The episodes by split, as `meta/splits.json` lists them.
    func splits(episodes: Int) -> JSONValue {
        let held = Set(validationEpisodes)
        return .object([
            ("train", .array((0..<episodes).filter { !held.contains($0) }.map { .integer(Int64($0)) })),
            ("validation", .array(validationEpisodes.map { .integer(Int64($0)) })),
        ])
    }
}

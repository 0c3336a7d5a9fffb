public import Foundation

/// One conversion's part in a data set: what went in, what came out, what was left out and why.
public struct DatasetSource: Codable, Sendable, Equatable {
    /// A recording and what became of its frames: `input` = `output` + everything dropped.
    public struct Recording: Codable, Sendable, Equatable {
        public var name: String
        /// Hash of its content, by which it is known again under another name; nil in data sets from before it was kept.
        public var identity: String?
        public var inputFrames: Int
        /// Of the recording; at another rate the data set holds more or fewer rows.
        public var outputFrames: Int

        public init(name: String, identity: String? = nil, inputFrames: Int, outputFrames: Int) {
            self.name = name
            self.identity = identity
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

    /// An episode that curation looked at, whether it was kept or not: later conversions into the same data set rank theirs among these.
    public struct Candidate: Codable, Sendable, Equatable {
        /// Of the tool, metres a second.
        public var speed: Double
        /// Spectral arc length, no unit.
        public var smoothness: Double
        /// Seconds.
        public var duration: Double
        /// Of the position, metres; nil where it is not known.
        public var sigma: Double?

        public init(speed: Double, smoothness: Double, duration: Double, sigma: Double?) {
            self.speed = speed
            self.smoothness = smoothness
            self.duration = duration
            self.sigma = sigma
        }
    }

    /// The session folder's name, for people.
    public var session: String
    /// Hash of the session's recordings: what is looked up to see whether it is in the data set already. Nil in data sets from before it
    /// was kept.
    public var identity: String?
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
    /// Every episode that could have been kept; nil where nobody wrote them down.
    public var candidates: [Candidate]?
    /// What a reader should know beside the numbers, in sentences.
    public var notes: [String]
    /// In which chart its rotations are written; nil where there are none, or none of the base's frame (UMI). Set by the writer.
    public var rotations: RotationChart?

    public init(
        session: String, identity: String? = nil, key: String, device: String, robot: String, versions: [String: String] = [:],
        recordings: [Recording] = [], dropped: [Drop] = [], notes: [String] = []
    ) {
        self.session = session
        self.identity = identity
        self.key = key
        self.device = device
        self.robot = robot
        self.versions = versions
        self.recordings = recordings
        self.dropped = dropped
        self.notes = notes
    }
}

extension DatasetSource {
    /// Where `versions` keeps the rule by which postures were chosen.
    public static let postureRuleKey = "posture_rule"

    /// The rule by which its postures were chosen; conversions from before rules were kept chose each path's for itself.
    public var postureRule: String { versions[Self.postureRuleKey] ?? "free" }

    /// Whether both are of the same session: by its identity, or, since a session may have grown by a recording, by a recording that both
    /// hold; where one has neither, by name.
    public func isOfSameSession(as other: DatasetSource) -> Bool {
        if let identity, identity == other.identity { return true }
        let (ours, theirs) = (Set(recordings.compactMap(\.identity)), Set(other.recordings.compactMap(\.identity)))
        if !ours.isEmpty, !theirs.isEmpty { return !ours.isDisjoint(with: theirs) }
        return identity == nil || other.identity == nil ? session == other.session : false
    }

    /// Whether episodes of one are the other's too: made from the same, or from a recording that frames of are in both.
    func sharesEpisodes(with other: DatasetSource) -> Bool {
        if key == other.key { return true }
        let isOneSession = identity != nil && identity == other.identity
        return recordings.contains { a in
            a.outputFrames > 0
                && other.recordings.contains { b in
                    b.outputFrames > 0 && (a.identity.map { $0 == b.identity } ?? false || isOneSession && a.name == b.name)
                }
        }
    }
}

/// Where a data set's episodes came from, as it says itself: `meta/griptrace.json`, UMI's `.zattrs`, HDF5's attribute `griptrace`.
public struct DatasetProvenance: Codable, Sendable, Equatable {
    public static let schemaName = "griptrace.dataset.v1"

    public var schema = Self.schemaName
    public var sources: [DatasetSource] = []
    /// Episodes held back from training, ascending; all others are for training.
    public var validationEpisodes: [Int] = []
    /// By episode the tool's mean speed, metres a second; -1 where it is not known, and shorter where the last ones are not. What a
    /// percentile over the whole data set is made of, however it grew.
    public var episodeSpeeds: [Double] = []

    public init() {}

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        schema = try values.decode(String.self, forKey: .schema)
        sources = try values.decode([DatasetSource].self, forKey: .sources)
        validationEpisodes = try values.decode([Int].self, forKey: .validationEpisodes)
        // Data sets from before speeds were kept grow on.
        episodeSpeeds = try values.decodeIfPresent([Double].self, forKey: .episodeSpeeds) ?? []
    }

    /// What the data set at `url` says of itself; nil where there is none, or where another program wrote it.
    public static func read(_ url: URL) -> DatasetProvenance? { DatasetFormat(at: url)?.definition.provenance(of: url) }

    /// From JSON text; nil where it is none of ours.
    init?(json: Data) {
        guard let found = try? JSONDecoder().decode(Self.self, from: json) else { return nil }
        self = found
    }

    /// Puts in order what a killed run left beside the data set at `url`: a data set that it had moved aside and not yet replaced is put
    /// back.
    ///
    /// To be called before a data set is looked at to decide what is written to it; writers call it themselves. Another run that is writing
    /// the data set is an error.
    public static func settle(_ url: URL) throws(DatasetError) { try StagingFolder.settle(url) }

    static let file = "meta/griptrace.json"

    /// Refuses to grow by episodes whose rotations are written in another chart than those that are there.
    func check(rotations: RotationChart?, path: String) throws(DatasetError) {
        guard let last = sources.last, last.rotations != rotations else { return }
        throw .format(
            path: path, location: "rotations",
            reason: "\(last.rotations?.text ?? "none"); the new episodes have \(rotations?.text ?? "none"): they cannot be added")
    }

    /// Appends the conversion that wrote the episodes from `firstEpisode` on.
    /// One whose episodes are there already is refused: they would come twice.
    mutating func add(
        _ source: DatasetSource, firstEpisode: Int, episodes: Int, frames: Int, rotations: RotationChart? = nil, path: String
    ) throws(DatasetError) {
        if let twin = sources.first(where: { $0.sharesEpisodes(with: source) }) {
            throw .format(
                path: path, location: "session \(twin.session)", reason: "is in this data set already: its episodes would come twice")
        }
        var source = source
        source.firstEpisode = firstEpisode
        source.episodes = episodes
        source.frames = frames
        source.rotations = rotations
        sources.append(source)
    }

    /// What the header of an episode says, for the episode with this number.
    mutating func note(_ header: EpisodeHeader, episode: Int) {
        if header.isValidation { validationEpisodes.append(episode) }
        guard let speed = header.speed else { return }
        episodeSpeeds += Array(repeating: -1, count: max(0, episode - episodeSpeeds.count)) + [speed]
    }

    /// The speeds that are known of the episodes before this one.
    public func speeds(before episode: Int) -> [Double] { episodeSpeeds.prefix(episode).filter { $0 >= 0 } }

    /// Share of these speeds that are not above `speed`, 0 to 1.
    public static func percentile(_ speed: Double, among speeds: [Double]) -> Double {
        Double(speeds.count { $0 <= speed }) / Double(max(speeds.count, 1))
    }

    /// By episode speed and percentile over the whole data set, as `meta/speeds.json` lists them; nil where no speed is known.
    func speedTable(episodes: Int) -> JSONValue? {
        let known = speeds(before: episodes)
        guard !known.isEmpty else { return nil }
        let all = episodeSpeeds.prefix(episodes) + Array(repeating: -1, count: max(0, episodes - episodeSpeeds.count))
        func list(_ value: (Double) -> Double) -> JSONValue { .array(all.map { $0 < 0 ? .null : .number(value($0)) }) }
        return .object([("speed_m_s", list { $0 }), ("percentile", list { Self.percentile($0, among: known) })])
    }

    /// The same of another data set whose episodes follow `episodes` others.
    func shifted(by episodes: Int) -> DatasetProvenance {
        var out = self
        for i in out.sources.indices { out.sources[i].firstEpisode += episodes }
        out.validationEpisodes = validationEpisodes.map { $0 + episodes }
        if !episodeSpeeds.isEmpty { out.episodeSpeeds = Array(repeating: -1, count: episodes) + episodeSpeeds }
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

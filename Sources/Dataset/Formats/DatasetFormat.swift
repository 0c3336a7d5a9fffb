public import Foundation

/// A data set's format: one of `all`.
public struct DatasetFormat: Sendable {
    /// All that depends on the format.
    public let definition: any DatasetFormatDefinition

    /// Every format that is known. A new one is a file with a `DatasetFormatDefinition` and a line here.
    public static let all: [DatasetFormat] = [.lerobot, .lerobot21, .umi, .robomimic]

    public init(_ definition: any DatasetFormatDefinition) { self.definition = definition }

    /// The format that users call so; nil for none.
    public init?(name: String) {
        guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// What lies at `url`; nil for anything that is no data set.
    public init?(at url: URL) {
        guard FileManager.default.fileExists(atPath: url.path), let known = Self.all.first(where: { $0.definition.recognises(url) }) else {
            return nil
        }
        self = known
    }

    public var name: String { definition.name }
    public var title: String { definition.title }
    public var fileName: String { definition.fileName }

    /// Names of all, in their order.
    public static var names: [String] { all.map(\.name) }

    /// What is accepted where a data set is asked for.
    public static var accepted: String {
        var kinds: [String] = []
        for kind in all.map(\.definition.accepts) where !kinds.contains(kind) { kinds.append(kind) }
        return kinds.dropLast().joined(separator: ", ") + (kinds.count > 1 ? " or " : "") + (kinds.last ?? "")
    }

    /// The format of what lies at `url`; anything else is an error that says what is accepted.
    static func known(at url: URL) throws(DatasetError) -> DatasetFormat {
        if let format = DatasetFormat(at: url) { return format }
        throw .file(
            path: url.path,
            reason: FileManager.default.fileExists(atPath: url.path) ? "no data set; accepted: \(accepted)" : "does not exist")
    }

    /// Opens a data set of demonstrations for writing.
    /// - Parameters:
    ///   - url: where it is to stand, by custom `fileName` in an output folder.
    ///   - existing: what to do with a data set that stands there.
    public func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset = .refuse
    ) throws(DatasetError) -> any DatasetWriter {
        try specification.validate()
        return try definition.writer(at: url, specification, existing: existing)
    }
}

extension DatasetFormat: Hashable, Codable, CustomStringConvertible {
    public static func == (a: DatasetFormat, b: DatasetFormat) -> Bool { a.name == b.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    public var description: String { name }

    public init(from decoder: any Decoder) throws {
        let name = try decoder.singleValueContainer().decode(String.self)
        guard let known = DatasetFormat(name: name) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "no format \"\(name)\"; accepted: \(Self.names.joined(separator: ", "))"))
        }
        self = known
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

/// All that depends on a data set's format. To add a format: one file with a type that conforms, one line in `DatasetFormat.all`.
public protocol DatasetFormatDefinition: Sendable {
    /// As users say it: `lerobot-v2.1`.
    var name: String { get }
    /// As people read it: "LeRobot v2.1".
    var title: String { get }
    /// Of a data set in a conversion's output folder: `lerobot_v21`.
    var fileName: String { get }
    /// What it looks like on disk, in a few words for messages.
    var accepts: String { get }
    /// Whether what lies at `url`, and is there, is of this format, be it sound or not.
    func recognises(_ url: URL) -> Bool
    /// Opens a data set of demonstrations for writing, see `DatasetFormat.writer`.
    func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset
    ) throws(DatasetError) -> any DatasetWriter
    /// Puts two or more data sets of this format together into a new one, see `DatasetMerger`.
    func merge(_ parts: [URL], into output: URL) throws(DatasetError)
    /// Every rule of the format's readers that the data set breaks.
    func problems(of url: URL, _ options: ValidationOptions) -> [DatasetProblem]
    /// What it holds, read from its metadata.
    func summary(of url: URL) throws(DatasetError) -> DatasetSummary
    /// Where its episodes came from, as it says itself; nil where it does not say.
    func provenance(of url: URL) -> DatasetProvenance?
    /// The rows of its tables.
    func rows(of url: URL) throws(DatasetError) -> DatasetRowTable
}

public import Foundation

/// What a data set holds, in a few numbers.
public struct DatasetSummary: Sendable, Equatable {
    public struct Feature: Sendable, Equatable {
        public var name: String
        public var type: String
        public var shape: [Int]
        /// Names of its numbers; empty where the format has none.
        public var names: [String]

        public init(name: String, type: String, shape: [Int], names: [String] = []) {
            self.name = name
            self.type = type
            self.shape = shape
            self.names = names
        }
    }

    public var format: DatasetFormat
    public var robotType: String?
    /// Frames a second; nil where the format does not say (UMI).
    public var fps: Int?
    /// Frames of each episode.
    public var episodeLengths: [Int]
    public var tasks: [String]
    public var features: [Feature]
    /// Bytes on disk.
    public var byteCount: Int

    public var frameCount: Int { episodeLengths.reduce(0, +) }

    /// Reads the metadata alone, not the pictures. A path that holds no data set, or a broken one, is an error.
    public init(contentsOf url: URL) throws(DatasetError) {
        self = try DatasetFormat.known(at: url).definition.summary(of: url)
    }

    public init(
        format: DatasetFormat, robotType: String? = nil, fps: Int? = nil, episodeLengths: [Int], tasks: [String] = [],
        features: [Feature] = [], byteCount: Int
    ) {
        self.format = format
        self.robotType = robotType
        self.fps = fps
        self.episodeLengths = episodeLengths
        self.tasks = tasks
        self.features = features
        self.byteCount = byteCount
    }

    /// On disk, of a file or of all files in a folder.
    public static func bytes(_ url: URL) -> Int {
        func size(_ path: String) -> Int { (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0 }
        guard let children = FileManager.default.enumerator(atPath: url.path) else { return size(url.path) }
        let paths = children.compactMap { $0 as? String }
        return paths.isEmpty ? size(url.path) : paths.reduce(0) { $0 + size(url.appendingPathComponent($1).path) }
    }

    /// The summary as lines of text.
    public var lines: [String] {
        let lengths = episodeLengths
        let rate = fps.map { " at \($0) fps (\(seconds(frameCount, $0)) s)" } ?? ""
        var out = [
            "\(format.title) data set" + (robotType.map { ", robot \($0)" } ?? ""),
            "\(lengths.count) episodes, \(frameCount) frames\(rate), "
                + "\(lengths.min() ?? 0) to \(lengths.max() ?? 0) frames an episode, \(byteCount / 1000) kB",
        ]
        if !tasks.isEmpty { out.append("tasks: " + tasks.map { "\"\($0)\"" }.joined(separator: ", ")) }
        for feature in features {
            let names = feature.names.isEmpty ? "" : ": " + feature.names.joined(separator: " ")
            out.append("  \(feature.name)  \(feature.type) \(feature.shape.map(String.init).joined(separator: "x"))\(names)")
        }
        return out
    }

    private func seconds(_ frames: Int, _ fps: Int) -> String {
        let tenths = (Double(frames) / Double(max(fps, 1)) * 10).rounded() / 10
        return String(tenths)
    }
}

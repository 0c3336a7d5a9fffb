internal import Dataset
public import Foundation
public import Geometry
public import Robot
internal import Session

/// Episodes of a written data set as commands for an arm, with what the run that wrote it knew.
public struct DataSetReplay: Sendable {
    public struct Episode: Sendable {
        public var index: Int
        /// The recording it is from; empty where the run's artefacts are gone.
        public var unit: String
        public var path: CommandedPath
    }

    /// The arm that the data set is for, by its name.
    public var armName: String
    public var episodes: [Episode]
    /// Where the arm's foot stood; nil where the run's artefacts are gone.
    public var tableFromBase: Transform<Table, Base>?
    /// What could not be found, in sentences.
    public var notes: [String] = []

    /// Reads a conversion's output folder, or a LeRobot data set.
    /// - Parameter episode: that one alone; nil: all.
    public init(contentsOf url: URL, arm: Arm?, episode: Int? = nil) throws {
        let inner = url.appendingPathComponent("lerobot")
        let isOutput = FileManager.default.fileExists(atPath: inner.appendingPathComponent("meta/info.json").path)
        let root = isOutput ? inner : url
        let summary = try DatasetSummary(contentsOf: root)
        guard summary.format == .lerobot, let rate = summary.fps,
            let state = summary.features.first(where: { $0.name == "observation.state" })
        else {
            throw PipelineError.usage(
                "\(root.path) has no joints to replay", accepted: "a LeRobot data set, or the folder that convert wrote it to")
        }
        armName = summary.robotType ?? ""
        let names = arm?.joints.map { "\($0.name).pos" } ?? state.names.filter { $0.hasSuffix(".pos") && $0 != "gripper.pos" }
        let columns = names.compactMap { state.names.firstIndex(of: $0) }
        guard columns.count == names.count, !columns.isEmpty else {
            throw PipelineError.usage(
                "\(root.path): its state holds \(state.names.joined(separator: ", "))",
                accepted: "the joints \(names.joined(separator: ", "))")
        }
        let all = try Self.joints(root, columns: columns, width: state.names.count)
        if let episode, !all.indices.contains(episode) {
            throw PipelineError.usage("--episode \(episode): the data set has \(all.count) episodes", accepted: "0 to \(all.count - 1)")
        }
        episodes = all.enumerated().map { Episode(index: $0, unit: "", path: CommandedPath(rate: Double(rate), joints: $1)) }
        try findRecorded(root.deletingLastPathComponent().appendingPathComponent("work"))
        if let episode { episodes = [episodes[episode]] }
    }

    /// The joints of each episode, in the order of the files.
    private static func joints(_ root: URL, columns: [Int], width: Int) throws -> [[Double]] {
        let folder = root.appendingPathComponent("data")
        let names = (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []).filter {
            $0.hasSuffix(".parquet")
        }
        var out: [[Double]] = []
        for name in names.sorted() {
            let reader = try ParquetReader(path: folder.appendingPathComponent(name).path)
            let values = try reader.doubles("observation.state")
            let index = try reader.integers("episode_index")
            guard values.count == index.count * width else {
                throw PipelineError.failed(
                    stage: "replay", "\(reader.path): observation.state has \(values.count) numbers for \(index.count) rows of \(width)")
            }
            for (row, episode) in index.enumerated() {
                while out.count <= Int(episode) { out.append([]) }
                for column in columns { out[Int(episode)].append(values[row * width + column]) }
            }
        }
        return out
    }

    /// The recorded tool and the base pose, from the artefacts beside the data set.
    private mutating func findRecorded(_ work: URL) throws {
        let sessions = (try? FileManager.default.contentsOfDirectory(atPath: work.path).sorted()) ?? []
        for session in sessions {
            let folder = work.appendingPathComponent(session)
            let exported = folder.appendingPathComponent("export/session")
            let files = episodes.map { exported.appendingPathComponent(ReplayPath.name(episode: $0.index)) }
            guard !files.isEmpty, files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) else { continue }
            var found = episodes
            for (k, file) in files.enumerated() {
                let (unit, poses) = try ReplayPath.read(CSVTable(contentsOf: file), path: file.path)
                found[k].unit = unit
                found[k].path.recorded = poses
            }
            let isWhole = found.allSatisfy { e in
                e.path.recorded.map { $0.count * max(1, e.path.joints.count / max(1, $0.count)) == e.path.joints.count } ?? false
            }
            guard isWhole else { continue }
            episodes = found
            let base = folder.appendingPathComponent("base/session/base.json")
            if FileManager.default.fileExists(atPath: base.path) {
                tableFromBase = try JSONText.decode(SessionBases.self, from: base).single.tableFromBase
            }
            return
        }
        notes.append("the run's artefacts are not beside the data set: the recorded tool path is not known")
    }
}

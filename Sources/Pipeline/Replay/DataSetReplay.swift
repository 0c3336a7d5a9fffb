internal import Dataset
public import Foundation
public import Geometry
public import Robot
internal import Session

/// Episodes of a written data set as commands for one arm or two, with what the run that wrote it knew.
public struct DataSetReplay: Sendable {
    public struct Episode: Sendable {
        public var index: Int
        /// `left`, `right`, or nothing for a lone arm.
        public var hand: String
        /// The recording it is from; empty where the run's artefacts are gone.
        public var unit: String
        public var path: CommandedPath
        /// Where this arm's foot stood; nil where the run's artefacts are gone.
        public var tableFromBase: Transform<Table, Base>?
    }

    /// The arm that the data set is for, by its name; two of it where episodes have hands.
    public var armName: String
    /// Of two arms an episode is there twice, once for each.
    public var episodes: [Episode]
    /// Where the lone arm's foot stood; nil where the run's artefacts are gone, and for two arms.
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
        let hands: [DatasetSide] = state.names.contains("gripper.pos") ? [.only] : [.left, .right]
        let robot = summary.robotType ?? ""
        armName = hands.count == 2 && robot.hasPrefix("bi_") ? String(robot.dropFirst(3)) : robot
        var byHand: [[[Double]]] = []
        for hand in hands {
            let all = state.names.filter { $0.hasPrefix(hand.prefix) && $0.hasSuffix(".pos") && !$0.hasSuffix("gripper.pos") }
            let names = arm?.joints.map { "\(hand.prefix)\($0.name).pos" } ?? all
            let columns = names.compactMap { state.names.firstIndex(of: $0) }
            guard !all.isEmpty else {
                throw PipelineError.usage(
                    "\(root.path): its state holds no joints, but \(state.names.joined(separator: ", "))",
                    accepted: "a data set written with --state joints or --state both")
            }
            guard columns.count == names.count, !columns.isEmpty else {
                throw PipelineError.usage(
                    "\(root.path): its state holds \(state.names.joined(separator: ", "))",
                    accepted: "the joints \(names.joined(separator: ", "))")
            }
            byHand.append(try Self.joints(root, columns: columns, width: state.names.count))
        }
        let count = byHand[0].count
        if let episode, !(0..<count).contains(episode) {
            throw PipelineError.usage("--episode \(episode): the data set has \(count) episodes", accepted: "0 to \(count - 1)")
        }
        episodes = (0..<count).flatMap { index in
            zip(hands, byHand).map { hand, all in
                Episode(
                    index: index, hand: hand == .only ? "" : hand.rawValue, unit: "",
                    path: CommandedPath(rate: Double(rate), joints: all[index]))
            }
        }
        try findRecorded(root.deletingLastPathComponent().appendingPathComponent("work"))
        if hands.count == 1 { tableFromBase = episodes.first?.tableFromBase }
        if let episode { episodes = episodes.filter { $0.index == episode } }
    }

    /// How near both arms come to each other over an episode; nil for a lone arm.
    public func distance(in episode: Int, arm: Arm) throws -> StationReport? {
        let sides = episodes.filter { $0.index == episode }
        guard sides.count == 2, let left = sides[0].tableFromBase, let right = sides[1].tableFromBase else { return nil }
        let station = try Station(
            name: "the data set's arms",
            members: [
                Station.Member(name: "left", arm: arm, tableFromBase: left), Station.Member(name: "right", arm: arm, tableFromBase: right),
            ])
        let paths = sides.map { side in
            JointPath(
                jointNames: arm.joints.map(\.name),
                times: (0..<(side.path.joints.count / max(arm.jointCount, 1))).map { Timestamp(seconds: Double($0) / side.path.rate) },
                positions: side.path.joints)
        }
        return try StationFeasibility(station: station).report(paths)
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

    /// The recorded tool and the base poses, from the artefacts beside the data set.
    private mutating func findRecorded(_ work: URL) throws {
        let sessions = (try? FileManager.default.contentsOfDirectory(atPath: work.path).sorted()) ?? []
        for session in sessions {
            let folder = work.appendingPathComponent(session)
            let exported = folder.appendingPathComponent("\(ExportStage.name)/\(Board.session)")
            let files = episodes.map {
                exported.appendingPathComponent(ReplayPath.name(episode: $0.index, hand: DatasetSide(rawValue: $0.hand) ?? .only))
            }
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
            let base = folder.appendingPathComponent("\(BaseStage.name)/\(Board.session)/base.json")
            if FileManager.default.fileExists(atPath: base.path) {
                let bases = try JSONText.decode(SessionBases.self, from: base)
                for k in found.indices {
                    let own = found[k].hand.isEmpty ? bases.single : found[k].hand == "right" ? bases.right : bases.left
                    found[k].tableFromBase = own.tableFromBase
                }
            }
            episodes = found
            return
        }
        notes.append("the run's artefacts are not beside the data set: the recorded tool path is not known")
    }
}

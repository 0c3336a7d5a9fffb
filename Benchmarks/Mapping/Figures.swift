import BenchmarkSupport
import Mapping

/// The figures of README and docs/results.md, as lines `figure NAME VALUE UNIT` that `Benchmarks/figures.py run` records.
struct Figures {
    struct Row {
        var scenario: String
        var isMap: Bool
        var score: Score
        /// Core-seconds a second of recording.
        var decode: Double
        var cost: Double
        var seconds: Double
        var megabytes: Double
    }

    /// Along measured motion, one recording each and no map before.
    static let rooms = ["room1", "room3"]
    /// Three minutes at once.
    static let long = "long"
    /// 960x720.
    static let large = "large"
    /// The fixture session, on which nothing was tuned.
    static let fixture = "session"

    private var rows: [Row] = []

    mutating func add(_ row: Row) { rows.append(row) }

    func say() {
        let sessions = rows.filter { !Self.rooms.contains($0.scenario) && $0.scenario != Self.long && $0.scenario != Self.fixture }
        let demos = sessions.filter { !$0.isMap }
        if !demos.isEmpty {
            figure("mapping.sessions", "\(Set(sessions.map(\.scenario)).count)", "")
            let errors = demos.map { 1e3 * $0.score.evaluation.positionRMSE }.sorted()
            figure("mapping.position_rmse", spread(errors, 2), "mm")
            figure("mapping.position_rmse_median", number(errors[errors.count / 2], 2), "mm")
            figure("mapping.rotation_rmse", spread(demos.map(\.score.evaluation.rotationRMSEDegrees), 3), "°")
            figure("mapping.worst_frame", number(1e3 * (demos.map(\.score.evaluation.positionMaximum).max() ?? 0), 1), "mm")
            figure("mapping.scale", number(demos.map { 100 * abs(1 / $0.score.evaluation.scale - 1) }.max() ?? 0, 2), "%")
            figure("mapping.frames", number(100 * (demos.map(\.score.evaluation.completeness).min() ?? 0), 0), "%")
            figure("mapping.normalised_error", spread(demos.map(\.score.squares.position), 1), "")
        }
        coverage("mapping", sessions)
        coverage("fixture", rows.filter { $0.scenario == Self.fixture })
        for row in rows where Self.rooms.contains(row.scenario) {
            figure("mapping.\(row.scenario)_position", number(1e3 * row.score.evaluation.positionRMSE, 1), "mm")
            figure("mapping.\(row.scenario)_rotation", number(row.score.evaluation.rotationRMSEDegrees, 2), "°")
        }
        let rooms = rows.filter { Self.rooms.contains($0.scenario) }.map(\.score.squares.position)
        if !rooms.isEmpty { figure("mapping.normalised_error_room", spread(rooms, 0), "") }
        let large = rows.filter { $0.scenario == Self.large }
        if let map = large.first(where: \.isMap), let demo = large.first(where: { !$0.isMap }), map.decode > 0 {
            figure("mapping.cost_decoding", spread([map.decode, demo.decode], 2), "")
            figure("mapping.cost_demo", number(demo.decode + demo.cost, 2), "")
            figure("mapping.cost_map", number(map.decode + map.cost, 2), "")
            let all = large.reduce(0) { $0 + ($1.decode + $1.cost) * $1.seconds }
            figure("mapping.cost_both", number(all / large.reduce(0) { $0 + $1.seconds }, 2), "")
        }
        if let long = rows.first(where: { $0.scenario == Self.long }) {
            figure("mapping.cost_long", number(long.decode + long.cost, 2), "core-seconds a second")
            figure("mapping.memory_long", number(long.megabytes, 0), "MB")
        }
    }

    private func coverage(_ name: String, _ rows: [Row]) {
        let frames = rows.reduce(0) { $0 + $1.score.frames }
        guard frames > 0 else { return }
        let inside = (0..<8).map { k in number(100 * Double(rows.reduce(0) { $0 + $1.score.inside[k] }) / Double(frames), 0) }
        figure("\(name).coverage_position", inside[0..<4].joined(separator: ", "), "%")
        figure("\(name).coverage_rotation", inside[4..<8].joined(separator: ", "), "%")
    }
}

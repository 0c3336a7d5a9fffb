import BenchmarkSupport
import Human

/// The figures of README and docs/results.md, as lines `figure NAME VALUE UNIT` that `Benchmarks/figures.py run` records.
enum Figures {
    /// Shows a sleeve of 0.1 % of the picture at the rim behind a second gripper: named apart.
    static let sleeve = "second_gripper"
    /// With a second gripper in view.
    static let grippers = ["second_gripper", "two_hands"]
    /// 960x720.
    static let large = "large"
    /// Where the arm comes and goes.
    static let visit = "visit"
    /// Small patches at the lens's rim and as the hand leaves, where the whole picture tells a forest most.
    static let rim = "rim"
    static let hands = "two_hands"

    static func say(_ rows: [Row], fills: Bool, overlay: Bool, labels: Int, usesScene: Bool) {
        let humans = rows.filter(\.masks.hasHuman)
        guard !humans.isEmpty else { return }
        if overlay { return cost(rows) }
        if fills {
            masks(rows, humans)
            return fill(humans)
        }
        figure("scribble.\(usesScene ? "map" : "no_map")_\(labels == 0 ? "unlabelled" : "labelled")", scores(humans), "")
    }

    private static func scores(_ rows: [Row]) -> String { rows.map { number($0.masks.overlap, 3) }.joined(separator: ", ") }

    private static func masks(_ rows: [Row], _ humans: [Row]) {
        let plain = humans.filter { $0.name != sleeve }
        figure("human.sessions", "\(humans.count)", "")
        figure("human.iou_median", number(median(humans.map(\.masks.overlap)), 2), "")
        figure("human.iou", spread(plain.map(\.masks.overlap), 2), "")
        figure("human.left_median", number(100 * median(humans.map(\.masks.leftShare)), 2), "%")
        figure("human.left_worst", number(100 * (plain.map(\.masks.leftShare).max() ?? 0), 1), "%")
        if let row = humans.first(where: { $0.name == sleeve }) {
            figure("human.iou_sleeve", number(row.masks.overlap, 2), "")
            figure("human.left_sleeve", number(100 * row.masks.leftShare, 0), "%")
        }
        let device = humans.map { $0.masks.takenShare(1) }.filter(\.isFinite).max() ?? 0
        let held = humans.map { $0.masks.takenShare(3) }.filter(\.isFinite).max() ?? 0
        figure("human.device_taken", number(100 * max(device, held), 2), "%")
        let other = humans.filter { grippers.contains($0.name) }.map { $0.masks.takenShare(2) }
        figure("human.gripper_taken", other.map { number(100 * $0, 1) }.joined(separator: " and "), "%")
        figure("human.calibration", spread(humans.map { 100 * $0.masks.calibrationError }, 0), "%")
        let empty = rows.filter { !$0.masks.hasHuman }
        if !empty.isEmpty { figure("human.clean_changed", "\(empty.map(\.masks.changed).reduce(0, +))", "pixels") }
        if let row = humans.first(where: { $0.name == visit }) {
            figure("human.touched", "\(row.masks.touchedFrames) of \(row.masks.freeFrames)", "")
        }
    }

    private static func fill(_ humans: [Row]) {
        let plain = humans.filter { !grippers.contains($0.name) }
        let other = humans.filter { grippers.contains($0.name) }
        let above = humans.map { $0.fill.own(.observed) - $0.fill.telea(.observed) }
        figure("fill.observed", spread(humans.map { $0.fill.own(.observed) }, 1), "dB")
        figure("fill.above_telea", spread(above, 0), "dB")
        figure("fill.worst_below_telea", number(max(0, -(humans.flatMap(\.fill.gains).min() ?? 0)), 1), "dB")
        figure("fill.propagated", spread(humans.map { $0.fill.own(.propagated) }.filter(\.isFinite), 0), "dB")
        figure("fill.invented", spread(humans.map { $0.fill.own(.invented) }.filter(\.isFinite), 0), "dB")
        figure("fill.warping", spread(plain.map(\.fill.warpRatio), 2), "")
        figure("fill.warping_gripper", other.map { number($0.fill.warpRatio, 2) }.joined(separator: " and "), "")
        func others(_ row: Row) -> [Row] { humans.filter { $0.name != row.name } }
        figure("fill.auc_session", spread(plain.map { $0.pairedLeakScore.area() }, 2), "")
        figure("fill.auc_gripper", number(other.map { $0.pairedLeakScore.area() }.max() ?? 0, 2), "")
        let foreign = humans.map { row in row.pairedLeakScore.area(learnedOn: others(row).map(\.pairedLeakScore)) }
        figure("fill.auc_others", spread(foreign, 2), "")
        func find(_ row: Row) -> (filled: Double, clean: Double) {
            (
                row.leakScore.area(learnedOn: others(row).map(\.leakScore)),
                row.cleanLeakScore.area(learnedOn: others(row).map(\.cleanLeakScore))
            )
        }
        let apart = [rim, hands]
        let common = humans.filter { !apart.contains($0.name) }.map(find)
        figure("fill.find", spread(common.map(\.filled), 2), "")
        figure("fill.find_clean", spread(common.map(\.clean), 2), "")
        for (name, scenario) in [("rim", rim), ("hands", hands)] {
            guard let found = humans.first(where: { $0.name == scenario }).map(find) else { continue }
            figure("fill.find_\(name)", number(found.filled, 2), "")
            figure("fill.find_\(name)_clean", number(found.clean, 2), "")
        }
        figure("fill.find_own", spread(humans.map(\.leak), 2), "")
        figure("fill.find_own_clean", spread(humans.map(\.cleanLeak), 2), "")
    }

    /// Milliseconds a frame, decoding left out: all but the background model, which is made once a session.
    private static func cost(_ rows: [Row]) {
        func total(_ row: Row) -> Double { row.cost[1...5].reduce(0, +) }
        let small = rows.filter { $0.name != large }
        figure("human.cost_480", spread(small.filter(\.masks.hasHuman).map(total), 0), "ms")
        if let row = small.first(where: { !$0.masks.hasHuman }) { figure("human.cost_480_none", number(total(row), 0), "ms") }
        if let row = rows.first(where: { $0.name == large }) {
            figure("human.cost_960", number(total(row), 0), "ms")
            figure("human.cost_960_overlay", number(total(row) + row.cost[6], 0), "ms")
        }
    }
}

internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// How alike the joints of different episodes are where their tools are: what a policy that learns joints from a data set is up against.
///
/// Episodes: the fixture's true tool paths, the real UMI episode where it is here, and made-up demonstrations whose starts lie anywhere in a box.
enum PostureBench {
    private static let near = (position: 0.05, rotation: 10 * Double.pi / 180)
    private static let simulated = 50

    struct Row {
        var episode: Int
        var pose: Transform<Table, Tool>
        var joints: [Double]
        /// Of the joint that is nearest to an end of its range, rad.
        var room: Double
    }

    /// - Parameters:
    ///   - seed: of the first made-up demonstration: other ones than those on which something was tuned.
    ///   - selfMotion: `SolveOptions.strainSelfMotion`; nil: the default.
    static func run(_ arms: [URL], postures: [String], seed: UInt64, selfMotion: Double?) throws {
        let paths = try episodes(seed: seed)
        print(
            "\(paths.count) episodes (fixture, recorded, \(simulated) made up); pairs of feasible rows of different episodes within 5 cm and 10 degrees"
        )
        print(
            "arm      posture   feasible rows    jumps   largest joint difference, rad: median  99 %   starts   margin rad: median   perceptron RMS rad   other families   solve s"
        )
        for url in arms {
            let arm = try Arm(contentsOf: url)
            for posture in postures { try run(arm, paths, posture, selfMotion) }
        }
    }

    private static func run(_ arm: Arm, _ paths: [(name: String, tool: Trajectory<Table, Tool>)], _ posture: String, _ selfMotion: Double?)
        throws
    {
        let base = arm.tableFromBase ?? Transform(rotation: .identity, translation: Vector3(-0.5, 0, 0))
        var options = SolveOptions()
        options.posture = posture
        if let selfMotion { options.strainSelfMotion = selfMotion }
        let solver = PathSolver(arm: arm, options: options)
        let feasibility = Feasibility(arm: arm)
        var (rows, all, jumps, others, seconds): ([Row], Int, Int, Int, Double) = ([], 0, 0, 0, 0)
        var starts: [[Double]] = []
        for (k, path) in paths.enumerated() {
            var joints: JointPath?
            seconds += try Processor.seconds { joints = try solver.solve(path.tool, tableFromBase: base) }
            guard let joints else { continue }
            let verdict = try feasibility.verdict(joints, tableFromBase: base, tool: path.tool)
            all += joints.count
            jumps += joints.jumps.count
            if joints.trials.contains(where: { $0.isTaken && $0.family != 0 }) {
                print("  \(path.name): \(PostureTrial.sentence(joints.trials, frames: joints.count))")
            }
            others += joints.family.allSatisfy { $0 == 0 } ? 0 : 1
            for frame in 0..<joints.count where verdict.kept.reasons[frame] == nil {
                let q = Array(joints[frame])
                let room = zip(q, arm.joints).map { min($0 - $1.lower, $1.upper - $0) }.min() ?? 0
                rows.append(Row(episode: k, pose: path.tool.poses[frame], joints: q, room: room))
            }
            if path.name.hasPrefix("fixture") { starts.append(Array(joints[0])) }
        }
        let apart = differences(rows.enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
        let start = (0..<arm.jointCount).map { i in
            let values = starts.map { $0[i] }
            return (values.max() ?? 0) - (values.min() ?? 0)
        }.max()
        let rms = predicted(rows.enumerated().filter { $0.offset % 6 == 0 }.map(\.element), episodes: paths.count)
        print(
            "\(arm.name)  \(posture)  \(rows.count) of \(all)  \(jumps)  \(percentile(apart, 0.5).rounded(3))  \(percentile(apart, 0.99).rounded(3))  "
                + "\((start ?? 0).rounded(3))  \(percentile(rows.map(\.room), 0.5).rounded(3))  \(rms.rounded(3))  \(others)  \(seconds.rounded(1))   (\(apart.count) pairs)"
        )
    }

    private static func percentile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[Int(share * Double(sorted.count - 1))]
    }

    /// The largest joint difference of every pair of near rows of different episodes, rad.
    private static func differences(_ rows: [Row]) -> [Double] {
        struct Cell: Hashable { var x, y, z: Int }
        func cell(_ p: Vector3) -> Cell {
            Cell(
                x: Int((p.x / near.position).rounded(.down)), y: Int((p.y / near.position).rounded(.down)),
                z: Int((p.z / near.position).rounded(.down)))
        }
        let cells = Dictionary(grouping: rows.indices) { cell(rows[$0].pose.translation) }
        var out: [Double] = []
        for a in rows.indices {
            let at = cell(rows[a].pose.translation)
            for k in 0..<27 {
                let beside = Cell(x: at.x + k % 3 - 1, y: at.y + k / 3 % 3 - 1, z: at.z + k / 9 - 1)
                for b in cells[beside] ?? [] where b > a && rows[a].episode != rows[b].episode {
                    guard (rows[a].pose.translation - rows[b].pose.translation).length <= near.position,
                        rows[a].pose.rotation.angle(to: rows[b].pose.rotation) <= near.rotation
                    else { continue }
                    out.append(zip(rows[a].joints, rows[b].joints).map { abs($0 - $1) }.max() ?? 0)
                }
            }
        }
        return out
    }

    /// RMS over rows and joints of what a perceptron that has seen the first 80 % of the episodes says of the others' joints, rad.
    private static func predicted(_ rows: [Row], episodes: Int) -> Double {
        let inputs = rows.map { row -> [Double] in
            let (p, x, y) = (row.pose.translation, row.pose.rotation * Vector3(1, 0, 0), row.pose.rotation * Vector3(0, 1, 0))
            return [5 * p.x, 5 * p.y, 5 * p.z, x.x, x.y, x.z, y.x, y.y, y.z]
        }
        let seen = rows.indices.filter { 5 * rows[$0].episode < 4 * episodes }
        let unseen = rows.indices.filter { 5 * rows[$0].episode >= 4 * episodes }
        guard let n = rows.first?.joints.count, !unseen.isEmpty else { return .nan }
        let mean = (0..<n).map { i in seen.reduce(0.0) { $0 + rows[$1].joints[i] } / Double(seen.count) }
        var network = SmallNetwork(inputs: 9, hidden: 48, outputs: n, seed: 4)
        network.train(
            seen.map { inputs[$0] }, seen.map { k in (0..<n).map { rows[k].joints[$0] - mean[$0] } }, rounds: 60, seed: 9)
        var sum = 0.0
        for k in unseen {
            let got = network.output(inputs[k])
            for i in 0..<n {
                let e = got[i] + mean[i] - rows[k].joints[i]
                sum += e * e
            }
        }
        return (sum / Double(unseen.count * n)).squareRoot()
    }

    private static func episodes(seed: UInt64) throws -> [(name: String, tool: Trajectory<Table, Tool>)] {
        var out: [(String, Trajectory<Table, Tool>)] = []
        for demo in ["demo_pick_place", "demo_pick_place_2", "demo_too_fast", "demo_out_of_reach"] {
            let url = URL(fileURLWithPath: "Fixtures/session/truth/\(demo)/tool.tum")
            guard FileManager.default.fileExists(atPath: url.path) else { continue }
            out.append(("fixture/\(demo)", try fixture(url)))
        }
        let shared = ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"] ?? "../shared"
        let recorded = URL(fileURLWithPath: shared).appendingPathComponent("recordings/umi-cup-episode/state.csv")
        if FileManager.default.fileExists(atPath: recorded.path) {
            out.append(("umi-cup", try umi(recorded)))
        } else {
            print("umi-cup-episode: not here, left out")
        }
        for k in 0..<simulated { out.append(("simulated \(k)", SimulatedDemo(seed: seed + UInt64(k), seconds: 10, rate: 30).path())) }
        return out
    }

    /// Lines of `time x y z qx qy qz qw`.
    private static func fixture(_ url: URL) throws -> Trajectory<Table, Tool> {
        var path = Trajectory<Table, Tool>()
        for line in try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let v = line.split(separator: " ").compactMap { Double($0) }
            guard v.count == 8 else { continue }
            path.append(
                Timestamp(seconds: v[0]),
                Transform(rotation: Rotation(xyzw: Vector4(v[4], v[5], v[6], v[7])), translation: Vector3(v[1], v[2], v[3])))
        }
        return path
    }

    /// Rows of `frame,x,y,z,rx,ry,rz,width` at 59.94 Hz.
    private static func umi(_ url: URL) throws -> Trajectory<Table, Tool> {
        var path = Trajectory<Table, Tool>()
        for line in try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst() {
            let v = line.split(separator: ",").compactMap { Double($0) }
            guard v.count >= 7 else { continue }
            path.append(
                Timestamp(seconds: v[0] / 59.94),
                Transform(rotation: Rotation(vector: Vector3(v[4], v[5], v[6])), translation: Vector3(v[1], v[2], v[3])))
        }
        return path
    }
}

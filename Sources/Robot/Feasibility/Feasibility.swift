public import Geometry
public import Session

/// Checks a joint path against everything that is known of an arm.
///
/// The path is split where it is out of reach or jumps; each piece is smoothed into one function of time (`JointSpline`, `PathSmoother`), so that
/// pose noise does not read as acceleration, and it is this function that is checked, written and played back: its derivatives against the limits,
/// its torques by inverse dynamics with tool and payload, its postures against collisions, its tool against the recorded one. Every check gives a
/// margin for each frame, the least over the time that is nearest to the frame.
/// What an arm does while it stretches towards a point it cannot reach is put down to the reach: see `FeasibilityOptions.reachShadow`.
public struct Feasibility {
    public let arm: Arm
    public let options: FeasibilityOptions
    let kinematics: Kinematics

    public init(arm: Arm, options: FeasibilityOptions = FeasibilityOptions()) {
        self.arm = arm
        self.options = options
        kinematics = Kinematics(arm)
    }

    /// A joint path with the smooth motions made of it.
    struct Prepared {
        var path: JointPath
        var reached: [Bool]
        var motions: [Motion]
        /// The recorded tool above the base, by frame; nil where the joints' own is meant.
        var recorded: [Transform<Base, Tool>]?
        var pieces: [SmoothedPiece]
        /// Where joints were kept inside their range.
        var grazes: [JointGraze] = []
    }

    /// The verdict on the motion at the speed at which it was recorded. Throws `RobotError.input` when the path is not of this arm or its times do
    /// not increase.
    /// - Parameter tool: the recorded tool path, frame by frame; the smooth motion must keep to it. Nil: to the path's own joints.
    public func report(
        _ path: JointPath, tableFromBase: Transform<Table, Base>, tool: Trajectory<Table, Tool>? = nil
    ) throws(RobotError) -> FeasibilityReport {
        let prepared = try prepare(path, tableFromBase: tableFromBase, tool: tool)
        return assess(prepared, prepared.motions)
    }

    func prepare(
        _ path: JointPath, tableFromBase: Transform<Table, Base>, tool: Trajectory<Table, Tool>?, keepsLimits: Bool = false
    ) throws(RobotError) -> Prepared {
        guard path.jointNames == arm.joints.map(\.name) else {
            throw .input(what: "joint path", reason: "is of joints \(path.jointNames), the arm has \(arm.joints.map(\.name))")
        }
        for i in 1..<max(1, path.count) where path.times[i] <= path.times[i - 1] {
            throw .input(what: "frame \(i) of the joint path", reason: "is not later than the frame before")
        }
        if let bad = path.positions.firstIndex(where: { !$0.isFinite }) {
            throw .input(what: "frame \(bad / max(1, path.jointCount)) of the joint path", reason: "is not finite")
        }
        if let tool, tool.count != path.count {
            throw .input(what: "recorded tool path", reason: "has \(tool.count) frames, the joint path \(path.count)")
        }
        kinematics.setTable(tableFromBase)
        let reached = (0..<path.count).map { i in
            path.reached[i] && path.positionResidual[i] <= options.reachPosition && path.rotationResidual[i] <= options.reachRotation
        }
        let baseFromTable = tableFromBase.inverse
        // An arm with fewer than six joints is not asked for the whole pose: its own is what it keeps to.
        let recorded = arm.jointCount < 6 ? nil : tool.map { $0.poses.map { baseFromTable * $0 } }
        var prepared = Prepared(path: path, reached: reached, motions: [], recorded: recorded, pieces: [])
        let smoother = PathSmoother(kinematics: kinematics, options: options.smoothing)
        let keeper =
            keepsLimits
            ? LimitKeeper(
                arm, margin: options.positionMargin + options.grazeMargin, furthest: options.graze,
                position: 0.7 * options.smoothing.position,
                rotation: 0.7 * options.smoothing.rotation) : nil
        let n = path.jointCount
        for piece in Self.pieces(reached, jumps: path.jumps) {
            var samples = Array(path.positions[piece.lowerBound * n..<piece.upperBound * n])
            let target = recorded.map { Array($0[piece]) } ?? piece.map { kinematics.forward(Array(path[$0])) }
            for var graze in keeper?.keep(&samples, poses: target) ?? [] {
                graze.firstFrame += piece.lowerBound
                graze.endFrame += piece.lowerBound
                prepared.grazes.append(graze)
            }
            let smoothed = smoother.smooth(samples, times: piece.map { path.times[$0] - path.times[piece.lowerBound] }, target: target)
            prepared.pieces.append(smoothed)
            prepared.motions.append(Motion(smoothed.spline, frames: piece, path: path))
        }
        return prepared
    }

    /// Checks motions that go through frames of a path; frames outside all of them have only their reach.
    func assess(_ prepared: Prepared, _ motions: [Motion]) -> FeasibilityReport {
        let path = prepared.path
        var findings = FeasibilityFindings(arm: arm, options: options, path: path)
        reach(path, prepared.reached, &findings)
        for motion in motions {
            for frame in motion.firstFrame..<motion.endFrame {
                for time in instants(motion, frame, path) {
                    let q = motion.joints(at: time)
                    posture(q, frame, &findings)
                    if motion.endFrame - motion.firstFrame > 2 { speed(motion, time, q, frame, &findings) }
                }
            }
            follow(prepared, motion, &findings)
        }
        findings.shadowReach()
        let cutoffs = prepared.pieces.map(\.cutoff)
        let smoothing = "cutoff \(shortest(cutoffs.min() ?? options.smoothing.highest)) Hz"
        var report = findings.report(noise: prepared.pieces.map(\.noise).max() ?? 0, smoothing: smoothing)
        report.grazes = prepared.grazes
        return report
    }

    /// Times of a motion at which a frame is checked: its own, and evenly between the middles to its neighbours where these are far apart.
    func instants(_ motion: Motion, _ frame: Int, _ path: JointPath) -> [Double] {
        func time(_ i: Int) -> Double { motion.time(of: path.times[min(max(i, motion.firstFrame), motion.endFrame - 1)]) }
        let own = time(frame)
        let low = 0.5 * (own + time(frame - 1))
        let high = 0.5 * (own + time(frame + 1))
        let count = Int(clamped: ((high - low) / max(options.step, 1e-4) - 1e-6).rounded(.up), to: 0...1_000_000)
        guard count > 1 else { return [own] }
        return [own] + (0..<count).map { low + (Double($0) + 0.5) / Double(count) * (high - low) }
    }

    /// Runs of frames that are one motion.
    static func pieces(_ reached: [Bool], jumps: [Int]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var start: Int?
        for i in 0...reached.count {
            let ends = i == reached.count || !reached[i] || jumps.contains(i)
            if ends, let s = start {
                out.append(s..<i)
                start = nil
            }
            if i < reached.count, reached[i], start == nil { start = i }
        }
        return out
    }

    private func reach(_ path: JointPath, _ reached: [Bool], _ findings: inout FeasibilityFindings) {
        for i in 0..<path.count {
            let position = path.positionResidual[i] / options.reachPosition
            let rotation = path.rotationResidual[i] / options.reachRotation
            let worse = max(position, rotation)
            let isPosition = position >= rotation
            findings.add(
                .outOfReach, frame: i, margin: reached[i] ? max(0, 1 - worse) : min(-1e-9, 1 - worse), element: nil,
                value: isPosition ? path.positionResidual[i] * 1000 : path.rotationResidual[i] * 180 / .pi,
                limit: isPosition ? options.reachPosition * 1000 : options.reachRotation * 180 / .pi, unit: isPosition ? "mm" : "deg",
                source: "inverse kinematics residual", assumed: false)
        }
        for i in path.jumps where path.count > 1 && i > 0 && i < path.count {
            let step = (0..<path.jointCount).max {
                abs(path[i][path[i].startIndex + $0] - path[i - 1][path[i - 1].startIndex + $0])
                    < abs(path[i][path[i].startIndex + $1] - path[i - 1][path[i - 1].startIndex + $1])
            }
            guard let j = step else { continue }
            let move = abs(path.positions[i * path.jointCount + j] - path.positions[(i - 1) * path.jointCount + j])
            findings.add(
                .pathJump, frame: i, margin: -1, element: arm.joints[j].name, value: move, limit: 0,
                unit: LimitKind.position.unit(arm.joints[j].kind), source: "no continuous posture", assumed: false)
        }
    }
}

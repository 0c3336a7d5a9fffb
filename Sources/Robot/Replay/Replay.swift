internal import CMuJoCo
public import Geometry
internal import Session

/// An episode's joints as an arm's controller would get them.
public struct CommandedPath: Sendable, Equatable {
    /// Frames a second.
    public var rate: Double
    /// Row-major, frames × joints, rad or m.
    public var joints: [Double]
    /// The recorded tool above the base for each frame; nil where it is not known.
    public var recorded: [Transform<Base, Tool>]?

    public init(rate: Double, joints: [Double], recorded: [Transform<Base, Tool>]? = nil) {
        self.rate = rate
        self.joints = joints
        self.recorded = recorded
    }
}

/// Drives MuJoCo's simulation of an arm with an episode's joints under a torque-limited controller.
///
/// The commanded joints are joined by a spline of degree 5. Each step the controller asks for the torque that, by its own model, gives
/// q̈_d + 2ω(q̇_d − q̇) + ω²(q_d − q) (computed torque, Luh, Walker and Paul 1980), cut to the motors' limits; the simulated arm is heavier than the
/// controller believes. Contacts do not push in the simulation: they are looked for as in the verdict, and each is a failure. Deterministic.
public struct Replay {
    public let arm: Arm
    public let options: ReplayOptions
    let feasibility: FeasibilityOptions

    public init(arm: Arm, options: ReplayOptions = ReplayOptions(), feasibility: FeasibilityOptions = FeasibilityOptions()) {
        self.arm = arm
        self.options = options
        self.feasibility = feasibility
    }

    /// Throws `RobotError.input` when the joints are not the arm's or not finite.
    public func run(_ path: CommandedPath, tableFromBase: Transform<Table, Base>) throws(RobotError) -> ReplayReport {
        let n = arm.jointCount
        guard !path.joints.isEmpty, path.joints.count % n == 0, path.rate > 0 else {
            throw .input(what: "commanded joints", reason: "\(path.joints.count) numbers at \(path.rate) Hz are no path of \(n) joints")
        }
        if let bad = path.joints.firstIndex(where: { !$0.isFinite }) {
            throw .input(what: "frame \(bad / n) of the commanded joints", reason: "is not finite")
        }
        let frames = path.joints.count / n
        guard path.recorded.map({ $0.count == frames }) ?? true else {
            throw .input(what: "recorded tool path", reason: "has \(path.recorded?.count ?? 0) frames, the commanded joints \(frames)")
        }
        let times = (0..<frames).map { Double($0) / path.rate }
        let command = JointSpline(path.joints, columns: n, times: times, cutoff: path.rate, knot: 1 / path.rate)
        var run = ReplayRun(self, command, path, tableFromBase)
        run.go()
        return run.report()
    }
}

/// The state of one replay.
struct ReplayRun {
    private let replay: Replay
    private let command: JointSpline
    private let path: CommandedPath
    private let plant: Kinematics
    private let control: Kinematics
    private let frames: Int
    private let seconds: Double
    private var errors = (position: 0.0, rotation: 0.0, sum: 0.0, steps: 0)
    private var recorded = (position: 0.0, rotation: 0.0)
    private var bad: [Bool]
    private var saturated = 0
    private var extremes: [ReplayExtreme] = []
    private var contacts: [ReplayContact] = []
    private var before: [Double]?

    init(_ replay: Replay, _ command: JointSpline, _ path: CommandedPath, _ tableFromBase: Transform<Table, Base>) {
        self.replay = replay
        self.command = command
        self.path = path
        plant = Kinematics(replay.arm)
        control = Kinematics(replay.arm)
        plant.setTable(tableFromBase)
        control.setTable(tableFromBase)
        frames = path.joints.count / replay.arm.jointCount
        seconds = Double(frames - 1) / path.rate
        bad = Array(repeating: false, count: frames)
        let model = plant.handle.model
        model.pointee.opt.timestep = replay.options.step
        model.pointee.opt.integrator = Int32(mjINT_IMPLICITFAST.rawValue)
        // Friction, damping and rotors are simulators' guesses; contacts and stops are looked for, not felt.
        model.pointee.opt.disableflags |= Int32(mjDSBL_CONSTRAINT.rawValue)
        for i in 0..<Int(model.pointee.nv) {
            model.pointee.dof_damping[i] = 0
            model.pointee.dof_armature[i] = 0
        }
        let heavier = 1 + replay.options.massError
        for body in 0..<plant.handle.bodyCount {
            model.pointee.body_mass[body] *= heavier
            for k in 0..<3 { model.pointee.body_inertia[3 * body + k] *= heavier }
        }
    }

    private func frame(_ time: Double) -> Int { Int(clamped: time * path.rate, to: 0...max(0, frames - 1)) }

    mutating func go() {
        let n = replay.arm.jointCount
        let (model, data) = (plant.handle.model, plant.data)
        let omega = 2 * Double.pi * replay.options.stiffness
        let steps = Int(clamped: (seconds / replay.options.step).rounded(.down), to: 0...Int(Int32.max))
        let (q0, v0) = (command(0), command(0, derivative: 1))
        let rest = replay.arm.restPosition
        for i in 0..<Int(model.pointee.nv) { data.pointee.qvel[i] = 0 }
        for j in 0..<n {
            data.pointee.qpos[plant.coordinate[j]] = q0[j]
            data.pointee.qvel[plant.degree[j]] = v0[j]
        }
        for step in 0...steps {
            let time = Double(step) * replay.options.step
            let q = (0..<n).map { data.pointee.qpos[plant.coordinate[$0]] }
            let v = (0..<n).map { data.pointee.qvel[plant.degree[$0]] }
            observe(time, q, step)
            let (wanted, speed, acceleration) = (command(time), command(time, derivative: 1), command(time, derivative: 2))
            let pull = (0..<n).map { acceleration[$0] + 2 * omega * (speed[$0] - v[$0]) + omega * omega * (wanted[$0] - q[$0]) }
            var torque = control.inverseDynamics(q, velocity: v, acceleration: pull)
            limit(&torque, time)
            for j in 0..<n { data.pointee.qfrc_applied[plant.degree[j]] = torque[j] }
            mj_step(model, data)
            let reached = (0..<n).map { data.pointee.qacc[plant.degree[$0]] }
            measure(.velocity, v, time, at: q)
            measure(.acceleration, reached, time)
            measure(.jerk, command(time, derivative: 3), time)
            if let before { measure(.torqueRate, (0..<n).map { (torque[$0] - before[$0]) / replay.options.step }, time) }
            before = torque
            // Fingers stay where they are held.
            for i in 0..<Int(model.pointee.nq) where !plant.coordinate.contains(i) { data.pointee.qpos[i] = rest[i] }
            for i in 0..<Int(model.pointee.nv) where !plant.degree.contains(i) { data.pointee.qvel[i] = 0 }
        }
    }

    private mutating func limit(_ torque: inout [Double], _ time: Double) {
        measure(.torque, torque, time)
        var cut = false
        for (j, joint) in replay.arm.joints.enumerated() {
            guard let most = joint.torque, abs(torque[j]) > most else { continue }
            torque[j] = torque[j] < 0 ? -most : most
            cut = true
        }
        if cut { saturated += 1 }
    }

    private mutating func measure(_ kind: LimitKind, _ values: [Double], _ time: Double, at q: [Double]? = nil) {
        for (j, joint) in replay.arm.joints.enumerated() {
            guard let limit = q.map({ joint.velocityLimit(at: $0[j], moving: values[j]) }) ?? joint[kind] else { continue }
            note(kind, j, share: abs(values[j]) / max(limit, 1e-9), value: values[j], limit: limit, time)
        }
    }

    private mutating func note(_ kind: LimitKind, _ j: Int, share: Double, value: Double, limit: Double, _ time: Double) {
        if share > 1, replay.counts(kind) { bad[frame(time)] = true }
        if let i = extremes.firstIndex(where: { $0.kind == kind }) {
            guard share > extremes[i].share else { return }
            extremes.remove(at: i)
        }
        let joint = replay.arm.joints[j]
        extremes.append(
            ReplayExtreme(
                kind: kind, joint: joint.name, share: share, value: value, limit: limit, unit: kind.unit(joint.kind), seconds: time))
    }

    /// Tool, joint range and contacts of the arm as it stands.
    private mutating func observe(_ time: Double, _ q: [Double], _ step: Int) {
        let at = frame(time)
        for (j, joint) in replay.arm.joints.enumerated() {
            let half = 0.5 * joint.range
            guard half > 0 else { continue }
            let limit = q[j] < joint.middle ? joint.lower : joint.upper
            note(.position, j, share: abs(q[j] - joint.middle) / half, value: q[j], limit: limit, time)
        }
        let wanted = control.forward(command(time))
        let tool = control.forward(q)
        let position = (tool.translation - wanted.translation).length
        let rotation = tool.rotation.angle(to: wanted.rotation)
        errors = (max(errors.position, position), max(errors.rotation, rotation), errors.sum + position, errors.steps + 1)
        if position > replay.options.position || rotation > replay.options.rotation { bad[at] = true }
        if let poses = path.recorded, abs(time * path.rate - Double(at)) < 0.5 * replay.options.step * path.rate {
            let p = (tool.translation - poses[at].translation).length
            let r = tool.rotation.angle(to: poses[at].rotation)
            recorded = (max(recorded.position, p), max(recorded.rotation, r))
            if p > replay.options.position || r > replay.options.rotation { bad[at] = true }
        }
        guard step % max(1, replay.options.contactSteps) == 0 else { return }
        let own = control.selfClearance(q, reach: 0.01)
        if own.distance < replay.feasibility.selfClearance { touch(.selfCollision, own, time) }
        let table = control.tableClearance(reach: 0.01)
        let obstacle = control.obstacleClearance(reach: 0.01)
        if obstacle.distance < replay.feasibility.obstacleClearance { touch(.obstacleCollision, obstacle, time) }
        if table.distance < replay.feasibility.tableClearance { touch(.tableCollision, table, time) }
    }

    private mutating func touch(_ check: FeasibilityCheck, _ clearance: Clearance, _ time: Double) {
        bad[frame(time)] = true
        if let i = contacts.firstIndex(where: { $0.check == check && $0.element == clearance.element }) {
            contacts[i].clearance = min(contacts[i].clearance, clearance.distance)
        } else {
            contacts.append(ReplayContact(check: check, element: clearance.element, seconds: time, clearance: clearance.distance))
        }
    }

    func report() -> ReplayReport {
        let options = replay.options
        var failures: [String] = []
        func far(_ what: String, _ position: Double, _ rotation: Double) {
            guard position > options.position || rotation > options.rotation else { return }
            failures.append(
                "\(shortest(1000 * position)) mm and \(shortest(rotation * 180 / .pi))° from the \(what) tool path, at most "
                    + "\(shortest(1000 * options.position)) mm and \(shortest(options.rotation * 180 / .pi))° pass")
        }
        far("commanded", errors.position, errors.rotation)
        if path.recorded != nil { far("recorded", recorded.position, recorded.rotation) }
        let ordered = extremes.sorted { LimitKind.allCases.firstIndex(of: $0.kind) ?? 0 < LimitKind.allCases.firstIndex(of: $1.kind) ?? 0 }
        for x in ordered where x.share > 1 && replay.counts(x.kind) {
            failures.append(
                "\(x.joint) \(x.kind.rawValue) \(shortest(x.value)) \(x.unit) at \(x.seconds.fixed(3)) s, limit \(shortest(x.limit))")
        }
        for c in contacts {
            failures.append("\(c.check.rawValue) of \(c.element) at \(c.seconds.fixed(3)) s, clearance \(shortest(1000 * c.clearance)) mm")
        }
        return ReplayReport(
            arm: replay.arm.name, frames: frames, seconds: seconds, positionError: errors.position,
            positionErrorMean: errors.sum / Double(max(1, errors.steps)), rotationError: errors.rotation,
            recordedPositionError: path.recorded == nil ? nil : recorded.position,
            recordedRotationError: path.recorded == nil ? nil : recorded.rotation, goodFrames: bad.filter { !$0 }.count,
            saturated: Double(saturated) / Double(max(1, errors.steps)), extremes: ordered, contacts: contacts, failures: failures)
    }
}

extension Replay {
    /// Whether going over a limit of this kind fails.
    func counts(_ kind: LimitKind) -> Bool { feasibility.assumedLimitsFail || !arm.sources.isAssumed(kind) }
}

internal import Geometry
internal import Session

/// The checks of one moment of a motion.
extension Feasibility {
    /// What depends on the posture alone.
    func posture(_ q: [Double], _ frame: Int, _ findings: inout FeasibilityFindings) {
        for (j, joint) in arm.joints.enumerated() {
            let low = q[j] - joint.lower
            let high = joint.upper - q[j]
            let room = min(low, high) - options.positionMargin
            findings.add(
                .jointPosition, frame: frame, margin: min(1, room / max(1e-9, 0.5 * joint.range - options.positionMargin)),
                element: joint.name,
                value: q[j], limit: low < high ? joint.lower + options.positionMargin : joint.upper - options.positionMargin,
                unit: LimitKind.position.unit(joint.kind), source: arm.sources.position, assumed: arm.sources.isAssumed(.position))
        }
        let far = max(options.farClearance, 1e-6)
        let own = kinematics.selfClearance(q, reach: far + options.selfClearance)
        findings.addClearance(.selfCollision, frame: frame, own, least: options.selfClearance, source: "collision shapes of the model")
        let table = kinematics.tableClearance(reach: far + options.tableClearance)
        findings.addClearance(.tableCollision, frame: frame, table, least: options.tableClearance, source: "table plane z = 0")
        if !arm.obstacles.isEmpty {
            let obstacle = kinematics.obstacleClearance(reach: far + options.obstacleClearance)
            findings.addClearance(
                .obstacleCollision, frame: frame, obstacle, least: options.obstacleClearance, source: "obstacles as given")
        }
        let value = kinematics.smallestSingularValue(q, lever: options.lever)
        findings.stretch[frame] = min(findings.stretch[frame] ?? .infinity, value)
        findings.addSingularity(value, frame: frame)
    }

    /// What depends on how fast the posture changes.
    func speed(_ motion: Motion, _ time: Double, _ q: [Double], _ frame: Int, _ findings: inout FeasibilityFindings) {
        let velocity = motion.joints(at: time, derivative: 1)
        let acceleration = motion.joints(at: time, derivative: 2)
        let jerk = motion.joints(at: time, derivative: 3)
        let torque = kinematics.inverseDynamics(q, velocity: velocity, acceleration: acceleration)
        let rate = torqueRate(motion, time)
        for j in arm.joints.indices {
            findings.addLimit(
                .jointVelocity, .velocity, frame: frame, joint: j, value: velocity[j], fraction: options.velocityFraction,
                limit: arm.joints[j].velocityLimit(at: q[j], moving: velocity[j]))
            findings.addLimit(
                .jointAcceleration, .acceleration, frame: frame, joint: j, value: acceleration[j], fraction: options.accelerationFraction)
            findings.addLimit(.jointJerk, .jerk, frame: frame, joint: j, value: jerk[j], fraction: options.jerkFraction)
            findings.addLimit(.jointTorque, .torque, frame: frame, joint: j, value: torque[j], fraction: options.torqueFraction)
            if let rate {
                findings.addLimit(
                    .jointTorqueRate, .torqueRate, frame: frame, joint: j, value: rate[j], fraction: options.torqueRateFraction)
            }
        }
    }

    /// Torque rates by the difference over `options.torqueStep` on either side; nil where no limit is known.
    func torqueRate(_ motion: Motion, _ time: Double) -> [Double]? {
        guard arm.joints.contains(where: { $0.torqueRate != nil }) else { return nil }
        let low = max(0, time - options.torqueStep)
        let high = min(motion.duration, time + options.torqueStep)
        guard high > low else { return nil }
        let torques = [low, high].map {
            kinematics.inverseDynamics(
                motion.joints(at: $0), velocity: motion.joints(at: $0, derivative: 1), acceleration: motion.joints(at: $0, derivative: 2))
        }
        return arm.joints.indices.map { (torques[1][$0] - torques[0][$0]) / (high - low) }
    }

    /// How far the motion's tool is from the recorded one at each frame.
    func follow(_ prepared: Prepared, _ motion: Motion, _ findings: inout FeasibilityFindings) {
        guard let piece = prepared.motions.firstIndex(where: { $0.firstFrame <= motion.firstFrame && $0.endFrame >= motion.endFrame })
        else { return }
        let allowed = (position: prepared.pieces[piece].position, rotation: prepared.pieces[piece].rotation)
        for frame in motion.firstFrame..<motion.endFrame {
            let got = kinematics.forward(motion.joints(at: motion.time(of: prepared.path.times[frame])))
            let want = prepared.recorded?[frame] ?? kinematics.forward(Array(prepared.path[frame]))
            let position = (got.translation - want.translation).length
            let rotation = got.rotation.angle(to: want.rotation)
            findings.addDeviation(position: position, rotation: rotation, allowed: allowed, frame: frame)
        }
    }
}

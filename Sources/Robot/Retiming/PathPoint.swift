/// What an arm's limits say of one point of a path.
extension Retimer {
    /// A posture on a path, and its derivatives along it.
    struct Point {
        var joints: [Double]
        var first: [Double]
        var second: [Double]
    }

    private var accelerated: [Int] { arm.joints.indices.filter { arm.joints[$0].acceleration != nil && counts(.acceleration) } }
    private var driven: [Int] { arm.joints.indices.filter { arm.joints[$0].torque != nil && counts(.torque) } }
    var rowsPerPoint: Int { accelerated.count + driven.count }

    /// Greatest squared speed along the path that the joints' velocities allow.
    func fastestSquare(at point: Point) -> Double {
        var out = Double.infinity
        for j in arm.joints.indices where counts(.velocity) {
            guard let limit = arm.joints[j].velocityLimit(at: point.joints[j], moving: point.first[j]), abs(point.first[j]) > 1e-9
            else { continue }
            let speed = limit * feasibility.options.velocityFraction / abs(point.first[j])
            out = min(out, speed * speed)
        }
        return out
    }

    func rows(at point: Point) -> [PathLimits.Row] {
        let settings = feasibility.options
        var out = accelerated.map { j in
            let limit = (arm.joints[j].acceleration ?? 0) * settings.accelerationFraction
            return PathLimits.Row(a: point.first[j], b: point.second[j], low: -limit, high: limit)
        }
        let driven = driven
        guard !driven.isEmpty else { return out }
        let zero = [Double](repeating: 0, count: arm.jointCount)
        let weight = kinematics.inverseDynamics(point.joints, velocity: zero, acceleration: zero)
        let inertia = kinematics.inverseDynamics(point.joints, velocity: zero, acceleration: point.first)
        let bend = kinematics.inverseDynamics(point.joints, velocity: point.first, acceleration: point.second)
        for j in driven {
            let limit = (arm.joints[j].torque ?? 0) * settings.torqueFraction
            out.append(
                PathLimits.Row(a: inertia[j] - weight[j], b: bend[j] - weight[j], low: -limit - weight[j], high: limit - weight[j]))
        }
        return out
    }
}

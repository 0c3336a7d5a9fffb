internal import Geometry

/// Where a path was moved aside, within its tolerance, to keep a joint inside its range.
public struct JointGraze: Sendable, Equatable, Codable {
    public var joint: String
    /// First and one-past-last frame of the path that were moved.
    public var firstFrame: Int
    public var endFrame: Int
    /// How far beyond its range (less the margin) the joint was, rad or m.
    public var beyond: Double
    /// How far the tool was moved at most, m and rad.
    public var position: Double
    public var rotation: Double
}

/// Keeps joints that graze the ends of their range inside: they are held at the end and the others take over, as far as the tool's tolerance goes.
///
/// Damped least squares on the tool's error over the joints that are free (as `InverseKinematics`), from the posture as solved, so that
/// neighbouring frames stay neighbours. Frames that cannot be kept within the tolerance are left as they are, for the verdict to name.
struct LimitKeeper {
    let kinematics: Kinematics
    /// Kept inside the range by this much, rad or m.
    let margin: Double
    /// Joints further beyond are left alone, rad or m.
    let furthest: Double
    let position: Double
    let rotation: Double

    /// Moves samples (row-major, frames × joints) in place; gives what was moved, frames counted from the first sample.
    func keep(_ samples: inout [Double], poses: [Transform<Base, Tool>]) -> [JointGraze] {
        let n = kinematics.jointCount
        let joints = kinematics.arm.joints
        var out: [JointGraze] = []
        for frame in poses.indices {
            var q = Array(samples[frame * n..<(frame + 1) * n])
            let beyond = (0..<n).map { max(joints[$0].lower + margin - q[$0], q[$0] - joints[$0].upper + margin, 0) }
            guard let worst = beyond.max(), worst > 0, worst <= furthest else { continue }
            let off = settle(&q, poses[frame])
            guard off.position <= position, off.rotation <= rotation else { continue }
            samples.replaceSubrange(frame * n..<(frame + 1) * n, with: q)
            for j in 0..<n where beyond[j] > 0 {
                if let last = out.lastIndex(where: { $0.joint == joints[j].name && $0.endFrame == frame }) {
                    out[last].endFrame = frame + 1
                    out[last].beyond = max(out[last].beyond, beyond[j])
                    out[last].position = max(out[last].position, off.position)
                    out[last].rotation = max(out[last].rotation, off.rotation)
                } else {
                    out.append(
                        JointGraze(
                            joint: joints[j].name, firstFrame: frame, endFrame: frame + 1, beyond: beyond[j], position: off.position,
                            rotation: off.rotation))
                }
            }
        }
        return out
    }

    /// The nearest posture inside the ranges that brings the tool to the pose, and what is left over.
    private func settle(_ q: inout [Double], _ pose: Transform<Base, Tool>) -> (position: Double, rotation: Double) {
        let n = kinematics.jointCount
        let joints = kinematics.arm.joints
        var held = [Bool](repeating: false, count: n)
        for _ in 0..<12 {
            for j in 0..<n {
                let (low, high) = (joints[j].lower + margin, joints[j].upper - margin)
                if q[j] <= low || q[j] >= high {
                    held[j] = true
                    q[j] = min(max(q[j], low), high)
                }
            }
            let got = kinematics.forward(q)
            let dp = pose.translation - got.translation
            let dr = (pose.rotation * got.rotation.inverse).vector
            if dp.length < 1e-7, dr.length < 1e-7 { break }
            let error = [dp.x, dp.y, dp.z, dr.x, dr.y, dr.z]
            let jacobian = kinematics.jacobian(q)
            var system = [Double](repeating: 0, count: 36)
            for a in 0..<6 {
                for b in 0...a { for j in 0..<n where !held[j] { system[a * 6 + b] += jacobian[a * n + j] * jacobian[b * n + j] } }
                system[a * 6 + a] += 1e-6
            }
            var right = error
            system.withUnsafeMutableBufferPointer { s in
                right.withUnsafeMutableBufferPointer { r in if let s = s.baseAddress, let r = r.baseAddress { solveCholesky6(s, r) } }
            }
            for j in 0..<n where !held[j] { for a in 0..<6 { q[j] += jacobian[a * n + j] * right[a] } }
        }
        for j in 0..<n { q[j] = min(max(q[j], joints[j].lower + margin), joints[j].upper - margin) }
        let got = kinematics.forward(q)
        return ((pose.translation - got.translation).length, got.rotation.angle(to: pose.rotation))
    }
}

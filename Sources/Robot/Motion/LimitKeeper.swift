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
/// Inverse kinematics in the narrowed range from the posture as solved, so that neighbouring frames stay neighbours. Frames that cannot be kept
/// within the tolerance are left as they are, for the verdict to name.
struct LimitKeeper {
    /// In the narrowed range.
    private let solver: InverseKinematics
    private var kinematics: Kinematics { solver.kinematics }
    private let furthest: Double
    private let position: Double
    private let rotation: Double

    /// - Parameters:
    ///   - margin: kept inside the range by this much, rad or m.
    ///   - furthest: joints further beyond are left alone, rad or m.
    ///   - position, rotation: furthest that the tool may move, m and rad.
    init(_ arm: Arm, margin: Double, furthest: Double, position: Double, rotation: Double) {
        var narrow = arm
        for j in narrow.joints.indices where narrow.joints[j].range > 4 * margin {
            narrow.joints[j].lower += margin
            narrow.joints[j].upper -= margin
        }
        solver = InverseKinematics(Kinematics(narrow))
        (self.furthest, self.position, self.rotation) = (furthest, position, rotation)
    }

    /// Moves samples (row-major, frames × joints) in place; gives what was moved, frames counted from the first sample.
    func keep(_ samples: inout [Double], poses: [Transform<Base, Tool>]) -> [JointGraze] {
        let n = kinematics.jointCount
        let joints = kinematics.arm.joints
        var out: [JointGraze] = []
        for frame in poses.indices {
            var q = Array(samples[frame * n..<(frame + 1) * n])
            let beyond = (0..<n).map { max(joints[$0].lower - q[$0], q[$0] - joints[$0].upper, 0) }
            guard let worst = beyond.max(), worst > 0, worst <= furthest else { continue }
            let off = solver.descend(poses[frame], from: &q)
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
}

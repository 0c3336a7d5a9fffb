internal import CNative

/// The normal equations of a visual-inertial bundle adjustment once points are eliminated: poses (6 each), numbers that the whole batch
/// shares, and motions (9 each) that are coupled with their neighbours only.
///
/// Motions are eliminated along time, what is left is dense: cubic in the number of frames, with a small constant.
public struct CameraSystem: Sendable {
    public let frames: Int
    public let shared: Int
    /// Side of `poses`: 6 for each frame, then the shared numbers.
    public var columns: Int { 6 * frames + shared }
    /// Columns of `coupling`: the pose before, the own, the one after, shared.
    public var width: Int { 18 + shared }

    /// Row-major; the lower triangle counts.
    public var poses: [Double]
    public var posesRight: [Double]
    /// 9×9 each; `next`: rows of a motion, columns of the one after it.
    public var motions: [Double]
    public var next: [Double]
    public var coupling: [Double]
    public var motionsRight: [Double]

    public init(frames: Int, shared: Int) {
        self.frames = frames
        self.shared = shared
        let n = 6 * frames + shared
        poses = [Double](repeating: 0, count: n * n)
        posesRight = [Double](repeating: 0, count: n)
        motions = [Double](repeating: 0, count: 81 * frames)
        next = motions
        coupling = [Double](repeating: 0, count: 9 * (18 + shared) * frames)
        motionsRight = [Double](repeating: 0, count: 9 * frames)
    }

    /// 6 numbers for each frame, the shared ones, then 9 for each frame; nil where the system is not positive definite.
    public func solve() -> [Double]? {
        var solution = [Double](repeating: 0, count: columns + 9 * frames)
        var definite: Int32 = 0
        let status = poses.withUnsafeBufferPointer { poses in
            posesRight.withUnsafeBufferPointer { posesRight in
                motions.withUnsafeBufferPointer { motions in
                    next.withUnsafeBufferPointer { next in
                        coupling.withUnsafeBufferPointer { coupling in
                            motionsRight.withUnsafeBufferPointer { motionsRight in
                                var system = gt_camera_system(
                                    frames: Int32(frames), shared: Int32(shared), poses: poses.baseAddress,
                                    poses_right: posesRight.baseAddress, motions: motions.baseAddress, motions_next: next.baseAddress,
                                    coupling: coupling.baseAddress, motions_right: motionsRight.baseAddress)
                                return gt_solve_cameras(&system, &solution, &definite)
                            }
                        }
                    }
                }
            }
        }
        return status.code == GT_OK && definite != 0 ? solution : nil
    }
}

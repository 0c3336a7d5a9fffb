internal import CNative
public import Geometry

/// When to stop sampling and what counts as an inlier.
public struct BearingRansacOptions: Codable, Sendable, Equatable {
    /// Samples at most; default 500.
    public var maximumIterations = 500
    /// Gauss-Newton steps over the inliers; default 10; 0 gives the best sample's pose.
    public var refinementIterations = 10
    /// Largest angle between a bearing and its model, degrees; default 0.3: about 1.5 px at a focal length of 283 px.
    public var thresholdDegrees = 0.3
    /// Probability of one sample without outliers at which sampling ends; default 0.999.
    public var confidence = 0.999
    /// Of the sampler; default 1. The same seed gives the same result.
    public var seed: UInt64 = 1

    public init() {}

    var native: gt_ransac_options {
        gt_ransac_options(
            max_iterations: Int32(clamping: maximumIterations), refine_iterations: Int32(clamping: refinementIterations),
            threshold: thresholdDegrees * .pi / 180, confidence: confidence, seed: seed)
    }
}

/// A pose held by points seen along bearings.
public struct AbsolutePose: Sendable, Equatable {
    /// Takes points of their frame to the camera: `bearing ∥ rotation * point + translation`.
    public var rotation: Rotation
    public var translation: Vector3
    /// Indices of the pairs within the threshold, ascending.
    public var inliers: [Int]

    /// Robust pose of a camera from unit bearings (camera frame) and points (their frame, metres): P3P in RANSAC (Gao et al. 2003, as in
    /// OpenCV), errors as angles so that any field of view will do, then Gauss-Newton with Huber weights over the inliers.
    /// - Returns: nil with fewer than 4 pairs or where no sample found 4 inliers: a finding, not an error.
    public static func estimate(
        bearings: [Vector3], points: [Vector3], options: BearingRansacOptions = BearingRansacOptions()
    ) throws(ImagingError) -> AbsolutePose? {
        precondition(bearings.count == points.count, "one bearing per point")
        guard
            let result = try solve(
                bearings, points, "absolute pose", { gt_absolute_pose($0, $1, $2, options.native, $3, $4, $5, $6) })
        else { return nil }
        return AbsolutePose(rotation: result.rotation, translation: result.translation, inliers: result.inliers)
    }
}

/// The motion between two pictures, up to the length of the way.
public struct RelativePose: Sendable, Equatable {
    /// Takes directions in camera a to camera b.
    public var rotation: Rotation
    /// Unit vector: a point p in camera a is `rotation * p + s · translation` in camera b, s unknown.
    public var translation: Vector3
    public var inliers: [Int]

    /// Robust relative pose from unit bearings of the same points in two cameras: Nistér's 5-point method (2004) in RANSAC, errors as angles
    /// to the epipolar plane, the solution with most points in front, then Gauss-Newton with Huber weights over the inliers.
    ///
    /// With no way between the cameras the translation is noise, the rotation still holds.
    /// - Returns: nil with fewer than 6 pairs or where no sample found 6 inliers.
    public static func estimate(
        from a: [Vector3], to b: [Vector3], options: BearingRansacOptions = BearingRansacOptions()
    ) throws(ImagingError) -> RelativePose? {
        precondition(a.count == b.count, "one bearing on either side per point")
        guard let result = try solve(a, b, "relative pose", { gt_relative_pose($0, $1, $2, options.native, $3, $4, $5, $6) }) else {
            return nil
        }
        return RelativePose(rotation: result.rotation, translation: result.translation, inliers: result.inliers)
    }
}

/// One of the two poses a square may have from its corners alone.
public struct SquarePose: Sendable, Equatable {
    public var cameraFromTag: Transform<Camera, Tag>
    /// Root mean square distance of the corners on the plane z = 1, normalised units (times the focal length: about pixels).
    public var error: Double

    /// Both poses of a square tag, the better first, by Collins and Bartoli, "Infinitesimal plane-based pose estimation" (2014).
    ///
    /// Tag frame: x right, y up on the printed side, z out of it, origin at the centre.
    /// - Parameters:
    ///   - corners: bearings of top left, top right, bottom right, bottom left (camera frame).
    ///   - side: of the black square, metres.
    /// - Returns: empty where a corner is not in front of the camera.
    public static func estimate(corners: [Vector3], side: Double) throws(ImagingError) -> [SquarePose] {
        precondition(corners.count == 4 && side > 0, "a square has four corners and a size")
        guard corners.allSatisfy({ $0.z > 1e-3 }) else { return [] }
        let xy = corners.flatMap { [$0.x / $0.z, $0.y / $0.z] }
        var rotations = [Double](repeating: 0, count: 18)
        var translations = [Double](repeating: 0, count: 6)
        var errors = [0.0, 0.0]
        var found: Int32 = 0
        try check(gt_square_pose(xy, side, &rotations, &translations, &errors, &found), "pose of a square tag")
        return (0..<Int(found)).map { i in
            SquarePose(
                cameraFromTag: Transform(
                    rotation: rotationFromRows(Array(rotations[(9 * i)..<(9 * i + 9)])),
                    translation: Vector3(translations[3 * i], translations[3 * i + 1], translations[3 * i + 2])),
                error: errors[i])
        }
    }
}

func rotationFromRows(_ r: [Double]) -> Rotation {
    Rotation(matrix: Matrix3(rows: Vector3(r[0], r[1], r[2]), Vector3(r[3], r[4], r[5]), Vector3(r[6], r[7], r[8])))
}

private typealias Solver = (
    UnsafePointer<Double>, UnsafePointer<Double>, Int32, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
    UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int32>
) -> gt_status

private func solve(
    _ a: [Vector3], _ b: [Vector3], _ operation: String, _ solver: Solver
) throws(ImagingError) -> (rotation: Rotation, translation: Vector3, inliers: [Int])? {
    if a.isEmpty { return nil }
    let first = a.flatMap { [$0.x, $0.y, $0.z] }
    let second = b.flatMap { [$0.x, $0.y, $0.z] }
    var rotation = [Double](repeating: 0, count: 9)
    var translation = [0.0, 0, 0]
    var inliers = [UInt8](repeating: 0, count: a.count)
    var found: Int32 = 0
    try check(solver(first, second, Int32(clamping: a.count), &rotation, &translation, &inliers, &found), operation)
    guard found != 0 else { return nil }
    return (
        rotationFromRows(rotation), Vector3(translation[0], translation[1], translation[2]),
        inliers.indices.filter { inliers[$0] != 0 }
    )
}

internal import Geometry
public import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// How far an estimated trajectory is from the truth.
public struct TrajectoryEvaluation: Sendable, Equatable, Codable {
    /// Pairs compared, and rows of the truth within the estimate's span or beyond it that had no estimate.
    public var pairs = 0
    public var truthCount = 0
    /// Share of the truth's rows that have a pose that is not lost.
    public var completeness = 0.0
    /// Absolute trajectory error after SE(3) alignment, metres.
    public var positionRMSE = 0.0
    public var positionMedian = 0.0
    public var positionMaximum = 0.0
    /// After Sim(3) alignment, metres, and the scale that it took (true length over estimated).
    public var positionRMSESim3 = 0.0
    public var scale = 1.0
    /// Without any alignment, metres and degrees: only where both are in one frame.
    public var positionRMSEUnaligned = 0.0
    public var rotationRMSEUnalignedDegrees = 0.0
    /// Angle between estimate and truth after the mean rotation between them is taken out on the left (world) side, degrees.
    public var rotationRMSEDegrees = 0.0
    public var rotationMaximumDegrees = 0.0
    /// The same with the rotation that SE(3) alignment of the positions gives, degrees: what evo calls the APE's rotation part.
    public var rotationRMSEAlignedDegrees = 0.0
    /// Relative pose error over `relativeSpan` seconds: metres and degrees; which rigid alignment is taken does not matter to it.
    public var relativePositionRMSE = 0.0
    /// The same after Sim(3) alignment, metres.
    public var relativePositionRMSESim3 = 0.0
    public var relativeRotationRMSEDegrees = 0.0
    /// Mean normalised estimation error squared of the position (expected 3) over frames with a covariance, after SE(3) alignment; nil
    /// without any.
    public var normalizedPositionError: Double?
    /// Shares of the frames with a covariance whose true position and rotation lie inside its 95 % ellipsoid, after the alignments above
    /// (right: 0.95); nil without any.
    public var positionCoverage: Double?
    public var rotationCoverage: Double?

    /// Why two trajectories cannot be compared.
    public struct Incomparable: Error, CustomStringConvertible {
        public var description: String
    }

    /// Compares poses at the same times; the estimate's lost rows do not count as poses.
    ///
    /// Rows are paired with the truth's nearest in time within `tolerance` seconds. Position: Umeyama's alignment over all pairs.
    /// Rotation: the mean rotation between the two is taken out, which a short or straight path leaves better determined than the
    /// positions' alignment. The median of an even number of errors is the mean of the middle two. Agrees with evo (Grupp, 2017) to 1e-6.
    public static func compare<A, B, C, D>(
        _ estimate: Trajectory<A, B>, truth: Trajectory<C, D>, tolerance: Double = 0.005, relativeSpan: Double = 1
    ) throws(Incomparable) -> TrajectoryEvaluation {
        var pairs: [(e: Int, t: Int)] = []
        for t in 0..<truth.count {
            guard let e = estimate.nearestIndex(to: truth.times[t], tolerance: tolerance), estimate.states[e] != .lost else { continue }
            pairs.append((e, t))
        }
        guard pairs.count >= 3 else {
            throw Incomparable(
                description:
                    "\(pairs.count) of \(truth.count) times of the truth have an estimate within \(tolerance) s; at least 3 are needed")
        }
        let from = pairs.map { estimate.poses[$0.e].translation }
        let to = pairs.map { truth.poses[$0.t].translation }
        guard let rigid = Alignment.fit(from: from, to: to, withScale: false),
            let similar = Alignment.fit(from: from, to: to, withScale: true)
        else { throw Incomparable(description: "the estimate does not move: no alignment is determined") }
        var r = TrajectoryEvaluation()
        r.pairs = pairs.count
        r.truthCount = truth.count
        r.completeness = Double(pairs.count) / Double(truth.count)
        func rms(_ v: [Double]) -> Double { (v.reduce(0) { $0 + $1 * $1 } / Double(max(v.count, 1))).squareRoot() }
        let errors = zip(from, to).map { (rigid.apply($0) - $1).length }
        r.positionRMSE = rms(errors)
        let sorted = errors.sorted()
        r.positionMedian = 0.5 * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2])
        r.positionMaximum = sorted[sorted.count - 1]
        r.positionRMSESim3 = rms(zip(from, to).map { (similar.apply($0) - $1).length })
        r.scale = similar.scale
        r.positionRMSEUnaligned = rms(zip(from, to).map { ($0 - $1).length })
        let degrees = 180 / Double.pi
        r.rotationRMSEUnalignedDegrees = degrees * rms(pairs.map { estimate.poses[$0.e].rotation.angle(to: truth.poses[$0.t].rotation) })
        // The rotation that best explains all: the mean of truth · estimate⁻¹ on the left.
        let differences = pairs.map { truth.poses[$0.t].rotation * estimate.poses[$0.e].rotation.inverse }
        var mean = differences[0]
        for _ in 0..<5 {
            let step = differences.map { (mean.inverse * $0).vector }.reduce(Vector3.zero, +) / Double(differences.count)
            mean = mean * Rotation(vector: step)
        }
        let angles = pairs.map { (mean * estimate.poses[$0.e].rotation).angle(to: truth.poses[$0.t].rotation) }
        r.rotationRMSEDegrees = degrees * rms(angles)
        r.rotationMaximumDegrees = degrees * (angles.max() ?? 0)
        r.rotationRMSEAlignedDegrees =
            degrees * rms(pairs.map { (rigid.rotation * estimate.poses[$0.e].rotation).angle(to: truth.poses[$0.t].rotation) })
        var relativePositions: [Double] = []
        var scaledPositions: [Double] = []
        var relativeAngles: [Double] = []
        var next = 0
        for i in pairs.indices {
            while next < pairs.count, truth.times[pairs[next].t] - truth.times[pairs[i].t] < relativeSpan - 1e-9 { next += 1 }
            guard next < pairs.count else { break }
            let (a, b) = (pairs[i], pairs[next])
            let e = estimate.poses[a.e].inverse * estimate.poses[b.e]
            let t = truth.poses[a.t].inverse * truth.poses[b.t]
            relativePositions.append((e.translation - t.translation).length)
            scaledPositions.append((similar.scale * e.translation - t.translation).length)
            relativeAngles.append(e.rotation.angle(to: t.rotation))
        }
        r.relativePositionRMSE = rms(relativePositions)
        r.relativePositionRMSESim3 = rms(scaledPositions)
        r.relativeRotationRMSEDegrees = degrees * rms(relativeAngles)
        r.judge(estimate, truth, pairs, rigid.apply, rigid.rotation, meanRotation: mean)
        return r
    }

    /// Holds errors against the covariances that the estimate states.
    private mutating func judge<A, B, C, D>(
        _ estimate: Trajectory<A, B>, _ truth: Trajectory<C, D>, _ pairs: [(e: Int, t: Int)], _ align: (Vector3) -> Vector3,
        _ turn: Rotation, meanRotation: Rotation
    ) {
        // χ² of three degrees of freedom.
        let bound = 7.815
        var positions: [Double] = []
        var rotations: [Double] = []
        for p in pairs {
            guard let c = estimate.covariances[p.e] else { continue }
            let (pose, actual) = (estimate.poses[p.e], truth.poses[p.t])
            // The error in the estimate's own frame, in which its covariance is given.
            let d = turn.inverse * (align(pose.translation) - actual.translation)
            let r = ((meanRotation * pose.rotation).inverse * actual.rotation).vector
            let (n, m) = (d.dot(c.position.inverse * d), r.dot(c.rotation.inverse * r))
            if n.isFinite { positions.append(n) }
            if m.isFinite { rotations.append(m) }
        }
        guard !positions.isEmpty, !rotations.isEmpty else { return }
        normalizedPositionError = positions.reduce(0, +) / Double(positions.count)
        positionCoverage = Double(positions.count { $0 < bound }) / Double(positions.count)
        rotationCoverage = Double(rotations.count { $0 < bound }) / Double(rotations.count)
    }
}

internal import Geometry
public import Session

extension LandmarkMap {
    /// Makes every length so many times as long.
    public mutating func scale(by factor: Double) {
        func scaled<A, B>(_ pose: Transform<A, B>) -> Transform<A, B> {
            Transform(rotation: pose.rotation, translation: factor * pose.translation)
        }
        landmarks = landmarks.map { factor * $0 }
        landmarkSigmas = landmarkSigmas.map { Float(factor) * $0 }
        mapFromCameras = mapFromCameras.map(scaled)
        tableFromMap = tableFromMap.map(scaled)
        tableSigma.x *= factor
    }
}

extension Trajectory {
    /// The largest distance between two of its places, metres, of frames that are not lost; nil where it does not move.
    ///
    /// Quadratic in the number of places, of which at most a thousand are looked at.
    public var extent: Double? {
        let known = poses.indices.filter { states[$0] != .lost }
        let step = max(1, known.count / 1000)
        let places = stride(from: 0, to: known.count, by: step).map { poses[known[$0]].translation }
        var largest = 0.0
        for (i, a) in places.enumerated() { for b in places[..<i] { largest = max(largest, (a - b).squaredLength) } }
        return largest > 0 ? largest.squareRoot() : nil
    }

    /// The same path with every length so many times as long, covariances too.
    public func scaled(by factor: Double) -> Trajectory {
        Trajectory(
            times: times, poses: poses.map { Transform(rotation: $0.rotation, translation: factor * $0.translation) },
            covariances: covariances.map { covariance in
                covariance.map {
                    PoseCovariance(position: (factor * factor) * $0.position, rotation: $0.rotation, cross: factor * $0.cross)
                }
            }, states: states)
    }
}

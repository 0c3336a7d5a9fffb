internal import Estimation
internal import Geometry

extension Reconstruction {
    /// Drops poses that contradict most of their neighbours: a tag's mirrored solution, a keyframe recognised at a look-alike place.
    ///
    /// Two poses agree when the rotation between them is the gyroscope's (within `seedAngle` and the bias that is possible) and the way
    /// between them is not faster than `maximumSpeed`. Each pose is compared with the nearest `seedNeighbours` on either side; it stays
    /// when at least half agree. Without an IMU only the speed is compared. A pose without neighbours stays.
    func agreeing(_ seeds: [Transform<Map, Body>?]) -> [Transform<Map, Body>?] {
        let indices = seeds.indices.filter { seeds[$0] != nil }
        var out = seeds
        for (n, f) in indices.enumerated() {
            guard let pose = seeds[f] else { continue }
            var agree = 0
            var asked = 0
            for m in max(0, n - options.seedNeighbours)...min(indices.count - 1, n + options.seedNeighbours) where m != n {
                let g = indices[m]
                let dt = abs(seconds[g] - seconds[f])
                guard let other = seeds[g], dt <= options.seedSpan else { continue }
                asked += 1
                if (other.translation - pose.translation).length > options.maximumSpeed * dt + 0.05 { continue }
                if signal != nil, covered(min(seconds[f], seconds[g]), max(seconds[f], seconds[g])) {
                    let angle = (pose.rotation.inverse * other.rotation).angle(to: turned(from: f, to: g))
                    if angle > options.seedAngle * .pi / 180 + options.gyroscopeBiasSigma * dt { continue }
                }
                agree += 1
            }
            if asked > 0, 2 * agree < asked { out[f] = nil }
        }
        return out
    }
}

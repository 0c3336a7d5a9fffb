internal import Estimation
internal import Geometry

/// Which of several poses belong together: drops a tag's mirrored solution, a keyframe recognised at a look-alike place.
///
/// Two poses agree when the rotation between them is the gyroscope's (within `seedAngle` and the bias that is possible) and the way
/// between them is not faster than `maximumSpeed`.
struct SeedConsensus {
    let options: BatchOptions
    /// Of the frames.
    let seconds: [Double]
    /// Body at one frame from body at another, by the gyroscope; nil where it cannot tell.
    let turn: (_ from: Int, _ to: Int) -> Rotation?

    /// The poses without those that contradict most of their neighbours.
    ///
    /// Each is compared with the nearest `seedNeighbours` on either side, `seedSpan` away at most; it stays when at least half agree. A
    /// pose without neighbours stays.
    func agreeing(_ seeds: [Transform<Map, Body>?]) -> [Transform<Map, Body>?] {
        let indices = seeds.indices.filter { seeds[$0] != nil }
        var out = seeds
        for (n, f) in indices.enumerated() {
            guard let pose = seeds[f] else { continue }
            var agreed = 0
            var asked = 0
            for m in max(0, n - options.seedNeighbours)...min(indices.count - 1, n + options.seedNeighbours) where m != n {
                let g = indices[m]
                guard let other = seeds[g], abs(seconds[g] - seconds[f]) <= options.seedSpan else { continue }
                asked += 1
                if agree(f, pose, g, other) { agreed += 1 }
            }
            if asked > 0, 2 * agreed < asked { out[f] = nil }
        }
        return out
    }

    private func agree(_ f: Int, _ pose: Transform<Map, Body>, _ g: Int, _ other: Transform<Map, Body>) -> Bool {
        let dt = abs(seconds[g] - seconds[f])
        if (other.translation - pose.translation).length > options.maximumSpeed * dt + options.seedDistance { return false }
        guard let turn = turn(f, g) else { return true }
        return (pose.rotation.inverse * other.rotation).angle(to: turn)
            <= options.seedAngle * .pi / 180 + options.gyroscopeBiasSigma * dt
    }
}

extension Reconstruction {
    /// Poses that agree with their neighbours and with the gyroscope, where there is one.
    func agreeing(_ seeds: [Transform<Map, Body>?]) -> [Transform<Map, Body>?] {
        SeedConsensus(options: options, seconds: seconds) { f, g in
            inertial.covers(min(seconds[f], seconds[g]), max(seconds[f], seconds[g])) ? turned(from: f, to: g) : nil
        }.agreeing(seeds)
    }
}

internal import Geometry
internal import Session

/// How alike the errors of one point are in frames after one another: a followed corner drifts, and does not jitter about its place.
///
/// Independent errors of n sights average to a variance of 1/n; errors that last average to so many times more as `inflation` says
/// (Bartlett's variance of the mean of a stationary series, the sum cut off where the correlation has died down: Geyer, "Practical Markov
/// chain Monte Carlo", 1992).
struct TrackCorrelation {
    /// Correlation of a point's errors so many frames apart, from one frame on, as far as it lasts.
    private(set) var values: [Double] = []

    /// - Parameters:
    ///   - runs: errors of one point in frames after one another, pixels.
    ///   - longest: frames apart at most.
    ///   - floor: correlation that counts as none.
    ///   - least: pairs of errors below which nothing is said.
    init(_ runs: [[Vector2]], longest: Int, floor: Double, least: Int) {
        var variance = 0.0
        var count = 0
        for run in runs {
            for e in run { variance += e.dot(e) }
            count += run.count
        }
        guard count > 0, variance > 0 else { return }
        variance /= Double(count)
        for lag in stride(from: 1, through: longest, by: 1) {
            var (sum, pairs) = (0.0, 0)
            for run in runs where run.count > lag {
                for k in 0..<(run.count - lag) { sum += run[k].dot(run[k + lag]) }
                pairs += run.count - lag
            }
            guard pairs >= max(least, 1), sum / Double(pairs) > floor * variance else { break }
            values.append(sum / Double(pairs) / variance)
        }
    }

    /// How many times larger the variance of a mean is than of independent errors; 1 where nothing lasts.
    var inflation: Double { 1 + 2 * values.reduce(0, +) }
}

extension Reconstruction {
    /// How alike the errors of tracked points are over time, from a sample of the tracks with points held by the smoothed poses.
    func trackCorrelation(_ smoothed: SmoothedFrames) -> TrackCorrelation {
        let step = max(1, tracks.trackCount / max(options.correlationTracks, 1))
        let limit = options.rejection * noise.track
        var runs: [[Vector2]] = []
        for t in stride(from: 0, to: tracks.trackCount, by: step) where points.exists[t] {
            var run: [Vector2] = []
            var last = -1
            for i in observed.indices(ofTrack: t).lazy.map(Int.init) {
                let o = tracks.observations[i]
                let f = Int(o.frame)
                var error: Vector2?
                if !points.rejected[i], smoothed.states[f] == .tracked, let pose = smoothed.poses[f] {
                    error = device.error(points.positions[t], pixel: o.pixel, pose: pose, motion: motion(f, pose: pose))
                }
                if let e = error, e.length < limit, last < 0 || f == last + 1 {
                    run.append(e)
                } else {
                    if run.count > 1 { runs.append(run) }
                    run = error.flatMap { $0.length < limit ? [$0] : nil } ?? []
                }
                last = f
            }
            if run.count > 1 { runs.append(run) }
        }
        let spans = zip(seconds.dropFirst(), seconds).map(-).sorted()
        guard !spans.isEmpty, spans[spans.count / 2] > 0 else { return TrackCorrelation([], longest: 0, floor: 1, least: 1) }
        // Between 0 and the frames that there are, so that it is a whole number whatever the times and the option say.
        let longest = max(0, min((options.correlationSpan / spans[spans.count / 2]).rounded(), Double(frameCount - 1)))
        return TrackCorrelation(
            runs, longest: longest.isFinite ? Int(longest) : 0, floor: options.correlationFloor, least: options.spreadSamples)
    }
}

internal import Dataset
public import Geometry
internal import Glibc
public import Session

/// How good an episode is, in numbers; a row of `episodes.csv`.
public struct EpisodeMeasures: Sendable, Equatable, Codable {
    /// Seconds.
    public var duration: Double
    public var frames: Int
    /// Of the tool, metres.
    public var pathLength: Double
    /// Mean of the tool, metres a second.
    public var speed: Double
    /// Spectral arc length of the speed, no unit, below 0; nearer to 0 is smoother: −1.6 is a single reach.
    public var smoothness: Double
    /// 95th percentile of the position's sigma, metres; nil where poses came without.
    public var sigma: Double?
    /// Share of the frames that were cut from the motion this episode is a part of, because the arm cannot do them.
    public var infeasibleShare: Double
    /// Smallest margin to a limit, 0 at it; nil where none is known.
    public var margin: Double?
    /// Share of frames whose pose is held by the picture, not by interpolation.
    public var trackedShare: Double
    /// Share of the data set's episodes that are not faster, 0 to 1; set once all are known.
    public var speedPercentile = 1.0
    public var hasMistake = false
    public var hasRecovery = false
    /// Whether a label says that somebody looked at it and wants it.
    public var isAccepted = false
    /// True for a labelled success, false for a failure, nil without a label.
    public var succeeds: Bool?
    /// Mean loss weight.
    public var weight = 1.0

    /// - Parameter tool: the episode's own frames.
    public init(tool: Trajectory<Table, Tool>, infeasibleShare: Double, margin: Double?) {
        let positions = tool.poses.map(\.translation)
        frames = tool.count
        duration = tool.count > 1 ? tool.times[tool.count - 1] - tool.times[0] : 0
        pathLength = zip(positions, positions.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0).length }
        speed = duration > 0 ? pathLength / duration : 0
        smoothness = Self.spectralArcLength(tool)
        let sigmas = tool.covariances.compactMap { $0?.positionSigma }.sorted()
        sigma = sigmas.isEmpty ? nil : sigmas[Int(0.95 * Double(sigmas.count - 1))]
        self.infeasibleShare = infeasibleShare
        self.margin = margin
        trackedShare = tool.count == 0 ? 0 : Double(tool.states.count { $0 == .tracked }) / Double(tool.count)
    }

    /// What ranks are made of, as the data set remembers it.
    var candidate: DatasetSource.Candidate { .init(speed: speed, smoothness: smoothness, duration: duration, sigma: sigma) }

    /// The measures of both hands as one: the mean of their ways and speeds, the worse of all else.
    mutating func join(_ other: EpisodeMeasures) {
        pathLength = (pathLength + other.pathLength) / 2
        speed = (speed + other.speed) / 2
        smoothness = min(smoothness, other.smoothness)
        sigma = sigma.flatMap { a in other.sigma.map { max(a, $0) } }
        infeasibleShare = max(infeasibleShare, other.infeasibleShare)
        margin = [margin, other.margin].compactMap { $0 }.min()
        trackedShare = min(trackedShare, other.trackedShare)
    }

    /// SPARC of Balasubramanian, Melendez-Calderon, Roby-Brami and Burdet, "On the analysis of movement smoothness", 2015: minus the length
    /// of the normalised amplitude spectrum of the speed, up to 10 Hz or where it stays below 5 % from there on. 0 for less than 4 frames or
    /// no motion. Linear in frames times 200 frequencies.
    static func spectralArcLength(_ tool: Trajectory<Table, Tool>) -> Double {
        guard tool.count >= 4 else { return 0 }
        let speeds = (1..<tool.count).map { i in
            let dt = tool.times[i] - tool.times[i - 1]
            return dt > 0 ? (tool.poses[i].translation - tool.poses[i - 1].translation).length / dt : 0
        }
        let step = (tool.times[tool.count - 1] - tool.times[0]) / Double(tool.count - 1)
        let steady = speeds.reduce(0, +)
        guard steady > 0, step > 0 else { return 0 }
        let limit = 10.0
        let bins = 200
        let amplitudes = (0...bins).map { k in
            let turn = 2 * Double.pi * limit * Double(k) / Double(bins) * step
            var (re, im) = (0.0, 0.0)
            for (n, v) in speeds.enumerated() {
                re += v * cos(turn * Double(n))
                im -= v * sin(turn * Double(n))
            }
            return (re * re + im * im).squareRoot() / steady
        }
        let last = amplitudes.lastIndex { $0 >= 0.05 } ?? 0
        guard last > 0 else { return 0 }
        return -(1...last).reduce(0) { sum, k in
            let rise = amplitudes[k] - amplitudes[k - 1]
            let run = 1 / Double(last)
            return sum + (rise * rise + run * run).squareRoot()
        }
    }
}

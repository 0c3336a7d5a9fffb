internal import Geometry
internal import Glibc

/// How a joint path becomes a smooth motion, so that the noise of its poses does not read as acceleration.
public struct SmoothingOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Highest cutoff, Hz; default 10: a hand moves below about 5 Hz, of which 1.5 % are lost. At most 0.4 of the frame rate is used.
    public var highest: Double = 10
    /// Lowest cutoff, Hz; default 3: 1 Hz passes to a part in a thousand.
    public var lowest: Double = 3
    /// The cutoff is lowered until four standard deviations of acceleration noise are below this share of every limit. Default 0.1.
    public var noiseShare: Double = 0.1
    /// Distance of the spline's knots, s; default 1/60: nothing below 10 Hz is lost between them.
    public var knot: Double = 1.0 / 60
    /// The motion keeps this close to the recorded tool path, m; default 2 mm. Where it does not, its cutoff rises locally.
    public var position: Double = 2e-3
    /// The same for rotation, rad; default 0.5 degrees.
    public var rotation: Double = 0.5 * Double.pi / 180
    /// Where the recorded path itself is noisier than that: so many of its standard deviations, by axis. Default 5: of a million frames, five are
    /// further off by chance.
    public var sigmas: Double = 5
    /// How often the weights of frames that were left too far off are raised; default 30. Each time by the square of their distance over 0.8 of the
    /// tolerance, at most 8: the largest distance sinks with the least acceleration that this takes.
    public var rounds: Int = 30
    /// Heaviest weight of a frame; default 1e6, beyond which rounding would decide.
    public var heaviest: Double = 1e6
}

/// A piece of a joint path, smoothed.
struct SmoothedPiece {
    /// Over the path's own clock, from the time of the piece's first frame.
    var spline: JointSpline
    /// Hz.
    var cutoff: Double
    /// Standard deviation of the joints' noise, the largest over the joints, rad or m.
    var noise: Double
    /// The tolerance in force, m and rad.
    var position: Double
    var rotation: Double
    /// Distance of the smoothed tool from the recorded one for each frame, m and rad.
    var positionOff: [Double]
    var rotationOff: [Double]
}

/// Smooths pieces of joint paths: low-pass with a cutoff that follows the noise, inside a tolerance of the tool.
struct PathSmoother {
    let kinematics: Kinematics
    let options: SmoothingOptions

    /// - Parameters:
    ///   - samples: row-major, times × joints.
    ///   - times: seconds, from 0.
    ///   - target: the recorded tool poses; nil: those of the samples.
    func smooth(_ samples: [Double], times: [Double], target: [Transform<Base, Tool>]?) -> SmoothedPiece {
        let n = kinematics.jointCount
        let count = times.count
        let spacing = count > 1 ? (times[count - 1] - times[0]) / Double(count - 1) : options.knot
        let highest = min(options.highest, 0.4 / max(spacing, 1e-6))
        var cutoff = highest
        var spline = JointSpline(samples, columns: n, times: times, cutoff: cutoff, knot: options.knot)
        let noise = Self.noise(spline, samples, times, spacing: spacing, cutoff: cutoff)
        for (j, joint) in kinematics.arm.joints.enumerated() {
            guard let limit = joint.acceleration, noise[j] > 0 else { continue }
            // White noise through the filter: σ_acc² = 2Δσ² ∫(2πf)⁴/(1 + (f/f_c)⁶)² df = 2Δσ²(2π)⁴ f_c⁵ · π/18.
            let gain = options.noiseShare * limit / (4 * noise[j])
            let fifth = gain * gain / (2 * spacing * 1558.545 * 0.174533)
            cutoff = min(cutoff, pow(fifth, 0.2))
        }
        cutoff = max(cutoff, min(options.lowest, highest))
        if cutoff < highest { spline = JointSpline(samples, columns: n, times: times, cutoff: cutoff, knot: options.knot) }
        let poses = target ?? (0..<count).map { kinematics.forward(Array(samples[$0 * n..<($0 + 1) * n])) }
        var piece = SmoothedPiece(
            spline: spline, cutoff: cutoff, noise: noise.max() ?? 0, position: options.position, rotation: options.rotation,
            positionOff: [],
            rotationOff: [])
        measure(&piece, times, poses)
        // The middle of the length of a normal vector in three dimensions is 1.54 of its standard deviation by axis.
        piece.position = max(options.position, options.sigmas * Self.median(piece.positionOff) / 1.54)
        piece.rotation = max(options.rotation, options.sigmas * Self.median(piece.rotationOff) / 1.54)
        // Where the joints as solved are off already, no weight brings the motion nearer: the verdict names these frames.
        let isMendable = (0..<count).map { i in
            guard target != nil else { return true }
            let own = kinematics.forward(Array(samples[i * n..<(i + 1) * n]))
            return (own.translation - poses[i].translation).length < 0.8 * piece.position
                && own.rotation.angle(to: poses[i].rotation) < 0.8 * piece.rotation
        }
        var weights = [Double](repeating: 1, count: count)
        for _ in 0..<max(0, options.rounds) {
            var wide = false
            for i in 0..<count where isMendable[i] {
                let share = max(piece.positionOff[i] / piece.position, piece.rotationOff[i] / piece.rotation)
                if share > 0.95 { wide = true }
                if share > 0.8 { weights[i] = min(options.heaviest, weights[i] * min(8, share * share / 0.64)) }
            }
            guard wide else { break }
            piece.spline = JointSpline(samples, columns: n, times: times, weights: weights, cutoff: cutoff, knot: options.knot)
            measure(&piece, times, poses)
        }
        return piece
    }

    private func measure(_ piece: inout SmoothedPiece, _ times: [Double], _ poses: [Transform<Base, Tool>]) {
        piece.positionOff = []
        piece.rotationOff = []
        var q = [Double](repeating: 0, count: kinematics.jointCount)
        for (time, pose) in zip(times, poses) {
            piece.spline.evaluate(time, into: &q)
            let got = kinematics.forward(q)
            piece.positionOff.append((got.translation - pose.translation).length)
            piece.rotationOff.append(got.rotation.angle(to: pose.rotation))
        }
    }

    /// Standard deviation of white noise on each column, from what the filter leaves over.
    static func noise(_ spline: JointSpline, _ samples: [Double], _ times: [Double], spacing: Double, cutoff: Double) -> [Double] {
        let n = spline.columns
        let count = times.count
        guard count > 6 else { return Array(repeating: 0, count: n) }
        // The share of white noise's power that the filter takes out: the mean of (1 − H)² up to half the sampling rate.
        var share = 0.0
        let steps = 64
        for k in 0..<steps {
            let ratio = (Double(k) + 0.5) / Double(steps) * 0.5 / spacing / cutoff
            let sixth = ratio * ratio * ratio * ratio * ratio * ratio
            share += (sixth / (1 + sixth)) * (sixth / (1 + sixth)) / Double(steps)
        }
        var sum = [Double](repeating: 0, count: n)
        var q = sum
        for i in 0..<count {
            spline.evaluate(times[i], into: &q)
            for j in 0..<n {
                let off = samples[i * n + j] - q[j]
                sum[j] += off * off
            }
        }
        return sum.map { ($0 / Double(count) / max(share, 0.02)).squareRoot() }
    }

    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        return values.sorted()[values.count / 2]
    }
}

/// Thresholds of the inverse kinematics, of one pose and of whole paths.
public struct SolveOptions: Codable, Sendable, Equatable {
    public init() {}

    /// Seed of the random restarts. Default 1: any number gives the same bytes every time.
    public var seed: UInt64 = 1
    /// A pose is solved when each axis is off by less than this, m and rad. Default 1e-5, as TRAC-IK's benchmark asks.
    public var tolerance: Double = 1e-5
    /// A frame counts as reached up to this position residual, m. Default 1 mm: below what handheld tracking resolves.
    public var reachPosition: Double = 1e-3
    /// A frame counts as reached up to this rotation residual, rad. Default 0.5 degrees.
    public var reachRotation: Double = 0.5 * Double.pi / 180
    /// Newton steps of one attempt. Default 60: most attempts that will converge do so in 20.
    public var iterations: Int = 60
    /// Attempts for a pose without a good guess. Default 100: 99.9 % of reachable poses need fewer than 20.
    public var restarts: Int = 100
    /// Damping of the first step as a share of the squared error. Default 1e-3; it follows the error afterwards.
    public var damping: Double = 1e-3
    /// Metres that a radian counts for where an arm has fewer than six joints. Default 1e-3: the position is then met to a micrometre.
    public var projectionWeight: Double = 1e-3
    /// Attempts of an arm with fewer than six joints, of which the one nearest in rotation is taken. Default 12.
    public var projectionRestarts: Int = 12
    /// Largest rotation that an arm with fewer than six joints may leave out before a frame is out of reach, rad. Default 20 degrees: a grasp
    /// from above is still one.
    public var projectedRotation: Double = 20 * Double.pi / 180
    /// Step, rad or m, under which such an arm is at rest on its nearest pose. Default 1e-7.
    public var settled: Double = 1e-7
    /// Longest joint step of one iteration, rad or m. Default 0.6: the Jacobian says little further off.
    public var step: Double = 0.6
    /// Frames at which postures are sampled, spread over the path. Default 5: start, end and three between.
    public var anchors: Int = 5
    /// Random postures tried at each anchor. Default 8.
    public var samples: Int = 8
    /// Postures closer than this in every joint are one, rad or m. Default 0.1.
    public var distinct: Double = 0.1
    /// Share of the way to the middle of the joint ranges that redundancy may drift in a second, 1/s. Default 0.5.
    public var postureRate: Double = 0.5
    /// Between two frames a joint that moves more than this, rad or m, and more than `jumpVelocity` allows, jumps. Default 0.5.
    public var jump: Double = 0.5
    /// The same as a multiple of the joint's velocity limit. Default 3: faster than too fast, slower than a change of posture.
    public var jumpVelocity: Double = 3
    /// Cost of a radian that an arm with fewer than six joints leaves out, for each frame. Default 100.
    public var projectionCost: Double = 100
    /// Whether the chosen path is refined as a whole inside the reach tolerance: `on` or `off`.
    public var refine: String = "on"
    /// Frequency above which refinement takes motion of the joints for noise, Hz. Default 10: a hand moves below about 5.
    public var refineFrequency: Double = 10
    /// Share of `reachPosition` and `reachRotation` that refinement may use up. Default 0.5: the rest is left to later smoothing.
    public var refineShare: Double = 0.5
    /// Rounds of refinement, each one linear solve over the whole path. Default 4.
    public var refineRounds: Int = 4
    /// Weight of what the tool does not feel (redundancy) against what it does. Default 1e-4: redundancy then moves below about 2 Hz.
    public var refineSpring: Double = 1e-4
    /// The same of keeping away from limits, singularities and collisions. Default 1e-2.
    public var refineMargin: Double = 1e-2
    /// Cost of a frame out of reach in the choice of postures. Default 1e6: reach comes first.
    public var unreachedCost: Double = 1e6
    /// Cost of a jump. Default 1e4: above some seconds in collision.
    public var jumpCost: Double = 1e4
    /// Cost of a frame in collision. Default 100.
    public var collisionCost: Double = 100
    /// Cost of a frame with a joint at its limit, falling to 0 at `postureMargin`. Default 10.
    public var limitCost: Double = 10
    /// Cost of a frame at a singularity, falling to 0 at `singular`. Default 1.
    public var singularCost: Double = 1
    /// Distance to a joint limit that costs nothing, rad or m. Default 0.1.
    public var postureMargin: Double = 0.1
    /// Smallest singular value of the Jacobian (angles weighted by `lever`) that costs nothing. Default 0.05.
    public var singular: Double = 0.05
    /// Length that makes rotation comparable with translation, m. Default 0.3: about a forearm.
    public var lever: Double = 0.3
    /// Clearance asked of the arm in the choice of postures, m. Default 5 mm.
    public var clearance: Double = 0.005
    /// Which of the postures that hold a tool pose is taken: `default` (the rule of the data set that is appended to, else `home`), `home` (the
    /// family of the arm's home posture wherever it can follow), joint positions `q1,q2,…` in rad or m to stand for home, or `free` (each path for
    /// itself, as good as it gets: the same pose may then have other joints in another episode).
    public var posture: String = "default"
    /// Share of a path's frames that the family of `posture` may lose against the best choice before another is taken, 0 to 1. Default 0.01.
    public var familyLoss: Double = 0.01
    /// Posture families that are tried in turn, the first one included. Default 8: as many as a spherical wrist, an elbow and a shoulder make.
    public var families: Int = 8
    /// Random postures from which the families are found. Default 200: each of eight is then met a dozen times.
    public var familySamples: Int = 200
    /// Distance to a joint limit under which redundancy is strained, rad or m. Default 0.5; at most a quarter of the joint's range.
    public var strainMargin: Double = 0.5
    /// What a radian inside `strainMargin` strains against one away from `posture`. Default 2.
    public var strainLimit: Double = 2
    /// What a joint that takes part in the reference's motions with a still tool strains beyond the others. Default 0; of a symmetric arm these
    /// are the joints that are at 0 where its elbow does not swing out, and redundancy then has one least and not two.
    public var strainSelfMotion: Double = 0
    /// Steps to where the strain is least, at most. Default 20: along a path two or three are taken.
    public var strainRounds: Int = 20
    /// Step, rad or m, under which the strain counts as least. Default 1e-4: a tenth of what refinement moves.
    public var strainTolerance: Double = 1e-4
    /// Longest joint step towards less strain, rad or m. Default 0.2: further off the tool would leave its pose.
    public var strainStep: Double = 0.2
    /// Joint move from frame to frame, rad or m, from which the way between is gone through in halves. Default 0.25: an arm's speed limits allow
    /// a third of it.
    public var strainLeap: Double = 0.25
    /// Steps of the way from where `posture` holds the tool to a pose, m. Default 0.05.
    public var wayStep: Double = 0.05
    /// The same in rad. Default 0.15.
    public var wayTurn: Double = 0.15
    /// How the arm's foot is found: `default` (the arm's own `table_from_base`) or `search`.
    public var base: String = "default"
}

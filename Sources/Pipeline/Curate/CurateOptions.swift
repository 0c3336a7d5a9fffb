/// What of the converted episodes is kept, and how much each frame counts in training.
public struct CurateOptions: Codable, Sendable, Equatable {
    /// What becomes of a labelled mistake.
    public enum Mistakes: String, Codable, Sendable, CaseIterable {
        /// They are left out, and the episode falls apart there.
        case cut
        /// The frames stay, with `mistakeWeight`: histories and pictures before a recovery are whole, for a trainer that obeys weights.
        case weigh
    }

    /// What becomes of frames in which something may be human that the mask does not take out.
    public enum Privacy: String, Codable, Sendable, CaseIterable {
        /// They are exported; the report shows the masks.
        case off
        /// They are refused: the episode falls apart there.
        case strict
    }

    /// What becomes of frames with an unresolved human; default `off`.
    public var privacy = Privacy.off
    /// With `strict`, the largest share of the picture that may be human and not taken out, 0 to 1; default 0.02: about a hand. What is
    /// turned down as no human (moved things, shadows) covers less in 19 of 20 frames of simulated sessions.
    public var unresolvedShare = 0.02
    /// Which episodes are kept, such as `fastest 50%` or `sigma < 3mm and feasible`; default empty: all.
    public var keep = ""
    /// Default `cut`: LeRobot (to 0.6.1), UMI's and robomimic's training imitate every row whatever its weight; `weigh` is for one that obeys
    /// `loss_weight`, such as `griptrace_lerobot`'s sampler.
    public var mistakes = Mistakes.cut
    /// With `weigh`, the loss weight on the way into a mistake; default 0: seen, not imitated.
    public var mistakeWeight = 0.0
    /// Loss weight of a recovery; default 1, as any other frame.
    public var recoveryWeight = 1.0
    /// Whether episodes that end in a labelled failure are left out; default true.
    public var dropsFailures = true
    /// How far ahead the advantage of a value function looks, seconds; default 1: about an action chunk.
    public var advantageHorizon = 1.0
    /// β of advantage-weighted regression, in the value's unit; default 1.
    public var advantageTemperature = 1.0
    /// Largest weight an advantage gives; default 20, as Peng et al. 2019 clip it.
    public var advantageLimit = 20.0
    /// Share of the recordings held back for validation, 0 to 0.9; default 0. Chosen by a hash of session and recording: it does not depend on
    /// what else is converted, and a recording's episodes stay together.
    public var validationShare = 0.0

    public init() {}

    func check() throws(PipelineError) {
        guard (0...1).contains(unresolvedShare) else {
            throw .usage("curate.unresolved_share \(unresolvedShare)", accepted: "a share of the picture from 0 to 1")
        }
        guard (0...0.9).contains(validationShare) else {
            throw .usage("--validation \(validationShare)", accepted: "a share from 0 to 0.9")
        }
        for (name, weight) in [("mistake_weight", mistakeWeight), ("recovery_weight", recoveryWeight)]
        where !(weight >= 0 && weight.isFinite) {
            throw .usage("curate.\(name) \(weight)", accepted: "0 or more")
        }
        guard advantageTemperature > 0, advantageHorizon >= 0, advantageLimit > 0 else {
            throw .usage(
                "curate.advantage_temperature \(advantageTemperature), advantage_horizon \(advantageHorizon), advantage_limit \(advantageLimit)",
                accepted: "a temperature and a limit above 0, a horizon of 0 or more")
        }
    }
}

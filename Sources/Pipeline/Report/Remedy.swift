/// What a reason means and what mends it, in the words of docs/troubleshooting.md.
public struct Remedy: Codable, Sendable, Equatable {
    /// What has to change for the frames to be kept.
    public enum Kind: String, Codable, Sendable {
        /// Where the arm's foot stands.
        case base
        /// How fast the hand moves.
        case speed
        /// What was filmed and how: light, map, tags.
        case recording
        /// What a person said, or asked to be kept.
        case choice
        /// Anything else: files, the program.
        case other
    }

    public var means: String
    public var remedy: String
    public var kind: Kind

    /// - Parameter stage: tells two meanings of one word apart.
    public init(_ reason: String, stage: String = "") {
        let known = Self.texts.filter { $0.reason == reason }
        let text = known.first { $0.stages.contains(stage) && !stage.isEmpty } ?? known.first
        (means, remedy) = (text?.means ?? "", text?.remedy ?? "")
        kind = Self.kind(reason)
    }

    static func kind(_ reason: String) -> Kind {
        switch reason {
        case "out_of_reach", "path_jump", "self_collision", "table_collision", "obstacle_collision", "joint_position", "singularity",
            "no_base":
            .base
        case "joint_velocity", "joint_acceleration", "joint_torque", "joint_jerk", "joint_torque_rate": .speed
        case "lost", "uncertain", "position_spike", "not_localized", "gripper_unknown", "tool_deviation", "stabilised", "no_scale",
            "finger_tags_hidden":
            .recording
        case "not_kept", "human_unresolved", "idle": .choice
        default: reason.hasPrefix("labelled_") ? .choice : .other
        }
    }
}

/// Which gripper a wrist camera shows beside a drawn arm.
public enum OverlayGripper: String, Codable, Sendable, CaseIterable {
    /// The arm model's, drawn over the recorded one.
    case model
    /// The recorded one: the device is mounted on the arm as it is. The model's is not drawn there, and the device stays in front of the arm.
    case recorded
}

/// Options of `RobotOverlay`.
public struct OverlayOptions: Codable, Sendable, Equatable {
    /// Default `model`. Views of a fixed camera always show the model's.
    public var gripper = OverlayGripper.model
    /// Samples along each side of a pixel; default 2, which are four in all.
    public var samples = 2
    /// Farthest that a straight edge's picture may run from the chord it is drawn as, pixels; default 0.3. Else it is divided.
    public var bend = 0.3
    /// The arm is hidden where the scene is nearer than it by more than this, metres; default 0.02: what the scene's depth is good for.
    public var depthTolerance = 0.02
    /// Whether the table's plane hides what is below it; default true.
    public var tableHides = true
    /// Reflectance that the scene is taken to have on average; default 0.35 (an office: wood, walls, paper). With it brightness says how
    /// much light there is.
    public var sceneReflectance = 0.35
    /// Share of the light that comes from everywhere; default 0.55: indoors, under lamps and a white ceiling.
    public var ambientShare = 0.55
    /// Strength of highlights; default 0.12 (painted metal and plastic).
    public var highlight = 0.12
    /// Pixels between those from which the light is estimated, along each side; default 8.
    public var lightStride = 8
    /// Least and widest blur that is matched, pixels; defaults 0.35 (drawn edges are that soft) and 2.5.
    public var leastBlur = 0.35
    public var maximumBlur = 2.5
    /// Least and strongest grain that is matched, levels; defaults 0.3 (rounding is more) and 8.
    public var leastGrain = 0.3
    public var maximumGrain = 8.0

    public init() {}
}

/// How what is rigid in the picture (the gripper, the rim of the lens, dirt on it) is told from the scene.
public struct RigidOptions: Codable, Sendable, Equatable {
    /// Pictures are compared over this span, seconds; default 0.13: a hand moves the picture by several pixels.
    public var span = 0.13
    /// The scene moves where a fifth of the picture's occupied regions moves by more than this over the span, share of the width; default
    /// 0.008 (5 pixels of 640).
    public var sceneMotion = 0.008
    /// A point that moves less than this meanwhile stands still, share of the width; default 0.0012 (0.8 pixels of 640): tracking noise.
    public var stillMotion = 0.0012
    /// Side of the cells that are judged, share of the width; default 0.025 (16 pixels of 640).
    public var cell = 0.025
    /// Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
    public var minimumSights = 12
    public var stillShare = 0.7
    /// The same share for a cell beside a rigid one: its outline; default 0.35.
    public var outlineShare = 0.35
    /// A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6
    /// pixels of 640) and 0.1.
    public var trackReach = 0.0025
    public var trackSceneMotion = 0.1

    public init() {}
}

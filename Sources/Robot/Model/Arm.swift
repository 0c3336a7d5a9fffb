public import Foundation
public import Geometry

/// What is carried beyond the model's own bodies, fixed to the tool.
public struct Payload: Sendable, Equatable {
    /// kg.
    public var mass: Double
    /// Centre of mass in the tool frame, m.
    public var centerOfMass: Vector3
    public var source: String

    public init(mass: Double, centerOfMass: Vector3, source: String) {
        self.mass = mass
        self.centerOfMass = centerOfMass
        self.source = source
    }
}

/// A robot arm: its chain, limits with their sources, tool, and a compiled model that every worker loads for itself.
///
/// A value without shared state: `Kinematics(arm)` makes the working copy that is not shared between threads. Read by `Arm(contentsOf:)`.
public struct Arm: Sendable, Equatable {
    /// The short name that `--arm` takes.
    public var name: String
    public var title: String
    /// The model file and, where there is one, the sidecar: what a stage's key must hash.
    public var files: [URL]
    /// The moving joints from base to flange, in order.
    public var joints: [ArmJoint]
    public var sources: LimitSources
    /// The body whose frame is `Base`, and the body that carries the tool.
    public var baseBody: String
    public var flangeBody: String
    /// The tool's pose on the flange: z out of the fingers, y down in the camera's picture, origin between the finger tips.
    public var flangeFromTool: Transform<FlangeFrame, Tool>
    public var payload: Payload?
    /// A comfortable posture, rad or m: the first seed and the posture that redundancy leans to.
    public var home: [Double]
    /// Where the arm's foot stands when nobody says otherwise; nil if the sidecar does not say.
    public var tableFromBase: Transform<Table, Base>?
    /// Bodies that may touch the table: the fingers and, always, what is welded to the ground.
    public var mayTouchTable: [String]
    /// Pairs of bodies that are not checked against each other, with the reason of each: `adjacent`, `held` (fixed to each other by held joints),
    /// `listed`, `always in contact`.
    public var ignoredCollisions: [IgnoredCollision]
    /// What was found or mended in the model, in sentences.
    public var notes: [String] = []
    /// What stands where the arm works; part of the compiled model.
    public var obstacles: [Obstacle]
    /// MuJoCo's binary model: tool site, payload and exclusions included, meshes embedded.
    var compiledModel: [UInt8]
    /// Geometry pairs to test, indices into the compiled model's geometries.
    var collisionPairs: [CollisionPair]
    /// Coordinates of all joints of the model with the held ones (fingers) where they are held.
    var restPosition: [Double]

    public struct IgnoredCollision: Sendable, Equatable {
        public var first: String
        public var second: String
        public var reason: String
    }

    public var jointCount: Int { joints.count }

    /// What is wrong with a posture out of a file, naming the joint; nil where it is one finite number a joint, none beyond 1000 rad or m.
    /// Whether it is within the limits is `Feasibility`'s to say.
    public func problem(ofPosture joints: some Collection<Double>) -> String? {
        guard joints.count == jointCount else { return "\(joints.count) joints, \(name) has \(jointCount)" }
        let wrong = zip(self.joints, joints).first { !(abs($1) <= 1e3) }
        return wrong.map { "joint \($0.name) is \($1): a finite number within ±1000 (rad or m) is expected" }
    }

    /// Whether the arm has too few joints to take every pose: its tool's rotation is then the nearest that it can take (see `InverseKinematics`).
    public var isProjected: Bool { joints.count < 6 }
}

/// The last moving body of an arm, where a tool is screwed on.
public enum FlangeFrame {}

struct CollisionPair: Sendable, Equatable {
    var first: Int32
    var second: Int32
}

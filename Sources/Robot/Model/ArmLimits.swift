/// The kinds of joint limit, as sidecars and reports name them.
public enum LimitKind: String, Sendable, Codable, CaseIterable {
    case position, velocity, acceleration, jerk, torque
    case torqueRate = "torque_rate"

    /// The unit for a revolute joint and for a prismatic one.
    public func unit(_ kind: ArmJoint.Kind) -> String {
        switch (self, kind) {
        case (.position, .revolute): "rad"
        case (.velocity, .revolute): "rad/s"
        case (.acceleration, .revolute): "rad/s²"
        case (.jerk, .revolute): "rad/s³"
        case (.torque, .revolute): "Nm"
        case (.torqueRate, .revolute): "Nm/s"
        case (.position, .prismatic): "m"
        case (.velocity, .prismatic): "m/s"
        case (.acceleration, .prismatic): "m/s²"
        case (.jerk, .prismatic): "m/s³"
        case (.torque, .prismatic): "N"
        case (.torqueRate, .prismatic): "N/s"
        }
    }
}

/// A velocity limit that depends on how far the joint is from the end it moves to: max(0, √(2 · deceleration · room) − offset), as Franka's FR3 has.
public struct VelocitySlowdown: Sendable, Equatable {
    /// rad/s² or m/s².
    public var deceleration: Double
    /// rad/s or m/s.
    public var offset: Double

    public init(deceleration: Double, offset: Double) {
        self.deceleration = deceleration
        self.offset = offset
    }

    /// - Parameter room: what is left to the end of the range, rad or m.
    public func limit(room: Double) -> Double { max(0, (2 * deceleration * max(0, room)).squareRoot() - offset) }
}

/// One moving joint of the arm's chain with what it may do; nil where nobody has said.
public struct ArmJoint: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable { case revolute, prismatic }

    public var name: String
    public var kind: Kind
    /// rad or m.
    public var lower: Double
    public var upper: Double
    /// Magnitudes, SI (rad or m, Nm or N).
    public var velocity: Double?
    public var acceleration: Double?
    public var jerk: Double?
    public var torque: Double?
    public var torqueRate: Double?
    /// How the velocity limit falls towards the ends of the range; nil where it does not.
    public var slowdown: VelocitySlowdown?

    public init(
        name: String, kind: Kind, lower: Double, upper: Double, velocity: Double? = nil, acceleration: Double? = nil, jerk: Double? = nil,
        torque: Double? = nil, torqueRate: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.lower = lower
        self.upper = upper
        self.velocity = velocity
        self.acceleration = acceleration
        self.jerk = jerk
        self.torque = torque
        self.torqueRate = torqueRate
    }

    /// How fast the joint may move at a position, towards its lower and towards its upper end, as magnitudes (rad/s, m/s); nil where nobody has said.
    public func velocityLimits(at position: Double) -> (down: Double?, up: Double?) {
        guard let velocity, let slowdown else { return (velocity, velocity) }
        return (min(velocity, slowdown.limit(room: position - lower)), min(velocity, slowdown.limit(room: upper - position)))
    }

    /// The velocity limit at a position for a joint that moves at `velocity`, as a magnitude; nil where nobody has said.
    public func velocityLimit(at position: Double, moving velocity: Double) -> Double? {
        let limits = velocityLimits(at: position)
        return velocity < 0 ? limits.down : limits.up
    }

    public var middle: Double { 0.5 * (lower + upper) }
    public var range: Double { upper - lower }

    /// The magnitude limit of a kind other than position.
    public subscript(kind: LimitKind) -> Double? {
        get {
            switch kind {
            case .position: nil
            case .velocity: velocity
            case .acceleration: acceleration
            case .jerk: jerk
            case .torque: torque
            case .torqueRate: torqueRate
            }
        }
        set {
            switch kind {
            case .position: break
            case .velocity: velocity = newValue
            case .acceleration: acceleration = newValue
            case .jerk: jerk = newValue
            case .torque: torque = newValue
            case .torqueRate: torqueRate = newValue
            }
        }
    }
}

/// Who says so, for each kind of limit: a document, a file's element, or a text beginning with `assumed`.
public struct LimitSources: Sendable, Equatable {
    public var position = "assumed"
    public var velocity: String?
    public var acceleration: String?
    public var jerk: String?
    public var torque: String?
    public var torqueRate: String?
    /// Who says how the velocity limit falls towards the ends of the range; nil where it does not.
    public var velocitySlowdown: String?

    public init() {}

    public subscript(kind: LimitKind) -> String? {
        get {
            switch kind {
            case .position: position
            case .velocity: velocity
            case .acceleration: acceleration
            case .jerk: jerk
            case .torque: torque
            case .torqueRate: torqueRate
            }
        }
        set {
            switch kind {
            case .position: position = newValue ?? "assumed"
            case .velocity: velocity = newValue
            case .acceleration: acceleration = newValue
            case .jerk: jerk = newValue
            case .torque: torque = newValue
            case .torqueRate: torqueRate = newValue
            }
        }
    }

    /// Whether a limit is somebody's guess and not the maker's figure.
    public func isAssumed(_ kind: LimitKind) -> Bool { self[kind]?.lowercased().hasPrefix("assumed") ?? false }
}

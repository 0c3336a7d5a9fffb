internal import Geometry

/// What `observation.state` holds.
public enum StateNumbers: String, Sendable, Codable, CaseIterable {
    /// `joints` where the action is of joints, else `ee`: what a policy of that action has when it runs.
    case auto
    /// Joints and gripper.
    case joints
    /// Tool pose and gripper.
    case ee
    /// Joints, gripper and tool pose: each says what the other does.
    case both
}

/// What `action` holds.
public enum ActionNumbers: String, Sendable, Codable, CaseIterable {
    /// Joints and gripper of the next row.
    case joints
    /// Tool pose and gripper of the next row.
    case ee
    /// The tool's motion from this row to the next in the tool's own frame, and the next row's gripper.
    case eeRelative = "ee-relative"
}

/// Which numbers a data set's state and action are, and how rotations are written in them.
public struct DatasetNumbers: Sendable, Equatable {
    /// Never `auto`.
    public let state: StateNumbers
    public let action: ActionNumbers
    public var chart: RotationChart

    public init(state: StateNumbers = .auto, action: ActionNumbers = .joints, chart: RotationChart = RotationChart(form: .rot6d)) {
        self.state = state == .auto ? (action == .joints ? .joints : .ee) : state
        self.action = action
        self.chart = chart
    }

    /// Whether rotations of the tool in its base's frame are among them, which is what a chart is for.
    public var holdsToolRotations: Bool { state != .joints || action == .ee }

    /// The chart, where any rotation is written in it.
    var usedChart: RotationChart? { holdsToolRotations || action == .eeRelative ? chart : nil }

    /// A run of numbers of one side that belong together.
    enum Part {
        case joints
        case gripper
        case position
        case rotation
        case motion
        case turn
    }

    var stateParts: [Part] {
        switch state {
        case .joints: [.joints, .gripper]
        case .auto, .ee: [.position, .rotation, .gripper]
        case .both: [.joints, .gripper, .position, .rotation]
        }
    }

    var actionParts: [Part] {
        switch action {
        case .joints: [.joints, .gripper]
        case .ee: [.position, .rotation, .gripper]
        case .eeRelative: [.motion, .turn, .gripper]
        }
    }

    /// Names of a part's numbers, the side's prefix aside.
    func names(_ part: Part, joints: [String]) -> [String] {
        switch part {
        case .joints: joints.map { "\($0).pos" }
        case .gripper: ["gripper.pos"]
        case .position: ["ee.x", "ee.y", "ee.z"]
        case .rotation: chart.form.names(isRelative: false).map { "ee.\($0)" }
        case .motion: ["ee.dx", "ee.dy", "ee.dz"]
        case .turn: chart.form.names(isRelative: true).map { "ee.d\($0)" }
        }
    }

    /// The group that a part is, as GR00T and robomimic take it.
    func group(_ part: Part, of side: DatasetSide) -> (name: String, rotation: String?, isRelative: Bool) {
        switch part {
        case .joints: (side == .only ? "single_arm" : "\(side.prefix)arm", nil, false)
        case .gripper: ("\(side.prefix)gripper", nil, false)
        case .position: ("\(side.prefix)end_effector_position", nil, false)
        case .rotation: ("\(side.prefix)end_effector_rotation", chart.form.modality, false)
        case .motion: ("\(side.prefix)end_effector_motion", nil, true)
        case .turn: ("\(side.prefix)end_effector_turn", chart.form.modality, true)
        }
    }

    /// A part's numbers of a side at a row; motions are counted from the row `before`.
    /// - Parameter place: of the side in the order of columns.
    func numbers(_ part: Part, of side: DatasetFrame.Side, after before: DatasetFrame.Side, place: Int) -> [Double] {
        switch part {
        case .joints: return side.joints
        case .gripper: return [side.gripperWidth]
        case .position:
            let p = side.baseFromTool.translation
            return [p.x, p.y, p.z]
        case .rotation: return chart.form.numbers(of: side.baseFromTool.rotation, about: chart.reference(place))
        case .motion:
            let p = (before.baseFromTool.inverse * side.baseFromTool).translation
            return [p.x, p.y, p.z]
        case .turn:
            return chart.form.numbers(of: before.baseFromTool.rotation.inverse * side.baseFromTool.rotation, about: .identity)
        }
    }
}

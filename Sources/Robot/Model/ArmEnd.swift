internal import CMuJoCo

/// Where a plain model's arm ends and its gripper begins.
///
/// Joints are the gripper's that mimic another joint or are coupled to one, that are called so (`gripper`, `jaw`, `finger`, …), that leave one
/// link side by side and end after a few joints (fingers), or that come after a link which bears a tool frame of its own (one jaw on the last
/// link). The arm is the longest chain of turning joints among the others; sliding joints at its end are no part of it.
struct ArmEnd {
    /// The body that carries the tool.
    var body: Int
    /// Joints beyond it, by id.
    var gripperJoints: [Int]
    /// Of an MJCF: the site that marks the tool or where one is mounted, where no body does.
    var toolSite: Int?
    /// Bodies that `flange` or `tool_frame` may name instead, in the model's order.
    var choices: [Int]

    /// Nil for a model without a joint.
    /// - Parameter mimics: names of joints that follow another one.
    init?(_ model: ModelHandle, mimics: [String]) {
        let tree = JointTree(model)
        let followers = Set(mimics).union(tree.coupled)
        var gripper: Set<Int> = []
        for link in tree.links where link.parent.map({ gripper.contains($0) }) ?? false || tree.isGripper(link, followers: followers) {
            gripper.insert(link.group)
        }
        // A model whose every joint looks like a gripper's is an arm all the same.
        if tree.links.allSatisfy({ gripper.contains($0.group) }) { gripper = [] }
        func rank(_ link: JointTree.Link) -> (Int, Int) {
            let joints = model.chain(toBody: link.body).filter { !followers.contains(model.name(mjOBJ_JOINT, $0)) }
            let turning = joints.filter { model.model.pointee.jnt_type[$0] == Int32(mjJNT_HINGE.rawValue) }.count
            return (turning, turning - joints.count)
        }
        guard let last = tree.links.filter({ !gripper.contains($0.group) }).max(by: { rank($0) < rank($1) }) else { return nil }
        let frame = tree.toolFrame(of: last)
        body = frame ?? last.body
        toolSite = frame == nil ? tree.toolSite(of: last) : nil
        let inside = Set(model.chain(toBody: last.body))
        gripperJoints = (0..<model.jointCount).filter { joint in
            !inside.contains(joint) && model.chain(toBody: Int(model.model.pointee.jnt_bodyid[joint])).starts(with: inside.sorted())
        }
        choices = (1..<model.bodyCount).filter { !model.chain(toBody: $0).isEmpty }
    }
}

/// The rigid links of a model that joints move, and what of it looks like a gripper.
private struct JointTree {
    struct Link {
        /// The body that the joint moves, and the id of its rigid group.
        var body: Int
        var group: Int
        /// The link below which it hangs; nil at the base.
        var parent: Int?
        /// Joints from the base up to this link, with its own.
        var depth: Int
        /// Most joints beyond this link, on one way.
        var beyond = 0
    }

    private let model: ModelHandle
    /// A parent comes before its children.
    private(set) var links: [Link] = []
    /// Names of joints that a joint equality makes follow another.
    let coupled: Set<String>

    /// Fingers of a pair have at most so many joints each; of a hand of three or more at most so many.
    private static let longestFinger = 3, longestOfAHand = 5
    /// Joints that an arm has before its gripper, at least.
    private static let shortestArm = 3
    /// Heaviest body that counts as a frame, kg.
    private static let frameMass = 1e-6
    /// The same of one that is called as a tool's and shows a mark, kg: what has no inertia is weighed by its shapes, a cube of 2 cm as 8 g.
    private static let markedFrameMass = 0.01

    init(_ model: ModelHandle) {
        self.model = model
        let m = model.model.pointee
        coupled = Set(
            (0..<Int(m.neq)).filter { m.eq_type[$0] == Int32(mjEQ_JOINT.rawValue) && m.eq_obj2id[$0] >= 0 }
                .map { model.name(mjOBJ_JOINT, Int(m.eq_obj1id[$0])) })
        for body in 1..<max(1, model.bodyCount) where m.body_jntnum[body] > 0 {
            let above = model.group(ofBody: model.parent(ofBody: body))
            links.append(
                Link(body: body, group: model.group(ofBody: body), parent: above > 0 ? above : nil, depth: model.chain(toBody: body).count))
        }
        for i in links.indices.reversed() {
            let own = links.filter { $0.parent == links[i].group }
            links[i].beyond = own.map { $0.beyond + Int(m.body_jntnum[$0.body]) }.max() ?? 0
        }
    }

    func isGripper(_ link: Link, followers: Set<String>) -> Bool {
        let m = model.model.pointee
        let joints = (0..<Int(m.body_jntnum[link.body])).map { model.name(mjOBJ_JOINT, Int(m.body_jntadr[link.body]) + $0) }
        if joints.contains(where: { followers.contains($0) }) { return true }
        let before = link.depth - joints.count
        guard before >= Self.shortestArm else { return false }
        if joints.contains(where: Words.isGripperJoint) { return true }
        // A wrist's last joint may turn a link that is called by the jaw fixed to it.
        if Words.isMovingFinger(model.name(mjOBJ_BODY, link.body)), !joints.contains(where: Words.isTurn) { return true }
        let beside = links.filter { $0.parent == link.parent }
        let lengths = beside.map { $0.beyond + Int(m.body_jntnum[$0.body]) }
        if let most = lengths.max(), let least = lengths.min(), beside.count >= 2, most - least <= 1,
            most <= (beside.count >= 3 ? Self.longestOfAHand : Self.longestFinger)
        {
            return true
        }
        // One jaw: the link before it bears the tool's frame, and it does not.
        return beside.count == 1 && link.beyond == 0 && namedFrames(ofGroup: link.group).isEmpty
            && !(link.parent.map { namedFrames(ofGroup: $0) } ?? []).isEmpty
    }

    /// The frame of a link that a tool belongs to: one that is called so, else the one furthest out; nil where it has none.
    func toolFrame(of link: Link) -> Int? {
        func furthest(_ frames: [Int]) -> Int? {
            func rank(_ frame: Int) -> (Int, Int, Int) {
                (Words.isOwnTool(model.name(mjOBJ_BODY, frame)) ? 1 : 0, model.depth(ofBody: frame), frame)
            }
            return frames.max { rank($0) < rank($1) }
        }
        return furthest(namedFrames(ofGroup: link.group)) ?? furthest(frames(ofGroup: link.group))
    }

    /// The site of a link that is called as a tool, else as what carries one; nil where there is none, or more than one.
    func toolSite(of link: Link) -> Int? {
        let sites = (0..<Int(model.model.pointee.nsite)).filter { site in
            model.group(ofBody: Int(model.model.pointee.site_bodyid[site])) == link.group && !Words.isSensor(model.name(mjOBJ_SITE, site))
        }
        let tools = sites.filter { Words.isTool(model.name(mjOBJ_SITE, $0)) }
        let found = tools.isEmpty ? sites.filter { Words.isMount(model.name(mjOBJ_SITE, $0)) } : tools
        return found.count == 1 ? found[0] : nil
    }

    private func namedFrames(ofGroup group: Int) -> [Int] { frames(ofGroup: group).filter { Words.isTool(model.name(mjOBJ_BODY, $0)) } }

    /// Bodies of a rigid group that have no mass to speak of, and no shape but where they are called as a tool's, without those of cameras,
    /// sensors and fingers.
    private func frames(ofGroup group: Int) -> [Int] {
        (1..<model.bodyCount).filter { body in
            let name = model.name(mjOBJ_BODY, body)
            let isMarked = model.model.pointee.body_geomnum[body] > 0
            return model.group(ofBody: body) == group && body != group && (!isMarked || Words.isTool(name))
                && model.model.pointee.body_mass[body] <= (isMarked ? Self.markedFrameMass : Self.frameMass)
                && !Words.isSensor(name) && !Words.isFinger(name)
        }
    }
}

/// What names of joints and links say, by their words: `left_finger_joint1` is `left`, `finger`, `joint`.
private enum Words {
    private static let fingers: Set = ["jaw", "jaws", "finger", "fingers", "knuckle", "thumb", "claw", "fingertip", "pincer"]
    private static let grippers: Set = ["gripper", "grip", "grasp", "pinch"]
    /// A wrist's joints may be called by the gripper that they turn.
    private static let turns: Set = ["roll", "rotate", "rotation", "rot", "yaw", "pitch", "wrist", "base", "flex"]
    private static let tools: Set = [
        "tool", "tcp", "ee", "eef", "effector", "flange", "grasp", "tip", "pinch", "gripper", "tooltip", "grip",
    ]
    private static let sensors: Set = ["camera", "cam", "imu", "optical", "sensor", "depth", "color", "infra", "realsense", "ft", "screw"]

    /// What of a gripper does not move against its link, whatever finger it is called by.
    private static let fixed: Set = ["fixed", "static", "base", "palm", "body"]
    private static let mounts: Set = ["attachment", "mount", "gripperframe", "toolframe", "tcpframe", "eeframe"]

    static func isFinger(_ name: String) -> Bool { !words(name).isDisjoint(with: fingers) }
    static func isMovingFinger(_ name: String) -> Bool { isFinger(name) && words(name).isDisjoint(with: fixed) }
    static func isTurn(_ name: String) -> Bool { !words(name).isDisjoint(with: turns) }
    static func isMount(_ name: String) -> Bool { !words(name).isDisjoint(with: mounts) }
    /// The tool's own frame rather than one of the gripper's.
    static func isOwnTool(_ name: String) -> Bool { !words(name).isDisjoint(with: ["tool", "tcp", "tooltip"]) }
    static func isTool(_ name: String) -> Bool { !words(name).isDisjoint(with: tools) }
    static func isSensor(_ name: String) -> Bool { !words(name).isDisjoint(with: sensors) }

    static func isGripperJoint(_ name: String) -> Bool {
        let words = words(name)
        if !words.isDisjoint(with: fingers) { return true }
        return !words.isDisjoint(with: grippers) && words.isDisjoint(with: turns)
    }

    private static func words(_ name: String) -> Set<String> {
        var out: Set<String> = []
        var word = ""
        var previous: Character = " "
        for c in name {
            if !c.isLetter || (c.isUppercase && previous.isLowercase) {
                out.insert(word.lowercased())
                word = ""
            }
            if c.isLetter { word.append(c) }
            previous = c
        }
        return out.union([word.lowercased()]).subtracting([""])
    }
}

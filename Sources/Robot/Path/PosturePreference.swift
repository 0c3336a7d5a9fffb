/// What `SolveOptions.posture` says.
public enum PosturePreference: Sendable, Equatable {
    /// The family of these joint positions, rad or m.
    case family([Double])
    /// Each path for itself.
    case free

    /// Nil where the text is none of `default`, `home`, `free` and one number a joint inside its range.
    public init?(_ text: String, arm: Arm) {
        switch text {
        case "free": self = .free
        case "default", "home": self = .family(arm.home)
        default:
            let joints = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0.filter { $0 != " " }) }
            guard text.count(where: { $0 == "," }) + 1 == joints.count, joints.count == arm.jointCount,
                zip(joints, arm.joints).allSatisfy({ $0 >= $1.lower && $0 <= $1.upper })
            else { return nil }
            self = .family(joints)
        }
    }

    var reference: [Double]? {
        guard case .family(let joints) = self else { return nil }
        return joints
    }

    /// What is accepted, for a message.
    public static func accepted(_ arm: Arm) -> String {
        "default, home, free, or \(arm.jointCount) joint positions q1,q2,… in rad (m), each inside its range"
    }
}

extension SolveOptions {
    /// Changes when the same options mean other joints.
    private static let ruleVersion = 1

    /// The rule by which postures are chosen, as a data set keeps it: equal text, equal joints for a pose. Throws `RobotError.input` where
    /// `posture` is none of the arm's.
    public func postureRule(_ arm: Arm) throws(RobotError) -> String {
        switch PosturePreference(posture, arm: arm) {
        case .free: return "free"
        case .family(let joints):
            return "rule \(Self.ruleVersion), limit \(strainLimit) within \(strainMargin), self-motion \(strainSelfMotion), reference "
                + joints.map { "\($0)" }.joined(separator: ",")
        case nil: throw .input(what: "solve.posture", reason: "is '\(posture)', expected \(PosturePreference.accepted(arm))")
        }
    }

    /// Takes up the rule that a data set keeps; false where this program has none of that text for the arm.
    public mutating func take(postureRule rule: String, arm: Arm) -> Bool {
        var other = self
        let words = rule.split(separator: " ")
        func number(_ word: Substring) -> Double? { Double(word.filter { $0 != "," }) }
        if rule == "free" {
            other.posture = "free"
        } else if words.count == 10, let limit = number(words[3]), let margin = number(words[5]), let still = number(words[7]) {
            (other.strainLimit, other.strainMargin, other.strainSelfMotion, other.posture) = (limit, margin, still, String(words[9]))
        }
        guard (try? other.postureRule(arm)) == rule else { return false }
        self = other
        return true
    }
}

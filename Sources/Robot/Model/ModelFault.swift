internal import CMuJoCo
internal import Foundation

/// Something in a model that no robot can be, mended so that the rest can be read. It refuses the arm where it is the chain's; else it is a note.
struct ModelFault {
    enum Part: Equatable {
        /// A joint; the chain's where it lies between base and flange.
        case joint(String)
        /// Mass and inertia of a link; the chain's where the link is the one that a joint of the chain moves.
        case inertia(link: String)
        /// Shapes of a link; the chain's where the link is fixed to one that the chain moves, or to the base.
        case shape(link: String)
        /// What matters to no arm: a part that is fixed to another, or a moment off by rounding.
        case slight
    }

    var part: Part
    /// As messages name it, such as `joint j1` or `mesh a.stl (line 7)`.
    var element: String
    var reason: String
    /// What was done about it.
    var mended: String

    var note: String { "\(element): \(reason); \(mended)" }
}

extension SpecHandle {
    /// Compiles a model; bodies whose mass or inertia MuJoCo refuses are given ones that hold, and named.
    func compileMended(path: String) throws(RobotError) -> (model: ModelHandle, faults: [ModelFault]) {
        var faults: [ModelFault] = []
        // Each round mends one body.
        for _ in 0..<1000 {
            if let model = mj_compile(spec, nil) { return (ModelHandle(model), faults) }
            let text = mjs_getError(spec).map { String(cString: $0) } ?? ""
            guard let name = Self.element(in: text), let body = mjs_findBody(spec, name) else { break }
            let isTriangle = text.contains("A + B >= C") || text.contains("positive definite") || text.contains("positive eigenvalues")
            guard isTriangle || text.contains("mass and inertia of moving bodies") else { break }
            guard !faults.contains(where: { $0.part == .inertia(link: name) }) else { break }
            faults.append(isTriangle ? mendInertia(of: body, name) : mendMass(of: body, name))
        }
        return (try compile(path: path), faults)
    }

    /// MuJoCo's name of the element that it complains of; nil where it names none.
    private static func element(in text: String) -> String? {
        guard let start = text.range(of: "Element name '"), let end = text[start.upperBound...].firstIndex(of: "'") else { return nil }
        return String(text[start.upperBound..<end])
    }

    /// Adds the same moment about every axis, the least that makes an inertia one of a body.
    private func mendInertia(of body: UnsafeMutablePointer<mjsBody>, _ name: String) -> ModelFault {
        var b = body.pointee
        let full = [b.fullinertia.0, b.fullinertia.1, b.fullinertia.2, b.fullinertia.3, b.fullinertia.4, b.fullinertia.5]
        let isFull = full[0].isFinite
        let principal = isFull ? Inertia.principal(full) : [b.inertia.0, b.inertia.1, b.inertia.2].sorted()
        let added = Inertia.missing(principal) * (1 + 1e-9) + 1e-15
        if isFull {
            (b.fullinertia.0, b.fullinertia.1, b.fullinertia.2) = (full[0] + added, full[1] + added, full[2] + added)
        } else {
            b.inertia = (b.inertia.0 + added, b.inertia.1 + added, b.inertia.2 + added)
        }
        body.pointee = b
        let isSlight = added <= Self.slightShare * (principal.last ?? 0)
        let moments = principal.map { "\($0)" }.joined(separator: ", ")
        return ModelFault(
            part: isSlight ? .slight : .inertia(link: name), element: "link \(name)",
            reason: "its principal moments of inertia \(moments) kg·m² are of no body: none may exceed the sum of the other two; take "
                + "<inertia> about the centre of mass from the CAD, in kg and m, or that of a box of its size",
            mended: "\(added) kg·m² are added to each")
    }

    /// What rounding in a file may do to moments, as a share of the largest.
    private static let slightShare = 0.01

    private func mendMass(of body: UnsafeMutablePointer<mjsBody>, _ name: String) -> ModelFault {
        body.pointee.explicitinertial = true
        body.pointee.fullinertia.0 = .nan
        body.pointee.mass = max(body.pointee.mass, 1e-3)
        body.pointee.inertia = (1e-6, 1e-6, 1e-6)
        return ModelFault(
            part: .inertia(link: name), element: "link \(name)",
            reason: "moves and has no mass: give it <inertial> with its mass (kg) and inertia (kg·m²)", mended: "1 g is taken")
    }
}

extension Inertia {
    /// Principal moments of ixx iyy izz ixy ixz iyz, ascending (Jacobi's rotations).
    static func principal(_ v: [Double]) -> [Double] {
        var m = [[v[0], v[3], v[4]], [v[3], v[1], v[5]], [v[4], v[5], v[2]]]
        for _ in 0..<30 {
            for (p, q) in [(0, 1), (0, 2), (1, 2)] where abs(m[p][q]) > 1e-300 {
                let theta = (m[q][q] - m[p][p]) / (2 * m[p][q])
                let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<3 { (m[k][p], m[k][q]) = (c * m[k][p] - s * m[k][q], s * m[k][p] + c * m[k][q]) }
                for k in 0..<3 { (m[p][k], m[q][k]) = (c * m[p][k] - s * m[q][k], s * m[p][k] + c * m[q][k]) }
            }
        }
        return [m[0][0], m[1][1], m[2][2]].sorted()
    }

    /// What must be added to each principal moment (ascending) so that all are positive and none exceeds the other two's sum.
    static func missing(_ principal: [Double]) -> Double {
        let (a, b, c) = (principal[0], principal[1], principal[2])
        return max(0, c - a - b, a > 0 ? 0 : -a + 1e-3 * max(abs(c), 1e-9))
    }
}

extension Arm {
    /// Refuses the first fault of the chain's own parts; the others come back as notes.
    static func settle(
        _ faults: [ModelFault], in model: ModelHandle, chain: [Int], base: Int, path: String
    ) throws(RobotError) -> [String] {
        let joints = chain.map { model.name(mjOBJ_JOINT, $0) }
        let moved = chain.map { Int(model.model.pointee.jnt_bodyid[$0]) }
        let groups = Set(moved.map { model.group(ofBody: $0) } + [model.group(ofBody: base)])
        for fault in faults {
            let isOfChain =
                switch fault.part {
                case .joint(let name): joints.contains(name)
                case .inertia(let link): moved.contains { model.name(mjOBJ_BODY, $0) == link }
                case .slight: false
                case .shape(let link): (model.id(mjOBJ_BODY, link)).map { groups.contains(model.group(ofBody: $0)) } ?? true
                }
            if isOfChain { throw .model(path: path, element: fault.element, reason: fault.reason) }
        }
        return faults.map(\.note)
    }

    /// What was taken for the arm's end, and how to say otherwise.
    static func words(_ end: ArmEnd, _ model: ModelHandle, model url: URL) -> String {
        let sidecar = url.deletingPathExtension().lastPathComponent + ".arm.yaml"
        let gripper = end.gripperJoints.map { model.name(mjOBJ_JOINT, $0) }
        let left = gripper.isEmpty ? "" : "; its gripper's joints are left out: \(gripper.joined(separator: ", "))"
        let others = end.choices.filter { $0 != end.body }.map { model.name(mjOBJ_BODY, $0) }
        let site = end.toolSite.map { ", its tool to stand at the site \(model.name(mjOBJ_SITE, $0))" } ?? ""
        return
            "the arm is taken to end at \(model.name(mjOBJ_BODY, end.body))\(site)\(left); if it does not, say `flange` or `tool_frame` in \(sidecar)"
            + (others.isEmpty ? "" : " (one of \(others.joined(separator: ", ")))")
    }
}

internal import Foundation
internal import Session

/// A URDF made ready for MuJoCo: checked, meshes found, pictures left out, with the velocity limits that MuJoCo drops.
struct URDF {
    /// XML that MuJoCo reads.
    var text: String
    /// rad/s or m/s by joint name, in the file's order.
    var velocities: [(joint: String, value: Double)]
    /// Joints that follow another one (grippers' second fingers).
    var mimics: [String]

    /// What was mended.
    var faults: [ModelFault]

    /// `package://…` is looked for beside and above the file by ever shorter tails of its path. What the format allows but no robot can be
    /// (an inertia of no body, a limit whose ends are swapped, a number that is not one, a mesh that is not there) is mended and comes back in
    /// `faults`; what has no meaning at all (a joint without a child, xacro's macros) is refused with its name.
    /// - Parameter keepsVisuals: also pictures, where their meshes are of a kind that MuJoCo reads and are there.
    init(root: XMLElement, path: String, keepsVisuals: Bool = false) throws(RobotError) {
        try Self.refuseXacro(root, path: path)
        var root = root
        var faults: [ModelFault] = []
        let names = root.all("link").compactMap { $0["name"] }
        guard !names.isEmpty else { throw .model(path: path, element: "<robot>", reason: "has no <link>") }
        for joint in root.all("joint") { try Self.checkEnds(joint, links: names, path: path) }
        var joints = JointReading(path: path)
        for i in root.children.indices where root.children[i].name == "joint" { joints.read(&root.children[i]) }
        faults += joints.faults
        let fixed = Set(root.all("joint").filter { $0["type"] == "fixed" }.compactMap { $0.first("child")?["link"] })
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        for i in root.children.indices where root.children[i].name == "link" {
            if let fault = Self.mendInertia(&root.children[i], isFixed: fixed.contains(root.children[i]["name"] ?? ""), path: path) {
                faults.append(fault)
            }
            Self.dropVisuals(&root.children[i], keeps: keepsVisuals, folder: folder, path: path)
            faults += Self.placeMeshes(&root.children[i], folder: folder, path: path)
        }
        root.children.removeAll { ["mujoco", "transmission", "gazebo"].contains($0.name) }
        try root.visit { (element: inout XMLElement) throws(RobotError) in
            guard element.name == "inertia" else { return }
            // The format's defaults; MuJoCo wants all six.
            for name in ["ixx", "iyy", "izz", "ixy", "ixz", "iyz"] where element[name] == nil { element.set(name, to: "0") }
        }
        root.children.insert(
            XMLElement(
                name: "mujoco",
                children: [
                    XMLElement(
                        name: "compiler",
                        attributes: [
                            ("strippath", "false"), ("fusestatic", "false"), ("discardvisual", keepsVisuals ? "false" : "true"),
                            ("balanceinertia", "false"),
                        ],
                        line: 0)
                ], line: 0), at: 0)
        self.text = root.text
        self.velocities = joints.velocities
        self.mimics = joints.mimics
        self.faults = faults
    }

    private static func refuseXacro(_ root: XMLElement, path: String) throws(RobotError) {
        func macro(_ element: XMLElement) -> XMLElement? {
            if element.name.hasPrefix("xacro:")
                || element.attributes.contains(where: { $0.value.contains("${") || $0.value.contains("$(") })
            {
                return element
            }
            for child in element.children { if let found = macro(child) { return found } }
            return nil
        }
        guard let found = macro(root) else { return }
        throw .model(
            path: path, element: "<\(found.name)> (line \(found.line))",
            reason:
                "is xacro, from which a URDF is made first: `xacro \(URL(fileURLWithPath: path).lastPathComponent) > arm.urdf` (the program "
                + "comes with ROS, and as the Python package xacro)")
    }

    private static func checkEnds(_ joint: XMLElement, links: [String], path: String) throws(RobotError) {
        let element = "joint \(joint["name"] ?? "(without name, line \(joint.line))")"
        for end in ["parent", "child"] {
            guard let link = joint.first(end)?["link"] else { throw .model(path: path, element: element, reason: "has no <\(end) link=…>") }
            guard links.contains(link) else { throw .model(path: path, element: element, reason: "\(end) link \(link) does not exist") }
        }
    }

    private static func dropVisuals(_ link: inout XMLElement, keeps: Bool, folder: URL, path: String) {
        link.children.removeAll { element in
            guard element.name == "visual" else { return false }
            guard keeps, let geometry = element.first("geometry") else { return true }
            guard let mesh = geometry.first("mesh") else { return false }
            return (try? findMesh(mesh["filename"] ?? "", folder: folder, path: path, line: mesh.line)) == nil
        }
    }

    /// Puts the meshes' paths on this machine in; a shape whose mesh cannot be read is taken out and named.
    private static func placeMeshes(_ link: inout XMLElement, folder: URL, path: String) -> [ModelFault] {
        var faults: [ModelFault] = []
        let owner = link["name"] ?? ""
        link.children = link.children.compactMap { child in
            var child = child
            do throws(RobotError) {
                try child.visit { (element: inout XMLElement) throws(RobotError) in
                    guard element.name == "mesh", let name = element["filename"] else { return }
                    element.set("filename", to: try findMesh(name, folder: folder, path: path, line: element.line))
                }
                return child
            } catch {
                guard case .model(_, let element, let reason) = error else { return child }
                faults.append(
                    ModelFault(part: .shape(link: owner), element: element, reason: reason, mended: "link \(owner) goes without this shape")
                )
                return nil
            }
        }
        return faults
    }

    static func number(_ element: XMLElement, _ name: String, _ path: String, _ owner: String) throws(RobotError) -> Double? {
        guard let text = element[name] else { return nil }
        guard let value = Double(text.trimmingCharacters(in: .whitespaces)), value.isFinite else {
            throw .model(path: path, element: owner, reason: "\(name)=\"\(text)\" is not a finite number")
        }
        return value
    }

    /// Takes an inertia out that no body has: of a frame (fixed, and without mass to speak of) in silence, else in exchange for a ball of its mass.
    private static func mendInertia(_ link: inout XMLElement, isFixed: Bool, path: String) -> ModelFault? {
        guard let at = link.children.firstIndex(where: { $0.name == "inertial" }) else { return nil }
        let name = link["name"] ?? ""
        let element = "link \(link["name"] ?? "(without name, line \(link.line))")"
        do throws(RobotError) {
            let mass = try inertialMass(link.children[at], element, path: path)
            if isFixed, mass <= frameMass {
                link.children.remove(at: at)
                return nil
            }
            guard mass > 0, let inertia = link.children[at].first("inertia") else { return nil }
            var v: [Double] = []
            for key in ["ixx", "iyy", "izz", "ixy", "ixz", "iyz"] { v.append(try number(inertia, key, path, element) ?? 0) }
            if Inertia.isPositive(v) { return nil }
            throw .model(
                path: path, element: element, reason: "its inertia is not positive definite (ixx \(v[0]), iyy \(v[1]), izz \(v[2]))")
        } catch {
            guard case .model(_, let element, let reason) = error else { return nil }
            let stated = link.children[at].first("mass")?["value"].flatMap { NumberText.number($0) } ?? 0
            let mass = min(max(stated, 1e-3), 1e4)
            let moment = "\(0.4 * mass * 0.03 * 0.03)"
            link.children[at].children.removeAll { $0.name == "inertia" || $0.name == "mass" }
            link.children[at].children += [
                XMLElement(name: "mass", attributes: [("value", "\(mass)")], line: 0),
                XMLElement(name: "inertia", attributes: [("ixx", moment), ("iyy", moment), ("izz", moment)], line: 0),
            ]
            return ModelFault(
                part: isFixed ? .slight : .inertia(link: name), element: element, reason: reason,
                mended: "a ball of \(mass) kg and 3 cm is taken for it")
        }
    }

    /// Heaviest fixed link that is a frame and no part, kg.
    private static let frameMass = 1e-6

    private static func inertialMass(_ inertial: XMLElement, _ owner: String, path: String) throws(RobotError) -> Double {
        guard let element = inertial.first("mass"), let mass = try number(element, "value", path, owner) else {
            throw .model(path: path, element: owner, reason: "<inertial> has no <mass value=…>")
        }
        guard mass >= 0 else { throw .model(path: path, element: owner, reason: "mass \(mass) kg is negative") }
        return mass
    }

    /// Kinds of mesh that MuJoCo decodes.
    private static let meshes = ["stl", "obj", "msh"]

    private static func findMesh(_ name: String, folder: URL, path: String, line: Int) throws(RobotError) -> String {
        let manager = FileManager.default
        let kind = URL(fileURLWithPath: name).pathExtension.lowercased()
        guard meshes.contains(kind) else {
            let what = kind == "dae" ? "is COLLADA, which is not read" : "is of no kind that is read"
            throw .model(
                path: path, element: "mesh \(name) (line \(line))",
                reason: "\(what); STL, OBJ and MSH are accepted: convert it (Blender, MeshLab or `assimp export` do) and name the new file")
        }
        var tail = name
        var inPackage = false
        for scheme in ["package://", "model://", "file://"] where name.hasPrefix(scheme) {
            tail = String(name.dropFirst(scheme.count))
            inPackage = scheme != "file://"
        }
        if tail.hasPrefix("/") {
            if manager.fileExists(atPath: tail) { return tail }
        } else if !inPackage {
            let url = folder.appendingPathComponent(tail).standardizedFileURL
            if manager.fileExists(atPath: url.path) { return url.path }
        } else {
            let parts = tail.split(separator: "/").map(String.init)
            for drop in 0..<max(1, parts.count - 1) {
                var place = folder
                for _ in 0..<5 {
                    let url = place.appendingPathComponent(parts.dropFirst(drop).joined(separator: "/"))
                    if manager.fileExists(atPath: url.path) { return url.standardizedFileURL.path }
                    place = place.deletingLastPathComponent()
                }
            }
        }
        throw .model(
            path: path, element: "mesh \(name) (line \(line))",
            reason: inPackage
                ? "was not found beside the file or in the four folders above it" : "does not exist")
    }
}

/// What joints of a URDF state, with what had to be mended.
private struct JointReading {
    let path: String
    var velocities: [(joint: String, value: Double)] = []
    var mimics: [String] = []
    var faults: [ModelFault] = []

    init(path: String) { self.path = path }

    /// A joint that cannot move (its limits are both 0) becomes a fixed one.
    mutating func read(_ joint: inout XMLElement) {
        let name = joint["name"] ?? ""
        let element = "joint \(joint["name"] ?? "(without name, line \(joint.line))")"
        if joint.first("mimic") != nil, !name.isEmpty { mimics.append(name) }
        guard ["revolute", "prismatic"].contains(joint["type"] ?? "") else { return }
        func fault(_ reason: String, _ mended: String) {
            faults.append(.init(part: .joint(name), element: element, reason: reason, mended: mended))
        }
        guard let at = joint.children.firstIndex(where: { $0.name == "limit" }) else {
            joint.children.append(XMLElement(name: "limit", attributes: [("lower", "-1"), ("upper", "1")], line: 0))
            fault("is \(joint["type"] ?? "") and has no <limit>; lower and upper are needed", "-1 to 1 is taken")
            return
        }
        do throws(RobotError) {
            let lower = try URDF.number(joint.children[at], "lower", path, element) ?? 0
            let upper = try URDF.number(joint.children[at], "upper", path, element) ?? 0
            if lower == 0, upper == 0 {
                joint.set("type", to: "fixed")
                return
            }
            guard lower < upper else {
                throw .model(path: path, element: element, reason: "lower limit \(lower) is not below upper limit \(upper)")
            }
            for key in ["velocity", "effort"] {
                guard let value = try URDF.number(joint.children[at], key, path, element) else { continue }
                guard value >= 0 else { throw .model(path: path, element: element, reason: "\(key) limit \(value) is negative") }
                if key == "velocity", value > 0, !name.isEmpty { velocities.append((name, value)) }
            }
        } catch {
            guard case .model(_, _, let reason) = error else { return }
            let ends = ["lower", "upper"].compactMap { joint.children[at][$0].flatMap { NumberText.number($0) } }.sorted()
            let (low, high) =
                ends.count == 2 && ends[0] < ends[1] ? (ends[0], ends[1]) : ((ends.first ?? 0) - 1e-4, (ends.first ?? 0) + 1e-4)
            joint.children[at] = XMLElement(name: "limit", attributes: [("lower", "\(low)"), ("upper", "\(high)")], line: 0)
            fault(reason, "\(low) to \(high) is taken")
        }
    }
}

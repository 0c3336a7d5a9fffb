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

    /// `package://…` is looked for beside and above the file by ever shorter tails of its path. What the format allows but physics does not
    /// (a moving link without mass, a limit whose ends are swapped, a number that is not one) is refused with the link or joint.
    /// - Parameter keepsVisuals: also pictures, where their meshes are of a kind that MuJoCo reads and are there.
    init(root: XMLElement, path: String, keepsVisuals: Bool = false) throws(RobotError) {
        var root = root
        var velocities: [(joint: String, value: Double)] = []
        var mimics: [String] = []
        let names = root.all("link").compactMap { $0["name"] }
        guard !names.isEmpty else { throw .model(path: path, element: "<robot>", reason: "has no <link>") }
        for joint in root.all("joint") {
            let element = "joint \(joint["name"] ?? "(without name, line \(joint.line))")"
            for end in ["parent", "child"] {
                guard let link = joint.first(end)?["link"] else {
                    throw .model(path: path, element: element, reason: "has no <\(end) link=…>")
                }
                guard names.contains(link) else { throw .model(path: path, element: element, reason: "\(end) link \(link) does not exist") }
            }
            if joint.first("mimic") != nil, let name = joint["name"] { mimics.append(name) }
            guard ["revolute", "prismatic"].contains(joint["type"] ?? "") else { continue }
            guard let limit = joint.first("limit") else {
                throw .model(
                    path: path, element: element, reason: "is \(joint["type"] ?? "") and has no <limit>; lower and upper are needed")
            }
            let lower = try Self.number(limit, "lower", path, element) ?? 0
            let upper = try Self.number(limit, "upper", path, element) ?? 0
            guard lower < upper else {
                throw .model(path: path, element: element, reason: "lower limit \(lower) is not below upper limit \(upper)")
            }
            for name in ["velocity", "effort"] {
                guard let value = try Self.number(limit, name, path, element) else { continue }
                guard value >= 0 else { throw .model(path: path, element: element, reason: "\(name) limit \(value) is negative") }
                if name == "velocity", value > 0, let joint = joint["name"] { velocities.append((joint, value)) }
            }
        }
        for link in root.all("link") { try Self.checkInertia(link, path: path) }
        for i in root.children.indices where root.children[i].name == "link" {
            root.children[i].children.removeAll { element in
                guard element.name == "visual" else { return false }
                guard keepsVisuals, let geometry = element.first("geometry") else { return true }
                guard let mesh = geometry.first("mesh") else { return false }
                let name = mesh["filename"] ?? ""
                let isReadable = ["stl", "obj", "msh"].contains(URL(fileURLWithPath: name).pathExtension.lowercased())
                let url = URL(fileURLWithPath: path).deletingLastPathComponent()
                return !isReadable || (try? Self.findMesh(name, folder: url, path: path, line: mesh.line)) == nil
            }
        }
        root.children.removeAll { ["mujoco", "transmission", "gazebo"].contains($0.name) }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try root.visit { (element: inout XMLElement) throws(RobotError) in
            if element.name == "inertia" {
                // The format's defaults; MuJoCo wants all six.
                for name in ["ixx", "iyy", "izz", "ixy", "ixz", "iyz"] where element[name] == nil { element.set(name, to: "0") }
            }
            guard element.name == "mesh", let name = element["filename"] else { return }
            element.set("filename", to: try Self.findMesh(name, folder: folder, path: path, line: element.line))
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
        self.velocities = velocities
        self.mimics = mimics
    }

    private static func number(_ element: XMLElement, _ name: String, _ path: String, _ owner: String) throws(RobotError) -> Double? {
        guard let text = element[name] else { return nil }
        guard let value = Double(text.trimmingCharacters(in: .whitespaces)), value.isFinite else {
            throw .model(path: path, element: owner, reason: "\(name)=\"\(text)\" is not a finite number")
        }
        return value
    }

    private static func checkInertia(_ link: XMLElement, path: String) throws(RobotError) {
        guard let inertial = link.first("inertial") else { return }
        let owner = "link \(link["name"] ?? "(without name, line \(link.line))")"
        guard let massElement = inertial.first("mass"), let mass = try number(massElement, "value", path, owner) else {
            throw .model(path: path, element: owner, reason: "<inertial> has no <mass value=…>")
        }
        guard mass >= 0 else { throw .model(path: path, element: owner, reason: "mass \(mass) kg is negative") }
        guard mass > 0, let inertia = inertial.first("inertia") else { return }
        var v: [Double] = []
        for name in ["ixx", "iyy", "izz", "ixy", "ixz", "iyz"] { v.append(try number(inertia, name, path, owner) ?? 0) }
        guard Inertia.isPositive(v) else {
            throw .model(path: path, element: owner, reason: "its inertia is not positive definite (ixx \(v[0]), iyy \(v[1]), izz \(v[2]))")
        }
    }

    private static func findMesh(_ name: String, folder: URL, path: String, line: Int) throws(RobotError) -> String {
        let manager = FileManager.default
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

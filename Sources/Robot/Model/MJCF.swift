internal import Foundation

/// What is looked at in an MJCF before MuJoCo reads it, so that a complaint names the element and not only a line.
enum MJCF {
    /// Refuses masses and inertias that no body has, ranges the wrong way round, numbers that are none and meshes that are not there.
    static func check(_ root: XMLElement, path: String) throws(RobotError) {
        let compiler = root.first("compiler")
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let meshes = compiler?["meshdir"] ?? compiler?["assetdir"] ?? ""
        for asset in root.all("asset") {
            for mesh in asset.all("mesh") {
                guard let file = mesh["file"] else { continue }
                let place = meshes.hasPrefix("/") ? URL(fileURLWithPath: meshes) : folder.appendingPathComponent(meshes)
                let url = file.hasPrefix("/") ? URL(fileURLWithPath: file) : place.appendingPathComponent(file)
                guard FileManager.default.fileExists(atPath: url.path) else {
                    throw .model(
                        path: path, element: "mesh \(file) (line \(mesh.line))",
                        reason: "does not exist; looked for at \(url.standardizedFileURL.path)")
                }
            }
        }
        for world in root.all("worldbody") { try check(body: world, path: path) }
    }

    private static func check(body: XMLElement, path: String) throws(RobotError) {
        let owner = body["name"].map { "body \($0)" } ?? "body on line \(body.line)"
        for inertial in body.all("inertial") {
            guard let mass = try numbers(inertial, "mass", path, owner)?.first, mass >= 0 else {
                throw .model(path: path, element: owner, reason: "mass=\"\(inertial["mass"] ?? "")\" must be a number from 0, kg")
            }
            if let d = try numbers(inertial, "diaginertia", path, owner) {
                guard d.count == 3, mass == 0 || d.allSatisfy({ $0 > 0 }) else {
                    throw .model(path: path, element: owner, reason: "its inertia is not positive (diaginertia \(d))")
                }
            }
            if let f = try numbers(inertial, "fullinertia", path, owner) {
                guard f.count == 6, mass == 0 || Inertia.isPositive(f) else {
                    throw .model(path: path, element: owner, reason: "its inertia is not positive definite (fullinertia \(f))")
                }
            }
        }
        for joint in body.all("joint") {
            let element = "joint \(joint["name"] ?? "(without name, line \(joint.line))")"
            guard let range = try numbers(joint, "range", path, element) else { continue }
            guard range.count == 2, range[0] < range[1] || range == [0, 0] else {
                throw .model(path: path, element: element, reason: "range \(range): the lower limit must be below the upper")
            }
        }
        for inner in body.all("body") { try check(body: inner, path: path) }
    }

    private static func numbers(_ element: XMLElement, _ name: String, _ path: String, _ owner: String) throws(RobotError) -> [Double]? {
        guard let text = element[name] else { return nil }
        var out: [Double] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            guard let value = Double(word), value.isFinite else {
                throw .model(path: path, element: owner, reason: "\(name)=\"\(text)\" does not hold finite numbers")
            }
            out.append(value)
        }
        return out
    }
}

enum Inertia {
    /// Whether ixx iyy izz ixy ixz iyz is positive definite (by its leading minors).
    static func isPositive(_ v: [Double]) -> Bool {
        let (a, b, c, d, e, f) = (v[0], v[1], v[2], v[3], v[4], v[5])
        return a > 0 && a * b - d * d > 0 && a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e) > 0
    }
}

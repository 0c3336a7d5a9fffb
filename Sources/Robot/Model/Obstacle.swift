public import Foundation
public import Geometry
internal import Session
internal import Yams

/// The frame of an obstacle: in the middle of its shape, a cylinder's axis along z.
public enum ObstacleFrame {}

/// Something that stands where the arm works, as a user gives it: the arm must keep clear of it.
public struct Obstacle: Sendable, Equatable {
    public enum Shape: Sendable, Equatable {
        /// Full edge lengths, m.
        case box(Vector3)
        /// Radius, m.
        case sphere(Double)
        /// Radius and height, m.
        case cylinder(radius: Double, height: Double)
    }

    public var name: String
    public var shape: Shape
    public var tableFromObstacle: Transform<Table, ObstacleFrame>

    public init(name: String, shape: Shape, tableFromObstacle: Transform<Table, ObstacleFrame>) {
        self.name = name
        self.shape = shape
        self.tableFromObstacle = tableFromObstacle
    }

    /// What it is called in the arm's model.
    var bodyName: String { "obstacle:\(name)" }
}

/// The obstacles of a scene and the file that holds them, which a stage's key must hash.
///
/// The file is YAML: `obstacles:`, a list of `name`, one of `box_m: [x, y, z]` (full lengths), `sphere_m: radius` or
/// `cylinder_m: {radius: r, height: h}`, `translation_m: [x, y, z]` of its middle over the table's frame and, unless it stands upright,
/// `rotation_xyzw`.
public struct ObstacleSet: Sendable, Equatable {
    public var obstacles: [Obstacle]
    public var file: URL?

    public init(_ obstacles: [Obstacle] = []) { self.obstacles = obstacles }

    private struct File: Decodable {
        struct Entry: Decodable {
            struct Cylinder: Decodable {
                var radius: Double
                var height: Double
            }
            var name: String
            var box_m: [Double]?
            var sphere_m: Double?
            var cylinder_m: Cylinder?
            var translation_m: [Double]
            var rotation_xyzw: [Double]?
        }
        var obstacles: [Entry]
    }

    /// Reads the file; what is missing or has no extent is named with the obstacle.
    public init(contentsOf url: URL) throws(RobotError) {
        let file = try SidecarYAML.decode(File.self, url)
        var out: [Obstacle] = []
        for (k, entry) in file.obstacles.enumerated() {
            let element = "obstacles[\(k)] (\(entry.name))"
            guard !entry.name.isEmpty, !out.contains(where: { $0.name == entry.name }) else {
                throw .model(path: url.path, element: element, reason: "needs a name of its own")
            }
            var shapes: [Obstacle.Shape] = []
            if let b = entry.box_m {
                guard b.count == 3 else { throw .model(path: url.path, element: "\(element).box_m", reason: "needs three edge lengths, m") }
                shapes.append(.box(Vector3(b[0], b[1], b[2])))
            }
            if let r = entry.sphere_m { shapes.append(.sphere(r)) }
            if let c = entry.cylinder_m { shapes.append(.cylinder(radius: c.radius, height: c.height)) }
            guard shapes.count == 1, let shape = shapes.first else {
                throw .model(path: url.path, element: element, reason: "needs one of box_m, sphere_m, cylinder_m")
            }
            let sizes: [Double]
            switch shape {
            case .box(let s): sizes = [s.x, s.y, s.z]
            case .sphere(let r): sizes = [r]
            case .cylinder(let radius, let height): sizes = [radius, height]
            }
            guard sizes.allSatisfy({ $0 > 0 && $0 <= 1e3 }) else {
                throw .model(path: url.path, element: element, reason: "its sizes must be positive, 1000 m at most; they are \(sizes)")
            }
            var pose = PoseKeys(Transform<Table, ObstacleFrame>.identity)
            pose.translation_m = entry.translation_m
            if let rotation = entry.rotation_xyzw { pose.rotation_xyzw = rotation }
            out.append(Obstacle(name: entry.name, shape: shape, tableFromObstacle: try pose.robotTransform(path: url.path, key: element)))
        }
        obstacles = out
        self.file = url
    }
}

/// YAML with every complaint naming file and key.
enum SidecarYAML {
    static func decode<T: Decodable>(_ type: T.Type, _ url: URL) throws(RobotError) -> T { try decode(type, text(url), path: url.path) }

    static func text(_ url: URL) throws(RobotError) -> String {
        do { return String(decoding: try FileBytes.readText(url), as: UTF8.self) } catch { throw RobotError(error) }
    }

    static func decode<T: Decodable>(_ type: T.Type, _ text: String, path: String) throws(RobotError) -> T {
        do {
            return try YAMLDecoder().decode(type, from: text)
        } catch let error as DecodingError {
            throw RobotError(SessionError(decoding: error, path: path))
        } catch {
            throw .file(path: path, reason: "is not YAML: \(error)")
        }
    }
}

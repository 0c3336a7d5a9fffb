internal import CMuJoCo
public import Foundation
public import Geometry
internal import Session

/// Several arms on one table: each with its own foot, and a model of all together in which they can meet.
///
/// Read from YAML: `name`, `title`, `arms`: a list of `name` (left, right), `arm` (a path from the file) and `table_from_base`.
/// Arms move on their own paths; `StationKinematics` and `StationFeasibility` say how near they come to each other.
public struct Station: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public var name: String
        public var arm: Arm
        public var tableFromBase: Transform<Table, Base>

        public init(name: String, arm: Arm, tableFromBase: Transform<Table, Base>) {
            (self.name, self.arm, self.tableFromBase) = (name, arm, tableFromBase)
        }
    }

    public var name: String
    public var title: String
    public var members: [Member]
    public var files: [URL]
    /// MuJoCo's binary model of all arms; bodies and joints are called `member/name`.
    var compiledModel: [UInt8]

    private struct File: Decodable {
        struct Entry: Decodable {
            var name: String
            var arm: String
            var table_from_base: PoseKeys
        }
        var name: String?
        var title: String?
        var arms: [Entry]
    }

    /// Throws `RobotError` naming the file and the key or, for an arm, the arm's file and element.
    public init(contentsOf url: URL, obstacles: ObstacleSet = ObstacleSet()) throws(RobotError) {
        let file = try SidecarYAML.decode(File.self, url)
        guard file.arms.count >= 2 else { throw .model(path: url.path, element: "arms", reason: "a station has two arms or more") }
        var members: [Member] = []
        var files = [url]
        for (k, entry) in file.arms.enumerated() {
            let element = "arms[\(k)]"
            guard !entry.name.isEmpty, !entry.name.contains("/"), !members.contains(where: { $0.name == entry.name }) else {
                throw .model(
                    path: url.path, element: "\(element).name", reason: "\"\(entry.name)\": each arm needs a name of its own, without /")
            }
            let place = url.deletingLastPathComponent().appendingPathComponent(entry.arm).standardizedFileURL
            guard FileManager.default.fileExists(atPath: place.path) else {
                throw .model(path: url.path, element: "\(element).arm", reason: "\(place.path) does not exist")
            }
            let arm = try Arm(contentsOf: place, obstacles: obstacles)
            members.append(
                Member(
                    name: entry.name, arm: arm,
                    tableFromBase: try entry.table_from_base.robotTransform(path: url.path, key: "\(element).table_from_base")))
            files += arm.files.filter { !files.contains($0) }
        }
        name = file.name ?? url.deletingPathExtension().lastPathComponent
        title = file.title ?? name
        self.members = members
        self.files = files
        compiledModel = try Self.compile(members, path: url.path)
    }

    /// One model of all arms, each in a frame of the world, which is the table's.
    static func compile(_ members: [Member], path: String) throws(RobotError) -> [UInt8] {
        gtmj_silence()
        guard let made = mj_makeSpec() else { throw .model(path: path, element: "arms", reason: "no model can be made") }
        let whole = SpecHandle(made)
        var parts: [SpecHandle] = []
        for member in members {
            guard let source = member.arm.files.first else { continue }
            let (part, _) = try Arm.describe(source)
            // The frame in which the arm's own world stands on the table.
            let tableFromWorld = member.tableFromBase * Kinematics(member.arm).baseFromWorld
            guard let world = mjs_findBody(whole.spec, "world"), let frame = mjs_addFrame(world, nil) else {
                throw .model(path: path, element: member.name, reason: "takes no frame")
            }
            let (p, q) = (tableFromWorld.translation, tableFromWorld.rotation.xyzw)
            frame.pointee.pos = (p.x, p.y, p.z)
            frame.pointee.quat = (q.w, q.x, q.y, q.z)
            guard mjs_attach(frame.pointee.element, part.spec.pointee.element, "\(member.name)/", "") != nil else {
                throw .model(path: path, element: member.name, reason: "cannot be put into one model with the other arms")
            }
            parts.append(part)
        }
        let compiled = try whole.compile(path: path)
        return withExtendedLifetime(parts) { compiled.bytes() }
    }

    /// A description for people.
    public func summary() -> String {
        var lines = ["\(name): \(title)", ""]
        for member in members {
            let (p, q) = (member.tableFromBase.translation, member.tableFromBase.rotation.xyzw)
            lines.append("\(member.name): \(member.arm.headline())")
            lines.append(
                "  foot on the table: translation_m [\([p.x, p.y, p.z].map(shortest).joined(separator: ", "))], "
                    + "rotation_xyzw [\([q.x, q.y, q.z, q.w].map(shortest).joined(separator: ", "))]")
        }
        lines.append("files: " + files.map(\.lastPathComponent).joined(separator: ", "))
        return lines.joined(separator: "\n")
    }
}

/// A station's working copy: distances between its arms. One for each thread.
public final class StationKinematics {
    public let station: Station
    private let handle: ModelHandle
    private let data: UnsafeMutablePointer<mjData>
    private let bounds: BoundingCapsules
    private let coordinates: [[Int]]
    private let pairs: [CollisionPair]

    public init(_ station: Station) {
        guard let handle = ModelHandle(bytes: station.compiledModel), let data = mj_makeData(handle.model) else {
            preconditionFailure("a station that was read holds a model that loads")
        }
        self.station = station
        self.handle = handle
        self.data = data
        bounds = BoundingCapsules(handle)
        coordinates = station.members.map { member in
            member.arm.joints.compactMap { joint in
                handle.id(mjOBJ_JOINT, "\(member.name)/\(joint.name)").map { Int(handle.model.pointee.jnt_qposadr[$0]) }
            }
        }
        precondition(zip(coordinates, station.members).allSatisfy { $0.count == $1.arm.jointCount }, "the arms' joints are in the model")
        func owner(_ geometry: Int) -> Int? {
            let body = handle.name(mjOBJ_BODY, handle.body(ofGeometry: geometry))
            return station.members.firstIndex { body.hasPrefix("\($0.name)/") }
        }
        let model = handle.model
        let solid = (0..<handle.geometryCount).filter { model.pointee.geom_contype[$0] != 0 || model.pointee.geom_conaffinity[$0] != 0 }
        var pairs: [CollisionPair] = []
        for (k, a) in solid.enumerated() {
            for b in solid[(k + 1)...] {
                guard let first = owner(a), let second = owner(b), first != second else { continue }
                // Two feet do not move against each other.
                if handle.group(ofBody: handle.body(ofGeometry: a)) == 0, handle.group(ofBody: handle.body(ofGeometry: b)) == 0 { continue }
                pairs.append(CollisionPair(first: Int32(a), second: Int32(b)))
            }
        }
        self.pairs = pairs
    }

    deinit { mj_deleteData(data) }

    /// The least distance between two arms, metres, capped at `reach`; `postures` in the order of the station's members, rad or m.
    /// The element is `left/link|right/link`.
    public func clearance(_ postures: [[Double]], reach: Double = 0.1) -> Clearance {
        precondition(postures.count == coordinates.count, "one posture for each arm")
        for (posture, places) in zip(postures, coordinates) {
            precondition(posture.count == places.count, "a posture has one number for each joint")
            for (value, place) in zip(posture, places) { data.pointee.qpos[place] = value }
        }
        mj_kinematics(handle.model, data)
        bounds.move(data)
        var best = reach
        var found: CollisionPair?
        for pair in pairs where !bounds.areApart(Int(pair.first), Int(pair.second), reach: best) {
            let distance = mj_geomDistance(handle.model, data, pair.first, pair.second, reach, nil)
            if distance < best {
                best = distance
                found = pair
            }
        }
        guard let found else { return Clearance(distance: reach, element: "") }
        let names = [found.first, found.second].map { handle.name(mjOBJ_BODY, handle.body(ofGeometry: Int($0))) }
        return Clearance(distance: best, element: names.joined(separator: "|"))
    }
}

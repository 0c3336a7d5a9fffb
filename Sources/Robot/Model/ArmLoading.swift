internal import CMuJoCo
public import Foundation
internal import Geometry
internal import Session

extension Arm {
    /// Reads an arm: a folder with `arm.yaml`, an arm YAML, or a plain URDF or MJCF (with `NAME.arm.yaml` beside it, if there is one).
    ///
    /// The model is compiled by MuJoCo with all frames kept and pictures left out; the tool and the payload are added; pairs of links that are
    /// adjacent, listed, or in contact in nearly every posture are taken out of the collision check. From a plain model the tool stands where
    /// `ArmEnd` finds the arm's end, with that body's axes; position limits must be in the file, and what it does not say stays unknown. Faults of
    /// parts that are no part of the chain are mended and noted. Throws `RobotError` naming file and element: a missing mesh, limits the wrong way round, an endless joint, a body without mass, a tool frame
    /// that does not exist.
    public init(contentsOf url: URL, obstacles: ObstacleSet = ObstacleSet()) throws(RobotError) {
        let (modelURL, sidecarURL) = try Self.locate(url)
        let sidecar = try sidecarURL.map { url throws(RobotError) in try ArmFile.read(url) }
        let model: URL
        if let modelURL {
            model = modelURL
        } else if let sidecarURL {
            guard let name = sidecar?.model else {
                throw .model(path: sidecarURL.path, element: "model", reason: "is missing; the name of a URDF or MJCF file is accepted")
            }
            model = sidecarURL.deletingLastPathComponent().appendingPathComponent(name).standardizedFileURL
        } else {
            throw .file(path: url.path, reason: "is not an arm")
        }
        try self.init(model: model, sidecarURL: sidecarURL, sidecar: sidecar, obstacles: obstacles)
    }

    /// Reads a plain model whose tool stands at a body of this name.
    init(contentsOf model: URL, flange: String) throws(RobotError) {
        try self.init(model: model, sidecarURL: nil, sidecar: ArmFile(flange: flange), obstacles: ObstacleSet())
    }

    private static func locate(_ url: URL) throws(RobotError) -> (model: URL?, sidecar: URL?) {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .file(path: url.path, reason: "does not exist; a folder with arm.yaml, an arm YAML, a URDF or an MJCF is accepted")
        }
        if isFolder.boolValue {
            let sidecar = url.appendingPathComponent("arm.yaml")
            guard manager.fileExists(atPath: sidecar.path) else { throw .file(path: url.path, reason: "has no arm.yaml") }
            return (nil, sidecar)
        }
        switch url.pathExtension.lowercased() {
        case "yaml", "yml": return (nil, url)
        case "xacro":
            throw .file(
                path: url.path,
                reason:
                    "is xacro, from which a URDF is made first: `xacro \(url.lastPathComponent) > arm.urdf` (the program comes with ROS, and as "
                    + "the Python package xacro)")
        case "urdf", "xml", "mjcf":
            let sidecar = url.deletingPathExtension().appendingPathExtension("arm.yaml")
            return (url, manager.fileExists(atPath: sidecar.path) ? sidecar : nil)
        default: throw .file(path: url.path, reason: "is not an arm; a folder with arm.yaml, .yaml, .urdf or .xml (MJCF) is accepted")
        }
    }

    /// Parses a model file: MuJoCo's description of it and, of a URDF, what MuJoCo drops.
    /// - Parameter keepsVisuals: also what is there for looks alone.
    static func describe(_ url: URL, keepsVisuals: Bool = false) throws(RobotError) -> (SpecHandle, URDF?) {
        let path = url.path
        let bytes: [UInt8]
        do { bytes = try FileBytes.readText(url) } catch { throw RobotError(error) }
        let root = try XMLReader.read(bytes, path: path)
        let urdf: URDF?
        switch root.name {
        case "robot": urdf = try URDF(root: root, path: path, keepsVisuals: keepsVisuals)
        case "mujoco":
            urdf = nil
            try MJCF.check(root, path: path)
        default:
            throw .model(path: path, element: "<\(root.name)>", reason: "is not a robot; <robot> (URDF) or <mujoco> (MJCF) is accepted")
        }
        return (try SpecHandle.parse(path: path, urdf: urdf?.text, keepsVisuals: keepsVisuals), urdf)
    }

    private init(model modelURL: URL, sidecarURL: URL?, sidecar: ArmFile?, obstacles: ObstacleSet) throws(RobotError) {
        let path = modelURL.path
        let sidePath = sidecarURL?.path ?? path
        let (spec, urdf) = try Self.describe(modelURL)
        let (plain, mended) = try spec.compileMended(path: path)
        let mimics = urdf?.mimics ?? []

        try Self.checkJoints(plain, path: path)
        let (flange, end) = try Self.flange(in: plain, sidecar: sidecar, mimics: mimics, path: path, sidePath: sidePath)
        let base = try Self.base(in: plain, named: sidecar?.base, path: path, sidePath: sidePath)
        let chain = plain.chain(toBody: flange.body)
        guard !chain.isEmpty else {
            throw .model(path: sidePath, element: "flange", reason: "no joint lies between the base and the flange")
        }
        notes = try Self.settle((urdf?.faults ?? []) + mended, in: plain, chain: chain, base: base, path: path)
        if let end { notes.append(Self.words(end, plain, model: modelURL)) }
        var joints = try Self.joints(plain, chain: chain, urdf: urdf, listed: sidecar?.joints, path: path, sidePath: sidePath)
        var sources = LimitSources()
        sources.position = urdf != nil ? "URDF <limit>" : "MJCF range"
        if joints.contains(where: { $0.velocity != nil }) { sources.velocity = "URDF <limit velocity>" }
        if joints.contains(where: { $0.torque != nil }) { sources.torque = urdf != nil ? "URDF <limit effort>" : "MJCF actuatorfrcrange" }
        if let limits = sidecar?.limits { try Self.apply(limits, to: &joints, sources: &sources, path: sidePath) }
        for joint in joints where !(joint.lower.isFinite && joint.upper.isFinite) {
            throw .model(
                path: path, element: "joint \(joint.name)",
                reason: "turns without end: give it finite limits in the model or under limits.position of its arm.yaml")
        }

        let onFlange = try Self.toolFrame(in: plain, on: flange, sidecar: sidecar, path: path, sidePath: sidePath)
        let stated: Transform<FlangeFrame, Tool>? = try sidecar?.flange_from_tool?.robotTransform(path: sidePath, key: "flange_from_tool")
        flangeFromTool = onFlange ?? stated ?? end.flatMap { Self.toolSite(of: $0, in: plain, on: flange) } ?? .identity
        if let load = sidecar?.payload {
            guard load.mass_kg >= 0, load.mass_kg.isFinite, load.center_of_mass_m.count == 3, load.center_of_mass_m.allSatisfy(\.isFinite)
            else {
                throw .model(
                    path: sidePath, element: "payload", reason: "needs mass_kg of 0 or more and three numbers for center_of_mass_m")
            }
            let c = load.center_of_mass_m
            payload = Payload(mass: load.mass_kg, centerOfMass: Vector3(c[0], c[1], c[2]), source: load.source)
        }
        let bodyFromTool = flange.bodyFromFlange * flangeFromTool.relabelled(FlangeFrame.self, Tool.self)
        try Self.addTool(to: spec, body: plain.name(mjOBJ_BODY, flange.body), bodyFromTool: bodyFromTool, payload: payload, path: path)
        try Self.addObstacles(obstacles.obstacles, to: spec, path: obstacles.file?.path ?? path)
        let compiled = try spec.compile(path: path)
        try Self.checkMasses(compiled, chain: chain, path: path)

        name = sidecar?.name ?? modelURL.deletingPathExtension().lastPathComponent
        title = sidecar?.title ?? name
        files = [modelURL] + [sidecarURL, obstacles.file].compactMap { $0 }
        self.obstacles = obstacles.obstacles
        self.joints = joints
        self.sources = sources
        baseBody = compiled.name(mjOBJ_BODY, base)
        flangeBody = compiled.name(mjOBJ_BODY, flange.body)
        restPosition = try Self.rest(compiled, joints: joints, held: sidecar?.held ?? [:], path: sidePath)
        if let home = sidecar?.home {
            guard home.count == joints.count, zip(home, joints).allSatisfy({ $0 >= $1.lower && $0 <= $1.upper }) else {
                throw .model(path: sidePath, element: "home", reason: "must be \(joints.count) joint positions inside the position limits")
            }
            self.home = home
        } else {
            home = joints.map(\.middle)
        }
        tableFromBase = try sidecar?.table_from_base?.robotTransform(path: sidePath, key: "table_from_base")
        mayTouchTable = try Self.bodies(compiled, named: sidecar?.may_touch_table, orBeyond: flange.body, path: sidePath)
        compiledModel = compiled.bytes()
        collisionPairs = []
        ignoredCollisions = []
        for pair in sidecar?.allowed_collisions ?? [] {
            guard pair.count == 2, pair.allSatisfy({ compiled.id(mjOBJ_BODY, $0) != nil }) else {
                throw .model(path: sidePath, element: "allowed_collisions", reason: "\(pair) is not a pair of bodies of \(path)")
            }
            ignoredCollisions.append(IgnoredCollision(first: pair[0], second: pair[1], reason: "listed"))
        }
        findCollisionPairs(in: compiled)
    }
}

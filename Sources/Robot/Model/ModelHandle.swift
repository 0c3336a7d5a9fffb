internal import CMuJoCo
internal import Geometry

/// A MuJoCo model that frees itself; not shared between threads.
final class ModelHandle {
    let model: UnsafeMutablePointer<mjModel>

    init(_ model: UnsafeMutablePointer<mjModel>) { self.model = model }
    deinit { mj_deleteModel(model) }

    /// Loads a binary model as `bytes()` made it.
    convenience init?(bytes: [UInt8]) {
        gtmj_silence()
        guard let model = bytes.withUnsafeBytes({ mj_loadModelBuffer($0.baseAddress, mjtSize($0.count)) }) else { return nil }
        self.init(model)
    }

    func bytes() -> [UInt8] {
        var out = [UInt8](repeating: 0, count: Int(mj_sizeModel(model)))
        out.withUnsafeMutableBytes { mj_saveModel(model, nil, $0.baseAddress, mjtSize($0.count)) }
        return out
    }

    var jointCount: Int { Int(model.pointee.njnt) }
    var bodyCount: Int { Int(model.pointee.nbody) }
    var geometryCount: Int { Int(model.pointee.ngeom) }

    func name(_ kind: mjtObj, _ id: Int) -> String {
        guard let text = mj_id2name(model, Int32(kind.rawValue), Int32(id)) else { return "" }
        return String(cString: text)
    }

    func id(_ kind: mjtObj, _ name: String) -> Int? {
        let id = mj_name2id(model, Int32(kind.rawValue), name)
        return id < 0 ? nil : Int(id)
    }

    func parent(ofBody body: Int) -> Int { Int(model.pointee.body_parentid[body]) }
    /// The first body of the rigid group that a body belongs to.
    func group(ofBody body: Int) -> Int { Int(model.pointee.body_weldid[body]) }
    func body(ofGeometry geometry: Int) -> Int { Int(model.pointee.geom_bodyid[geometry]) }

    /// The joints on the way from the world to a body, root first.
    func chain(toBody body: Int) -> [Int] {
        var joints: [Int] = []
        var at = body
        while at > 0 {
            let first = Int(model.pointee.body_jntadr[at])
            let count = Int(model.pointee.body_jntnum[at])
            if count > 0 { joints.insert(contentsOf: first..<first + count, at: 0) }
            at = parent(ofBody: at)
        }
        return joints
    }

    /// A body's pose in the first body of its rigid group.
    func poseInGroup(_ body: Int) -> Transform<FlangeFrame, FlangeFrame> {
        guard body != group(ofBody: body) else { return .identity }
        let (p, q) = (model.pointee.body_pos + 3 * body, model.pointee.body_quat + 4 * body)
        let own = Transform<FlangeFrame, FlangeFrame>(
            rotation: Rotation(xyzw: Vector4(q[1], q[2], q[3], q[0])), translation: Vector3(p[0], p[1], p[2]))
        return poseInGroup(parent(ofBody: body)) * own
    }

    func depth(ofBody body: Int) -> Int {
        var count = 0
        var at = body
        while at > 0 {
            count += 1
            at = parent(ofBody: at)
        }
        return count
    }
}

/// A MuJoCo model description that frees itself.
final class SpecHandle {
    let spec: UnsafeMutablePointer<mjSpec>

    init(_ spec: UnsafeMutablePointer<mjSpec>) { self.spec = spec }
    deinit { mj_deleteSpec(spec) }

    /// Parses an MJCF or a URDF file.
    static func parse(path: String, urdf: String?, keepsVisuals: Bool = false) throws(RobotError) -> SpecHandle {
        gtmj_silence()
        var message = [CChar](repeating: 0, count: 1000)
        let spec = urdf.map { mj_parseXMLString($0, nil, &message, 1000) } ?? mj_parseXML(path, nil, &message, 1000)
        guard let spec else { throw .model(path: path, element: "model", reason: oneLine(message)) }
        spec.pointee.compiler.fusestatic = false
        spec.pointee.compiler.discardvisual = !keepsVisuals
        spec.pointee.compiler.usethread = false
        return SpecHandle(spec)
    }

    func compile(path: String) throws(RobotError) -> ModelHandle {
        guard let model = mj_compile(spec, nil) else {
            let text = mjs_getError(spec).map { String(cString: $0) } ?? "unknown error"
            throw .model(path: path, element: "model", reason: Self.oneLine(text))
        }
        return ModelHandle(model)
    }

    private static func oneLine(_ message: [CChar]) -> String {
        oneLine(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

public import Geometry
public import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// What is known of how far the scene is: distances along the pixels' bearings at the picture's size or smaller, metres; not finite where unknown.
public struct SceneDistance: Sendable {
    public var width: Int
    public var height: Int
    public var values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == width * height, "a map of distances holds one for each of its pixels")
        self.width = width
        self.height = height
        self.values = values
    }
}

/// Draws an arm into pictures, where it would be: through the same lens, in the scene's light, blur and grain, behind what is known to be nearer.
///
/// What is nearer: the table's plane, obstacles, the distances that are handed in, and pixels of another gripper, a moved object or (see
/// `OverlayGripper`) the device, which stay in front. Where nothing is known the arm is in front. Every pixel that it touches is marked
/// `Provenance.rendered`. One for each thread.
public final class RobotOverlay {
    public let options: OverlayOptions
    public let camera: CameraModel
    let parts: [OverlayPart]
    let bearings: BearingGrid
    let raster: Rasterizer
    private let meshes: [PartMesh]

    /// - Parameter camera: for the pictures' own size.
    public init(parts: [OverlayPart], camera: CameraModel, options: OverlayOptions = OverlayOptions()) {
        precondition(parts.count < Int(UInt16.max), "parts are numbered in 16 bits")
        self.parts = parts
        meshes = parts.map(PartMesh.init)
        self.camera = camera
        self.options = options
        bearings = BearingGrid(camera)
        raster = Rasterizer(LensProjection(camera), samples: max(1, options.samples), bend: options.bend)
    }

    /// Draws into one picture.
    /// - Parameters:
    ///   - frame: of the picture, changed in place: pixels and provenance.
    ///   - classes: its class map; what it says is in front stays.
    ///   - cameraFromPart: where each part stands.
    ///   - isWristView: whether the device in the picture is what `options.gripper` speaks of.
    ///   - distance: of the scene; nil where only the table is known.
    ///   - seed: of the grain, such as the frame's number.
    /// - Returns: the share of the picture that was drawn on.
    @discardableResult
    public func draw(
        on frame: inout FilledFrame, classes: Image, cameraFromPart: [Transform<Camera, OverlayPart.Frame>],
        tableFromCamera: Transform<Table, Camera>, isWristView: Bool, distance: SceneDistance? = nil, seed: Int = 0
    ) throws(HumanError) -> Double {
        precondition(cameraFromPart.count == parts.count, "every part stands somewhere")
        let (w, h) = (camera.width, camera.height)
        guard frame.picture.width == w, frame.picture.height == h, frame.picture.channels == 3, classes.width == w, classes.height == h
        else {
            throw .picture(
                location: "overlay of frame \(seed)",
                reason:
                    "\(frame.picture.width)x\(frame.picture.height)x\(frame.picture.channels); the camera's \(w)x\(h) in RGB is accepted")
        }
        let drawsGripper = !isWristView || options.gripper == .model
        raster.clear()
        let wanted = parts.indices.filter { (parts[$0].kind != .gripper || drawsGripper) && isInView(parts[$0], cameraFromPart[$0]) }
        guard wanted.contains(where: { parts[$0].kind != .obstacle }) else { return 0 }
        let up = tableFromCamera.rotation.inverse * Vector3(0, 0, 1)
        let light = try SceneLight.estimate(frame.picture, classes: classes, up: up, options: options) { bearings[$0, $1] }
        for k in wanted { rasterize(k, cameraFromPart[k], light) }
        return try composite(
            &frame,
            OverlaidView(classes: classes, tableFromCamera: tableFromCamera, distance: distance, isWristView: isWristView, seed: seed),
            light)
    }

    private func isInView(_ part: OverlayPart, _ pose: Transform<Camera, OverlayPart.Frame>) -> Bool {
        let center = pose * part.center
        let d = center.length
        guard d > part.radius else { return true }
        return acos(max(-1, min(1, center.z / d))) - asin(part.radius / d) <= camera.maximumAngle
    }

    private func rasterize(_ k: Int, _ pose: Transform<Camera, OverlayPart.Frame>, _ light: SceneLight) {
        let corners = meshes[k].place(pose, light, options, raster)
        parts[k].triangles.withUnsafeBufferPointer { t in
            corners.withUnsafeBufferPointer { corners in
                for i in stride(from: 0, to: t.count, by: 3) {
                    let (a, b, c) = (corners[Int(t[i])], corners[Int(t[i + 1])], corners[Int(t[i + 2])])
                    // Only what faces the camera: a shape that the camera is inside of is not seen.
                    let (p, q) = (b.point - a.point, c.point - a.point)
                    let across = SIMD3(p.y * q.z - p.z * q.y, p.z * q.x - p.x * q.z, p.x * q.y - p.y * q.x) * a.point
                    if across.x + across.y + across.z >= 0 { continue }
                    raster.draw(a, b, c, number: k)
                }
            }
        }
    }
}

public import Geometry

/// A rigid part of what is drawn over a picture, as triangles.
public struct OverlayPart: Sendable {
    /// The part's own frame.
    public enum Frame {}

    public enum Kind: Sendable {
        case link, gripper
        /// Hides what is behind it and is not drawn itself: it is in the picture already.
        case obstacle
    }

    public var kind: Kind
    /// Metres.
    public var vertices: [Vector3]
    /// Unit, one for each vertex.
    public var normals: [Vector3]
    /// Three indices for each triangle, counter-clockwise seen from outside.
    public var triangles: [Int32]
    /// Red, green, blue, 0 to 1, sRGB.
    public var colour: Vector3
    /// A sphere about it.
    let center: Vector3
    let radius: Double

    public init(kind: Kind, vertices: [Vector3], normals: [Vector3], triangles: [Int32], colour: Vector3) {
        precondition(vertices.count == normals.count && triangles.count % 3 == 0, "a part has a normal for each vertex and whole triangles")
        self.kind = kind
        self.vertices = vertices
        self.normals = normals
        self.triangles = triangles
        self.colour = colour
        let center = vertices.reduce(Vector3.zero, +) / Double(max(vertices.count, 1))
        self.center = center
        radius = vertices.map { ($0 - center).length }.max() ?? 0
    }
}

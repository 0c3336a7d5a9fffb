internal import Estimation
public import Geometry

/// How the surface that a scene stands on is found among a map's landmarks.
public struct SurfaceOptions: Codable, Sendable, Equatable {
    /// Landmarks in a layer so thick are on one surface, metres; default 0.02.
    public var thickness = 0.02
    /// Planes tried where it is not known which way is up; default 300.
    public var draws = 300

    public init() {}
}

extension LandmarkMap {
    /// A frame that stands on the scene, for maps that know no table tag: z is up and 0 at the height at which most landmarks lie, the origin
    /// is below (or above) a camera, x is where that camera looks, or where its picture's upper edge is if it looks down.
    /// - Parameters:
    ///   - camera: the one that it is built around.
    ///   - up: against gravity, in the map's frame; nil: the normal of the plane that most landmarks lie on, on the cameras' side.
    public func levelFromMap(around camera: Transform<Map, Camera>, up: Vector3?, options: SurfaceOptions) -> Transform<Table, Map> {
        let up = (up ?? planeNormal(options) ?? -(camera.rotation * Vector3(0, 1, 0))).normalized
        let ahead = camera.rotation * Vector3(0, -1, 1)
        let level = ahead - ahead.dot(up) * up
        let x = (level.length > 1e-6 ? level : camera.rotation * Vector3(1, 0, 0)).normalized
        let axes = Matrix3(columns: x, up.cross(x), up)
        let height = Self.mode(landmarks.map { $0.dot(up) }, width: options.thickness) ?? camera.translation.dot(up)
        let origin = camera.translation + (height - camera.translation.dot(up)) * up
        let turn = Rotation(matrix: axes.transposed)
        return Transform(rotation: turn, translation: -(turn * origin))
    }

    /// The normal of the plane that most landmarks lie on, on the side of the cameras; nil for fewer than three landmarks.
    ///
    /// Planes through three landmarks each, drawn from a fixed seed; landmarks within half of `thickness` count.
    private func planeNormal(_ options: SurfaceOptions) -> Vector3? {
        guard landmarks.count >= 3 else { return nil }
        var random = RandomSource(seed: 1)
        var best: (count: Int, normal: Vector3, offset: Double)?
        for _ in 0..<options.draws {
            let three = (0..<3).map { _ in landmarks[Int(random.next() % UInt64(landmarks.count))] }
            let cross = (three[1] - three[0]).cross(three[2] - three[0])
            guard cross.length > 1e-9 else { continue }
            let normal = cross.normalized
            let offset = normal.dot(three[0])
            let count = landmarks.count { abs($0.dot(normal) - offset) < 0.5 * options.thickness }
            if count > best?.count ?? 0 { best = (count, normal, offset) }
        }
        guard let best else { return nil }
        let above = mapFromCameras.count { $0.translation.dot(best.normal) > best.offset }
        return 2 * above >= mapFromCameras.count ? best.normal : -best.normal
    }

    /// The middle of the window of a width that holds most values; nil without values.
    private static func mode(_ values: [Double], width: Double) -> Double? {
        let sorted = values.sorted()
        var best: (count: Int, middle: Double)?
        var end = 0
        for (first, low) in sorted.enumerated() {
            while end < sorted.count, sorted[end] <= low + width { end += 1 }
            // The median of the window: noise is even on both sides of a surface.
            if end - first > best?.count ?? 0 { best = (end - first, sorted[(first + end) / 2]) }
        }
        return best?.middle
    }
}

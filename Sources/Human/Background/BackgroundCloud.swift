internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

/// Points of the static scene that several views agree on, merged in cells.
struct BackgroundCloud: Sendable {
    struct Point: Sendable {
        /// Table frame, metres.
        var place: Vector3
        /// Side of the cell it stands for, metres.
        var size: Float
        /// Lies on the table.
        var isTable: Bool
    }

    let points: [Point]
    /// Of the model it is part of.
    let options: BackgroundOptions
    /// Places by coordinate, padded to whole eights with NaN.
    private let x: [Float]
    private let y: [Float]
    private let z: [Float]

    init(views: [BackgroundView], distances: [[Float]], partners: [[Int]], camera: CameraModel, options o: BackgroundOptions) {
        struct Cell {
            var sum = Vector3.zero
            var count = 0
            var size: Float = 0
        }
        struct Key: Hashable {
            var level: Int32
            var x: Int32
            var y: Int32
            var z: Int32
        }
        var cells: [Key: Cell] = [:]
        let (w, h) = (camera.width, camera.height)
        let bearings = (0..<(w * h)).map { camera.unproject(Vector2(Double($0 % w), Double($0 / w))) }
        for (k, view) in views.enumerated() {
            let inverses = partners[k].map { views[$0].middle.inverse }
            for i in 0..<(w * h) where distances[k][i] > 0 {
                guard let bearing = bearings[i] else { continue }
                let pose = view.poses.pose(atHeight: Double(i / w) / Double(max(h - 1, 1)))
                let range = Double(distances[k][i])
                let point = pose.translation + range * (pose.rotation * bearing)
                var agreeing = 0
                for (p, inverse) in zip(partners[k], inverses) {
                    let local = inverse * point
                    guard let pixel = camera.project(local), camera.contains(pixel, margin: 1) else { continue }
                    let there = Double(distances[p][Int(pixel.y.rounded()) * w + Int(pixel.x.rounded())])
                    if there > 0, abs(there - local.length) < o.depthTolerance * max(there, 0.5 * there * there) { agreeing += 1 }
                    if agreeing >= o.agreeing { break }
                }
                guard agreeing >= o.agreeing else { continue }
                // Cells double in size as points get farther from the view.
                let level = Int32(max(0, log2(range / o.cellDistance).rounded(.down)))
                let size = o.cell * Double(1 << level)
                func index(_ v: Double) -> Int32 { Int32(max(-1e6, min(1e6, (v / size).rounded(.down)))) }
                let key = Key(level: level, x: index(point.x), y: index(point.y), z: index(point.z))
                cells[key, default: Cell()].sum += point
                cells[key]?.count += 1
                cells[key]?.size = Float(size)
            }
        }
        let sorted = cells.filter { $0.value.count >= o.pointsInCell }.sorted {
            ($0.key.level, $0.key.x, $0.key.y, $0.key.z) < ($1.key.level, $1.key.x, $1.key.y, $1.key.z)
        }
        self.init(
            points: sorted.map {
                let place = $0.value.sum / Double($0.value.count)
                return Point(place: place, size: $0.value.size, isTable: abs(place.z) < o.tableThickness)
            }, options: o)
    }

    init(points: [Point], options: BackgroundOptions) {
        self.options = options
        func coordinate(_ axis: (Vector3) -> Double) -> [Float] {
            points.map { Float(axis($0.place)) } + [Float](repeating: .nan, count: (8 - points.count % 8) % 8)
        }
        x = coordinate { $0.x }
        y = coordinate { $0.y }
        z = coordinate { $0.z }
        self.points = points
    }

    /// Calls `body(point, u, v, range)` for every point that a camera has before it, in single precision.
    @inline(__always) func project(
        _ lens: FloatLens, _ cameraFromTable: Transform<Camera, Table>,
        _ body: (_ point: Int, _ u: Float, _ v: Float, _ range: Float) -> Void
    ) {
        let motion = FloatMotion(cameraFromTable)
        x.withUnsafeBytes { x in
            y.withUnsafeBytes { y in
                z.withUnsafeBytes { z in
                    for first in stride(from: 0, to: points.count, by: 8) {
                        let local = motion.apply(
                            x.loadUnaligned(fromByteOffset: 4 * first, as: SIMD8<Float>.self),
                            y.loadUnaligned(fromByteOffset: 4 * first, as: SIMD8<Float>.self),
                            z.loadUnaligned(fromByteOffset: 4 * first, as: SIMD8<Float>.self))
                        let range = (local.x * local.x + local.y * local.y + local.z * local.z).squareRoot()
                        let isAhead = local.z .>= -0.2 * range
                        if !any(isAhead) { continue }
                        let (u, v) = lens.project(local.x, local.y, local.z)
                        for i in 0..<8 where isAhead[i] { body(first &+ i, u[i], v[i], range[i]) }
                    }
                }
            }
        }
    }
}

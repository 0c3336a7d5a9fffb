internal import Geometry

/// Bearings of a camera's pixels, exact on a grid and bilinear between.
struct BearingGrid: Sendable {
    static let step = 4
    private let columns: Int
    private let nodes: [Vector3?]
    private let camera: CameraModel
    /// By pixel: whether the lens sees something there.
    let sees: [Bool]

    init(_ camera: CameraModel) {
        self.camera = camera
        let (step, w, h) = (Self.step, camera.width, camera.height)
        let columns = (w - 1) / step + 2
        let rows = (h - 1) / step + 2
        self.columns = columns
        let nodes = (0..<rows * columns).map { camera.unproject(Vector2(Double($0 % columns * step), Double($0 / columns * step))) }
        var sees = [Bool](repeating: true, count: w * h)
        for i in 0..<(rows - 1) * columns where i % columns < columns - 1 {
            if nodes[i] != nil, nodes[i + 1] != nil, nodes[i + columns] != nil, nodes[i + columns + 1] != nil { continue }
            let (x0, y0) = (i % columns * step, i / columns * step)
            for y in y0..<min(y0 + step, h) {
                for x in x0..<min(x0 + step, w) { sees[y * w + x] = camera.unproject(Vector2(Double(x), Double(y))) != nil }
            }
        }
        self.nodes = nodes
        self.sees = sees
    }

    /// Nil beyond the lens's reach; not quite of unit length.
    @inline(__always) subscript(x: Int, y: Int) -> Vector3? {
        let i = y / Self.step * columns + x / Self.step
        guard let a = nodes[i], let b = nodes[i + 1], let c = nodes[i + columns], let d = nodes[i + columns + 1] else {
            return camera.unproject(Vector2(Double(x), Double(y)))
        }
        let (fx, fy) = (Double(x % Self.step) / Double(Self.step), Double(y % Self.step) / Double(Self.step))
        let top = a + (b - a) * fx
        return top + (c + (d - c) * fx - top) * fy
    }

    /// How near a plane is along pixels' bearings, 1/m; at most 0 where they do not meet it.
    /// - Parameters:
    ///   - up: the plane's normal in the camera's frame.
    ///   - height: of the camera over the plane, metres.
    func nearness(up: Vector3, height: Double, x: ClosedRange<Int>, y: ClosedRange<Int>) -> PlaneNearness {
        let (first, last) = (x.lowerBound / Self.step, x.upperBound / Self.step + 1)
        let (top, bottom) = (y.lowerBound / Self.step, y.upperBound / Self.step + 1)
        var values: [Float] = []
        values.reserveCapacity((last - first + 1) * (bottom - top + 1))
        let normal = up / -height
        for row in top...bottom {
            // Beyond the lens nothing is drawn.
            for column in first...last { values.append(Float(nodes[row * columns + column]?.dot(normal) ?? .nan)) }
        }
        return PlaneNearness(values: values, columns: last - first + 1, x: first, y: top)
    }
}

/// Nearness of a plane on a part of a `BearingGrid`: it is as good as linear between the nodes.
struct PlaneNearness {
    fileprivate let values: [Float]
    fileprivate let columns: Int
    fileprivate let x: Int
    fileprivate let y: Int

    /// NaN in cells that reach beyond the lens.
    @inline(__always) subscript(x: Int, y: Int) -> Float {
        // Unsigned: the compiler then divides by shifts.
        let (px, py, step) = (UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y), UInt32(BearingGrid.step))
        let i = (Int(py / step) - self.y) * columns + Int(px / step) - self.x
        let (fx, fy) = (Float(Int(px % step)) / Float(step), Float(Int(py % step)) / Float(step))
        let top = values[i] + (values[i + 1] - values[i]) * fx
        return top + (values[i + columns] + (values[i + columns + 1] - values[i + columns]) * fx - top) * fy
    }
}

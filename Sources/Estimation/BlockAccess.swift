public import Geometry

/// Reads vectors and poses out of parameter blocks, writes 3×3 blocks into Jacobians.
extension UnsafePointer<Double> {
    @inlinable public func vector(_ offset: Int = 0) -> Vector3 { Vector3(self[offset], self[offset + 1], self[offset + 2]) }

    /// The rotation of a pose block. The solver keeps quaternions at unit length.
    @inlinable public var poseRotation: Rotation { Rotation(xyzw: Vector4(self[3], self[4], self[5], self[6])) }
}

extension UnsafeMutablePointer<Double> {
    /// Sets rows `row..<row+3`, columns `column..<column+3` of a row-major matrix with `stride` columns.
    @inlinable public func set(_ m: Matrix3, row: Int, column: Int, stride: Int) {
        for r in 0..<3 {
            let at = (row + r) * stride + column
            self[at] = m.c0[r]
            self[at + 1] = m.c1[r]
            self[at + 2] = m.c2[r]
        }
    }

    @inlinable public func setRow(_ v: Vector3, row: Int, column: Int, stride: Int) {
        let at = row * stride + column
        self[at] = v.x
        self[at + 1] = v.y
        self[at + 2] = v.z
    }
}

extension Transform {
    /// The seven numbers of a pose block: p, then the quaternion x y z w.
    @inlinable public var blockValues: [Double] {
        [translation.x, translation.y, translation.z, rotation.xyzw.x, rotation.xyzw.y, rotation.xyzw.z, rotation.xyzw.w]
    }

    /// From seven numbers of a pose block.
    /// - Precondition: there are seven.
    @inlinable public init(blockValues v: some Collection<Double>) {
        let a = Array(v)
        precondition(a.count == 7, "a pose block has seven numbers")
        self.init(rotation: Rotation(xyzw: Vector4(a[3], a[4], a[5], a[6])), translation: Vector3(a[0], a[1], a[2]))
    }
}

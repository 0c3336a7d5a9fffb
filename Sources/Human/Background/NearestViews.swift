internal import Geometry
#if canImport(Glibc)
    internal import Glibc
#endif

extension BackgroundModel {
    /// The views that look at a picture's scene from nearest by.
    /// - Parameter turnDistance: what a turn of a radian counts for, metres.
    func nearest(to poses: RowPoses, count: Int, turnDistance: Double) -> [Int] {
        let own = poses.pose(atHeight: 0.5)
        let forward = own.rotation * Vector3(0, 0, 1)
        let scored = views.indices.map { k -> (Double, Int) in
            let other = views[k].middle
            let turn = acos(max(-1, min(1, forward.dot(other.rotation * Vector3(0, 0, 1)))))
            return ((own.translation - other.translation).length + turnDistance * turn, k)
        }
        return scored.sorted { $0 < $1 }.prefix(count).map(\.1)
    }
}

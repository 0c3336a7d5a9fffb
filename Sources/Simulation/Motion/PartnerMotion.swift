internal import Geometry

/// Another gripper that moves through the room while one records.
struct PartnerMotion {
    let motion: RecordedMotion
    let gripper: Int
    /// Added to this recording's video time for the other's.
    let shift: Double

    /// Held at its ends beyond its own recording.
    private func moment(_ time: Double) -> Double { min(max(time + shift, -0.4), motion.duration + 0.4) }

    func tableFromCamera(at time: Double) -> Transform<Table, Camera> { motion.tableFromCamera(at: moment(time)) }

    func parts(at time: Double, scene: Scene) -> [GripperPart] {
        let tags = scene.fingerTags[gripper]
        let cube = scene.cubeTags[gripper]
        return Gripper.parts(opening: motion.opening(at: moment(time)), leftTexture: tags.left, rightTexture: tags.right)
            + [Gripper.cube(leftTexture: cube.left, rightTexture: cube.right)]
    }
}

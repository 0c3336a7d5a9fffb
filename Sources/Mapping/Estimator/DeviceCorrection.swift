internal import Estimation
internal import Geometry

extension Reconstruction {
    /// Takes a correction over: the camera changes, the IMU's clock moves, and the states with it.
    mutating func absorb(_ c: CameraCorrection, gain: Vector3) {
        for f in 0..<frameCount {
            guard let pose = states.poses[f] else { continue }
            let m = motion(f, pose: pose)
            states.poses[f] = pose * m.body(after: c.clock)
            if inertial.signal != nil { states.velocities[f] += pose.rotation * (m.acceleration * c.clock) }
        }
        device.absorb(c, gain: gain)
        inertial.shiftClock(by: c.clock, seconds: seconds, readout: device.readout)
    }
}

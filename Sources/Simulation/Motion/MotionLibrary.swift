internal import Estimation
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

extension MotionPlan {
    /// The plan of a recording; `grip` is the object's diameter, `grasp` the height at which it is taken.
    init(_ recording: Scenario.RecordingPlan, scenario: Scenario) {
        let grip = 2 * scenario.object.radius
        let grasp = 0.55 * scenario.object.height
        var random = RandomSource(spreading: UInt64(bitPattern: Int64(recording.variant)) &* 77 &+ 5)
        func shift(_ scale: Double) -> Double { recording.variant == 0 ? 0 : scale * (2 * random.uniform() - 1) }
        let from = Vector2(0.02 + shift(0.03), -0.17 + shift(0.02))
        let to = Vector2(0.05 + shift(0.03), 0.16 + shift(0.02))
        switch recording.motion {
        case .mapping:
            self = Self.mapping(
                duration: recording.duration > 0 ? recording.duration : 12, speed: recording.speed, phase: 1.7 * Double(recording.variant))
        case .gripperCalibration: self = Self.gripperCalibration(object: from)
        case .pickPlace: self = Self.pickPlace(from: from, to: to, grip: grip, grasp: grasp)
        case .tooFast: self = Self.tooFast(object: from)
        case .outOfReach: self = Self.outOfReach(object: from)
        case .sweep: self = Self.sweep(sign: recording.camera == 0 ? -1 : 1, phase: Double(recording.variant), object: nil)
        case .still: self = MotionPlan(keys: [MotionKey(0, Vector3(-0.2, 0, 0.2))], duration: 1, object: from)
        case .custom: self = MotionPlan(keys: recording.keyframes, duration: recording.keyframes.last?.time ?? 1, object: from)
        case .recorded:
            self = MotionPlan(keys: [], duration: recording.duration > 0 ? recording.duration : 10)
        }
        if recording.speed != 1, recording.motion != .mapping, recording.motion != .recorded { hurry(recording.speed) }
        if recording.duration > 0 { duration = recording.duration }
        if recording.shift != [0, 0] {
            for i in keys.indices { keys[i].position = zip(keys[i].position, recording.shift + [0]).map { $0 + $1 } }
        }
    }

    /// The camera wanders around a target on the table; periods without a common multiple excite every direction.
    private static func mapping(duration: Double, speed: Double, phase: Double) -> MotionPlan {
        func wave(_ t: Double, _ period: Double, _ phase: Double = 0) -> Double { sin(2 * .pi * t / period + phase) }
        let step = 0.05
        let keys = (0...Int(duration / step) + 40).map { i -> MotionKey in
            let time = Double(i) * step - 1
            let t = time * speed + phase
            let yaw = 38 * wave(t, 6.3)
            let pitch = 64 + 15 * wave(t, 4.1, 0.5)
            let roll = 22 * wave(t, 3.7, 2)
            let distance = 0.50 + 0.12 * wave(t, 3.3, 1)
            let target = Vector3(0.12 + 0.22 * wave(t, 5.3, 4), 0.24 * wave(t, 4.6, 1), 0)
            let orientation = MotionKey.orientation(yaw: yaw, pitch: pitch, roll: roll)
            // UMI's tool stands 0.22 m before and 0.086 m below the camera.
            let camera = target - distance * (orientation * Vector3(0, 0, 1))
            return MotionKey(time, camera + orientation * Vector3(0, 0.086, 0.21965), yaw: yaw, pitch: pitch, roll: roll)
        }
        return MotionPlan(keys: keys, isEased: false, duration: duration, object: nil)
    }

    /// The same path in a shorter time.
    private mutating func hurry(_ speed: Double) {
        for i in keys.indices { keys[i].time /= speed }
        held = held.map { $0.lowerBound / speed...$0.upperBound / speed }
        duration /= speed
    }

    private static func gripperCalibration(object: Vector2) -> MotionPlan {
        let a = Vector3(0, 0.02, 0.24)
        let b = Vector3(0.02, 0, 0.25)
        return MotionPlan(
            keys: [
                MotionKey(0.4, a, width: 0.08), MotionKey(0.9, a, yaw: 2, width: 0), MotionKey(1.1, b, yaw: 2, width: 0),
                MotionKey(1.6, b, width: 0.08), MotionKey(1.7, b, width: 0.08), MotionKey(2.2, a, width: 0), MotionKey(2.4, a, width: 0),
                MotionKey(2.8, a, width: 0.08),
            ], duration: 3, object: object)
    }

    private static func pickPlace(from: Vector2, to: Vector2, grip: Double, grasp: Double) -> MotionPlan {
        let high = 0.17
        func at(_ p: Vector2, _ z: Double) -> Vector3 { Vector3(p.x, p.y, z) }
        func key(_ time: Double, _ p: Vector2, _ z: Double, _ yaw: Double, _ width: Double) -> MotionKey {
            MotionKey(time, at(p, z), yaw: yaw, pitch: 66, width: width)
        }
        return MotionPlan(
            keys: [
                MotionKey(0.3, Vector3(-0.04, -0.02, 0.22), yaw: 4, pitch: 62, width: 0.08), key(1.35, from, high, -12, 0.08),
                key(2.05, from, grasp, -12, 0.08), key(2.15, from, grasp, -12, 0.08), key(2.5, from, grasp, -12, grip),
                key(2.65, from, grasp, -12, grip), key(3.3, from, high, -12, grip), key(4.4, to, high, 12, grip),
                key(5.05, to, grasp, 12, grip), key(5.2, to, grasp, 12, grip), key(5.45, to, grasp, 12, 0.08),
                key(5.6, to, grasp, 12, 0.08), MotionKey(6.2, at(to, high), yaw: 8, pitch: 64, width: 0.08),
            ], duration: 6, object: from, held: 2.55...5.2)
    }

    private static func sweep(sign: Double, phase: Double, object: Vector2?) -> MotionPlan {
        let t = [0.2, 0.75, 1.3, 1.8, 2.2, 2.8, 3.4, 3.8].map { $0 + 0.03 * sin(phase + $0) }
        let near = -0.03 * sign
        return MotionPlan(
            keys: [
                MotionKey(t[0], Vector3(-0.02, 0.02 * sign, 0.22), yaw: 3 * sign, pitch: 63),
                MotionKey(t[1], Vector3(0.05, 0.07 * sign, 0.18), yaw: -4 * sign, pitch: 66, width: 0.07),
                MotionKey(t[2], Vector3(-0.01, near, 0.12), yaw: 5 * sign, pitch: 68, width: 0.07),
                MotionKey(t[3], Vector3(0.0, near, 0.11), pitch: 68, width: 0.03),
                MotionKey(t[4], Vector3(0.03, 0, 0.17), pitch: 66, width: 0.03),
                MotionKey(t[5], Vector3(-0.03, 0.06 * sign, 0.15), yaw: -3 * sign, pitch: 64, width: 0.03),
                MotionKey(t[6], Vector3(0.02, near, 0.14), yaw: 2 * sign, pitch: 66, width: 0.05),
                MotionKey(t[7], Vector3(0.0, 0, 0.20), pitch: 64, width: 0.08),
            ], duration: 4, object: object)
    }

    private static func tooFast(object: Vector2) -> MotionPlan {
        let a = Vector3(0.02, 0.05, 0.20)
        return MotionPlan(
            keys: [
                MotionKey(0.3, Vector3(-0.04, 0.02, 0.22)), MotionKey(1.4, a, pitch: 70, roll: -64),
                MotionKey(1.8, a, pitch: 70, roll: -64), MotionKey(2.45, a, pitch: 70, roll: 68),
                MotionKey(2.85, a, pitch: 70, roll: 68, width: 0.05),
                MotionKey(4.2, Vector3(-0.02, 0, 0.22), width: 0.08),
            ], duration: 4, object: object)
    }

    private static func outOfReach(object: Vector2) -> MotionPlan {
        MotionPlan(
            keys: [
                MotionKey(0.3, Vector3(0.0, 0, 0.20)), MotionKey(1.1, Vector3(0.06, 0.10, 0.23), yaw: 5, pitch: 70),
                MotionKey(4.7, Vector3(0.56, 0.42, 0.22), yaw: 12, pitch: 76),
                MotionKey(5.5, Vector3(0.57, 0.42, 0.20), yaw: 12, pitch: 76, width: 0.06),
            ], duration: 5.5, object: object)
    }
}

import Geometry
import Session
import Simulation
import Testing

@Suite struct MotionTests {
    /// No noise, no bias: what is left is what the integration does.
    static let perfect = """
        inertial:
          gyroscope_density: 0
          accelerometer_density: 0
          gyroscope_bias_walk: 0
          accelerometer_bias_walk: 0
          gyroscope_bias_rad_s: [0, 0, 0]
          accelerometer_bias_m_s2: [0, 0, 0]
        """

    @Test(arguments: ["mapping", "pick_place"])
    func inertialReadingsIntegrateToTheTruth(motion: String) throws {
        let recording = try Sample.recording(motion, extra: Self.perfect)
        let inertial = recording.inertial()
        let offset = recording.device.clockOffset.seconds
        let first = inertial.gyroscope[20].time.seconds
        var state = recording.body(at: first - offset)
        var rotation = state.pose.rotation
        var position = state.pose.translation
        var velocity = state.velocity
        var force = 20
        for k in 20..<1020 {
            // Rotate through the middle of the interval; the accelerometer is interpolated there, at its own times.
            let (a, b) = (inertial.gyroscope[k], inertial.gyroscope[k + 1])
            let dt = b.time - a.time
            let middle = a.time.seconds + dt / 2
            while inertial.accelerometer[force + 1].time.seconds < middle { force += 1 }
            let (p, q) = (inertial.accelerometer[force], inertial.accelerometer[force + 1])
            let f = (middle - p.time.seconds) / (q.time - p.time)
            let specific = p.value + f * (q.value - p.value)
            let rate = 0.5 * (a.value + b.value)
            let half = rotation * Rotation(vector: rate * (dt / 2))
            let acceleration = half * specific + Vector3(0, 0, -9.81)
            position += velocity * dt + 0.5 * dt * dt * acceleration
            velocity += acceleration * dt
            rotation = rotation * Rotation(vector: rate * dt)
        }
        state = recording.body(at: inertial.gyroscope[1020].time.seconds - offset)
        #expect((position - state.pose.translation).length < 0.005, "\((position - state.pose.translation).length * 1000) mm after 5 s")
        #expect(rotation.angle(to: state.pose.rotation) * 180 / .pi < 0.05)
    }

    @Test func inertialNoiseIsWhatTheScenarioSays() throws {
        let quiet = try Sample.recording("mapping", extra: Self.perfect).inertial()
        let noisy = try Sample.recording(
            "mapping", extra: Self.perfect.replacing("gyroscope_density: 0", with: "gyroscope_density: 1.0e-3")
        ).inertial()
        let errors = zip(noisy.gyroscope, quiet.gyroscope).map { ($0.value - $1.value).squaredLength / 3 }
        let sigma = (errors.reduce(0, +) / Double(errors.count)).squareRoot()
        // Density times the square root of 200 Hz, within 5 % over some 2400 samples.
        #expect(abs(sigma / (1.0e-3 * 200.0.squareRoot()) - 1) < 0.05, "\(sigma) rad/s")
        #expect(zip(noisy.accelerometer, quiet.accelerometer).allSatisfy { $0 == $1 })
    }

    @Test func armsCanFollowThePickAndNotTheTwistNorTheReach() throws {
        for arm in ["panda", "xarm7"] {
            let pick = try Sample.recording("pick_place").reasons(arm: arm)
            #expect(!pick.isEmpty && pick.allSatisfy(\.isEmpty), "\(arm)")
            let fast = Set(try Sample.recording("too_fast").reasons(arm: arm).flatMap { $0 })
            #expect(fast.contains("joint_velocity") && !fast.contains("out_of_reach"), "\(arm): \(fast)")
            let far = try Sample.recording("out_of_reach").reasons(arm: arm)
            #expect(Set(far.flatMap { $0 }) == ["out_of_reach"], "\(arm)")
            #expect(far[0].isEmpty && far[far.count - 1] == ["out_of_reach"], "\(arm)")
        }
    }

    @Test func mappingLooksAtTheTableFromEverySide() throws {
        let recording = try Sample.recording("mapping")
        var low = Vector3(repeating: .infinity)
        var high = Vector3(repeating: -.infinity)
        var slowest = Double.infinity
        for t in recording.times {
            let state = recording.camera(at: t)
            low = pointwiseMin(low, state.pose.translation)
            high = pointwiseMax(high, state.pose.translation)
            slowest = min(slowest, (state.pose.rotation * Vector3(0, 0, 1)).z)
            #expect(state.pose.translation.z > 0.25 && recording.tool(at: t).pose.translation.z > 0.02)
            #expect(state.velocity.length < 1.5)
        }
        #expect(high.x - low.x > 0.3 && high.y - low.y > 0.4 && high.z - low.z > 0.15, "\(high - low)")
    }
}

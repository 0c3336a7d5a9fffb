public import Geometry
public import Imaging
public import Session

/// One frame of a simulated recording.
public struct SimulatedFrame: Sendable, Equatable {
    public var image: Image
    /// The same frame without the human, sensor noise included; equal to `image` where no human is seen.
    public var clean: Image
    /// Gray, 255 where any ray of the pixel met the human.
    public var human: Image
}

/// A recording of a scenario in memory: frames, readings and truth at any time, without files.
public struct SimulatedRecording: Sendable {
    public let device: Device
    private let recorder: Recorder

    /// Prepares the recording of that name; textures are painted when the first frame is drawn (about a second).
    public init(_ name: String, of scenario: Scenario) throws(SimulationError) {
        try scenario.validate(path: scenario.name)
        guard let index = scenario.recordings.firstIndex(where: { $0.name == name }) else {
            let known = scenario.recordings.map(\.name).joined(separator: ", ")
            throw .scenario(path: scenario.name, key: "recordings", reason: "there is none named \"\(name)\"; accepted: \(known)")
        }
        device = scenario.device()
        recorder = try Recorder(
            scenario: scenario, device: device, renderer: FrameRenderer(scenario: scenario, device: device),
            plan: scenario.recordings[index], index: index)
    }

    /// Times of the frames on the video clock, seconds.
    public var times: [Double] { recorder.times }

    /// Draws a frame; the same bytes whenever it is asked for.
    /// - Precondition: `index` is one of `times`.
    public func frame(_ index: Int) -> SimulatedFrame {
        precondition(recorder.times.indices.contains(index), "frame \(index) of \(recorder.times.count)")
        let drawn = recorder.frame(index)
        let none = Image(width: drawn.image.width, height: drawn.image.height, channels: 1)
        return SimulatedFrame(image: drawn.image, clean: drawn.clean ?? drawn.image, human: drawn.human ?? none)
    }

    /// The camera's true motion; from half a second before the video to half a second after it.
    public func camera(at time: Double) -> MotionState<Table, Camera> { recorder.motion.camera(at: time) }

    /// The IMU's true motion.
    public func body(at time: Double) -> MotionState<Table, Body> {
        recorder.motion.body(at: time, cameraFromBody: device.bodyFromCamera.inverse)
    }

    /// The tool's true motion.
    public func tool(at time: Double) -> MotionState<Table, Tool> { recorder.motion.tool.state(at: time) }

    /// The true opening of the gripper, metres.
    public func opening(at time: Double) -> Double { recorder.motion.opening(at: time) }

    /// The IMU's readings, with the scenario's noise and biases, before they are rounded to a GoPro's integers.
    public func inertial() -> InertialRecording { recorder.inertial().recording }

    /// Why an arm (`panda`, `xarm7`) cannot follow, per frame; empty where it can.
    public func reasons(arm: String) -> [[String]] {
        recorder.feasibility(only: arm).first?.frames.map(\.reasons) ?? []
    }
}

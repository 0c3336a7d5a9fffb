internal import Estimation
internal import Foundation
internal import Geometry
internal import Imaging
internal import Session

/// Makes one recording and its truth.
struct Recorder {
    let scenario: Scenario
    let device: Device
    let renderer: FrameRenderer
    let plan: Scenario.RecordingPlan
    let motion: RecordedMotion
    let seed: UInt64
    private let partner: PartnerMotion?

    init(
        scenario: Scenario, device: Device, renderer: FrameRenderer, plan: Scenario.RecordingPlan, index: Int
    ) throws(SimulationError) {
        self.scenario = scenario
        self.device = device
        self.renderer = renderer
        self.plan = plan
        seed = Self.seed(scenario, index)
        motion = try Self.motion(plan, scenario: scenario, device: device, index: index)
        if let other = scenario.recordings.firstIndex(where: { $0.name == plan.partner }) {
            let partner = scenario.recordings[other]
            self.partner = PartnerMotion(
                motion: try Self.motion(partner, scenario: scenario, device: device, index: other), gripper: partner.camera,
                shift: plan.start - partner.start)
        } else {
            partner = nil
        }
    }

    private static func motion(
        _ plan: Scenario.RecordingPlan, scenario: Scenario, device: Device, index: Int
    ) throws(SimulationError) -> RecordedMotion {
        var motionPlan = MotionPlan(plan, scenario: scenario)
        if plan.motion == .recorded { motionPlan.measured = try MeasuredMotion(plan, duration: motionPlan.duration) }
        return RecordedMotion(
            plan: motionPlan, cameraFromTool: device.cameraFromTool, bodyFromCamera: device.bodyFromCamera, seed: seed(scenario, index))
    }

    private static func seed(_ scenario: Scenario, _ index: Int) -> UInt64 {
        RandomSource.mix(UInt64(bitPattern: Int64(scenario.seed)) &* 31 &+ UInt64(index) &* 0x9E37_79B9)
    }

    var frameCount: Int { max(1, Int((motion.duration * Double(scenario.picture.rate)).rounded())) }

    var times: [Double] { (0..<frameCount).map { Double($0) / Double(scenario.picture.rate) } }

    func frame(_ index: Int) -> RenderedFrame {
        let time = Double(index) / Double(scenario.picture.rate)
        let human =
            plan.human ? HumanArm(scenario.operatorArm, time: time, from: plan.humanFrom, to: plan.humanTo, grip: grip(at: time)) : nil
        let noiseSeed = RandomSource.mix(seed &+ UInt64(index) &* 0x1000_0001)
        if plan.coveredFrom >= 0, time >= plan.coveredFrom { return renderer.covered(noiseSeed: noiseSeed) }
        return renderer.render(motion, at: time, human: human, noiseSeed: noiseSeed, gripper: plan.camera, partner: partner)
    }

    /// Where the operator's hand holds the other gripper: below its body, from behind.
    private func grip(at time: Double) -> (place: Float3, along: Float3)? {
        guard scenario.operatorArm.carriesPartner, let partner else { return nil }
        let pose = partner.tableFromCamera(at: time)
        let place = pose * Vector3(0, 0.13, 0.03)
        let along = pose.rotation * Vector3(0, 0, 1)
        func narrow(_ v: Vector3) -> Float3 { Float3(Float(v.x), Float(v.y), Float(v.z)) }
        return (narrow(place), narrow(along))
    }

    func inertial() -> InertialSynthesis { InertialSynthesis(motion, device: device, model: scenario.inertial, seed: seed &+ 3) }

    /// Writes the video and its truth; gives its row of `recordings.csv`.
    func record(into folder: URL, progress: (Simulator.Progress) -> Void) throws(SimulationError) -> [String] {
        let truth = TruthFiles(folder: folder.appendingPathComponent("truth").appendingPathComponent(plan.name))
        try truth.poses(motion, times: times)
        let inertial = inertial()
        try truth.biases(inertial)
        var arms = "not judged"
        if !plan.name.hasPrefix("mapping"), !plan.name.hasPrefix("gripper_calibration"), !scenario.robots.arms.isEmpty {
            let truths = feasibility()
            try truth.feasibility(truths, times: times)
            arms = truths.filter { $0.frames.allSatisfy(\.reasons.isEmpty) }.map(\.arm.name).joined(separator: " ")
            if arms.isEmpty { arms = "none" }
        }
        let humanFrames: Int
        do {
            humanFrames = try film(into: folder, truth: truth.folder, inertial: inertial.recording, progress: progress)
        } catch {
            throw .file(path: folder.appendingPathComponent(plan.name).path, reason: "\(error)")
        }
        return [plan.name, plan.motion.rawValue, String(frameCount), String(scenario.picture.rate), String(humanFrames), arms]
    }

    /// What the arms could follow; nil judges every arm of the scenario.
    func feasibility(only name: String? = nil) -> [FeasibilityTruth] {
        let baseFromTable = scenario.tableFromBase.inverse
        let turn = baseFromTable.rotation
        return scenario.robots.arms.filter { name == nil || $0 == name }.compactMap { name in
            guard let arm = SerialArm.published.first(where: { $0.name == name }) else { return nil }
            return FeasibilityTruth(arm: arm, times: times) { time in
                let s = motion.tool.state(at: time)
                return MotionState(
                    pose: baseFromTable * s.pose, velocity: turn * s.velocity, acceleration: turn * s.acceleration, rate: s.rate,
                    rateDerivative: s.rateDerivative)
            }
        }
    }

    private func film(
        into folder: URL, truth: URL, inertial: InertialRecording, progress: (Simulator.Progress) -> Void
    ) throws(ImagingError) -> Int {
        let (w, h) = (scenario.picture.width, scenario.picture.height)
        var options = VideoWriter.Options(.h264, rate: Rational(scenario.picture.rate, 1), crf: scenario.picture.crf)
        // Without a human in the plan nothing has to be kept twice.
        let cleanURL = truth.appendingPathComponent("clean.mp4")
        let clean = plan.human ? try VideoWriter(cleanURL, width: w, height: h, options: options) : nil
        let mask = try VideoWriter(
            truth.appendingPathComponent("human_mask.mov"), width: w, height: h, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: Rational(scenario.picture.rate, 1)))
        let classes =
            plan.classes
            ? try VideoWriter(
                truth.appendingPathComponent("classes.mov"), width: w, height: h, channels: 1,
                options: VideoWriter.Options(.ffv1, rate: Rational(scenario.picture.rate, 1)))
            : nil
        options.hasTelemetry = true
        let stamp = scenario.stamp(of: plan)
        options.creationTime = stamp?.creationTime
        options.timecode = stamp?.timecode
        let url = folder.appendingPathComponent(plan.name + ".mp4")
        let video = try VideoWriter(url, width: w, height: h, options: options)
        let empty = Image(width: w, height: h, channels: 1)
        var humanFrames = 0
        for i in 0..<frameCount {
            let rendered = frame(i)
            try video.append(rendered.image)
            try clean?.append(rendered.clean ?? rendered.image)
            try mask.append(rendered.human ?? empty)
            try classes?.append(rendered.classes)
            if rendered.human != nil { humanFrames += 1 }
            progress(Simulator.Progress(recording: plan.name, frame: i + 1, frames: frameCount))
        }
        try TelemetryTrack.write(inertial, frames: times, exposure: scenario.picture.exposure, to: video)
        try video.finish()
        if let stamp { try CameraSerialBox.add(serial: stamp.serial, model: "Simulated camera", to: url) }
        try clean?.finish()
        try mask.finish()
        try classes?.finish()
        return humanFrames
    }
}

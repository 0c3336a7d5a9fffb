internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session
internal import Synchronization

/// The session's still scene from its mapping recording, made when the first demo asks for it and shared by all.
final class SessionScenery: Sendable {
    /// Of what it is made: goes into the keys of what is made with it.
    let key: String
    private let recording: IngestedRecording
    private let tags: Artefact
    private let trajectory: URL
    private let mask: DeviceMask
    private let context: StageContext
    private let made = Mutex<SceneModel??>(nil)

    /// Nil without a mapping recording of the demos' picture size: a scene taken from a demo would hold its human.
    init?(_ states: [DemoState], map: SessionMap?, device: (artefact: Artefact, mask: DeviceMask), context: StageContext) {
        guard let map, let state = states.first(where: { $0.file.role == .mapping }), let recording = state.recording,
            let tags = state.tags,
            recording.summary.width == device.mask.fixed.width, recording.summary.height == device.mask.fixed.height
        else { return nil }
        self.recording = recording
        self.tags = tags
        self.context = context
        mask = device.mask
        trajectory = map.artefact.file("camera.csv")
        key = "\(map.artefact.key) \(tags.key) \(device.artefact.key)"
    }

    /// Nil where the mapping recording has too few pictures with a pose.
    func get() throws -> SceneModel? {
        try made.withLock { held in
            if let held { return held }
            let masker = try HumanMasker(device: recording.device(context.request.device), mask: mask, options: context.configuration.mask)
            let detections = try Tags.read(tags, frameCount: recording.times.count)
            let scene = try masker.scene(
                stream: MaskStage.pictures(of: recording), poses: Trajectory(csv: trajectory),
                tags: Tags.byFrame(detections))
            held = .some(scene)
            return scene
        }
    }
}

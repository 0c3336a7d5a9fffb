internal import Foundation
internal import Imaging
internal import Session

/// Which gripper a camera sits on, from the finger tags it sees: gripper g carries the device's ids plus 6 g, as UMI numbers them.
enum GripperIdentity {
    /// Grippers whose ids exist in DICT_4X4_50.
    static let grippers = 0..<8

    /// The gripper both of whose finger tags are seen in at least `share` of the frames; nil where none is.
    static func index(of frames: [[TagDetection]], tags: FingerTags, share: Double) -> Int? {
        guard !frames.isEmpty else { return nil }
        var best: (index: Int, rate: Double)?
        for g in grippers {
            let ids = [tags.leftID, tags.rightID].map { $0 + Device.idsPerGripper * g }
            let counts = ids.map { id in frames.count { $0.contains { $0.id == id } } }
            let rate = Double(counts.min() ?? 0) / Double(frames.count)
            if rate >= share, rate > best?.rate ?? 0 { best = (g, rate) }
        }
        return best?.index
    }

    /// Gives every recording its gripper: what most recordings of its camera show, else what most of the session shows, else the device's own.
    static func assign(_ states: inout [DemoState], context: StageContext) {
        guard let tags = context.request.device.fingerTags else { return }
        let share = context.configuration.calibrate.gripper.identifyShare
        var votes: [String: [Int: Int]] = [:]
        for state in states {
            guard state.stopped == nil, let recording = state.recording, let artefact = state.tags else { continue }
            guard let frames = try? Tags.read(artefact, frameCount: recording.times.count),
                let index = index(of: frames, tags: tags, share: share)
            else { continue }
            votes[state.file.identity.serial ?? "", default: [:]][index, default: 0] += 1
            votes["session", default: [:]][index, default: 0] += 1
        }
        func winner(_ key: String) -> Int? {
            votes[key]?.max { a, b in a.value != b.value ? a.value < b.value : a.key > b.key }?.key
        }
        for i in states.indices {
            let index = winner(states[i].file.identity.serial ?? "") ?? winner("session") ?? 0
            states[i].gripper = index
            states[i].recording?.gripper = index
        }
    }
}

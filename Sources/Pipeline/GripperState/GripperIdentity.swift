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
    /// A recording that shows another gripper's tags than its camera's others is named in `notes`.
    static func assign(_ states: inout [DemoState], notes: inout [String], context: StageContext) {
        guard let tags = context.request.device.fingerTags else { return }
        let share = context.configuration.calibrate.gripper.identifyShare
        let seen = states.map { state -> Seen in
            let frames =
                state.stopped == nil ? state.tags.flatMap { try? Tags.read($0, frameCount: state.recording?.times.count ?? 0) } : nil
            return Seen(
                unit: state.file.unit, serial: state.file.identity.serial,
                gripper: frames.flatMap { index(of: $0, tags: tags, share: share) })
        }
        for (i, index) in choose(seen, tags: tags, notes: &notes).enumerated() {
            states[i].gripper = index
            states[i].recording?.gripper = index
        }
    }

    /// What a recording shows of its gripper.
    struct Seen {
        var unit: String
        /// Of its camera; nil where the file does not say.
        var serial: String?
        /// Nil where too few frames show finger tags.
        var gripper: Int?
    }

    /// The gripper of each recording.
    static func choose(_ seen: [Seen], tags: FingerTags, notes: inout [String]) -> [Int] {
        func winner(_ votes: [Int]) -> Int? {
            let counts = Dictionary(grouping: votes) { $0 }.mapValues(\.count)
            return counts.max { a, b in a.value != b.value ? a.value < b.value : a.key > b.key }?.key
        }
        let session = winner(seen.compactMap(\.gripper)) ?? 0
        return seen.map { one in
            let index = winner(seen.filter { $0.serial == one.serial }.compactMap(\.gripper)) ?? session
            if let own = one.gripper, own != index {
                func ids(_ g: Int) -> String { "\(tags.leftID + Device.idsPerGripper * g) and \(tags.rightID + Device.idsPerGripper * g)" }
                notes.append(
                    "\(one.unit): shows the finger tags \(ids(own)) of gripper \(own), the other recordings of camera \(one.serial ?? "without a serial") "
                        + "\(ids(index)) of gripper \(index), for which it is taken: was a camera moved to the other gripper, or a serial copied?"
                )
            }
            return index
        }
    }
}

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

    /// A line for each gripper of the demos whose range nothing sets.
    static func uncalibrated(_ demos: [(gripper: Int, serial: String?)], calibrated: Set<Int>) -> [String] {
        let grippers = Set(demos.map(\.gripper)).sorted()
        let told =
            "widths read from finger tags are the tags' distance, not the opening above closed; a video named gripper_calibration… sets the range"
        if calibrated.isEmpty { return grippers.isEmpty ? [] : ["no gripper calibration: \(told)"] }
        guard grippers.count > 1 else { return [] }
        return grippers.filter { !calibrated.contains($0) }.map { gripper in
            let cameras = Set(demos.filter { $0.gripper == gripper }.compactMap(\.serial)).sorted()
            let named = cameras.isEmpty ? "" : " (camera \(cameras.joined(separator: ", ")))"
            return "gripper \(gripper)\(named) has no gripper calibration: its \(told)"
        }
    }
}

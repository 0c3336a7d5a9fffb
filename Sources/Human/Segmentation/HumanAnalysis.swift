internal import Geometry
internal import Imaging
internal import Session

/// What the first pass found.
public struct HumanAnalysis: Sendable {
    /// Whether a human was seen at all; where not, every mask is empty and no picture is changed.
    public var humanVisible = false
    /// Why, in one line with its numbers, for the report.
    public var reason: String
    /// Keyframes with a region that could be human, and those in which the human was then found.
    public var seededKeyframes: Int
    public var activeKeyframes = 0
    let keyframes: [Keyframe]
    /// By keyframe: the human was found in it.
    var active: [Bool]
    /// By keyframe: the share of the picture that could be human before the recording as a whole was asked.
    var seedShares: [Double]
    /// Whether any keyframe could be compared with the scene.
    var isJudged: Bool
    var knowledge: RecordingKnowledge
    /// What undoes the lens's fall-off, by working pixel.
    var gains: [Float]
    /// Sectors of the border through which the human comes in.
    var entry: [Bool] = []
    /// Nil where no human was seen.
    var colours: ColourModel?

    /// The factor on the tolerances that was chosen.
    public var tolerance: Double { knowledge.tolerance }

    /// What the nearest keyframe's seeds covered, as a share of the picture; 1 where nothing could be judged.
    func seedShare(near time: Timestamp<VideoClock>) -> Double {
        guard isJudged else { return 1 }
        let after = keyframes.partitioningIndex { $0.time >= time }
        let near = [after - 1, after].filter { keyframes.indices.contains($0) && seedShares.indices.contains($0) }
        return near.min { abs(keyframes[$0].time - time) < abs(keyframes[$1].time - time) }.map { seedShares[$0] } ?? 0
    }

    /// Mean seconds between keyframes.
    var spacing: Double {
        guard let first = keyframes.first, let last = keyframes.last, keyframes.count > 1 else { return .infinity }
        return (last.time - first.time) / Double(keyframes.count - 1)
    }

    /// Whether a keyframe with a human lies near a time.
    func isActive(near time: Timestamp<VideoClock>, within span: Double) -> Bool {
        let low = keyframes.partitioningIndex { $0.time >= time + -span }
        for i in low..<keyframes.count {
            if keyframes[i].time - time > span { return false }
            if active[i] { return true }
        }
        return false
    }
}

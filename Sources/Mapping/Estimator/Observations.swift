internal import Geometry
internal import Session

/// What one recording shows, the same for the whole batch: its tracks by frame and by track, and when each frame was taken.
struct Observations: Sendable {
    let tracks: FeatureTracks
    /// Keyframes that bundle adjustment works on; the others only make points while poses are propagated.
    let isAdjusted: [Bool]
    /// Times of the frames on the video's clock.
    let seconds: [Double]
    /// Of the table tag, in its own frame, metres; empty where the device has none.
    let tagCorners: [Vector3]
    private let trackOffsets: [Int]
    private let trackIndices: [Int32]

    init(_ tracks: FeatureTracks, device: Device, options: BatchOptions) {
        self.tracks = tracks
        isAdjusted = tracks.adjusted(limit: options.maximumKeyframes, longest: options.keyframeSpacing)
        seconds = tracks.times.map(\.seconds)
        tagCorners = device.tableTag?.corners ?? []
        (trackOffsets, trackIndices) = tracks.byTrack()
    }

    var frameCount: Int { seconds.count }

    /// Which of `tracks.observations` are a frame's.
    func indices(ofFrame f: Int) -> Range<Int> { tracks.frameOffsets[f]..<tracks.frameOffsets[f + 1] }

    /// Which of `tracks.observations` are a track's, in the order of their frames.
    func indices(ofTrack t: Int) -> ArraySlice<Int32> { trackIndices[trackOffsets[t]..<trackOffsets[t + 1]] }
}

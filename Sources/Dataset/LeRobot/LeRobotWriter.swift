public import Foundation
public import Imaging

/// Writes a LeRobot data set (v3.0 or v2.1), one episode after another, in constant memory.
///
///     let writer = try LeRobotWriter(root: url, fps: 20, robotType: "panda", layout: layout)
///     try writer.beginEpisode(task: "put the cup on the saucer")
///     try writer.append(EpisodeFrame(state: …, action: …), images: [picture])
///     try writer.endEpisode()
///     try writer.finish()
///
/// All is written beside `root` and put there by `finish()`: a data set that stands at `root` is complete (see `StagingFolder`). A data set
/// that grows is linked there first, so that none of its data and videos is coded again; the last file of each kind is filled up. Episodes
/// follow one another in an mp4 per camera up to the options' limits (H.264 or AV1, yuv420p, closed GOP, no B frames, a time scale of 512
/// ticks a frame), whose frame times are exact at any integer rate; with v2.1 each has its own. Every input is checked before anything of
/// the frame is written. The same calls give the same bytes. Beside what readers need there are
/// `meta/splits.json`, `meta/speeds.json` (speed and percentile of every episode, over the whole data set), `meta/griptrace.json`,
/// `README.md` (the card) and with v2.1 GR00T's `meta/modality.json`. Format: LeRobot 0.4.4 (v3.0), LeRobot 0.3.3 (v2.1).
public final class LeRobotWriter: EpisodeWriter {
    public let root: URL
    public let fps: Int
    public let robotType: String
    public let layout: EpisodeLayout
    public let options: LeRobotOptions

    public var episodeCount: Int { state.episodes }
    public var frameCount: Int { state.frames }

    private let folder: OutputFolder
    private let features: [LeRobotFeature]
    private var tables: any LeRobotTables
    private var state: LeRobotState
    /// One per camera.
    private var videoFiles: [VideoFiles]
    /// Where the new episodes begin.
    private let before: (episodes: Int, frames: Int)
    private var current: Episode?

    private struct Episode {
        var header: EpisodeHeader
        var buffer: EpisodeBuffer
        var videos: [EpisodeVideo]
    }

    /// - Parameters:
    ///   - root: the data set's folder; must not exist unless the options allow replacing.
    ///   - fps: frames a second, a whole number: readers compute frame times as index / fps.
    ///   - robotType: LeRobot's `robot_type`, such as "panda".
    public init(root: URL, fps: Int, robotType: String, layout: EpisodeLayout, options: LeRobotOptions = LeRobotOptions())
        throws(DatasetError)
    {
        try layout.validate()
        try options.validate()
        guard (1...1000).contains(fps) else { throw .layout(key: "fps", reason: "\(fps) is not a whole rate from 1 to 1000 a second") }
        if options.codec == .av1, let small = layout.cameras.first(where: { $0.width < 64 || $0.height < 64 }) {
            throw .layout(key: small.key, reason: "\(small.width)x\(small.height): AV1 is coded from 64x64 pixels on")
        }
        self.root = root
        self.fps = fps
        self.robotType = robotType
        self.layout = layout
        self.options = options
        features = layout.features
        folder = try OutputFolder(destination: root, existing: options.existing, ownNames: LeRobotPath.ownNames)
        do {
            state =
                folder.isGrowing
                ? try LeRobotState(
                    root: folder.root, version: options.version, fps: fps, robotType: robotType, features: features, options: options)
                : LeRobotState()
            try state.provenance.check(rotations: layout.rotations, path: root.path)
        } catch {
            folder.discard()
            throw error
        }
        before = (state.episodes, state.frames)
        videoFiles = []
        for camera in layout.cameras {
            videoFiles.append(VideoFiles(folder: folder, key: camera.key, fps: fps, last: state.lastVideos[camera.key], options: options))
        }
        switch options.version {
        case .v30: tables = try LeRobotParquet(folder: folder, features: features, state: state, options: options)
        case .v21: tables = try LeRobotLines(folder: folder, features: features, options: options)
        }
    }

    /// Begins an episode; a text per episode says what is done in it.
    public func beginEpisode(_ header: EpisodeHeader) throws(DatasetError) {
        precondition(current == nil, "the episode before must be ended or abandoned")
        guard !header.task.isEmpty, !header.task.utf8.contains(0) else {
            throw .layout(key: "task", reason: "an episode needs a task text")
        }
        var videos: [EpisodeVideo] = []
        for (camera, files) in zip(layout.cameras, videoFiles) {
            videos.append(try EpisodeVideo(url: files.draft, camera: camera, fps: fps, options: options))
        }
        current = Episode(header: header, buffer: EpisodeBuffer(layout: layout), videos: videos)
    }

    /// Appends a frame and its pictures, one per camera of the layout.
    public func append(_ frame: EpisodeFrame, images: [Image]) throws(DatasetError) {
        guard var episode = current.take() else { preconditionFailure("append needs beginEpisode") }
        defer { current = episode }
        let index = episode.buffer.count
        try layout.check(frame, images: images, episode: episodeCount, index: index)
        guard Double(index + 1) / Double(fps) <= options.maximumEpisodeSeconds else {
            throw .frame(
                episode: episodeCount, frame: index, key: "timestamp",
                reason: "the episode is longer than maximumEpisodeSeconds = \(options.maximumEpisodeSeconds): split it")
        }
        for i in episode.videos.indices { try episode.videos[i].append(images[i]) }
        episode.buffer.append(frame)
    }

    /// Drops the episode that was begun, as if it had never been.
    public func abandonEpisode() {
        guard let episode = current.take() else { return }
        for video in episode.videos { video.discard() }
    }

    /// Completes the episode: video, rows, statistics. It must hold at least one frame.
    public func endEpisode() throws(DatasetError) {
        guard let episode = current.take() else { preconditionFailure("endEpisode needs beginEpisode") }
        let length = episode.buffer.count
        guard length > 0 else {
            for video in episode.videos { video.discard() }
            throw .frame(episode: episodeCount, frame: 0, key: "length", reason: "the episode holds no frame")
        }
        var spans: [LeRobotEpisode.Span] = []
        for (i, video) in episode.videos.enumerated() {
            try video.finish()
            let place = try videoFiles[i].add(video.url, isDraft: true)
            let start = Double(place.picture) / Double(fps)
            spans.append(LeRobotEpisode.Span(file: place.file, from: start, to: Double(place.picture + length) / Double(fps), options))
        }
        let task = state.tasks.firstIndex(of: episode.header.task) ?? state.tasks.count
        if task == state.tasks.count { state.tasks.append(episode.header.task) }
        let columns = episode.buffer.columns(episode: episodeCount, firstIndex: frameCount, task: task, fps: fps)
        let pictures = episode.videos.map(\.statistics.statistics)
        let summary = LeRobotEpisodeTable.statistics(features: features, columns: columns, pictures: pictures, rows: length)
        try tables.append(
            LeRobotRow(
                index: episodeCount, tasks: [episode.header.task], length: length, firstIndex: frameCount,
                videos: spans, statistics: summary),
            columns: columns)
        state.totals = state.totals.isEmpty ? summary : zip(state.totals, summary).map { $0.joined(with: $1) }
        state.provenance.note(episode.header, episode: episodeCount)
        state.episodes += 1
        state.frames += length
    }

    /// Writes the metadata and puts the data set in its place. At least one episode is needed: readers cannot load an empty data set.
    public func finish(source: DatasetSource?) throws(DatasetError) {
        precondition(current == nil, "the last episode must be ended or abandoned")
        guard episodeCount > 0 else {
            throw .file(path: root.path, reason: "no episode was written: readers cannot load an empty data set")
        }
        guard episodeCount > before.episodes else {
            // Nothing came: what stands there stays as it is.
            folder.discard()
            return
        }
        if let source {
            try state.provenance.add(
                source, firstEpisode: before.episodes, episodes: episodeCount - before.episodes, frames: frameCount - before.frames,
                rotations: layout.rotations, path: root.path)
        }
        for i in videoFiles.indices { try videoFiles[i].finish() }
        try tables.close(tasks: state.tasks)
        try LeRobotMetadata(
            folder: folder, features: features, fps: fps, robotType: robotType, state: state, options: options
        ).write()
        try folder.commit()
    }
}

public import Foundation
public import Imaging

/// Writes a LeRobot v3.0 data set, one episode after another, in constant memory.
///
///     let writer = try LeRobotWriter(root: url, fps: 20, robotType: "panda", layout: layout)
///     try writer.beginEpisode(task: "put the cup on the saucer")
///     try writer.append(EpisodeFrame(state: …, action: …), images: [picture])
///     try writer.endEpisode()
///     try writer.finish()
///
/// All is written to `<root>.partial` and renamed by `finish()`: a data set that stands at `root` is complete. What an earlier, killed run
/// left in `<root>.partial` is removed at the start. Each episode has its own mp4 per camera (H.264, yuv420p, closed GOP, no B frames, a
/// time scale of 512 ticks a frame), whose frame times are exact at any integer rate. Every input is checked before anything of the frame
/// is written. The same calls give the same bytes. Format: LeRobot 0.4.4, codebase version v3.0.
public final class LeRobotWriter {
    public let root: URL
    public let fps: Int
    public let robotType: String
    public let layout: EpisodeLayout
    public let options: LeRobotOptions

    public private(set) var episodeCount = 0
    public private(set) var frameCount = 0

    private let folder: OutputFolder
    private let features: [LeRobotFeature]
    private var data: LeRobotDataFiles
    private var episodes: LeRobotEpisodeTable
    private var tasks: [String] = []
    private var statistics: [[FeatureStatistics]]
    private var current: Episode?

    private struct Episode {
        var task: String
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
        self.root = root
        self.fps = fps
        self.robotType = robotType
        self.layout = layout
        self.options = options
        features = layout.features
        folder = try OutputFolder(destination: root, replaces: options.replacesExisting)
        data = LeRobotDataFiles(folder: folder.partial, features: features, options: options)
        episodes = try LeRobotEpisodeTable(folder: folder.partial, features: features, options: options)
        statistics = Array(repeating: [], count: features.count)
    }

    /// Begins an episode; a text per episode says what is done in it.
    public func beginEpisode(task: String) throws(DatasetError) {
        precondition(current == nil, "the episode before must be ended or abandoned")
        guard !task.isEmpty, !task.utf8.contains(0) else { throw .layout(key: "task", reason: "an episode needs a task text") }
        var videos: [EpisodeVideo] = []
        for camera in layout.cameras {
            let url = folder.partial.appendingPathComponent(LeRobotPath.video(camera.key, file: episodeCount, options))
            videos.append(try EpisodeVideo(url: url, camera: camera, fps: fps, options: options))
        }
        current = Episode(task: task, buffer: EpisodeBuffer(layout: layout), videos: videos)
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

    public func append(_ frame: EpisodeFrame, image: Image) throws(DatasetError) { try append(frame, images: [image]) }

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
        for video in episode.videos { try video.finish() }
        let task = tasks.firstIndex(of: episode.task) ?? tasks.count
        if task == tasks.count { tasks.append(episode.task) }
        let columns = episode.buffer.columns(episode: episodeCount, firstIndex: frameCount, task: task, fps: fps)
        let pictures = episode.videos.map(\.statistics.statistics)
        let summary = LeRobotEpisodeTable.statistics(features: features, columns: columns, pictures: pictures, rows: length)
        let file = try data.append(columns, rows: length)
        try episodes.append(
            LeRobotEpisodeTable.Row(
                index: episodeCount, task: episode.task, length: length, firstIndex: frameCount, dataFile: file,
                duration: Double(length) / Double(fps),
                statistics: summary))
        for i in features.indices { statistics[i].append(summary[i]) }
        episodeCount += 1
        frameCount += length
    }

    /// Writes the metadata and puts the data set in its place. At least one episode is needed: readers cannot load an empty data set.
    public func finish() throws(DatasetError) {
        precondition(current == nil, "the last episode must be ended or abandoned")
        guard episodeCount > 0 else {
            throw .file(path: root.path, reason: "no episode was written: readers cannot load an empty data set")
        }
        try data.close()
        try episodes.close()
        try LeRobotPath.writeTasks(tasks, folder: folder.partial)
        let totals = features.indices.map { (features[$0], FeatureStatistics.aggregate(statistics[$0])) }
        try folder.write(LeRobotPath.statistics(totals), to: "meta/stats.json")
        try folder.write(
            LeRobotPath.info(
                features: features, fps: fps, robotType: robotType, episodes: episodeCount, frames: frameCount, tasks: tasks.count,
                options: options),
            to: "meta/info.json")
        try folder.commit()
    }
}

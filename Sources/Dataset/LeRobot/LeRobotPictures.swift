public import Foundation

/// Where each episode's pictures lie in a LeRobot data set's videos.
public struct LeRobotPictures: Sendable {
    public struct Place: Sendable, Equatable, Codable {
        /// `observation.images.wrist`, …
        public var key: String
        /// Relative to the data set.
        public var path: String
        /// The episode's first picture in that file, seconds.
        public var from: Double
    }

    /// By episode, one for each camera in the features' order.
    public var episodes: [[Place]] = []
    public var rate: Int

    /// Reads `meta/` of v3.0 or v2.1.
    public init(contentsOf url: URL) throws(DatasetError) {
        let folder = DatasetFolder(url)
        let info = try LeRobotInfo(folder)
        rate = info.fps
        let keys = info.videoKeys
        guard !info.version.hasPrefix("v2") else {
            episodes = try LeRobotEpisode.readLines(folder).map { episode in
                keys.map { key in
                    let path = LeRobotPath.expandEpisode(
                        info.videoPath, chunk: episode.index / max(info.chunkSize, 1), episode: episode.index, key: key)
                    return Place(key: key, path: path, from: 0)
                }
            }
            return
        }
        episodes = try LeRobotEpisode.readTables(folder, videoKeys: keys).map { episode in
            keys.compactMap { key in
                episode.videos[key].map { span in
                    Place(
                        key: key, path: LeRobotPath.expand(info.videoPath, chunk: span.chunk, file: span.file, key: key), from: span.from)
                }
            }
        }
    }
}

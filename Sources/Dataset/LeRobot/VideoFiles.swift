internal import Foundation
internal import Imaging

/// Where an episode's pictures begin: a file's number through all chunks, and the first picture in it.
struct VideoPlace: Equatable {
    var file: Int
    var picture: Int
}

/// The video files of one camera of a data set, filled one after another up to the options' limits as LeRobot's own writer fills them.
///
/// LeRobot's streaming reader takes a picture's place in its file from the row's index over the rate: it finds the right ones as long as
/// all episodes lie in one file, in the rows' order. A file that another program wrote in a way that nothing can be put behind it stays by
/// itself, and so does each episode of v2.1.
struct VideoFiles {
    private let folder: OutputFolder
    private let key: String
    private let fps: Int
    private let options: LeRobotOptions
    /// Of the file that is begun next.
    private var next: Int
    private var current: Current?

    /// The file that is being filled.
    private struct Current {
        var file: Int
        var pictures: Int
        var bytes: Int
        /// Nil while it is one video as it came.
        var join: VideoJoin?
    }

    /// - Parameter last: number of the last file that stands in the folder already, to be filled up; nil: none does.
    init(folder: OutputFolder, key: String, fps: Int, last: Int? = nil, options: LeRobotOptions) {
        self.folder = folder
        self.key = key
        self.fps = fps
        self.options = options
        next = last.map { $0 + 1 } ?? 0
        guard options.version == .v30, let last else { return }
        let url = folder.root.appendingPathComponent(LeRobotPath.video(key, file: last, options))
        current = Self.pictures(of: url).map { Current(file: last, pictures: $0, bytes: Self.bytes(of: url)) }
    }

    /// Where an episode is written that is not part of a file yet.
    var draft: URL { folder.root.appendingPathComponent("videos/\(key)/episode.mp4") }

    /// Takes over a video: the file itself where `isDraft`, else a link to it or a copy. Its pictures begin at the place that is returned.
    mutating func add(_ video: URL, isDraft: Bool) throws(DatasetError) -> VideoPlace {
        let pictures = options.version == .v30 ? Self.pictures(of: video) : nil
        let bytes = Self.bytes(of: video)
        if let pictures, let begun = current, bytes + begun.bytes <= options.videoFileMegabytes * 1_000_000,
            Double(pictures + begun.pictures) <= options.videoFileSeconds * Double(fps), try append(video)
        {
            current?.pictures += pictures
            current?.bytes += bytes
            if isDraft { try Self.attempt(video) { try FileManager.default.removeItem(at: video) } }
            return VideoPlace(file: begun.file, picture: begun.pictures)
        }
        try finish()
        let place = VideoPlace(file: next, picture: 0)
        try put(video, at: url(place.file), isDraft: isDraft)
        current = pictures.map { Current(file: place.file, pictures: $0, bytes: bytes) }
        next += 1
        return place
    }

    /// Completes the file that is being filled.
    mutating func finish() throws(DatasetError) {
        try current?.join?.finish()
        current = nil
    }

    /// Appends a video to the file that is being filled; false, with nothing changed, where it does not fit.
    private mutating func append(_ video: URL) throws(DatasetError) -> Bool {
        guard let begun = current else { return false }
        if let join = begun.join { return try join.append(video) != nil }
        // What is one video so far becomes the first of a join. It may be linked from elsewhere, so it is not written through.
        let target = url(begun.file)
        let first = target.deletingPathExtension().appendingPathExtension("first.mp4")
        try Self.attempt(target) { try FileManager.default.moveItem(at: target, to: first) }
        do {
            let join = try VideoJoin(target, fps: fps)
            if try join.append(first) == begun.pictures, try join.append(video) != nil {
                current?.join = join
                try Self.attempt(first) { try FileManager.default.removeItem(at: first) }
                return true
            }
        }
        try? FileManager.default.removeItem(at: target)
        try Self.attempt(first) { try FileManager.default.moveItem(at: first, to: target) }
        return false
    }

    private func url(_ file: Int) -> URL { folder.root.appendingPathComponent(LeRobotPath.video(key, file: file, options)) }

    private func put(_ video: URL, at target: URL, isDraft: Bool) throws(DatasetError) {
        try Self.attempt(video) {
            try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            if isDraft { return try FileManager.default.moveItem(at: video, to: target) }
            do { try FileManager.default.linkItem(at: video, to: target) } catch {
                try FileManager.default.copyItem(at: video, to: target)
            }
        }
    }

    private static func attempt(_ url: URL, _ body: () throws -> Void) throws(DatasetError) {
        do { try body() } catch { throw .file(path: url.path, reason: "cannot be taken over: \(error.localizedDescription)") }
    }

    /// Nil where it cannot be read.
    private static func pictures(of url: URL) -> Int? { try? VideoReader.frameTimes(of: url).count }

    private static func bytes(of url: URL) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: url.path))?[.size] as? Int ?? 0
    }
}

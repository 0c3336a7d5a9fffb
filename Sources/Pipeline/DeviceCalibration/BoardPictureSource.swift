public import Calibration
public import Foundation
internal import Geometry
public import Imaging
internal import Session

/// How pictures of a board are taken out of folders and videos.
public struct BoardPictureOptions: Codable, Sendable, Equatable {
    /// Pictures taken out of one video, evenly spread; default 100: neighbours in time show the same.
    public var picturesPerVideo = 100

    public init() {}
}

/// The board in every picture of some files: pictures, folders of them, videos.
public struct BoardPictureSource: Sendable {
    public var views: [BoardView] = []
    public var width = 0
    public var height = 0
    /// Files or frames that could not be used, with the reason.
    public var skipped: [(name: String, reason: String)] = []

    static let pictureExtensions: Set<String> = ["jpg", "jpeg", "png"]

    /// Looks for the board everywhere; a picture of another size than the first is skipped by name, a file that is neither is an error.
    public init(
        _ urls: [URL], board: CalibrationBoard, options: BoardPictureOptions = BoardPictureOptions(), progress: (String) -> Void = { _ in }
    ) throws {
        for url in try urls.flatMap(Self.files) {
            if Self.pictureExtensions.contains(url.pathExtension.lowercased()) {
                do {
                    try add(Image(contentsOf: url).gray, name: url.lastPathComponent, board)
                } catch let error as ImagingError {
                    skipped.append((url.lastPathComponent, "\(error)"))
                }
            } else {
                try add(video: url, board, options)
            }
            progress("\(url.lastPathComponent): the board is seen in \(views.count) pictures so far")
        }
    }

    private mutating func add(_ gray: Image, name: String, _ board: CalibrationBoard) throws {
        if views.isEmpty, width == 0 { (width, height) = (gray.width, gray.height) }
        guard gray.width == width, gray.height == height else {
            skipped.append((name, "\(gray.width)x\(gray.height), the first picture is \(width)x\(height)"))
            return
        }
        let found = try BoardDetector.detect(board, in: gray)
        if found.isEmpty { skipped.append((name, "the board is not seen")) }
        views.append(BoardView(name: name, points: found.map { board.point($0.corner) }, pixels: found.map(\.pixel)))
        if found.isEmpty { views.removeLast() }
    }

    private mutating func add(video url: URL, _ board: CalibrationBoard, _ options: BoardPictureOptions) throws {
        let recording = try Recording(url)
        let source = try recording.frames(.gray)
        let step = max(1, recording.frameTimes.count / max(1, options.picturesPerVideo))
        var index = 0
        while true {
            if index % step == 0 {
                guard let frame = try source.nextFrame() else { break }
                try add(frame.image, name: "\(url.lastPathComponent) frame \(index)", board)
            } else if try source.skipFrame() == nil {
                break
            }
            index += 1
        }
    }

    private static func files(_ url: URL) throws -> [URL] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw PipelineError.usage("\(url.path) does not exist", accepted: "pictures (.jpg, .png), a folder of them, or videos")
        }
        guard isFolder.boolValue, !SessionScan.isRecordingFolder(url) else { return [url] }
        let inside = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        let files = inside.filter {
            let end = $0.pathExtension.lowercased()
            return pictureExtensions.contains(end) || SessionLayout.recordingExtensions.contains(end)
        }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        guard !files.isEmpty else {
            throw PipelineError.usage("\(url.path) holds no pictures", accepted: "pictures (.jpg, .png), a folder of them, or videos")
        }
        return files
    }
}

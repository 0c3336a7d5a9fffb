internal import Foundation
internal import Imaging

/// One camera's mp4 of the episode that is being written, and the statistics of its pictures.
struct EpisodeVideo {
    let url: URL
    private let writer: VideoWriter
    private(set) var statistics = PixelStatistics()

    init(url: URL, camera: CameraFeature, fps: Int, options: LeRobotOptions) throws(DatasetError) {
        self.url = url
        // Readers take the frame nearest to a time, to within 1e-4 s: a constant rate from 0, and a time scale that is a multiple of it.
        var settings = VideoWriter.Options(
            options.codec, rate: Rational(fps), crf: options.crf ?? (options.codec == .h264 ? 20 : 30), gop: options.keyFrameInterval)
        settings.bFrames = 0
        settings.preset = options.preset
        settings.timescale = fps * 512
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            writer = try VideoWriter(url, width: camera.width, height: camera.height, options: settings)
        } catch let error as ImagingError {
            throw .file(path: url.path, reason: "\(error)")
        } catch {
            throw .file(path: url.path, reason: "cannot be made: \(error.localizedDescription)")
        }
    }

    mutating func append(_ image: Image) throws(DatasetError) {
        do { try writer.append(image) } catch { throw .file(path: url.path, reason: "\(error)") }
        statistics.add(image)
    }

    func finish() throws(DatasetError) {
        do { try writer.finish() } catch { throw .file(path: url.path, reason: "\(error)") }
    }

    /// Removes the file; what cannot be removed lies in the partial folder and goes with the next run.
    func discard() { try? FileManager.default.removeItem(at: url) }
}

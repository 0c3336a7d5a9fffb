import Dataset
import Foundation
import Geometry
import Imaging
import Testing

/// A folder of its own for a test, removed afterwards.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-dataset-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

/// SplitMix64 (Steele et al. 2014), so that every run sees the same numbers.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Every file of a folder with its bytes, by path.
func contents(of folder: URL) throws -> [String: Data] {
    var out: [String: Data] = [:]
    for case let path as String in try #require(FileManager.default.enumerator(atPath: folder.path)) {
        let url = folder.appendingPathComponent(path)
        if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true { out[path] = try Data(contentsOf: url) }
    }
    return out
}

extension ValidationOptions {
    /// With every picture decoded.
    static var thorough: ValidationOptions {
        var options = ValidationOptions()
        options.decodesEveryPicture = true
        return options
    }
}

/// Small made-up episodes: joints on sines, a tool on a circle, pictures whose brightness moves with the frame.
enum Sample {
    static let layout = EpisodeLayout(
        stateNames: ["joint_1.pos", "joint_2.pos", "gripper.width", "tool.x"],
        actionNames: ["joint_1.pos", "joint_2.pos", "gripper.width"],
        cameras: [CameraFeature(width: 64, height: 48)],
        annotations: [
            AnnotationFeature("diagnostic.feasibility_margin", .float32), AnnotationFeature("diagnostic.is_tracked", .bool),
            AnnotationFeature("diagnostic.source_frame", .int64),
        ])

    static func frame(_ episode: Int, _ index: Int) -> EpisodeFrame {
        let t = Float(index) / 20 + Float(episode)
        return EpisodeFrame(
            state: [sinf(t), cosf(0.7 * t), 0.04 + 0.03 * sinf(2 * t), 0.1 * t], action: [sinf(t + 0.05), cosf(0.7 * t + 0.035), 0.05],
            annotations: [.float(0.5 - 0.01 * Float(index)), .bool(index % 3 != 0), .integer(Int64(1000 * episode + 3 * index))])
    }

    static func picture(_ episode: Int, _ index: Int, width: Int = 64, height: Int = 48) -> Image {
        var image = Image(width: width, height: height, channels: 3)
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<height {
                for x in 0..<width {
                    let i = (y * width + x) * 3
                    pixels[i] = UInt8(truncatingIfNeeded: x * 255 / width)
                    pixels[i + 1] = UInt8(truncatingIfNeeded: y * 255 / height)
                    pixels[i + 2] = UInt8(min(40 + 2 * index + 20 * episode, 250))
                }
            }
        }
        return image
    }

    /// Writes the made-up LeRobot data set: one episode per length; the tasks alternate between two.
    static func writeLeRobot(
        _ root: URL, lengths: [Int] = [30, 25, 41], first: Int = 0, fps: Int = 20, layout: EpisodeLayout = layout,
        options: LeRobotOptions = LeRobotOptions(), source: DatasetSource? = nil
    ) throws {
        try write(
            try LeRobotWriter(root: root, fps: fps, robotType: "panda", layout: layout, options: options), layout, lengths, first: first,
            source: source)
    }

    static func writeRobomimic(
        _ file: URL, lengths: [Int] = [30, 25, 41], first: Int = 0, options: RobomimicOptions = RobomimicOptions(),
        source: DatasetSource? = nil
    ) throws {
        let writer = try RobomimicWriter(path: file, robotType: "panda", layout: layout, options: options)
        try write(writer, layout, lengths, first: first, source: source)
    }

    /// One episode per length; the first is number `first`, which decides its content. Every fifth is held back for validation.
    static func write(
        _ writer: any EpisodeWriter, _ layout: EpisodeLayout, _ lengths: [Int], first: Int = 0, source: DatasetSource? = nil
    ) throws {
        for (i, length) in lengths.enumerated() {
            let episode = first + i
            try writer.beginEpisode(
                EpisodeHeader(task: episode % 2 == 0 ? "put the cup on the saucer" : "fold the \"cloth\"", isValidation: episode % 5 == 4))
            for index in 0..<length {
                let pictures = layout.cameras.map { picture(episode, index, width: $0.width, height: $0.height) }
                try writer.append(frame(episode, index), images: pictures)
            }
            try writer.endEpisode()
        }
        try writer.finish(source: source)
    }

    static func source(_ session: String) -> DatasetSource {
        DatasetSource(
            session: session, key: "key of \(session)", device: "simulator", robot: "panda", versions: ["griptrace": "0"],
            recordings: [DatasetSource.Recording(name: "demo", inputFrames: 100, outputFrames: 90)],
            dropped: [DatasetSource.Drop(stage: "episodes", reason: "lost", frames: 10, recordings: 1)])
    }

    static func umiFrame(_ episode: Int, _ index: Int) -> UMIFrame {
        let t = Double(index) / 60 + Double(episode)
        return UMIFrame(
            tableFromTool: Transform(
                rotation: Rotation(vector: Vector3(0.3 * t, 2.0, -0.2 * t)), translation: Vector3(0.3 + 0.1 * cos(t), 0.1 * sin(t), 0.2)),
            gripperWidth: 0.04 + 0.03 * sin(3 * t))
    }

    static func writeUMI(
        _ url: URL, lengths: [Int] = [50, 47, 60], first: Int = 0, options: UMIOptions = UMIOptions(), source: DatasetSource? = nil
    ) throws {
        let writer = try UMIWriter(path: url, options: options)
        for (i, length) in lengths.enumerated() {
            let episode = first + i
            writer.beginEpisode()
            for index in 0..<length {
                try writer.append(
                    umiFrame(episode, index), image: picture(episode, index, width: options.imageSize, height: options.imageSize))
            }
            try writer.endEpisode()
        }
        try writer.finish(source: source)
    }
}

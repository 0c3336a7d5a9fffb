internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Geometry
internal import Glibc
internal import Imaging

/// Writes made-up episodes through the writers and says what it cost: what `make bench-dataset` runs.
struct BenchDataset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-dataset", abstract: "Writes made-up episodes and prints processor time and peak memory.", shouldDisplay: false)

    @Option(help: "lerobot, lerobot-v2.1, umi or robomimic.")
    var format: String

    @Option var episodes = 1000
    @Option(help: "Frames of each.") var frames = 50
    @Option(help: "Frames a second.") var rate = 50
    @Option(help: "Width and height of the pictures; by default 224 for UMI, else 96.") var size: Int?
    @Option var output: String

    func run() throws {
        let url = URL(fileURLWithPath: output)
        switch format {
        case "umi": try writeUMI(url)
        case "robomimic": try write(RobomimicWriter(path: url, robotType: "panda", layout: layout))
        case "lerobot", "lerobot-v2.1":
            var options = LeRobotOptions()
            options.version = format == "lerobot" ? .v30 : .v21
            try write(LeRobotWriter(root: url, fps: rate, robotType: "panda", layout: layout, options: options))
        default: throw ValidationError("--format \(format); accepted: lerobot, lerobot-v2.1, umi, robomimic")
        }
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
        Console.line(
            "\(format): \(episodes) episodes, \(episodes * frames) frames of \(side) pixels; \(seconds) s of processor time, peak \(usage.ru_maxrss / 1024) MiB"
        )
    }

    private var side: Int { size ?? (format == "umi" ? 224 : 96) }

    private var layout: EpisodeLayout {
        let names = (1...7).map { "joint_\($0).pos" } + ["gripper.pos", "ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz"]
        return EpisodeLayout(
            stateNames: names, actionNames: names, cameras: [CameraFeature(width: side, height: side)],
            annotations: [AnnotationFeature("diagnostic.feasibility_margin", .float32), AnnotationFeature("loss_weight", .float32)])
    }

    private func write(_ writer: any EpisodeWriter) throws {
        for episode in 0..<episodes {
            try writer.beginEpisode(EpisodeHeader(task: "task \(episode % 7)", isValidation: episode % 20 == 19))
            for index in 0..<frames {
                let t = Float(index) / Float(rate) + Float(episode)
                let state = (0..<14).map { sinf(t * (1 + 0.1 * Float($0))) }
                try writer.append(
                    EpisodeFrame(state: state, action: state.map { $0 + 0.01 }, annotations: [.float(0.5), .float(1)]),
                    image: picture(episode, index, side))
            }
            try writer.endEpisode()
        }
        try writer.finish()
    }

    private func writeUMI(_ url: URL) throws {
        var options = UMIOptions()
        options.imageSize = side
        let writer = try UMIWriter(path: url, options: options)
        for episode in 0..<episodes {
            writer.beginEpisode()
            for index in 0..<frames {
                let t = Double(index) / Double(rate) + Double(episode)
                let pose = Transform<Table, Tool>(
                    rotation: Rotation(vector: Vector3(0.1 * sin(t), 2, 0.2)), translation: Vector3(0.3 + 0.1 * cos(t), 0.1 * sin(t), 0.2))
                try writer.append(
                    [UMIFrame(tableFromTool: pose, gripperWidth: 0.04 + 0.03 * sin(t))], images: [picture(episode, index, side)])
            }
            try writer.endEpisode()
        }
        try writer.finish()
    }

    private func picture(_ episode: Int, _ index: Int, _ size: Int) -> Image {
        var image = Image(width: size, height: size, channels: 3)
        let shade = (episode * 31 + index * 2) % 200
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<size {
                for x in 0..<size {
                    let i = (y * size + x) * 3
                    pixels[i] = UInt8(truncatingIfNeeded: x * 255 / size)
                    pixels[i + 1] = UInt8(truncatingIfNeeded: y * 255 / size)
                    pixels[i + 2] = UInt8((x / 12 + y / 12) % 2 == 0 ? shade : 255 - shade)
                }
            }
        }
        return image
    }
}

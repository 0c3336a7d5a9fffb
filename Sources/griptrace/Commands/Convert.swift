internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline
internal import Robot
internal import Session

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Converts a session of recordings into data sets, with a report on every second of it.",
        discussion: """
            The recording whose name begins with "mapping" (else the largest) builds the map, "gripper_calibration*" sets the gripper's range, \
            every other video is a demo. A run that was stopped goes on where it was; what is already made is not made again.
            """)

    @Argument(help: "The folder of recordings.")
    var session: String

    @Option(
        help:
            "The recorder: a shipped device's name, a device file, or UMI's calibration folder. Default: the session's device.yaml, or by camera model."
    )
    var device: String?

    @Option(help: "The target arm: a shipped arm's name, or a URDF, MJCF or arm.yaml file.")
    var arm: String

    @Option(help: "Obstacles over the table that the arm must keep clear of (YAML).")
    var obstacles: String?

    @Option(help: "Where data sets, report and the stages' artefacts go. Default: SESSION-converted.")
    var output: String = ""

    @Option(help: "Which data sets to write, with commas between: \(DataSetFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: String = "lerobot,umi"

    @Option(
        help:
            "Poses made elsewhere instead of SLAM: a file (TUM, UMI's trajectory CSV or six-number state), a folder with one per demo, or the word session for those that UMI left in it."
    )
    var poses: String?

    @Option(
        help:
            "\(Speed.allCases.map(\.rawValue).joined(separator: " or ")): the demonstrator's speed where the arm can follow, or the arm's own limits."
    )
    var speed: String?

    @Option(help: "Frames a second of the data sets, 10 to 60; else the recordings' own.")
    var rate: Int?

    @Option(help: "What is said of the recordings: recording,start,end,label,note. Else the session's labels.csv.")
    var labels: String?

    @Option(help: "Weights or a value function: recording,time,weight or recording,time,value.")
    var values: String?

    @Option(help: "Keep these episodes alone, such as 'fastest 50%' or 'sigma<3mm and feasible'.")
    var keep: String?

    @Option(
        help:
            "\(CurateOptions.Privacy.allCases.map(\.rawValue).joined(separator: " or ")): strict refuses every frame in which more than curate.unresolved_share of the picture may be human and is not taken out."
    )
    var privacy: String?

    @Option(help: "Share of the recordings held back for validation, such as 0.1.")
    var validation: Double?

    @Flag(help: "Write every tracked transition, the rejected ones too, into a data set of its own beside the policy's.")
    var dynamics = false

    @Option(help: "Convert this demo alone.")
    var only: String?

    @Option(help: "Make this stage and those after it again: \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
    var from: String?

    @Option(help: "Recordings worked on side by side.")
    var jobs: Int = max(1, ProcessInfo.processInfo.activeProcessorCount)

    @Option(name: .customLong("set"), parsing: .singleValue, help: "stage.option=value; `griptrace options` lists them. May be repeated.")
    var settings: [String] = []

    @Flag(help: "In a session of two grippers, keep demos of which only one side is good, as demos of one arm in OUTPUT/single.")
    var keepSingle = false

    @Option(
        help:
            "Masks made elsewhere: a folder with masks.json and a PNG a frame (0 background, 128 unsure, 255 human), or one with such a folder for each demo."
    )
    var masks: String?

    @Option(help: "Hand-drawn labels of a few frames, as `griptrace scribble` lays them out: a folder for each demo.")
    var scribbles: String?

    @Option(help: "Clean pictures made elsewhere, used in the place of the human: a folder like that of --masks, RGB.")
    var plates: String?

    @Option(help: "A segmenter as a shell command: frames on its standard input, masks on its standard output.")
    var maskCommand: String?

    @Option(help: "A segmenter as an ONNX model: its manifest (JSON).")
    var maskModel: String?

    @Option(
        name: .customLong("onnxruntime"),
        help: "ONNX Runtime's library for --mask-model. Default: GRIPTRACE_ONNXRUNTIME, else where the loader finds it.")
    var onnxRuntime: String?

    @Flag(help: "Write each demo's masks and where its pixels come from to OUTPUT/masks, in the form of --masks.")
    var exportMasks = false

    @Option(help: "Draw this arm into the pictures where the joints put it: the name or file of the arm, or of a model of it with meshes.")
    var overlay: String?

    @Option(
        name: .customLong("fixed-camera"), parsing: .singleValue,
        help: "A camera beside the table (YAML: name, video, camera, table_from_camera) to draw the arm for as well. May be repeated.")
    var fixedCameras: [String] = []

    @Flag(help: "Exit with 2 when anything was rejected.")
    var strict = false

    @OptionGroup var logging: LogOptions

    func run() async throws {
        let log = logging.logger()
        do {
            let request = try request(log)
            let display = ProgressDisplay(log: log, isTerminal: logging.isTerminal)
            let converter = try Converter(request, progress: display.sink)
            let outcome = try await converter.run()
            display.end()
            summarize(outcome, folder: request.output.path, log: log)
            throw ExitCode(outcome.exitCode(strict: strict))
        } catch let error as PipelineError {
            log.error("\(error)")
            if case .usage = error { throw ExitCode(64) }
            throw ExitCode(1)
        } catch let error as SessionError {
            log.error("\(error)")
            throw ExitCode(64)
        } catch let error as RobotError {
            log.error("\(error)")
            throw ExitCode(64)
        }
    }

    private func request(_ log: Logger) throws -> ConvertRequest {
        let sessionFolder = URL(fileURLWithPath: session)
        var chosen = device
        if chosen == nil {
            let found = try DeviceChoice.find(session: sessionFolder)
            log.info("\(found.reason)")
            chosen = found.file.path
        }
        let recorder = try DeviceChoice.named(chosen ?? "")
        let folder = output.isEmpty ? sessionFolder.standardizedFileURL.path + "-converted" : output
        var configuration = Configuration()
        for setting in settings { try configuration.set(setting) }
        if let speed {
            guard let known = Speed(rawValue: speed) else {
                throw PipelineError.usage("--speed \(speed)", accepted: Speed.allCases.map(\.rawValue).joined(separator: ", "))
            }
            configuration.feasibility.speed = known
        }
        if let rate {
            guard (10...60).contains(rate) else { throw PipelineError.usage("--rate \(rate)", accepted: "10 to 60 frames a second") }
            configuration.export.rate = rate
        }
        if let validation { configuration.curate.validationShare = validation }
        if let keep { configuration.curate.keep = keep }
        if let privacy {
            guard let known = CurateOptions.Privacy(rawValue: privacy) else {
                throw PipelineError.usage(
                    "--privacy \(privacy)", accepted: CurateOptions.Privacy.allCases.map(\.rawValue).joined(separator: ", "))
            }
            configuration.curate.privacy = known
        }
        var formats: [DataSetFormat] = []
        for name in format.split(separator: ",", omittingEmptySubsequences: false) {
            guard let known = DataSetFormat(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
                throw PipelineError.usage("--format '\(name)'", accepted: DataSetFormat.allCases.map(\.rawValue).joined(separator: ", "))
            }
            if !formats.contains(known) { formats.append(known) }
        }
        var stage: Stage?
        if let from {
            guard let known = Stage(rawValue: from) else {
                throw PipelineError.usage("--from \(from)", accepted: Stage.allCases.map(\.rawValue).joined(separator: ", "))
            }
            stage = known
        }
        guard jobs > 0 else { throw PipelineError.usage("--jobs \(jobs)", accepted: "a whole number from 1") }
        let inTheWay = try obstacles.map { try ObstacleSet(contentsOf: URL(fileURLWithPath: $0)) } ?? ObstacleSet()
        var request = ConvertRequest(
            session: sessionFolder, device: recorder.device, deviceFile: recorder.file,
            arm: try Arm(contentsOf: try Catalogue.arm(arm), obstacles: inTheWay), output: URL(fileURLWithPath: folder), formats: formats,
            poses: poses.flatMap { $0 == "session" ? nil : URL(fileURLWithPath: $0) }, only: only, from: stage, jobs: jobs,
            configuration: configuration, labels: labels.map { URL(fileURLWithPath: $0) }, values: values.map { URL(fileURLWithPath: $0) },
            dynamics: dynamics)
        request.keepsSingle = keepSingle
        request.usesSessionPoses = poses == "session"
        request.masks = masks.map { URL(fileURLWithPath: $0) }
        request.scribbles = scribbles.map { URL(fileURLWithPath: $0) }
        request.plates = plates.map { URL(fileURLWithPath: $0) }
        request.maskCommand = maskCommand
        request.maskModel = maskModel.map { URL(fileURLWithPath: $0) }
        request.onnxRuntime = onnxRuntime
        request.exportsMasks = exportMasks
        request.overlay = try overlay.map { try request.arm.drawn(as: try Catalogue.arm($0)) }
        do {
            request.fixedCameras = try fixedCameras.map { try FixedCamera(contentsOf: URL(fileURLWithPath: $0)) }
        } catch let error as FixedCameraError {
            throw PipelineError.usage("--fixed-camera: \(error)", accepted: "a file with name, video, camera and table_from_camera")
        }
        return request
    }

    private func summarize(_ outcome: ConvertOutcome, folder: String, log: Logger) {
        let f = outcome.report.frames
        for recording in outcome.report.recordings {
            let level: Logger.Level = recording.status == .failed ? .error : .info
            let frames = recording.role == .demo ? ", \(recording.frames.output) of \(recording.frames.input) frames exported" : ""
            log.log(level: level, "\(recording.unit): \(recording.status.rawValue)\(frames). \(recording.verdict)")
        }
        log.info("frames: \(f.input) in, \(f.output) out, \(f.rejected) rejected (see \(outcome.rejectionTable.path))")
        for set in outcome.report.dataSets {
            log.info("data set: \(folder)/\(set.path) (\(set.format), \(set.episodes) episodes, \(set.frames) frames at \(set.rate) Hz)")
        }
        if outcome.report.dataSets.isEmpty { log.warning("no data set was written: nothing is left after the rejections") }
        if outcome.writingSeconds > 0 {
            let all = ProcessorTime.process
            let share = 100 * outcome.writingSeconds / max(all, 1e-9)
            log.info(
                "processor time: \(all.fixed(1)) s, of which \(outcome.writingSeconds.fixed(1)) s (\(share.fixed(1)) %) in writing data sets"
            )
        }
        log.info("report: \(outcome.reportPage.path)")
    }
}

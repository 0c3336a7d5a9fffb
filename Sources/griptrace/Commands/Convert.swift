internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Human
internal import Imaging
internal import Logging
internal import Pipeline
internal import Robot
internal import Session
internal import Synchronization

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Converts a session of recordings into data sets, with a report on every second of it.",
        discussion: """
            The recording whose name begins with "mapping" (else the largest) builds the map, "gripper_calibration*" sets the gripper's range, \
            every other video is a demo. A run that was stopped goes on where it was; what is already made is not made again.

              griptrace convert sessions/monday --arm panda
              griptrace convert sessions/monday --device my.yaml --arm mine.urdf
              griptrace convert sessions/monday --arm ur5e --keep 'sigma<3mm and feasible'
              griptrace convert sessions/monday --arm panda,xarm7,ur5e

            The options that are rarely used are listed by --help-all.
            """)

    @Argument(help: "The folder of recordings.", completion: .directory)
    var session: String

    @OptionGroup(title: "Input") var input: ConvertInput
    @OptionGroup(title: "Arm") var arm: ConvertArm
    @OptionGroup(title: "Pictures") var pictures: ConvertPictures
    @OptionGroup(title: "Output") var output: ConvertOutput
    @OptionGroup(title: "Running") var running: ConvertRunning
    @OptionGroup(title: "Running") var logging: LogOptions

    func run() async throws {
        Interrupt.message.withLock { $0 = "interrupted: what is done is kept; run the same command again to go on" }
        let log = logging.logger()
        try await Exit.reporting(to: log) {
            var requests = try requests(log)
            if StageWorker.isAsked {
                StageWorker.serve(requests) { ChildProcesses.endAll(grace: 0.5) }
                return
            }
            for n in requests.indices {
                requests[n].isolation = .workers(executable: Self.program, arguments: Array(CommandLine.arguments.dropFirst()))
            }
            let display = ProgressDisplay(log: log, isTerminal: logging.isTerminal)
            if requests.count > 1 {
                let outcome = try await ArmsConverter(requests, progress: display.sink).run()
                display.end()
                for (arm, outcome) in outcome.outcomes {
                    log.info("\(arm):")
                    summarize(outcome, folder: requests.first { $0.arm.name == arm }?.output.path ?? "", log: log)
                }
                for line in outcome.comparison.lines { log.info("\(line)") }
                log.info("the same as a table: \(outcome.table.path); report: \(outcome.reportPage.path)")
                throw ExitCode(outcome.exitCode(strict: running.strict))
            }
            let outcome = try await Converter(requests[0], progress: display.sink).run()
            display.end()
            summarize(outcome, folder: requests[0].output.path, log: log)
            throw ExitCode(outcome.exitCode(strict: running.strict))
        }
    }

    /// This program, to be started again for the stages' work.
    static var program: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// What the options say, whatever the session.
    struct Asked {
        var arms: [Arm]
        var overlays: [Arm]?
        var formats: [DatasetFormat]
        var first: String?
        var configuration: Configuration
    }

    /// - Parameter wrong: takes all that is wrong with the options; nil comes back where the arm is among it.
    func asked(_ wrong: inout RequestErrors) -> Asked? {
        wrong.look {
            guard running.jobs > 0 else { throw PipelineError.usage("--jobs \(running.jobs)", accepted: "a whole number from 1") }
        }
        let arms = wrong.look { try targetArms() }
        let overlays: [Arm]? = arms.flatMap { arms in wrong.look { try self.overlays(arms) } ?? nil }
        let formats = self.formats(&wrong)
        let first: String? = wrong.look { try stage() } ?? nil
        let configuration = self.configuration(&wrong)
        return arms.map { Asked(arms: $0, overlays: overlays, formats: formats, first: first, configuration: configuration) }
    }

    /// What the options ask for, one for each arm; all that is wrong with them, and with the session, is said at once.
    private func requests(_ log: Logger) throws -> [ConvertRequest] {
        let folder = URL(fileURLWithPath: session)
        let target = URL(fileURLWithPath: output.output.isEmpty ? folder.standardizedFileURL.path + "-converted" : output.output)
        let poses = input.poses.flatMap { $0 == "session" ? nil : URL(fileURLWithPath: $0) }
        var wrong = RequestErrors()
        let device = wrong.look { try self.recorder(of: folder, log) }
        let asked = asked(&wrong)
        guard let device, let asked else {
            let check = SessionCheck(
                session: folder, output: target, hasPoses: poses != nil, only: input.only,
                labels: input.labels.map { URL(fileURLWithPath: $0) }, values: input.values.map { URL(fileURLWithPath: $0) })
            wrong.add(check.faults)
            throw wrong
        }
        let (arms, overlays) = (asked.arms, asked.overlays)
        var request = ConvertRequest(
            session: folder, device: device.device, deviceFile: device.file, arm: arms[0], output: target, formats: asked.formats,
            poses: poses, only: input.only, from: asked.first, jobs: max(running.jobs, 1), configuration: asked.configuration,
            labels: input.labels.map { URL(fileURLWithPath: $0) },
            values: input.values.map { URL(fileURLWithPath: $0) }, dynamics: output.dynamics)
        request.version = Version.number
        request.keepsSingle = output.keepSingle
        request.usesSessionPoses = input.poses == "session"
        request.exportsMasks = output.exportMasks
        wrong.look { try addPictures(to: &request) }
        if arms.count == 1 { request.overlay = overlays?[0] }
        guard wrong.isEmpty else {
            wrong.look { _ = try Converter(request) { _ in } }
            throw wrong
        }
        return arms.count == 1 ? [request] : try ArmsConverter.requests(request, arms: arms, overlays: overlays)
    }

    private func recorder(of session: URL, _ log: Logger) throws -> (device: Device, file: URL) {
        if let device = input.device { return try DeviceChoice.named(device) }
        let found = try DeviceChoice.find(session: session)
        log.info("\(found.reason)")
        return try DeviceChoice.named(found.file.path)
    }

    /// A file is one arm, whatever its name.
    private func targetArms() throws -> [Arm] {
        let inTheWay = try arm.obstacles.map { try ObstacleSet(contentsOf: URL(fileURLWithPath: $0)) } ?? ObstacleSet()
        return try Self.names(arm.arm, option: "--arm").map { try Arm(contentsOf: try Catalogue.arm($0), obstacles: inTheWay) }
    }

    /// Names with commas between; a file is one, whatever its name.
    private static func names(_ text: String, option: String) throws -> [String] {
        if FileManager.default.fileExists(atPath: text) { return [text] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        if names.contains("") { throw PipelineError.usage("\(option) '\(text)'", accepted: "an arm, or several with commas between") }
        return names
    }

    /// What is drawn into the pictures, for each arm.
    private func overlays(_ arms: [Arm]) throws -> [Arm]? {
        guard let overlay = pictures.overlay else { return nil }
        let names = try Self.names(overlay, option: "--overlay")
        guard names.count == arms.count else {
            throw PipelineError.usage(
                "--overlay names \(names.count) arms, --arm \(arms.count)", accepted: "one for each, in the same order")
        }
        return try zip(arms, names).map { try $0.drawn(as: try Catalogue.arm($1)) }
    }

    private func configuration(_ wrong: inout RequestErrors) -> Configuration {
        var configuration = Configuration()
        for setting in running.settings {
            wrong.look {
                try OptionDocs.check(setting)
                try configuration.set(setting)
            }
        }
        func set<Value>(_ path: WritableKeyPath<Configuration, Value>, _ value: () throws -> Value?) {
            if let value = wrong.look(value) ?? nil { configuration[keyPath: path] = value }
        }
        set(\.feasibility.speed) { try arm.speed.map { try known("--speed", $0) } }
        set(\.solve.posture) { arm.posture }
        set(\.export.rate) {
            guard let rate = output.rate, !(10...60).contains(rate) else { return output.rate }
            throw PipelineError.usage("--rate \(rate)", accepted: "10 to 60 frames a second")
        }
        set(\.export.state) { try output.state.map { try known("--state", $0) } }
        set(\.export.action) { try output.action.map { try known("--action", $0) } }
        set(\.export.rotation) { try output.rotation.map { try known("--rotation", $0) } }
        set(\.export.imageKey) { output.imageKey }
        set(\.export.task) { output.task }
        set(\.curate.validationShare) { output.validation }
        set(\.curate.keep) { output.keep }
        set(\.curate.privacy) { try pictures.privacy.map { try known("--privacy", $0) } }
        return configuration
    }

    private func known<Value: RawRepresentable<String> & CaseIterable>(_ option: String, _ text: String) throws -> Value {
        guard let value = Value(rawValue: text) else { throw Suggestion.refusal(option, text, Value.allCases.map(\.rawValue)) }
        return value
    }

    private func formats(_ wrong: inout RequestErrors) -> [DatasetFormat] {
        var formats: [DatasetFormat] = []
        for part in output.format.split(separator: ",", omittingEmptySubsequences: false) {
            let name = part.trimmingCharacters(in: .whitespaces)
            let known = wrong.look {
                guard let known = DatasetFormat(name: name) else { throw Suggestion.refusal("--format", name, DatasetFormat.names) }
                return known
            }
            if let known, !formats.contains(known) { formats.append(known) }
        }
        return formats
    }

    private func stage() throws -> String? {
        guard let from = running.from else { return nil }
        guard StagePlan.names.contains(from) else { throw Suggestion.refusal("--from", from, StagePlan.names) }
        return from
    }

    private func addPictures(to request: inout ConvertRequest) throws {
        request.masks = pictures.masks.map { URL(fileURLWithPath: $0) }
        request.scribbles = pictures.scribbles.map { URL(fileURLWithPath: $0) }
        request.plates = pictures.plates.map { URL(fileURLWithPath: $0) }
        request.maskCommand = pictures.maskCommand
        request.maskModel = pictures.maskModel.map { URL(fileURLWithPath: $0) }
        request.onnxRuntime = pictures.onnxRuntime
        do {
            request.fixedCameras = try pictures.fixedCameras.map { try FixedCamera(contentsOf: URL(fileURLWithPath: $0)) }
        } catch let error as FixedCameraError {
            throw PipelineError.usage("--fixed-camera: \(error)", accepted: "a file with name, video, camera and table_from_camera")
        }
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
        for fault in outcome.report.faults { log.error("\(fault)") }
        let cores = outcome.usage.reduce(0) { $0 + $1.coreSeconds }
        if cores > 0 {
            let decodes = outcome.report.recordings.map { StageUsage.decodes($0.unit, frames: $0.videoFrames, in: outcome.usage) }
            let peak = outcome.usage.map(\.peakMemory).max() ?? 0
            let most = (decodes.max() ?? 0).fixed(2)
            let text = "processor time: \(cores.fixed(1)) s in the stages, at most \(peak / 1_000_000) MB in one; "
            log.info("\(text)each recording decoded \(most) times at most (work/\(outcome.report.session)/usage.csv)")
        }
        log.info("report: \(outcome.reportPage.path)")
        log.info("review: \(outcome.review.path)")
    }
}

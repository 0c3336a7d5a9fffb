public import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
public import Session

/// What a conversion came to.
public struct ConvertOutcome: Sendable {
    public var report: RunReport
    public var rejections: [Rejection]
    public var reportPage: URL
    public var reportFile: URL
    public var rejectionTable: URL
    /// Processor time that writing the data sets took, seconds; 0 where they were there already.
    public var writingSeconds = 0.0

    /// 0 all done, 1 a recording failed, 2 done with rejections and `strict` was asked for.
    public func exitCode(strict: Bool) -> Int32 {
        if report.recordings.contains(where: { $0.status == .failed }) { return 1 }
        return strict && !rejections.isEmpty ? 2 : 0
    }
}

/// Runs the stages over a session: what can be skipped is, one recording's failure never stops the others, and every frame is accounted for.
public struct Converter: Sendable {
    let request: ConvertRequest
    let layout: SessionLayout
    let context: StageContext
    let curation: CurationFiles

    /// Looks at the session and the request before any work; a wrong request is a usage error.
    public init(_ request: ConvertRequest, progress: @escaping ProgressSink) throws(PipelineError) {
        self.request = request
        curation = try CurationFiles(request)
        layout = try SessionLayout(folder: request.session, externalPoses: request.poses != nil && !request.usesSessionPoses)
        if let only = request.only, !layout.demos.contains(where: { $0.unit == only }) {
            throw .usage("--only \(only): the session has no such demo", accepted: layout.demos.map(\.unit).joined(separator: ", "))
        }
        try UserModels.check(request)
        if let overlay = request.overlay, let difference = request.arm.difference(inJointsFrom: overlay) {
            throw .usage(
                "--overlay \(overlay.name): \(difference)",
                accepted: "\(request.arm.name), or a model of it with the same joints and other shapes")
        }
        let root = request.output.appendingPathComponent("work").appendingPathComponent(layout.name)
        context = StageContext(request: request, store: ArtefactStore(root: root), progress: progress)
    }

    public func run() async throws(PipelineError) -> ConvertOutcome {
        let files = layout.recordings.filter { $0.role != .demo || request.only == nil || request.only == $0.unit }
        let poses = try posesByUnit(files.filter { $0.role == .demo })
        let context = context
        let usesMap = request.poses == nil && !request.usesSessionPoses
        let sessionPoses = request.usesSessionPoses ? SessionPoses(layout) : nil
        var states = await concurrently(files, jobs: request.jobs) { file in
            var state = DemoState(file: file)
            state.attempt(.ingest) {
                $0.recording = try Ingest.run(file, needsInertial: usesMap && file.role != .gripperCalibration, context: context)
            }
            state.attempt(.ingest) { s in try SessionPoses.check(s.file) }
            state.attempt(.tags) { s in if let r = s.recording { s.tags = try Tags.run(r, context: context) } }
            return state
        }
        var notes = layout.notes
        let map = usesMap ? buildMap(&states) : nil
        GripperIdentity.assign(&states, notes: &notes, context: context)
        let ranges = gripperRanges(&states, notes: &notes)
        states = await concurrently(states, jobs: request.jobs) { state in
            var state = state
            guard state.file.role == .demo else { return state }
            state.attempt(.localize) { s in
                guard let recording = s.recording else { return }
                if let sessionPoses {
                    s.poses = try sessionPoses.localize(recording, context: context)
                } else if let map {
                    s.poses = try Localize.run(recording, map: map, context: context)
                } else if let url = poses[recording.file.unit] {
                    s.poses = try Localize.external(recording, poses: url, context: context)
                } else if usesMap {
                    throw UnitFailure(reason: "no_map", detail: "the session's map could not be built; see the mapping recording")
                } else {
                    throw UnitFailure(
                        reason: "no_poses",
                        detail:
                            "the folder given with --poses has no file named \(recording.file.unit) (.\(RecordingAdaptors.extensions.joined(separator: ", .")))"
                    )
                }
            }
            state.attempt(.calibrate) { s in
                guard let r = s.recording, let poses = s.poses, let tags = s.tags else { return }
                s.path = try Calibrate.run(r, poses: poses, tags: tags, range: ranges[s.gripper] ?? ranges.none, context: context)
            }
            state.attempt(.episodes) { s in
                guard let r = s.recording, let path = s.path else { return }
                s.cut = try Episodes.run(r, path: path, context: context)
            }
            return state
        }
        let pairs = Pairing(context: context).run(&states, notes: &notes)
        let base = try basePose(states)
        let bases = SideBases(base, options: context.configuration.pair)
        let device = deviceMask(states, map: map, notes: &notes)
        let scenery = device.flatMap { SessionScenery(states, map: map, device: $0, context: context) }
        states = await concurrently(states, jobs: request.jobs) { state in
            var state = state
            guard state.file.role == .demo else { return state }
            state.attempt(.solve) { s in
                guard let r = s.recording, let path = s.path, let cut = s.cut else { return }
                s.solved = try Solve.run(r, path: path, cut: cut, base: bases[s.pair], given: s.poses?.joints, context: context)
            }
            state.attempt(.feasibility) { s in
                guard let r = s.recording, let path = s.path, let solved = s.solved else { return }
                s.judged = try Judge.run(r, tool: path.path, solved: solved, base: bases[s.pair].pose, context: context)
            }
            state.attempt(.mask) { s in
                guard let r = s.recording, let tags = s.tags, let device else { return }
                s.masked = try MaskStage.run(r, poses: s.poses, tags: tags, device: device, scenery: scenery, context: context)
            }
            return state
        }
        let joint = JointEpisodes.join(pairs, &states, context: context)
        return try finish(states, map: map, base: base.pose, pairs: PairPlan(pairs: pairs, episodes: joint, bases: bases), notes: notes)
    }

    /// The map, from the mapping recording or, in a session of one, from the demo itself.
    private func buildMap(_ states: inout [DemoState]) -> SessionMap? {
        guard let index = states.firstIndex(where: { $0.file.role == .mapping }) ?? states.firstIndex(where: { $0.file.role == .demo })
        else {
            return nil
        }
        var map: SessionMap?
        states[index].attempt(.map) { s in if let r = s.recording { map = try MapStage.run(r, context: context) } }
        return map
    }

    /// The range of each gripper from its own calibration recordings; a lone range serves all.
    private func gripperRanges(_ states: inout [DemoState], notes: inout [String]) -> GripperRanges {
        var usable: [Int: [(recording: IngestedRecording, tags: Artefact)]] = [:]
        for i in states.indices where states[i].file.role == .gripperCalibration {
            // A calibration video that cannot be used fails by itself; the others still set the range.
            states[i].attempt(.calibrate) { s in
                guard let recording = s.recording, let tags = s.tags else { return }
                _ = try Calibrate.range([(recording, tags)], unit: "range_\(recording.file.unit)", context: context)
                usable[s.gripper, default: []].append((recording, tags))
            }
        }
        let demos = states.filter { $0.file.role == .demo }
        let grippers = Set(demos.map(\.gripper)).sorted()
        if context.request.device.fingerTags != nil {
            notes += Self.uncalibrated(demos.map { ($0.gripper, $0.file.identity.serial) }, calibrated: Set(usable.keys))
        }
        var ranges = GripperRanges(none: (Artefact(folder: context.store.folder("calibrate", "session"), key: "none", isNew: false), nil))
        for gripper in grippers {
            let own = usable[gripper] ?? (grippers.count == 1 ? usable.sorted { $0.key < $1.key }.flatMap(\.value) : [])
            do {
                ranges[gripper] = try Calibrate.range(own, unit: grippers.count == 1 ? "session" : "gripper_\(gripper)", context: context)
            } catch {
                notes.append("the range of gripper \(gripper) is not known: \(error)")
            }
        }
        return ranges
    }

    /// A line for each gripper of the demos whose range nothing sets.
    static func uncalibrated(_ demos: [(gripper: Int, serial: String?)], calibrated: Set<Int>) -> [String] {
        let grippers = Set(demos.map(\.gripper)).sorted()
        let told =
            "widths read from finger tags are the tags' distance, not the opening above closed; a video named gripper_calibration… sets the range"
        if calibrated.isEmpty { return grippers.isEmpty ? [] : ["no gripper calibration: \(told)"] }
        guard grippers.count > 1 else { return [] }
        return grippers.filter { !calibrated.contains($0) }.map { gripper in
            let cameras = Set(demos.filter { $0.gripper == gripper }.compactMap(\.serial)).sorted()
            return
                "gripper \(gripper)\(cameras.isEmpty ? "" : " (camera \(cameras.joined(separator: ", ")))") has no gripper calibration: its \(told)"
        }
    }

    private func basePose(_ states: [DemoState]) throws(PipelineError) -> (artefact: Artefact, pose: BasePose) {
        let demos = states.compactMap { s in s.stopped == nil ? s.path.flatMap { path in s.cut.map { (path: path, cut: $0) } } : nil }
        do {
            let (artefact, pose) = try Solve.base(demos, context: context)
            return (artefact, pose)
        } catch let error as PipelineError {
            throw error
        } catch {
            throw .failed(stage: "solve", "\(error)")
        }
    }

    private func deviceMask(_ states: [DemoState], map: SessionMap?, notes: inout [String]) -> (artefact: Artefact, mask: DeviceMask)? {
        let usable = states.compactMap { s in s.recording.flatMap { r in s.tags.map { (recording: r, tags: $0) } } }
        do {
            return try MaskStage.device(usable, map: map, context: context)
        } catch {
            notes.append("no masks were made: \(error)")
            return nil
        }
    }

    /// The pose file of each demo: one file for a lone demo, or a folder with a file named like each.
    private func posesByUnit(_ demos: [RecordingFile]) throws(PipelineError) -> [String: URL] {
        guard let poses = request.poses else { return [:] }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: poses.path, isDirectory: &isFolder) else {
            throw .usage("--poses \(poses.path) does not exist", accepted: "a file of poses, or a folder with one for each demo")
        }
        if !isFolder.boolValue {
            guard demos.count == 1 else {
                throw .usage(
                    "--poses \(poses.path) is one file, the session has \(demos.count) demos",
                    accepted: "a folder with one file for each demo, or --only UNIT")
            }
            return [demos[0].unit: poses]
        }
        var found: [String: URL] = [:]
        for demo in demos {
            for end in RecordingAdaptors.extensions where found[demo.unit] == nil {
                let url = poses.appendingPathComponent("\(demo.unit).\(end)")
                if FileManager.default.fileExists(atPath: url.path) { found[demo.unit] = url }
            }
        }
        return found
    }
}

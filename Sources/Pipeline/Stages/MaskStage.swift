internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// The masks of a demo.
struct MaskedRecording: Sendable {
    /// The artefact's videos: a `PixelClass` by pixel, and the chance of human, 0 to 255, at the size at which humans are sought.
    static let classes = "classes.mov"
    static let chances = "human.mov"

    var artefact: Artefact
    var summary: MaskSummary
    /// The session's still scene; nil without a mapping recording.
    var scenery: SessionScenery?
}

/// The artefact's `mask.json`.
struct MaskSummary: Codable, Equatable {
    var humanVisible: Bool
    var reason: String
    var humanFrames: Int
    var meanHumanShare: Double
    /// By frame.
    var humanShares: [Double]
    /// By frame: what may be human and is not taken out, as a share of the picture.
    var unresolvedShares: [Double]
    /// By frame, see `HumanDoubt.entropy`.
    var entropies: [Double]
    var deviceShare: Double
    var notes: [String]
}

/// The device mask of the rig, from all recordings; then the human in each demo.
enum MaskStage {
    /// The rig's device mask from every recording of one picture size.
    /// - Parameter map: with the poses of the mapping recording, which tell what of the mask is scene; nil for none.
    static func device(
        _ recordings: [(recording: IngestedRecording, tags: Artefact)], map: SessionMap?, context: StageContext
    ) throws -> (artefact: Artefact, mask: DeviceMask)? {
        guard let first = recordings.first else { return nil }
        let masks = context.configuration.mask
        let options = masks.device
        let same = recordings.filter {
            $0.recording.summary.width == first.recording.summary.width && $0.recording.summary.height == first.recording.summary.height
        }
        var inputs: [String: String] = [:]
        for r in same { inputs[r.recording.file.unit] = r.tags.key }
        let scene = map.flatMap { map in same.first { $0.recording.file.role == .mapping }.map { (r: $0, map: map.artefact) } }
        if let scene { inputs["map"] = scene.map.key }
        let artefact = try context.make(.mask, unit: "session", options: masks, inputs: inputs) { folder in
            var builder = try DeviceMaskBuilder(
                device: first.recording.device(context.request.device), width: first.recording.summary.width,
                height: first.recording.summary.height, options: options)
            for (n, r) in same.enumerated() {
                let tags = try Tags.read(r.tags, frameCount: r.recording.times.count)
                let source = try r.recording.frames(.rgb)
                let stride = max(1, r.recording.times.count / options.framesPerRecording)
                for i in 0..<r.recording.times.count {
                    if i % stride == stride / 2 {
                        guard let frame = try source.nextFrame() else { break }
                        try builder.add(frame.image, tags: tags[i], recording: n)
                    } else if try source.skipFrame() == nil {
                        break
                    }
                }
                context.progress(.advanced(stage: .mask, unit: "session", fraction: Double(n + 1) / Double(same.count)))
            }
            var mask = try builder.build()
            if let scene {
                let detections = try Tags.read(scene.r.tags, frameCount: scene.r.recording.times.count)
                mask = try HumanMasker(device: scene.r.recording.device(context.request.device), mask: mask, options: masks).trimmed(
                    stream: pictures(of: scene.r.recording), poses: Trajectory(csv: scene.map.file("camera.csv")),
                    tags: Tags.byFrame(detections))
            }
            try FileBytes.write(mask.encoded(), to: folder.appendingPathComponent("device_mask.bin"))
            try FileBytes.write(mask.fixed.pngBytes(), to: folder.appendingPathComponent("device_mask.png"))
        }
        let url = artefact.file("device_mask.bin")
        return (artefact, try DeviceMask(bytes: FileBytes.read(url), path: url.path))
    }

    static func run(
        _ recording: IngestedRecording, poses: LocalizedPoses?, tags: Artefact, device: (artefact: Artefact, mask: DeviceMask),
        scenery: SessionScenery? = nil, context: StageContext
    ) throws -> MaskedRecording {
        let unit = recording.file.unit
        let options = context.configuration.mask
        let inputs = [
            "tags": tags.key, "localize": poses?.artefact.key ?? "", "device": device.artefact.key, "scene": scenery?.key ?? "",
        ].merging(try UserModels.inputs(recording, context: context)) { a, _ in a }
        let artefact = try context.make(.mask, unit: unit, options: options, inputs: inputs) { folder in
            let detections = try Tags.read(tags, frameCount: recording.times.count)
            let scene = poses == nil ? nil : try scenery?.get()
            let models = try UserModels.evidence(recording, hasScene: scene != nil, context: context)
            let masker = try HumanMasker(device: recording.device(context.request.device), mask: device.mask, options: options)
            let writer = try VideoWriter(
                folder.appendingPathComponent(MaskedRecording.classes), width: recording.summary.width, height: recording.summary.height,
                channels: 1,
                options: VideoWriter.Options(.ffv1, rate: Rational(30)))
            let size = masker.workingSize
            let chances = try VideoWriter(
                folder.appendingPathComponent(MaskedRecording.chances), width: size.width, height: size.height, channels: 1,
                options: VideoWriter.Options(.ffv1, rate: Rational(30)))
            var written = 0
            let advanced = context.advanced(.mask, unit)
            let statistics = try masker.run(
                stream: pictures(of: recording), poses: poses?.camera, tags: Tags.byFrame(detections),
                outside: models?.source, scene: scene
            ) { frame throws(HumanError) in
                do {
                    try writer.append(frame.classes)
                    try chances.append(frame.humanProbability ?? Image(width: size.width, height: size.height, channels: 1))
                } catch {
                    throw HumanError.operation("writing the class map", reason: "\(error)")
                }
                written += 1
                if written % 30 == 0 { advanced(Double(written) / Double(recording.times.count)) }
            }
            try writer.finish()
            try chances.finish()
            let summary = MaskSummary(
                humanVisible: statistics.humanVisible, reason: statistics.reason, humanFrames: statistics.humanFrameCount,
                meanHumanShare: statistics.meanHumanShare, humanShares: statistics.humanShares,
                unresolvedShares: statistics.doubts.map(\.unresolvedShare),
                entropies: statistics.doubts.map(\.entropy), deviceShare: device.mask.deviceShare,
                notes: device.mask.notes + (models?.origins.map { "masks take evidence from \($0)" } ?? []))
            try FileBytes.write(JSONText.encode(summary), to: folder.appendingPathComponent("mask.json"))
        }
        return MaskedRecording(
            artefact: artefact, summary: try JSONText.decode(MaskSummary.self, from: artefact.file("mask.json")), scenery: scenery)
    }

    /// The recording's pictures, decoded anew at each call.
    static func pictures(of recording: IngestedRecording) -> PictureStream {
        { visit throws(HumanError) in
            do {
                let source = try recording.frames(.rgb)
                while let frame = try source.nextFrame() { try visit(frame.index, frame.time, frame.image) }
            } catch let error as HumanError {
                throw error
            } catch {
                throw HumanError.source(reason: "\(error)")
            }
        }
    }
}

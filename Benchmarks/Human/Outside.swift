import BenchmarkSupport
import Foundation
import Geometry
import Human
import Imaging
import Session

/// Recordings that our simulator did not make: another renderer's, with its true poses, and real ones without poses.
///
/// All lie in one folder beside the project and in none of its own; what is missing is left out.
struct OutsideRecording {
    var name: String
    /// Below the folder.
    var video: String
    var device: String
    var usesHints = true
    /// True poses (TUM), world from camera; nil where there are none.
    var poses: String?
    /// The recording without a human, with its poses.
    var mapping: (video: String, poses: String)?
    /// Further recordings of the rig, for its mask.
    var rig: [String] = []
    var truth: Truth

    enum Truth {
        /// A gray video: 255 human, 128 device.
        case video(String)
        /// Pictures `frame_NNNNNN.png` of some frames: above 190 human.
        case pictures(String)
        /// No human; outlines of the device in the median picture, one of this folder's own files.
        case outlines(String)
        /// No human.
        case empty
    }

    private static let desk = "recordings/second-simulator/desk/"
    private static let second = "recordings/second-simulator/device.yaml"
    private static let real = "recordings/real-wrist/"

    private static func desk(_ demo: String, hints: Bool, _ truth: Truth) -> Self {
        Self(
            name: "desk_\(demo)\(hints ? "" : "_no_hints")", video: desk + "\(demo).mp4", device: second, usesHints: hints,
            poses: desk + "\(demo)_gt.tum", mapping: (desk + "mapping.mp4", desk + "mapping_gt.tum"),
            rig: [desk + "demo0.mp4", desk + "demo1.mp4"], truth: truth)
    }

    static let all = [
        desk("demo0", hints: true, .video(desk + "demo0_mask.mkv")), desk("demo0", hints: false, .video(desk + "demo0_mask.mkv")),
        desk("demo1", hints: true, .empty), desk("demo1", hints: false, .empty),
        Self(
            name: "bare_demo1", video: "recordings/second-simulator/bare/demo1.mp4", device: second,
            poses: "recordings/second-simulator/bare/demo1_gt.tum", truth: .empty),
        Self(
            name: "dish_right", video: real + "dish-right/video.mp4", device: real + "dish-right/device.yaml",
            truth: .pictures(real + "dish-right/human")),
        Self(
            name: "bottles", video: real + "bottles/video.mp4", device: real + "bottles/device.yaml",
            truth: .outlines("bottles_device.json")),
    ]
}

/// Measures masks on recordings from outside.
struct OutsideBench {
    /// The folder beside the project.
    var shared: URL
    var cache: URL
    var options: MaskOptions
    /// Truth frames that are handed in as labels, drawn in rough strokes; they are not counted then.
    var labels = 0
    /// A segmenter's program; nil for none.
    var command: String?
    var strips: URL?

    /// The table tag's frame has the world's axes.
    private static let tableFromWorld = Transform<Table, Table>(
        rotation: .identity, translation: Vector3(0.25, 0.20, -0.001))

    /// Photos of hands on which nothing is tuned.
    private static let untuned = ["00000105", "00000106", "00000107", "00000108"]

    /// Prints a line a recording.
    /// - Parameter names: of recordings, or `hands`; empty takes all.
    func run(_ names: [String]) throws {
        say(OutsideScore.header)
        for recording in OutsideRecording.all where names.isEmpty || names.contains(recording.name) {
            do {
                guard let score = try measure(recording) else { continue }
                if labels > 0 || command != nil { continue }
                if score.hasHuman { figure("outside.\(recording.name).iou", number(score.overlap, 2), "") }
                figure("outside.\(recording.name).taken", number(100 * score.calledShare, 2), "%")
            } catch {
                say("\(recording.name): \(error)")
            }
        }
        if names.isEmpty || names.contains("hands") { try hands() }
    }

    private func hands() throws {
        let folder = shared.appendingPathComponent("hands")
        guard FileManager.default.fileExists(atPath: folder.path) else { return say("hands: left out, no \(folder.path)") }
        var overlaps: [String: Double] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("img").path).sorted() {
            let truth = try Image(contentsOf: folder.appendingPathComponent("mask/\(file)")).gray.pixels.map { $0 > 127 }
            let found = try SkinSegmenter(options: options.skin).segment(Image(contentsOf: folder.appendingPathComponent("img/\(file)")))
            var (both, either) = (0, 0)
            for (f, t) in zip(found.pixels, truth) {
                both += f != 0 && t ? 1 : 0
                either += f != 0 || t ? 1 : 0
            }
            overlaps[String(file.prefix(8))] = Double(both) / Double(max(either, 1))
        }
        func mean(_ names: [String]) -> Double { names.compactMap { overlaps[$0] }.reduce(0, +) / Double(max(names.count, 1)) }
        let others = overlaps.keys.filter { !Self.untuned.contains($0) }
        say("hands: IoU \(number(mean(others), 2)), the four that nothing is tuned on \(number(mean(Self.untuned), 2))")
    }

    func measure(_ r: OutsideRecording) throws -> OutsideScore? {
        func place(_ path: String) -> URL { shared.appendingPathComponent(path) }
        guard FileManager.default.fileExists(atPath: place(r.video).path) else {
            say("\(r.name): left out, no \(place(r.video).path)")
            return nil
        }
        var device = try Device(contentsOf: place(r.device))
        if !r.usesHints { device.maskHints = [] }
        let demo = try prepared(place(r.video), r.poses.map(place))
        let mapping = try r.mapping.map { try prepared(place($0.video), place($0.poses)) }
        let masker = try masker(r, device, demo, mapping)
        let background: BackgroundModel? = try mapping.flatMap { try masker.background(stream: $0.stream, poses: $0.poses, tags: $0.tags) }
        let truths = try truths(r, demo.recording)
        var external = try command.map { try commandSource($0, r, demo) }
        let labelled: [Int] = labels > 0 ? spreadOver(truths.keys.sorted(), labels) : []
        if !labelled.isEmpty { external = try labelSource(labelled, truths, demo, hasBackground: background != nil) }
        let poses = r.poses == nil ? nil : demo.poses
        let analysis = try masker.analyze(stream: demo.stream, poses: poses, tags: demo.tags, external: external, background: background)
        var sought: [WorkingMask] = []
        _ = try masker.seek(stream: demo.stream, poses: poses, tags: demo.tags, external: external, analysis: analysis) {
            mask throws(HumanError) in sought.append(mask)
        }
        var finisher = try MaskFinisher(
            masker: masker, record: MaskRecord(sought, analysis: analysis, masker: masker), background: background, poses: poses,
            tags: demo.tags)
        var score = OutsideScore()
        var pictures: [(Int, Image)] = []
        let shown: [Int] = strips == nil ? [] : spreadOver(truths.keys.sorted(), 6)
        try demo.stream { (frame, time, picture) throws(HumanError) in
            let masked = try finisher.finish(picture, frame: frame, time: time)
            let mask = sought[score.frames.all]
            score.add(touched: masked.isTouched, doubt: mask.uncertainty.unresolvedShare)
            guard let truth = truths[frame], !labelled.contains(frame) else { return }
            score.add(masked.classes, probability: mask.humanProbability, doubt: mask.uncertainty.unresolvedShare, truth: truth)
            if shown.contains(frame) { pictures.append((frame, Self.shown(masked, truth))) }
        }
        for (frame, picture) in pictures {
            if let strips { try FileBytes.write(picture.pngBytes(), to: strips.appendingPathComponent("\(r.name)_\(frame).png")) }
        }
        say(score.line(r.name) + "  " + analysis.reason)
        return score
    }

    /// With the tags that were found in it, which the cache keeps.
    private func prepared(_ video: URL, _ poses: URL?) throws -> PreparedRecording {
        let recording = try Recording(video)
        let key = try SHA256.hex(ofFile: video).prefix(12)
        let tags = try PreparedRecording.tags(recording, keptAt: cache.appendingPathComponent("outside-tags-\(key).csv"))
        let world: Trajectory<Table, Camera> = try poses.map { try Trajectory(tum: $0) } ?? Trajectory()
        return PreparedRecording(recording: recording, poses: world.seen(from: Self.tableFromWorld), tags: tags)
    }

    private func masker(
        _ r: OutsideRecording, _ device: Device, _ demo: PreparedRecording, _ mapping: PreparedRecording?
    ) throws -> HumanMasker {
        var builder = try DeviceMaskBuilder(
            device: device, width: demo.recording.width, height: demo.recording.height, options: options.device)
        let rig = try r.rig.isEmpty ? [demo] : r.rig.map { try prepared(shared.appendingPathComponent($0), nil) }
        for (number, part) in ((mapping.map { [$0] } ?? []) + rig).enumerated() {
            let wanted = Set(DeviceMaskBuilder.frames(of: part.recording.frameTimes.count, options: options.device))
            try part.stream { (frame, _, picture) throws(HumanError) in
                if wanted.contains(frame) { try builder.add(picture, tags: part.tags[frame] ?? [], recording: number) }
            }
        }
        let masker = try HumanMasker(device: device, mask: builder.build(), options: options)
        guard let mapping else { return masker }
        return try HumanMasker(
            device: device, mask: masker.trimmed(stream: mapping.stream, poses: mapping.poses, tags: mapping.tags), options: options)
    }

    /// By frame.
    private func truths(_ r: OutsideRecording, _ recording: Recording) throws -> [Int: OutsideTruth] {
        let (count, pixels) = (recording.frameTimes.count, recording.width * recording.height)
        var out: [Int: OutsideTruth] = [:]
        switch r.truth {
        case .video(let path):
            let source = try VideoReader(shared.appendingPathComponent(path), options: VideoReader.Options(.gray))
            while let frame = try source.nextFrame() {
                out[frame.index] = OutsideTruth(
                    pixels: frame.image.pixels.map { $0 > 190 ? OutsideTruth.human : $0 > 64 ? OutsideTruth.device : OutsideTruth.scene })
            }
        case .pictures(let path):
            let folder = shared.appendingPathComponent(path)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where name.hasSuffix(".png") {
                guard let frame = Int(name.dropFirst("frame_".count).dropLast(".png".count)) else { continue }
                out[frame] = OutsideTruth(
                    pixels: try Image(contentsOf: folder.appendingPathComponent(name)).gray.pixels.map {
                        $0 > 190 ? OutsideTruth.human : OutsideTruth.scene
                    })
            }
        case .outlines(let name):
            let map = try Outlines(named: name).image(recording.width, recording.height)
            for frame in stride(from: 5, to: count, by: 12) { out[frame] = OutsideTruth(pixels: map) }
        case .empty:
            let map = [UInt8](repeating: OutsideTruth.scene, count: pixels)
            for frame in 0..<count { out[frame] = OutsideTruth(pixels: map) }
        }
        return out
    }

    private func spreadOver(_ frames: [Int], _ count: Int) -> [Int] {
        count >= frames.count ? frames : (0..<count).map { frames[(2 * $0 + 1) * frames.count / (2 * count)] }
    }

    private func commandSource(_ command: String, _ r: OutsideRecording, _ demo: PreparedRecording) throws -> ExternalMaskSource {
        let (video, models) = (demo.recording, options.models)
        let masks = try CommandModel(command: command, options: models).masks(
            demo.stream, recording: r.name, width: video.width, height: video.height, frames: video.frameTimes.count)
        return { (frame, _, _) throws(HumanError) in try masks.mask(frame: frame).map { [$0.evidence(models)] } ?? [] }
    }

    /// What a person's labels say: bands of 16 rows of the truth, 16 apart.
    private func labelSource(
        _ frames: [Int], _ truths: [Int: OutsideTruth], _ demo: PreparedRecording, hasBackground: Bool
    ) throws -> ExternalMaskSource? {
        let width = demo.recording.width
        var labels: [Int: Image] = [:]
        for frame in frames {
            guard let truth = truths[frame] else { continue }
            let strokes = truth.pixels.indices.map { k -> UInt8 in
                k / width / 8 % 4 < 2 || truth.pixels[k] == OutsideTruth.ignored ? 128 : truth.pixels[k] == OutsideTruth.human ? 255 : 0
            }
            labels[frame] = Image(width: width, height: demo.recording.height, channels: 1, pixels: strokes)
        }
        var pairs: [(picture: Image, mask: Image)] = []
        try demo.stream { (frame, _, picture) throws(HumanError) in
            if let label = labels[frame] { pairs.append((picture, label)) }
        }
        guard let classifier = ScribbleClassifier(labels: pairs, options: options.scribble) else { return nil }
        return { [labels, options] (frame, _, picture) throws(HumanError) in
            (labels[frame].map { [ScribbleClassifier.evidence(label: $0, options: options.scribble)] } ?? []) + [
                classifier.evidence(picture, hasBackground: hasBackground)
            ]
        }
    }

    /// Found human red, missed yellow, wrongly taken blue, margin pink, device dark, doubt white, other gripper violet.
    private static func shown(_ frame: MaskedFrame, _ truth: OutsideTruth) -> Image {
        var out = frame.picture
        for i in truth.pixels.indices {
            let isHuman = truth.pixels[i] == OutsideTruth.human
            let tint: SIMD3<Int>
            switch PixelClass(rawValue: frame.classes.pixels[i]) {
            case .human: tint = isHuman ? SIMD3(230, 30, 30) : SIMD3(30, 80, 255)
            case .humanMargin: tint = isHuman ? SIMD3(255, 150, 0) : SIMD3(240, 150, 220)
            case .device, .mirror: tint = SIMD3(20, 160, 160)
            case .otherGripper: tint = SIMD3(150, 60, 200)
            case .movedObject: tint = SIMD3(60, 190, 70)
            case .unknown: tint = isHuman ? SIMD3(255, 240, 120) : SIMD3(240, 240, 240)
            default:
                guard isHuman else { continue }
                tint = SIMD3(255, 240, 0)
            }
            for c in 0..<3 { out.pixels[3 * i + c] = UInt8((Int(out.pixels[3 * i + c]) + tint[c]) / 2) }
        }
        return Strip.half(out)
    }
}

/// Outlines of what does not move in a recording's pictures, drawn on their median: `{"width", "height", "outlines": [{"shows", "polygon_px"}]}`,
/// in which what comes later lies above what came before; shows `device` or `scene`.
private struct Outlines: Decodable {
    struct Outline: Decodable {
        var shows: String
        var polygon_px: [[Double]]
    }
    var width: Int
    var height: Int
    var outlines: [Outline]

    init(named name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("outside")
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }

    func image(_ width: Int, _ height: Int) throws -> [UInt8] {
        guard width == self.width, height == self.height else {
            throw HumanError.input(
                location: "outlines", reason: "drawn for \(self.width)x\(self.height), the pictures are \(width)x\(height)")
        }
        var out = [UInt8](repeating: OutsideTruth.scene, count: width * height)
        for outline in outlines {
            var drawn = Image(width: width, height: height, channels: 1)
            try drawn.fill(polygon: outline.polygon_px.map { Vector2($0[0], $0[1]) })
            for i in out.indices where drawn.pixels[i] != 0 {
                out[i] = outline.shows == "device" ? OutsideTruth.device : OutsideTruth.scene
            }
        }
        return out
    }
}

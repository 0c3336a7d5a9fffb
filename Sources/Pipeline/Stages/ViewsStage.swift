internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// What fixed cameras show of the session's demos.
struct FixedViews: Sendable {
    var folder: URL
    var views: [ViewsStage.View]
    var notes: [String]
}

/// The pictures of fixed cameras with the operator taken out and the arm drawn in: `OUTPUT/overlay/CAMERA/DEMO.mp4`, beside it where each pixel
/// comes from (`DEMO_provenance.mov`, lossless) and a row a frame (`DEMO.csv`).
struct ViewsStage: Stage {
    /// What the report shows of a view.
    struct View: Codable, Sendable {
        var unit: String
        var caption: String
        /// Of the artefact.
        var strip: String
        var aspect: Double
    }

    static let name = "views"
    static let version = 1
    static let scope = StageScope.session
    static let dependsOnArm = true

    func needs(_ request: ConvertRequest) -> [any Stage.Type] {
        [IngestStage.self, GripperStateStage.self, PairStage.self, BaseStage.self, FeasibilityStage.self, CurateStage.self]
    }
    func applies(to request: ConvertRequest) -> Bool { !request.fixedCameras.isEmpty }

    private struct Settings: Encodable {
        var overlay: OverlayOptions
        var view: FixedViewOptions
        var quality: Int
    }

    /// Constant rate factor of the views' video: hardly to be told from the original.
    private static let quality = 20

    func options(_ configuration: Configuration) -> any Encodable {
        Settings(overlay: configuration.mask.overlay, view: configuration.mask.fixedView, quality: Self.quality)
    }

    /// The demos of which something is exported.
    private func demos(_ at: StageInput) throws -> [RecordingFile] {
        let kept = Set(try at.part(CurateStage.self).demos.filter { !$0.episodes.isEmpty }.flatMap { $0.demo.sides.map(\.unit) })
        return at.going(FeasibilityStage.self).filter { kept.contains($0.unit) }
    }

    func inputs(_ at: StageInput) throws -> [String: String] {
        var inputs = [
            "curate": at.key(CurateStage.self), "arm": try JSONText.line((at.request.overlay ?? at.request.arm).inputs()),
        ]
        for file in try demos(at) {
            inputs["\(file.unit)/ingest"] = at.key(IngestStage.self, of: file.unit)
            inputs["\(file.unit)/gripper_state"] = at.key(GripperStateStage.self, of: file.unit)
            inputs["\(file.unit)/feasibility"] = at.key(FeasibilityStage.self, of: file.unit)
            inputs["\(file.unit)/base"] = try at.base(file.unit).text
            for camera in at.request.fixedCameras {
                let masks = camera.masks.map { camera.path($0, demo: file.unit) }
                inputs["\(camera.name)/\(file.unit)/masks"] = try masks.map { try at.run.hashes.hash(of: $0) } ?? "none"
            }
        }
        return inputs
    }

    func files(_ at: StageInput) throws -> [String: URL] {
        var files: [String: URL] = [:]
        for camera in at.request.fixedCameras {
            files[camera.name] = camera.file
            for file in try demos(at) {
                // A video that is missing is said by the view that needs it.
                for (kind, url) in [("video", camera.path(camera.video, demo: file.unit))]
                    + (camera.plate.map { [("plate", camera.path($0, demo: file.unit))] } ?? [])
                where FileManager.default.fileExists(atPath: url.path) { files["\(camera.name)/\(file.unit)/\(kind)"] = url }
            }
        }
        return files
    }

    private struct Index: Codable {
        var views: [View]
        var notes: [String]
    }

    func make(_ at: StageInput, in folder: URL) throws {
        var index = Index(views: [], notes: [])
        for camera in at.request.fixedCameras {
            for file in try demos(at) {
                do {
                    index.views.append(try Self.view(camera, file.unit, at, folder))
                } catch {
                    // A view that fails is said; the others go on.
                    index.notes.append("fixed camera \(camera.name), \(file.unit): no view was made: \(error)")
                }
            }
        }
        try FileBytes.write(JSONText.encode(index), to: folder.appendingPathComponent("views.json"))
    }

    private static func view(_ camera: FixedCamera, _ unit: String, _ at: StageInput, _ folder: URL) throws -> View {
        let video = camera.path(camera.video, demo: unit)
        let arm = at.request.overlay ?? at.request.arm
        let own = folder.appendingPathComponent("\(camera.name)/\(unit)", isDirectory: true)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        guard try at.base(unit).isKnown else { throw UnitFailure(reason: "no_base", detail: try at.base(unit).note) }
        let joints = DemoJoints(
            path: try at.result(GripperStateStage.self, of: unit), feasible: try at.result(FeasibilityStage.self, of: unit))
        let written = try draw(
            camera, unit, joints, base: at.base(unit), arm: arm, video: video, masks: maskFolder(camera, unit: unit, video: video),
            options: at.configuration.mask, to: own)
        if written.drawn == 0 {
            throw UnitFailure(
                reason: "no_frames",
                detail:
                    "\(video.path) shows no moment of an exported motion; accepted: clock_offset_s such that video time + offset is the "
                    + "demo's time")
        }
        let target = at.request.output.appendingPathComponent("overlay/\(camera.name)", isDirectory: true)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for (from, to) in [("view.mp4", "\(unit).mp4"), ("provenance.mov", "\(unit)_provenance.mov"), ("frames.csv", "\(unit).csv")] {
            try FileBytes.write(FileBytes.read(own.appendingPathComponent(from)), to: target.appendingPathComponent(to))
        }
        let caption =
            "camera \(camera.name): recorded, removed (red), exported; \(arm.name) drawn in \(written.drawn) of \(written.rows) frames, "
            + "overlay/\(camera.name)/\(unit).mp4"
        return View(unit: unit, caption: caption, strip: "\(camera.name)/\(unit)/strip.jpg", aspect: written.aspect)
    }

    func read(_ artefact: Artefact, _ at: StageInput) throws -> FixedViews {
        let index = try JSONText.decode(Index.self, from: artefact.file("views.json"))
        return FixedViews(folder: artefact.folder, views: index.views, notes: index.notes)
    }

    func stands(_ artefact: Artefact, _ at: StageInput) throws -> Bool {
        try read(artefact, at).views.allSatisfy { view in
            let parts = view.strip.split(separator: "/").map(String.init)
            let file = at.request.output.appendingPathComponent("overlay/\(parts[0])/\(view.unit).mp4")
            return FileManager.default.fileExists(atPath: file.path)
        }
    }

    func verdict(_ output: FixedViews) -> SessionVerdict { SessionVerdict(notes: output.notes) }

    private static func maskFolder(_ camera: FixedCamera, unit: String, video: URL) throws -> MaskFolder? {
        guard let masks = camera.masks else { return nil }
        let info = try VideoInfo(contentsOf: video)
        return try MaskFolder(
            camera.path(masks, demo: unit), kind: .masks, recording: unit, width: info.width, height: info.height,
            frames: try VideoReader.frameTimes(of: video).count)
    }

    /// - Returns: rows of the table, frames that the arm was drawn into, and the strip's height over its width.
    private static func draw(
        _ camera: FixedCamera, _ unit: String, _ joints: DemoJoints, base: BasePose, arm: Arm, video: URL, masks: MaskFolder?,
        options: MaskOptions, to folder: URL
    ) throws -> (rows: Int, drawn: Int, aspect: Double) {
        let first = try VideoReader(video)
        guard let lens = camera.camera.rescaled(width: first.width, height: first.height) else {
            throw UnitFailure(
                reason: "picture_size",
                detail:
                    "\(video.path) is \(first.width)x\(first.height), \(camera.file.path) holds for \(camera.camera.width)x\(camera.camera.height) and its scalings"
            )
        }
        let count = try VideoReader.frameTimes(of: video).count
        let view = try still(camera, unit: unit, video: video, count: count, options: options.fixedView)
        let drawnArm = try DrawnArm(arm)
        let overlay = RobotOverlay(parts: drawnArm.parts, camera: lens, options: options.overlay)
        let cameraFromTable = camera.tableFromCamera.inverse
        let reader = try VideoReader(video)
        let rate = reader.info.averageRate.value > 0 ? reader.info.averageRate : Rational(30)
        let out = try VideoWriter(
            folder.appendingPathComponent("view.mp4"), width: first.width, height: first.height, channels: 3,
            options: VideoWriter.Options(.h264, rate: rate, crf: quality))
        let provenance = try VideoWriter(
            folder.appendingPathComponent("provenance.mov"), width: first.width, height: first.height, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: rate))
        var table = CSVTable(header: ["video_frame", "demo_time_s", "rendered_share", "state"])
        var written = 0
        var best = (share: -1.0, strip: [UInt8](), aspect: 0.0)
        while let frame = try reader.nextFrame() {
            let time = frame.time + camera.clockOffset
            guard let now = joints.at(time) else {
                table.rows.append(["\(frame.index)", time.seconds.fixed(6), "0", "not_exported"])
                continue
            }
            var (clean, classes) = try view.clean(frame.image, mask: try masks?.mask(frame: frame.index))
            let parts = drawnArm.tableFromParts(joints: now.joints, width: now.width, tableFromBase: base.tableFromBase).map {
                cameraFromTable * $0
            }
            let share = try overlay.draw(
                on: &clean, classes: classes, cameraFromPart: parts, tableFromCamera: camera.tableFromCamera, isWristView: false,
                seed: frame.index)
            try out.append(clean.picture)
            try provenance.append(clean.provenance)
            table.rows.append(["\(frame.index)", time.seconds.fixed(6), share.fixed(6), "drawn"])
            written += 1
            if share > best.share + 0.002 || best.share < 0 {
                let strip = try PictureStrip.make(before: frame.image, classes: classes, after: clean.picture)
                best = (share, try strip.jpegBytes(quality: 82), Double(strip.height) / Double(strip.width))
            }
        }
        guard written > 0 else { return (table.rows.count, 0, 0) }
        try out.finish()
        try provenance.finish()
        try table.write(to: folder.appendingPathComponent("frames.csv"))
        try FileBytes.write(best.strip, to: folder.appendingPathComponent("strip.jpg"))
        return (table.rows.count, written, best.aspect)
    }

    private static func still(_ camera: FixedCamera, unit: String, video: URL, count: Int, options: FixedViewOptions) throws -> FixedView {
        if let plate = camera.plate {
            return try FixedView(pictures: [], plate: Image(contentsOf: camera.path(plate, demo: unit)), options: options)
        }
        let reader = try VideoReader(video)
        let wanted = max(1, min(options.pictures, count))
        let chosen = Set((0..<wanted).map { (2 * $0 + 1) * count / (2 * wanted) })
        var pictures: [Image] = []
        for i in 0..<count {
            if chosen.contains(i) {
                guard let frame = try reader.nextFrame() else { break }
                pictures.append(frame.image)
            } else if try reader.skipFrame() == nil {
                break
            }
        }
        return try FixedView(pictures: pictures, options: options)
    }
}

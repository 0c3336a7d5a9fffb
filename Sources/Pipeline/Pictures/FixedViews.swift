internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Robot
internal import Session

/// The pictures of fixed cameras with the operator taken out and the arm drawn in: `OUTPUT/overlay/CAMERA/DEMO.mp4`, beside it where each pixel
/// comes from (`DEMO_provenance.mov`, lossless) and a row a frame (`DEMO.csv`).
enum FixedViews {
    /// What the report shows of a view.
    struct View {
        var unit: String
        var caption: String
        var strip: [UInt8]
    }

    private struct Settings: Codable {
        var overlay: OverlayOptions
        var view: FixedViewOptions
        var quality: Int
    }

    /// A view that fails is said in `notes`; the others go on.
    static func run(_ sources: [ExportSource], notes: inout [String], context: StageContext) -> [View] {
        var views: [View] = []
        for camera in context.request.fixedCameras {
            for source in sources where !source.curation.episodes.isEmpty {
                do {
                    views.append(try make(camera, source, context: context))
                } catch {
                    notes.append("fixed camera \(camera.name), \(source.recording.file.unit): no view was made: \(error)")
                }
            }
        }
        return views
    }

    private static func make(_ camera: FixedCamera, _ source: ExportSource, context: StageContext) throws -> View {
        let unit = source.recording.file.unit
        let video = camera.path(camera.video, demo: unit)
        let arm = context.request.overlay ?? context.request.arm
        let options = context.configuration.mask
        var inputs = [
            "camera": try SHA256.hex(ofFile: camera.file), "video": try SHA256.hex(ofFile: video),
            "feasibility": source.judged.artefact.key,
            "arm": try JSONText.line(arm.inputs()), "base": "\(source.base.translation) \(source.base.rotationXYZW)",
        ]
        if let plate = camera.plate { inputs["plate"] = try SHA256.hex(ofFile: camera.path(plate, demo: unit)) }
        let masks = try maskFolder(camera, unit: unit, video: video)
        if let masks { inputs["masks"] = try masks.key() }
        let settings = Settings(overlay: options.overlay, view: options.fixedView, quality: 20)
        let artefact = try context.make(.export, unit: "view-\(camera.name)-\(unit)", options: settings, inputs: inputs) { folder in
            let frames = try draw(camera, source, arm: arm, video: video, masks: masks, settings: settings, to: folder, context: context)
            if frames == 0 {
                throw UnitFailure(
                    reason: "no_frames",
                    detail:
                        "\(video.path) shows no moment of an exported motion; accepted: clock_offset_s such that video time + offset is the demo's time"
                )
            }
        }
        let target = context.request.output.appendingPathComponent("overlay/\(camera.name)", isDirectory: true)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for (from, to) in [("view.mp4", "\(unit).mp4"), ("provenance.mov", "\(unit)_provenance.mov"), ("frames.csv", "\(unit).csv")] {
            try FileBytes.write(FileBytes.read(artefact.file(from)), to: target.appendingPathComponent(to))
        }
        let table = try CSVTable(contentsOf: artefact.file("frames.csv"))
        let drawn = table.rows.filter { $0.last == "drawn" }.count
        return View(
            unit: unit,
            caption:
                "camera \(camera.name): recorded, removed (red), exported; \(arm.name) drawn in \(drawn) of \(table.rows.count) frames, overlay/\(camera.name)/\(unit).mp4",
            strip: try FileBytes.read(artefact.file("strip.jpg")))
    }

    private static func maskFolder(_ camera: FixedCamera, unit: String, video: URL) throws -> MaskFolder? {
        guard let masks = camera.masks else { return nil }
        let info = try VideoReader(video, options: VideoReader.Options(.gray))
        var count = 0
        while try info.skipFrame() != nil { count += 1 }
        return try MaskFolder(
            camera.path(masks, demo: unit), kind: .masks, recording: unit, width: info.width, height: info.height, frames: count)
    }

    /// - Returns: frames that were written.
    private static func draw(
        _ camera: FixedCamera, _ source: ExportSource, arm: Arm, video: URL, masks: MaskFolder?, settings: Settings, to folder: URL,
        context: StageContext
    ) throws -> Int {
        let options = context.configuration.mask
        let unit = source.recording.file.unit
        let first = try VideoReader(video)
        guard let lens = camera.camera.rescaled(width: first.width, height: first.height) else {
            throw UnitFailure(
                reason: "picture_size",
                detail:
                    "\(video.path) is \(first.width)x\(first.height), \(camera.file.path) holds for \(camera.camera.width)x\(camera.camera.height) and its scalings"
            )
        }
        var count = 0
        while try first.skipFrame() != nil { count += 1 }
        let view = try still(camera, unit: unit, video: video, count: count, options: options.fixedView)
        let drawnArm = try DrawnArm(arm)
        let overlay = RobotOverlay(parts: drawnArm.parts, camera: lens, options: options.overlay)
        let joints = DemoJoints(path: source.path, judged: source.judged)
        let cameraFromTable = camera.tableFromCamera.inverse
        let reader = try VideoReader(video)
        let rate = reader.info.averageRate.value > 0 ? reader.info.averageRate : Rational(30)
        let out = try VideoWriter(
            folder.appendingPathComponent("view.mp4"), width: first.width, height: first.height, channels: 3,
            options: VideoWriter.Options(.h264, rate: rate, crf: settings.quality))
        let provenance = try VideoWriter(
            folder.appendingPathComponent("provenance.mov"), width: first.width, height: first.height, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: rate))
        var table = CSVTable(header: ["video_frame", "demo_time_s", "rendered_share", "state"])
        var written = 0
        var best = (share: -1.0, strip: [UInt8]())
        while let frame = try reader.nextFrame() {
            let time = frame.time + camera.clockOffset
            guard let now = joints.at(time) else {
                table.rows.append(["\(frame.index)", time.seconds.fixed(6), "0", "not_exported"])
                continue
            }
            var (clean, classes) = try view.clean(frame.image, mask: try masks?.mask(frame: frame.index))
            let parts = drawnArm.tableFromParts(joints: now.joints, width: now.width, tableFromBase: source.base.tableFromBase).map {
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
                best = (share, try PictureStrip.make(before: frame.image, classes: classes, after: clean.picture).jpegBytes(quality: 82))
            }
        }
        guard written > 0 else { return 0 }
        try out.finish()
        try provenance.finish()
        try table.write(to: folder.appendingPathComponent("frames.csv"))
        try FileBytes.write(best.strip, to: folder.appendingPathComponent("strip.jpg"))
        return written
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

internal import Foundation
internal import Geometry
internal import Human
internal import Imaging
internal import Session

/// The pictures of a recording that masks are made from, kept while it is decoded.
///
/// Small gray ones for the device's mask are a part of ingest's artefact. Of a demo every picture at working size and the full-size ones that
/// holes are filled from, of the mapping recording those that the background is made from, are handed on in the scratch folder: whoever
/// needs them takes them there and, where they are gone, from the video.
enum SmallPictures {
    static let device = "device.mov"
    static let deviceTable = "device_frames.csv"

    /// What ingest's artefact depends on.
    struct Settings: Encodable {
        var framesPerRecording: Int
        var deviceWidth: Int

        init(_ mask: MaskOptions) { (framesPerRecording, deviceWidth) = (mask.device.framesPerRecording, mask.device.maximumWorkingWidth) }
    }

    /// - Parameters:
    ///   - device: with its lens for the pictures' size.
    ///   - times: of the frames as the file states them.
    static func observers(
        _ at: StageInput, _ device: Device, _ times: [Timestamp<VideoClock>], _ size: PictureSize, _ looks: Looks
    ) throws -> [any FrameObserver] {
        let masks = at.configuration.mask
        let count = times.count
        var observers: [any FrameObserver] = [
            DevicePictureObserver(
                try DeviceMaskBuilder(device: device, width: size.width, height: size.height, options: masks.device),
                count: count,
                per: masks.device.framesPerRecording)
        ]
        let scratch = ScratchPictures(at.run, unit: at.unit, key: at.ownKey, masks)
        if looks.masks || looks.background {
            let working = WorkingPictures(width: size.width, height: size.height, options: masks)
            observers.append(
                ScratchObserver(scratch, .working, width: working.size.width, height: working.size.height, frames: nil) {
                    try working.shrink($0)
                })
        }
        if looks.masks {
            observers.append(
                ScratchObserver(
                    scratch, .plates, width: size.width, height: size.height,
                    frames: Set(PlateStore.frames(of: count, options: masks.fill))
                ) { $0 })
        }
        if looks.background {
            observers.append(
                ScratchObserver(
                    scratch, .background, width: size.width, height: size.height,
                    frames: Set(BackgroundModel.frames(times, options: masks.background))
                ) { $0 })
        }
        return observers
    }
}

/// Some pictures of each recording, small and gray, for the device's mask.
private final class DevicePictureObserver: FrameObserver {
    private let builder: DeviceMaskBuilder
    private let stride: Int
    private var pictures: [(frame: Int, image: Image)] = []

    init(_ builder: DeviceMaskBuilder, count: Int, per: Int) { (self.builder, stride) = (builder, max(1, count / max(per, 1))) }

    func see(_ frame: LookedFrame) throws {
        if frame.index % stride == stride / 2 { pictures.append((frame.index, try builder.prepare(try frame.rgb()))) }
    }

    func finish(into folder: URL, problem: String?) throws {
        try CSVTable(header: ["frame"], rows: pictures.map { ["\($0.frame)"] }).write(
            to: folder.appendingPathComponent(SmallPictures.deviceTable))
        guard let first = pictures.first else { return }
        let writer = try VideoWriter(
            folder.appendingPathComponent(SmallPictures.device), width: first.image.width, height: first.image.height, channels: 1,
            options: VideoWriter.Options(.ffv1, rate: Rational(30)))
        for picture in pictures { try writer.append(picture.image) }
        try writer.finish()
    }
}

extension IngestedRecording {
    /// The pictures for the device's mask, as `DeviceMaskBuilder.prepare` makes them.
    func devicePictures() throws -> [(frame: Int, image: Image)] {
        let table = try CSVTable(contentsOf: artefact.file(SmallPictures.deviceTable))
        guard !table.rows.isEmpty else { return [] }
        let reader = try VideoReader(artefact.file(SmallPictures.device), options: VideoReader.Options(.gray))
        return try table.rows.map { row in
            guard let frame = row.first.flatMap({ Int($0) }), times.indices.contains(frame), let picture = try reader.nextFrame() else {
                throw SessionError.format(
                    path: artefact.file(SmallPictures.deviceTable).path, location: row.joined(separator: ","),
                    reason: "a frame of the recording with a picture is expected")
            }
            return (frame, picture.image)
        }
    }
}

/// Files of pictures that one stage hands to another.
struct ScratchPictures {
    enum Kind: String { case working, plates, background }

    private let folder: URL
    private let key: String

    /// - Parameter key: of ingest's artefact.
    init(_ run: RunContext, unit: String, key: String, _ masks: MaskOptions) {
        folder = run.scratch.appendingPathComponent("pictures/\(unit)", isDirectory: true)
        // The sizes and choices of pictures that are no input of ingest.
        self.key =
            "\(key) \(masks.human.maximumWorkingWidth) \(masks.fill.plates) \(masks.background.interval) \(masks.background.keyframes)"
    }

    func make(_ kind: Kind, width: Int, height: Int) throws -> RawPictures {
        try RawPictures(folder.appendingPathComponent("\(kind.rawValue).raw"), width: width, height: height, channels: 3)
    }

    func seal(_ pictures: RawPictures) throws { try pictures.seal(key) }

    /// Nil where they are not there any more, or are others.
    func open(_ kind: Kind) -> RawPictures? { RawPictures(sealed: folder.appendingPathComponent("\(kind.rawValue).raw"), key: key) }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

private final class ScratchObserver: FrameObserver {
    private let scratch: ScratchPictures
    private let kind: ScratchPictures.Kind
    private let size: (width: Int, height: Int)
    /// Nil for all.
    private let frames: Set<Int>?
    private let prepare: (Image) throws -> Image
    private var pictures: RawPictures?

    init(
        _ scratch: ScratchPictures, _ kind: ScratchPictures.Kind, width: Int, height: Int, frames: Set<Int>?,
        prepare: @escaping (Image) throws -> Image
    ) {
        (self.scratch, self.kind, size, self.frames, self.prepare) = (scratch, kind, (width, height), frames, prepare)
    }

    func see(_ frame: LookedFrame) throws {
        guard frames?.contains(frame.index) ?? true else { return }
        let file = try pictures ?? scratch.make(kind, width: size.width, height: size.height)
        pictures = file
        try file.append(try prepare(try frame.rgb()), frame: frame.index)
    }

    func finish(into folder: URL, problem: String?) throws { if let pictures { try scratch.seal(pictures) } }
}

/// Pictures of a recording, from where they were kept or, where they are gone, from its video.
struct MaskPictures {
    private let recording: IngestedRecording
    private let scratch: ScratchPictures
    private let masks: MaskOptions

    init(_ recording: IngestedRecording, _ at: StageInput) {
        self.recording = recording
        masks = at.configuration.mask
        scratch = ScratchPictures(at.run, unit: recording.file.unit, key: recording.artefact.key, masks)
    }

    /// Every picture, at working size where they were kept so, else at full size.
    func working() -> PictureStream {
        guard let kept = scratch.open(.working), kept.frames.count == recording.times.count else { return Self.video(recording) }
        return stream(kept)
    }

    /// The full-size pictures that a background model is made from.
    func background() -> PictureStream { some(.background, BackgroundModel.frames(recording.times, options: masks.background)) }

    /// The full-size pictures that holes are filled from.
    func plates() -> PictureStream { some(.plates, PlateStore.frames(of: recording.times.count, options: masks.fill)) }

    /// What was kept is needed no more.
    func release() { scratch.remove() }

    private func some(_ kind: ScratchPictures.Kind, _ frames: [Int]) -> PictureStream {
        if let kept = scratch.open(kind), frames.allSatisfy({ kept.has($0) }) { return stream(kept) }
        let wanted = Set(frames)
        return { [recording] visit throws(HumanError) in
            try Self.video(recording, frames: wanted)(visit)
        }
    }

    private func stream(_ kept: RawPictures) -> PictureStream {
        { [times = recording.times] visit throws(HumanError) in
            for frame in kept.frames where times.indices.contains(frame) {
                let picture: Image
                do { picture = try kept.picture(frame) } catch { throw .source(reason: "\(error)") }
                try visit(frame, times[frame], picture)
            }
        }
    }

    /// From the video, at full size, decoded anew at each call.
    /// - Parameter frames: nil for all.
    static func video(_ recording: IngestedRecording, frames: Set<Int>? = nil) -> PictureStream {
        { visit throws(HumanError) in
            do {
                let source = try recording.frames(.rgb)
                let last = frames.map { $0.max() ?? -1 } ?? recording.times.count - 1
                var index = 0
                while index <= last {
                    if frames?.contains(index) ?? true {
                        guard let frame = try source.nextFrame() else { return }
                        try visit(frame.index, frame.time, frame.image)
                    } else {
                        guard try source.skipFrame() != nil else { return }
                    }
                    index += 1
                }
            } catch let error as HumanError {
                throw error
            } catch {
                throw HumanError.source(reason: "\(error)")
            }
        }
    }
}

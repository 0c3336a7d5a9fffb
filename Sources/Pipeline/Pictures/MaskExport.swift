internal import Foundation
internal import Human
internal import Imaging
internal import Session

/// `--export-masks`: each demo's masks, classes, chances and provenance as folders in `OUTPUT/masks/`, in the form that `--masks` takes.
enum MaskExport {
    static func run(_ sources: [ExportSource], context: StageContext) throws {
        let root = context.request.output.appendingPathComponent("masks", isDirectory: true)
        for source in sources {
            let unit = source.recording.file.unit
            let folder = root.appendingPathComponent(unit, isDirectory: true)
            let partial = root.appendingPathComponent("\(unit).partial", isDirectory: true)
            if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
            var writer = MaskFolderWriter(
                partial, recording: unit, origin: "griptrace", width: source.recording.summary.width,
                height: source.recording.summary.height)
            let pictures = try FilledPictures(source, counts: false, context: context)
            let classes = try VideoReader(source.masked.artefact.file(MaskedRecording.classes), options: VideoReader.Options(.gray))
            let chances = try VideoReader(source.masked.artefact.file(MaskedRecording.chances), options: VideoReader.Options(.gray))
            for i in 0..<source.recording.times.count {
                let exported = source.outcomes.indices.contains(i) && source.outcomes[i] == "exported"
                guard let frame = try pictures.next(wanted: exported), let map = try classes.nextFrame(),
                    let chance = try chances.nextFrame()
                else {
                    throw UnitFailure(reason: "unreadable", detail: "\(unit): frame \(i) is gone")
                }
                let untouched = Image(width: map.image.width, height: map.image.height, channels: 1)
                try writer.append(
                    classes: map.image, humanProbability: chance.image, provenance: exported ? frame.provenance ?? untouched : nil)
            }
            try writer.finish()
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
            try FileManager.default.moveItem(at: partial, to: folder)
        }
    }
}

internal import Foundation
internal import Human
internal import Imaging
internal import Session

/// `--export-masks`: a demo's masks, classes, probabilities and provenance as a folder in `OUTPUT/masks/`, in the form that `--masks` takes.
final class MaskExportTap: PictureTap {
    private var writer: MaskFolderWriter
    private let exported: Set<Int>
    private let partial: URL
    private let folder: URL

    static func root(_ request: ConvertRequest) -> URL { request.output.appendingPathComponent("masks", isDirectory: true) }

    init(_ side: ExportSide, exported: Set<Int>, root: URL) throws {
        self.exported = exported
        folder = root.appendingPathComponent(side.unit, isDirectory: true)
        partial = root.appendingPathComponent(".\(side.unit).griptrace", isDirectory: true)
        if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
        writer = MaskFolderWriter(
            partial, recording: side.unit, origin: "griptrace", width: side.recording.summary.width, height: side.recording.summary.height)
    }

    func needs(_ frame: Int) -> PictureNeed { exported.contains(frame) ? .filled : .classes }

    func take(_ frame: FilledPictures.Frame, index: Int) throws {
        guard let classes = frame.classes, let probability = frame.humanProbability else {
            preconditionFailure("a frame whose classes are needed has them")
        }
        let untouched = Image(width: classes.width, height: classes.height, channels: 1)
        try writer.append(
            classes: classes, humanProbability: probability, provenance: exported.contains(index) ? frame.provenance ?? untouched : nil)
    }

    func finish() throws {
        try writer.finish()
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.moveItem(at: partial, to: folder)
    }
}

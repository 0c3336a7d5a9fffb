public import Foundation
internal import Human
internal import Imaging
internal import Session

/// The frames of a converted session on which a hand-drawn label would help most, laid out to be drawn on.
///
/// Into `FOLDER/DEMO/`: `pictures/frame_000084.png`, the picture; `frame_000084.png`, the label, all 128 (says nothing) until somebody draws 0
/// (scene) and 255 (human) into it; `masks.json`. Labels that are there are kept, and further frames are chosen away from them. `--scribbles
/// FOLDER` takes them up.
public struct ScribbleSheet {
    /// A frame that was laid out.
    public struct Frame: Sendable, Equatable {
        public var unit: String
        public var frame: Int
        public var seconds: Double
        /// Mean entropy of human against not, bits a pixel.
        public var entropy: Double
        /// Share of the picture that may be human and is not taken out.
        public var unresolvedShare: Double
        public var label: URL

        public var line: String {
            "\(unit) frame \(frame) (\(seconds.fixed(2)) s): \(entropy.fixed(4)) bits a pixel in doubt, \((100 * unresolvedShare).fixed(2)) % may be human and stays: \(label.path)"
        }
    }

    public private(set) var frames: [Frame] = []
    /// What there is to know beside the frames, in sentences.
    public private(set) var notes: [String] = []

    /// - Parameters:
    ///   - output: where the session was converted to.
    ///   - count: most frames for each demo.
    public init(session: URL, output: URL, to folder: URL, count: Int, only: String?) throws(PipelineError) {
        let layout = try SessionLayout(folder: session, externalPoses: false)
        let store = ArtefactStore(root: output.appendingPathComponent("work").appendingPathComponent(layout.name))
        var judged = 0
        for recording in layout.recordings where only == nil || only == recording.unit {
            guard store.manifest(MaskStage.name, recording.unit) != nil else { continue }
            judged += 1
            do {
                try layOut(recording, store, folder, count)
            } catch let error as PipelineError {
                throw error
            } catch {
                throw .failed(stage: "scribble", "\(recording.unit): \(error)")
            }
        }
        guard judged > 0 else {
            throw .usage(
                "\(store.root.path) holds no masks\(only.map { " of \($0)" } ?? "")",
                accepted: "a session that `griptrace convert` has been through, and its --output")
        }
    }

    private mutating func layOut(_ recording: RecordingFile, _ store: ArtefactStore, _ folder: URL, _ count: Int) throws {
        let unit = recording.unit
        let mask = try JSONText.decode(MaskSummary.self, from: store.folder(MaskStage.name, unit).appendingPathComponent("mask.json"))
        let ingest = store.folder(IngestStage.name, unit)
        let summary = try JSONText.decode(IngestSummary.self, from: ingest.appendingPathComponent("recording.json"))
        let own = folder.appendingPathComponent(unit, isDirectory: true)
        let manifest = own.appendingPathComponent(MaskFolderManifest.name)
        var taken: [Int] = []
        if FileManager.default.fileExists(atPath: manifest.path) {
            taken = try MaskFolder(own, kind: .masks, recording: unit, width: summary.width, height: summary.height, frames: summary.frames)
                .frames
        }
        let chosen = ScribbleChoice.frames(mask.entropies, count: max(0, count - taken.count), taken: taken).sorted()
        if !taken.isEmpty { notes.append("\(unit): \(taken.count) label\(taken.count == 1 ? " is" : "s are") there already and kept") }
        guard !chosen.isEmpty else { return }
        let sure = chosen.filter { mask.entropies[$0] < ScribbleChoice.least }
        if !sure.isEmpty {
            notes.append(
                "\(unit): nothing is in doubt in frame\(sure.count == 1 ? "" : "s") \(sure.map(String.init).joined(separator: ", ")), spread over the demo (\(mask.reason))"
            )
        }
        try FileManager.default.createDirectory(at: own.appendingPathComponent("pictures"), withIntermediateDirectories: true)
        let source = try summary.pictures(of: recording, .rgb)
        let blank = Image(width: summary.width, height: summary.height, channels: 1, filledWith: ModelMask.unsure)
        for i in 0...(chosen.last ?? 0) {
            guard chosen.contains(i) else {
                guard try source.skipFrame() != nil else { break }
                continue
            }
            guard let frame = try source.nextFrame() else { break }
            let name = MaskFolder.fileName(i)
            let label = own.appendingPathComponent(name)
            try FileBytes.write(frame.image.pngBytes(), to: own.appendingPathComponent("pictures").appendingPathComponent(name))
            try FileBytes.write(blank.pngBytes(), to: label)
            frames.append(
                Frame(
                    unit: unit, frame: i, seconds: frame.time.seconds, entropy: mask.entropies[i],
                    unresolvedShare: mask.unresolvedShares[i], label: label))
        }
        if taken.isEmpty {
            var written = MaskFolderManifest(
                kind: .masks, origin: "hand-drawn", recording: unit, width: summary.width, height: summary.height, frames: summary.frames)
            written.missing = .unsure
            try FileBytes.write(JSONText.encode(written), to: manifest)
        }
    }
}

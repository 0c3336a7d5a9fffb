internal import Foundation
internal import Geometry
internal import Imaging

extension DatasetFormat {
    /// UMI's replay buffer.
    public static let umi = DatasetFormat(UMIFormat())
}

/// A stored zip of a Zarr 2 store.
struct UMIFormat: DatasetFormatDefinition {
    var name: String { "umi" }
    var title: String { "UMI Zarr" }
    var fileName: String { "dataset.zarr.zip" }
    var accepts: String { "a .zarr.zip file (UMI)" }

    func recognises(_ url: URL) -> Bool { url.path.hasSuffix(".zip") && !FileSteps.isFolder(url) }

    func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset
    ) throws(DatasetError) -> any DatasetWriter {
        var options = specification.options.umi
        options.existing = existing
        options.robots = specification.sides.count
        options.carriesWeights = specification.carriesWeights
        options.samples = specification.samples
        return UMIDemonstrations(try UMIWriter(path: url, options: options), specification)
    }

    func merge(_ parts: [URL], into output: URL) throws(DatasetError) { try UMIMerge.run(parts, output) }

    func problems(of url: URL, _ options: ValidationOptions) -> [DatasetProblem] {
        var validator = UMIValidator(url: url, options: options)
        return validator.run()
    }

    func summary(of url: URL) throws(DatasetError) -> DatasetSummary {
        let store = ZarrStore(zip: try ZipReader(path: url.path))
        var features: [DatasetSummary.Feature] = []
        for name in store.arrays(in: "data") {
            let array = try store.description("data/\(name)")
            let codec = array.compressor["id"]?.text.map { " \($0)" } ?? ""
            features.append(
                DatasetSummary.Feature(name: name, type: array.dtype + codec, shape: Array(array.shape.dropFirst()), names: []))
        }
        return DatasetSummary(
            format: DatasetFormat(self), episodeLengths: try store.episodeLengths(), features: features,
            byteCount: DatasetSummary.bytes(url))
    }

    func provenance(of url: URL) -> DatasetProvenance? {
        guard let zip = try? ZipReader(path: url.path), let bytes = try? zip.bytes(".zattrs") else { return nil }
        return (try? JSONDecoder().decode([String: DatasetProvenance].self, from: Data(bytes)))?["griptrace"]
    }

    /// Counted in `meta/episode_ends`; every array must have that many rows, and every picture be there. Source frames are not kept.
    func rows(of url: URL) throws(DatasetError) -> DatasetRowTable {
        let store = ZarrStore(zip: try ZipReader(path: url.path))
        let lengths = try store.episodeLengths()
        let total = lengths.reduce(0, +)
        for name in store.arrays(in: "data") {
            let array = try store.description("data/\(name)")
            guard array.shape[0] == total else {
                throw .format(
                    path: url.path, location: "data/\(name)", reason: "\(array.shape[0]) rows, meta/episode_ends ends at \(total)")
            }
            guard name.hasPrefix("camera"), array.shape.count == 4, array.chunks[0] == 1 else { continue }
            // The first that is missing is found within as many steps as there are entries.
            if let gone = (0..<total).first(where: { store.zip.entry("data/\(name)/\($0).0.0.0") == nil }) {
                throw .format(path: url.path, location: "data/\(name)", reason: "picture \(gone) is missing")
            }
        }
        return DatasetRowTable(lengths: lengths)
    }
}

/// Demonstrations as UMI's training code takes them: tool poses in the table's frame and widths; it takes the action from the rows that
/// follow.
final class UMIDemonstrations: DatasetWriter {
    private let writer: UMIWriter
    /// Places in a frame's sides, by robot: with two, the right hand is 0.
    private let order: [Int]
    private var rows = 0

    init(_ writer: UMIWriter, _ specification: DatasetSpecification) {
        self.writer = writer
        let sides = specification.sides
        order = sides.indices.filter { sides[$0] == .right } + sides.indices.filter { sides[$0] != .right }
    }

    var episodeCount: Int { writer.episodeCount }
    var frameCount: Int { writer.frameCount }

    func begin(_ header: EpisodeHeader) throws(DatasetError) {
        writer.beginEpisode(header)
        rows = 0
    }

    func append(_ frame: DatasetFrame) throws(DatasetError) {
        guard frame.sides.count == order.count else {
            throw .frame(
                episode: episodeCount, frame: rows, key: "sides", reason: "\(frame.sides.count) given, the data set is of \(order.count)")
        }
        var images: [Image] = []
        for i in order { images.append(try UMIPicture.prepare(frame.sides[i].picture, size: writer.options.imageSize)) }
        try writer.append(
            order.map {
                let side = frame.sides[$0]
                return UMIFrame(tableFromTool: side.tableFromTool, gripperWidth: side.gripperWidth, samples: side.samples)
            },
            images: images, weight: frame.weight)
        rows += 1
    }

    func abandon() throws(DatasetError) { try writer.abandonEpisode() }
    func end() throws(DatasetError) { try writer.endEpisode() }
    func finish(_ source: DatasetSource?) throws(DatasetError) { try writer.finish(source: source) }
}

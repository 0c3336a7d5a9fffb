@testable import Dataset
import Foundation
import Session

/// A table for each episode, without pictures: for a spreadsheet.
struct CSVFormat: DatasetFormatDefinition {
    var name: String { "csv" }
    var title: String { "CSV tables" }
    var fileName: String { "tables" }
    var accepts: String { "a folder with tables.json (CSV)" }

    func recognises(_ url: URL) -> Bool { FileSteps.exists(url.appendingPathComponent("tables.json")) }

    func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset
    ) throws(DatasetError) -> any DatasetWriter { try CSVWriter(url, specification, existing: existing) }

    func merge(_ parts: [URL], into output: URL) throws(DatasetError) {
        throw .layout(key: "merge", reason: "tables are put together by hand")
    }

    func problems(of url: URL, _ options: ValidationOptions) -> [DatasetProblem] { [] }

    func summary(of url: URL) throws(DatasetError) -> DatasetSummary {
        DatasetSummary(
            format: DatasetFormat(self), episodeLengths: try rows(of: url).lengths, tasks: [], features: [],
            byteCount: DatasetSummary.bytes(url))
    }

    func provenance(of url: URL) -> DatasetProvenance? {
        FileManager.default.contents(atPath: url.appendingPathComponent("tables.json").path).flatMap { DatasetProvenance(json: $0) }
    }

    func rows(of url: URL) throws(DatasetError) -> DatasetRowTable {
        var tables: [CSVTable] = []
        do {
            while FileSteps.exists(url.appendingPathComponent("\(tables.count).csv")) {
                tables.append(try CSVTable(contentsOf: url.appendingPathComponent("\(tables.count).csv")))
            }
        } catch { throw .file(path: url.path, reason: "\(error)") }
        let read = tables
        return DatasetRowTable(lengths: read.map(\.rows.count), sourceColumns: ["diagnostic.source_frame"]) { episode in
            [read[episode].rows.compactMap { $0.last.flatMap { Int($0) } }]
        }
    }
}

private final class CSVWriter: DatasetWriter {
    private let folder: OutputFolder
    private let header: [String]
    private var table: CSVTable
    private(set) var episodeCount = 0
    private(set) var frameCount = 0

    init(_ url: URL, _ specification: DatasetSpecification, existing: ExistingDataset) throws(DatasetError) {
        guard specification.sides == [.only] else { throw .layout(key: "sides", reason: "tables are of one arm") }
        folder = try OutputFolder(destination: url, existing: existing == .append ? .replace : existing, ownNames: ["tables.json"])
        header = specification.jointNames + ["gripper_m", "source_frame"]
        table = CSVTable(header: header)
    }

    func begin(_ header: EpisodeHeader) { table = CSVTable(header: self.header) }
    func abandon() { table = CSVTable(header: header) }

    func append(_ frame: DatasetFrame) {
        let side = frame.sides[0]
        table.rows.append((side.joints + [side.gripperWidth]).map { "\($0)" } + ["\(side.sourceFrame)"])
    }

    func end() throws(DatasetError) {
        try folder.write(table.encoded, to: "\(episodeCount).csv")
        (episodeCount, frameCount) = (episodeCount + 1, frameCount + table.rows.count)
    }

    func finish(_ source: DatasetSource?) throws(DatasetError) {
        var provenance = DatasetProvenance()
        if let source {
            try provenance.add(source, firstEpisode: 0, episodes: episodeCount, frames: frameCount, path: folder.root.path)
        }
        try folder.write(provenance.encoded(), to: "tables.json")
        try folder.commit()
    }
}

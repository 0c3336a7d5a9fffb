internal import Dataset
internal import Foundation
internal import Session

/// Where a conversion's data sets stand.
enum ExportTargets {
    /// - Parameter folder: `""`, or `single` for demos kept single-armed.
    static func url(_ format: DatasetFormat, _ request: ConvertRequest, folder: String = "") -> URL {
        root(request, folder).appendingPathComponent(format.fileName)
    }

    static func dynamics(_ request: ConvertRequest, folder: String = "") -> URL {
        root(request, folder).appendingPathComponent("lerobot_dynamics")
    }

    private static func root(_ request: ConvertRequest, _ folder: String) -> URL {
        folder.isEmpty ? request.output : request.output.appendingPathComponent(folder, isDirectory: true)
    }

    /// All places at which this request may write a data set.
    static func all(_ request: ConvertRequest) -> [URL] {
        ["", "single"].flatMap { folder in
            request.formats.map { url($0, request, folder: folder) } + (request.dynamics ? [dynamics(request, folder: folder)] : [])
        }
    }

    /// What stands where data sets are to go and is none of ours is said before any work.
    static func check(_ request: ConvertRequest) throws(PipelineError) {
        try KeptPostures.check(request)
        for url in all(request) {
            do { try DatasetProvenance.settle(url) } catch { throw .failed(stage: ExportStage.name, "\(error)") }
            guard FileManager.default.fileExists(atPath: url.path), DatasetProvenance.read(url) == nil else { continue }
            // Another program's, or one from before data sets said where they came from.
            throw .usage("\(url.path) exists and does not say where it came from", accepted: "another --output, or its removal")
        }
    }
}

/// What is to be done with what stands at one data set's place.
struct ExportPlan: Sendable {
    /// Nil: this session is in it already, beside others and with the same content.
    var existing: ExistingDataset?

    /// A data set that holds other sessions grows by this one. This session alone is written again. Beside others it is left alone where its
    /// content is the same, and refused where it was made with other options or inputs: a data set only grows.
    /// - Parameter key: names what would be written.
    init(_ url: URL, identity: SessionIdentity, key: String) throws(PipelineError) {
        do { try DatasetProvenance.settle(url) } catch { throw .failed(stage: ExportStage.name, "\(error)") }
        guard FileManager.default.fileExists(atPath: url.path) else {
            existing = .append
            return
        }
        guard let provenance = DatasetProvenance.read(url) else {
            throw .usage("\(url.path) exists and does not say where it came from", accepted: "another --output, or its removal")
        }
        let mine = provenance.sources.filter { identity.isOf($0) }
        let stands = mine.count == 1 && mine[0].key == key
        if mine.isEmpty {
            existing = .append
        } else if mine.count == provenance.sources.count {
            existing = .replace
        } else if stands {
            existing = nil
        } else {
            throw .usage(
                "\(url.path) holds session \(mine[0].session) beside others, made with other options, inputs or recordings; a data set only grows",
                accepted: "the options and recordings it was made with, or another --output")
        }
    }

    /// Whether the data set holds this session as it would be written.
    static func stands(_ url: URL, identity: SessionIdentity, key: String) -> Bool {
        guard let provenance = DatasetProvenance.read(url) else { return false }
        return provenance.sources.contains { identity.isOf($0) && $0.key == key }
    }
}

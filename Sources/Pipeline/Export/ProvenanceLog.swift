internal import Foundation
internal import Human
internal import Imaging
internal import Session
internal import Synchronization

/// How many exported pixels of each recording come from where; counted while they are exported, kept with the export.
final class ProvenanceLog: Sendable {
    static let file = "provenance.json"
    /// By recording, by `Provenance` raw value.
    private let counts = Mutex<[String: [Int]]>([:])

    func add(_ unit: String, _ provenance: Image?, pixels: Int) {
        var own = [Int](repeating: 0, count: Provenance.allCases.count)
        if let provenance {
            var all = [Int](repeating: 0, count: 256)
            for p in provenance.pixels { all[Int(p)] += 1 }
            for k in own.indices { own[k] = all[k] }
        } else {
            own[Int(Provenance.original.rawValue)] = pixels
        }
        counts.withLock { counts in
            let before = counts[unit] ?? Array(repeating: 0, count: own.count)
            counts[unit] = zip(before, own).map { $0 + $1 }
        }
    }

    /// Shares of a recording's exported pixels by the names of `Provenance`; nil where nothing was exported.
    func shares(_ unit: String) -> [String: Double]? {
        guard let own = counts.withLock({ $0[unit] }) else { return nil }
        let total = Double(max(own.reduce(0, +), 1))
        return Dictionary(uniqueKeysWithValues: Provenance.allCases.map { ("\($0)", Double(own[Int($0.rawValue)]) / total) })
    }

    func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(JSONText.encode(counts.withLock { $0 })).write(to: folder.appendingPathComponent(Self.file))
    }

    /// Takes over what an earlier run counted; an export from before this was kept has none.
    func read(from folder: URL) throws {
        let url = folder.appendingPathComponent(Self.file)
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        let read = try JSONText.decode([String: [Int]].self, from: url).filter { $0.value.count == Provenance.allCases.count }
        counts.withLock { $0.merge(read) { own, _ in own } }
    }
}

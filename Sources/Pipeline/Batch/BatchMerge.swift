internal import Dataset
internal import Foundation
internal import Imaging
internal import Session

/// Puts the sessions' data sets together, one for each format and arm, at the batch's root.
///
/// The sessions' own stay as they are; what they are merged into is made anew whenever one of them changes. The order is that of the sessions,
/// so that the bytes do not depend on which was converted when, and where.
struct BatchMerge {
    /// What a merged data set was made of, by its path below the output.
    struct Record: Codable, Equatable {
        var format = "griptrace.batch.v1"
        var parts: [String: [Part]] = [:]

        struct Part: Codable, Equatable {
            var session: String
            /// SHA-256 over the names, sizes and times of its files.
            var state: String
        }
    }

    static let name = "merged.json"

    let output: URL
    private let record: Record

    init(_ output: URL) {
        self.output = output
        record = (try? JSONText.decode(Record.self, from: output.appendingPathComponent(Self.name))) ?? Record()
    }

    /// What the data sets at the root may be called: a name that is there and was not made by a merge is the user's.
    func check(_ paths: [String]) throws(PipelineError) {
        for path in paths where record.parts[path] == nil {
            let url = output.appendingPathComponent(path)
            guard FileManager.default.fileExists(atPath: url.path) else { continue }
            throw .usage(
                "\(url.path) was not made by this batch and would be written over", accepted: "another --output, or it somewhere else")
        }
    }

    struct Source {
        var session: String
        var url: URL
    }

    /// - Parameter sources: by path below the output, in the order of the sessions.
    /// - Returns: what could not be merged, in sentences.
    func run(_ sources: [String: [Source]], progress: (String) -> Void) throws(PipelineError) -> [String] {
        try check(sources.keys.sorted())
        var next = Record()
        var faults: [String] = []
        let scratch = output.appendingPathComponent("merging", isDirectory: true)
        try failing { if FileManager.default.fileExists(atPath: scratch.path) { try FileManager.default.removeItem(at: scratch) } }
        for (path, parts) in sources.sorted(by: { $0.key < $1.key }) {
            let state = parts.map { Record.Part(session: $0.session, state: Self.state(of: $0.url)) }
            let target = output.appendingPathComponent(path)
            if record.parts[path] == state, FileManager.default.fileExists(atPath: target.path) {
                next.parts[path] = state
                continue
            }
            progress(path)
            let fresh = scratch.appendingPathComponent("new/\(path)")
            do {
                try FileManager.default.createDirectory(at: fresh.deletingLastPathComponent(), withIntermediateDirectories: true)
                if parts.count == 1 {
                    try FileManager.default.copyItem(at: parts[0].url, to: fresh)
                } else {
                    try DatasetMerger.merge(parts.map(\.url), into: fresh)
                }
            } catch {
                faults.append("\(path) was not merged: \(error)")
                next.parts[path] = record.parts[path]
                continue
            }
            next.parts[path] = state
            // Known as ours before it stands there, and remembered as made only when it does.
            try failing { try save(Record(parts: record.parts.merging(next.parts) { $1 }.merging([path: []]) { $1 })) }
            try failing {
                try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                if FileManager.default.fileExists(atPath: target.path) {
                    let old = scratch.appendingPathComponent("old/\(path)")
                    try FileManager.default.createDirectory(at: old.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try FileManager.default.moveItem(at: target, to: old)
                }
                try FileManager.default.moveItem(at: fresh, to: target)
            }
        }
        // What no session has any more: what an option took away, or sessions that are gone.
        for path in record.parts.keys.sorted() where sources[path] == nil {
            let target = output.appendingPathComponent(path)
            try failing { if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) } }
        }
        try failing {
            try save(next)
            if FileManager.default.fileExists(atPath: scratch.path) { try FileManager.default.removeItem(at: scratch) }
        }
        return faults
    }

    /// What a merged data set holds; nil where there is none that can be read.
    static func report(_ url: URL, path: String) -> DataSetReport? {
        guard let summary = try? DatasetSummary(contentsOf: url) else { return nil }
        return DataSetReport(
            format: summary.format.name, path: path, episodes: summary.episodeLengths.count, frames: summary.frameCount,
            rate: summary.fps ?? 0)
    }

    private func failing(_ body: () throws -> Void) throws(PipelineError) {
        do { try body() } catch { throw .failed(stage: "merge", "\(output.path): \(error)") }
    }

    private func save(_ record: Record) throws {
        try FileBytes.write(JSONText.encode(record), to: output.appendingPathComponent(Self.name))
    }

    private static func state(of url: URL) -> String {
        let files = FileManager.default
        var lines: [String] = []
        func add(_ name: String, _ path: String) {
            let found = try? files.attributesOfItem(atPath: path)
            guard found?[.type] as? FileAttributeType == .typeRegular else { return }
            let time = (found?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            lines.append("\(name) \((found?[.size] as? NSNumber)?.stringValue ?? "") \(time.fixed(6))")
        }
        add("", url.path)
        for case let name as String in files.enumerator(atPath: url.path) ?? FileManager.DirectoryEnumerator() {
            add(name, url.appendingPathComponent(name).path)
        }
        return SHA256.hex(of: lines.sorted().joined(separator: "\n"))
    }
}

public import Foundation
internal import Session

/// What of a request is about the session alone: its recordings, and what options and files say of them.
public struct SessionCheck {
    public var session: URL
    public var output: URL
    /// Whether poses come from outside, so that no recording is for the map.
    public var hasPoses: Bool
    public var only: String?
    public var labels: URL?
    public var values: URL?

    /// - Parameter labels: nil for the session's own, if it has any.
    public init(session: URL, output: URL, hasPoses: Bool, only: String?, labels: URL?, values: URL?) {
        (self.session, self.output, self.hasPoses, self.only, self.values) = (session, output, hasPoses, only, values)
        self.labels = labels ?? ConvertRequest.ownLabels(session)
    }

    init(_ request: ConvertRequest) {
        self.init(
            session: request.session, output: request.output, hasPoses: request.poses != nil && !request.usesSessionPoses,
            only: request.only, labels: request.labels, values: request.values)
    }

    /// All that is wrong; nothing where all is right.
    public var faults: [PipelineError] {
        var found = RequestFaults()
        _ = layout(&found)
        return found.faults
    }

    /// The session's recordings; nil where there are none.
    func layout(_ found: inout RequestFaults) -> SessionLayout? {
        let layout = found.look { () throws(PipelineError) in
            try SessionLayout(folder: session, externalPoses: hasPoses, excluding: [output])
        }
        guard let layout else { return nil }
        found.look { () throws(PipelineError) in try Self.checkOneSession(layout) }
        found.look { () throws(PipelineError) in
            guard let only, !layout.demos.contains(where: { $0.unit == only }) else { return }
            throw .usage("--only \(only): the session has no such demo", accepted: layout.demos.map(\.unit).joined(separator: ", "))
        }
        let known = layout.recordings.map(\.unit)
        // Files that cannot be read say so where they are read.
        let spans = labels.flatMap { try? LabelledSpan.read($0) } ?? []
        let rows = Dictionary(spans.map { ($0.recording, $0.row) }, uniquingKeysWith: { a, _ in a })
        let series = values.flatMap { try? ValueWeights(contentsOf: $0) }?.series.keys.map { $0 } ?? []
        for (file, names) in [(labels, rows.keys.map { $0 }), (values, series)] {
            for name in names.sorted() where !known.contains(name) {
                let row = file == labels ? rows[name].map { ": row \($0)" } ?? "" : ""
                found.look { () throws(PipelineError) in
                    throw .usage(
                        "\(file?.path ?? "")\(row): \(name.excerpt) is no recording of the session",
                        accepted: known.joined(separator: ", "))
                }
            }
        }
        return layout
    }

    /// A folder of sessions is refused: their recordings would be taken for one scene's.
    ///
    /// A folder below the session's counts as a session of its own where it holds `device.yaml`, `raw_videos/`, `demos/` or a recording for
    /// the map.
    private static func checkOneSession(_ layout: SessionLayout) throws(PipelineError) {
        var roots: Set<String> = []
        for recording in layout.recordings {
            let base = layout.folder.standardizedFileURL.pathComponents.count
            let path = Array(recording.url.standardizedFileURL.pathComponents.dropFirst(base))
            let parents = path.dropLast()
            let stem = recording.url.deletingPathExtension().lastPathComponent.lowercased()
            if let inner = parents.firstIndex(where: { ["raw_videos", "demos"].contains($0) || $0.lowercased().hasPrefix("mapping") }) {
                roots.insert(parents[..<inner].joined(separator: "/"))
            } else if stem.hasPrefix("mapping") {
                roots.insert(parents.joined(separator: "/"))
            }
            for depth in 0...parents.count {
                let folder = parents.prefix(depth).reduce(layout.folder) { $0.appendingPathComponent($1) }
                guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("device.yaml").path) else { continue }
                roots.insert(parents.prefix(depth).joined(separator: "/"))
            }
        }
        guard roots.count > 1, !roots.contains("") else { return }
        throw .usage(
            "\(layout.folder.path) holds \(roots.count) sessions: \(roots.sorted().joined(separator: ", ")) (each has its own mapping "
                + "recording, device.yaml, raw_videos or demos)",
            accepted: "one of them, a run for each")
    }
}

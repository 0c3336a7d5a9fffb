internal import Foundation

/// A data set that is a folder and comes into being whole: written in its staging folder, then put in its place.
struct OutputFolder {
    let staging: StagingFolder
    /// The folder holds what stood at the destination, to which more is added.
    let isGrowing: Bool

    /// Where the files are written.
    var root: URL { staging.new }

    /// - Parameter ownNames: what a data set of this kind holds at its top; anything else in one that is replaced is somebody's, and stays.
    init(destination: URL, existing: ExistingDataset, ownNames: Set<String>) throws(DatasetError) {
        staging = try StagingFolder(for: destination, existing: existing)
        isGrowing = staging.hasExisting && existing == .append
        if isGrowing {
            try FileSteps.linkTree(staging.destination, to: root)
        } else {
            try FileSteps.makeFolder(root)
            guard staging.hasExisting else { return }
            for name in try FileSteps.names(in: staging.destination) where !ownNames.contains(name) {
                try FileSteps.linkTree(staging.destination.appendingPathComponent(name), to: root.appendingPathComponent(name))
            }
        }
    }

    /// Makes way for a file that is to be written whole: a linked one must not be written through, it is the old data set's too.
    func clear(_ path: String) throws(DatasetError) {
        let url = root.appendingPathComponent(path)
        if FileSteps.exists(url) { try FileSteps.removeFile(url) }
    }

    func write(_ json: JSONValue, to path: String) throws(DatasetError) { try write(Array((json.encoded() + "\n").utf8), to: path) }

    func write(_ bytes: [UInt8], to path: String) throws(DatasetError) {
        let url = root.appendingPathComponent(path)
        try clear(path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        } catch {
            throw .file(path: url.path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    func discard() { staging.discard() }

    func commit() throws(DatasetError) { try staging.commit() }
}

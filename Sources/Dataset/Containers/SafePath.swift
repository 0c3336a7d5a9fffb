internal import Foundation
internal import Glibc

/// Names and paths that a file states: what would lead out of the place they are taken relative to is refused.
enum SafePath {
    /// What is wrong with a relative path; nil where it stays below the folder it is taken in.
    static func fault(in path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return "holds a control character" }
        if path.contains("\\") { return "holds a backslash" }
        if path.hasPrefix("/") { return "begins at the root" }
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { return "holds an empty part" }
            if part == "." || part == ".." { return "holds \"\(part)\"" }
        }
        return nil
    }

    /// Refuses an unsafe path that `file` states at `location`.
    static func check(_ path: String, file: String, location: String) throws(DatasetError) {
        guard let fault = fault(in: path) else { return }
        throw .format(
            path: file, location: location,
            reason: "\(JSONValue.quoted(path)) \(fault); accepted: a relative path without \"..\", backslashes and control characters")
    }
}

/// The folder of a data set that is read: no path in it leads out of it, neither by its name nor by a link.
struct DatasetFolder: Sendable {
    let root: URL

    init(_ root: URL) { self.root = root }

    /// The file at a path that the data set states, relative to its root; one that is missing is left to its reader.
    func file(_ path: String) throws(DatasetError) -> URL {
        try SafePath.check(path, file: root.path, location: JSONValue.quoted(path))
        let url = root.appendingPathComponent(path)
        guard let real = Self.real(url), let top = Self.real(root) else { return url }
        let inside = top.hasSuffix("/") ? top : top + "/"
        guard real.hasPrefix(inside) else {
            throw .format(
                path: root.path, location: path,
                reason: "is a link to \(real), outside the data set: put the file itself there (cp -rL copies a data set so)")
        }
        return real == inside + path ? url : URL(fileURLWithPath: real)
    }

    /// The place without links; nil where nothing is.
    private static func real(_ url: URL) -> String? {
        guard let path = realpath(url.path, nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// The Parquet files under a folder, sorted by path as the reader sorts them, relative to the root.
    func tables(under folder: String) throws(DatasetError) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: try file(folder).path) else { return [] }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(".parquet") }.sorted().map { "\(folder)/\($0)" }
    }

    /// Opens a table.
    func table(_ path: String) throws(DatasetError) -> ParquetReader { try ParquetReader(path: try file(path).path) }

    func json(_ path: String) throws(DatasetError) -> JSONValue { try JSONValue.read(try file(path)) }

    func jsonLines(_ path: String) throws(DatasetError) -> [JSONValue] { try JSONValue.readLines(try file(path)) }

    func holds(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) }
}

internal import Foundation
internal import Session

/// `review/`: a page that is opened from disk. Its data are scripts, for a page from disk may load no other file.
struct ReviewFolder {
    static let name = "review"
    /// What of the folder is ours; anything else in it is the user's and stays.
    private static let parts = ["index.html", "app", "data"]
    private static let root = "data/root.js"

    private let output: URL
    private let staged: URL

    /// Begins a new page beside the artefacts; the last one stays until `place`.
    init(_ run: RunContext) throws {
        output = run.request.output
        staged = run.scratch.appendingPathComponent(Self.name, isDirectory: true)
        let files = FileManager.default
        try? files.removeItem(at: staged)
        try files.createDirectory(at: staged.appendingPathComponent("data"), withIntermediateDirectories: true)
        guard let page = Self.page, files.fileExists(atPath: page.path) else {
            throw PipelineError.failed(
                stage: "report",
                "the review page's files (Sources/Web/review) do not lie with the program: install griptrace with its files")
        }
        for part in Self.parts where part != "data" {
            try files.copyItem(at: page.appendingPathComponent(part), to: staged.appendingPathComponent(part))
        }
    }

    /// The page's own files, as they come with the program.
    private static var page: URL? { Installation.folder?.appendingPathComponent("Sources/Web/review") }

    func write(_ value: some Encodable, to path: String, function: String) throws {
        try FileBytes.write("gripTrace.\(function)(\(try JSONText.line(value)));\n", to: staged.appendingPathComponent(path))
    }

    /// Puts the page where the last one was.
    func place() throws {
        let files = FileManager.default
        let target = output.appendingPathComponent(Self.name, isDirectory: true)
        try files.createDirectory(at: target, withIntermediateDirectories: true)
        for part in Self.parts {
            let to = target.appendingPathComponent(part)
            if files.fileExists(atPath: to.path) { try files.removeItem(at: to) }
            try files.moveItem(at: staged.appendingPathComponent(part), to: to)
        }
        try Self.point(target, to: "..")
    }

    /// Says where the output folder lies, seen from the page.
    static func point(_ folder: URL, to output: String) throws {
        try FileBytes.write("gripTrace.root(\(try JSONText.line([output])));\n", to: folder.appendingPathComponent(root))
    }
}

internal import Foundation
internal import Imaging

/// The files of one recording among those of a session: chapters of one number that lie in one folder, in order.
///
/// Chapters that are there must follow one another: where one is missing between two, the recording has a fault. One whose beginning is
/// missing is taken as it is, with a note: it is a recording of its own that begins later. A chapter behind `mapping_GX010001` may bear the
/// same prefix or none. Several files of one chapter (`GX010001.MP4` and `GX010001.mov`) are recordings of their own.
struct ChapterGroup {
    private(set) var first: SessionScan.Found
    private(set) var further: [SessionScan.Found] = []
    /// Why it is no whole recording.
    private(set) var fault: String?
    /// What was decided about it.
    private(set) var note: String?

    /// Bytes of all its files.
    var size: Int { ([first] + further).reduce(0) { $0 + $1.size } }

    private struct Key: Hashable {
        var folder: String
        var prefix: String
        var family: String
        var recording: String
    }

    private init(_ first: SessionScan.Found) { self.first = first }

    private init(_ chapters: [(name: ChapterName, found: SessionScan.Found)]) {
        let sorted = chapters.sorted { $0.name.chapter < $1.name.chapter }
        (first, further) = (sorted[0].found, sorted.dropFirst().map(\.found))
        let files = sorted.map(\.found.url.lastPathComponent)
        let numbers = sorted.map(\.name.chapter)
        let missing = Set(numbers[0]...(numbers.last ?? numbers[0])).subtracting(numbers).sorted()
        if !missing.isEmpty {
            let names = missing.map { "chapter \($0) (\(sorted[0].name.name(of: $0)))" }.joined(separator: ", ")
            fault =
                "\(names) of the recording is missing between \(files.joined(separator: ", ")): put it beside them, or give what is to be a "
                + "recording of its own another name"
        } else if numbers[0] > 1 {
            note =
                "\(files.joined(separator: ", ")): chapter 1 (\(sorted[0].name.name(of: 1))) is not in the session: the recording is taken "
                + "to begin with chapter \(numbers[0])"
        } else if files.count > 1 {
            note = "\(files.joined(separator: ", ")) are taken for one recording in \(files.count) chapters"
        }
    }

    /// In the order of their first files.
    static func groups(of found: [SessionScan.Found]) -> [ChapterGroup] {
        var keyed: [Key: [(name: ChapterName, found: SessionScan.Found)]] = [:]
        for file in found where !file.isFolder && file.namingFolder == nil {
            guard let name = ChapterName(file.stem) else { continue }
            let folder = file.url.deletingLastPathComponent().path
            keyed[Key(folder: folder, prefix: name.prefix, family: name.family, recording: name.recording), default: []].append(
                (name, file))
        }
        // Only the first was renamed: the others follow it, if there is but one that they can follow.
        for (key, bare) in keyed where key.prefix.isEmpty && !bare.contains(where: { $0.name.chapter == 1 }) {
            let next = bare.map(\.name.chapter).min() ?? 1
            let heads = keyed.filter { other, chapters in
                other.folder == key.folder && other.family == key.family && other.recording == key.recording && other != key
                    && (chapters.map(\.name.chapter).max() ?? 0) < next
            }
            guard heads.count == 1, let head = heads.first?.key else { continue }
            keyed[head]?.append(contentsOf: bare)
            keyed[key] = nil
        }
        var grouped: [String: ChapterGroup] = [:]
        var taken: Set<String> = []
        for chapters in keyed.values where Set(chapters.map(\.name.chapter)).count == chapters.count {
            let group = ChapterGroup(chapters)
            grouped[group.first.url.path] = group
            taken.formUnion(group.further.map(\.url.path))
        }
        return found.filter { !taken.contains($0.url.path) }.map { grouped[$0.url.path] ?? ChapterGroup($0) }
    }
}

extension RecordingFile {
    /// Its files for a stage's key; the first bears the name itself.
    func named(_ name: String) -> [String: URL] {
        var out = [name: url]
        for (number, chapter) in chapters.enumerated() { out["\(name)/chapter_\(number + 2)"] = chapter }
        return out
    }
}

public import Foundation
internal import Imaging
internal import Session

/// What `HumanMasker.seek` found in a recording, by frame: in memory, or in a folder that `MaskRecordWriter` wrote.
///
/// The folder holds `record.json` (sizes, whether there is a human), `frames.csv` (a row for each frame with a finding: where its score and marks
/// lie, blur, views), `maps.bin` (those as gray PNG pictures of working size, one behind the other) and `colours.bin` (natural logarithms of the
/// densities of human and of scene by colour, little-endian float32). The same findings give the same bytes.
public struct MaskRecord: Sendable {
    /// `record.json`.
    struct Header: Codable, Equatable {
        /// Of the format.
        var version = Self.current
        /// Working size, and the pictures' own, pixels.
        var width: Int
        var height: Int
        var fullWidth: Int
        var fullHeight: Int
        var humanVisible: Bool
        /// Views of the background model that frames were compared with; 0 without one.
        var backgroundViews: Int
        /// Rows of `frames.csv`.
        var rows = 0
    }

    /// A row of `frames.csv`.
    struct Row: Sendable, Equatable {
        /// Bytes of `maps.bin`; empty for none.
        var score = 0..<0
        var marks = 0..<0
        var blur = 0
        var used: [UsedView] = []
    }

    private enum Findings: Sendable {
        case memory([Int: FrameFinding])
        case file(rows: [Int: Row], maps: Data, path: String)
    }

    let header: Header
    /// Nil where no human was seen.
    let colours: ColourModel?
    private let findings: Findings
    /// Frames in which a region was accepted.
    private let human: Set<Int>

    /// Whether a human was seen at all; where not, no picture is changed.
    public var humanVisible: Bool { header.humanVisible }

    /// What was found, held in memory: some hundred kilobytes for each frame with a human.
    /// - Parameters:
    ///   - masks: all that `seek` handed out.
    public init(_ masks: [WorkingMask], analysis: HumanAnalysis, masker: HumanMasker) {
        header = Header(masker, analysis)
        colours = analysis.colours
        findings = .memory(
            Dictionary(masks.lazy.filter { !$0.finding.isEmpty }.map { ($0.frame, $0.finding) }, uniquingKeysWith: { _, last in last }))
        human = Set(masks.lazy.filter { $0.finding.score != nil }.map(\.frame))
    }

    /// Reads a folder; what is missing, cut short or of another program is refused with the file's name.
    public init(folder: URL) throws(HumanError) {
        let url = folder.appendingPathComponent(Self.headerFile)
        do {
            header = try JSONDecoder().decode(Header.self, from: Data(try FileBytes.read(url)))
        } catch {
            throw .source(reason: "\(url.path): not a record of masks: \(error)")
        }
        guard header.version == Header.current, header.width > 0, header.height > 0, header.fullWidth > 0, header.fullHeight > 0 else {
            throw .source(
                reason: "\(url.path): version \(header.version), \(header.width)x\(header.height);"
                    + " accepted: version \(Header.current), made here")
        }
        colours = header.humanVisible ? try Self.colours(folder.appendingPathComponent(Self.coloursFile)) : nil
        let frames = folder.appendingPathComponent(Self.framesFile)
        let rows = try Self.rows(frames)
        guard rows.count == header.rows else {
            throw .source(reason: "\(frames.path): \(rows.count) frames, \(Self.headerFile) says \(header.rows); the record is cut short")
        }
        let file = folder.appendingPathComponent(Self.mapsFile)
        let maps: Data
        do { maps = try Data(contentsOf: file, options: .mappedIfSafe) } catch {
            throw .source(reason: "\(file.path): cannot be read: \(error.localizedDescription)")
        }
        for (frame, row) in rows where max(row.score.upperBound, row.marks.upperBound) > maps.count {
            throw .source(reason: "\(file.path): has \(maps.count) bytes, frame \(frame) lies beyond; the record is cut short")
        }
        findings = .file(rows: rows, maps: maps, path: file.path)
        human = Set(rows.filter { !$0.value.score.isEmpty }.keys)
    }

    /// Whether a region was accepted in a frame.
    func hasHuman(_ frame: Int) -> Bool { human.contains(frame) }

    /// What was found in a frame; empty where nothing was.
    func finding(_ frame: Int) throws(HumanError) -> FrameFinding {
        switch findings {
        case .memory(let known): return known[frame] ?? FrameFinding()
        case .file(let rows, let maps, let path):
            guard let row = rows[frame] else { return FrameFinding() }
            return FrameFinding(
                score: try map(row.score, maps, "\(path), score of frame \(frame)").map(ScoreMap.init),
                marks: try map(row.marks, maps, "\(path), marks of frame \(frame)").map(MarkMap.init), blur: row.blur, used: row.used)
        }
    }

    private func map(_ range: Range<Int>, _ maps: Data, _ place: String) throws(HumanError) -> Image? {
        if range.isEmpty { return nil }
        let picture: Image
        do { picture = try Image(decoding: [UInt8](maps[range]), path: place) } catch { throw .source(reason: "\(place): \(error)") }
        guard picture.width == header.width, picture.height == header.height, picture.channels == 1 else {
            throw .source(
                reason: "\(place): \(picture.width)x\(picture.height)x\(picture.channels), the record says"
                    + " \(header.width)x\(header.height) gray")
        }
        return picture
    }

    /// Refuses a masker of other sizes and a background model other than the one that views are numbered in.
    func check(_ masker: HumanMasker, _ background: BackgroundModel?) throws(HumanError) {
        let scale = masker.scale
        guard scale.width == header.width, scale.height == header.height, scale.fullWidth == header.fullWidth,
            scale.fullHeight == header.fullHeight
        else {
            throw .input(
                location: "record of masks",
                reason: "made for pictures of \(header.fullWidth)x\(header.fullHeight) at \(header.width)x\(header.height);"
                    + " the masker has \(scale.fullWidth)x\(scale.fullHeight) at \(scale.width)x\(scale.height)")
        }
        guard let background, header.backgroundViews != background.viewCount else { return }
        throw .input(
            location: "record of masks",
            reason: "made with a background model of \(header.backgroundViews) views, handed one of \(background.viewCount);"
                + " accepted: the one that the frames were compared with")
    }
}

extension MaskRecord {
    static let headerFile = "record.json"
    static let framesFile = "frames.csv"
    static let mapsFile = "maps.bin"
    static let coloursFile = "colours.bin"
    /// Columns of `frames.csv`; offsets and sizes are bytes of `maps.bin`, views are `number:brightness over the view's`.
    static let columns = ["frame", "score_offset", "score_size", "marks_offset", "marks_size", "blur_working_px", "views"]

    private static func rows(_ url: URL) throws(HumanError) -> [Int: Row] {
        let table: CSVTable
        do { table = try CSVTable(contentsOf: url) } catch { throw .source(reason: "\(error)") }
        guard table.header == columns else {
            throw .source(
                reason: "\(url.path): columns \(table.header.joined(separator: ",")); accepted: \(columns.joined(separator: ","))")
        }
        var out: [Int: Row] = [:]
        for (n, fields) in table.rows.enumerated() {
            guard let (frame, row) = Row.read(fields) else {
                throw .source(reason: "\(url.path): row \(n + 1): \(fields.joined(separator: ",").prefix(120)): not a finding")
            }
            out[frame] = row
        }
        return out
    }

    private static func colours(_ url: URL) throws(HumanError) -> ColourModel {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch { throw .source(reason: "\(error)") }
        guard bytes.count == 8 * ColourModel.bins else {
            throw .source(reason: "\(url.path): \(bytes.count) bytes; \(8 * ColourModel.bins) are accepted")
        }
        let values = (0..<(bytes.count / 4)).map { i in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * i + $1]) << UInt32(8 * $1) })
        }
        return ColourModel(logHuman: Array(values[..<ColourModel.bins]), logScene: Array(values[ColourModel.bins...]))
    }
}

extension MaskRecord.Header {
    static let current = 2

    init(_ masker: HumanMasker, _ analysis: HumanAnalysis) {
        let scale = masker.scale
        self.init(
            width: scale.width, height: scale.height, fullWidth: scale.fullWidth, fullHeight: scale.fullHeight,
            humanVisible: analysis.humanVisible, backgroundViews: analysis.knowledge.background?.viewCount ?? 0)
    }
}

extension MaskRecord.Row {
    func fields(_ frame: Int) -> [String] {
        [frame, score.lowerBound, score.count, marks.lowerBound, marks.count, blur].map(String.init) + [
            used.map { "\($0.view):\($0.gain)" }.joined(separator: " ")
        ]
    }

    /// Nil for what is no row.
    static func read(_ fields: [String]) -> (frame: Int, row: Self)? {
        let numbers = fields.dropLast().compactMap { Int($0) }
        guard fields.count == MaskRecord.columns.count, numbers.count == fields.count - 1,
            numbers.allSatisfy({ (0...1 << 48).contains($0) })
        else { return nil }
        var used: [UsedView] = []
        for text in fields[fields.count - 1].split(separator: " ") {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let view = Int(parts[0]), view >= 0, let gain = Float(parts[1]), gain.isFinite else { return nil }
            used.append(UsedView(view: view, gain: gain))
        }
        return (
            numbers[0],
            Self(
                score: numbers[1]..<numbers[1] + numbers[2], marks: numbers[3]..<numbers[3] + numbers[4], blur: numbers[5], used: used)
        )
    }
}

internal import Foundation
internal import Session

/// Where a folder of pictures keeps its tables: EuRoC's layout, or a table of times and file names beside the pictures.
struct PictureTable {
    let file: URL
    /// In which the table's names are looked for, in this order.
    let folders: [URL]
    let inertial: URL
    /// EuRoC's tables are in whole nanoseconds; of others the unit is told by the numbers.
    let isEuroc: Bool

    /// Names of a table that lies beside its pictures: time, file name. `rgb.txt` is the TUM RGB-D benchmark's.
    static let names = [
        "data.csv", "frames.csv", "images.csv", "times.csv", "timestamps.csv", "rgb.txt", "frames.txt", "images.txt", "times.txt",
        "timestamps.txt",
    ]

    private static let pictures: Set = ["png", "jpg", "jpeg"]

    /// Nil where the folder holds no such table.
    init?(in url: URL) {
        let there = { (file: URL) in FileManager.default.fileExists(atPath: file.path) }
        for inside in [url.appendingPathComponent("mav0"), url] {
            let table = inside.appendingPathComponent("cam0/data.csv")
            guard there(table) else { continue }
            (file, folders, isEuroc) = (table, [inside.appendingPathComponent("cam0/data")], true)
            inertial = inside.appendingPathComponent("imu0/data.csv")
            return
        }
        let found = Self.names.map { url.appendingPathComponent($0) }.first { there($0) && Self.namesPictures($0) }
        guard let found else { return nil }
        (file, isEuroc) = (found, false)
        folders = [url] + ["data", "images", "rgb"].map { url.appendingPathComponent($0) }
        let names = ["imu.csv", "imu.txt"].map { url.appendingPathComponent($0) }
        inertial = names.first(where: there) ?? names[0]
    }

    /// Whether a file begins as a table of times and pictures does.
    private static func namesPictures(_ file: URL) -> Bool {
        var bytes = FileBytes.prefix(file, count: 1 << 14)
        if bytes.count == 1 << 14, let end = bytes.lastIndex(of: 10) { bytes.removeSubrange(end...) }
        guard !bytes.contains(0), let text = try? TextRows(bytes: bytes, path: file.path, separator: separator(of: file)) else {
            return false
        }
        guard let row = text.rows.first(where: { NumberText.number($0.fields[0]) != nil }), row.fields.count > 1 else { return false }
        return pictures.contains(URL(fileURLWithPath: "/" + row.fields[1]).pathExtension.lowercased())
    }

    static func separator(of file: URL) -> TextRows.Separator { file.pathExtension.lowercased() == "txt" ? .blanks : .comma }

    /// The file that a row names: a name that leads out of the folder is an error.
    func picture(_ text: TextRows, _ row: Int) throws(ImagingError) -> URL {
        let name = text.rows[row].fields[1]
        guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw ImagingError(text.error(row, 1, "is no file name in the recording's folder"))
        }
        let places = folders.map { $0.appendingPathComponent(name) }
        guard places.count > 1 else { return places[0] }
        return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? places[0]
    }
}

/// The first column of a table as times in nanoseconds, exactly as written.
struct TimeColumn {
    let unit: TimeUnit
    /// What was concluded of the unit; nil where there is nothing to say.
    let remark: String?

    /// Of EuRoC's tables.
    static let nanoseconds = TimeColumn(unit: .nanoseconds, remark: nil)

    private init(unit: TimeUnit, remark: String?) { (self.unit, self.remark) = (unit, remark) }

    /// The unit of a column: that in which its first number is a date, else that in which its rows come at 1 to 1000 a second.
    init(_ text: TextRows) {
        let numbers = text.rows.compactMap { NumberText.number($0.fields[0]) }
        let gaps = zip(numbers.dropFirst(), numbers).map { $0 - $1 }.sorted()
        let told = numbers.first.flatMap { TimeUnit(ofDate: $0) }
        unit = told ?? (gaps.isEmpty ? .seconds : TimeUnit(ofInterval: gaps[gaps.count / 2]))
        let name = URL(fileURLWithPath: text.path).lastPathComponent
        remark = unit == .seconds ? nil : "the times of \(name) are taken for \(unit.rawValue)"
    }

    /// A row's time; what is none is an error.
    func time<C>(_ text: TextRows, _ row: Int) throws(ImagingError) -> Timestamp<C> {
        guard let time = nanoseconds(text.rows[row].fields[0]).flatMap({ Timestamp<C>(checkedNanoseconds: $0) }) else {
            throw ImagingError(text.error(row, 0, unit == .nanoseconds ? "is no time in whole ns" : "is no time in \(unit.rawValue)"))
        }
        return time
    }

    /// Digits are shifted, not multiplied: a date has more of them than a floating-point number keeps.
    private func nanoseconds(_ text: String) -> Int64? {
        guard unit != .nanoseconds else { return Int64(text) }
        let digits = unit == .seconds ? 9 : unit == .milliseconds ? 6 : 3
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? String(parts[1].prefix(digits)) : ""
        guard let whole = parts.first, !whole.isEmpty, (whole + fraction).allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int64(whole + fraction + String(repeating: "0", count: digits - fraction.count))
    }
}

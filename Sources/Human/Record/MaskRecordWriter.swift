public import Foundation
internal import Imaging
internal import Session

/// Writes what `HumanMasker.seek` finds into a folder, frame by frame, for `MaskRecord`; little of it is held in memory.
///
/// The folder is complete once `finish` has returned: write under a temporary name and rename it.
public final class MaskRecordWriter {
    private let folder: URL
    private var header: MaskRecord.Header
    private let colours: ColourModel?
    private let maps: FileHandle
    private var size = 0
    private var table = CSVTable(header: MaskRecord.columns)

    /// - Parameters:
    ///   - folder: exists; files of the record's names in it are replaced.
    ///   - analysis: what `seek` is handed.
    public init(folder: URL, analysis: HumanAnalysis, masker: HumanMasker) throws(HumanError) {
        (self.folder, colours, header) = (folder, analysis.colours, MaskRecord.Header(masker, analysis))
        let url = folder.appendingPathComponent(MaskRecord.mapsFile)
        do {
            try FileBytes.write([], to: url)
            maps = try FileHandle(forWritingTo: url)
        } catch {
            throw .source(reason: "\(url.path): cannot be written: \(error)")
        }
    }

    /// Appends the next frame; one in which nothing was found takes no room.
    public func append(_ mask: WorkingMask) throws(HumanError) {
        let finding = mask.finding
        if finding.isEmpty { return }
        let row = MaskRecord.Row(
            score: try append(finding.score?.levels), marks: try append(finding.marks?.flags), blur: finding.blur, used: finding.used)
        table.rows.append(row.fields(mask.frame))
    }

    /// Where a map lies.
    private func append(_ map: Image?) throws(HumanError) -> Range<Int> {
        guard let map else { return 0..<0 }
        do {
            let bytes = try map.pngBytes()
            try maps.write(contentsOf: bytes)
            defer { size += bytes.count }
            return size..<(size + bytes.count)
        } catch {
            throw .source(reason: "\(folder.path): writing the record of masks: \(error)")
        }
    }

    /// Writes the rest.
    public func finish() throws(HumanError) {
        do {
            try maps.close()
            try table.write(to: folder.appendingPathComponent(MaskRecord.framesFile))
            if let colours, header.humanVisible {
                let bits = (colours.logHuman + colours.logScene).map(\.bitPattern)
                try FileBytes.write(
                    bits.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v >> UInt32(8 * $0)) } },
                    to: folder.appendingPathComponent(MaskRecord.coloursFile))
            }
            header.rows = table.rows.count
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try FileBytes.write([UInt8](try encoder.encode(header)), to: folder.appendingPathComponent(MaskRecord.headerFile))
        } catch {
            throw .source(reason: "\(folder.path): writing the record of masks: \(error)")
        }
    }
}

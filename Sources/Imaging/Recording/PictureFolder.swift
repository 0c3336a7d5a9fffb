public import Foundation
internal import Geometry
public import Session

/// A folder of pictures with a table of their times. In EuRoC's layout `mav0/cam0/data.csv` names pictures in `mav0/cam0/data` by their
/// times and `mav0/imu0/data.csv` holds the IMU; else a table beside the pictures (`times.csv`, TUM RGB-D's `rgb.txt` and so on) and
/// `imu.csv`.
///
/// Both tables are on one clock, EuRoC's in nanoseconds, which is also how they are kept: both clocks here begin at the first picture's
/// time, so the offset between them is 0 but for what calibration finds. IMU columns are rate x y z (rad/s) and specific force x y z (m/s²) in the frame `Body`.
/// Source: Burri et al., The EuRoC micro aerial vehicle datasets, IJRR 2016; TUM-VI writes the same.
public final class PictureFolder: FrameSource {
    /// One line of `cam0/data.csv`.
    struct Entry {
        var time: Timestamp<VideoClock>
        var file: URL
    }

    public let url: URL
    public let width: Int
    public let height: Int
    /// Pictures that the table names.
    public var statedFrameCount: Int { entries.count }
    /// All times, the first 0.
    public var frameTimes: [Timestamp<VideoClock>] { entries.map(\.time) }
    /// The first picture's time on the recorder's own clock, nanoseconds.
    public let origin: Int64
    /// What was concluded about the tables, in sentences.
    public private(set) var remarks: [String] = []
    /// Where the IMU's table is or would be, from the folder on.
    public var inertialTable: String { layout.isEuroc ? "imu0/data.csv" : layout.inertial.lastPathComponent }
    private let layout: PictureTable
    let format: VideoReader.Options.Format
    let entries: [Entry]
    private var next = 0
    /// The file read last, as it is, with its place in `entries`.
    private var held: (index: Int, image: Image)

    /// Whether a folder has this layout.
    public static func isPictureFolder(_ url: URL) -> Bool {
        PictureTable(in: url) != nil
    }

    /// Reads the table of pictures and the first picture, whose size all must have.
    public init(_ url: URL, format: VideoReader.Options.Format = .gray) throws(ImagingError) {
        self.url = url
        self.format = format
        guard let layout = PictureTable(in: url) else {
            throw .file(
                path: url.path,
                reason: "holds no mav0/cam0/data.csv and no table of pictures (\(PictureTable.names[0...3].joined(separator: ", ")) …)")
        }
        self.layout = layout
        let file = layout.file
        let text = try Self.rows(of: file, columns: 2)
        let column = layout.isEuroc ? TimeColumn.nanoseconds : TimeColumn(text)
        var start: Int64 = 0
        var entries: [Entry] = []
        for row in text.rows.indices where !text.isHeader(row) {
            let time: Timestamp<VideoClock> = try column.time(text, row)
            if entries.isEmpty { start = time.nanoseconds }
            let stamp = Timestamp<VideoClock>(nanoseconds: time.nanoseconds - start)
            guard entries.last.map({ $0.time < stamp }) ?? true else {
                throw ImagingError(text.error(row, 0, "\(layout.isEuroc ? "ns " : "")does not come after the time before"))
            }
            entries.append(Entry(time: stamp, file: try layout.picture(text, row)))
        }
        guard !entries.isEmpty else {
            throw .format(path: file.path, location: "line 1", reason: "no picture is named: 'time, file name' is accepted")
        }
        let image = try Image(contentsOf: entries[0].file)
        self.entries = entries
        origin = start
        width = image.width
        height = image.height
        held = (0, image)
        if let remark = column.remark { remarks.append(remark) }
        DecodeLog.shared.add(to: url)
    }

    public func nextFrame() throws(ImagingError) -> VideoFrame? {
        guard next < entries.count else { return nil }
        let image = try picture(next)
        next += 1
        return VideoFrame(index: next - 1, time: entries[next - 1].time, image: Self.converted(image, format))
    }

    public func skipFrame() throws(ImagingError) -> Timestamp<VideoClock>? {
        guard next < entries.count else { return nil }
        next += 1
        return entries[next - 1].time
    }

    public func lastFrame(_ format: VideoReader.Options.Format) throws(ImagingError) -> Image {
        guard next > 0 else { throw .file(path: url.path, reason: "no frame has been handed out or skipped yet") }
        return Self.converted(try picture(next - 1), format)
    }

    private static func converted(_ image: Image, _ format: VideoReader.Options.Format) -> Image {
        format == .gray ? image.gray : image.rgb
    }

    /// One file, read once as long as it is the last asked for; the pictures before `index` are good where it is not.
    private func picture(_ index: Int) throws(ImagingError) -> Image {
        if held.index == index { return held.image }
        let file = entries[index].file
        let image: Image
        do { image = try Image(contentsOf: file) } catch {
            throw .truncated(path: url.path, decodedFrames: index, reason: error.description)
        }
        DecodeLog.shared.add(to: url)
        guard image.width == width, image.height == height else {
            throw .truncated(
                path: url.path, decodedFrames: index,
                reason: "\(file.path) is \(image.width)x\(image.height), the pictures before it \(width)x\(height)")
        }
        held = (index, image)
        return image
    }

    /// The IMU's readings; nil where the folder has no table of them.
    public func inertialRecording() throws(ImagingError) -> InertialRecording? {
        let file = layout.inertial
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let text = try Self.rows(of: file, columns: 7)
        let column = layout.isEuroc ? TimeColumn.nanoseconds : TimeColumn(text)
        var out = InertialRecording(gyroscope: [], accelerometer: [])
        for row in text.rows.indices where !text.isHeader(row) {
            let time: Timestamp<InertialClock> = try column.time(text, row)
            let values = text.rows[row].fields[1...6].compactMap { NumberText.number($0) }
            guard values.count == 6 else { throw ImagingError(text.error(row, 1, "begins no reading: six finite numbers are accepted")) }
            let stamp = Timestamp<InertialClock>(nanoseconds: time.nanoseconds - origin)
            guard out.gyroscope.last.map({ $0.time < stamp }) ?? true else {
                throw ImagingError(text.error(row, 0, "does not come after the time before"))
            }
            out.gyroscope.append(VectorSample(time: stamp, value: Vector3(values[0], values[1], values[2])))
            out.accelerometer.append(VectorSample(time: stamp, value: Vector3(values[3], values[4], values[5])))
        }
        return out
    }

    /// A table's lines of at least so many fields; the header is a comment in these files, or names that are no numbers.
    private static func rows(of file: URL, columns: Int) throws(ImagingError) -> TextRows {
        let text: TextRows
        do { text = try TextRows(contentsOf: file, separator: PictureTable.separator(of: file)) } catch { throw ImagingError(error) }
        for row in text.rows where row.fields.count < columns {
            throw .format(path: file.path, location: "line \(row.line)", reason: "\(row.fields.count) fields, \(columns) are needed")
        }
        return text
    }
}

public import Foundation
public import Geometry
public import Imaging
public import Session

/// A background model in a folder, so that every process that needs it reads it instead of making it.
///
/// `background.json` (sizes, frames, tags), `background.bin` (little-endian: the fall-off's gains as float32, then for each point three float64
/// and a float32, and a byte that tells the table), `background.mov` (the views' pictures, lossless). What follows from those is made again.
extension BackgroundModel {
    struct Header: Codable {
        static let current = 1
        var version = Header.current
        var width: Int
        var height: Int
        var frames: [Int]
        var points: Int
        var tagIDs: [Int]
    }

    static let headerFile = "background.json"
    static let numbersFile = "background.bin"
    static let picturesFile = "background.mov"
    /// Bytes of a point.
    static let pointSize = 3 * 8 + 4 + 1

    public func write(to folder: URL) throws(HumanError) {
        guard let first = views.first else { throw .input(location: "background model", reason: "has no view") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * gains.count + Self.pointSize * cloud.points.count)
        func put<T: FixedWidthInteger>(_ value: T) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        for gain in gains { put(gain.bitPattern) }
        for point in cloud.points {
            for value in [point.place.x, point.place.y, point.place.z] { put(value.bitPattern) }
            put(point.size.bitPattern)
            bytes.append(point.isTable ? 1 : 0)
        }
        let header = Header(
            width: first.full.width, height: first.full.height, frames: views.map(\.frame), points: cloud.points.count,
            tagIDs: tagIDs.sorted())
        do {
            try FileBytes.write(bytes, to: folder.appendingPathComponent(Self.numbersFile))
            let writer = try VideoWriter(
                folder.appendingPathComponent(Self.picturesFile), width: first.full.width, height: first.full.height, channels: 3,
                options: VideoWriter.Options(.ffv1, rate: Rational(30)))
            for view in views { try writer.append(view.full) }
            try writer.finish()
            try FileBytes.write(JSONText.encode(header), to: folder.appendingPathComponent(Self.headerFile))
        } catch {
            throw .source(reason: "\(folder.path): writing the background model: \(error)")
        }
    }
}

extension HumanMasker {
    /// Reads what `BackgroundModel.write` wrote.
    /// - Parameters:
    ///   - poses, tags: of the recording that the model was made from, as `background(stream:poses:tags:)` took them.
    public func background(
        contentsOf folder: URL, poses: Trajectory<Table, Camera>, tags: [Int: [TagDetection]]
    ) throws(HumanError) -> BackgroundModel {
        func refused(_ file: String, _ reason: String) -> HumanError {
            .source(reason: "\(folder.appendingPathComponent(file).path): \(reason)")
        }
        let header: BackgroundModel.Header
        let bytes: [UInt8]
        do {
            header = try JSONText.decode(BackgroundModel.Header.self, from: folder.appendingPathComponent(BackgroundModel.headerFile))
            bytes = try FileBytes.read(folder.appendingPathComponent(BackgroundModel.numbersFile))
        } catch {
            throw .source(reason: "\(error)")
        }
        guard header.version == BackgroundModel.Header.current, header.width == scale.fullWidth, header.height == scale.fullHeight else {
            throw refused(
                BackgroundModel.headerFile,
                "version \(header.version) of \(header.width)x\(header.height); accepted: version \(BackgroundModel.Header.current) of "
                    + "\(scale.fullWidth)x\(scale.fullHeight)")
        }
        let pixels = scale.width * scale.height
        guard header.points >= 0, header.points <= bytes.count / BackgroundModel.pointSize,
            bytes.count == 4 * pixels + BackgroundModel.pointSize * header.points
        else {
            throw refused(
                BackgroundModel.numbersFile, "\(bytes.count) bytes do not hold \(pixels) gains and \(header.points) points")
        }
        var at = 0
        func take<T: FixedWidthInteger>(_: T.Type) -> T {
            defer { at += MemoryLayout<T>.size }
            return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: T.self)) }
        }
        let gains = (0..<pixels).map { _ in Float(bitPattern: take(UInt32.self)) }
        let points = (0..<header.points).map { _ in
            let place = (0..<3).map { _ in Double(bitPattern: take(UInt64.self)) }
            let size = Float(bitPattern: take(UInt32.self))
            return BackgroundCloud.Point(place: Vector3(place[0], place[1], place[2]), size: size, isTable: take(UInt8.self) != 0)
        }
        let cloud = BackgroundCloud(points: points, options: options.background)
        let views = try self.views(
            header, pictures: folder.appendingPathComponent(BackgroundModel.picturesFile), gains: gains, poses: poses, tags: tags)
        return BackgroundModel(
            views: views, depths: views.map { DepthMap(cloud: cloud, poses: $0.poses, warp: geometry.nodes) }, cloud: cloud, gains: gains,
            fullGains: scale.enlarge(gains), tagIDs: Set(header.tagIDs))
    }

    private func views(
        _ header: BackgroundModel.Header, pictures: URL, gains: [Float], poses: Trajectory<Table, Camera>, tags: [Int: [TagDetection]]
    ) throws(HumanError) -> [BackgroundView] {
        let lookup = TagLookup(tags, masker: self)
        let reader: VideoReader
        do { reader = try VideoReader(pictures) } catch { throw .source(reason: "\(error)") }
        var views: [BackgroundView] = []
        for frame in header.frames {
            let next: VideoFrame?
            do { next = try reader.nextFrame() } catch { throw .source(reason: "\(error)") }
            guard let full = next?.image, full.width == scale.fullWidth, full.height == scale.fullHeight,
                poses.times.indices.contains(frame),
                let rows = rows(poses, at: poses.times[frame])
            else {
                throw .source(reason: "\(pictures.path): frame \(frame) of the recording has no picture or no pose any more")
            }
            views.append(try view(frame, full: full, small: try smoothed(scale.shrink(full)), rows: rows, gains: gains, lookup))
        }
        return views
    }

    /// A view with what follows from its picture.
    func view(
        _ frame: Int, full: Image, small: Image, rows: RowPoses, gains: [Float], _ lookup: TagLookup
    ) throws(HumanError) -> BackgroundView {
        let background = PixelClass.background.rawValue
        let seen = try mask.classes(tags: lookup[frame])
        let classes = scale.sampled(seen)
        return BackgroundView(
            frame: frame, image: small, picture: try ColourPicture(small, gains: gains), poses: rows,
            blocked: classes.pixels.map { $0 != background }, full: full,
            fullBlocked: Image(
                width: seen.width, height: seen.height, channels: 1, pixels: seen.pixels.map { $0 == background ? 0 : 255 }),
            detailRadius: options.background.detailRadius)
    }
}

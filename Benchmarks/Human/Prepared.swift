import Foundation
import Geometry
import Human
import Imaging
import Mapping
import Session
import Simulation

/// Seconds of processor time that add up.
final class Stopwatch {
    var seconds = 0.0
}

/// One recording of a prepared session: pictures, our own poses and tags.
struct PreparedRecording {
    var recording: Recording
    var poses: Trajectory<Table, Camera>
    var tags: [Int: [TagDetection]]
    let decoding = Stopwatch()

    /// All tags of a recording by frame; found once, and read from `url` from then on.
    static func tags(_ recording: Recording, keptAt url: URL) throws -> [Int: [TagDetection]] {
        if !FileManager.default.fileExists(atPath: url.path) {
            var table = CSVTable(header: ["frame", "id", "x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3"])
            let source = try recording.frames(.gray)
            let detector = TagDetector()
            while let frame = try source.nextFrame() {
                for tag in try detector.detect(in: frame.image) {
                    table.rows.append(["\(frame.index)", "\(tag.id)"] + tag.corners.flatMap { [$0.x.fixed(4), $0.y.fixed(4)] })
                }
            }
            try table.write(to: url)
        }
        var tags: [Int: [TagDetection]] = [:]
        for row in try CSVTable(contentsOf: url).rows {
            let v = row.compactMap(Double.init)
            tags[Int(v[0]), default: []].append(
                TagDetection(id: Int(v[1]), corners: (0..<4).map { Vector2(v[2 + 2 * $0], v[3 + 2 * $0]) }))
        }
        return tags
    }

    /// The pictures made small, held in memory.
    func small(_ working: WorkingPictures) throws(HumanError) -> PictureStream {
        var pictures: [(frame: Int, time: Timestamp<VideoClock>, picture: Image)] = []
        try stream { (frame, time, picture) throws(HumanError) in pictures.append((frame, time, try working.shrink(picture))) }
        return { [pictures] visit throws(HumanError) in
            for p in pictures { try visit(p.frame, p.time, p.picture) }
        }
    }

    /// The pictures, decoded anew at each call.
    var stream: PictureStream {
        { visit throws(HumanError) in
            do throws(ImagingError) {
                let source = try recording.frames(.rgb)
                func next() throws(ImagingError) -> VideoFrame? {
                    let mark = threadSeconds()
                    defer { decoding.seconds += threadSeconds() - mark }
                    return try source.nextFrame()
                }
                while let frame = try next() {
                    do throws(HumanError) { try visit(frame.index, frame.time, frame.image) } catch {
                        throw ImagingError.operation("visit", reason: "\(error)")
                    }
                }
            } catch {
                throw HumanError.source(reason: "\(error)")
            }
        }
    }
}

/// A simulated session with poses by our own mapping and localisation; both are kept in the cache.
struct PreparedSession {
    var name: String
    var scenario: Scenario
    var folder: URL
    var device: Device
    var mapping: PreparedRecording
    var demo: PreparedRecording
    var deviceMask: DeviceMask

    /// Simulates and maps where the cache does not hold it yet.
    init(_ file: URL, cache: URL, options: MaskOptions) throws {
        name = file.deletingPathExtension().lastPathComponent
        scenario = try Scenario(contentsOf: file)
        let key = try SHA256.hex(ofFile: file).prefix(8)
        folder = cache.appendingPathComponent("human-\(name)-\(key)")
        if !FileManager.default.fileExists(atPath: folder.path) { try Simulator.run(scenario: scenario, output: folder) }
        let device = try Device(contentsOf: folder.appendingPathComponent("truth/device.yaml"))
        self.device = device
        let folder = folder
        func kept(_ name: String) -> URL { folder.appendingPathComponent("own_\(name).csv") }
        let mapVideo = try Recording(folder.appendingPathComponent("mapping.mp4"))
        let demoVideo = try Recording(folder.appendingPathComponent("demo.mp4"))
        if !FileManager.default.fileExists(atPath: kept("demo").path) {
            let map = try Mapper.build(mapVideo.frames(.gray), inertial: mapVideo.inertial, device: device)
            guard let tableFromMap = map.map.tableFromMap else {
                throw HumanError.input(location: name, reason: "the table tag was not seen")
            }
            let found = try Localizer.localize(demoVideo.frames(.gray), inertial: demoVideo.inertial, device: device, in: map.map)
            if case .lost(let why) = found.verdict { throw HumanError.input(location: name, reason: why) }
            try map.trajectory.seen(from: tableFromMap).csv.write(to: kept("mapping"))
            try found.trajectory.seen(from: tableFromMap).csv.write(to: kept("demo"))
        }
        func prepared(_ recording: Recording, _ name: String) throws -> PreparedRecording {
            let tags = try PreparedRecording.tags(recording, keptAt: kept("tags_\(name)"))
            return PreparedRecording(recording: recording, poses: try Trajectory(csv: kept(name)), tags: tags)
        }
        mapping = try prepared(mapVideo, "mapping")
        demo = try prepared(demoVideo, "demo")
        var builder = try DeviceMaskBuilder(device: device, width: demoVideo.width, height: demoVideo.height, options: options.device)
        for (number, part) in [mapping, demo].enumerated() {
            let wanted = Set(DeviceMaskBuilder.frames(of: part.recording.frameTimes.count, options: options.device))
            let source = try part.recording.frames(.rgb)
            while let frame = try source.nextFrame() {
                if wanted.contains(frame.index) {
                    try builder.add(
                        prepared: try builder.prepare(frame.image), tags: part.tags[frame.index] ?? [], recording: number)
                }
            }
        }
        let built = try builder.build()
        deviceMask = try HumanMasker(device: device, mask: built, options: options).trimmed(
            stream: mapping.stream, poses: mapping.poses, tags: mapping.tags)
    }

    func truth(_ file: String) throws -> VideoReader {
        let isMap = file.hasSuffix("mov")
        return try VideoReader(folder.appendingPathComponent("truth/demo/\(file)"), options: VideoReader.Options(isMap ? .gray : .rgb))
    }
}

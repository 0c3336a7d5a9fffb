import Foundation
import Geometry
import Imaging
import Session
import Testing

@testable import Mapping

struct FeatureTracksTests {
    /// A device whose camera is the desk's.
    static func device(_ desk: ShakyDesk) -> Device {
        var device = Device(name: "desk", camera: desk.camera)
        device.bodyFromCamera = Transform(rotation: desk.bodyFromCamera, translation: .zero)
        device.clockOffset = ClockOffset(seconds: desk.offset)
        return device
    }

    static func extracted(frames: Int) throws -> FeatureTracks {
        let desk = ShakyDesk(frames: frames, pictureShake: 1)
        return try FeatureTracks.extract(desk, inertial: desk.inertial, device: device(desk))
    }

    @Test func picturesHandedOverOneByOneGiveTheSameTracks() throws {
        let pulled = try Self.extracted(frames: 40)
        #expect(pulled.frameCount == 40 && pulled.trackCount > 100 && pulled.features.contains { $0 != nil })
        let desk = ShakyDesk(frames: 40, pictureShake: 1)
        var recorder = try TrackRecorder(
            width: desk.width, height: desk.height, device: Self.device(desk), inertial: desk.inertial)
        #expect(throws: MappingError.self) { try recorder.finish() }
        while let frame = try desk.nextFrame() { try recorder.add(frame) }
        #expect(try recorder.finish() == pulled)
        #expect(try recorder.finish(readProblem: "cut").readProblem == "cut")

        let wide = VideoFrame(index: 40, time: Timestamp(seconds: 9), image: Image(width: 640, height: 240, channels: 1))
        #expect(throws: MappingError.self) { try recorder.add(wide) }
        // A frame out of order ends the tracks there, and says so.
        try recorder.add(VideoFrame(index: 41, time: Timestamp(seconds: 0.5), image: Image(width: 320, height: 240, channels: 1)))
        try recorder.add(VideoFrame(index: 42, time: Timestamp(seconds: 10), image: Image(width: 320, height: 240, channels: 1)))
        #expect(recorder.frameCount == 40)
        #expect(try recorder.finish(readProblem: "cut").readProblem?.contains("frame 41") == true)
    }

    @Test func aFileGivesBackWhatWasWritten() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-tracks-\(UInt64.random(in: 0...UInt64.max)).bin")
        defer { try? FileManager.default.removeItem(at: url) }
        var synthetic = SyntheticRecording()
        synthetic.duration = 1
        var tracks = synthetic.tracks(SyntheticRecording.Scene(seed: 5))
        tracks.readProblem = "cut off after 1 s – Ende"
        for written in [tracks, try Self.extracted(frames: 12), FeatureTracks(width: 4, height: 3)] {
            try written.write(to: url)
            #expect(try FeatureTracks(contentsOf: url) == written)
            #expect(try Data(contentsOf: url) == written.encoded())
        }
        #expect(throws: MappingError.self) { try FeatureTracks(contentsOf: url.appendingPathExtension("missing")) }
        tracks.trackCount = 1 << 30
        #expect(throws: MappingError.self) { try tracks.write(to: url) }
    }

    @Test func aDamagedFileIsRefused() throws {
        var tracks = FeatureTracks(width: 64, height: 48)
        for f in 0..<3 {
            let set = FeatureSet(kind: .orb, keypoints: [Keypoint(position: Vector2(5.1, 6))], descriptors: (0..<32).map { UInt8($0) })
            tracks.appendFrame(
                Timestamp(nanoseconds: Int64(f) * 33_000_000), isKeyframe: f == 0, points: [(0, Vector2(1.5, 2)), (1, Vector2(3, 4.1))],
                tableTag: f == 1 ? (0..<4).map { Vector2(Double($0), 1) } : nil, features: f == 2 ? set : nil)
        }
        let bytes = [UInt8](tracks.encoded())
        #expect(try FeatureTracks(decoding: bytes) == tracks)
        for i in bytes.indices {
            var damaged = bytes
            damaged[i] ^= 0x10
            #expect(throws: FileFormatError.self, "byte \(i)") { try FeatureTracks(decoding: damaged) }
            #expect(throws: FileFormatError.self, "cut at \(i)") { try FeatureTracks(decoding: Array(bytes[..<i])) }
        }
        // Whoever also puts the checksum right finds every count held against the bytes that are there.
        func forged(_ at: Int, _ value: Int32) -> [UInt8] {
            var changed = Array(bytes.dropLast(8))
            withUnsafeBytes(of: value.littleEndian) { changed.replaceSubrange(at..<(at + 4), with: $0) }
            var w = BinaryWriter()
            w.bytes.append(contentsOf: changed)
            w.put(checksum(changed))
            return [UInt8](w.bytes)
        }
        #expect(try FeatureTracks(decoding: forged(4, 1)) == tracks)
        for (at, what) in [(4, "version"), (8, "width"), (16, "tracks"), (20, "frames"), (51, "points of frame 0"), (186, "tag")] {
            for value in [Int32.max, .min, 1 << 24] where what != "width" || value < 0 {
                #expect(throws: FileFormatError.self, "\(what) \(value)") { try FeatureTracks(decoding: forged(at, value)) }
            }
        }
    }
}

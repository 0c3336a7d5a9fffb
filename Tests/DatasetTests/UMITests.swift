@testable import Dataset
import Foundation
import Geometry
import Imaging
import Testing

struct UMITests {
    private var small: UMIOptions {
        var options = UMIOptions()
        options.imageSize = 32
        return options
    }

    @Test func whatIsWrittenComesBack() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dataset.zarr.zip")
        try Sample.writeUMI(file, options: small)
        var thorough = ValidationOptions()
        thorough.decodesEveryPicture = true
        let problems = try DatasetValidator.validate(file, options: thorough)
        // The one thing to say: 32 pixels are not what UMI trains on.
        #expect(problems.map(\.severity) == [.warning] && problems[0].reason.contains("224x224"))
        let store = ZarrStore(zip: try ZipReader(path: file.path))
        let position = try store.description("data/robot0_eef_pos")
        #expect(position.shape == [157, 3] && position.chunks == [50, 3] && position.dtype == "<f4")
        let values = try store.values("data/robot0_eef_pos", position)
        for (row, episode, frame) in [(0, 0, 0), (49, 0, 49), (50, 1, 0), (156, 2, 59)] {
            let p = Sample.umiFrame(episode, frame).tableFromTool.translation
            #expect(abs(values[row * 3] - p.x) < 1e-7 && abs(values[row * 3 + 1] - p.y) < 1e-7 && abs(values[row * 3 + 2] - p.z) < 1e-7)
        }
        // The last chunk is stored at its full size: 4 chunks of 50 rows of 12 bytes.
        #expect(store.zip.entry("data/robot0_eef_pos/3.0")?.size == 600)
        #expect(try store.values("meta/episode_ends", try store.description("meta/episode_ends")) == [50, 97, 157])
        let summary = try DatasetSummary(contentsOf: file)
        #expect(summary.format == .umi && summary.episodeLengths == [50, 47, 60])
    }

    /// A rotation comes back as the same rotation, also near half a turn, where the vector's sign is free.
    @Test func rotationVectorsHoldTheRotation() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dataset.zarr.zip")
        let writer = try UMIWriter(path: file, options: small)
        var random = Seeded(state: 3)
        let rotations = (0..<40).map { i in
            Rotation(
                axis: Vector3(
                    .random(in: -1...1, using: &random), .random(in: -1...1, using: &random), .random(in: 0.1...1, using: &random)),
                angle: .pi - 1e-4 * Double(i - 20))
        }
        writer.beginEpisode()
        for rotation in rotations {
            try writer.append(
                UMIFrame(tableFromTool: Transform(rotation: rotation, translation: .zero), gripperWidth: 0),
                image: Image(width: 32, height: 32, channels: 3))
        }
        try writer.endEpisode()
        try writer.finish()
        let store = ZarrStore(zip: try ZipReader(path: file.path))
        let values = try store.values("data/robot0_eef_rot_axis_angle", try store.description("data/robot0_eef_rot_axis_angle"))
        for (i, rotation) in rotations.enumerated() {
            let read = Rotation(vector: Vector3(values[i * 3], values[i * 3 + 1], values[i * 3 + 2]))
            #expect(read.angle(to: rotation) < 1e-6)
        }
    }

    @Test func sameInputGivesSameBytesAndAbandonedEpisodesLeaveNoTrace() throws {
        let folder = try TemporaryFolder()
        try Sample.writeUMI(folder.file("a.zarr.zip"), lengths: [20, 10], options: small)
        let writer = try UMIWriter(path: folder.file("b.zarr.zip"), options: small)
        for (episode, length) in [(0, 20), (5, 7), (1, 10)] {
            writer.beginEpisode()
            for index in 0..<length {
                try writer.append(Sample.umiFrame(episode, index), image: Sample.picture(episode, index, width: 32, height: 32))
            }
            if episode == 5 { try writer.abandonEpisode() } else { try writer.endEpisode() }
        }
        try writer.finish()
        #expect(try Data(contentsOf: folder.file("a.zarr.zip")) == Data(contentsOf: folder.file("b.zarr.zip")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["a.zarr.zip", "b.zarr.zip"])
    }

    @Test func badInputIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dataset.zarr.zip")
        let writer = try UMIWriter(path: file, options: small)
        writer.beginEpisode()
        let picture = Image(width: 32, height: 32, channels: 3)
        var frame = Sample.umiFrame(0, 0)
        frame.gripperWidth = .nan
        #expect { try writer.append(frame, image: picture) } throws: { "\($0)".contains("episode 0, frame 0: robot0") }
        #expect { try writer.append(Sample.umiFrame(0, 0), image: Image(width: 31, height: 32, channels: 3)) } throws: {
            "\($0)".contains("31x32")
        }
        #expect(throws: DatasetError.self) { try writer.endEpisode() }
        #expect { try writer.finish() } throws: { "\($0)".contains("no episode was written") }
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func picturesAreTheCentreSquare() throws {
        var wide = Image(width: 40, height: 20, channels: 3)
        // Red in the outer quarters, green in the centre square.
        for y in 0..<20 { for x in 0..<40 { wide.pixels[(y * 40 + x) * 3 + ((10..<30).contains(x) ? 1 : 0)] = 200 } }
        let square = try UMIPicture.prepare(wide, size: 10)
        #expect(square.width == 10 && square.height == 10)
        #expect(stride(from: 0, to: 300, by: 3).allSatisfy { square.pixels[$0] == 0 && square.pixels[$0 + 1] == 200 })
    }

    @Test func jpegXLKeepsThePictureAndRefusesRubbish() throws {
        let picture = Sample.picture(0, 3, width: 96, height: 64)
        let bytes = try JPEGXL.encode(picture, distance: 0.19, effort: 3)
        // A bare codestream, no container.
        #expect(bytes.starts(with: [0xFF, 0x0A]))
        let decoded = try JPEGXL.decode(bytes, path: "p")
        let squares = zip(decoded.pixels, picture.pixels).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        #expect(10 * log10(255 * 255 / (squares / Double(picture.pixels.count))) > 42)
        #expect(try JPEGXL.encode(picture, distance: 0.19, effort: 3) == bytes)
        for broken in [[], [1, 2, 3], Array(bytes.prefix(bytes.count / 2))] as [[UInt8]] {
            #expect(throws: DatasetError.self) { try JPEGXL.decode(broken, path: "p") }
        }
    }
}

struct ZipTests {
    /// The check value of CRC-32/ISO-HDLC.
    @Test func checksum() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.of([]) == 0)
    }

    /// More entries than the old directory can count, so that Zip64 is needed.
    @Test func manyEntries() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("many.zip").path
        let writer = try ZipWriter(path: path)
        for i in 0..<70_000 { try writer.add("e/\(i)", [UInt8(i % 251)]) }
        try writer.close()
        let reader = try ZipReader(path: path)
        #expect(reader.entries.count == 70_000)
        #expect(try reader.bytes("e/69999") == [UInt8(69_999 % 251)])
    }

    @Test func damageIsFound() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("a.zip")
        let writer = try ZipWriter(path: url.path)
        try writer.add("name", Array("some bytes".utf8))
        try writer.close()
        var bytes = try Data(contentsOf: url)
        bytes[34] ^= 1
        try bytes.write(to: url)
        #expect { try ZipReader(path: url.path).bytes("name") } throws: { "\($0)".contains("checksum") }
        for count in [0, 10, bytes.count - 4] {
            try bytes.prefix(count).write(to: url)
            #expect { try ZipReader(path: url.path) } throws: { "\($0)".contains("a.zip") }
        }
        #expect { try ZipReader(path: folder.file("none.zip").path) } throws: { "\($0)".contains("does not exist") }
    }
}

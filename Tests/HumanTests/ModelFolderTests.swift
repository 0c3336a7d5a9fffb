import Foundation
import Human
import Imaging
import Testing

/// A folder for one test, removed with it.
final class ScratchFolder {
    let url: URL
    init(_ name: String) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(name)-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: url.appendingPathComponent(name)) }
    func write(_ image: Image, _ name: String) throws { try Data(image.pngBytes()).write(to: url.appendingPathComponent(name)) }
}

/// What a call throws, as text; empty where it throws nothing.
func complaint(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}

/// Masks and plates from a folder: read as drawn, every fault named with its frame and what would be accepted.
@Suite struct ModelFolderTests {
    let json = """
        {"schema": "griptrace.masks.v1", "kind": "masks", "origin": "drawn by hand", "recording": "demo", "width": 8, "height": 6, "frames": 3}
        """

    func mask(_ value: UInt8, at index: Int = 9) -> Image {
        var out = Image(width: 8, height: 6, channels: 1)
        out.pixels[index] = value
        out.pixels[20] = 128
        return out
    }

    func open(_ folder: ScratchFolder, _ kind: MaskFolderManifest.Kind = .masks) throws -> MaskFolder {
        try MaskFolder(folder.url, kind: kind, recording: "demo", width: 8, height: 6, frames: 3)
    }

    func good() throws -> ScratchFolder {
        let folder = try ScratchFolder("masks")
        try folder.write(json, "masks.json")
        for i in 0..<3 { try folder.write(mask(255, at: i), "frame_00000\(i).png") }
        return folder
    }

    @Test func masksAreReadAsDrawn() throws {
        let folder = try good()
        let masks = try open(folder)
        let mask = try #require(try masks.mask(frame: 2))
        #expect(mask.values == self.mask(255, at: 2))
        let evidence = mask.evidence()
        #expect(evidence.probability[2] == 0.98 && evidence.probability[20].isNaN && evidence.probability[5] == 0.02)
        let key = try masks.key()
        try folder.write(self.mask(255, at: 3), "frame_000001.png")
        #expect(try open(folder).key() != key)
    }

    @Test func everyFaultIsNamed() throws {
        let cases: [(fault: String, words: [String], plant: (ScratchFolder) throws -> Void)] = [
            (
                "no manifest", ["masks.json", "does not exist", "accepted"],
                { try FileManager.default.removeItem(at: $0.url.appendingPathComponent("masks.json")) }
            ),
            ("broken manifest", ["masks.json", "valid JSON"], { try $0.write("{", "masks.json") }),
            (
                "missing key", ["masks.json", "origin", "is missing"],
                { [json] in try $0.write(json.replacing("\"origin\": \"drawn by hand\", ", with: ""), "masks.json") }
            ),
            (
                "other recording", ["recording", "\"other\"", "\"demo\""],
                { [json] in try $0.write(json.replacing("\"demo\"", with: "\"other\""), "masks.json") }
            ),
            (
                "other size", ["3 frames of 9x6", "3 of 8x6"],
                { [json] in try $0.write(json.replacing("\"width\": 8", with: "\"width\": 9"), "masks.json") }
            ),
            (
                "a frame is missing", ["frame 1", "no PNG", "frame_000001.png"],
                { try FileManager.default.removeItem(at: $0.url.appendingPathComponent("frame_000001.png")) }
            ),
            ("a frame too many", ["frame_000003.png", "0 to 2"], { [self] in try $0.write(self.mask(255), "frame_000003.png") }),
            ("a frame twice", ["frame 1", "also"], { [self] in try $0.write(self.mask(255), "x_1.png") }),
            (
                "zeros and ones", ["frame 1", "value 1", "column 1, row 1", "255 human"],
                { [self] in try $0.write(self.mask(1), "frame_000001.png") }
            ),
            ("another size", ["frame 1", "is 4x3", "8x6"], { try $0.write(Image(width: 4, height: 3, channels: 1), "frame_000001.png") }),
            ("no picture", ["frame_000001.png", "frame 1"], { try $0.write("not a png", "frame_000001.png") }),
            (
                "a colour picture", ["frame 1", "colour"],
                { folder in
                    var image = Image(width: 8, height: 6, channels: 3)
                    image.pixels[4] = 255
                    try folder.write(image, "frame_000001.png")
                }
            ),
        ]
        for (fault, words, plant) in cases {
            let folder = try good()
            try plant(folder)
            let text = complaint {
                let masks = try open(folder)
                for i in 0..<3 { _ = try masks.mask(frame: i) }
            }
            for word in words { #expect(text.contains(word), "\(fault): \(text)") }
        }
        let folder = try good()
        #expect(complaint { _ = try open(folder, .plates) }.contains("plates are asked for"))
        #expect(
            complaint {
                _ = try MaskFolder(
                    folder.url.appendingPathComponent("nowhere"), kind: .masks, recording: "demo", width: 8, height: 6, frames: 3)
            }.contains("is no folder"))
    }

    /// A wide recording is worked on at half its size; masks made of its file are brought to that.
    @Test func masksOfTheRecordedSizeAreTaken() throws {
        let folder = try good()
        func open(_ recorded: (width: Int, height: Int)?) throws -> MaskFolder {
            try MaskFolder(folder.url, kind: .masks, recording: "demo", width: 4, height: 3, recorded: recorded, frames: 3)
        }
        let mask = try #require(try open((8, 6)).mask(frame: 0)).values
        #expect(mask.width == 4 && mask.height == 3 && mask.pixels.allSatisfy { [0, 128, 255].contains($0) } && mask.pixels[0] == 255)
        #expect(complaint { _ = try open(nil) }.contains("of 8x6; demo has 3 of 4x3"))
        #expect(complaint { _ = try open((16, 12)) }.contains("of 8x6; demo has 3 of 4x3 (16x12 in the file)"))
    }

    @Test func aGapMayMeanNothing() throws {
        let folder = try good()
        try folder.write(json.replacing("\"frames\"", with: "\"missing\": \"unsure\", \"frames\""), "masks.json")
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("frame_000001.png"))
        let masks = try open(folder)
        #expect(try masks.mask(frame: 1) == nil)
        #expect(try masks.mask(frame: 0) != nil)
    }

    /// What is exported can be taken in again and says the same.
    @Test func exportIsTakenInAgain() throws {
        let folder = try ScratchFolder("export")
        var writer = MaskFolderWriter(folder.url, recording: "demo", origin: "griptrace", width: 8, height: 6)
        for i in 0..<3 {
            var classes = Image(width: 8, height: 6, everywhere: .background)
            classes.pixels[i] = PixelClass.human.rawValue
            classes.pixels[i + 8] = PixelClass.humanMargin.rawValue
            classes.pixels[40] = PixelClass.device.rawValue
            var provenance = Image(width: 8, height: 6, channels: 1)
            provenance.pixels[i] = Provenance.observed.rawValue
            var probability = Image(width: 4, height: 3, channels: 1)
            probability.pixels[5] = 200
            try writer.append(classes: classes, humanProbability: probability, provenance: i == 1 ? nil : provenance)
        }
        #expect(complaint { _ = try open(folder) }.contains("masks.json"), "not done before masks.json")
        try writer.finish()
        let mask = try #require(try open(folder).mask(frame: 2))
        #expect(mask.values.pixels.indices.filter { mask.values.pixels[$0] == 255 } == [2])
        #expect(mask.values.pixels.indices.filter { mask.values.pixels[$0] == 128 } == [10])
        let provenance = try Image(contentsOf: folder.url.appendingPathComponent("provenance/frame_000002.png"))
        #expect(provenance.pixels[2] == 1 && provenance.pixels.reduce(0) { $0 + Int($1) } == 1)
        let written = try Image(contentsOf: folder.url.appendingPathComponent("probability/frame_000001.png"))
        #expect(written.pixels.indices.filter { written.pixels[$0] != 0 } == [18, 19, 26, 27])
        #expect(
            try Image(contentsOf: folder.url.appendingPathComponent("classes/frame_000001.png")).pixels[40] == PixelClass.device.rawValue)
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("provenance/frame_000001.png").path))
    }
}

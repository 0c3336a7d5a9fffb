import Foundation
import Human
import Imaging
import Testing

/// Just enough of protocol buffers and ONNX to write a network of one 1×1 convolution.
enum TinyONNX {
    private static func varint(_ value: Int) -> [UInt8] {
        var (v, out) = (UInt64(value), [UInt8]())
        while v > 127 {
            out.append(UInt8(v & 127) | 128)
            v >>= 7
        }
        return out + [UInt8(v)]
    }

    private static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
    private static func bytes(_ field: Int, _ value: [UInt8]) -> [UInt8] { varint(field << 3 | 2) + varint(value.count) + value }
    private static func text(_ field: Int, _ value: String) -> [UInt8] { bytes(field, Array(value.utf8)) }
    static func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { v in (0..<4).map { UInt8(truncatingIfNeeded: v.bitPattern >> (8 * $0)) } }
    }

    private static func tensor(_ name: String, _ dims: [Int], _ values: [Float]) -> [UInt8] {
        dims.flatMap { number(1, $0) } + number(2, 1) + text(8, name) + bytes(9, floats(values))
    }

    private static func value(_ name: String, _ dims: [Int]) -> [UInt8] {
        let shape = dims.flatMap { bytes(1, number(1, $0)) }
        return text(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)))
    }

    /// logits[c] = weights[c] · rgb + bias[c], for two classes.
    static func model(width: Int, height: Int, weights: [Float], bias: [Float]) -> [UInt8] {
        let node = text(1, "image") + text(1, "w") + text(1, "b") + text(2, "logits") + text(4, "Conv")
        let graph =
            bytes(1, node) + text(2, "tiny") + bytes(5, tensor("w", [2, 3, 1, 1], weights)) + bytes(5, tensor("b", [2], bias))
            + bytes(11, value("image", [1, 3, height, width])) + bytes(12, value("logits", [1, 2, height, width]))
        return number(1, 8) + text(2, "griptrace tests") + bytes(7, graph) + bytes(8, text(1, "") + number(2, 13))
    }
}

/// A user's ONNX model through ONNX Runtime. The runtime comes with the checkers' environments; without it the tests that need it are passed over.
@Suite struct ModelONNXTests {
    static let width = 16
    static let height = 12

    /// The wheel's library, which `Tests/checkers.sh` unpacks.
    static let runtime: String? = {
        if let named = ProcessInfo.processInfo.environment[ONNXRuntime.variable] { return named }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.appendingPathComponent(".deps/checkers/onnx/onnxruntime/capi")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix("libonnxruntime.so") }.sorted().first.map { folder.appendingPathComponent($0).path }
    }()

    func picture() -> Image {
        var out = Image(width: Self.width, height: Self.height, channels: 3)
        for i in 0..<Self.width * Self.height {
            out.pixels[3 * i] = UInt8(i % Self.width * 16)
            out.pixels[3 * i + 1] = 90
            out.pixels[3 * i + 2] = UInt8(i / Self.width * 20)
        }
        return out
    }

    /// A model that calls red human, with its manifest and reference.
    func folder(_ change: (inout [String: Any]) -> Void = { _ in }, reference: (inout [Float]) -> Void = { _ in }) throws -> ScratchFolder {
        let folder = try ScratchFolder("onnx")
        let (weights, bias): ([Float], [Float]) = ([0, 0, 0, 6, -2, 1], [0, -2])
        let model = TinyONNX.model(width: Self.width, height: Self.height, weights: weights, bias: bias)
        try Data(model).write(to: folder.url.appendingPathComponent("tiny.onnx"))
        let picture = picture()
        try folder.write(picture, "reference.png")
        // The reference is worked out here, by hand.
        let n = Self.width * Self.height
        var expected = [Float](repeating: 0, count: 2 * n)
        for i in 0..<n {
            let rgb = (0..<3).map { (Float(picture.pixels[3 * i + $0]) / 255 - 0.5) / 0.25 }
            for c in 0..<2 { expected[c * n + i] = bias[c] + (0..<3).reduce(Float(0)) { $0 + weights[3 * c + $1] * rgb[$1] } }
        }
        reference(&expected)
        try Data(TinyONNX.floats(expected)).write(to: folder.url.appendingPathComponent("reference.f32"))
        var manifest: [String: Any] = [
            "schema": "griptrace.model.v1", "name": "tiny", "model": "tiny.onnx", "sha256": SHA256.hex(of: model), "licence": "Apache-2.0",
            "input": [
                "name": "image", "width": Self.width, "height": Self.height, "layout": "nchw", "colour": "rgb", "scale": 255,
                "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25],
            ] as [String: Any],
            "output": ["name": "logits", "semantics": "logits", "human_classes": [1], "threshold": 0.5] as [String: Any],
            "reference": ["input": "reference.png", "output": "reference.f32"],
        ]
        change(&manifest)
        try JSONSerialization.data(withJSONObject: manifest).write(to: folder.url.appendingPathComponent("model.json"))
        return folder
    }

    func open(_ folder: ScratchFolder) throws -> ONNXModel {
        try ONNXModel(manifest: folder.url.appendingPathComponent("model.json"), runtime: Self.runtime)
    }

    @Test(.enabled(if: runtime != nil, "no ONNX Runtime beside the checkers")) func anAgreeingModelFindsItsClass() throws {
        let model = try open(folder())
        #expect(model.referenceDifference < 1e-5)
        let big = try picture().resized(width: 4 * Self.width, height: 4 * Self.height, by: .nearest)
        let mask = try model.mask(big, frame: 0).values
        #expect(mask.width == big.width && mask.height == big.height)
        for i in stride(from: 0, to: mask.pixels.count, by: 7) {
            let x = (i % mask.width) / 4
            let rgb = (0..<3).map { (Double(big.pixels[3 * i + $0]) / 255 - 0.5) / 0.25 }
            let score = 6 * rgb[0] - 2 * rgb[1] + rgb[2] - 2
            if score > 8, x < Self.width - 1 { #expect(mask.pixels[i] > 240) }
            if score < -8, x > 0 { #expect(mask.pixels[i] < 15) }
        }
        #expect(try open(folder()).mask(big, frame: 0).values == mask)
    }

    /// The same network: refused as soon as its reference output is not what it computes.
    @Test(.enabled(if: runtime != nil, "no ONNX Runtime beside the checkers")) func aFalsifiedReferenceIsRefused() throws {
        let text = complaint { _ = try open(folder(reference: { $0[200] += 0.02 })) }
        #expect(text.contains("reference.output") && text.contains("number 200") && text.contains("0.001"), "\(text)")
        #expect(complaint { _ = try open(folder(reference: { $0[200] += 0.0002 })) } == "")
    }

    @Test(.enabled(if: runtime != nil, "no ONNX Runtime beside the checkers")) func everyFaultIsNamed() throws {
        func input(_ key: String, _ value: Any) -> (inout [String: Any]) -> Void {
            { m in
                var part = m["input"] as? [String: Any] ?? [:]
                part[key] = value
                m["input"] = part
            }
        }
        func output(_ key: String, _ value: Any) -> (inout [String: Any]) -> Void {
            { m in
                var part = m["output"] as? [String: Any] ?? [:]
                part[key] = value
                m["output"] = part
            }
        }
        let cases: [(words: [String], change: (inout [String: Any]) -> Void)] = [
            (["sha256", "tiny.onnx"], { $0["sha256"] = String(repeating: "0", count: 64) }),
            (["licence", "is missing"], { $0.removeValue(forKey: "licence") }),
            (["schema", "griptrace.model.v1"], { $0["schema"] = "v9" }),
            (["nowhere.onnx", "does not exist"], { $0["model"] = "nowhere.onnx" }),
            (["input.layout"], input("layout", "hwc")),
            (["input.std"], input("std", [0, 1, 1])),
            (["input.crop"], input("crop", [0.5, 0, 0.8, 1])),
            (["logits", "image"], input("name", "picture")),
            (["image", "12"], input("width", 20)),
            (["human_classes", "2 classes", "0 to 1"], output("human_classes", [2])),
            (["labels", "1x2x12x16"], output("semantics", "labels")),
            (["threshold"], output("threshold", 1)),
            (["logits"], output("name", "mask")),
        ]
        for (words, change) in cases {
            let text = complaint { _ = try open(folder(change)) }
            for word in words { #expect(text.contains(word), "\(word): \(text)") }
        }
        let short = try folder()
        try Data([1, 2, 3]).write(to: short.url.appendingPathComponent("reference.f32"))
        #expect(complaint { _ = try open(short) }.contains("3 bytes"))
    }

    /// A broken library or model file is a sentence, not a crash.
    @Test func brokenFilesAreRefused() throws {
        let folder = try folder()
        let manifest = folder.url.appendingPathComponent("model.json")
        #expect(complaint { _ = try ONNXModel(manifest: manifest, runtime: "/nowhere/libonnxruntime.so") }.contains("no ONNX Runtime"))
        try folder.write("not a library", "broken.so")
        let text = complaint { _ = try ONNXModel(manifest: manifest, runtime: folder.url.appendingPathComponent("broken.so").path) }
        #expect(text.contains("no ONNX Runtime") && text.contains("broken.so"), "\(text)")
        // A library that is none of ours.
        let other = complaint { _ = try ONNXModel(manifest: manifest, runtime: "libm.so.6") }
        #expect(other.contains("OrtGetApiBase"), "\(other)")
        guard Self.runtime != nil else { return }
        let garbage: [[UInt8]] = [
            Array("not a model".utf8), [],
            Array(TinyONNX.model(width: 16, height: 12, weights: [0, 0, 0, 6, -2, 1], bias: [0, -2]).prefix(90)),
        ]
        for bytes in garbage {
            let folder = try self.folder { $0["sha256"] = SHA256.hex(of: bytes) }
            try Data(bytes).write(to: folder.url.appendingPathComponent("tiny.onnx"))
            #expect(complaint { _ = try open(folder) } != "")
        }
    }
}

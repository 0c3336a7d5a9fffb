public import Foundation
public import Imaging
internal import Session

/// A user's ONNX segmenter behind a manifest, run by ONNX Runtime on the CPU.
///
/// The file's SHA-256 must be the manifest's, and the manifest's reference input must give its reference output to 1e-3: a runtime that loads a
/// network and computes something else is refused here instead of believed. One thread at a time.
public final class ONNXModel {
    public let manifest: ModelManifest
    /// Largest difference from the reference output, as the tolerance counts it.
    public let referenceDifference: Double
    private let session: ONNXSession
    private let path: String

    /// - Parameters:
    ///   - url: the manifest.
    ///   - runtime: `libonnxruntime.so`; nil looks where `ONNXRuntime.candidates` says.
    public init(manifest url: URL, runtime: String? = nil, options: ModelOptions = ModelOptions()) throws(HumanError) {
        let manifest = try ModelManifest(contentsOf: url)
        let folder = url.deletingLastPathComponent()
        let file = folder.appendingPathComponent(manifest.model)
        let model: [UInt8]
        do { model = try FileBytes.read(file) } catch { throw .source(reason: "\(error); accepted: the model that \(url.path) names") }
        let hash = SHA256.hex(of: model)
        guard hash == manifest.sha256.lowercased() else {
            throw .input(location: "\(url.path): sha256", reason: "\(file.path) has \(hash), the manifest says \(manifest.sha256)")
        }
        session = try ONNXRuntime.open(runtime, model: model, file: file, threads: options.runtimeThreads)
        self.manifest = manifest
        path = url.path
        referenceDifference = try Self.check(manifest, session, folder: folder, path: url.path, tolerance: options.referenceTolerance)
    }

    /// What one RGB picture shows.
    public func mask(_ picture: Image, frame: Int) throws(HumanError) -> ModelMask {
        do throws(HumanError) {
            let output = try session.run(try manifest.tensor(picture), input: manifest.input.name, output: manifest.output.name)
            return try manifest.mask(output, width: picture.width, height: picture.height)
        } catch {
            throw .source(reason: "\(path): frame \(frame): \(error); the model has \(session.description)")
        }
    }

    /// What names the model's answers: the hashes of model and manifest.
    public var key: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return SHA256.hex(of: manifest.sha256 + String(decoding: (try? encoder.encode(manifest)) ?? Data(), as: UTF8.self))
    }

    private static func check(
        _ manifest: ModelManifest, _ session: ONNXSession, folder: URL, path: String, tolerance: Double
    ) throws(HumanError) -> Double {
        let expected = try floats(folder.appendingPathComponent(manifest.reference.output), "\(path): reference.output")
        let input = folder.appendingPathComponent(manifest.reference.input)
        let tensor: ModelTensor
        if input.pathExtension.lowercased() == "f32" {
            let values = try floats(input, "\(path): reference.input")
            let i = manifest.input
            guard values.count == 3 * i.width * i.height else {
                throw .input(
                    location: "\(path): reference.input", reason: "holds \(values.count) numbers; 3 x \(i.height) x \(i.width) are accepted"
                )
            }
            tensor = ModelTensor(shape: i.layout == .nchw ? [1, 3, i.height, i.width] : [1, i.height, i.width, 3], values: values)
        } else {
            do { tensor = try manifest.tensor(Image(contentsOf: input)) } catch {
                throw .input(location: "\(path): reference.input", reason: "\(error); accepted: a PNG, or float32 numbers in a file .f32")
            }
        }
        let output: ModelTensor
        do throws(HumanError) {
            output = try session.run(tensor, input: manifest.input.name, output: manifest.output.name)
        } catch {
            throw .source(reason: "\(path): the reference input: \(error); the model has \(session.description)")
        }
        guard output.values.count == expected.count else {
            throw .input(
                location: "\(path): reference.output",
                reason: "holds \(expected.count) numbers, output \(manifest.output.name) has \(output.values.count)"
                    + " (\(output.shape.map(String.init).joined(separator: "x")))")
        }
        var worst = 0.0
        var at = 0
        for (i, (a, b)) in zip(output.values, expected).enumerated() {
            let difference = a.isFinite && b.isFinite ? abs(Double(a) - Double(b)) / max(1, abs(Double(b))) : .infinity
            if difference > worst { (worst, at) = (difference, i) }
        }
        guard worst <= tolerance else {
            throw .input(
                location: "\(path): reference.output",
                reason:
                    "number \(at) is \(expected[at]), the model gives \(output.values[at]); a difference of at most \(tolerance) is accepted:"
                    + " the model, or the runtime, is not the one the reference was made with")
        }
        // That the classes and the shape are what the manifest says is better known now than at the first frame.
        _ = try manifest.probabilities(output)
        return worst
    }

    private static func floats(_ url: URL, _ location: String) throws(HumanError) -> [Float] {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch {
            throw .input(location: location, reason: "\(error); little-endian float32 is accepted")
        }
        guard !bytes.isEmpty, bytes.count % 4 == 0 else {
            throw .input(location: location, reason: "\(url.path) has \(bytes.count) bytes; little-endian float32 is accepted")
        }
        return stride(from: 0, to: bytes.count, by: 4).map { i in
            Float(bitPattern: UInt32(bytes[i]) | UInt32(bytes[i + 1]) << 8 | UInt32(bytes[i + 2]) << 16 | UInt32(bytes[i + 3]) << 24)
        }
    }
}

/// Where ONNX Runtime is looked for.
public enum ONNXRuntime {
    /// Names the library where no option does.
    public static let variable = "GRIPTRACE_ONNXRUNTIME"

    /// The given path alone; else the variable's alone; else the usual names, in the loader's own search.
    public static func candidates(_ given: String?) -> [String] {
        if let given { return [given] }
        if let named = ProcessInfo.processInfo.environment[variable], !named.isEmpty { return [named] }
        return ["libonnxruntime.so", "libonnxruntime.so.1", "/usr/lib/libonnxruntime.so", "/usr/local/lib/libonnxruntime.so"]
    }

    static func open(_ given: String?, model: [UInt8], file: URL, threads: Int) throws(HumanError) -> ONNXSession {
        var reasons: [String] = []
        for library in candidates(given) {
            do throws(HumanError) {
                return try ONNXSession(library: library, model: model, threads: threads)
            } catch {
                // Where the library is there but refuses the model, another library's absence is no news.
                if error.description.contains("the model cannot be loaded") { throw .source(reason: "\(file.path): \(error)") }
                reasons.append("\(error)")
            }
        }
        throw .source(
            reason: "no ONNX Runtime: \(reasons.joined(separator: "; ")); accepted: libonnxruntime.so of version 1.14 or later, named by"
                + " --onnxruntime or \(variable) (PyPI's onnxruntime wheel holds one under onnxruntime/capi)")
    }
}

internal import CNative
internal import Imaging

/// A model loaded into ONNX Runtime, which is opened at run time. One thread at a time.
final class ONNXSession {
    private let session: OpaquePointer

    /// - Parameters:
    ///   - library: a path or a name for the loader's own search.
    ///   - model: the bytes of the file.
    init(library: String, model: [UInt8], threads: Int) throws(HumanError) {
        var session: OpaquePointer?
        let status = model.withUnsafeBufferPointer { gt_onnx_open(library, $0.baseAddress, $0.count, Int32(clamping: threads), &session) }
        guard status.code == GT_OK, let session else { throw .source(reason: Self.text(status)) }
        self.session = session
    }

    deinit { gt_onnx_close(session) }

    /// Inputs and outputs with types and shapes.
    var description: String {
        var text = [CChar](repeating: 0, count: 1000)
        let status = gt_onnx_describe(session, &text, text.count)
        guard status.code == GT_OK else { return Self.text(status) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func run(_ tensor: ModelTensor, input: String, output: String) throws(HumanError) -> ModelTensor {
        let shape = tensor.shape.map(Int64.init)
        var outShape = [Int64](repeating: 0, count: 8)
        var rank = 0
        var count = 0
        var values: UnsafeMutablePointer<Float>?
        let status = tensor.values.withUnsafeBufferPointer {
            gt_onnx_run(session, input, shape, shape.count, $0.baseAddress, $0.count, output, &outShape, &rank, &values, &count)
        }
        defer { gt_onnx_free(values) }
        guard status.code == GT_OK, let values else { throw .source(reason: Self.text(status)) }
        return ModelTensor(shape: outShape[..<rank].map(Int.init), values: Array(UnsafeBufferPointer(start: values, count: count)))
    }

    static func text(_ status: gt_status) -> String {
        withUnsafeBytes(of: status.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

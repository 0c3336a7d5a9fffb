internal import CNative

/// Turns a C status into a typed error of a file.
func check(_ status: gt_status, path: String) throws(DatasetError) {
    guard status.code != Int32(GT_OK) else { return }
    throw .file(path: path, reason: message(of: status))
}

func message(of status: gt_status) -> String {
    withUnsafeBytes(of: status.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Calls `body` with C strings of all texts, which live for the call only.
func withCStrings<Result>(_ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for text in texts {
        offsets.append(bytes.count)
        bytes += text.utf8CString
    }
    return bytes.withUnsafeBufferPointer { buffer in
        let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
        return pointers.withUnsafeBufferPointer(body)
    }
}

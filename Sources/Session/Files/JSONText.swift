public import Foundation

/// JSON as this project reads and writes it: sorted keys, slashes unescaped, and errors that name file and key.
public enum JSONText {
    /// Indented, with a newline at the end.
    /// - Parameter snakeCase: writes `feasibleShare` as `feasible_share`.
    public static func encode(_ value: some Encodable, snakeCase: Bool = false) throws(SessionError) -> [UInt8] {
        try encoded(value, [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes], snakeCase) + [10]
    }

    /// One line: for keys, for lines of a protocol and `data-` attributes.
    public static func line(_ value: some Encodable) throws(SessionError) -> String {
        String(decoding: try encoded(value, [.sortedKeys, .withoutEscapingSlashes], false), as: UTF8.self)
    }

    /// Reads a file; a missing or wrong key is an error that names it.
    public static func decode<T: Decodable>(_ type: T.Type, from url: URL) throws(SessionError) -> T {
        try decode(type, bytes: FileBytes.read(url), path: url.path)
    }

    public static func decode<T: Decodable>(_ type: T.Type, bytes: [UInt8], path: String) throws(SessionError) -> T {
        let text = try FileBytes.text(bytes, path: path)
        do {
            return try JSONDecoder().decode(type, from: Data(text))
        } catch let error as DecodingError {
            throw SessionError(decoding: error, path: path)
        } catch {
            throw .format(path: path, location: "JSON", reason: "\(error)")
        }
    }

    private static func encoded(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting, _ snakeCase: Bool
    ) throws(SessionError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        if snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        do {
            return [UInt8](try encoder.encode(value))
        } catch EncodingError.invalidValue(let wrong, let context) {
            let key = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
            throw .format(path: "JSON of \(type(of: value))", location: key, reason: "\(wrong) cannot be written as JSON")
        } catch {
            throw .format(path: "JSON of \(type(of: value))", location: "top level", reason: "\(error)")
        }
    }
}

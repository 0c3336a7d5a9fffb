internal import ArgumentParser
internal import Foundation
internal import Logging

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

struct LogOptions: ParsableArguments {
    @Option(help: "How progress and messages are written to standard error: text or json (one object a line).")
    var logFormat: LogFormat = .text

    var isTerminal: Bool { logFormat == .text && isatty(STDERR_FILENO) == 1 }

    func logger() -> Logger {
        let format = logFormat
        return Logger(label: "griptrace") { _ in LineHandler(format: format) }
    }
}

/// Writes a line a message to standard error.
struct LineHandler: LogHandler {
    var format: LogFormat
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: String
        switch format {
        case .text:
            line = event.level >= .warning ? "\(event.level): \(event.message)" : "\(event.message)"
        case .json:
            var fields = ["level": event.level.rawValue, "message": event.message.description]
            for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
            let data = try? JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys, .withoutEscapingSlashes])
            line = String(decoding: data ?? Data(), as: UTF8.self)
        }
        line += "\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

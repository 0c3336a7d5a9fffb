internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import Synchronization

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

struct LogOptions: ParsableArguments {
    @Option(help: "How progress and messages are written to standard error; json is one object a line.")
    var logFormat: LogFormat = .text

    var isTerminal: Bool { logFormat == .text && isatty(STDERR_FILENO) == 1 }

    func logger() -> Logger {
        let format = logFormat
        Interrupt.say.withLock { say in say = { LineHandler.line(format, level: .notice, message: $0, fields: [:]) } }
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
        let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
        Console.error(Self.line(format, level: event.level, message: event.message.description, fields: fields))
    }

    static func line(_ format: LogFormat, level: Logger.Level, message: String, fields: [String: String]) -> String {
        switch format {
        case .text: return level >= .warning ? "\(level): \(message)" : message
        case .json:
            let all = fields.merging(["level": level.rawValue, "message": message]) { _, own in own }
            let data = try? JSONSerialization.data(withJSONObject: all, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: data ?? Data(), as: UTF8.self)
        }
    }
}

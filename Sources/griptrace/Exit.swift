internal import ArgumentParser
internal import Calibration
internal import Dataset
internal import Foundation
internal import Imaging
internal import Logging
internal import Mapping
internal import Pipeline
internal import Robot
internal import Session
internal import Simulation

/// What a command's failure means to the caller: 64 where the command or a file that it was given cannot be used, else 1, each with one line.
enum Exit {
    static let usage: Int32 = 64

    /// Runs a command's body.
    static func reporting(to log: Logger, _ body: () throws -> Void) throws {
        do { try body() } catch { throw code(for: error, log) }
    }

    /// Runs a command's body for each of its arguments: what is wrong with one is said, the others go on, and the first exit code is the command's.
    static func reporting(to log: Logger, each arguments: [String], _ body: (String) throws -> Void) throws {
        var first: (any Error)?
        for argument in arguments {
            do { try body(argument) } catch {
                let code = code(for: error, log)
                if first == nil { first = code }
            }
        }
        if let first { throw first }
    }

    /// Runs a command's body.
    static func reporting(to log: Logger, _ body: () async throws -> Void) async throws {
        do { try await body() } catch { throw code(for: error, log) }
    }

    private static func code(for error: any Error, _ log: Logger) -> any Error {
        if error is ExitCode || error is ValidationError || error is CleanExit { return error }
        let errors = (error as? RequestErrors)?.errors ?? RequestErrors.each(error)
        var said: Set<String> = []
        for error in errors where said.insert(text(error)).inserted { log.error("\(text(error))") }
        return ExitCode(errors.contains(where: isRefusal) ? usage : 1)
    }

    /// Whether the error is about what the command was given.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case PipelineError.usage, is SessionError, is RobotError, is DatasetError, is SimulationError, CalibrationError.insufficient: true
        case ImagingError.file, ImagingError.format, ImagingError.truncated, MappingError.file: true
        default: false
        }
    }

    /// The project's own errors say it themselves; Foundation's are put into words.
    static func text(_ error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        let path = error.userInfo[NSFilePathErrorKey] as? String
        return "\(path.map { "\($0): " } ?? "")\(error.localizedDescription)"
    }
}

/// All that is wrong with what a command was given, found before any work.
struct RequestErrors: Error {
    private(set) var errors: [any Error] = []

    var isEmpty: Bool { errors.isEmpty }

    /// What a part of the request gives; nil, and its errors kept, where it is wrong.
    @discardableResult
    mutating func look<Result>(_ part: () throws -> Result) -> Result? {
        do { return try part() } catch {
            add(Self.each(error))
            return nil
        }
    }

    mutating func add(_ more: [any Error]) { errors += more }

    static func each(_ error: any Error) -> [any Error] { (error as? PipelineError)?.faults ?? [error] }
}

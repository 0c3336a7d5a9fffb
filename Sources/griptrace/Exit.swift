internal import ArgumentParser
internal import Logging
internal import Pipeline
internal import Session

/// What a command's failure means to the caller.
enum Exit {
    /// Runs a command's body; a wrong use or a file that cannot be read ends with 64, everything else with 1, each with its one line.
    static func reporting(to log: Logger, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let code as ExitCode {
            throw code
        } catch let error as PipelineError {
            log.error("\(error)")
            throw ExitCode(64)
        } catch let error as SessionError {
            log.error("\(error)")
            throw ExitCode(64)
        } catch {
            log.error("\(error)")
            throw ExitCode(1)
        }
    }
}

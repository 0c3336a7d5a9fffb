internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Pipeline
internal import Session

struct EvaluatePolicy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate-policy",
        abstract: "Says from trials of two policies whether one succeeds more often, and what else differs between the trials.",
        discussion: """
            Each file has a row a trial: success (1 or 0), and where there are any seed (the same start in both files makes a pair), time_s, task, \
            order. Statistics are SciPy's and statsmodels' (python3 -m pip install scipy statsmodels; GRIPTRACE_PYTHON names another Python). \
            Exit codes: 0 whatever the answer, 1 Python or its libraries are missing, 64 a file that cannot be used.

              griptrace evaluate-policy ours.csv theirs.csv
              griptrace evaluate-policy ours.csv theirs.csv --level 0.9 --json
            """)

    @Argument(help: "Trials of policy A.", completion: .file(extensions: ["csv"]))
    var a: String

    @Argument(help: "Trials of policy B.", completion: .file(extensions: ["csv"]))
    var b: String

    @Option(help: ArgumentHelp("Confidence of the intervals and of the verdict.", valueName: "share"))
    var level = 0.95

    @Option(help: ArgumentHelp("How often a difference like the one seen is to be found, for the number of trials.", valueName: "share"))
    var power = 0.8

    @Flag(help: "Everything as JSON.")
    var json = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            guard let script = Installation.python("griptrace_policy.py") else {
                throw PipelineError.failed(
                    stage: "evaluate-policy", "griptrace_policy.py is not found beside the program: install it with pip or make install")
            }
            let words = [script.path, a, b, "--level", "\(level)", "--power", "\(power)"] + (json ? ["--json"] : [])
            let python = ProcessInfo.processInfo.environment["GRIPTRACE_PYTHON"] ?? "python3"
            // Python takes this process's place: its streams and its exit code are the command's.
            var arguments: [UnsafeMutablePointer<CChar>?] = ([python] + words).map { strdup($0) } + [nil]
            execvp(python, &arguments)
            throw PipelineError.failed(
                stage: "evaluate-policy",
                "\(python) cannot be started: \(String(cString: strerror(errno))); accepted: python3, or what GRIPTRACE_PYTHON names")
        }
    }
}

public import Foundation

/// A rule that a data set breaks.
public struct DatasetProblem: Sendable, Equatable, CustomStringConvertible {
    public enum Severity: String, Sendable, Codable {
        /// The reader fails, or reads something else than was meant.
        case error
        /// The reader goes on; training loses something.
        case warning
    }

    public var severity: Severity
    /// Relative to the data set.
    public var file: String
    /// A key, a column, a row, an episode.
    public var location: String
    /// What is wrong and what would be accepted.
    public var reason: String

    public init(_ severity: Severity, file: String, location: String, reason: String) {
        self.severity = severity
        self.file = file
        self.location = location
        self.reason = reason
    }

    public var description: String { "\(severity.rawValue): \(file): \(location): \(reason)" }
}

public struct ValidationOptions: Codable, Sendable, Equatable {
    /// Largest difference between a frame's time and index / fps, seconds; default 1e-4, LeRobot's own tolerance.
    public var timeTolerance = 1e-4
    /// Decode every picture rather than the first of each file; default false: slow on large sets.
    public var decodesEveryPicture = false
    /// Largest step of a tool between two frames of an episode, metres; default 0.05: 3 m/s at 60 frames a second, beyond any hand.
    public var maximumStep = 0.05
    /// How far a rotation's numbers may be from one: of the lengths of a matrix's rows and of a quaternion from 1, of two rows' product from 0;
    /// default 1e-3: float32 keeps 1e-7, hand-rounded tables four digits, and a policy's own outputs, which need a projection, are far beyond.
    public var rotationTolerance = 1e-3

    public init() {}
}

/// Checks a data set against the rules that its readers break on.
public enum DatasetValidator {
    /// All broken rules, each once with its first place and how often it occurs. A path that holds no data set is an error.
    public static func validate(_ url: URL, options: ValidationOptions = ValidationOptions()) throws(DatasetError) -> [DatasetProblem] {
        try DatasetFormat.known(at: url).definition.problems(of: url, options)
    }
}

/// Gathers problems; a rule broken in many rows is named once, with its first row and the count.
struct ProblemList {
    private(set) var problems: [DatasetProblem] = []

    mutating func error(_ file: String, _ location: String, _ reason: String) {
        problems.append(DatasetProblem(.error, file: file, location: location, reason: reason))
    }

    mutating func warning(_ file: String, _ location: String, _ reason: String) {
        problems.append(DatasetProblem(.warning, file: file, location: location, reason: reason))
    }

    /// Names the first of the indices that break a rule, and how many do.
    mutating func rows(
        _ file: String, _ column: String, _ broken: [Int], unit: String = "row", _ severity: DatasetProblem.Severity = .error,
        _ reason: (Int) -> String
    ) {
        guard let first = broken.first else { return }
        let more = broken.count == 1 ? "" : " (and \(broken.count - 1) more)"
        problems.append(DatasetProblem(severity, file: file, location: "\(column), \(unit) \(first)", reason: reason(first) + more))
    }

    /// Runs a step; what it throws becomes a problem and nil comes back.
    mutating func attempt<Result>(_ file: String, _ body: () throws(DatasetError) -> Result) -> Result? {
        do {
            return try body()
        } catch {
            switch error {
            case .format(_, let location, let reason): self.error(file, location, reason)
            case .file(_, let reason): self.error(file, "file", reason)
            default: self.error(file, "file", error.description)
            }
            return nil
        }
    }
}

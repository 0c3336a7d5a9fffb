internal import Dataset
public import Foundation
public import Robot
internal import Session

/// What a conversion for several arms came to.
public struct ArmsOutcome: Sendable {
    public var comparison: ArmComparison
    /// Of the arms for which the run came to its end, in the command's order.
    public var outcomes: [(arm: String, outcome: ConvertOutcome)]
    public var reportPage: URL
    public var table: URL

    /// As of one arm: 0 where all are done, 1 where a recording failed for one or the run did, 2 where one rejected and `strict` was asked for.
    public func exitCode(strict: Bool) -> Int32 {
        let codes = outcomes.map { $0.outcome.exitCode(strict: strict) }
        if codes.contains(1) || outcomes.count < comparison.arms.count { return 1 }
        return codes.max() ?? 0
    }
}

/// Converts one session for several arms, one after another.
///
/// What no arm has a part in (pictures, map, poses, gripper, masks: stages that do not depend on the arm) is made once, in `OUTPUT/work`, where a
/// conversion for one arm has it too. Each arm's data sets, reports and artefacts lie in `OUTPUT/ARM`, laid out as the output of a conversion for
/// that arm alone and with the same bytes; `OUTPUT` itself holds the comparison. An arm that fails as a whole is said, the others go on.
public struct ArmsConverter: Sendable {
    private let output: URL
    private let requests: [ConvertRequest]
    private let converters: [Converter]
    private let progress: ProgressSink

    /// One request for each arm out of one for all.
    /// - Parameters:
    ///   - whole: the arm in it does not count; its output is that of all.
    ///   - overlays: what is drawn into the pictures for each arm; nil: nothing.
    public static func requests(_ whole: ConvertRequest, arms: [Arm], overlays: [Arm]? = nil) throws(PipelineError) -> [ConvertRequest] {
        if let overlays, overlays.count != arms.count {
            throw .usage("--overlay names \(overlays.count) arms, --arm \(arms.count)", accepted: "one for each, in the same order")
        }
        var requests: [ConvertRequest] = []
        for (n, arm) in arms.enumerated() {
            try check(arm.name, requests.map(\.arm.name))
            var request = whole
            request.arm = arm
            request.shared = whole.output
            request.output = whole.output.appendingPathComponent(arm.name, isDirectory: true)
            request.overlay = overlays?[n]
            requests.append(request)
        }
        return requests
    }

    /// An arm's name names its folder.
    private static func check(_ name: String, _ others: [String]) throws(PipelineError) {
        guard !others.contains(name) else {
            throw .usage("two of the arms are called \(name)", accepted: "arms of different names: each has a folder of its own")
        }
        let isPlain = name.utf8.allSatisfy { $0 == 95 || $0 == 45 || $0 == 46 || (48...57).contains($0) || (97...122).contains($0 | 32) }
        let taken = OutputGuard.names + DatasetFormat.all.map(\.fileName) + ["lerobot_dynamics"]
        guard isPlain, !name.isEmpty, !name.hasPrefix("."), !taken.contains(name) else {
            throw .usage(
                "the arm '\(name)' cannot have a folder of its name in the output",
                accepted: "a name of letters, digits, '_', '-' and '.' that is not that of a file of a run")
        }
    }

    /// Looks at the session and every arm's request before any work; a wrong one is a usage error.
    /// - Parameter requests: as `requests(_:arms:overlays:)` makes them.
    public init(_ requests: [ConvertRequest], progress: @escaping ProgressSink) throws(PipelineError) {
        guard let first = requests.first, let output = first.shared else {
            throw .usage("a conversion for no arm", accepted: "at least one")
        }
        (self.requests, self.output, self.progress) = (requests, output, progress)
        try OutputGuard.check(output, session: first.session)
        let sharing = SharedWork()
        var converters: [Converter] = []
        for request in requests { converters.append(try Converter(request, sharing: sharing, progress: progress)) }
        self.converters = converters
    }

    public func run() async throws(PipelineError) -> ArmsOutcome {
        let session = requests[0].session.standardizedFileURL.lastPathComponent
        let guarded = try OutputGuard(output, entries: requests.map(\.arm.name), session: session)
        defer { guarded.release() }
        var outcomes: [(arm: String, outcome: ConvertOutcome)] = []
        var figures: [ArmFigures] = []
        for (n, request) in requests.enumerated() {
            let name = request.arm.name
            progress(.note("arm \(n + 1) of \(requests.count): \(name), into \(request.output.path)"))
            do {
                let outcome = try await converters[n].run()
                outcomes.append((name, outcome))
                figures.append(outcome.figures)
            } catch {
                progress(.note("\(name): \(error)"))
                var failed = ArmFigures(arm: name)
                failed.fault = "\(error)"
                figures.append(failed)
            }
        }
        let comparison = ArmComparison(
            session: outcomes.first?.outcome.report.session ?? session, device: requests[0].device.name, arms: figures)
        do { try write(comparison, guarded) } catch { throw .failed(stage: "report", "\(error)") }
        return ArmsOutcome(
            comparison: comparison, outcomes: outcomes, reportPage: output.appendingPathComponent("report.html"),
            table: output.appendingPathComponent(ArmComparison.table))
    }

    private func write(_ comparison: ArmComparison, _ guarded: OutputGuard) throws {
        try SessionReports.setAside(in: output, for: comparison.session, isOfArms: true)
        try guarded.write(comparison.csv.encoded, to: ArmComparison.table)
        try guarded.write(Array(comparison.page.utf8), to: "report.html")
        try guarded.write(JSONText.encode(comparison), to: "report.json")
    }
}

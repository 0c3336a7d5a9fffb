/// The stages in the order in which data flows.
public enum Stage: String, Sendable, CaseIterable, Comparable {
    case ingest, tags, map, localize, calibrate, episodes, pair, solve, feasibility, mask, export, report

    /// Goes up when a stage's output changes for the same input and options, so that older artefacts are made again.
    var version: Int { [.solve, .feasibility, .export].contains(self) ? 2 : 1 }

    public static func < (a: Stage, b: Stage) -> Bool { a.order < b.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

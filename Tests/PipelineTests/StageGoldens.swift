@testable import Pipeline
import Foundation
import Session
import Testing

/// What every stage makes of the fixture, in a few numbers, held against what its version made before: a result that changes while the version
/// does not would let an upgraded program believe what its older self made.
///
/// `GRIPTRACE_GOLDENS=write swift test -c release --filter FixtureTests` writes `stages.json` anew; a stage whose numbers changed needs a higher
/// version first.
struct StageGoldens: Codable, Equatable {
    struct Stage: Codable, Equatable {
        var version: Int
        /// By file and column or key: how many numbers, their mean and their root mean square.
        var numbers: [String: [Double]]
    }

    var stages: [String: Stage] = [:]

    static let file = package.appendingPathComponent("Tests/stages.json")

    /// Of every stage of a finished run; files of sampled numbers (motions, margins) by their size alone, others number by number.
    init(of work: URL) throws {
        for stage in StagePlan.all {
            let folder = work.appendingPathComponent(stage.name)
            guard FileManager.default.fileExists(atPath: folder.path) else { continue }
            var numbers: [String: [Double]] = [:]
            for (name, data) in try contents(of: folder) where !name.hasSuffix("manifest.json") {
                if name.hasSuffix(".csv") {
                    let table = try CSVTable(bytes: [UInt8](data), path: name)
                    for (column, title) in table.header.enumerated() {
                        let values = table.rows.compactMap { Double($0[column]) }
                        if !values.isEmpty { numbers["\(name) \(title)"] = Self.summary(values) }
                    }
                } else if name.hasSuffix(".json") {
                    let json = try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
                    let values = Self.numbers(in: json)
                    if !values.isEmpty { numbers[name] = Self.summary(values) }
                }
            }
            stages[stage.name] = Stage(version: stage.version, numbers: numbers)
        }
    }

    private static func summary(_ values: [Double]) -> [Double] {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        return [n, mean, (values.reduce(0) { $0 + $1 * $1 } / n).squareRoot()]
    }

    /// In the order of sorted keys; paths and hashes are no numbers.
    private static func numbers(in json: Any) -> [Double] {
        switch json {
        case let list as [Any]: list.flatMap(numbers)
        case let map as [String: Any]: map.sorted { $0.key < $1.key }.flatMap { numbers(in: $0.value) }
        case let number as NSNumber: [number.doubleValue]
        default: []
        }
    }

    /// Processors differ in the last digits, which optimisation carries to the sixth; masks decide pixel by pixel.
    private static func tolerance(_ stage: String) -> Double {
        ["mask", "device_mask", "background", "export"].contains(stage) ? 0.02 : 1e-4
    }

    /// Stages whose result is not what this version of theirs made before.
    func changes(from known: StageGoldens) -> [String] {
        stages.sorted { $0.key < $1.key }.compactMap { name, now in
            guard let before = known.stages[name] else { return "\(name): is not in stages.json" }
            guard before.version == now.version else { return "\(name): version \(now.version), stages.json holds \(before.version)" }
            guard Set(before.numbers.keys) == Set(now.numbers.keys) else {
                let other = Set(before.numbers.keys).symmetricDifference(now.numbers.keys).sorted().prefix(3)
                return "\(name): other files or columns: \(other.joined(separator: ", "))"
            }
            for (key, values) in now.numbers {
                let old = before.numbers[key] ?? []
                let scale = max(abs(old.last ?? 0), 1e-6)
                guard values.count == old.count, values[0] == old[0] || Self.tolerance(name) > 1e-3,
                    zip(values, old).dropFirst().allSatisfy({ abs($0 - $1) <= Self.tolerance(name) * scale })
                else { return "\(name): \(key): \(old) is now \(values), with the same version" }
            }
            return nil
        }
    }

    /// Compares, or writes where that is asked for.
    static func check(_ work: URL) throws {
        let now = try StageGoldens(of: work)
        if ProcessInfo.processInfo.environment["GRIPTRACE_GOLDENS"] == "write" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(now).write(to: file)
            return
        }
        let known = try JSONDecoder().decode(StageGoldens.self, from: Data(contentsOf: file))
        let changes = now.changes(from: known)
        #expect(changes.isEmpty, "\(changes)")
        // The test can fail: a number that moves is found.
        var moved = now
        moved.stages["localize"]?.numbers = (now.stages["localize"]?.numbers ?? [:]).mapValues { $0.map { $0 * 1.001 } }
        #expect(moved.changes(from: now).count == 1)
    }
}

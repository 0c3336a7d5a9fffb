import BenchmarkSupport
import Foundation
import Human
import Imaging
import Session

#if canImport(Glibc)
    import Glibc
#endif

// Simulates sessions with a human (once, into a cache), maps and localises them by our own means (cached too), masks and fills the demo, and
// prints how that compares with the truth.
//
// With --outside it measures the masks of recordings that our simulator did not make, which lie in a folder beside the project, and of photos of
// hands there; SCENARIO is then the name of one of them (none: all).
//
// With --labels the N frames asked for get a hand-drawn label (rough strokes of the truth) before the masks are made.
//
//   human-bench SCENARIO.yaml... --cache FOLDER [--strips FOLDER] [--no-fill] [--overlay ARM.yaml] [--labels N] [--set group.option=value]...
//   human-bench --outside FOLDER [NAME...] --cache FOLDER [--strips FOLDER] [--labels N] [--mask-command CMD] [--set group.option=value]...

func threadSeconds() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
}

func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

var scenarios: [String] = []
var cache = URL(fileURLWithPath: ".bench")
var settings = Settings()
var prepares = false
var outside: URL?
var command: String?
var changes: [String] = []
var arguments = Array(CommandLine.arguments.dropFirst())
while !arguments.isEmpty {
    let a = arguments.removeFirst()
    func value() -> String { arguments.isEmpty ? "" : arguments.removeFirst() }
    switch a {
    case "--cache": cache = URL(fileURLWithPath: value())
    case "--strips": settings.strips = URL(fileURLWithPath: value())
    case "--no-fill": settings.fills = false
    case "--overlay": settings.arm = value()
    case "--labels": settings.labels = Int(value()) ?? 0
    case "--prepare": prepares = true
    case "--outside": outside = URL(fileURLWithPath: value())
    case "--mask-command": command = value()
    case "--set": changes.append(value())
    default: scenarios.append(a)
    }
}
let options = try changed(MaskOptions(), changes)
if let strips = settings.strips { try FileManager.default.createDirectory(at: strips, withIntermediateDirectories: true) }
if let outside {
    try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
    let bench = OutsideBench(
        shared: outside, cache: cache, options: options, labels: settings.labels, command: command, strips: settings.strips)
    try bench.run(scenarios)
    exit(0)
}
say(
    column("scenario", 16) + column("IoU", 6) + column("worst5", 7) + column("left%", 7) + column("dev%", 6) + column("grip%", 6)
        + column("obj%", 6)
        + column("changed", 8) + " | observed" + column("telea", 6) + column("share%", 7) + " | propag." + column("telea", 6)
        + column("share%", 7)
        + " | invented" + column("telea", 6) + " | gain min" + " | AUC clean" + " | warp"
        + " | ms: model small analyse seek finish fill overlay")
var rows: [Row] = []
for path in scenarios {
    let url = URL(fileURLWithPath: path)
    do {
        let session = try PreparedSession(url, cache: cache, options: options)
        if prepares { continue }
        let record = cache.appendingPathComponent("record", isDirectory: true)
        let row = try Row(session, options: options, settings: settings, record: record)
        say(row.line)
        rows.append(row)
    } catch {
        say("\(url.lastPathComponent): \(error)")
    }
}
if settings.fills, rows.filter(\.masks.hasHuman).count > 1 {
    say(
        "AUC of a forest that learned on the other sessions, filled and clean; filled against clean at the same pixels, learned here and on the others:"
    )
    for row in rows where row.masks.hasHuman {
        let others = rows.filter { $0.masks.hasHuman && $0.name != row.name }
        say(
            column(row.name, 16) + column(number(row.leakScore.area(learnedOn: others.map(\.leakScore)), 2), 6)
                + column(number(row.cleanLeakScore.area(learnedOn: others.map(\.cleanLeakScore)), 2), 6)
                + column(number(row.pairedLeakScore.area(), 2), 8)
                + column(number(row.pairedLeakScore.area(learnedOn: others.map(\.pairedLeakScore)), 2), 6))
    }
}
func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }
let humans = rows.filter(\.masks.hasHuman)
say(
    "\(humans.count) with a human: IoU median \(number(median(humans.map(\.masks.overlap)), 3)), worst \(number(humans.map(\.masks.overlap).min() ?? .nan, 3));"
        + " left median \(number(100 * median(humans.map(\.masks.leftShare)), 2)) %;"
        + " \(rows.count - humans.count) without: \(rows.filter { !$0.masks.hasHuman }.map(\.masks.changed).reduce(0, +)) pixels changed")
Figures.say(
    rows, fills: settings.fills, overlay: settings.arm != nil, labels: settings.labels,
    usesScene: !changes.contains("human.backgroundWeight=0"))

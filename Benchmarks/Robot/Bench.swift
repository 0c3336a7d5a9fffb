internal import Foundation
internal import Glibc

/// `robot-bench ik|path|replay|demo|postures ...`: figures that the README names, each beside a peer measured in the same run. See the Makefile's bench targets.
@main
enum Bench {
    static func main() throws {
        func settings(_ name: String) -> [String] {
            CommandLine.arguments.filter { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        let postures = settings("posture")
        let arguments = CommandLine.arguments.dropFirst().filter { !$0.contains("=") }
        switch arguments.first {
        case "ik":
            let names = arguments.count > 1 ? Array(arguments.dropFirst()) : ["panda", "ur5e", "xarm7", "iiwa14"]
            try InverseKinematicsBench.run(names.map(arm), poses: 10000)
        case "replay":
            let count = arguments.count > 1 ? Int(arguments[1]) ?? 50 : 50
            let names = arguments.count > 2 ? Array(arguments.dropFirst(2)) : ["panda", "xarm7"]
            try ReplayBench.run(names.map(arm), demos: count, posture: postures.first ?? "home")
        case "demo":
            let names = arguments.count > 1 ? Array(arguments.dropFirst()) : ["panda", "xarm7"]
            try ReplayBench.cost(names.map(arm))
        case "postures":
            let names = arguments.count > 1 ? Array(arguments.dropFirst()) : ["panda", "xarm7", "ur5e"]
            try PostureBench.run(
                names.map(arm), postures: postures.isEmpty ? ["free", "home"] : postures,
                seed: settings("seed").first.flatMap { UInt64($0) } ?? 3000,
                selfMotion: settings("self_motion").first.flatMap { Double($0) })
        case "path":
            let names =
                arguments.count > 1 ? Array(arguments.dropFirst()) : ["panda", "fr3", "ur5e", "ur10e", "xarm7", "iiwa14", "gen3", "vx300s"]
            try PathBench.run(names.map(arm))
        default:
            print(
                "usage: robot-bench ik [ARM ...] | path [ARM ...] | replay [COUNT] [ARM ...] | demo [ARM ...] | postures [ARM ...]\n       posture=home|free|q1,q2,… says by which rule; postures: seed=N other demonstrations, self_motion=X"
            )
            exit(64)
        }
    }

    /// A shipped arm by name (run from the package's folder), or a file.
    static func arm(_ name: String) -> URL {
        let shipped = URL(fileURLWithPath: "Calibration/arms/\(name)")
        return FileManager.default.fileExists(atPath: shipped.path) ? shipped : URL(fileURLWithPath: name)
    }
}

/// Processor time of this thread: other programs on the machine do not count.
enum Processor {
    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return now() - start
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
}

/// Numbers with a seed.
struct Dice {
    var state: UInt64
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return low + (high - low) * Double(state >> 11) * 0x1p-53
    }
}

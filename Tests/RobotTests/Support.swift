import Foundation
import Geometry
import Session

@testable import Robot

enum Support {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of private data beside the checkout; tests that need it are skipped without it.
    static let shared: URL? = {
        let named = ProcessInfo.processInfo.environment["GRIPTRACE_SHARED"].map { URL(fileURLWithPath: $0) }
        let url = named ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        return FileManager.default.fileExists(atPath: url.appendingPathComponent("robots").path) ? url : nil
    }()

    static func arm(_ name: String) throws -> Arm {
        try Arm(contentsOf: root.appendingPathComponent("Calibration/arms/\(name)"))
    }

    /// A folder of its own for a test's files, removed afterwards.
    static func inFolder<R>(_ files: [String: String], _ body: (URL) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("robot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8) }
        return try body(folder)
    }

    static func times(_ count: Int, rate: Double) -> [Timestamp<VideoClock>] { (0..<count).map { Timestamp(seconds: Double($0) / rate) } }

    /// A path of a Panda-like arm from a function of time for each joint.
    static func path(_ arm: Arm, seconds: Double, rate: Double = 60, _ joints: (Double) -> [Double]) -> JointPath {
        let times = times(Int(seconds * rate) + 1, rate: rate)
        return JointPath(jointNames: arm.joints.map(\.name), times: times, positions: times.flatMap { joints($0.seconds) })
    }
}

/// Numbers with a seed, independent of the code under test.
struct Dice {
    var state: UInt64
    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return low + (high - low) * Double(state >> 11) * 0x1p-53
    }
    mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform(0, 1) } }
    mutating func posture(_ arm: Arm) -> [Double] { arm.joints.map { uniform($0.lower, $0.upper) } }
}

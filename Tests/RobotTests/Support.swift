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

    /// A tool that points down and goes from place to place over the table by minimum-jerk stretches of 1 s, with 0.3 mm and 0.5 mrad of noise.
    static func visits(seed: UInt64, seconds: Double, rate: Double = 60) -> Trajectory<Table, Tool> {
        var dice = Dice(state: seed)
        let down = Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(-1, 0, 0), Vector3(0, 0, -1)))
        let spread = [0.1, 0.25, 0.1, 0.3, 0.3, 0.6]
        let middle = [0.02, 0, 0.18, 0, 0, 0]
        let places = (0...Int(seconds) + 1).map { _ in (0..<6).map { middle[$0] + dice.uniform(-spread[$0], spread[$0]) } }
        var path = Trajectory<Table, Tool>()
        for time in times(Int(seconds * rate), rate: rate) {
            let k = Int(time.seconds)
            let u = time.seconds - Double(k)
            let s = u * u * u * (10 + u * (-15 + 6 * u))
            let v = (0..<6).map { places[k][$0] + s * (places[k + 1][$0] - places[k][$0]) + ($0 < 3 ? 3e-4 : 5e-4) * dice.normal() }
            let rotation = Rotation(vector: Vector3(0, 0, v[5])) * Rotation(vector: Vector3(v[3], v[4], 0)) * down
            path.append(time, Transform(rotation: rotation, translation: Vector3(v[0], v[1], v[2])))
        }
        return path
    }

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

internal import BenchmarkSupport
internal import Foundation
internal import Geometry
internal import Robot

/// Inverse kinematics of random reachable poses: success and processor time, cold (no guess) and warm (a guess within 0.05 rad).
enum InverseKinematicsBench {
    static func run(_ arms: [URL], poses: Int) throws {
        print("inverse kinematics of \(poses) random reachable poses, tolerance 1e-5 m and rad on each axis, one thread's processor time")
        print("arm        solved     cold µs   attempts   warm solved   warm µs   pose with Jacobian µs (own chain | MuJoCo)")
        // Solved, per cent, and microseconds a pose.
        var figures = (coldShares: [Double](), coldTimes: [Double](), warmShares: [Double](), warmTimes: [Double]())
        for url in arms {
            let arm = try Arm(contentsOf: url)
            let kinematics = Kinematics(arm)
            let solver = InverseKinematics(kinematics)
            var dice = Dice(state: 10)
            let postures = (0..<poses).map { _ in arm.joints.map { dice.uniform($0.lower, $0.upper) } }
            let targets = postures.map { kinematics.forward($0) }
            let guesses = postures.map { q in
                zip(q, arm.joints).map { min(max($0 + dice.uniform(-0.05, 0.05), $1.lower), $1.upper) }
            }
            func isRight(_ solution: PoseSolution, _ target: Transform<Base, Tool>) -> Bool {
                let got = kinematics.forward(solution.positions)
                let inside = zip(solution.positions, arm.joints).allSatisfy { $0 >= $1.lower && $0 <= $1.upper }
                return solution.solved && inside && (got.translation - target.translation).length < 2e-5
                    && got.rotation.angle(to: target.rotation) < 2e-5
            }
            var cold: [PoseSolution] = []
            cold.reserveCapacity(poses)
            let coldSeconds = Processor.seconds { for target in targets { cold.append(solver.solve(target)) } }
            var warm: [PoseSolution] = []
            warm.reserveCapacity(poses)
            let warmSeconds = Processor.seconds {
                for i in 0..<poses { warm.append(solver.solve(targets[i], guess: guesses[i], restarts: 0)) }
            }
            let solved = zip(cold, targets).filter { isRight($0, $1) }.count
            let warmSolved = zip(warm, targets).filter { isRight($0, $1) }.count
            let attempts = Double(cold.reduce(0) { $0 + $1.attempts }) / Double(poses)
            var sink = 0.0
            var buffer: [Double] = []
            let own = Processor.seconds { for q in postures { sink += kinematics.jacobian(q)[0] } }
            let native = Processor.seconds { for q in postures { kinematics.nativeJacobian(q, into: &buffer); sink += buffer[0] } }
            precondition(sink.isFinite, "postures are finite")
            figures.coldShares.append(100 * Double(solved) / Double(poses))
            figures.warmShares.append(100 * Double(warmSolved) / Double(poses))
            figures.coldTimes.append(1e6 * coldSeconds / Double(poses))
            figures.warmTimes.append(1e6 * warmSeconds / Double(poses))
            func micro(_ seconds: Double) -> String { pad((1e6 * seconds / Double(poses)).rounded(2), 8) }
            print(
                "\(arm.name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(pad((100 * Double(solved) / Double(poses)).rounded(2), 6)) % "
                    + " \(micro(coldSeconds))  \(pad(attempts.rounded(2), 8))      \(pad((100 * Double(warmSolved) / Double(poses)).rounded(2), 6)) %"
                    + "  \(micro(warmSeconds))   \(micro(own)) | \(micro(native))")
        }
        figure("ik.cold_share", spread(figures.coldShares, 2), "%")
        figure("ik.cold_time", spread(figures.coldTimes, 0), "µs")
        figure("ik.warm_share", spread(figures.warmShares, 2), "%")
        figure("ik.warm_time", spread(figures.warmTimes, 1), "µs")
    }

    private static func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}

extension Double {
    /// A number with so many digits after the point.
    func rounded(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}

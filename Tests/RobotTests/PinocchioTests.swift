import Foundation
import Geometry
import Testing

@testable import Robot

/// Forward kinematics and inverse dynamics against Pinocchio, which reads the same models by itself. Skipped where its environment is not there
/// (`Tests/checkers.sh` makes it).
@Suite struct PinocchioTests {
    static let python = Support.root.appendingPathComponent(".deps/checkers/robot/bin/python")
    static let isThere = FileManager.default.fileExists(atPath: Support.root.appendingPathComponent(".deps/checkers/robot/.done").path)

    struct Request: Encodable {
        struct Posture: Encodable {
            var q: [Double]
            var v: [Double]
            var a: [Double]
        }
        struct Model: Encodable {
            var model: String
            var flange: String
            var rotation_xyzw: [Double]
            var translation_m: [Double]
            var payload_kg: Double
            var payload_inertia: Double
            var postures: [Posture]
        }
        var arms: [Model]
    }

    struct Answer: Decodable {
        var poses: [[Double]]
        var torques: [[Double]]
    }

    @Test(.enabled(if: isThere, "no .deps/checkers/robot: run Tests/checkers.sh .deps/checkers")) func armsAgreeWithPinocchio() throws {
        let arms = try ShippedArmsTests.names.map { try Support.arm($0) }
        var dice = Dice(state: 21)
        let request = Request(
            arms: arms.map { arm in
                let (q, t) = (arm.flangeFromTool.rotation.xyzw, arm.flangeFromTool.translation)
                let mass = arm.payload?.mass ?? 0
                return Request.Model(
                    model: arm.files[0].path, flange: arm.flangeBody, rotation_xyzw: [q.x, q.y, q.z, q.w], translation_m: [t.x, t.y, t.z],
                    payload_kg: mass, payload_inertia: 0.4 * mass * 0.03 * 0.03,
                    postures: (0..<100).map { _ in
                        .init(
                            q: dice.posture(arm), v: arm.joints.map { _ in dice.uniform(-2, 2) },
                            a: arm.joints.map { _ in dice.uniform(-10, 10) })
                    })
            })
        let answers = try ask(request)
        try #require(answers.count == arms.count)
        var worst = (position: 0.0, torque: 0.0)
        for ((arm, model), answer) in zip(zip(arms, request.arms), answers) {
            let kinematics = Kinematics(arm)
            kinematics.setTable(.identity)
            var (position, rotation, torque) = (0.0, 0.0, 0.0)
            for (k, p) in model.postures.enumerated() {
                let (pose, m) = (kinematics.forward(p.q), answer.poses[k])
                position = max(position, (pose.translation - Vector3(m[3], m[7], m[11])).length)
                let other = Rotation(
                    matrix: Matrix3(rows: Vector3(m[0], m[1], m[2]), Vector3(m[4], m[5], m[6]), Vector3(m[8], m[9], m[10])))
                rotation = max(rotation, pose.rotation.angle(to: other))
                let tau = kinematics.inverseDynamics(p.q, velocity: p.v, acceleration: p.a)
                torque = zip(tau, answer.torques[k]).reduce(torque) { max($0, abs($1.0 - $1.1)) }
            }
            #expect(position < 1e-9, "\(arm.name): \(position) m")
            #expect(rotation < 1e-7, "\(arm.name): \(rotation) rad")
            #expect(torque < 1e-6, "\(arm.name): \(torque) Nm")
            worst = (max(worst.position, position), max(worst.torque, torque))
        }
        func power(_ x: Double) -> String { "1e\(Int(max(-30, log10(max(x, 1e-30)).rounded(.up))))" }
        print("figure\tpinocchio.position\t\(power(worst.position))\tm")
        print("figure\tpinocchio.torque\t\(power(worst.torque))\tNm")
    }

    private func ask(_ request: Request) throws -> [Answer] {
        let process = Process()
        process.executableURL = Self.python
        process.arguments = [Support.root.appendingPathComponent("Tests/pinocchio_reference.py").path]
        let output = Pipe()
        process.standardOutput = output
        let question = FileManager.default.temporaryDirectory.appendingPathComponent("pinocchio-\(UUID().uuidString).json")
        try JSONEncoder().encode(request).write(to: question)
        defer { try? FileManager.default.removeItem(at: question) }
        process.standardInput = try FileHandle(forReadingFrom: question)
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try JSONDecoder().decode([Answer].self, from: data)
    }
}

import Foundation
import Geometry
import Testing

@testable import Robot

/// The arms that ship with the program, against what their makers publish.
@Suite struct ShippedArmsTests {
    static let names = ["panda", "fr3", "ur5e", "ur10e", "xarm7", "iiwa14", "gen3", "vx300s", "wx250s", "xarm6", "so101", "koch"]
    private static let six: Set = ["ur5e", "ur10e", "vx300s", "wx250s", "xarm6"]
    /// Of five joints, and short.
    private static let five: Set = ["so101", "koch"]

    @Test(arguments: names) func armsAreWhole(_ name: String) throws {
        let arm = try Support.arm(name)
        #expect(arm.name == name && arm.tableFromBase != nil && arm.payload != nil)
        #expect(arm.jointCount == (Self.five.contains(name) ? 5 : Self.six.contains(name) ? 6 : 7))
        for kind in [LimitKind.position, .velocity, .acceleration, .torque] { #expect(!(arm.sources[kind] ?? "").isEmpty) }
        // Held out over the table at home, gripper straight down as a hand would hold it, touching nothing.
        let kinematics = Kinematics(arm)
        kinematics.setTable(.identity)
        let foot = try #require(arm.tableFromBase).rotation
        let home = kinematics.forward(arm.home)
        // As seen from the foot, looking along the table's x.
        let pose = (rotation: foot * home.rotation, translation: foot * home.translation)
        #expect((pose.rotation * Vector3(0, 0, 1) - Vector3(0, 0, -1)).length < 1e-3)
        #expect((pose.rotation * Vector3(0, 1, 0) - Vector3(-1, 0, 0)).length < 1e-3)
        let isShort = Self.five.contains(name)
        #expect(pose.translation.z > (isShort ? 0.04 : 0.1) && pose.translation.x > (isShort ? 0.1 : 0.3))
        let own = kinematics.selfClearance(arm.home, reach: 0.02)
        #expect(own.distance > 0.01, "\(own.element)")
        #expect(kinematics.tableClearance(arm.home, reach: 0.02).distance > 0.01)
        #expect(kinematics.smallestSingularValue(arm.home) > 0.03)
        #expect(!arm.ignoredCollisions.contains { $0.reason == "always in contact" })
        // Folded up random postures do collide, most do not.
        var dice = Dice(state: 3)
        let colliding = (0..<200).filter { _ in kinematics.selfClearance(dice.posture(arm), reach: 0.001).distance < 0 }.count
        #expect(colliding > 2 && colliding < 140, "\(colliding) of 200")
    }

    @Test(arguments: names) func forwardKinematicsIsPublished(_ name: String) throws {
        let arm = try Support.arm(name)
        let kinematics = Kinematics(arm)
        let published = PublishedKinematics.named(name)
        var dice = Dice(state: 5)
        var worst = (position: 0.0, rotation: 0.0)
        for _ in 0..<200 {
            let q = dice.posture(arm)
            let (got, want) = (kinematics.forward(q), published.forward(q))
            worst.position = max(worst.position, (got.translation - want.translation).length)
            worst.rotation = max(worst.rotation, got.rotation.angle(to: want.rotation))
        }
        #expect(worst.position < 1e-9 && worst.rotation < 1e-7, "\(worst.position) m, \(worst.rotation) rad")
    }

    /// The folded chain against MuJoCo's own functions on the whole model.
    @Test(arguments: names) func chainIsTheModel(_ name: String) throws {
        let arm = try Support.arm(name)
        let kinematics = Kinematics(arm)
        var dice = Dice(state: 6)
        var native: [Double] = []
        var worst = 0.0
        for _ in 0..<100 {
            let q = dice.posture(arm)
            kinematics.nativeJacobian(q, into: &native)
            worst = zip(kinematics.jacobian(q), native).reduce(worst) { max($0, abs($1.0 - $1.1)) }
        }
        #expect(worst < 1e-12)
    }

    /// Other people's descriptions of the same arms, in millimetres. Skipped without the private folder.
    @Test(
        .enabled(if: Support.shared != nil),
        arguments: [("fr3", "fr3.urdf", "link8"), ("iiwa14", "kuka_iiwa_14/iiwa14.xml", "attachment_site")])
    func armsAgreeWithOtherDescriptions(_ name: String, _ path: String, _ flange: String) throws {
        let folder = try #require(Support.shared)
        let source = folder.appendingPathComponent("robots/\(path)")
        let ours = try Support.arm(name)
        // The pictures are not needed here, and neither are the meshes that do not ship.
        var text = try String(contentsOf: source, encoding: .utf8)
        if path.hasSuffix("urdf") {
            text = text.replacingOccurrences(of: "<collision[\\s\\S]*?</collision>", with: "", options: .regularExpression)
        } else {
            text = text.replacingOccurrences(of: "<geom [^>]*class=\"visual\"[^>]*/>", with: "", options: .regularExpression)
            text = text.replacingOccurrences(of: "<mesh [^>]*/>", with: "", options: .regularExpression)
        }
        let model = path.hasSuffix("urdf") ? "other.urdf" : "other.xml"
        let theirs = try Support.inFolder([model: text, "other.arm.yaml": "flange: \(flange)\n"]) {
            try Arm(contentsOf: $0.appendingPathComponent(model))
        }
        let (a, b) = (Kinematics(ours), Kinematics(theirs))
        let flangeFromTool = ours.flangeFromTool.relabelled(Tool.self, Tool.self)
        var dice = Dice(state: 9)
        var worst = 0.0
        for _ in 0..<100 {
            let q = dice.posture(ours)
            let want = b.forward(q) * flangeFromTool
            worst = max(worst, 1000 * (a.forward(q).translation - want.translation).length)
        }
        #expect(worst < 0.01, "\(worst) mm")
    }

    /// FR3's velocity limits fall towards the ends of the range: the published numbers by hand.
    @Test func velocityDependsOnPosition() throws {
        let arm = try Support.arm("fr3")
        let joint = arm.joints[1]
        #expect(joint.velocityLimits(at: 0).up == 2.62 && joint.velocityLimits(at: 0).down == 2.62)
        // 0.1 rad before the upper end of 1.8361: √(2 · 2.585 · 0.1) − 0.2.
        let near = try #require(joint.velocityLimits(at: 1.7361).up)
        #expect(abs(near - ((2 * 2.585 * 0.1).squareRoot() - 0.2)) < 1e-12)
        #expect(joint.velocityLimit(at: 1.7361, moving: -1) == 2.62 && joint.velocityLimits(at: 1.8361).up == 0)
        #expect(arm.summary().contains("deceleration"))
        #expect(try Support.arm("panda").joints[1].velocityLimit(at: 1.7, moving: 1) == 2.175)
    }
}

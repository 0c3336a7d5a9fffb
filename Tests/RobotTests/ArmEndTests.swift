import Foundation
import Geometry
import Testing

@testable import Robot

/// Where an arm ends is found however its gripper is built, and what is broken beside the chain does not refuse it.
@Suite struct ArmEndTests {
    private static let inertia = "<inertia ixx=\"0.01\" iyy=\"0.01\" izz=\"0.01\"/>"

    /// A chain of turning joints with these names, each 0.15 m above the one before, and what follows on its last link.
    private static func urdf(_ joints: [String], last: String = "wrist_link", _ rest: String = "") -> String {
        var text = "<robot name=\"arm\"><link name=\"foot\"/>"
        var parent = "foot"
        for (i, joint) in joints.enumerated() {
            let link = i == joints.count - 1 ? last : "part_\(i)"
            text += "<link name=\"\(link)\"><inertial><mass value=\"1\"/>\(inertia)</inertial></link>"
            text +=
                "<joint name=\"\(joint)\" type=\"revolute\"><parent link=\"\(parent)\"/><child link=\"\(link)\"/><origin xyz=\"0 0 0.15\"/>"
                + "<axis xyz=\"\(i % 2 == 0 ? "0 0 1" : "0 1 0")\"/><limit lower=\"-2.5\" upper=\"2.5\" effort=\"9\" velocity=\"2\"/></joint>"
            parent = link
        }
        return text + rest + "</robot>"
    }

    private static func link(_ name: String, _ inner: String = "<inertial><mass value=\"0.04\"/>\(inertia)</inertial>") -> String {
        "<link name=\"\(name)\">\(inner)</link>"
    }

    private static func joint(
        _ name: String, _ type: String, _ parent: String, _ child: String, limit: String = "lower=\"-0.1\" upper=\"1.6\"",
        _ more: String = ""
    ) -> String {
        "<joint name=\"\(name)\" type=\"\(type)\"><parent link=\"\(parent)\"/><child link=\"\(child)\"/><origin xyz=\"0.03 0 0.04\"/>"
            + "<axis xyz=\"1 0 0\"/><limit \(limit) effort=\"3\" velocity=\"2\"/>\(more)</joint>"
    }

    private static let six = (1...6).map { "axis_\($0)" }
    private static let so100 = ["Rotation", "Pitch", "Elbow", "Wrist_Pitch", "Wrist_Roll"]

    private func read(_ urdf: String, sidecar: String? = nil) throws -> Arm {
        var files = ["arm.urdf": urdf]
        if let sidecar { files["arm.arm.yaml"] = sidecar }
        return try Support.inFolder(files) { try Arm(contentsOf: $0.appendingPathComponent("arm.urdf")) }
    }

    private func complaint(_ urdf: String, sidecar: String? = nil) -> String {
        do {
            _ = try read(urdf, sidecar: sidecar)
            return "nothing"
        } catch { return "\(error)" }
    }

    /// The gripper in each of the ways that makers describe it; the arm is what is left.
    @Test(arguments: [
        ("a jaw by its joint", so100, "Jaw", link("beak") + joint("Jaw", "revolute", "wrist_link", "beak")),
        ("a jaw by its link", six, "axis_7", link("moving_jaw_v1") + joint("axis_7", "revolute", "wrist_link", "moving_jaw_v1")),
        (
            "a jaw beside a fixed one", ["1", "2", "3", "4", "5"], "6",
            link("Moving_Jaw") + joint("6", "revolute", "wrist_link", "Moving_Jaw")
                + ["Fixed_Jaw_tip", "Moving_Jaw_tip"].enumerated().map { n, name in
                    link(name, "")
                        + "<joint name=\"fix\(n)\" type=\"fixed\"><parent link=\"\(n == 0 ? "wrist_link" : "Moving_Jaw")\"/><child link=\"\(name)\"/></joint>"
                }.joined()
        ),
        (
            "a wheel that drives fingers", six, "gripper",
            link("prop") + "<joint name=\"gripper\" type=\"continuous\"><parent link=\"wrist_link\"/><child link=\"prop\"/></joint>"
                + link("one") + link("two") + joint("left", "prismatic", "wrist_link", "one", limit: "lower=\"0.015\" upper=\"0.037\"")
                + joint(
                    "right", "prismatic", "wrist_link", "two", limit: "lower=\"-0.037\" upper=\"-0.015\"",
                    "<mimic joint=\"left\" multiplier=\"-1\"/>")
        ),
        (
            "a pair without telling names", six, "m1",
            link("p") + link("q") + joint("m1", "revolute", "wrist_link", "p") + joint("m2", "revolute", "wrist_link", "q")
        ),
        (
            "a linkage of turning joints", six, "a1",
            ["a", "b", "c", "d"].map { link($0) }.joined() + joint("a1", "revolute", "wrist_link", "a") + joint("b1", "revolute", "a", "b")
                + joint("c1", "revolute", "wrist_link", "c") + joint("d1", "revolute", "c", "d")
        ),
        (
            "one that follows another", six, "lever",
            link("l") + link("k") + joint("lever", "revolute", "wrist_link", "l")
                + joint("other", "revolute", "wrist_link", "k", "<mimic joint=\"lever\"/>")
        ),
    ])
    func grippersAreLeftOut(_ what: String, _ joints: [String], _ named: String, _ gripper: String) throws {
        let arm = try read(Self.urdf(joints, gripper))
        #expect(arm.joints.map(\.name) == joints && arm.flangeBody == "wrist_link", "\(what): \(arm.joints.map(\.name)), \(arm.flangeBody)")
        #expect(arm.notes.contains { $0.contains(named) && $0.contains("flange") && $0.contains("arm.arm.yaml") }, "\(what): \(arm.notes)")
        #expect(arm.summary().contains(named))
        // What is left moves as the arm without a gripper does.
        let plain = try read(Self.urdf(joints))
        let q = joints.indices.map { 0.3 * Double($0) - 0.7 }
        let (a, b) = (Kinematics(arm).forward(q), Kinematics(plain).forward(q))
        #expect((a.translation - b.translation).length < 1e-12 && a.rotation.angle(to: b.rotation) < 1e-7, "\(what)")
        #expect(arm.mayTouchTable.count > plain.mayTouchTable.count, "the gripper may touch the table")
    }

    /// The link that the wrist's last joint turns is called by the jaw fixed to it.
    @Test(arguments: [["pan", "lift", "flex", "wrist_flex", "wrist_roll"], ["1", "2", "3", "4", "5"]])
    func aFixedJawIsTheFlange(_ joints: [String]) throws {
        let jaw = Self.link("Moving_Jaw") + Self.joint("6", "revolute", "Fixed_Jaw", "Moving_Jaw")
        let arm = try read(Self.urdf(joints, last: "Fixed_Jaw", jaw))
        #expect(arm.joints.map(\.name) == joints && arm.flangeBody == "Fixed_Jaw", "\(arm.joints.map(\.name))")
    }

    /// An MJCF marks the tool, or where one is mounted, by a site.
    @Test func aSiteSaysWhereTheToolStands() throws {
        func model(_ sites: String) -> String {
            let body = "<inertial mass=\"1\" pos=\"0 0 0\" diaginertia=\"0.01 0.01 0.01\"/>"
            return "<mujoco><compiler angle=\"radian\" autolimits=\"true\"/><worldbody><body name=\"foot\">"
                + (1...6).map {
                    "<body name=\"part_\($0)\" pos=\"0 0 0.2\"><joint name=\"j\($0)\" axis=\"0 \($0 % 2) \(($0 + 1) % 2)\" range=\"-2 2\"/>\(body)"
                }.joined() + "<body name=\"holder\" pos=\"0 0 0.05\">\(body)\(sites)</body>" + String(repeating: "</body>", count: 7)
                + "</worldbody></mujoco>"
        }
        func read(_ sites: String) throws -> Arm {
            try Support.inFolder(["arm.xml": model(sites)]) { try Arm(contentsOf: $0.appendingPathComponent("arm.xml")) }
        }
        let mark = "<site name=\"attachment_site\" pos=\"0 0.03 0.1\" quat=\"0.7071067811865476 -0.7071067811865476 0 0\"/>"
        let camera = "<site name=\"camera_tool_frame\" pos=\"1 0 0\"/>"
        let arm = try read(mark + camera)
        #expect(arm.flangeBody == "part_6" && arm.notes.contains { $0.contains("site attachment_site") }, "\(arm.notes)")
        #expect((arm.flangeFromTool.translation - Vector3(0, 0.03, 0.15)).length < 1e-12)
        #expect((arm.flangeFromTool.rotation * Vector3(0, 0, 1) - Vector3(0, 1, 0)).length < 1e-9)
        // What is called a tool goes before what carries one; two of a kind say nothing.
        let tool = "<site name=\"ee_site\" pos=\"0 0 0.2\"/>"
        #expect((try read(mark + tool).flangeFromTool.translation - Vector3(0, 0, 0.25)).length < 1e-12)
        let two = try read(mark + tool + "<site name=\"pinch\" pos=\"0 0 0.1\"/>")
        #expect(two.flangeFromTool.translation == .zero && !two.notes.contains { $0.contains("site ") })
    }

    @Test func aToolFrameIsTheEnd() throws {
        let frame = Self.link("gripper_frame_link", "<inertial><mass value=\"1e-9\"/><inertia ixx=\"0\" iyy=\"0\" izz=\"0\"/></inertial>")
        let fixed =
            "<joint name=\"fix\" type=\"fixed\"><parent link=\"gripper_link\"/><child link=\"gripper_frame_link\"/><origin xyz=\"0 0 0.098\"/></joint>"
        let jaw = Self.link("piece") + Self.joint("hinge", "revolute", "gripper_link", "piece")
        let arm = try read(Self.urdf(["a", "b", "c", "d", "wrist_roll"], last: "gripper_link", frame + fixed + jaw))
        #expect(arm.joints.count == 5 && arm.flangeBody == "gripper_frame_link", "\(arm.flangeBody)")
        #expect(abs(Kinematics(arm).forward([0, 0, 0, 0, 0]).translation.z - (5 * 0.15 + 0.098)) < 1e-12)
        // Frames without mass that show a small box, as UR's have; the tool's own goes before the hand's.
        let boxed = ["ee_link", "tool0", "more_ee_frame"].enumerated().map { n, name in
            Self.link(
                name,
                "<inertial><mass value=\"0\"/><inertia ixx=\"0\" iyy=\"0\" izz=\"0\"/></inertial><collision><geometry><box size=\"0.01 0.01 0.01\"/></geometry></collision>"
            )
                + "<joint name=\"f\(n)\" type=\"fixed\"><parent link=\"wrist_link\"/><child link=\"\(name)\"/><origin xyz=\"0 0.08 0\"/></joint>"
        }.joined()
        #expect(try read(Self.urdf(Self.six, boxed)).flangeBody == "tool0")
        // A camera's frame is no tool's.
        let camera =
            Self.link("camera_optical_frame", "")
            + "<joint name=\"eye\" type=\"fixed\"><parent link=\"wrist_link\"/><child link=\"camera_optical_frame\"/></joint>"
        #expect(try read(Self.urdf(Self.six, camera)).flangeBody == "wrist_link")
        // Seven joints with plain names are an arm of seven.
        #expect(try read(Self.urdf((1...7).map { "axis_\($0)" })).joints.count == 7)
    }

    @Test func sidecarsSayWhereTheToolStands() throws {
        let frame =
            Self.link("mark", "")
            + "<joint name=\"fix\" type=\"fixed\"><parent link=\"wrist_link\"/><child link=\"mark\"/><origin xyz=\"0 0.02 0.11\" rpy=\"0 0.4 0\"/></joint>"
        let jaw = Self.link("beak") + Self.joint("Jaw", "revolute", "wrist_link", "beak")
        let text = Self.urdf(Self.so100, frame + jaw)
        let both = try read(text, sidecar: "flange: wrist_link\ntool_frame: mark\n")
        let alone = try read(text, sidecar: "tool_frame: mark\n")
        let q = [0.2, -0.4, 0.6, 0.1, -0.9]
        let (a, b) = (Kinematics(both).forward(q), Kinematics(alone).forward(q))
        #expect((a.translation - b.translation).length < 1e-12 && a.rotation.angle(to: b.rotation) < 1e-7)
        #expect((both.flangeFromTool.translation - Vector3(0, 0.02, 0.11)).length < 1e-12 && both.flangeBody == "wrist_link")
        #expect(try read(text, sidecar: "flange: beak\n").joints.map(\.name).last == "Jaw", "who says so is heard")
        #expect(complaint(text, sidecar: "tool_frame: marc\n").contains("mark"))
        #expect(complaint(text, sidecar: "flange: wrist_link\ntool_frame: beak\n").contains("not fixed to the flange"))
        let twice = "flange: wrist_link\ntool_frame: mark\nflange_from_tool: {rotation_xyzw: [0, 0, 0, 1], translation_m: [0, 0, 0]}\n"
        #expect(complaint(text, sidecar: twice).contains("one of both"))
    }

    /// Each fault, on a finger and on the chain.
    @Test(arguments: [
        ("<inertial><mass value=\"0.07\"/><inertia ixx=\"3e-6\" iyy=\"4e-7\" izz=\"9e-7\"/></inertial>", "none may exceed"),
        ("<inertial><mass value=\"0.07\"/><inertia ixx=\"3e-6\" iyy=\"-4e-7\" izz=\"9e-7\"/></inertial>", "not positive definite"),
        ("", "no mass"), ("<inertial><mass value=\"-2\"/><inertia ixx=\"1\" iyy=\"1\" izz=\"1\"/></inertial>", "negative"),
        ("<inertial><mass value=\"heavy\"/><inertia ixx=\"1\" iyy=\"1\" izz=\"1\"/></inertial>", "heavy"),
        (
            "<inertial><mass value=\"0.07\"/>\(inertia)</inertial><collision><geometry><mesh filename=\"gone.stl\"/></geometry></collision>",
            "gone.stl"
        ),
        (
            "<inertial><mass value=\"0.07\"/>\(inertia)</inertial><collision><geometry><mesh filename=\"a/b.dae\"/></geometry></collision>",
            "STL, OBJ and MSH"
        ),
    ])
    func faultsBesideTheChainAreNotes(_ inner: String, _ word: String) throws {
        let finger = Self.link("finger_a", inner) + Self.joint("finger_joint", "revolute", "wrist_link", "finger_a")
        let arm = try read(Self.urdf(Self.six, finger))
        #expect(arm.joints.count == 6 && arm.notes.contains { $0.contains(word) }, "\(arm.notes)")
        let own =
            Self.urdf(["u", "v"], last: "mid").replacingOccurrences(of: "</robot>", with: "")
            + Self.link("end", inner) + Self.joint("w", "revolute", "mid", "end") + "</robot>"
        let said = complaint(own, sidecar: "flange: end\n")
        #expect(said.contains(word) && !said.contains("balanceinertia") && !said.contains("mjMINVAL"), "\(said)")
        #expect(!said.contains("\n"))
    }

    @Test func jointsBesideTheChainAreNotes() throws {
        for limit in ["lower=\"0\" upper=\"0\"", "lower=\"1\" upper=\"-1\"", "lower=\"0.4\" upper=\"0.4\"", "lower=\"nan\" upper=\"1\""] {
            let finger = Self.link("tip_a") + Self.joint("finger_slide", "prismatic", "wrist_link", "tip_a", limit: limit)
            #expect(try read(Self.urdf(Self.six, finger)).joints.count == 6, "\(limit)")
            let moved = Self.joint("w", "revolute", "wrist_link", "tip_a", limit: limit)
            if !limit.contains("\"0\"") {
                #expect(
                    complaint(Self.urdf(["u", "v"], Self.link("tip_a") + moved), sidecar: "flange: tip_a\n").contains("joint w"), "\(limit)"
                )
            }
        }
        // Rounding in the file is nothing to say on the chain either.
        let rounded = "<inertial><mass value=\"0.5\"/><inertia ixx=\"2.0001e-4\" iyy=\"1e-4\" izz=\"1e-4\"/></inertial>"
        let arm = try read(
            Self.urdf(["u"], last: "mid").replacingOccurrences(of: "</robot>", with: "")
                + Self.link("end", rounded) + Self.joint("w", "revolute", "mid", "end") + "</robot>", sidecar: "flange: end\n")
        #expect(arm.joints.count == 2 && arm.notes.contains { $0.contains("link end") })
    }

    @Test func macrosAreSaidToBe() throws {
        let text = "<robot name=\"x\" xmlns:xacro=\"http://ros.org\"><xacro:include filename=\"a.xacro\"/><link name=\"l\"/></robot>"
        #expect(complaint(text).contains("xacro arm.urdf > arm.urdf"))
        #expect(complaint(Self.urdf(Self.six).replacingOccurrences(of: "0 0 0.15", with: "0 0 ${h}")).contains("xacro"))
    }

    @Test(.enabled(if: Support.shared != nil)) func theMakersOwnModelEndsAtItsWrist() throws {
        let folder = try #require(Support.shared)
        let arm = try Arm(contentsOf: folder.appendingPathComponent("robots/ufactory_xarm7/xarm7.xml"))
        #expect(arm.joints.map(\.name) == (1...7).map { "joint\($0)" } && arm.flangeBody == "link7")
    }
}

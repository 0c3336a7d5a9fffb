import Foundation
import Geometry
import Testing

@testable import Robot

/// Arms are read, and what is wrong with one is said with the file and the element.
@Suite struct ArmTests {
    static let urdf = """
        <?xml version="1.0"?><!-- a comment -->
        <robot name="two"><link name="foot"/>
        <link name="a"><inertial><mass value="1"/><origin xyz="0 0 0.1"/><inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>
          <visual><geometry><mesh filename="package://nowhere/picture.dae"/></geometry></visual>
          <collision><geometry><sphere radius="0.05"/></geometry></collision></link>
        <link name="b"><inertial><mass value="1"/><inertia ixx="0.01" iyy="0.01" izz="0.01"/></inertial></link>
        <link name="tip"/>
        <joint name="j1" type="revolute"><parent link="foot"/><child link="a"/><axis xyz="0 0 1"/><limit lower="-1" upper="2" effort="30" velocity="1.5"/></joint>
        <joint name="j2" type="revolute"><parent link="a"/><child link="b"/><origin xyz="0 0 0.3"/><axis xyz="0 1 0"/><limit lower="-2" upper="2" effort="20" velocity="2.5"/></joint>
        <joint name="end" type="fixed"><parent link="b"/><child link="tip"/><origin xyz="0.4 0 0"/></joint>
        </robot>
        """

    private func read(_ files: [String: String], _ name: String) throws -> Arm {
        try Support.inFolder(files) { try Arm(contentsOf: $0.appendingPathComponent(name)) }
    }

    /// What reading says is wrong.
    private func complaint(_ files: [String: String], _ name: String) -> String {
        do {
            _ = try read(files, name)
            return "nothing"
        } catch { return "\(error)" }
    }

    @Test func plainURDFIsRead() throws {
        let arm = try read(["two.urdf": Self.urdf], "two.urdf")
        #expect(arm.name == "two" && arm.flangeBody == "tip" && arm.joints.map(\.name) == ["j1", "j2"])
        #expect(arm.joints.map(\.velocity) == [1.5, 2.5], "the velocity limits that MuJoCo drops")
        #expect(arm.joints.map(\.torque) == [30, 20] && arm.joints.map(\.lower) == [-1, -2] && arm.joints.map(\.upper) == [2, 2])
        #expect(arm.joints.allSatisfy { $0.acceleration == nil } && arm.sources.acceleration == nil)
        let tip = Kinematics(arm).forward([0.5, 0]).translation
        #expect((tip - Vector3(0.4 * Foundation.cos(0.5), 0.4 * Foundation.sin(0.5), 0.3)).length < 1e-12)
    }

    @Test func sidecarBesideAModelCounts() throws {
        let sidecar = """
            flange: b
            flange_from_tool: {rotation_xyzw: [0, 0, 0, 1], translation_m: [0.1, 0, 0]}
            limits:
              velocity: {values: [1, 1], source: somebody}
              acceleration: {values: [5, 6], source: assumed}
            """
        let arm = try read(["two.urdf": Self.urdf, "two.arm.yaml": sidecar], "two.urdf")
        #expect(arm.joints.map(\.velocity) == [1, 1] && arm.joints.map(\.acceleration) == [5, 6])
        #expect(arm.sources.velocity == "somebody" && arm.sources.isAssumed(.acceleration) && !arm.sources.isAssumed(.velocity))
        #expect((Kinematics(arm).forward([0, 0]).translation - Vector3(0.1, 0, 0.3)).length < 1e-12)
        #expect(arm.files.map(\.lastPathComponent) == ["two.urdf", "two.arm.yaml"])
        let summary = arm.summary()
        for text in ["two", "j1", "somebody", "assumed", "unknown: not checked"] { #expect(summary.contains(text)) }
    }

    @Test func brokenModelsAreNamed() {
        func urdf(_ old: String, _ new: String) -> [String: String] { ["two.urdf": Self.urdf.replacingOccurrences(of: old, with: new)] }
        let cases: [([String: String], [String])] = [
            (
                urdf("lower=\"-1\" upper=\"2\"", "lower=\"2\" upper=\"-1\""),
                ["two.urdf", "joint j1", "lower limit 2.0", "upper limit -1.0"]
            ),
            (urdf("velocity=\"2.5\"", "velocity=\"fast\""), ["two.urdf", "joint j2", "velocity", "fast"]),
            (
                urdf("name=\"j1\" type=\"revolute\"", "name=\"j1\" type=\"continuous\""),
                ["two.urdf", "joint j1", "turns without end", "arm.yaml"]
            ),
            (urdf("<mass value=\"1\"/><origin", "<mass value=\"-1\"/><origin"), ["two.urdf", "link a", "mass -1.0 kg"]),
            (urdf("izz=\"0.01\" ixy", "izz=\"-0.01\" ixy"), ["two.urdf", "link a", "not positive definite"]),
            (
                urdf("<sphere radius=\"0.05\"/>", "<mesh filename=\"package://p/part.stl\"/>"),
                ["two.urdf", "package://p/part.stl", "not found"]
            ),
            (urdf("<child link=\"b\"/>", "<child link=\"c\"/>"), ["two.urdf", "joint j2", "child link c does not exist"]),
            (urdf("<limit lower=\"-1\" upper=\"2\" effort=\"30\" velocity=\"1.5\"/>", ""), ["two.urdf", "joint j1", "no <limit>"]),
            (["two.urdf": String(Self.urdf.prefix(700))], ["two.urdf", "line "]),
            (["two.urdf": ""], ["two.urdf", "no XML element"]),
            (["two.urdf": "hello, I am a text"], ["two.urdf", "no XML element"]),
            (["two.urdf": "<html/>"], ["two.urdf", "<html>", "not a robot"]),
        ]
        for (files, words) in cases {
            let said = complaint(files, "two.urdf")
            for word in words { #expect(said.contains(word), "\"\(said)\" should name \(word)") }
            #expect(!said.contains("\n"))
        }
    }

    @Test func brokenMJCFIsNamed() {
        func pendulum(_ old: String, _ new: String) -> [String: String] {
            ["p.xml": Models.pendulum.replacingOccurrences(of: old, with: new)]
        }
        #expect(complaint(pendulum("axis=\"0 -1 0\" range=\"-2 2\"", "type=\"ball\""), "p.xml").contains("swing"))
        #expect(complaint(pendulum("range=\"-2 2\"", "range=\"2 -2\""), "p.xml").contains("p.xml"))
        #expect(complaint(pendulum(" range=\"-2 2\"", ""), "p.xml").contains("joint swing: turns without end"))
        #expect(complaint(pendulum("range=\"-2 2\"", "range=\"2 -2\""), "p.xml").contains("joint swing: range [2.0, -2.0]"))
        #expect(
            complaint(pendulum("diaginertia=\"0.01 0.01 0.01\"", "diaginertia=\"0.01 0 0.01\""), "p.xml").contains(
                "body rod: its inertia is not positive"))
        #expect(
            complaint(pendulum("diaginertia=\"0.01 0.01 0.01\"", "fullinertia=\"0.01 0.01 0.01 0.02 0 0\""), "p.xml").contains(
                "body rod: its inertia is not positive definite"))
        #expect(complaint(pendulum("mass=\"2\"", "mass=\"-2\""), "p.xml").contains("body rod: mass=\"-2\""))
        let lost = complaint(pendulum("<worldbody>", "<asset><mesh name=\"m\" file=\"gone.stl\"/></asset><worldbody>"), "p.xml")
        #expect(lost.contains("p.xml: mesh gone.stl (line 1): does not exist"), "\(lost)")
        #expect(complaint(pendulum("range=\"-2 2\"", "range=\"-2 inf\""), "p.xml").contains("joint swing: range=\"-2 inf\""))
        #expect(complaint(pendulum("<geom type=\"capsule\"", "<geom type=\"mesh\" mesh=\"m\""), "p.xml").contains("p.xml"))
    }

    @Test func brokenSidecarsAreNamed() {
        let cases = [
            ("flange: wrist\n", "tool frame wrist does not exist"), ("limits: {velocity: {values: [1], source: x}}\n", "limits.velocity"),
            ("limits: {velocity: {values: [1, 0], source: x}}\n", "positive"),
            ("limits: {velocity: {values: [1, 1]}}\n", "limits.velocity.source"),
            ("limits: {position: {lower: [1, 1], upper: [0, 2], source: x}}\n", "limits.position of j1"), ("home: [0, 9]\n", "home"),
            ("velocty: 3\n", "velocty"), ("limits: {speed: {values: [1, 1], source: x}}\n", "limits.speed"),
            ("flange_from_tool: {rotation_xyzw: [0, 0, 0, 2], translation_m: [0, 0, 0]}\n", "rotation_xyzw"),
            ("payload: {mass_kg: -1, center_of_mass_m: [0, 0, 0], source: x}\n", "payload"), ("may_touch_table: [hoof]\n", "hoof"),
            ("allowed_collisions: [[a, z]]\n", "allowed_collisions"), ("held: {thumb: 1}\n", "held.thumb"),
            ("joints: [j2, j1]\n", "joints"), ("home: [0, .inf]\n", "home"), ("home: [.nan, 0]\n", "home"),
            ("limits: {position: {lower: [-.inf, 0], upper: [1, 1], source: x}}\n", "limits.position of j1"),
            ("limits: {torque: {values: [.inf, 1], source: x}}\n", "limits.torque"),
            (
                "limits: {torque: {values: [1, 1], source: x, position_dependent: {deceleration: [1, 1], offset: [0, 0], source: x}}}\n",
                "limits.torque.position_dependent"
            ),
            (
                "limits: {velocity: {values: [1, 1], source: x, position_dependent: {deceleration: [1, -1], offset: [0, 0], source: x}}}\n",
                "deceleration"
            ),
            (": : :\n", "YAML"), ("base: b\n", "moves"),
        ]
        for (text, word) in cases {
            let said = complaint(["two.urdf": Self.urdf, "two.arm.yaml": text], "two.urdf")
            #expect(said.contains(word) && said.contains("two.arm.yaml"), "\"\(said)\" should name \(word)")
        }
    }

    /// Meshes by package path, a finger that mimics another, a fixed tool frame with an offset and a turn.
    @Test func packagesMimicsAndToolFramesAreKept() throws {
        // A tetrahedron in binary STL: 80 bytes of header, four triangles.
        let corners: [(Float, Float, Float)] = [(0, 0, 0), (0.1, 0, 0), (0, 0.1, 0), (0, 0, 0.1)]
        var stl = Data(count: 80)
        func put<T>(_ value: T) { withUnsafeBytes(of: value) { stl.append(contentsOf: $0) } }
        put(UInt32(4))
        for face in [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]] {
            for _ in 0..<3 { put(Float(0)) }
            for k in face {
                put(corners[k].0)
                put(corners[k].1)
                put(corners[k].2)
            }
            put(UInt16(0))
        }
        let fingers = """
            <link name="left"><inertial><mass value="0.1"/><inertia ixx="1e-4" iyy="1e-4" izz="1e-4"/></inertial></link>
            <link name="right"><inertial><mass value="0.1"/><inertia ixx="1e-4" iyy="1e-4" izz="1e-4"/></inertial></link>
            <joint name="grip" type="prismatic"><parent link="tip"/><child link="left"/><axis xyz="0 1 0"/><limit lower="0" upper="0.04" effort="20" velocity="0.2"/></joint>
            <joint name="grip2" type="prismatic"><parent link="tip"/><child link="right"/><axis xyz="0 -1 0"/><limit lower="0" upper="0.04" effort="20" velocity="0.2"/><mimic joint="grip"/></joint>
            </robot>
            """
        let text = Self.urdf.replacingOccurrences(
            of: "<sphere radius=\"0.05\"/>", with: "<mesh filename=\"package://some_robot/meshes/part.stl\"/>"
        )
        .replacingOccurrences(
            of: "<child link=\"tip\"/><origin xyz=\"0.4 0 0\"/>",
            with: "<child link=\"tip\"/><origin xyz=\"0.4 0 0\" rpy=\"0 1.5707963267948966 0\"/>"
        )
        .replacingOccurrences(of: "</robot>", with: fingers)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("robot-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for inner in ["some_robot/meshes", "some_robot/urdf"] {
            try FileManager.default.createDirectory(at: folder.appendingPathComponent(inner), withIntermediateDirectories: true)
        }
        try stl.write(to: folder.appendingPathComponent("some_robot/meshes/part.stl"))
        let file = folder.appendingPathComponent("some_robot/urdf/two.urdf")
        try text.write(to: file, atomically: true, encoding: .utf8)
        try "flange: tip\nheld: {grip: 0.03}\n".write(
            to: folder.appendingPathComponent("some_robot/urdf/two.arm.yaml"), atomically: true, encoding: .utf8)
        let arm = try Arm(contentsOf: file)
        #expect(arm.joints.map(\.name) == ["j1", "j2"] && arm.flangeBody == "tip")
        let pose = Kinematics(arm).forward([0, 0])
        #expect((pose.translation - Vector3(0.4, 0, 0.3)).length < 1e-12)
        #expect((pose.rotation * Vector3(0, 0, 1) - Vector3(1, 0, 0)).length < 1e-12, "the tool frame's turn is kept")
        // The mesh is a body of its hull: the table 5 cm under its lowest corner.
        let kinematics = Kinematics(arm)
        kinematics.setTable(Transform(rotation: .identity, translation: Vector3(0, 0, 0.05)))
        #expect(abs(kinematics.tableClearance([0, 0], reach: 1).distance - 0.05) < 1e-6)
        try "held: {grip: .inf}\n".write(
            to: folder.appendingPathComponent("some_robot/urdf/two.arm.yaml"), atomically: true, encoding: .utf8)
        #expect(throws: RobotError.self) { try Arm(contentsOf: file) }
    }

    @Test func missingFilesAreNamed() {
        #expect(complaint([:], "nothing.urdf").contains("nothing.urdf: does not exist"))
        #expect(complaint(["a.txt": ""], "a.txt").contains("is not an arm"))
        #expect(complaint(["arm.yaml": "model: gone.xml\n"], "arm.yaml").contains("gone.xml"))
        #expect(complaint(["arm.yaml": "name: x\n"], "arm.yaml").contains("model: is missing"))
    }
}

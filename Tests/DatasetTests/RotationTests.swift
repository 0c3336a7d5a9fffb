@testable import Dataset
import Foundation
import Geometry
import Imaging
import Testing

/// Rotations as numbers: near ones have near numbers over a whole data set, and say what they are to those who read them.
struct RotationTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var x = state
            x ^= x >> 33
            x = x &* 0xff51_afd7_ed55_8ccd
            return x ^ (x >> 33)
        }
        mutating func vector() -> Vector3 {
            while true {
                let v = Vector3(.random(in: -1...1, using: &self), .random(in: -1...1, using: &self), .random(in: -1...1, using: &self))
                if v.length > 0.1, v.length <= 1 { return v.normalized }
            }
        }
        mutating func turn(_ range: ClosedRange<Double>) -> Rotation {
            Rotation(axis: vector(), angle: .random(in: range, using: &self) * .pi / 180)
        }
    }

    /// Pairs of rotations within 5° of one another, up to `reach` degrees from a reference: the largest difference of any of their numbers.
    private func jump(_ form: RotationForm, about reference: Rotation, reach: Double) -> Double {
        var dice = Dice(state: 41)
        var most = 0.0
        for _ in 0..<20_000 {
            let a = dice.turn(0...reach) * reference
            let b = a * dice.turn(0...5)
            guard b.angle(to: reference) <= reach * .pi / 180 else { continue }
            let (x, y) = (form.numbers(of: a, about: reference), form.numbers(of: b, about: reference))
            most = max(most, zip(x, y).map { abs($0 - $1) }.max() ?? 0)
        }
        return most
    }

    @Test func nearRotationsHaveNearNumbers() {
        // A tool that points down, somewhat turned: where plain rotation vectors change sign.
        let down = Rotation(axis: Vector3(0.9, 0.4, 0.05), angle: .pi - 0.01)
        #expect(jump(.rot6d, about: .identity, reach: 180) < 0.09)
        #expect(jump(.rotvec, about: down, reach: 100) < 0.1)
        #expect(jump(.rotvec, about: down, reach: 150) < 0.12)
        #expect(jump(.quaternion, about: down, reach: 170) < 0.045)
        // And without a reference: what they are for.
        let plain = [0.02, -0.02].map { Rotation(axis: Vector3(0.9, 0.4, 0.05), angle: .pi + $0).vector }
        #expect((plain[0] - plain[1]).length > 6)
    }

    @Test func numbersSayTheRotation() {
        var dice = Dice(state: 5)
        for _ in 0..<200 {
            let (rotation, reference) = (dice.turn(0...180), dice.turn(0...180))
            let m = rotation.matrix
            let six = RotationForm.rot6d.numbers(of: rotation, about: reference)
            #expect(six == [m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2]])
            let w = RotationForm.rotvec.numbers(of: rotation, about: reference)
            #expect((Rotation(vector: Vector3(w[0], w[1], w[2])) * reference).angle(to: rotation) < 1e-7)
            let q = RotationForm.quaternion.numbers(of: rotation, about: reference)
            #expect(Rotation(xyzw: Vector4(q[0], q[1], q[2], q[3])).angle(to: rotation) < 1e-7)
            #expect((Vector4(q[0], q[1], q[2], q[3]) * reference.xyzw).sum() >= 0)
        }
    }

    @Test func uprightRotationsAreTwentyFour() {
        let all = RotationChart.uprights
        #expect(all.count == 24)
        for (i, a) in all.enumerated() {
            for b in all[(i + 1)...] { #expect(a.angle(to: b) > 1.5) }
            let m = a.matrix
            #expect((0..<9).allSatisfy { [-1, 0, 1].contains((m[$0 / 3, $0 % 3] * 1e9).rounded() / 1e9) })
        }
        var dice = Dice(state: 9)
        for _ in 0..<2000 {
            let rotation = dice.turn(0...180)
            let nearest = RotationChart.upright(nearest: rotation)
            #expect(nearest.angle(to: rotation) < 62.81 * .pi / 180)
            #expect(all.allSatisfy { $0.angle(to: rotation) >= nearest.angle(to: rotation) - 1e-9 })
        }
    }

    private func specification(_ numbers: DatasetNumbers, _ sides: [DatasetSide]) -> DatasetSpecification {
        var specification = Demonstration.specification
        specification.sides = sides
        specification.numbers = numbers
        specification.imageKey = "hand"
        specification.options.squareWidth = 16
        return specification
    }

    private func write(
        _ format: DatasetFormat, _ url: URL, _ numbers: DatasetNumbers, sides: [DatasetSide] = [.only], session: String = "a",
        first: Int = 0,
        existing: ExistingDataset = .append, rule: String? = nil
    ) throws {
        let writer = try format.writer(at: url, specification(numbers, sides), existing: existing)
        for episode in first..<first + 2 { try Demonstration.write(episode, length: 4, sides: sides, to: writer) }
        var source = Sample.source(session)
        source.versions[DatasetSource.postureRuleKey] = rule
        try writer.finish(source)
    }

    /// What a row should hold, from the demonstration alone; `next` is where the action leads.
    private func expected(_ numbers: DatasetNumbers, _ at: DatasetFrame.Side, from before: DatasetFrame.Side?, place: Int) -> [Double] {
        func turned(_ r: Rotation, _ reference: Rotation) -> [Double] {
            switch numbers.chart.form {
            case .rot6d:
                let (x, y) = (r.inverse * Vector3(1, 0, 0), r.inverse * Vector3(0, 1, 0))
                return [x.x, x.y, x.z, y.x, y.y, y.z]
            case .rotvec:
                let v = (r * reference.inverse).vector
                return [v.x, v.y, v.z]
            case .quaternion:
                let q = r.angle(to: reference) == 0 || (r.xyzw * reference.xyzw).sum() >= 0 ? r.xyzw : -r.xyzw
                return [q.x, q.y, q.z, q.w]
            }
        }
        let pose = at.baseFromTool
        let turn = turned(pose.rotation, numbers.chart.reference(place))
        let p = pose.translation
        guard let before else {
            switch numbers.state {
            case .joints: return at.joints + [at.gripperWidth]
            case .both: return at.joints + [at.gripperWidth, p.x, p.y, p.z] + turn
            default: return [p.x, p.y, p.z] + turn + [at.gripperWidth]
            }
        }
        switch numbers.action {
        case .joints: return at.joints + [at.gripperWidth]
        case .ee: return [p.x, p.y, p.z] + turn + [at.gripperWidth]
        case .eeRelative:
            let back = before.baseFromTool.rotation.inverse
            let d = back * (p - before.baseFromTool.translation)
            return [d.x, d.y, d.z] + turned(back * pose.rotation, .identity) + [at.gripperWidth]
        }
    }

    private static let choices = StateNumbers.allCases.flatMap { state in ActionNumbers.allCases.map { (state, $0) } }

    /// Every choice of state, action and rotation, of one arm and of two: names and numbers, and groups that cover them.
    @Test(arguments: RotationForm.allCases, [[DatasetSide.only], [.left, .right]])
    func everyChoiceIsNamedAndWritten(_ form: RotationForm, _ sides: [DatasetSide]) throws {
        let folder = try TemporaryFolder()
        let references = [Rotation(axis: Vector3(0, 1, 0), angle: .pi / 2), Rotation(axis: Vector3(0, 1, 0), angle: 1.9)]
        for (state, action) in Self.choices where form == .rot6d || state != .both {
            let numbers = DatasetNumbers(state: state, action: action, chart: RotationChart(form: form, references: references))
            let url = folder.file("\(state)-\(action)-\(form)")
            try write(.lerobot21, url, numbers, sides: sides)
            let info = try JSONValue.read(url.appendingPathComponent("meta/info.json"))["features"]
            let table = try DatasetFolder(url).table(try DatasetFolder(url).tables(under: "data")[1])
            for (feature, isAction) in [("observation.state", false), ("action", true)] {
                let truth = (0..<4).flatMap { row in
                    sides.enumerated().flatMap { place, side in
                        let now = Demonstration.side(1, row, side)
                        let next = Demonstration.side(1, min(row + 1, 3), side)
                        return expected(numbers, isAction ? next : now, from: isAction ? now : nil, place: place)
                    }
                }
                let found = try table.doubles(feature)
                let isRight = found.count == truth.count && zip(found, truth).allSatisfy { abs($0 - $1) < 2e-6 }
                #expect(isRight, "\(url.lastPathComponent) \(feature)")
                let names = info?[feature]?["names"]?.elements?.compactMap(\.text) ?? []
                #expect(names.count * 4 == found.count && Set(names).count == names.count)
                let holdsTool = names.contains { $0.contains("ee.") }
                #expect(info?[feature]?["info"]?["rotation"]?.text == (holdsTool ? form.rawValue : nil))
                let isAbsolute = names.contains { $0.hasSuffix("ee.x") }
                #expect((info?[feature]?["info"]?["reference_rotation_xyzw"] != nil) == (isAbsolute && form != .rot6d))
                let modality = try JSONValue.read(url.appendingPathComponent("meta/modality.json"))
                var next = 0
                for (name, range) in modality[isAction ? "action" : "state"]?.members ?? [] {
                    if name.hasSuffix("end_effector") {
                        // GR00T's nine numbers.
                        let wide = (range["end"]?.whole ?? 0) - (range["start"]?.whole ?? 0)
                        #expect(isAbsolute && wide == [RotationForm.rot6d: 9, .rotvec: 6, .quaternion: 7][form])
                        continue
                    }
                    #expect(range["start"]?.whole == next)
                    next = range["end"]?.whole ?? -1
                }
                #expect(next == names.count)
            }
            #expect(info?.members?.contains { $0.key == "observation.images.\(sides[0].prefix)hand" } == true)
            #expect(info?.members?.contains { $0.key.hasPrefix("annotation.") } == false)
        }
    }

    @Test func whatMeansOtherThingsIsNotMixed() throws {
        let folder = try TemporaryFolder()
        let quarter = Rotation(axis: Vector3(0, 1, 0), angle: .pi / 2)
        func numbers(_ form: RotationForm, _ reference: Rotation, _ action: ActionNumbers = .ee) -> DatasetNumbers {
            DatasetNumbers(action: action, chart: RotationChart(form: form, references: [reference]))
        }
        for format in [DatasetFormat.lerobot, .robomimic] {
            let suffix = format == .robomimic ? ".hdf5" : ""
            func url(_ name: String) -> URL { folder.file("\(name)-\(format.name)\(suffix)") }
            let set = url("set")
            try write(format, set, numbers(.rotvec, quarter))
            try write(format, set, numbers(.rotvec, quarter), session: "b", first: 2)
            #expect(try DatasetRows(contentsOf: set).episodes.count == 4)
            #expect(DatasetProvenance.read(set)?.sources.map(\.rotations?.referencesXYZW.count) == [1, 1])
            #expect { try write(format, set, numbers(.rotvec, .identity), session: "c") } throws: {
                "\($0)".contains("rotations") && "\($0)".contains("rotvec about") && "\($0)".contains("cannot be added")
            }
            #expect { try write(format, set, numbers(.quaternion, quarter), session: "c") } throws: { "\($0)".contains("cannot be added") }
            #expect { try write(format, set, numbers(.rotvec, quarter, .joints), session: "c") } throws: {
                "\($0)".contains("cannot be added")
            }
            try write(format, url("other"), numbers(.rotvec, .identity), session: "d")
            try write(format, url("same"), numbers(.rotvec, quarter), session: "e")
            #expect { try DatasetMerger.merge([set, url("other")], into: url("no")) } throws: {
                "\($0)".contains("rotations") && "\($0)".contains("cannot be merged")
            }
            try DatasetMerger.merge([set, url("same")], into: url("merged"))
            #expect(DatasetProvenance.read(url("merged"))?.sources.map(\.rotations?.form) == [.rotvec, .rotvec, .rotvec])
            #expect(try DatasetValidator.validate(url("merged")).filter { $0.severity == .error } == [])
            // Joints that were chosen by another rule; of tool poses no rule is asked.
            for (action, isRefused) in [(ActionNumbers.joints, true), (.eeRelative, false)] {
                let parts = ["home", "free"].map { url("\($0)-\(action.rawValue)") }
                for (part, rule) in zip(parts, ["rule 1, reference 0", "free"]) {
                    try write(format, part, numbers(.rot6d, .identity, action), session: rule, rule: rule == "free" ? nil : rule)
                }
                let merged = url("rules-\(action.rawValue)")
                if isRefused {
                    #expect { try DatasetMerger.merge(parts, into: merged) } throws: { "\($0)".contains("posture_rule: 'free'") }
                } else {
                    try DatasetMerger.merge(parts, into: merged)
                }
            }
        }
        let info = try JSONValue.read(folder.file("merged-lerobot").appendingPathComponent("meta/info.json"))
        #expect(info["features"]?["action"]?["info"]?["reference_rotation_xyzw"]?.flattened?.count == 4)
    }

    /// The definitions of UMI's code (`diffusion_policy/common/pose_repr_util.py` and `umi/common/pose_util.py`, MIT) on our numbers.
    @Test(.enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"))
    func umiReadsTheSameSixNumbers() throws {
        let script = """
            import sys, numpy as np
            from scipy.spatial.transform import Rotation
            def mat_to_rot6d(mat):
                return mat[..., :2, :].copy().reshape(mat.shape[:-2] + (6,))
            def rot6d_to_mat(d6):
                a1, a2 = d6[..., :3], d6[..., 3:]
                b1 = a1 / np.linalg.norm(a1, axis=-1, keepdims=True)
                b2 = a2 - np.sum(b1 * a2, axis=-1, keepdims=True) * b1
                b2 = b2 / np.linalg.norm(b2, axis=-1, keepdims=True)
                return np.stack((b1, b2, np.cross(b1, b2, axis=-1)), axis=-2)
            rows = np.array([[float(x) for x in line.split()] for line in sys.argv[1].splitlines()])
            truth = Rotation.from_quat(rows[:, :4]).as_matrix()
            print(abs(mat_to_rot6d(truth) - rows[:, 4:]).max(), abs(rot6d_to_mat(rows[:, 4:]) - truth).max())
            """
        var dice = Dice(state: 77)
        let lines = (0..<100).map { _ in
            let r = dice.turn(0...180)
            return ([r.xyzw.x, r.xyzw.y, r.xyzw.z, r.xyzw.w] + RotationForm.rot6d.numbers(of: r)).map { "\($0)" }.joined(separator: " ")
        }
        let said = try Checkers.python("umi", ["-c", script, lines.joined(separator: "\n")]).split(whereSeparator: \.isWhitespace)
        #expect(said.count == 2 && said.allSatisfy { Double($0).map { $0 < 1e-12 } ?? false }, "\(said)")
    }
}

@testable import Pipeline
import Foundation
import Geometry
import Imaging
import Session
import Testing

/// Poses, labels and clocks that are right row by row and wrong as a whole.
@Suite struct PoseCheckTests {
    /// A hand that turns about changing axes, not periodic.
    private func rotation(_ t: Double) -> Rotation {
        Rotation(vector: Vector3(0.5 * sin(1.1 * t + 0.3 * t * t / 8), 0.4 * cos(1.7 * t), 0.3 * sin(0.6 * t * t / 3)))
    }

    private func gyroscope(_ seconds: Double) -> [(seconds: Double, rate: Vector3)] {
        (0..<Int(200 * seconds)).map { i in
            let t = Double(i) / 200
            let step = rotation(t - 1e-3).inverse * rotation(t + 1e-3)
            // Mounted otherwise, with a bias and noise.
            let noise = Vector3(0.01 * sin(91 * t), 0.01 * cos(77 * t), 0.004)
            return (t, Rotation(vector: Vector3(1, 0.4, -0.7)) * (step.vector / 2e-3) + noise)
        }
    }

    @Test(arguments: [-1.3, -0.5, 0.02, 0.71, 2.2]) func aGyroscopeTellsWhereAFileBegins(_ offset: Double) throws {
        // A row at file time s was taken at video time s + offset.
        let poses = (0..<300).map { i in (seconds: Double(i) / 50, rotation: rotation(Double(i) / 50 + offset)) }
        let found = try #require(GyroscopeClock.find(poses, gyroscope: gyroscope(6)))
        #expect(abs(found.offset - offset) < 0.012 && found.correlation > 0.95, "\(found) for \(offset)")
    }

    /// One slow sweep: the correlation falls off so slowly that a quarter of a second beside the best is nearly as good.
    @Test(arguments: [-0.6, 0.35]) func aSlowSweepTellsItToo(_ offset: Double) throws {
        func turned(_ t: Double) -> Rotation { Rotation(vector: Vector3(0, 0.9 / (1 + exp(-(t - 3.3) / 0.45)), 0.1 * sin(t))) }
        let poses = (0..<320).map { i in (seconds: Double(i) / 50, rotation: turned(Double(i) / 50 + offset)) }
        let rates = (0..<1200).map { i in
            let t = Double(i) / 200
            return (seconds: t, rate: (turned(t - 1e-3).inverse * turned(t + 1e-3)).vector / 2e-3)
        }
        let found = try #require(GyroscopeClock.find(poses, gyroscope: rates))
        #expect(abs(found.offset - offset) < 0.012, "\(found)")
    }

    @Test func aGyroscopeThatSaysNothingIsNotAsked() {
        let still = (0..<200).map { (seconds: Double($0) / 50, rotation: Rotation.identity) }
        #expect(GyroscopeClock.find(still, gyroscope: gyroscope(4)) == nil)
        // Another motion, and a periodic one, that fits everywhere.
        let other = (0..<200).map { i in (seconds: Double(i) / 50, rotation: Rotation(vector: Vector3(0, 0, 0.02 * Double(i * i) / 200))) }
        #expect(GyroscopeClock.find(other, gyroscope: gyroscope(4)) == nil)
        let swings = (0..<300).map { i in (seconds: Double(i) / 50, rotation: Rotation(vector: Vector3(sin(9 * Double(i) / 50), 0, 0))) }
        let swing = (0..<1200).map { i in (seconds: Double(i) / 200, rate: Vector3(9 * cos(9 * Double(i) / 200), 0, 0)) }
        #expect(GyroscopeClock.find(swings, gyroscope: swing) == nil)
        #expect(GyroscopeClock.find([], gyroscope: gyroscope(4)) == nil)
    }

    @Test func wholeFilesAreLookedThrough() throws {
        let pose = Transform<Table, Frame>(rotation: .identity, translation: Vector3(0.2, 0, 0.1))
        let frozen = try #require(throws: UnitFailure.self) {
            try PoseChecks.moves([Transform<Table, Frame>](repeating: pose, count: 77), file: "x.json")
        }
        #expect(frozen.detail.contains("all 77 poses of x.json are the same") && frozen.reason == "poses")
        var poses = [Transform<Table, Frame>](repeating: pose, count: 77)
        poses[40] = Transform(rotation: .identity, translation: Vector3(0.2, 0, 0.10001))
        try PoseChecks.moves(poses, file: "x.json")
        let video = (0..<90).map { Timestamp<VideoClock>(seconds: Double($0) / 30) }
        func rows(_ count: Int, from start: Double, every step: Double) -> [Double] { (0..<count).map { start + step * Double($0) } }
        let cases: [([Double], [String])] = [
            (rows(90, from: 1.65e9, every: 1.0 / 30), ["1650000000.000", "2.967", "do not meet", "1970"]),
            (rows(90, from: 40, every: 16.7), ["milliseconds", "40.000"]),
            (rows(90, from: -9, every: 1.0 / 30), ["another recording"]),
            (rows(5, from: 0.01, every: 0.55), ["0.550 s apart"]),
        ]
        for (times, words) in cases {
            let failure = try #require(throws: UnitFailure.self) { try PoseChecks.meets(times, video: video, posed: 0, file: "p.tum") }
            for word in words { #expect(failure.detail.contains(word), "\(failure.detail)") }
        }
        try PoseChecks.meets([0, 1], video: video, posed: 1, file: "p.tum")
    }

    @Test func labelsThatCoverNothingAreNamed() throws {
        let times = ["fold": (0..<120).map { Timestamp<VideoClock>(seconds: Double($0) / 30) }]
        func remarks(_ start: Double, _ end: Double, _ name: String = "fold") -> [String] {
            var span = LabelledSpan(recording: name, start: start, end: end, label: .idle)
            span.row = 6
            return LabelledSpan.remarks([span], times: times, file: "l.csv")
        }
        #expect(remarks(9, 14).first?.contains("row 6") == true && remarks(9, 14)[0].contains("fold, which ends at 4.0 s"))
        #expect(remarks(900, 1400)[0].contains("milliseconds") && remarks(3.98, 3.99).count == 1)
        #expect(remarks(1, 3700)[0].contains("ends beyond"))
        #expect(remarks(0, .infinity).isEmpty && remarks(1, 4.5).isEmpty && remarks(9, 14, "other").isEmpty)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("v-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("recording,time,weight\nfold,7,1\nfold,8,0\n".utf8).write(to: url)
        #expect(try ValueWeights(contentsOf: url).remarks(times: times, file: "v.csv").first?.contains("7.0 to 8.0 s") == true)
        for wrong in ["fold,1e30,1", "fold,nan,1", "fold,1,-3", "fold,1,1e300", "fold,0.2.1,1"] {
            try Data("recording,time,weight\n\(wrong)\n".utf8).write(to: url)
            #expect(throws: SessionError.self, "\(wrong)") { try ValueWeights(contentsOf: url) }
        }
        for wrong in ["fold,1e30,,idle,", "fold,nan,-1,idle,", "fold,inf,,idle,", "fold,3,2,idle,"] {
            try Data("recording,start,end,label,note\n\(wrong)\n".utf8).write(to: url)
            #expect(throws: SessionError.self, "\(wrong)") { try LabelledSpan.read(url) }
        }
    }

    /// Two cameras whose clocks are hours or years apart recorded one demo: it is not two demos of one arm.
    @Test(arguments: [(5400.0, "90.0 minutes"), (252_460_800.0, "8.0 years"), (259_200.0, "3.0 days")])
    func clocksThatNeverMeetLeaveNobody(_ gap: Double, _ words: String) throws {
        func demo(_ unit: String, _ serial: String, _ start: Double, _ gripper: Int) -> Pairing.Demo {
            var identity = RecorderIdentity()
            (identity.serial, identity.start, identity.resolution) = (serial, start, 1 / 30.0)
            return Pairing.Demo(
                unit: unit, identity: identity, gripper: gripper, times: (0..<60).map { Timestamp(seconds: Double($0) / 30) }, failure: nil)
        }
        let demos = [demo("r", "A", 1.7e9, 0), demo("l", "B", 1.7e9 - gap, 1)]
        var out = SessionPairs()
        Pairing(options: PairOptions(), keepsSingle: false).run(demos, &out) { _, _, _, _ in throw UnitFailure(reason: "x", detail: "") }
        #expect(out.stops.keys.sorted() == ["l", "r"] && out.pairs.isEmpty)
        for stop in out.stops.values {
            #expect(stop.reason == "no_partner" && stop.detail.contains(words) && stop.detail.contains("set the cameras' clocks"))
        }
        var kept = SessionPairs()
        Pairing(options: PairOptions(), keepsSingle: true).run(demos, &kept) { _, _, _, _ in throw UnitFailure(reason: "x", detail: "") }
        #expect(kept.single == ["l", "r"] && kept.stops.isEmpty)
        // One camera, or one gripper, is no session of two hands.
        var alone = SessionPairs()
        Pairing(options: PairOptions(), keepsSingle: false).run([demos[0]], &alone) { _, _, _, _ in
            throw UnitFailure(reason: "x", detail: "")
        }
        #expect(alone.stops.isEmpty)
    }
}

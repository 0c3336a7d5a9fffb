@testable import Pipeline
import Dataset
import Foundation
import Geometry
import Imaging
import Robot
import Session
import Testing

/// Labels, value functions and `keep`, on made-up paths whose measures are known by construction.
struct CurateTests {
    /// A tool that goes 0.1 m a second along x at 20 frames a second, with a sigma.
    private func tool(_ frames: Int, speed: Double = 0.1, sigma: Double = 0.001) -> Trajectory<Table, Tool> {
        var out = Trajectory<Table, Tool>()
        for i in 0..<frames {
            out.append(
                Timestamp(nanoseconds: Int64(i) * 50_000_000),
                Transform(rotation: .identity, translation: Vector3(speed * Double(i) / 20, 0, 0.2)),
                covariance: PoseCovariance(positionSigma: sigma, rotationSigma: 0.01))
        }
        return out
    }

    private func input(_ unit: String, frames: Int = 100, speed: Double = 0.1, sigma: Double = 0.001) -> Curator.Input {
        let span = FrameSpan(first: 0, end: frames)
        let tool = tool(frames, speed: speed, sigma: sigma)
        return Curator.Input(
            demo: JoinedDemo(unit, kept: [KeptSegment(span: span, episode: 0, motion: 0)]),
            clock: DemoClock(times: [tool.times], offsets: [0]),
            sides: [Curator.Input.Side(tool: tool, solved: [span], infeasibleShares: [0], margins: [])], identity: unit)
    }

    private func curator(_ labels: [LabelledSpan] = [], _ change: (inout CurateOptions) -> Void = { _ in }) -> Curator {
        var options = CurateOptions()
        change(&options)
        return Curator(options: options, labels: labels, values: nil, task: "default", shortest: 0.8)
    }

    private func account(_ demo: CuratedDemo) -> [Int] {
        var count = [Int](repeating: 0, count: demo.sides[0].labels.count)
        for e in demo.episodes { for i in e.span.first..<e.span.end { count[i] += 1 } }
        for r in demo.sides[0].rejections { for i in r.firstFrame..<r.endFrame { count[i] += 1 } }
        return count
    }

    /// The way into a mistake weighs nothing, the recovery inside the same label is trained on.
    @Test func recoveryIsTrainedOnAndTheMistakeIsNot() throws {
        let labels = [
            LabelledSpan(recording: "a", start: 2, end: 4, label: .mistake),
            LabelledSpan(recording: "a", start: 3, end: 4, label: .recovery),
            LabelledSpan(recording: "a", start: 0, end: .infinity, label: .task, note: "fold it"),
            LabelledSpan(recording: "b", start: 0, end: 1, label: .mistake),
        ]
        let demo = try curator(labels) { $0.mistakes = .weigh }.curate([input("a")])[0]
        #expect(demo.sides[0].weights[..<40].allSatisfy { $0 == 1 } && demo.sides[0].weights[40..<60].allSatisfy { $0 == 0 })
        #expect(demo.sides[0].weights[60...].allSatisfy { $0 == 1 })
        #expect(demo.episodes.count == 1 && demo.episodes[0].task == "fold it")
        #expect(demo.episodes[0].measures.hasMistake && demo.episodes[0].measures.hasRecovery)
        // Most trainers obey no weights: the default leaves mistakes out.
        let cut = try curator(labels).curate([input("a")])[0]
        #expect(cut.episodes.map(\.span) == [FrameSpan(first: 0, end: 40), FrameSpan(first: 60, end: 100)])
        #expect(cut.sides[0].rejections.map(\.reason) == ["labelled_mistake"])
        #expect(account(cut).allSatisfy { $0 == 1 })
    }

    @Test func idleIsTrimmedAndFailuresAreDropped() throws {
        let labels = [
            LabelledSpan(recording: "a", start: 0, end: 0.5, label: .idle), LabelledSpan(recording: "a", start: 4.5, end: 9, label: .idle),
            LabelledSpan(recording: "b", start: 0, end: .infinity, label: .failure, note: "dropped the cup"),
            LabelledSpan(recording: "c", start: 1, end: 4.5, label: .idle),
        ]
        let demos = try curator(labels).curate([input("a"), input("b"), input("c")])
        #expect(demos[0].episodes.map(\.span) == [FrameSpan(first: 10, end: 90)])
        #expect(demos[1].episodes.isEmpty && demos[1].sides[0].rejections.map(\.detail) == ["dropped the cup"])
        // One second, and half a second that is too short.
        #expect(demos[2].episodes.map(\.span) == [FrameSpan(first: 0, end: 20)])
        #expect(demos[2].sides[0].rejections.map(\.reason) == ["labelled_idle", "too_short"])
        for demo in demos { #expect(account(demo).allSatisfy { $0 == 1 }) }
    }

    /// A cut loses no frame, a rejected demo loses all of them, and what a person accepts can be asked for.
    @Test func decisionsOfTheReviewAreFollowed() throws {
        let labels = [
            LabelledSpan(recording: "a", start: 2, end: 2, label: .cut), LabelledSpan(recording: "a", start: 4.5, end: 4.5, label: .cut),
            LabelledSpan(recording: "b", start: 0, end: .infinity, label: .reject, note: "wrong cup"),
            LabelledSpan(recording: "c", start: 0, end: .infinity, label: .accept),
            LabelledSpan(recording: "c", start: 1, end: 2, label: .note, note: "slow"),
        ]
        let inputs = [input("a"), input("b"), input("c")]
        let demos = try curator(labels).curate(inputs)
        // The last half second is too short for an episode.
        #expect(demos[0].episodes.map(\.span) == [FrameSpan(first: 0, end: 40), FrameSpan(first: 40, end: 90)])
        #expect(demos[0].sides[0].rejections.map(\.reason) == ["too_short"])
        #expect(demos[1].episodes.isEmpty && demos[1].sides[0].rejections.map(\.reason) == ["labelled_reject"])
        #expect(demos[1].sides[0].rejections[0].detail == "wrong cup")
        #expect(demos[2].episodes.map(\.span) == [FrameSpan(first: 0, end: 100)] && demos[2].episodes[0].measures.isAccepted)
        let kept = try curator(labels) { $0.keep = "accepted" }.curate(inputs)
        #expect(kept.map { $0.episodes.count } == [0, 0, 1])
        for demo in demos + kept { #expect(account(demo).allSatisfy { $0 == 1 }) }
    }

    /// A cut's row has a moment and no length.
    @Test func aCutIsAMoment() throws {
        func read(_ row: String) throws -> [LabelledSpan] {
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString).csv")
            try Data("recording,start,end,label,note\n\(row)\n".utf8).write(to: url)
            defer { try? FileManager.default.removeItem(at: url) }
            return try LabelledSpan.read(url)
        }
        #expect(try read("a,1.5,,cut,").map { [$0.start, $0.end] } == [[1.5, 1.5]])
        #expect(try read("a,1.5,1.5,cut,").count == 1)
        #expect { try read("a,1.5,2,cut,") } throws: { "\($0)".contains("a cut is a moment") }
        #expect { try read("a,,,cut,") } throws: { "\($0)".contains("needs its moment") }
        let times = ["a": (0..<10).map { Timestamp<VideoClock>(nanoseconds: Int64($0) * 100_000_000) }]
        #expect(LabelledSpan.remarks(try read("a,0.5,,cut,"), times: times, file: "labels.csv").isEmpty)
        #expect(LabelledSpan.remarks(try read("a,7,,cut,"), times: times, file: "labels.csv").first?.contains("parts no frames") == true)
    }

    @Test func keepChoosesBySpeedAndBySigma() throws {
        let inputs = [
            input("slow", speed: 0.05), input("fast", speed: 0.3), input("vague", speed: 0.2, sigma: 0.004), input("middle", speed: 0.1),
        ]
        func kept(_ keep: String) throws -> [String] {
            zip(inputs, try curator { $0.keep = keep }.curate(inputs)).filter { !$1.episodes.isEmpty }.map(\.0.unit)
        }
        #expect(try kept("") == ["slow", "fast", "vague", "middle"])
        #expect(try kept("fastest 50%") == ["fast", "vague"])
        #expect(try kept("slowest 1") == ["slow"])
        // The sigma is the root of the trace: 1.73 mm and 6.9 mm.
        #expect(try kept("sigma<3mm and feasible") == ["slow", "fast", "middle"])
        #expect(try kept("not (sigma < 3 mm) or speed >= 25 cm/s") == ["fast", "vague"])
        #expect(try kept("sigma<3mm and fastest 50%") == ["fast"])
        let demos = try curator { $0.keep = "fastest 50%" }.curate(inputs)
        // Among those that are kept, and among those that the data set holds from before.
        #expect(demos[1].episodes[0].measures.speedPercentile == 1 && demos[2].episodes[0].measures.speedPercentile == 0.5)
        var grown = curator()
        grown.earlierSpeeds = [0.15, 0.4]
        #expect(try grown.curate(inputs).map { $0.episodes[0].measures.speedPercentile } == [1.0 / 6, 5.0 / 6, 4.0 / 6, 2.0 / 6])
        // A second conversion ranks among what the first one looked at, kept or not.
        var later = curator { $0.keep = "fastest 50%" }
        later.earlierCandidates = try later.curate(Array(inputs[..<2])).flatMap(\.candidates)
        #expect(later.earlierCandidates.map(\.speed).map { ($0 * 100).rounded() } == [5, 30])
        #expect(try later.curate(Array(inputs[2...])).map { $0.episodes.count } == [1, 0])
        #expect(try curator { $0.keep = "fastest 50%" }.curate([input("slow", speed: 0.05)])[0].episodes.count == 1)
        #expect(try later.curate([input("slow", speed: 0.01)])[0].episodes.isEmpty)
        #expect(demos[0].sides[0].rejections[0].reason == "not_kept" && demos[0].sides[0].rejections[0].detail.contains("speed 0.050 m/s"))
        for demo in demos { #expect(account(demo).allSatisfy { $0 == 1 }) }
    }

    @Test(arguments: [
        ("sigma<", "is no number"), ("fastest", "is no number"), ("sigma < 3 furlongs", "unit \"furlongs\""),
        ("speedy", "\"speedy\" is not known"),
        ("(feasible", "not closed"), ("feasible feasible", "not expected"), ("sigma 3mm", "compared with a number"),
        ("and", "\"and\" is not known"),
        ("feasible or", "something is missing"),
    ])
    func aWrongExpressionIsNamed(_ text: String, _ says: String) {
        #expect { try KeepExpression(text) } throws: { "\($0)".contains(says) && "\($0)".contains("accepted") }
    }

    /// A speed that rises and falls once is smoother than the same with a tremor on it, and the arc length of a minimum-jerk reach is about −1.4
    /// to −1.7 (Balasubramanian et al. 2015).
    @Test func smoothnessIsTheSpectralArcLength() {
        func path(_ tremor: Double) -> Trajectory<Table, Tool> {
            var out = Trajectory<Table, Tool>()
            for i in 0...100 {
                let s = Double(i) / 100
                let reach = 0.3 * (10 * s * s * s - 15 * s * s * s * s + 6 * s * s * s * s * s)
                out.append(
                    Timestamp(nanoseconds: Int64(i) * 10_000_000),
                    Transform(rotation: .identity, translation: Vector3(reach + tremor * sin(2 * .pi * 5 * s), 0, 0)))
            }
            return out
        }
        let clean = EpisodeMeasures(tool: path(0), infeasibleShare: 0, margin: nil)
        let shaky = EpisodeMeasures(tool: path(0.004), infeasibleShare: 0, margin: nil)
        #expect((-1.75 ... -1.3).contains(clean.smoothness), "\(clean.smoothness)")
        #expect(shaky.smoothness < clean.smoothness - 0.1)
        #expect(clean.sigma == nil && abs(clean.pathLength - 0.3) < 1e-9 && abs(clean.speed - 0.3) < 1e-9)
    }

    @Test func filesThatSaySomethingElseAreNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ text: String) throws -> URL {
            let url = folder.appendingPathComponent("labels.csv")
            try Data(text.utf8).write(to: url)
            return url
        }
        let header = "recording,start,end,label,note\n"
        let read = try LabelledSpan.read(try file(header + "a,,2.5,Mistake,\na,2.5,,task,\"pick, then place\"\n"))
        #expect(read.map(\.start) == [0, 2.5] && read[0].end == 2.5 && read[1].end == .infinity && read[1].note == "pick, then place")
        for (text, says) in [
            (header + "a,1,2,oops,\n", "\"oops\" is no label; accepted: mistake"), (header + "a,3,2,idle,\n", "before it begins"),
            (header + "a,x,2,idle,\n", "start is \"x\""), ("recording,start,end\n", "no column label"),
            (header + "a,,,task,\n", "needs its text"),
        ] {
            #expect { try LabelledSpan.read(try file(text)) } throws: { "\($0)".contains(says) }
        }
        // V rises by 2 over the second ahead: exp(2 / 1), then nothing to come.
        let values = try ValueWeights(contentsOf: try file("recording,time,value\na,0,0\na,2,4\n"))
        let weights = try #require(values.weights("a", times: [0, 1, 2], options: CurateOptions()))
        for (w, truth) in zip(weights, [exp(2.0), exp(2.0), 1]) { #expect(abs(w - truth) < 1e-12) }
        #expect(values.weights("b", times: [0], options: CurateOptions()) == nil)
        #expect { try ValueWeights(contentsOf: try file("recording,time,weight\na,0,-1\n")) } throws: { "\($0)".contains("line 2") }
    }

    /// The split depends on the recording alone.
    @Test func splitsAreDeterministic() throws {
        let names = (0..<200).map { "demo_\($0)" }
        func held(_ units: [String]) throws -> Set<String> {
            let inputs = units.map { input($0, frames: 20) }
            let demos = try curator { $0.validationShare = 0.2 }.curate(inputs)
            return Set(zip(units, demos).filter { $1.episodes.first?.isValidation == true }.map(\.0))
        }
        let all = try held(names)
        #expect((20...60).contains(all.count))
        #expect(try held(names.reversed()) == all)
        #expect(try held(Array(names[..<50])) == all.intersection(names[..<50]))
    }

    /// Frames in which something may be human that is not taken out are refused, named with how much and how much is allowed.
    @Test func privacyRefusesFramesInDoubt() throws {
        var doubtful = input("a")
        doubtful.sides[0].unresolved = (0..<100).map { (40..<45).contains($0) ? 0.03 : 0.002 }
        let labels = [LabelledSpan(recording: "a", start: 2, end: 2.2, label: .recovery)]
        #expect(try curator(labels).curate([doubtful])[0].episodes.map(\.span) == [FrameSpan(first: 0, end: 100)])
        let demo = try curator(labels) { $0.privacy = .strict }.curate([doubtful])[0]
        #expect(demo.episodes.map(\.span) == [FrameSpan(first: 0, end: 40), FrameSpan(first: 45, end: 100)])
        #expect(demo.sides[0].rejections.map(\.reason) == ["human_unresolved"] && demo.sides[0].refused == Set(40..<45))
        #expect(
            demo.sides[0].rejections[0].detail.contains("up to 3.00 % of the picture may be human")
                && demo.sides[0].rejections[0].detail.contains("allows 2.00 %"))
        #expect(account(demo).allSatisfy { $0 == 1 })
        let loose = try curator { ($0.privacy, $0.unresolvedShare) = (.strict, 0.05) }.curate([doubtful])[0]
        #expect(loose.episodes.count == 1)
        // What nobody has judged is refused as a whole.
        #expect(try curator { $0.privacy = .strict }.curate([input("b")])[0].episodes.isEmpty)
    }

    /// A data set only grows: the same session again beside others is nothing to do, another content beside other sessions is refused. A session is known by
    /// its demos, not by its name.
    @Test func aSessionIsAddedOnce() async throws {
        try await withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("d.zarr.zip")
            let a = SessionIdentity(demos: ["a1", "a2"], name: "session")
            let b = SessionIdentity(demos: ["b1"], name: "session")
            func plan(_ identity: SessionIdentity, _ key: String) throws -> ExistingDataset? {
                try ExportPlan(url, identity: identity, key: key).existing
            }
            func write(_ identity: SessionIdentity, _ key: String, _ existing: ExistingDataset) throws {
                var options = UMIOptions()
                options.imageSize = 16
                options.existing = existing
                let writer = try UMIWriter(path: url, options: options)
                writer.beginEpisode()
                let frame = UMIFrame(tableFromTool: Transform(rotation: .identity, translation: Vector3(0, 0, 0)), gripperWidth: 0)
                try writer.append(frame, image: .init(width: 16, height: 16, channels: 3))
                try writer.endEpisode()
                try writer.finish(
                    source: DatasetSource(session: identity.name, identity: identity.text, key: key, device: "d", robot: "r"))
            }
            #expect(try plan(a, "1") == .append)
            try write(a, "1", .append)
            #expect(try plan(a, "1") == .replace && plan(a, "2") == .replace)
            // The same name, other recordings.
            #expect(try plan(b, "3") == .append)
            try write(b, "3", .append)
            #expect(try plan(a, "1") == nil && plan(b, "3") == nil)
            #expect { try plan(a, "2") } throws: { "\($0)".contains("only grows") }
            // Another name and one recording more: still the same session.
            let renamed = SessionIdentity(demos: ["a2", "a3"], name: "monday")
            #expect(try plan(renamed, "1") == nil)
            #expect { try plan(renamed, "4") } throws: { "\($0)".contains("holds session session beside others") }
            #expect(DatasetProvenance.read(url)?.sources.map(\.key) == ["1", "3"])
        }
    }
}

@testable import Dataset
import Foundation
import Geometry
import Imaging
import Pipeline
import Robot
import Session
import Simulation
import Testing

/// A UMI session of two cameras as they leave it, converted with nothing said but the arm, against the simulator's truth.
@Suite(.serialized) struct UMISessionTests {
    /// The committed session and its scenario; the longer one of the benchmarks, simulated now, where that is asked for (`make bench-session`).
    private func session(_ folder: URL) throws -> (folder: URL, scenario: Scenario) {
        guard ProcessInfo.processInfo.environment["GRIPTRACE_BENCH"] == nil else {
            let scenario = try Scenario(contentsOf: package.appendingPathComponent("Benchmarks/scenarios/umi_session.yaml"))
            let made = folder.appendingPathComponent("umi_session")
            try Simulator.run(scenario: scenario, output: made)
            return (made, scenario)
        }
        let fixture = package.appendingPathComponent("Fixtures/umi_session")
        return (fixture, try Scenario(contentsOf: package.appendingPathComponent("Fixtures/umi_session.yaml")))
    }

    /// What the truth folder says of one recording.
    private struct Truth {
        var start: Double
        var tool: Trajectory<Table, Tool>
        var widths: [Double]
    }

    @Test func convertsWithNothingSaidButTheArm() async throws {
        try await withTemporaryFolder { folder in
            let (session, scenario) = try session(folder)
            let layout = try SessionLayout(folder: session, externalPoses: false)
            // Recording of the scenario by unit of the conversion.
            let clocks = try CSVTable(contentsOf: session.appendingPathComponent("truth/clocks.csv"))
            var units: [String: String] = [:]
            var truths: [String: Truth] = [:]
            for row in clocks.rows {
                let file = session.appendingPathComponent(row[1]).standardizedFileURL.path
                let unit = try #require(layout.recordings.first { $0.url.standardizedFileURL.path == file }?.unit)
                units[row[0]] = unit
                let truth = session.appendingPathComponent("truth/\(row[0])")
                guard FileManager.default.fileExists(atPath: truth.appendingPathComponent("tool.tum").path) else { continue }
                truths[unit] = Truth(
                    start: try #require(Double(row[4])), tool: try Trajectory(tum: truth.appendingPathComponent("tool.tum")),
                    widths: try CSVTable(contentsOf: truth.appendingPathComponent("widths.csv")).rows.compactMap { Double($0[2]) })
            }
            func unit(_ name: String) throws -> String { try #require(units[name]) }
            #expect(layout.mapping?.unit == units["mapping"])
            #expect(Set(layout.calibrations.map(\.unit)) == Set([try unit("calibration_right"), try unit("calibration_left")]))

            let output = folder.appendingPathComponent("out")
            let finished = try run(program, ["convert", session.path, "--arm", "panda", "--output", output.path])
            #expect(finished.code == 0, "\(finished.lines.suffix(20))")
            let work = output.appendingPathComponent("work/umi_session")

            // One demo lost, its partner and the one without a partner are named; nothing vanishes.
            let rejections = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv")).rows
            func reasons(_ name: String) throws -> Set<String> { try Set(rejections.filter { try $0[0] == unit(name) }.map { $0[2] }) }
            #expect(
                try !reasons("lost_left").isEmpty
                    && reasons("lost_left").isSubset(of: ["lost", "not_localized", "uncertain", "too_short"]), "\(rejections)")
            #expect(try reasons("lost_right") == ["partner_failed"])
            #expect(try reasons("alone_right") == ["no_partner"])

            var figures = (tool: [Double](), width: [Double](), clock: [Double](), between: [Double]())
            for name in scenario.recordings.map(\.name)
            where name.hasSuffix("_right") && !name.hasPrefix("lost") && !name.hasPrefix("alone") && name != "calibration_right" {
                let (right, left) = (try unit(name), try unit(name.replacingOccurrences(of: "_right", with: "_left")))
                let (r, l) = (try #require(truths[right]), try #require(truths[left]))
                for (u, truth) in [(right, r), (left, l)] {
                    let tool = try Trajectory<Table, Tool>(csv: work.appendingPathComponent("gripper_state/\(u)/tool.csv"))
                    let rms = rmse(tool.times.indices.map { (tool.poses[$0].translation - truth.tool.poses[$0].translation).length })
                    let widths = try CSVTable(contentsOf: work.appendingPathComponent("gripper_state/\(u)/widths.csv")).rows.map {
                        Double($0[1])
                    }
                    let errors = zip(widths, truth.widths).compactMap { w, t in w.map { $0 - t } }
                    print("\(name) \(u): tool \((1000 * rms).fixed(2)) mm, width \((1000 * rmse(errors)).fixed(3)) mm")
                    figures.tool.append(1000 * rms)
                    figures.width.append(1000 * rmse(errors))
                    #expect(tool.count == truth.tool.count && tool.states.allSatisfy { $0 != .lost })
                    #expect(rms <= 0.003, "\(u): tool \(rms) m")
                    #expect(errors.count == truth.widths.count && rmse(errors) <= 0.0005, "\(u): width \(rmse(errors)) m")
                }
                // UMI's left and right; time pairing.
                let pair = work.appendingPathComponent("pair/session/\(right)+\(left)")
                let found = try #require(
                    try JSONSerialization.jsonObject(with: Data(contentsOf: pair.appendingPathComponent("pair.json"))) as? [String: Any])
                #expect(found["right"] as? String == right && found["left"] as? String == left)
                let offset = try #require(found["offset"] as? Double)
                let error = offset - (r.start - l.start)
                print(
                    "\(name): clocks \(found["method"] ?? "") off by \((1000 * error).fixed(2)) ms, stated ± \(found["offsetSigma"] ?? "")")
                figures.clock.append(1000 * abs(error))
                #expect(abs(error) <= 0.003, "\(name): offset \(error) s")
                let table = try CSVTable(contentsOf: pair.appendingPathComponent("inter_gripper.csv"))
                let between = try table.rows.compactMap { row -> Double? in
                    let v = row.prefix(8).compactMap(Double.init)
                    let time = Timestamp<VideoClock>(seconds: v[0])
                    guard let a = r.tool.interpolated(at: time), let b = l.tool.interpolated(at: time + (r.start - l.start)) else {
                        return nil
                    }
                    try #require(v.count == 8)
                    return ((a.inverse * b).translation - Vector3(v[1], v[2], v[3])).length
                }
                print("\(name): inter-gripper \((1000 * rmse(between)).fixed(2)) mm over \(between.count) frames")
                figures.between.append(1000 * rmse(between))
                #expect(between.count > 60 && rmse(between) <= 0.004, "\(name): \(rmse(between)) m")
                // The Panda's hand is 0.2 m wide: arms are cut where the true tools come that near, and nowhere else.
                for row in rejections where row[0] == right && row[2] == "arm_collision" {
                    let (first, end) = (try #require(Int(row[4])), try #require(Int(row[5])))
                    let span = first..<end
                    let apart = span.compactMap { frame in
                        l.tool.interpolated(at: r.tool.times[frame] + (r.start - l.start)).map {
                            (r.tool.poses[frame].translation - $0.translation).length
                        }
                    }
                    #expect(apart.count == span.count && (apart.min() ?? 1) < 0.24 && (apart.max() ?? 1) < 0.3, "\(row): \(apart)")
                }
            }
            if ProcessInfo.processInfo.environment["GRIPTRACE_BENCH"] != nil {
                func spread(_ v: [Double]) -> String { "\((v.min() ?? .nan).fixed(2)) to \((v.max() ?? .nan).fixed(2))" }
                print("figure\tsession.tool\t\(spread(figures.tool))\tmm")
                print("figure\tsession.width\t\(spread(figures.width))\tmm")
                print("figure\tsession.clock\t\((figures.clock.max() ?? .nan).fixed(2))\tms")
                print("figure\tsession.inter_gripper\t\(spread(figures.between))\tmm")
            }
            try dataSets(output, scenario: scenario, clocks: clocks)
            try labelled(session, output, right: unit("both_right"), left: unit("both_left"), rate: Double(scenario.picture.rate))
            try replayed(output)
            try tooNear(session, output)
        }
    }

    /// What is said of one side holds for both, in every format; the stages before are not run again.
    private func labelled(_ session: URL, _ output: URL, right: String, left: String, rate: Double) throws {
        let labels = output.appendingPathComponent("labels.csv")
        try Data("recording,start,end,label,note\n\(left),1,1.6,mistake,\n\(right),,,task,hand it over\n".utf8).write(to: labels)
        let finished = try run(
            program,
            [
                "convert", session.path, "--arm", "panda", "--output", output.path, "--labels", labels.path, "--set",
                "curate.mistakes=weigh", "--format",
                "lerobot,umi,robomimic",
                "--dynamics",
            ])
        #expect(
            finished.code == 0 && !finished.lines.contains { $0.contains("mask") && $0.contains("done in") }, "\(finished.lines.suffix(5))")
        let pair = output.appendingPathComponent("work/umi_session/pair/session/\(right)+\(left)/pair.json")
        let said = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: pair)) as? [String: Any])
        let offset = try #require(said["offset"] as? Double)
        var lerobot = try LeRobotSource(output.appendingPathComponent("lerobot"))
        let names = lerobot.features.filter { $0.kind != .video }.map(\.name)
        let (weight, frame) = (
            try #require(names.firstIndex(of: "loss_weight")), try #require(names.firstIndex(of: "diagnostic.right_source_frame"))
        )
        #expect(lerobot.tasks.contains("hand it over"))
        var weights: [Double] = []
        for episode in lerobot.episodes.indices {
            let columns = try lerobot.columns(of: episode)
            for (w, f) in zip(columns[weight].doubles, columns[frame].doubles) where lerobot.episodes[episode].tasks == ["hand it over"] {
                let time = f / rate + offset
                #expect((w == 0) == (time > 1 - 1e-6 && time < 1.6 - 1e-6), "frame \(f): \(w)")
            }
            weights += columns[weight].doubles
        }
        #expect(weights.contains(0) && weights.contains(1))
        let zarr = ZarrStore(zip: try ZipReader(path: output.appendingPathComponent("dataset.zarr.zip").path))
        #expect(try zarr.values("data/loss_weight", zarr.description("data/loss_weight")) == weights)
        for set in ["lerobot", "dataset.zarr.zip", "robomimic.hdf5", "lerobot_dynamics"] {
            #expect(try DatasetValidator.validate(output.appendingPathComponent(set)).filter { $0.severity == .error } == [], "\(set)")
        }
    }

    /// Both arms of every episode are driven, and held against each other.
    private func replayed(_ output: URL) throws {
        let set = try DataSetReplay(contentsOf: output, arm: nil)
        #expect(set.notes.isEmpty && set.armName == "panda" && Set(set.episodes.map(\.hand)) == ["left", "right"])
        #expect(set.episodes.allSatisfy { $0.path.recorded != nil && $0.tableFromBase != nil })
        let ended = try run(program, ["replay", output.path])
        #expect(ended.code == 0, "\(ended.lines)")
        #expect(ended.lines.contains { $0.contains("(left, ") } && ended.lines.contains { $0.contains("(right, ") })
        #expect(ended.lines.contains { $0.contains("the arms of") && $0.contains("apart") }, "\(ended.lines)")
    }

    /// Two arms on one foot: every frame is refused on both sides, by name.
    private func tooNear(_ session: URL, _ output: URL) throws {
        let foot = "-0.5 0 0 0"
        let ended = try run(
            program,
            [
                "convert", session.path, "--arm", "panda", "--output", output.path, "--set", "pair.base_right=\(foot)", "--set",
                "pair.base_left=\(foot)",
            ])
        #expect(ended.code == 0, "\(ended.lines.suffix(5))")
        let table = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv"))
        let near = table.rows.filter { $0[2] == "arm_collision" }
        #expect(!near.isEmpty && near.allSatisfy { $0[1] == "join" && $0[3].contains("limit 10.0 mm") }, "\(table.rows)")
        #expect(Set(near.map { $0[0] }).count >= 2)
        #expect(!ended.lines.contains { $0.contains("lerobot, ") })
    }

    /// Both sides went into both data sets, and episodes end where UMI ends them: with the camera that stops first.
    private func dataSets(_ output: URL, scenario: Scenario, clocks: CSVTable) throws {
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: output.appendingPathComponent("report.json"))) as? [String: Any])
        let sets = try #require(report["dataSets"] as? [[String: Any]])
        #expect(Set(sets.compactMap { $0["format"] as? String }) == ["lerobot", "umi"])
        let overlaps = scenario.recordings.filter { $0.name.hasPrefix("both") || $0.name.hasPrefix("again") }.map {
            ($0.name.prefix(4), $0.start, $0.start + 4)
        }
        let frames = Dictionary(grouping: overlaps) { $0.0 }.values.reduce(0) { sum, sides in
            let start = sides.map { $0.1 }.max() ?? 0
            let end = (sides.map { $0.2 }.min() ?? 0) - 1 / Double(scenario.picture.rate)
            return sum + Int((end - start) * Double(scenario.picture.rate))
        }
        // What both recorded is in the data set, or left out by name because the arms would meet.
        let units = Set(
            clocks.rows.filter { ($0[0].hasPrefix("both") || $0[0].hasPrefix("again")) && $0[0].hasSuffix("_right") }.map {
                ($0[1] as NSString).lastPathComponent.replacingOccurrences(of: ".MP4", with: "")
            })
        let cut = try CSVTable(contentsOf: output.appendingPathComponent("rejections.csv")).rows.filter {
            units.contains($0[0]) && $0[1] == "join"
        }.reduce(0) { $0 + (Int($1[5]) ?? 0) - (Int($1[4]) ?? 0) }
        for set in sets {
            let (written, episodes) = (try #require(set["frames"] as? Int), try #require(set["episodes"] as? Int))
            print("\(set["format"] ?? ""): \(written) frames in \(episodes) episodes, \(frames) recorded by both, \(cut) cut")
            // Ends between frames, and a slowed stretch, make up to two rows more an episode.
            #expect(abs(written + cut - frames) <= 2 * episodes && Double(written) >= 0.6 * Double(frames))
        }
    }

    private func rmse(_ values: [Double]) -> Double {
        values.isEmpty ? .infinity : (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
}

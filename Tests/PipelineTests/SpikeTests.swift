import Foundation
import Geometry
import Pipeline
import Session
import Testing

/// A smooth path at 60 Hz that speeds up and slows down, with a little noise.
private func smoothPath(count: Int = 400) -> Trajectory<Table, Tool> {
    var path = Trajectory<Table, Tool>()
    for i in 0..<count {
        let t = Double(i) / 60
        let wobble = 1e-4 * sin(Double(i * i % 97))
        path.append(
            Timestamp(seconds: t),
            Transform(
                rotation: Rotation(vector: Vector3(0.2 * sin(t), 0.1 * cos(t), 0.3 * t)),
                translation: Vector3(0.2 * sin(1.5 * t) + wobble, 0.15 * cos(t), 0.1 + 0.05 * sin(2 * t))))
    }
    return path
}

@Suite struct SpikeTests {
    @Test func aSmoothPathHasNone() {
        #expect(PoseSpikes.find(in: smoothPath(), options: SpikeOptions()).isEmpty)
    }

    @Test func namesTheFrameBeforeEachJump() {
        var path = smoothPath()
        for frame in [57, 200] { path.poses[frame + 1].translation += Vector3(0, 0.018, 0) }
        let spikes = PoseSpikes.find(in: path, options: SpikeOptions())
        #expect(Set(spikes.map(\.frame)).isSuperset(of: [57, 200]))
        // The way back is a jump too; nothing else is.
        #expect(Set(spikes.map(\.frame)).isSubset(of: [57, 58, 200, 201]))
    }

    @Test func mendingBringsThePathBack() throws {
        let truth = smoothPath()
        var path = truth
        path.poses[121].translation += Vector3(0, 0.012, 0.006)
        let spikes = PoseSpikes.repair(&path, options: SpikeOptions())
        #expect(!spikes.isEmpty && spikes.allSatisfy(\.isRepaired))
        for i in 0..<truth.count {
            #expect((path.poses[i].translation - truth.poses[i].translation).length < 1e-3)
        }
        #expect(path.states[121] == .bridged && path.states[100] == .tracked)
    }

    @Test func aJumpTooLargeToMendIsGivenUp() {
        var path = smoothPath()
        for i in 200..<400 { path.poses[i].translation += Vector3(0.2, 0, 0) }
        let spikes = PoseSpikes.repair(&path, options: SpikeOptions())
        #expect(spikes.contains { $0.frame == 199 && !$0.isRepaired })
        #expect(path.states[199] == .lost && path.states[200] == .lost && path.states[190] == .tracked)
    }
}

@Suite(.enabled(if: isShared("recordings/umi-cup-episode"), "the real UMI episode is not here"))
struct RealSpikeTests {
    @Test func theUMIEpisodesEightSpikes() throws {
        let poses = try ExternalPoses(contentsOf: shared.appendingPathComponent("recordings/umi-cup-episode/state.csv"))
        var path = Trajectory<Table, Tool>()
        for (i, row) in poses.rows.enumerated() {
            path.append(Timestamp(seconds: Double(i) / 59.94), try #require(row.pose).relabelled(Table.self, Tool.self))
        }
        let spikes = PoseSpikes.find(in: path, options: SpikeOptions())
        #expect(spikes.map(\.frame) == [1, 57, 64, 77, 83, 334, 340, 346])
        #expect(spikes.allSatisfy { $0.step > 0.011 && $0.step < 0.0215 })
    }
}

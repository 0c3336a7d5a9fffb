import Geometry
import Pipeline
import Session
import Testing

private func path(_ count: Int, still: Range<Int>? = nil) -> Trajectory<Table, Tool> {
    var path = Trajectory<Table, Tool>()
    var x = 0.0
    for i in 0..<count {
        if !(still?.contains(i) ?? false) { x += 0.002 }
        path.append(Timestamp(seconds: Double(i) / 30), Transform(rotation: .identity, translation: Vector3(x, 0, 0.1)))
    }
    return path
}

private func widths(_ count: Int) -> [GripperSample] { Array(repeating: GripperSample(width: 0.05), count: count) }

/// Every frame is in an episode or a rejection, once.
private func accounted(_ episodes: [FrameSpan], _ rejections: [Rejection], count: Int) -> Bool {
    var seen = [Int](repeating: 0, count: count)
    for e in episodes { for i in e.first..<e.end { seen[i] += 1 } }
    for r in rejections { for i in r.firstFrame..<r.endFrame { seen[i] += 1 } }
    return seen.allSatisfy { $0 == 1 }
}

@Suite struct EpisodeCutterTests {
    let cutter = EpisodeCutter(options: EpisodeOptions())

    @Test func aSoundDemoIsOneEpisode() {
        let cut = cutter.cut(unit: "d", tool: path(120), widths: widths(120))
        #expect(cut.episodes == [FrameSpan(first: 0, end: 120)] && cut.rejections.isEmpty)
    }

    @Test func lostFramesCut() {
        var tool = path(200)
        for i in 80..<90 { tool.states[i] = .lost }
        for i in 100..<103 { tool.states[i] = .lost }
        let cut = cutter.cut(unit: "d", tool: tool, widths: widths(200))
        #expect(cut.episodes == [FrameSpan(first: 0, end: 80), FrameSpan(first: 103, end: 200)])
        #expect(cut.rejections.map(\.reason) == ["lost", "too_short", "lost"])
        #expect(accounted(cut.episodes, cut.rejections, count: 200))
    }

    @Test func idlenessIsTrimmedWithAMargin() {
        let cut = cutter.cut(unit: "d", tool: path(300, still: 100..<200), widths: widths(300))
        #expect(cut.episodes.count == 2)
        #expect(cut.rejections.map(\.reason) == ["idle"])
        let idle = cut.rejections[0]
        #expect(idle.firstFrame > 104 && idle.firstFrame < 118 && idle.endFrame > 184 && idle.endFrame < 196)
        #expect(accounted(cut.episodes, cut.rejections, count: 300))
    }

    @Test func aGripperThatMovesIsNotIdle() {
        var w = widths(300)
        for i in 0..<300 { w[i].width = 0.04 + 0.0005 * Double(i % 60) }
        let cut = cutter.cut(unit: "d", tool: path(300, still: 0..<300), widths: w)
        #expect(cut.rejections.allSatisfy { $0.reason != "idle" })
    }

    @Test func uncertainAndUnseenFramesHaveTheirOwnReasons() {
        var tool = path(120)
        for i in 0..<120 { tool.covariances[i] = PoseCovariance(positionSigma: i < 40 ? 0.2 : 0.001, rotationSigma: 0.001) }
        var w = widths(120)
        w[119].width = nil
        let cut = cutter.cut(unit: "d", tool: tool, widths: w)
        #expect(cut.episodes == [FrameSpan(first: 40, end: 119)])
        #expect(cut.rejections.map(\.reason) == ["uncertain", "gripper_unknown"])
        #expect(accounted(cut.episodes, cut.rejections, count: 120))
    }
}

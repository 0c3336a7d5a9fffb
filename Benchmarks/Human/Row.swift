import Foundation
import Human
import Imaging
import Session
import Simulation

/// A scenario's figures.
struct Row {
    var name: String
    var masks = MaskScore()
    var fill = FillScore()
    var leak = Double.nan
    var cleanLeak = Double.nan
    /// For learning on the other sessions.
    var leakScore = LeakScore()
    var cleanLeakScore = LeakScore()
    /// Filled against clean, at the same pixels.
    var pairedLeakScore = LeakScore()
    var reason = ""
    /// Of all class maps: two runs of which one is meant to be exact can be compared.
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    /// Milliseconds of processor time a frame, decoding left out: scene, analysis, emission, filling, overlay.
    var cost = [0.0, 0.0, 0.0, 0.0, 0.0]

    init(_ session: PreparedSession, options: MaskOptions, fills: Bool, strips: URL?, arm: String? = nil, labels: Int = 0) throws {
        let overlay = try arm.map { try OverlayBench($0, session, options: options.overlay) }
        name = session.name
        let (scenes, demos) = (session.mapping.decoding, session.demo.decoding)
        func clock() -> Double { threadSeconds() - scenes.seconds - demos.seconds }
        let start = clock()
        let masker = try HumanMasker(device: session.device, mask: session.deviceMask, options: options)
        let scene =
            options.human.sceneWeight > 0
            ? try masker.scene(stream: session.mapping.stream, poses: session.mapping.poses, tags: session.mapping.tags) : nil
        cost[0] = clock() - start
        let outside = labels > 0 ? try DrawnLabels.source(session, masker, scene: scene, count: labels) : nil
        var mark = clock()
        let analysis = try masker.analyze(
            stream: session.demo.stream, poses: session.demo.poses, tags: session.demo.tags, outside: outside, scene: scene)
        cost[1] = clock() - mark
        reason = analysis.reason
        var frames: [MaskedFrame] = []
        mark = clock()
        _ = try masker.emit(
            stream: session.demo.stream, poses: session.demo.poses, tags: session.demo.tags, outside: outside, analysis: analysis
        ) {
            frame throws(HumanError) in frames.append(frame)
        }
        cost[2] = clock() - mark
        mark = clock()
        var plates = PlateStore(options: options.fill)
        if analysis.humanVisible { for frame in frames { plates.offer(frame) } }
        var filler = Filler(
            device: session.device, plates: analysis.humanVisible ? plates : nil, poses: session.demo.poses, options: options, scene: scene)
        cost[3] = clock() - mark
        let classes = try session.truth("classes.mov")
        let hasHuman = session.scenario.recordings.contains { $0.human }
        let clean = hasHuman ? try session.truth("clean.mp4") : nil
        var leak = LeakScore()
        var cleanLeak = LeakScore()
        for (n, frame) in frames.enumerated() {
            guard let truth = try classes.nextFrame()?.image else { break }
            let bare = try clean?.nextFrame()?.image ?? frame.picture
            var filled: FilledFrame?
            if fills {
                mark = clock()
                filled = try filler.fill(frame.picture, classes: frame.classes, time: frame.time)
                cost[3] += clock() - mark
            }
            if let overlay {
                var drawn = filled ?? FilledFrame(untouched: frame.picture)
                mark = clock()
                try overlay.draw(on: &drawn, frame)
                cost[4] += clock() - mark
            }
            for p in frame.classes.pixels { digest = (digest ^ UInt64(p)) &* 0x100_0000_01b3 }
            masks.add(
                frame.classes, truth: truth, picture: frame.picture, exported: filled?.picture ?? frame.picture,
                doubt: frame.doubt.unresolvedShare)
            if let chance = frame.humanProbability { masks.add(probability: chance, truth: truth) }
            let hole = frame.classes.removalMask
            if let filled, hole.pixels.contains(255) {
                try fill.add(filled, painted: frame.picture.inpainted(mask: hole, radius: 4), clean: bare, classes: frame.classes)
                if n % 3 == 0 {
                    let background = PixelClass.background.rawValue
                    func blocked(_ i: Int) -> Bool { hole.pixels[i] == 0 && frame.classes.pixels[i] != background }
                    try leak.add(filled.picture, hole: hole, protected: blocked)
                    try cleanLeak.add(bare, hole: hole, protected: blocked)
                    try pairedLeakScore.add(filled.picture, against: bare, hole: hole)
                }
            }
            if let strips, n % max(1, frames.count / 6) == frames.count / 12 {
                let strip = try Strip.make(frame, truth: truth, after: filled?.picture ?? frame.picture, provenance: filled?.provenance)
                try FileBytes.write(strip.pngBytes(), to: strips.appendingPathComponent("\(name)_\(n).png"))
            }
        }
        self.leak = leak.area()
        self.cleanLeak = cleanLeak.area()
        (leakScore, cleanLeakScore) = (leak, cleanLeak)
        if let overlay { reason += ", arm over \(number(100 * overlay.drawnShare / Double(max(frames.count, 1)), 1)) % of the picture" }
        for i in cost.indices { cost[i] *= 1000 / Double(max(frames.count, 1)) }
    }

    var line: String {
        func percent(_ x: Double) -> String { number(100 * x, 2) }
        let m = masks
        var text =
            column(name, 16) + column(m.hasHuman ? number(m.overlap, 3) : "-", 6) + column(m.hasHuman ? number(m.worstFrames, 2) : "-", 7)
        text += column(m.hasHuman ? percent(m.leftShare) : "-", 7)
        for kind in 1...3 { text += column(percent(m.takenShare(kind)), 6) }
        text += column(m.hasHuman ? "-" : "\(m.changed)", 8)
        for kind in [Provenance.observed, .propagated, .invented] {
            text +=
                " |" + column(number(fill.own(kind), 1), 8) + column(number(fill.telea(kind), 1), 6)
                + column(number(100 * fill.share(kind), 0), 7)
        }
        text += " |" + column(number(fill.gains.min() ?? .nan, 1), 6) + " |" + column(number(leak, 2), 5) + column(number(cleanLeak, 2), 5)
        text += " |" + column(number(fill.warpRatio, 2), 5) + " |" + cost.map { column(number($0, 1), 6) }.joined()
        text += " | left in missed frames, at the rim: " + percent(m.leftInMissedFramesShare) + ", " + percent(m.leftAtRimShare)
        let doubts = m.doubts.sorted()
        text +=
            " | touched \(m.touchedFrames) of \(m.freeFrames) frames without a human; in doubt "
            + percent(doubts.isEmpty ? 0 : doubts[doubts.count / 2]) + ", 95th "
            + percent(doubts.isEmpty ? 0 : doubts[doubts.count * 95 / 100])
        text +=
            " | chances off by " + percent(m.calibrationError) + " ("
            + m.chances.map { $0.count > 0 ? number(100 * $0.human / $0.count, 0) : "-" }.joined(separator: " ") + ")"
        text += " | device covered, other in its mask: " + percent(m.deviceShares.covered) + ", " + percent(m.deviceShares.wrong)
        return text + "  " + reason + "  digest \(String(digest, radix: 16))"
    }
}

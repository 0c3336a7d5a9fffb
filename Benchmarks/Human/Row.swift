import BenchmarkSupport
import Foundation
import Human
import Imaging
import Session
import Simulation

/// What is asked of a run besides the options of the masks.
struct Settings {
    var fills = true
    var strips: URL?
    var arm: String?
    var labels = 0
}

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
    /// Milliseconds of processor time a frame, decoding left out: background model, making pictures small, analysis, seeking (with writing the
    /// record), finishing (with reading it), filling, overlay.
    var cost = [Double](repeating: 0, count: 7)

    /// What is written on the way goes to `record`.
    init(_ session: PreparedSession, options: MaskOptions, settings: Settings, record: URL) throws {
        name = session.name
        let (scenes, demo) = (session.mapping.decoding, session.demo)
        func clock() -> Double { threadSeconds() - scenes.seconds - demo.decoding.seconds }
        func measured<R>(_ part: Int, _ body: () throws -> R) rethrows -> R {
            let start = clock()
            defer { cost[part] += clock() - start }
            return try body()
        }
        let masker = try HumanMasker(device: session.device, mask: session.deviceMask, options: options)
        let background = try measured(0) {
            options.human.backgroundWeight > 0
                ? try masker.background(stream: session.mapping.stream, poses: session.mapping.poses, tags: session.mapping.tags) : nil
        }
        let (width, height) = (demo.recording.width, demo.recording.height)
        let small = try measured(1) { try demo.small(WorkingPictures(width: width, height: height, options: options)) }
        let external =
            settings.labels > 0 ? try DrawnLabels.source(session, masker, background: background, count: settings.labels) : nil
        let analysis = try measured(2) {
            try masker.analyze(stream: small, poses: demo.poses, tags: demo.tags, external: external, background: background)
        }
        reason = analysis.reason
        var sought: [WorkingMask] = []
        try measured(3) {
            let writer = try MaskRecordWriter(folder: record, analysis: analysis, masker: masker)
            _ = try masker.seek(stream: small, poses: demo.poses, tags: demo.tags, external: external, analysis: analysis) {
                mask throws(HumanError) in
                sought.append(mask)
                try writer.append(mask)
            }
            try writer.finish()
        }
        var frames: [MaskedFrame] = []
        try measured(4) {
            var finisher = try MaskFinisher(
                masker: masker, record: try MaskRecord(folder: record), background: background, poses: demo.poses, tags: demo.tags)
            try demo.stream { (frame, time, picture) throws(HumanError) in
                frames.append(try finisher.finish(picture, frame: frame, time: time))
            }
        }
        var filler = try measured(5) {
            var plates = PlateStore()
            for i in PlateStore.frames(of: frames.count, options: options.fill) { try plates.add(frames[i]) }
            return Filler(
                device: session.device, plates: analysis.humanVisible ? plates : nil, poses: demo.poses, options: options,
                background: background)
        }
        let overlay = try settings.arm.map { try OverlayBench($0, session, options: options.overlay) }
        let classes = try session.truth("classes.mov")
        let clean = session.scenario.recordings.contains { $0.human } ? try session.truth("clean.mp4") : nil
        for (n, frame) in frames.enumerated() {
            guard let truth = try classes.nextFrame()?.image else { break }
            let bare = try clean?.nextFrame()?.image ?? frame.picture
            let filled = settings.fills ? try measured(5) { try filler.fill(frame.picture, classes: frame.classes, time: frame.time) } : nil
            if let overlay {
                var drawn = filled ?? FilledFrame(untouched: frame.picture)
                try measured(6) { try overlay.draw(on: &drawn, frame) }
            }
            try add(frame, sought[n], truth: truth, clean: bare, filled: filled, countsLeak: n % 3 == 0)
            if let strips = settings.strips, n % max(1, frames.count / 6) == frames.count / 12 {
                let strip = try Strip.make(frame, truth: truth, after: filled?.picture ?? frame.picture, provenance: filled?.provenance)
                try FileBytes.write(strip.pngBytes(), to: strips.appendingPathComponent("\(name)_\(n).png"))
            }
        }
        (leak, cleanLeak) = (leakScore.area(), cleanLeakScore.area())
        if let overlay { reason += ", arm over \(number(100 * overlay.drawnShare / Double(max(frames.count, 1)), 1)) % of the picture" }
        for i in cost.indices { cost[i] *= 1000 / Double(max(frames.count, 1)) }
    }

    private mutating func add(
        _ frame: MaskedFrame, _ sought: WorkingMask, truth: Image, clean: Image, filled: FilledFrame?, countsLeak: Bool
    ) throws {
        for p in frame.classes.pixels { digest = (digest ^ UInt64(p)) &* 0x100_0000_01b3 }
        masks.add(
            frame.classes, truth: truth, picture: frame.picture, exported: filled?.picture ?? frame.picture,
            doubt: sought.uncertainty.unresolvedShare)
        masks.add(probability: sought.humanProbability, truth: truth)
        let hole = frame.classes.removalMask
        guard let filled, hole.pixels.contains(255) else { return }
        try fill.add(filled, painted: frame.picture.inpainted(mask: hole, radius: 4), clean: clean, classes: frame.classes)
        guard countsLeak else { return }
        let background = PixelClass.background.rawValue
        func blocked(_ i: Int) -> Bool { hole.pixels[i] == 0 && frame.classes.pixels[i] != background }
        try leakScore.add(filled.picture, hole: hole, protected: blocked)
        try cleanLeakScore.add(clean, hole: hole, protected: blocked)
        try pairedLeakScore.add(filled.picture, against: clean, hole: hole)
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
        text +=
            " | left in missed frames, at the rim: " + percent(m.leftInMissedFramesShare) + ", " + percent(m.leftAtRimShare)
            + ", removed beside the human: " + percent(m.besideShare)
        let doubts = m.doubts.sorted()
        text +=
            " | touched \(m.touchedFrames) of \(m.freeFrames) frames without a human; in doubt "
            + percent(doubts.isEmpty ? 0 : doubts[doubts.count / 2]) + ", 95th "
            + percent(doubts.isEmpty ? 0 : doubts[doubts.count * 95 / 100])
        text +=
            " | probabilities off by " + percent(m.calibrationError) + " ("
            + m.probabilities.map { $0.count > 0 ? number(100 * $0.human / $0.count, 0) : "-" }.joined(separator: " ") + ")"
        text += " | device covered, other in its mask: " + percent(m.deviceShares.covered) + ", " + percent(m.deviceShares.wrong)
        return text + "  " + reason + "  digest \(String(digest, radix: 16))"
    }
}

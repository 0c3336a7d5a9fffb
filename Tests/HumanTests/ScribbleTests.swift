import Geometry
@testable import Human
import Imaging
import Session
import Testing

/// Hand-drawn labels: which frames they are asked for, and what one of them does for the others.
@Suite struct ScribbleTests {
    /// An arm that keeps still over the whole recording is explained by every other frame; one label brings it back on all of them.
    @Test func oneLabelFindsAnArmThatKeepsStill() throws {
        var desk = SyntheticDesk(arm: true, frames: 60)
        desk.keepsStill = true
        // A glove: no skin to go by.
        desk.skin = SIMD3(70, 90, 60)
        let shots = desk.shots()
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        func overlaps(_ external: ExternalMaskSource?) throws -> [Double] {
            let collector = Collector()
            _ = try masker.run(stream: desk.stream(shots), poses: desk.poses, tags: [:], external: external) {
                (frame: MaskedFrame) throws(HumanError) in
                collector.frames.append(frame)
            }
            return zip(collector.frames, shots).map { frame, shot in
                overlap(frame.classes.pixels.map { $0 == PixelClass.human.rawValue }, shot.human)
            }
        }
        let labelled = 20
        // Rough strokes: every fourth row of what is truly there.
        let strokes = shots[labelled].human.indices.map { i -> UInt8 in i / desk.width % 4 < 2 ? 128 : shots[labelled].human[i] ? 255 : 0 }
        let label = Image(width: desk.width, height: desk.height, channels: 1, pixels: strokes)
        let classifier = try #require(ScribbleClassifier(labels: [(shots[labelled].picture, label)]))
        let before = try overlaps(nil)
        let after = try overlaps { (frame: Int, _: Timestamp<VideoClock>, picture: Image) throws(HumanError) in
            (frame == labelled ? [ScribbleClassifier.evidence(label: label)] : []) + [classifier.evidence(picture)]
        }
        let others = after.indices.filter { $0 != labelled && shots[$0].human.count { $0 } > 100 }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let (was, is_) = (median(others.map { before[$0] }), median(others.map { after[$0] }))
        print("a still arm, one label: IoU \(was) before, \(is_) after, on \(others.count) other frames")
        #expect(is_ > 0.6 && is_ > was + 0.2)
        #expect(others.count > 30)
    }

    /// Without both classes nothing can be carried over; what is not labelled says nothing.
    @Test func labelsMustShowBoth() throws {
        let shots = SyntheticDesk(arm: true, frames: 2).shots()
        let only = Image(width: 160, height: 120, channels: 1, pixels: shots[0].human.map { $0 ? 255 : 128 })
        #expect(ScribbleClassifier(labels: [(shots[0].picture, only)]) == nil)
        #expect(ScribbleClassifier(labels: []) == nil)
        let evidence = ScribbleClassifier.evidence(label: only)
        #expect(zip(evidence.probability, only.pixels).allSatisfy { $0.isNaN == ($1 == 128) } && evidence.weight > 1)
        let both = Image(width: 160, height: 120, channels: 1, pixels: shots[0].human.map { $0 ? 255 : 0 })
        let (a, b) = (ScribbleClassifier(labels: [(shots[0].picture, both)]), ScribbleClassifier(labels: [(shots[0].picture, both)]))
        #expect(a?.evidence(shots[1].picture).probability == b?.evidence(shots[1].picture).probability)
    }

    @Test func framesAreChosenByDoubtAndSpread() {
        // Two humps, the first one higher throughout: the second label still goes to the second.
        let doubt = (0..<200).map { i in (40..<80).contains(i) ? 0.5 : (140..<160).contains(i) ? 0.4 : 0.001 }
        let chosen = ScribbleChoice.frames(doubt, count: 2)
        #expect((40..<80).contains(chosen[0]) && (140..<160).contains(chosen[1]), "\(chosen)")
        let next = ScribbleChoice.frames(doubt, count: 1, taken: [60])
        #expect((140..<160).contains(next[0]), "\(next)")
        // Nothing in doubt: the middle, then what is furthest from it.
        #expect(ScribbleChoice.frames([Double](repeating: 0, count: 50), count: 3) == [25, 0, 49])
        #expect(ScribbleChoice.frames([Double](repeating: 0, count: 2), count: 3, taken: [0]) == [1])
        #expect(ScribbleChoice.frames([], count: 3).isEmpty)
    }

    /// What the evidence calls human and the mask leaves in is in doubt; what was never judged is so everywhere.
    @Test func whatIsLeftInDoubtIsCounted() throws {
        let desk = SyntheticDesk(arm: true, frames: 40)
        let shots = desk.shots()
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        var score = [Float](repeating: -9, count: masker.scale.width * masker.scale.height)
        let (w, h) = (masker.scale.width, masker.scale.height)
        let middle = (h / 2 - 5)..<(h / 2 + 5)
        for y in middle { for x in 0..<w { score[y * w + x] = x % 2 == 0 ? -0.3 : -3 } }
        var classes = Image(width: desk.width, height: desk.height, everywhere: .background)
        let map = ScoreMap(score, width: w, height: h)
        let all = masker.uncertainty(map, classes, seedShare: 0)
        #expect(abs(all.unresolvedShare - Double(5 * w) / Double(masker.pixels.inside)) < 1e-9 && all.entropy > 0)
        for i in classes.pixels.indices { classes.pixels[i] = PixelClass.human.rawValue }
        #expect(masker.uncertainty(map, classes, seedShare: 0).unresolvedShare == 0)
        #expect(masker.uncertainty(nil, classes, seedShare: 0.02).unresolvedShare == 0.02)
        let collector = Collector()
        let unjudged = try masker.run(stream: desk.stream(shots), poses: nil, tags: [:]) { (frame: MaskedFrame) throws(HumanError) in
            collector.frames.append(frame)
        }
        #expect(unjudged.uncertainties.count == desk.frames && unjudged.uncertainties.allSatisfy { $0.unresolvedShare == 1 })
    }
}

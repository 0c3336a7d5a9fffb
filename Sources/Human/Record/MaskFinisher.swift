public import Geometry
public import Imaging
public import Session

/// Makes the class maps of full-size pictures from what `HumanMasker.seek` found at working size.
///
/// Frames may be asked for in any order and more than once, with the same answer: so the pictures that holes are filled from can be had before
/// the pass over all frames begins. A frame with no human near it and nothing marked costs a copy of the device's map. In order, each frame's
/// record is read once.
public struct MaskFinisher: Sendable {
    private let masker: HumanMasker
    private let record: MaskRecord
    private let poses: Trajectory<Table, Camera>?
    private let tags: TagLookup
    private let composer: ClassComposer
    /// Nil where the static scene is not known.
    private let outline: FineOutline?
    /// Findings read lately, by frame.
    private var recent: [Int: FrameFinding] = [:]

    /// - Parameters:
    ///   - masker: of the options and device mask that the record was made with.
    ///   - background: the model that `analyze` was handed; nil leaves outlines as they are at working size.
    ///   - poses: table from camera; nil as without a background model.
    ///   - tags: detections by frame number, full-size pixels.
    public init(
        masker: HumanMasker, record: MaskRecord, background: BackgroundModel?, poses: Trajectory<Table, Camera>?,
        tags: [Int: [TagDetection]]
    ) throws(HumanError) {
        try record.check(masker, background)
        (self.masker, self.record, self.poses, self.tags) = (masker, record, poses, TagLookup(tags, masker: masker))
        composer = ClassComposer(scale: masker.scale, fixed: masker.mask.fixed, options: masker.options)
        let o = masker.options.human
        outline =
            if let background, let colours = record.colours {
                FineOutline(
                    masker: masker, background: background,
                    colours: BackgroundMixture(
                        colours, weight: o.backgroundWeight, surprise: o.backgroundSurprise, prior: o.backgroundPrior))
            } else {
                nil
            }
    }

    private var reach: Int { max(0, masker.options.human.unionFrames) }

    /// Whether a human was found in the frame or within `unionFrames` of it; where not, its picture is exported as it is.
    public func isNearHuman(_ frame: Int) -> Bool { (frame - reach...frame + reach).contains(where: record.hasHuman) }

    /// A full-size picture's class map.
    public mutating func finish(_ picture: Image, frame: Int, time: Timestamp<VideoClock>) throws(HumanError) -> MaskedFrame {
        try masker.checkFull(picture, frame)
        let base = try masker.mask.classes(tags: tags[frame])
        let finding = try finding(frame)
        let isNear = isNearHuman(frame)
        guard isNear || !finding.isEmpty else {
            return MaskedFrame(frame: frame, time: time, picture: picture, classes: base, isTouched: false)
        }
        var neighbours: [[Bool]] = []
        for k in (frame - reach)...(frame + reach) where k != frame && record.hasHuman(k) {
            if let area = try self.finding(k).score?.area { neighbours.append(area) }
        }
        let classes = try composer.compose(
            base, picture: picture, finding: finding, outline: try outlined(picture, finding, base, time), neighbours: neighbours)
        let isTouched = isNear && classes.pixels.contains { $0 == PixelClass.human.rawValue || $0 == PixelClass.humanMargin.rawValue }
        return MaskedFrame(frame: frame, time: time, picture: picture, classes: classes, isTouched: isTouched)
    }

    /// Nil where the frame was not compared with the background model.
    private func outlined(
        _ picture: Image, _ finding: FrameFinding, _ base: Image, _ time: Timestamp<VideoClock>
    ) throws(HumanError) -> Image? {
        guard let outline, let score = finding.score, !finding.used.isEmpty, let rows = masker.rows(poses, at: time) else { return nil }
        return try outline.outline(picture, finding, score, poses: rows, classes: base)
    }

    private mutating func finding(_ frame: Int) throws(HumanError) -> FrameFinding {
        if let known = recent[frame] { return known }
        let read = try record.finding(frame)
        if recent.count > 4 * reach + 4 { recent = recent.filter { abs($0.key - frame) <= 2 * reach + 1 } }
        recent[frame] = read
        return read
    }
}

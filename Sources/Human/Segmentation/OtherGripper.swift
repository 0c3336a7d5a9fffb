internal import Geometry
internal import Imaging
internal import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// Colours without light and shade: a histogram over ln((R+6)/(G+6)) and ln((G+6)/(B+6)), in bins of 0.05, and one bin for what is too dark.
struct ChromaModel: Sendable {
    private static let side = 64
    private static let logs = (0..<256).map { Float(log(Double($0) + 6)) }
    /// Brightest channel below which ratios say nothing, levels.
    private static let darkest: Float = 14
    private var counts = [Float](repeating: 0, count: side * side + 1)
    /// Natural logarithm of each bin's share, a tenth of all spread over the bins that occur in pictures.
    private(set) var logShare: [Float] = []

    static func bin(_ c: [UInt8], _ i: Int, light: Float = 1) -> Int {
        let (red, blue) = (Float(c[3 * i + 1]) - 128, Float(c[3 * i + 2]) - 128)
        let y = Float(c[3 * i])
        func level(_ v: Float) -> Float { max(0, min(255, v * light)) }
        let (r, g, b) = (level(y + 1.403 * red), level(y - 0.714 * red - 0.344 * blue), level(y + 1.773 * blue))
        if max(r, g, b) < darkest { return side * side }
        let u = Int(((logs[Int(r)] - logs[Int(g)]) * 20).rounded()) + side / 2
        let v = Int(((logs[Int(g)] - logs[Int(b)]) * 20).rounded()) + side / 2
        return max(0, min(side - 1, v)) * side + max(0, min(side - 1, u))
    }

    /// - Parameter light: factor on the pixel's light.
    mutating func add(_ colours: [UInt8], at i: Int, light: Float = 1, weight: Float = 1) {
        counts[Self.bin(colours, i, light: light)] += weight
    }

    var isEmpty: Bool { !counts.contains { $0 > 0 } }

    mutating func finish() {
        let side = Self.side
        var smooth = counts
        for y in 0..<side {
            for x in 0..<side {
                var (sum, weight): (Float, Float) = (0, 0)
                for v in max(0, y - 1)...min(side - 1, y + 1) {
                    for u in max(0, x - 1)...min(side - 1, x + 1) {
                        let w: Float = (u == x ? 2 : 1) * (v == y ? 2 : 1)
                        sum += w * counts[v * side + u]
                        weight += w
                    }
                }
                smooth[y * side + x] = sum / weight
            }
        }
        let total = max(smooth.reduce(0, +), 1)
        logShare = smooth.map { Self.logFlat + log(0.1 + 0.9 * $0 / total / exp(Self.logFlat)) }
    }

    /// Natural logarithm of a bin's share where all colours that occur are alike: some 30 by 30 bins.
    static let logFlat = Float(log(1.0 / 900))
}

/// What is known of the colours of one's own device and of the human who carries another gripper of the same make.
struct GripperColours: Sendable {
    /// The still part and the fingers, which are small in the picture while another gripper's need not be.
    private var parts = [ChromaModel(), ChromaModel()]
    private var human = ChromaModel()

    /// Shares of its own light in which the device is learned, and what a human's pixel near another gripper's tag counts.
    private let lights: [Float]
    private let nearWeight: Float

    init(options: HumanOptions = HumanOptions()) {
        lights = options.otherLights.map { Float($0) }
        nearWeight = Float(options.otherNearWeight)
    }

    /// Adds one pixel of the device in its own light and in less: another gripper is lit otherwise.
    /// - Parameter part: 0 the still part, 1 the fingers.
    mutating func addDevice(_ colours: [UInt8], at i: Int, part: Int) {
        for light in lights { parts[part].add(colours, at: i, light: light) }
    }

    /// - Parameter isNear: near a tag of another gripper, where the pixel counts little.
    mutating func addHuman(_ colours: [UInt8], at i: Int, isNear: Bool) { human.add(colours, at: i, weight: isNear ? nearWeight : 1) }

    var knowsHuman: Bool { !human.logShare.isEmpty }

    /// Once all of the device, and all of the human, has been added.
    mutating func finishDevice() { for k in parts.indices where !parts[k].isEmpty { parts[k].finish() } }
    mutating func finishHuman() { if !human.isEmpty { human.finish() } }

    /// Log of a colour's density in the device over that of any colour, and over the human's, 0 where that is not known.
    func odds(_ colours: [UInt8], _ i: Int) -> (any: Float, human: Float) {
        let bin = ChromaModel.bin(colours, i)
        let own = parts.reduce(-Float.infinity) { $1.logShare.isEmpty ? $0 : max($0, $1.logShare[bin]) }
        return (own - ChromaModel.logFlat, human.logShare.isEmpty ? 0 : own - human.logShare[bin])
    }
}

/// Where tags of other grippers are: as seen, or between the frames before and after in which they are.
struct TagTrack: Sendable {
    /// By tag: frames in which it was seen, ascending.
    private let frames: [[Int]]
    private let seen: [[Int: TagDetection]]
    private let reach: Int

    /// - Parameter reach: frames before and after.
    init(_ tags: [Int: [TagDetection]], ids: [Int], reach: Int) {
        self.reach = reach
        seen = ids.map { id in tags.compactMapValues { list in list.first { $0.id == id } } }
        frames = seen.map { $0.keys.sorted() }
    }

    /// A tag's place in a frame; `way` is how far it went between the frames that it is known from, pixels, 0 where it was seen.
    struct Place {
        var tag: TagDetection
        var way = 0.0

        /// The tag's centre and longest side in working pixels.
        func extent(_ scale: WorkingScale) -> (center: Vector2, side: Double) {
            let corners = tag.corners.map { scale.shrink($0) }
            return (
                scale.shrink(tag.center), corners.indices.reduce(0) { max($0, (corners[$1] - corners[($1 + 1) % corners.count]).length) }
            )
        }
    }

    func places(_ frame: Int) -> [Place] {
        frames.indices.compactMap { k in
            if let tag = seen[k][frame] { return Place(tag: tag) }
            let after = frames[k].partitioningIndex { $0 > frame }
            let before = after > 0 ? frames[k][after - 1] : nil
            let next = after < frames[k].count ? frames[k][after] : nil
            let first = before.flatMap { frame - $0 <= reach ? seen[k][$0] : nil }
            let last = next.flatMap { $0 - frame <= reach ? seen[k][$0] : nil }
            if let first, let last, let before, let next {
                let part = Double(frame - before) / Double(next - before)
                let corners = zip(first.corners, last.corners).map { $0 + part * ($1 - $0) }
                return Place(tag: TagDetection(id: first.id, corners: corners), way: (last.center - first.center).length)
            }
            guard let lone = first ?? last else { return nil }
            return Place(tag: lone, way: (lone.corners[0] - lone.corners[2]).length)
        }
    }
}

/// Working pixels of another gripper, and those near its tag which are clearly the human's by their colours.
struct GripperMask {
    var gripper: [Bool]
    var human: [Bool]
}

/// What is known of other grippers in a recording: tags that are neither one's own nor in the static scene, and the colours of one's own.
struct OtherGrippers: Sendable {
    var colours: GripperColours
    var tags: TagTrack

    /// Whether a working pixel is near enough to a tag to be its gripper's.
    func isNear(_ frame: Int, masker: HumanMasker) -> (Int) -> Bool {
        let places = tags.places(frame).map { place in
            let (center, side) = place.extent(masker.scale)
            return (center: center, reach: masker.options.human.otherGripperReach * side)
        }
        let width = masker.scale.width
        return { i in places.contains { (Vector2(Double(i % width), Double(i / width)) - $0.center).length < $0.reach } }
    }

    /// Working pixels that are another gripper's: near its tag, within it or of the device's colours, and not what the scene predicts; nil where
    /// no tag is known to be near.
    func mask(frame: Int, _ picture: [UInt8], prediction: BackgroundPrediction, masker: HumanMasker) throws(HumanError) -> GripperMask? {
        let places = tags.places(frame)
        guard !places.isEmpty else { return nil }
        let o = masker.options.human
        let (w, h) = (masker.scale.width, masker.scale.height)
        let (least, against) = (Float(colours.knowsHuman ? o.otherKnownOdds : o.otherColourOdds), Float(o.otherHumanOdds))
        func isOpen(_ i: Int) -> Bool { !(prediction.deviation[i] < Float(o.backgroundDeviation)) && !masker.pixels.isBlocked[i] }
        var out = [Bool](repeating: false, count: w * h)
        var human = out
        var plates = Image(width: w, height: h, channels: 1)
        var core = [Bool](repeating: false, count: w * h)
        for place in places {
            let (center, side) = place.extent(masker.scale)
            if place.way == 0 {
                let square = place.tag.corners.map { center + (masker.scale.shrink($0) - center) * o.otherTagScale }
                try Image.operation("other gripper's tag") { () throws(ImagingError) in try plates.fill(polygon: square) }
            }
            let reach = o.otherGripperReach * side + 0.5 * place.way / Double(masker.scale.factor)
            for y in max(0, Int(center.y - reach))..<max(0, min(h, Int(center.y + reach) + 1)) {
                for x in max(0, Int(center.x - reach))..<max(0, min(w, Int(center.x + reach) + 1)) {
                    let i = y * w + x
                    let distance = (Vector2(Double(x), Double(y)) - center).length
                    if distance > reach { continue }
                    if distance < o.otherTagScale * side + reach - o.otherGripperReach * side { core[i] = true }
                    guard isOpen(i) else { continue }
                    let odds = colours.odds(picture, i)
                    if odds.any >= least, odds.human >= against { out[i] = true }
                    if odds.human < -Float(o.otherSureOdds) { human[i] = true }
                }
            }
        }
        for i in out.indices where plates.pixels[i] != 0 { out[i] = true }
        // Edges between its parts are of neither's colour; what hangs together with no tag is not its; nor is a thread along the human, where both
        // colours and the scene's mix.
        func image(_ flags: [Bool]) -> Image { Image(width: w, height: h, channels: 1, pixels: flags.map { $0 ? 255 : 0 }) }
        let (raw, sure) = (image(out), image(human))
        let found = try Image.operation("other gripper") { () throws(ImagingError) in
            let closed = try raw.closed(radius: o.otherGapRadius).keepingComponents { $0.area >= o.otherPartArea }
            let (thick, beside) = (try closed.opened(radius: 1).dilated(radius: 1), try sure.dilated(radius: 1))
            let parts = try closed.dilated(radius: o.otherPartGap).connectedComponents()
            var kept = [Bool](repeating: false, count: parts.components.count + 1)
            for i in core.indices where core[i] && closed.pixels[i] != 0 { kept[Int(parts.labels[i])] = true }
            return core.indices.map {
                closed.pixels[$0] != 0 && kept[Int(parts.labels[$0])] && (thick.pixels[$0] != 0 || beside.pixels[$0] == 0)
            }
        }
        return GripperMask(gripper: out.indices.map { found[$0] && (out[$0] || isOpen($0) && !human[$0]) }, human: human)
    }
}

extension HumanMasker {
    /// Nil without a static scene or without such tags.
    func otherGrippers(_ keyframes: [Keyframe], tags: [Int: [TagDetection]], background: BackgroundModel?) throws(HumanError)
        -> OtherGrippers?
    {
        guard let background, let first = keyframes.first, let last = keyframes.last else { return nil }
        let o = options.human
        var counts: [Int: Int] = [:]
        for list in tags.values { for tag in list { counts[tag.id, default: 0] += 1 } }
        let foreign = counts.filter {
            $0.value >= o.otherTagFrames && !mask.fingerTagIDs.contains($0.key) && !background.tagIDs.contains($0.key)
        }.map(\.key).sorted()
        guard !foreign.isEmpty else { return nil }
        var colours = GripperColours(options: o)
        let fingers = TagLookup(tags, masker: self)
        let fixed = pixels.classes
        let core = try Image.operation("device colours") { () throws(ImagingError) in try fixed.mask(of: [.device]).eroded(radius: 2) }
        for k in stride(from: 0, to: keyframes.count, by: max(1, keyframes.count / max(o.otherKeyframes, 1))) {
            let keyframe = keyframes[k]
            let picture = try ColourPicture(keyframe.image, gains: background.gains, hasRanges: false)
            for i in core.pixels.indices where core.pixels[i] != 0 { colours.addDevice(picture.colours, at: i, part: 0) }
            guard let poses = keyframe.poses else { continue }
            let classes = try workingClasses(fingers[keyframe.frame])
            // A finger's mask holds some of the scene about it: what is predicted is that.
            let prediction = predict(picture, poses, depth(poses, background), background)
            for i in classes.pixels.indices
            where classes.pixels[i] == PixelClass.device.rawValue && !pixels.isBlocked[i]
                && prediction.deviation[i] > Float(o.backgroundLevels)
            {
                colours.addDevice(picture.colours, at: i, part: 1)
            }
        }
        colours.finishDevice()
        let rate = Double(last.frame - first.frame) / max(last.time - first.time, 1e-3)
        return OtherGrippers(colours: colours, tags: TagTrack(tags, ids: foreign, reach: Int((o.otherTagReach * rate).rounded())))
    }
}

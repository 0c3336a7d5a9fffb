internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// Colours of one's own device, by which another gripper of the same make is told from the human who carries it.
///
/// Histogram over Y (8 bins), Cr and Cb (128 bins of 2 levels), smoothed along Y: the other one is lit otherwise.
struct DeviceColours: Sendable {
    private var counts = [Float](repeating: 0, count: 8 * 128 * 128)
    private var total: Float = 0

    @inline(__always) private static func bin(_ y: Int, _ cr: UInt8, _ cb: UInt8) -> Int { (y * 128 + Int(cr >> 1)) * 128 + Int(cb >> 1) }

    /// Adds what a picture shows of the device.
    /// - Parameter isDevice: by pixel.
    mutating func add(_ colours: [UInt8], where isDevice: [Bool]) {
        for i in isDevice.indices where isDevice[i] {
            let y = Int(colours[3 * i] >> 5)
            for near in max(0, y - 1)...min(7, y + 1) {
                counts[Self.bin(near, colours[3 * i + 1], colours[3 * i + 2])] += near == y ? 1 : 0.5
            }
            total += 1
        }
    }

    /// Whether a colour is among the device's: at least `share` of its pixels in the colour's bin.
    @inline(__always) func has(_ colours: [UInt8], _ i: Int, share: Float) -> Bool {
        counts[Self.bin(Int(colours[3 * i] >> 5), colours[3 * i + 1], colours[3 * i + 2])] >= share * total && total > 0
    }
}

/// What is known of other grippers in a recording: tags that are neither one's own nor in the still scene, and the colours of one's own.
struct OtherGrippers: Sendable {
    var colours: DeviceColours
    var tags: TagLookup

    /// Working pixels that may be another gripper: near its tag, within it or of the device's colours, and not what the scene foretells.
    func mask(frame: Int, _ colours: [UInt8], prediction: ScenePrediction, masker: HumanMasker) throws(HumanError) -> [Bool]? {
        let seen = tags[frame]
        guard !seen.isEmpty else { return nil }
        let o = masker.options.human
        let (w, h) = (masker.scale.width, masker.scale.height)
        var out = [Bool](repeating: false, count: w * h)
        for tag in seen {
            let corners = tag.corners.map { masker.scale.shrink($0) }
            let center = masker.scale.shrink(tag.center)
            let side = corners.indices.reduce(0.0) { max($0, (corners[$1] - corners[($1 + 1) % corners.count]).length) }
            let plate = try Image.operation("other gripper's tag") { () throws(ImagingError) in
                try Image.mask(width: w, height: h, polygon: corners.map { center + ($0 - center) * o.otherTagScale })
            }
            let reach = o.otherGripperReach * side
            for y in max(0, Int(center.y - reach))..<max(0, min(h, Int(center.y + reach) + 1)) {
                for x in max(0, Int(center.x - reach))..<max(0, min(w, Int(center.x + reach) + 1)) {
                    let i = y * w + x
                    if out[i] || (Vector2(Double(x), Double(y)) - center).length > reach { continue }
                    if plate.pixels[i] != 0 {
                        out[i] = true
                    } else if !(prediction.deviation[i] < Float(o.sceneDeviation)), self.colours.has(colours, i, share: Float(o.otherColourShare)) {
                        out[i] = true
                    }
                }
            }
        }
        // Edges between its parts are of neither's colour.
        let raw = Image(width: w, height: h, channels: 1, pixels: out.map { $0 ? 255 : 0 })
        let closed = try Image.operation("other gripper") { () throws(ImagingError) in try raw.closed(radius: o.otherGapRadius) }
        for i in out.indices where closed.pixels[i] != 0 && !(prediction.deviation[i] < Float(o.sceneDeviation)) { out[i] = true }
        return out
    }
}

extension HumanMasker {
    /// Nil without a still scene or without such tags.
    func otherGrippers(_ keyframes: [Keyframe], tags: [Int: [TagDetection]], scene: SceneModel?) throws(HumanError) -> OtherGrippers? {
        guard let scene else { return nil }
        var counts: [Int: Int] = [:]
        for list in tags.values { for tag in list { counts[tag.id, default: 0] += 1 } }
        let least = options.human.otherTagFrames
        let foreign = counts.filter { $0.value >= least && !mask.fingerTagIDs.contains($0.key) && !scene.tagIDs.contains($0.key) }.map(\.key).sorted()
        guard !foreign.isEmpty else { return nil }
        var colours = DeviceColours()
        let fingers = TagLookup(tags, ids: mask.fingerTagIDs)
        for keyframe in keyframes.prefix(40) {
            let classes = working(try mask.classes(tags: fingers[keyframe.frame]))
            colours.add(
                try ScenePicture(keyframe.image, gains: scene.gains, hasRanges: false).colours,
                where: classes.pixels.map { $0 == PixelClass.device.rawValue })
        }
        return OtherGrippers(colours: colours, tags: TagLookup(tags, ids: foreign, reach: options.human.otherTagReach))
    }
}

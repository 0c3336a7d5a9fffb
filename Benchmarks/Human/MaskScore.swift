import Human
import Imaging

/// Masks of a recording against the truth, summed over its frames.
struct MaskScore {
    private var both = 0
    private var either = 0
    private var human = 0
    private var left = 0
    /// Removed, and not human.
    private var beside = 0
    /// Of those left: in frames in which nothing was found, and within a few pixels of the circle's rim.
    private var leftInMissedFrames = 0
    private var leftAtRim = 0
    /// By truth class (1 gripper, 2 other gripper, 3 object): pixels and those that were removed.
    private var protected = [Int](repeating: 0, count: 4)
    private var taken = [Int](repeating: 0, count: 4)
    /// Device: pixels by the truth, called so, and both.
    private var device = (truth: 0, found: 0, both: 0)
    private var overlaps: [Double] = []
    private(set) var removedFrames = 0
    /// Frames without a human, and those of them in which something is taken; frames next to one with a human are not counted.
    private var free = (frames: 0, touched: 0)
    private var recent: [(isFree: Bool, isTouched: Bool)] = []
    /// By frame: what was left in doubt.
    private(set) var doubts: [Double] = []
    private(set) var changed = 0

    /// By tenth of the stated probability of human: working pixels, the sum of the probabilities, the sum of the true shares.
    private(set) var probabilities = [(count: Double, stated: Double, human: Double)](repeating: (0, 0, 0), count: 10)

    /// - Parameter probability: at a whole fraction of the truth's size.
    mutating func add(probability: Image, truth: Image) {
        let f = (truth.width + probability.width - 1) / probability.width
        for y in 0..<(truth.height / f) {
            for x in 0..<(truth.width / f) where probability.pixels[y * probability.width + x] > 0 {
                var human = 0
                for v in (y * f)..<(y * f + f) {
                    for u in (x * f)..<(x * f + f) where truth.pixels[v * truth.width + u] == 4 { human += 1 }
                }
                let p = Double(probability.pixels[y * probability.width + x]) / 255
                let k = min(9, Int(p * 10))
                probabilities[k].count += 1
                probabilities[k].stated += p
                probabilities[k].human += Double(human) / Double(f * f)
            }
        }
    }

    /// Mean distance of the stated probability from the true share, by tenths.
    var calibrationError: Double {
        let all = probabilities.reduce(0) { $0 + $1.count }
        return probabilities.reduce(0) { $0 + abs($1.stated - $1.human) } / max(all, 1)
    }

    mutating func add(_ classes: Image, truth: Image, picture: Image, exported: Image, doubt: Double) {
        let found = PixelClass.human.rawValue
        let margin = PixelClass.humanMargin.rawValue
        var (b, e, removedAny) = (0, 0, false)
        let rim = try? classes.mask(of: [.outside]).dilated(radius: 8)
        let isMissed = !classes.pixels.contains(found)
        for i in classes.pixels.indices {
            let isHuman = truth.pixels[i] == 4
            let isFound = classes.pixels[i] == found
            let isRemoved = isFound || classes.pixels[i] == margin
            if isHuman && isFound { b += 1 }
            if isHuman || isFound { e += 1 }
            if isHuman {
                human += 1
                if !isRemoved {
                    left += 1
                    if isMissed { leftInMissedFrames += 1 } else if rim?.pixels[i] ?? 0 != 0 { leftAtRim += 1 }
                }
            }
            if isRemoved && !isHuman { beside += 1 }
            removedAny = removedAny || isRemoved
            let kind = Int(truth.pixels[i])
            let isDevice = classes.pixels[i] == PixelClass.device.rawValue || classes.pixels[i] == PixelClass.mirror.rawValue
            if classes.pixels[i] != PixelClass.outside.rawValue {
                if kind == 1 { device.truth += 1 }
                if isDevice { device.found += 1 }
                if kind == 1 && isDevice { device.both += 1 }
            }
            if kind > 0, kind < 4 {
                protected[kind] += 1
                if isRemoved { taken[kind] += 1 }
            }
            if picture.pixels[3 * i] != exported.pixels[3 * i] || picture.pixels[3 * i + 1] != exported.pixels[3 * i + 1]
                || picture.pixels[3 * i + 2] != exported.pixels[3 * i + 2]
            {
                changed += 1
            }
        }
        both += b
        either += e
        if e > 0 { overlaps.append(Double(b) / Double(e)) }
        if removedAny { removedFrames += 1 }
        doubts.append(doubt)
        recent.append((!truth.pixels.contains(4), removedAny))
        if recent.count > 7 { recent.removeFirst() }
        if recent.count == 7, recent.allSatisfy(\.isFree) {
            free.frames += 1
            if recent[3].isTouched { free.touched += 1 }
        }
    }

    var freeFrames: Int { free.frames }
    var touchedFrames: Int { free.touched }
    var hasHuman: Bool { human > 0 }
    /// Intersection over union of all frames' pixels together.
    var overlap: Double { Double(both) / Double(max(either, 1)) }
    /// The median of the worst twentieth of the frames' own.
    var worstFrames: Double { overlaps.isEmpty ? 0 : overlaps.sorted()[overlaps.count / 40] }
    var besideShare: Double { Double(beside) / Double(max(human, 1)) }
    var leftShare: Double { Double(left) / Double(max(human, 1)) }
    var leftInMissedFramesShare: Double { Double(leftInMissedFrames) / Double(max(human, 1)) }
    var leftAtRimShare: Double { Double(leftAtRim) / Double(max(human, 1)) }
    /// Share of the device that its mask covers, and of its mask that shows something else.
    var deviceShares: (covered: Double, wrong: Double) {
        (Double(device.both) / Double(max(device.truth, 1)), 1 - Double(device.both) / Double(max(device.found, 1)))
    }
    func takenShare(_ kind: Int) -> Double { protected[kind] == 0 ? .nan : Double(taken[kind]) / Double(protected[kind]) }
}

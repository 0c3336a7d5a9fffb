import BenchmarkSupport
import Human
import Imaging

/// What a frame shows by the truth: human, device and what is not known; everything else is scene.
struct OutsideTruth {
    static let (scene, device, human, ignored): (UInt8, UInt8, UInt8, UInt8) = (0, 1, 4, 9)

    /// A value a pixel, of the picture's size.
    var pixels: [UInt8]
}

/// Masks of a recording that our simulator did not make, against its truth.
struct OutsideScore {
    private var both = 0
    private var either = 0
    private var human = 0
    private var left = 0
    private var scene = 0
    private var called = 0
    private var removed = 0
    private var device = (truth: 0, taken: 0, found: 0, both: 0)
    /// Frames of the recording, and those in which something is removed.
    private(set) var frames = (all: 0, touched: 0)
    /// By frame: what is stated to be in doubt.
    private(set) var doubts: [Double] = []
    /// Frames with a truth that pass at the stated doubt, those of them that show too much of a human, and clean ones that are refused.
    private(set) var strict = (passed: 0, leaking: 0, clean: 0, refused: 0)
    /// By tenth of the stated probability: working pixels, sum of the probabilities, of the true shares.
    private(set) var tenths = [(count: Double, stated: Double, human: Double)](repeating: (0, 0, 0), count: 10)

    /// The limits of `--privacy strict`: the stated doubt that passes (curate.unresolved_share), and the most of a human that a frame may show then.
    static let (passing, leaking) = (0.02, 0.02)

    mutating func add(touched: Bool, doubt: Double) {
        frames.all += 1
        frames.touched += touched ? 1 : 0
        doubts.append(doubt)
    }

    /// - Parameters:
    ///   - classes: of the truth's size.
    ///   - probability: at a whole fraction of it.
    mutating func add(_ classes: Image, probability: Image, doubt: Double, truth: OutsideTruth) {
        var (inside, kept, own) = (0, 0, 0)
        for i in classes.pixels.indices {
            let kind = truth.pixels[i]
            guard let found = PixelClass(rawValue: classes.pixels[i]), found != .outside, kind != OutsideTruth.ignored else { continue }
            let (isHuman, isFound) = (kind == OutsideTruth.human, found == .human)
            let isDevice = found == .device || found == .mirror
            inside += 1
            both += isHuman && isFound ? 1 : 0
            either += isHuman || isFound ? 1 : 0
            if isHuman {
                own += 1
                kept += found.isRemoved ? 0 : 1
            }
            if kind == OutsideTruth.scene {
                scene += 1
                called += isFound ? 1 : 0
                removed += found.isRemoved ? 1 : 0
            }
            if kind == OutsideTruth.device {
                device.truth += 1
                device.taken += found.isRemoved ? 1 : 0
                device.both += isDevice ? 1 : 0
            }
            device.found += isDevice ? 1 : 0
        }
        human += own
        left += kept
        let isClean = Double(kept) <= Self.leaking * Double(inside)
        if doubt <= Self.passing {
            strict.passed += 1
            strict.leaking += isClean ? 0 : 1
        } else if isClean {
            strict.refused += 1
        }
        strict.clean += isClean ? 1 : 0
        add(probability, classes, truth)
    }

    private mutating func add(_ probability: Image, _ classes: Image, _ truth: OutsideTruth) {
        let (w, outside) = (classes.width, PixelClass.outside.rawValue)
        let f = (w + probability.width - 1) / probability.width
        for y in 0..<(classes.height / f) {
            for x in 0..<(w / f) {
                var (count, human) = (0, 0)
                for v in (y * f)..<(y * f + f) {
                    for i in (v * w + x * f)..<(v * w + x * f + f)
                    where classes.pixels[i] != outside && truth.pixels[i] != OutsideTruth.ignored {
                        count += 1
                        human += truth.pixels[i] == OutsideTruth.human ? 1 : 0
                    }
                }
                guard count > 0 else { continue }
                let p = Double(probability.pixels[y * probability.width + x]) / 255
                let k = min(9, Int(p * 10))
                tenths[k].count += 1
                tenths[k].stated += p
                tenths[k].human += Double(human) / Double(count)
            }
        }
    }

    var hasHuman: Bool { human > 0 }
    var overlap: Double { Double(both) / Double(max(either, 1)) }
    var leftShare: Double { Double(left) / Double(max(human, 1)) }
    /// Scene that is called human, and that is removed, the margin included, as shares of the scene.
    var calledShare: Double { Double(called) / Double(max(scene, 1)) }
    var removedShare: Double { Double(removed) / Double(max(scene, 1)) }
    var deviceTaken: Double { device.truth > 0 ? Double(device.taken) / Double(device.truth) : .nan }
    /// Of the device mask, fingers included.
    var deviceOverlap: Double { device.truth > 0 ? Double(device.both) / Double(device.truth + device.found - device.both) : .nan }
    /// Mean distance of the stated probability from the true share, by tenths, over all pixels.
    var calibrationError: Double {
        tenths.reduce(0) { $0 + abs($1.stated - $1.human) } / max(tenths.reduce(0) { $0 + $1.count }, 1)
    }

    static let header =
        column("recording", 24) + column("IoU", 7) + column("left%", 7) + column("called%", 9) + column("removed%", 9)
        + column("device%", 8)
        + column("mask", 7) + column("touched", 9) + column("doubt%", 8) + column("leak", 6) + column("refused", 9) + column("off%", 6)

    func line(_ name: String) -> String {
        func percent(_ x: Double, _ digits: Int = 2) -> String { number(100 * x, digits) }
        let doubts = doubts.sorted()
        return column(name, 24) + column(hasHuman ? number(overlap, 3) : "-", 7) + column(hasHuman ? percent(leftShare, 1) : "-", 7)
            + column(percent(calledShare), 9) + column(percent(removedShare), 9) + column(percent(deviceTaken), 8)
            + column(number(deviceOverlap, 2), 7) + column("\(frames.touched)/\(frames.all)", 9)
            + column(percent(doubts.isEmpty ? 0 : doubts[doubts.count / 2]), 8) + column("\(strict.leaking)/\(strict.passed)", 6)
            + column("\(strict.refused)/\(strict.clean)", 9) + column(percent(calibrationError, 1), 6)
    }
}

public import Imaging

/// Options of `FixedView`.
public struct FixedViewOptions: Codable, Sendable, Equatable {
    /// Pictures of the recording from which the static scene is made, evenly spread; default 25.
    public var pictures = 25
    /// Sum over the channels by which a pixel differs from the static scene, levels; default 60: shadows of a hand stay below it.
    public var difference = 60
    /// Spread of the pictures about their median, levels, up to which the static scene counts as seen; default 18.
    public var spread = 18
    /// Smallest region that counts, share of the picture; default 0.002.
    public var smallest = 0.002
    /// Gap that is closed within a region, share of the picture's width; default 0.012.
    public var gap = 0.012
    /// Rim about a region that is removed with it, share of the picture's width; default 0.008.
    public var rim = 0.008

    public init() {}
}

/// Takes the operator out of a camera that stands still: what differs from the recording's median picture and reaches the picture's border (arm,
/// hand and the gripper in it), or what a user's mask says, is replaced by the median.
///
/// A person who keeps still for more than half of the recording is in the median and stays: a user's masks and plate help there. Things that were
/// moved stay as they are, unless the operator covers them.
public struct FixedView: Sendable {
    public let options: FixedViewOptions
    private let median: Image
    /// Not 0 where the pictures agree.
    private let seen: [Bool]

    /// - Parameters:
    ///   - pictures: RGB, of one size, of the whole recording.
    ///   - plate: a picture of the scene alone; then nothing is taken from the recording.
    public init(pictures: [Image], plate: Image? = nil, options: FixedViewOptions = FixedViewOptions()) throws(HumanError) {
        self.options = options
        guard let first = plate ?? pictures.first,
            pictures.allSatisfy({ $0.width == first.width && $0.height == first.height && $0.channels == 3 })
        else { throw .input(location: "static scene of a fixed camera", reason: "needs RGB pictures of one size") }
        if let plate {
            median = plate.rgb
            seen = Array(repeating: true, count: plate.width * plate.height)
            return
        }
        var out = first
        var agreed = [Bool](repeating: true, count: first.width * first.height)
        let n = pictures.count
        var column = [UInt8](repeating: 0, count: n)
        for i in 0..<first.pixels.count {
            for k in 0..<n { column[k] = pictures[k].pixels[i] }
            column.sort()
            out.pixels[i] = column[n / 2]
            if Int(column[n * 3 / 4]) - Int(column[n / 4]) > options.spread { agreed[i / 3] = false }
        }
        median = out
        seen = agreed
    }

    /// One picture without the operator, and its class map.
    /// - Parameter mask: a user's; nil finds what moved.
    public func clean(_ picture: Image, mask: ModelMask? = nil) throws(HumanError) -> (frame: FilledFrame, classes: Image) {
        guard picture.width == median.width, picture.height == median.height, picture.channels == 3 else {
            throw .picture(
                location: "picture of a fixed camera",
                reason: "is \(picture.width)x\(picture.height); \(median.width)x\(median.height) like the others is accepted")
        }
        let gain = gains(picture)
        var classes = Image(width: picture.width, height: picture.height, everywhere: .background)
        let human: [Bool]
        if let mask { human = mask.values.pixels.map { $0 > ModelMask.unsure } } else { human = try moved(picture, gain) }
        let region = Image(width: picture.width, height: picture.height, channels: 1, pixels: human.map { $0 ? 255 : 0 })
        let radius = max(1, Int((options.rim * Double(picture.width)).rounded()))
        let wide = try Image.operation("rim of the operator") { () throws(ImagingError) in try region.dilated(radius: radius) }
        var frame = FilledFrame(untouched: picture)
        for i in human.indices where wide.pixels[i] != 0 {
            classes.pixels[i] = (human[i] ? PixelClass.human : .humanMargin).rawValue
            for c in 0..<3 { frame.picture.pixels[3 * i + c] = UInt8(min(255, (Double(median.pixels[3 * i + c]) * gain[c]).rounded())) }
            frame.provenance.pixels[i] = (seen[i] ? Provenance.observed : .invented).rawValue
        }
        return (frame, classes)
    }

    /// By channel how much brighter the picture is than the static scene: the median ratio over a grid.
    private func gains(_ picture: Image) -> [Double] {
        (0..<3).map { c in
            var ratios: [Double] = []
            for i in stride(from: 0, to: picture.width * picture.height, by: 97)
            where median.pixels[3 * i + c] > 20 && median.pixels[3 * i + c] < 240 {
                ratios.append(Double(picture.pixels[3 * i + c]) / Double(median.pixels[3 * i + c]))
            }
            return ratios.count < 50 ? 1 : min(max(ratios.sorted()[ratios.count / 2], 0.5), 2)
        }
    }

    private func moved(_ picture: Image, _ gain: [Double]) throws(HumanError) -> [Bool] {
        let (w, h) = (picture.width, picture.height)
        let scaled = (0..<3).map { c in (0..<256).map { Int((Double($0) * gain[c]).rounded()) } }
        var different = Image(width: w, height: h, channels: 1)
        for i in 0..<w * h {
            var sum = 0
            for c in 0..<3 { sum += abs(Int(picture.pixels[3 * i + c]) - scaled[c][Int(median.pixels[3 * i + c])]) }
            if sum > options.difference { different.pixels[i] = 255 }
        }
        let gap = max(1, Int((options.gap * Double(w)).rounded()))
        let raw = different
        let regions = try Image.operation("what moved") { () throws(ImagingError) in
            try raw.opened(radius: 1).closed(radius: gap).connectedComponents()
        }
        var atBorder = [Bool](repeating: false, count: regions.components.count + 1)
        for x in 0..<w { for y in [0, 1, h - 2, h - 1] { atBorder[Int(regions.labels[y * w + x])] = true } }
        for y in 0..<h { for x in [0, 1, w - 2, w - 1] { atBorder[Int(regions.labels[y * w + x])] = true } }
        atBorder[0] = false
        for c in regions.components where Double(c.area) < options.smallest * Double(w * h) { atBorder[c.label] = false }
        return regions.labels.map { atBorder[Int($0)] }
    }
}

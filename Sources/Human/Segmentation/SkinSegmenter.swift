public import Imaging

/// The colour path alone: a hand or bare arm in one picture, without poses or other frames.
///
/// Skin by `SkinModel` after white balance, pixels that may be skin joined to those that surely are (hysteresis), the picture's own colours of
/// that region against the rest learned twice (histograms), the largest regions kept, the outline by GrabCut. Wood and orange plastic pass for
/// skin here: recordings are judged by `HumanMasker`, which asks for motion.
public struct SkinSegmenter: Sendable {
    public var options: SkinOptions
    /// Widest working picture, pixels.
    public var maximumWorkingWidth = 320

    public init(options: SkinOptions = SkinOptions()) { self.options = options }

    /// 255 on skin, at the picture's size; all 0 where there is none. Gray pictures are refused.
    public func segment(_ image: Image) throws(HumanError) -> Image {
        guard image.channels == 3 else {
            throw .picture(location: "skin", reason: "\(image.width)x\(image.height) gray picture; an RGB picture is needed")
        }
        let scale = WorkingScale(width: image.width, height: image.height, maximumWidth: maximumWorkingWidth)
        let small = scale.shrink(image)
        let n = scale.width * scale.height
        let smallest = Int(options.minimumShare * Double(n))
        var skin = SkinModel(options: options)
        skin.balance(on: [small])
        let distance = skin.distances(small)
        var loose = Image(width: scale.width, height: scale.height, channels: 1)
        var strict = loose
        for i in 0..<n {
            if distance[i] <= Float(options.looseDistance) { loose.pixels[i] = 255 }
            if distance[i] <= Float(options.strictDistance) { strict.pixels[i] = 255 }
        }
        var region = try grown(loose, from: strict, smallest: smallest)
        guard region.pixels.contains(255) else { return scale.enlarge(region) }
        let picture = try ColourPicture(small)
        for _ in 0..<2 {
            var colours = ColourModel()
            for i in 0..<n {
                if region.pixels[i] != 0 { colours.addHuman(picture.colours, at: i) } else { colours.addScene(picture.colours, at: i) }
            }
            colours.finish()
            let odds = boxSum(colours.evaluate(picture.colours), width: scale.width, height: scale.height, radius: 1)
            var likely = loose
            for i in 0..<n {
                // Nine votes of the picture's own colours, with the general skin colour as the prior.
                let prior: Float =
                    distance[i] <= Float(options.looseDistance) ? 0.5 : (distance[i] <= 2 * Float(options.looseDistance) ? -0.5 : -1.5)
                likely.pixels[i] = odds[i] / 9 + prior > 0 ? 255 : 0
            }
            let next = try grown(likely, from: strict, smallest: smallest)
            guard next.pixels.contains(255) else { break }
            region = next
        }
        return scale.enlarge(try refined(region, small))
    }

    /// Regions of `wide` with enough pixels of `sure`, the largest and those at least a third of it.
    private func grown(_ wide: Image, from sure: Image, smallest: Int) throws(HumanError) -> Image {
        try Image.operation("skin regions") { () throws(ImagingError) in
            let parts = try wide.opened(radius: 1).closed(radius: 2).connectedComponents()
            var support = [Int](repeating: 0, count: parts.components.count + 1)
            for i in parts.labels.indices where sure.pixels[i] != 0 { support[Int(parts.labels[i])] += 1 }
            let fit = parts.components.filter { $0.area >= smallest && 10 * support[$0.label] >= $0.area }
            let largest = fit.map(\.area).max() ?? 0
            let kept = Set(fit.filter { 3 * $0.area >= largest }.map(\.label))
            return Image(width: wide.width, height: wide.height, channels: 1, pixels: parts.labels.map { kept.contains(Int($0)) ? 255 : 0 })
        }
    }

    private func refined(_ region: Image, _ picture: Image) throws(HumanError) -> Image {
        guard options.grabCutIterations > 0 else { return region }
        return try Image.operation("skin outline") { () throws(ImagingError) in
            let core = try region.eroded(radius: 5)
            let near = try region.dilated(radius: 5)
            var labels = region
            for i in labels.pixels.indices {
                labels.pixels[i] =
                    core.pixels[i] != 0
                    ? GrabCutLabel.foreground.rawValue
                    : region.pixels[i] != 0
                        ? GrabCutLabel.probablyForeground.rawValue
                        : near.pixels[i] != 0 ? GrabCutLabel.probablyBackground.rawValue : GrabCutLabel.background.rawValue
            }
            guard core.pixels.contains(255), near.pixels.contains(0) else { return region }
            let cut = try picture.grabCut(labels: labels, iterations: options.grabCutIterations)
            return Image(
                width: cut.width, height: cut.height, channels: 1,
                pixels: cut.pixels.map {
                    $0 == GrabCutLabel.foreground.rawValue || $0 == GrabCutLabel.probablyForeground.rawValue ? 255 : 0
                })
        }
    }
}

internal import Geometry
public import Imaging
public import Session
#if canImport(Glibc)
    internal import Glibc
#endif

/// What somebody else (a user's model, a folder of masks, a hand-drawn label) says of a picture.
///
/// It is evidence among others: its log odds, times the weight, are added to those of geometry and colour; the device stays the device.
public struct ExternalMask: Sendable {
    /// Probability of human by pixel, row by row, 0 to 1; NaN says nothing there.
    public var probability: [Float]
    /// Size of the map: the picture's, or smaller with the same aspect ratio.
    public var width: Int
    public var height: Int
    /// Factor on the log odds; 1 trusts the probabilities as they are, 0 ignores them.
    public var weight: Double

    /// - Precondition: `probability` has `width` times `height` values.
    public init(probability: [Float], width: Int, height: Int, weight: Double = 1) {
        precondition(probability.count == width * height, "\(probability.count) probabilities for \(width)x\(height) pixels")
        self.probability = probability
        self.width = width
        self.height = height
        self.weight = weight
    }

    /// A hand-drawn or imported mask: 0 background, 255 human, everything else unsure.
    /// - Parameter certainty: probability given to what is marked, above 0.5 and below 1.
    public init(mask: Image, certainty: Double = 0.98, weight: Double = 1) {
        let (low, high) = (Float(1 - certainty), Float(certainty))
        let gray = mask.gray
        self.init(
            probability: gray.pixels.map { $0 == 255 ? high : $0 == 0 ? low : .nan }, width: mask.width, height: mask.height, weight: weight
        )
    }
}

/// Answers for a picture of the recording, as the stream holds it: of the full or of the working size; empty where there is nothing to say. It is
/// asked in the order of the frames, once for the pictures that the first pass keeps and once for every frame that is judged in the second, and
/// gives the same answer both times.
public typealias ExternalMaskSource =
    (_ frame: Int, _ time: Timestamp<VideoClock>, _ picture: Image) throws(HumanError) -> [ExternalMask]

extension WorkingScale {
    /// Full pixels to a pixel of an external map: a whole number where the map was made smaller by blocks as the working picture is, else by
    /// its share of the picture's size; nil where the aspect ratio is another.
    private func block(of map: ExternalMask) -> Vector2? {
        guard map.width > 0, map.height > 0, map.width <= fullWidth, map.height <= fullHeight else { return nil }
        func fits(_ f: Int) -> Bool { (fullWidth + f - 1) / f == map.width && (fullHeight + f - 1) / f == map.height }
        let least = (fullWidth + map.width - 1) / map.width
        let whole = fits(factor) ? factor : (least..<least + map.width).first(where: fits)
        if let whole { return Vector2(Double(whole), Double(whole)) }
        let share = Vector2(Double(fullWidth) / Double(map.width), Double(fullHeight) / Double(map.height))
        return abs(share.x / share.y - 1) < 0.02 ? share : nil
    }

    /// Log odds at working size, the sum over all maps; nil where there are none. Probabilities are averaged over each working pixel.
    func logOdds(_ evidence: [ExternalMask], frame: Int) throws(HumanError) -> [Float]? {
        guard !evidence.isEmpty else { return nil }
        var out = [Float](repeating: 0, count: width * height)
        for map in evidence {
            guard let block = block(of: map) else {
                throw .input(
                    location: "frame \(frame)",
                    reason: "an external mask of \(map.width)x\(map.height) pixels; accepted: the picture's \(fullWidth)x\(fullHeight)"
                        + " or smaller with the same aspect ratio")
            }
            let (sx, sy) = (Double(factor) / block.x, Double(factor) / block.y)
            for y in 0..<height {
                let y0 = min(Int(Double(y) * sy), map.height - 1)
                let y1 = max(y0 + 1, min(Int(Double(y + 1) * sy), map.height))
                for x in 0..<width {
                    let x0 = min(Int(Double(x) * sx), map.width - 1)
                    let x1 = max(x0 + 1, min(Int(Double(x + 1) * sx), map.width))
                    var sum: Float = 0
                    var count: Float = 0
                    for v in y0..<y1 {
                        for u in x0..<x1 {
                            let p = map.probability[v * map.width + u]
                            if p.isNaN { continue }
                            sum += p
                            count += 1
                        }
                    }
                    guard count > 0 else { continue }
                    let p = max(0.01, min(0.99, sum / count))
                    out[y * width + x] += Float(map.weight) * log(p / (1 - p))
                }
            }
        }
        return out
    }
}

internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// The light in a picture as far as drawing into it needs: how much, of which colour, from where; how sharp and how grainy the picture is.
struct SceneLight: Sendable, Equatable {
    /// Linear radiance of a white surface that faces the light, by channel; 1 is the brightest a pixel can be.
    var radiance: Vector3
    /// Towards the light, in the camera's frame.
    var direction: Vector3
    /// Standard deviation of the picture's blur, pixels.
    var blur: Double
    /// Standard deviation of its grain, levels.
    var grain: Double
}

/// sRGB levels and linear light.
enum Tone {
    /// By level 0 to 255.
    static let linear: [Float] = (0..<256).map { v in
        let s = Float(v) / 255
        return s <= 0.04045 ? s / 12.92 : powf((s + 0.055) / 1.055, 2.4)
    }
    /// By linear light in 1/4096.
    static let level: [Float] = (0...4096).map { v in
        let l = Float(v) / 4096
        return 255 * (l <= 0.0031308 ? 12.92 * l : 1.055 * powf(l, 1 / 2.4) - 0.055)
    }

    static func linear(_ sRGB: Double) -> Double { sRGB <= 0.04045 ? sRGB / 12.92 : pow((sRGB + 0.055) / 1.055, 2.4) }
}

extension SceneLight {
    /// Estimates it from the pixels that show the scene.
    ///
    /// Amount: mean linear brightness over an assumed mean reflectance. Colour: halfway between white and the mean of the brightest twentieth.
    /// Direction: from above, pulled to where the picture is brightest above the horizon (lamps, windows). Blur: the ratio of edges' gradients
    /// before and after a known blur (Zhuo and Sim, Pattern Recognition 2011), of the sharpest third. Grain: the median of Immerkær's Laplacian
    /// (CVIU 1996).
    /// - Parameters:
    ///   - classes: only background counts.
    ///   - up: the table's z in the camera's frame.
    ///   - bearing: of a pixel, in the camera's frame; nil where the lens sees nothing.
    static func estimate(
        _ picture: Image, classes: Image, up: Vector3, options: OverlayOptions, bearing: (Int, Int) -> Vector3?
    ) throws(HumanError) -> SceneLight {
        let (w, h, step) = (picture.width, picture.height, max(1, options.lightStride))
        let background = PixelClass.background.rawValue
        var samples: [(luma: Double, rgb: Vector3, height: Double, bearing: Vector3)] = []
        for y in stride(from: step / 2, to: h, by: step) {
            for x in stride(from: step / 2, to: w, by: step) where classes.pixels[y * w + x] == background {
                guard let b = bearing(x, y) else { continue }
                let i = 3 * (y * w + x)
                let rgb = Vector3(
                    Double(Tone.linear[Int(picture.pixels[i])]), Double(Tone.linear[Int(picture.pixels[i + 1])]),
                    Double(Tone.linear[Int(picture.pixels[i + 2])]))
                samples.append((luma(rgb), rgb, b.dot(up), b))
            }
        }
        guard samples.count > 20 else {
            return SceneLight(radiance: Vector3(repeating: 0.6), direction: up, blur: 0, grain: 0)
        }
        let mean = samples.reduce(0) { $0 + $1.luma } / Double(samples.count)
        let brightest = samples.map(\.luma).sorted()[samples.count * 19 / 20]
        var bright = Vector3.zero
        var towards = up * (0.05 * mean * Double(samples.count))
        for s in samples {
            if s.luma >= brightest { bright += s.rgb }
            if s.height > 0.1, s.luma > 1.5 * mean { towards += s.bearing * (s.luma - 1.5 * mean) }
        }
        let tint = luma(bright) > 0 ? Vector3(repeating: 0.5) + bright * (0.5 / luma(bright)) : Vector3(repeating: 1)
        let (blur, grain) = try sharpness(picture, classes: classes, options: options)
        return SceneLight(
            radiance: tint * min(mean / options.sceneReflectance, 1.2), direction: towards.length > 1e-9 ? towards.normalized : up,
            blur: blur,
            grain: grain)
    }

    private static func luma(_ c: Vector3) -> Double { 0.2126 * c.x + 0.7152 * c.y + 0.0722 * c.z }

    private static func sharpness(_ picture: Image, classes: Image, options: OverlayOptions) throws(HumanError) -> (Double, Double) {
        // A band across the middle holds edges enough.
        let (w, top) = (picture.width, picture.height / 4)
        let band = picture.cropped(x: 0, y: top, width: w, height: picture.height / 2).gray
        guard w > 8, band.height > 8 else { return (0, 0) }
        let soft = try Image.operation("blur of the picture") { () throws(ImagingError) in try band.gaussianBlurred(sigma: 1) }
        let background = PixelClass.background.rawValue
        var sigmas: [Double] = []
        var noise = [Int](repeating: 0, count: 2048)
        var counted = 0
        band.pixels.withUnsafeBufferPointer { p in
            soft.pixels.withUnsafeBufferPointer { s in
                for y in stride(from: 2, to: band.height - 2, by: 3) {
                    for x in stride(from: 2, to: w - 2, by: 2) where classes.pixels[(y + top) * w + x] == background {
                        let i = y * w + x
                        func gradient(_ q: UnsafeBufferPointer<UInt8>) -> Double {
                            let (a, b) = (Double(Int(q[i + 1]) - Int(q[i - 1])), Double(Int(q[i + w]) - Int(q[i - w])))
                            return (a * a + b * b).squareRoot()
                        }
                        let sharp = gradient(p)
                        if sharp > 40 {
                            let ratio = sharp / max(gradient(s), 1)
                            if ratio > 1.02 { sigmas.append(1 / (ratio * ratio - 1).squareRoot()) }
                        } else if sharp < 12 {
                            let corners = Int(p[i - w - 1]) + Int(p[i - w + 1]) + Int(p[i + w - 1]) + Int(p[i + w + 1])
                            let sides = Int(p[i - 1]) + Int(p[i + 1]) + Int(p[i - w]) + Int(p[i + w])
                            noise[min(abs(corners - 2 * sides + 4 * Int(p[i])), 2047)] += 1
                            counted += 1
                        }
                    }
                }
            }
        }
        var seen = 0
        let median = noise.firstIndex { n in
            seen += n
            return 2 * seen >= counted
        }
        let blur = sigmas.count > 30 ? sigmas.sorted()[sigmas.count / 3] : 0
        return (min(blur, options.maximumBlur), counted > 100 ? min(Double(median ?? 0) / (0.6745 * 6), options.maximumGrain) : 0)
    }
}

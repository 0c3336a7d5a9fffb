internal import Geometry
internal import Imaging
#if canImport(Glibc)
    internal import Glibc
#endif

/// How a lens darkens towards the rim: ln gain = −(a s + b s² + c s³) with s the squared distance from the principal point, 1 at the corner.
///
/// Found from a recording itself: the same place of the table in two keyframes differs in brightness by the fall-off at its two radii alone,
/// up to the pair's exposure. Least squares with Huber weights over many pairs. (Goldman, "Vignette and exposure calibration", PAMI 2010,
/// without the response curve.) Brightness can then be compared far more strictly.
struct Vignetting: Sendable, Equatable {
    var a = 0.0
    var b = 0.0
    var c = 0.0

    /// Squared radius of a pixel, 1 at the picture's corner.
    private static func squaredRadius(_ camera: CameraModel, _ x: Double, _ y: Double) -> Double {
        let corner = Vector2(Double(camera.width), Double(camera.height)) / 2
        let d = Vector2(x, y) - camera.principalPoint
        return d.dot(d) / corner.dot(corner)
    }

    /// Factors that undo the fall-off, by pixel.
    func gains(_ camera: CameraModel) -> [Float] {
        (0..<(camera.width * camera.height)).map { i in
            let s = Self.squaredRadius(camera, Double(i % camera.width), Double(i / camera.width))
            return Float(min(3, max(0.6, exp(-s * (a + s * (b + s * c))))))
        }
    }

    /// Nil-like (no fall-off) where too few places are seen twice.
    static func estimate(_ keyframes: [Keyframe], masker: HumanMasker) throws(HumanError) -> Vignetting {
        let warp = masker.geometry.warp
        let (w, h) = (warp.camera.width, warp.camera.height)
        let window = KeyframeWindow(keyframes, gains: [])
        let posed = keyframes.indices.filter { keyframes[$0].poses != nil }
        guard posed.count > 4 else { return Vignetting() }
        var features: [SIMD4<Double>] = []
        for n in 0..<min(16, posed.count) {
            let k = posed[n * posed.count / min(16, posed.count)]
            guard let own = keyframes[k].poses else { continue }
            let chosen = window.neighbours(of: keyframes[k].time, options: masker.options.human)
            let picture = try ColourPicture(keyframes[k].image)
            for other in [chosen.first, chosen.last].compactMap({ $0 }) {
                guard let poses = keyframes[other].poses else { continue }
                let view = try ColourPicture(keyframes[other].image)
                var pair: [SIMD4<Double>] = []
                warp.forEachPixel(warp.grid(from: own, to: poses, over: .plane(height: 0))) { i, px, py in
                    let (x, y) = (Int((px + 0.5).rounded(.down)), Int((py + 0.5).rounded(.down)))
                    guard i % 3 == 0, x >= 0, y >= 0, x < w, y < h else { return }
                    let j = y * w + x
                    if masker.pixels.isBlocked[i] || masker.pixels.isBlocked[j] { return }
                    let (p, q) = (Int(picture.colours[3 * i]), Int(view.colours[3 * j]))
                    if p < 20 || q < 20 || p > 240 || q > 240 { return }
                    let chroma =
                        abs(Int(picture.colours[3 * i + 1]) - Int(view.colours[3 * j + 1]))
                        + abs(Int(picture.colours[3 * i + 2]) - Int(view.colours[3 * j + 2]))
                    let ratio = log(Double(p) / Double(q))
                    if chroma > 12 || abs(ratio) > 0.5 { return }
                    let s = squaredRadius(warp.camera, Double(i % w), Double(i / w))
                    let t = squaredRadius(warp.camera, Double(px), Double(py))
                    pair.append(SIMD4(s - t, s * s - t * t, s * s * s - t * t * t, ratio))
                }
                guard pair.count > 200 else { continue }
                // The pair's own exposure drops out with its median ratio.
                let offset = pair.map(\.w).sorted()[pair.count / 2]
                let mean = pair.reduce(SIMD4<Double>.zero, +) / Double(pair.count)
                features += pair.map { $0 - SIMD4(mean.x, mean.y, mean.z, offset) }
            }
        }
        guard features.count > 2000 else { return Vignetting() }
        return fit(features)
    }

    private static func fit(_ features: [SIMD4<Double>]) -> Vignetting {
        var x = Vector3.zero
        for _ in 0..<6 {
            var normal = Matrix3(diagonal: Vector3(repeating: 1e-3 * Double(features.count) * 1e-3))
            var right = Vector3.zero
            for f in features {
                let v = Vector3(f.x, f.y, f.z)
                let residual = f.w - v.dot(x)
                let weight = min(1, 0.04 / max(abs(residual), 1e-9))
                normal = normal + weight * Matrix3.outer(v, v)
                right += weight * f.w * v
            }
            let next = normal.inverse * right
            guard next.isFinite else { return Vignetting() }
            x = next
        }
        return Vignetting(a: x.x, b: x.y, c: x.z)
    }
}

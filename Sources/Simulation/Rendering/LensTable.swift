internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// Where each pixel looks and how much light it gets.
struct LensTable: Sendable {
    /// Bearings at the corners of the pixels, (width + 1) × (height + 1); zero beyond the lens's reach.
    let corners: [Float3]
    /// Light per pixel; zero outside the image circle.
    let gain: [Float]

    init(_ camera: CameraModel, picture: Scenario.Picture) {
        let (w, h) = (camera.width, camera.height)
        // The lattice reaches a little beyond the circle, so that every pixel within it has its four corners.
        var wide = camera
        wide.maximumAngle = picture.imageCircle * .pi / 180 + 0.05
        var corners = [Float3](repeating: .zero, count: (w + 1) * (h + 1))
        for y in 0...h {
            for x in 0...w {
                guard let b = wide.unproject(Vector2(Double(x) - 0.5, Double(y) - 0.5)) else { continue }
                corners[y * (w + 1) + x] = Float3(Float(b.x), Float(b.y), Float(b.z))
            }
        }
        self.corners = corners
        let circle = Float(picture.imageCircle * .pi / 180)
        let loss = Float(picture.vignetting)
        var light = [Float](repeating: 0, count: w * h)
        for y in 0..<h {
            for x in 0..<w {
                let k = y * (w + 1) + x
                let quad = [corners[k], corners[k + 1], corners[k + w + 1], corners[k + w + 2]]
                guard quad.allSatisfy({ $0 != .zero }) else { continue }
                guard let b = wide.unproject(Vector2(Double(x), Double(y))) else { continue }
                let theta = Float(atan2((b.x * b.x + b.y * b.y).squareRoot(), b.z))
                guard theta < circle else { continue }
                let q = theta / circle
                light[y * w + x] = 1 - loss * q * q * q * q
            }
        }
        gain = light
    }
}

#if canImport(Glibc)
    internal import Glibc
#endif

/// How a lens maps directions to pixels.
public enum LensModel: String, Sendable, Codable, CaseIterable {
    /// Kannala and Brandt (2006), four odd terms: r = θ + k1 θ³ + k2 θ⁵ + k3 θ⁷ + k4 θ⁹; OpenCV's `fisheye`.
    case kannalaBrandt = "kannala_brandt"
    /// Pinhole with k1 k2 radial and p1 p2 tangential terms; OpenCV's first four, EuRoC's `radial-tangential`.
    case pinhole
}

/// Intrinsics of a camera for one picture size.
///
/// Camera frame: x right, y down, z forward. Pixels: the centre of the top left pixel is (0, 0). Distortion holds k1 k2 k3 k4 or k1 k2 p1 p2.
public struct CameraModel: Sendable, Equatable {
    public var lens: LensModel
    public var width: Int
    public var height: Int
    /// fx fy, pixels.
    public var focalLength: Vector2
    /// cx cy, pixels.
    public var principalPoint: Vector2
    public var distortion: Vector4
    /// Bearings further from the optical axis than this are not projected, radians.
    public var maximumAngle: Double

    public init(
        lens: LensModel, width: Int, height: Int, focalLength: Vector2, principalPoint: Vector2, distortion: Vector4 = .zero,
        maximumAngle: Double? = nil
    ) {
        precondition(width > 0 && height > 0 && focalLength.x > 0 && focalLength.y > 0, "a camera needs a picture size and a focal length")
        self.lens = lens
        self.width = width
        self.height = height
        self.focalLength = focalLength
        self.principalPoint = principalPoint
        self.distortion = distortion
        self.maximumAngle = maximumAngle ?? (lens == .pinhole ? 1.2 : 1.75)
    }

    /// A point in the camera frame (any scale) to pixels; nil behind the lens's reach (`maximumAngle`) or at the origin.
    /// A pixel outside the picture is still given: ask `contains`.
    public func project(_ p: Vector3) -> Vector2? {
        switch lens {
        case .kannalaBrandt:
            let r = (p.x * p.x + p.y * p.y).squareRoot()
            let theta = atan2(r, p.z)
            guard theta <= maximumAngle, p.squaredLength > 0 else { return nil }
            let scale = r < 1e-12 ? 1 / p.z : radius(theta) / r
            return principalPoint + focalLength * Vector2(p.x, p.y) * scale
        case .pinhole:
            guard p.z > 1e-9, atan2((p.x * p.x + p.y * p.y).squareRoot(), p.z) <= maximumAngle else { return nil }
            return principalPoint + focalLength * distorted(Vector2(p.x / p.z, p.y / p.z))
        }
    }

    /// The projection and its 2×3 Jacobian by the point, as two rows (pixels per unit of the point).
    public func projectWithJacobian(_ p: Vector3) -> (pixel: Vector2, du: Vector3, dv: Vector3)? {
        guard let pixel = project(p) else { return nil }
        switch lens {
        case .kannalaBrandt:
            let r2 = p.x * p.x + p.y * p.y
            let r = r2.squareRoot()
            if r < 1e-9 {
                let a = focalLength / p.z
                return (pixel, Vector3(a.x, 0, -a.x * p.x / p.z), Vector3(0, a.y, -a.y * p.y / p.z))
            }
            let n2 = r2 + p.z * p.z
            let theta = atan2(r, p.z)
            let rho = radius(theta)
            let slope = radiusSlope(theta)
            // dθ/dp = (x z / (r n²), y z / (r n²), −r / n²)
            let dTheta = Vector3(p.x * p.z / (r * n2), p.y * p.z / (r * n2), -r / n2)
            let cosine = p.x / r
            let sine = p.y / r
            let dCosine = Vector3(sine * sine / r, -cosine * sine / r, 0)
            let dSine = Vector3(-cosine * sine / r, cosine * cosine / r, 0)
            return (
                pixel, focalLength.x * (slope * cosine * dTheta + rho * dCosine), focalLength.y * (slope * sine * dTheta + rho * dSine)
            )
        case .pinhole:
            let x = p.x / p.z
            let y = p.y / p.z
            let (k1, k2, p1, p2) = (distortion.x, distortion.y, distortion.z, distortion.w)
            let r2 = x * x + y * y
            let radial = 1 + r2 * (k1 + r2 * k2)
            let dRadial = 2 * (k1 + 2 * k2 * r2)
            let xx = radial + x * x * dRadial + 2 * p1 * y + 6 * p2 * x
            let xy = x * y * dRadial + 2 * p1 * x + 2 * p2 * y
            let yy = radial + y * y * dRadial + 6 * p1 * y + 2 * p2 * x
            let dx = Vector3(1 / p.z, 0, -x / p.z)
            let dy = Vector3(0, 1 / p.z, -y / p.z)
            return (pixel, focalLength.x * (xx * dx + xy * dy), focalLength.y * (xy * dx + yy * dy))
        }
    }

    /// Derivatives of the pixel by the four distortion numbers: of u and of v. The point must be one that can be projected.
    public func distortionJacobian(_ p: Vector3) -> (du: Vector4, dv: Vector4) {
        switch lens {
        case .kannalaBrandt:
            let r = (p.x * p.x + p.y * p.y).squareRoot()
            guard r > 1e-12 else { return (.zero, .zero) }
            let theta = atan2(r, p.z)
            let t2 = theta * theta
            let t3 = t2 * theta
            let powers = Vector4(t3, t3 * t2, t3 * t2 * t2, t3 * t2 * t2 * t2)
            return (powers * (focalLength.x * p.x / r), powers * (focalLength.y * p.y / r))
        case .pinhole:
            let (x, y) = (p.x / p.z, p.y / p.z)
            let r2 = x * x + y * y
            return (
                Vector4(x * r2, x * r2 * r2, 2 * x * y, r2 + 2 * x * x) * focalLength.x,
                Vector4(y * r2, y * r2 * r2, r2 + 2 * y * y, 2 * x * y) * focalLength.y
            )
        }
    }

    /// A pixel to the unit bearing it looks along, in the camera frame; nil beyond `maximumAngle`.
    public func unproject(_ pixel: Vector2) -> Vector3? {
        let m = (pixel - principalPoint) / focalLength
        switch lens {
        case .kannalaBrandt:
            let rho = m.length
            if rho < 1e-12 { return Vector3(0, 0, 1) }
            var theta = min(rho, maximumAngle)
            for _ in 0..<20 {
                let step = (radius(theta) - rho) / radiusSlope(theta)
                theta -= step
                if abs(step) < 1e-13 { break }
            }
            guard theta >= 0, theta <= maximumAngle, abs(radius(theta) - rho) < 1e-9 else { return nil }
            let s = sin(theta) / rho
            return Vector3(m.x * s, m.y * s, cos(theta))
        case .pinhole:
            var u = m
            for _ in 0..<20 { u += m - distorted(u) }
            guard (distorted(u) - m).length < 1e-6 else { return nil }
            let bearing = Vector3(u.x, u.y, 1).normalized
            return bearing.z >= cos(maximumAngle) ? bearing : nil
        }
    }

    /// Whether a pixel lies in the picture, at least `margin` pixels from its border.
    @inlinable public func contains(_ pixel: Vector2, margin: Double = 0) -> Bool {
        pixel.x >= margin && pixel.y >= margin && pixel.x <= Double(width) - 1 - margin && pixel.y <= Double(height) - 1 - margin
    }

    /// The same camera for a picture scaled to another size; nil when the aspect ratio differs by more than 1 % and by more than the
    /// rounding of a small picture's sides to whole pixels.
    public func rescaled(width newWidth: Int, height newHeight: Int) -> CameraModel? {
        guard newWidth > 0, newHeight > 0 else { return nil }
        let s = Vector2(Double(newWidth) / Double(width), Double(newHeight) / Double(height))
        let rounding = 0.5 / Double(newWidth) + 0.5 / Double(newHeight)
        guard abs(s.x / s.y - 1) < max(0.01, rounding) else { return nil }
        return croppedAndScaled(x: 0, y: 0, width: width, height: height, toWidth: newWidth, toHeight: newHeight)
    }

    /// The camera of a picture that was cut to a rectangle and scaled; pixel centres move as in area resampling.
    public func croppedAndScaled(x: Int, y: Int, width cropWidth: Int, height cropHeight: Int, toWidth: Int, toHeight: Int) -> CameraModel {
        let s = Vector2(Double(toWidth) / Double(cropWidth), Double(toHeight) / Double(cropHeight))
        var camera = self
        camera.width = toWidth
        camera.height = toHeight
        camera.focalLength = focalLength * s
        camera.principalPoint = (principalPoint - Vector2(Double(x), Double(y)) + 0.5) * s - 0.5
        return camera
    }

    /// r(θ) of the fisheye, in units of the focal length.
    @inlinable func radius(_ theta: Double) -> Double {
        let t = theta * theta
        return theta * (1 + t * (distortion.x + t * (distortion.y + t * (distortion.z + t * distortion.w))))
    }

    @inlinable func radiusSlope(_ theta: Double) -> Double {
        let t = theta * theta
        return 1 + t * (3 * distortion.x + t * (5 * distortion.y + t * (7 * distortion.z + t * 9 * distortion.w)))
    }

    func distorted(_ u: Vector2) -> Vector2 {
        let (k1, k2, p1, p2) = (distortion.x, distortion.y, distortion.z, distortion.w)
        let r2 = u.x * u.x + u.y * u.y
        let radial = 1 + r2 * (k1 + r2 * k2)
        return Vector2(
            u.x * radial + 2 * p1 * u.x * u.y + p2 * (r2 + 2 * u.x * u.x),
            u.y * radial + p1 * (r2 + 2 * u.y * u.y) + 2 * p2 * u.x * u.y)
    }
}

internal import Geometry

/// One box of the gripper, in the camera frame.
struct GripperPart: Sendable {
    var slab: Slab
    var colour: Float3
    /// The sheet on the face towards the camera; −1 for none.
    var texture: Int32 = -1
    /// The sheets on the faces x− and x+; −1 for none.
    var leftTexture: Int32 = -1
    var rightTexture: Int32 = -1
}

/// The handheld gripper as the camera sees it: rigid but for two fingers that move apart along the picture's x.
enum Gripper {
    /// Side of the black square of the finger tags, metres.
    static let tagSize = 0.016
    /// Where the tags' plane lies along the camera's axis, metres.
    static let tagDepth = 0.072
    /// Where the tags' centres lie below the camera's axis, metres.
    static let tagDrop = 0.050
    /// Distance of the tags' centres when the fingers touch, metres.
    static let tagGap = 0.030

    /// Centre of a finger's tag in the camera frame; `side` −1 is the left one.
    static func tagCentre(side: Double, opening: Double) -> Vector3 { Vector3(side * (tagGap + opening) / 2, tagDrop, tagDepth) }

    /// The parts at an opening (metres between the finger tips). The tips meet at UMI's tool point (0, 0.086, 0.21965).
    static func parts(opening: Double, leftTexture: Int32, rightTexture: Int32) -> [GripperPart] {
        let dark = Float3(0.16, 0.17, 0.19)
        let gray = Float3(0.34, 0.36, 0.38)
        let teal = Float3(0.10, 0.42, 0.44)
        typealias Span = ClosedRange<Double>
        func box(_ x: Span, _ y: Span, _ z: Span, _ c: Float3, _ texture: Int32 = -1) -> GripperPart {
            GripperPart(
                slab: Slab(
                    low: Float3(Float(x.lowerBound), Float(y.lowerBound), Float(z.lowerBound)),
                    high: Float3(Float(x.upperBound), Float(y.upperBound), Float(z.upperBound))),
                colour: c, texture: texture)
        }
        var parts = [
            // Body, its raised spine, and the rail on which the fingers slide.
            box(-0.052...0.052, 0.088...0.14, 0.015...0.088, dark), box(-0.018...0.018, 0.072...0.09, 0.01...0.060, gray),
            box(-0.080...0.080, 0.084...0.096, 0.088...0.102, gray),
        ]
        let sheet = tagSize * 8 / 6 / 2
        for side in [-1.0, 1.0] {
            let tag = tagCentre(side: side, opening: opening)
            let texture = side < 0 ? leftTexture : rightTexture
            parts.append(
                box(tag.x - sheet...tag.x + sheet, tag.y - sheet...tag.y + sheet, tag.z...(tag.z + 0.004), Float3(repeating: 0.9), texture))
            parts.append(box(tag.x - 0.006...tag.x + 0.006, tag.y + sheet...0.086, 0.073...0.080, teal))
            // Finger: a carrier that reaches outwards, a beam, and a pad at the tip.
            let inner = side * opening / 2
            func span(_ from: Double, _ to: Double) -> ClosedRange<Double> {
                let (a, b) = (inner + side * from, inner + side * to)
                return min(a, b)...max(a, b)
            }
            parts.append(box(span(0.003, 0.026), 0.078...0.094, 0.086...0.112, teal))
            parts.append(box(span(0.004, 0.016), 0.078...0.096, 0.110...0.185, teal * 0.85))
            parts.append(box(span(0, 0.011), 0.075...0.097, 0.185...0.2255, Float3(0.13, 0.13, 0.14)))
        }
        return parts
    }

    /// The cube under the rail by which another camera knows the gripper: its centre in the camera's frame and half its side, metres.
    static let cubeCentre = Vector3(0, 0.145, 0.135)
    static let cubeHalf = 0.040
    /// Side of the cube tags' black square, metres.
    static let cubeTagSize = 0.06

    /// Where the tag on the cube's face x− (`side` −1) or x+ stands in the camera's frame: printed side outwards, its top towards the lens.
    static func cameraFromCubeTag(side: Double) -> Transform<Camera, Tag> {
        Transform(
            rotation: Rotation(matrix: Matrix3(columns: Vector3(0, 0, side), Vector3(0, -1, 0), Vector3(side, 0, 0))),
            translation: cubeCentre + Vector3(side * cubeHalf, 0, 0))
    }

    /// The cube as others see it. Its own camera is not shown it: the body hides nearly all of it.
    static func cube(leftTexture: Int32, rightTexture: Int32) -> GripperPart {
        let (c, h) = (cubeCentre, cubeHalf)
        return GripperPart(
            slab: Slab(
                low: Float3(Float(c.x - h), Float(c.y - h), Float(c.z - h)), high: Float3(Float(c.x + h), Float(c.y + h), Float(c.z + h))),
            colour: Float3(0.2, 0.2, 0.22), leftTexture: leftTexture, rightTexture: rightTexture)
    }

    /// A box around all parts at every opening up to `opening`.
    static func bounds(_ parts: [GripperPart]) -> Slab {
        var low = Float3(repeating: .infinity)
        var high = Float3(repeating: -.infinity)
        for part in parts {
            low = pointwiseMin(low, part.slab.low)
            high = pointwiseMax(high, part.slab.high)
        }
        return Slab(low: low, high: high)
    }
}

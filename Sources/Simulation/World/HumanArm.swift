#if canImport(Glibc)
    internal import Glibc
#endif

/// The operator's free arm at one time, as capsules in the table frame.
struct HumanArm: Sendable {
    var capsules: [Capsule]
    var centre: Float3
    var reach: Float

    /// How far the arm stands off when it is away, metres along the table's y: behind the wall.
    static let retreat: Float = 1.9

    /// The arm during a visit; nil before and after it.
    /// - Parameter grip: where and from which side the hand holds something (a point, a direction), in place of its own path.
    init?(_ arm: Scenario.OperatorArm, time: Double, from: Double, to: Double, grip: (place: Float3, along: Float3)? = nil) {
        guard time > from, time < to else { return nil }
        let s = Float((time - from) / (to - from))
        let share: Float = 0.36
        let x = min(min(s, 1 - s) / share, 1)
        // Quick far away, slow near the table.
        let inwards = 1 - (1 - x) * (1 - x) * (1 - x)
        func vector(_ v: [Double]) -> Float3 { Float3(Float(v[0]), Float(v[1]), Float(v[2])) }
        let away = Float3(0, Self.retreat * (1 - inwards), 0.06 * (1 - inwards))
        let busy = Float(arm.busy) * sinf(2 * .pi * 0.8 * Float(time))
        let shoulder = vector(arm.shoulder) + away
        let tip = grip?.place ?? (vector(arm.reach) + away + Float3(busy, 0.6 * busy, 0.3 * abs(busy)))
        let skin = vector(arm.skin)
        let hand = arm.glove.isEmpty ? skin : vector(arm.glove)
        let sleeve = vector(arm.sleeve)
        // The elbow hangs out to the side.
        let middle = 0.5 * (shoulder + tip)
        let elbow = middle + Float3(0.10, 0.08, 0.06)
        let axis = (tip - elbow).unit
        let side = axis.cross(Float3(0, 0, 1)).unit
        let up = side.cross(axis)
        let wrist = tip - 0.185 * axis + 0.01 * up
        let cuff = wrist + (elbow - wrist) * Float(1 - arm.sleeved)
        let torso = shoulder + Float3(-0.05, 0.34, 0)
        var parts = [
            Capsule(a: torso + Float3(0, 0, -1.0), b: torso, radius: 0.17, colour: sleeve, rings: 0.06),
            Capsule(a: torso, b: shoulder, radius: 0.085, colour: sleeve, rings: 0.03),
            Capsule(a: shoulder, b: elbow, radius: 0.056, colour: sleeve, rings: 0.022),
            Capsule(a: elbow, b: cuff, radius: 0.047, colour: sleeve, rings: 0.022),
            Capsule(a: cuff, b: wrist, radius: 0.029, colour: skin),
        ]
        if arm.texture > 0 {
            // A forearm tapers: pieces from the cuff to the wrist.
            parts[4].radius = 0.028
            let forearm = (elbow - wrist).length
            for k in 0..<5 {
                let near = cuff + (wrist - cuff) * (Float(k) / 5)
                let far = cuff + (wrist - cuff) * (Float(k + 1) / 5)
                let radius = 0.028 + 0.016 * (near - wrist).length / forearm
                parts.append(Capsule(a: near, b: far, radius: radius, colour: skin))
            }
            if arm.sleeved <= 0 { parts[3] = Capsule(a: elbow, b: elbow + 0.01 * axis, radius: 0.045, colour: skin) }
        }
        let cloth = parts.count
        let knuckles = wrist + 0.092 * axis
        for k in [-1, 0, 1] as [Float] {
            parts.append(Capsule(a: wrist + 0.010 * k * side, b: knuckles + 0.024 * k * side, radius: 0.017, colour: skin * 0.99))
        }
        let lengths: [Float] = [0.066, 0.083, 0.090, 0.078]
        for (k, length) in lengths.enumerated() {
            let offset = (Float(k) - 1.5) * 0.0215
            let root = knuckles + offset * side
            let knee = root + 0.55 * length * (axis + 0.12 * (Float(k) - 1.5) * 0.25 * side)
            let end = knee + 0.5 * length * (axis - 0.55 * up).unit
            parts.append(Capsule(a: root, b: knee, radius: 0.0098, colour: skin))
            parts.append(Capsule(a: knee, b: end, radius: 0.0086, colour: skin * 1.03))
        }
        let thumb = wrist + 0.035 * axis + 0.030 * side
        parts.append(Capsule(a: thumb, b: thumb + 0.050 * (axis + 0.75 * side).unit, radius: 0.0115, colour: skin))
        let thumbEnd = thumb + 0.050 * (axis + 0.75 * side).unit
        parts.append(Capsule(a: thumbEnd, b: thumbEnd + 0.032 * (axis - 0.2 * up).unit, radius: 0.0098, colour: skin * 1.02))
        for i in cloth..<parts.count { parts[i].colour = hand * (parts[i].colour.y / skin.y) }
        if arm.texture > 0 {
            for i in parts.indices {
                let isCloth = parts[i].rings > 0 || (i >= cloth && !arm.glove.isEmpty)
                parts[i].pattern = isCloth ? (arm.checked && i < cloth ? 3 : 2) : 1
                parts[i].variation = Float(arm.texture)
                parts[i].seed = UInt64(i) &* 7919
            }
        }
        capsules = parts
        var low = Float3(repeating: .infinity)
        var high = Float3(repeating: -.infinity)
        for p in parts {
            low = pointwiseMin(low, pointwiseMin(p.a, p.b) - p.radius)
            high = pointwiseMax(high, pointwiseMax(p.a, p.b) + p.radius)
        }
        centre = 0.5 * (low + high)
        reach = 0.5 * (high - low).length
    }
}

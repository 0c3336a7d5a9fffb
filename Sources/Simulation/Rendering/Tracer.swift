#if canImport(Glibc)
    internal import Glibc
#endif

/// What moves, at the time of one frame.
struct MovingThings: Sendable {
    var gripper: [GripperPart]
    var gripperBounds: Slab
    /// Carries table coordinates (standing) or camera coordinates (held) to the object's; nil without an object.
    var object: (isHeld: Bool, transform: FloatTransform)?
    /// Foot of the object on the table, and how much it darkens the desk there.
    var shadow: (place: SIMD2<Float>, strength: Float)
    var human: HumanArm?
    /// The other gripper's parts in its own camera's frame, and for each row what carries table coordinates there; empty without one.
    var partner: [GripperPart] = []
    var partnerRows: [FloatTransform] = []
}

/// Casts single rays. Holds pointers: lives only while a frame is drawn.
struct Tracer {
    let scene: Scene
    let things: MovingThings
    let textures: TextureReader
    let boxes: UnsafeBufferPointer<StandingBox>
    let gripper: UnsafeBufferPointer<GripperPart>
    let partner: UnsafeBufferPointer<GripperPart>
    let partnerRows: UnsafeBufferPointer<FloatTransform>
    let human: UnsafeBufferPointer<Capsule>
    let objectRadius: Float
    let objectHeight: Float
    let objectColour: Float3
    /// Angle between neighbouring rays, radians.
    let rayAngle: Float

    static let light = Float3(-0.35, 0.42, 0.84)

    struct Result {
        var colour: Float3
        /// As if the human were not there.
        var clean: Float3
        var isHuman: Bool
        /// 1 gripper, 2 other gripper, 3 object, 4 human, 0 all else.
        var kind: UInt8
    }

    private enum Nearest {
        case room(axis: Int)
        case desk(axis: Int)
        case box(Int, axis: Int, sign: Float)
        case object(normal: Float3, height: Float)
        case gripper(Int, axis: Int)
        case partner(Int, axis: Int, side: Float)
    }

    @inline(__always) private func lit(_ normal: Float3) -> Float { 0.56 + 0.44 * max(0, normal.dot(Self.light)) }

    /// The colour along a ray: `o`, `d` in the table frame, `c` the same direction in the camera's; directions of unit length.
    @inline(__always) func trace(_ o: Float3, _ d: Float3, _ c: Float3, row: Int) -> Result {
        var best = Float.infinity
        var nearest = Nearest.room(axis: 2)
        let inverse = Float3(1 / d.x, 1 / d.y, 1 / d.z)
        if let hit = scene.room.hit(o, inverse) { (best, nearest) = (hit.far, .room(axis: hit.farAxis)) }
        if let hit = scene.desk.hit(o, inverse), hit.near > 0, hit.near < best { (best, nearest) = (hit.near, .desk(axis: hit.nearAxis)) }
        for i in 0..<boxes.count {
            let box = boxes[i]
            let lo = box.local(o - box.centre)
            let ld = box.local(d)
            let slab = Slab(low: -box.half, high: box.half)
            guard let hit = slab.hit(lo, Float3(1 / ld.x, 1 / ld.y, 1 / ld.z)), hit.near > 0, hit.near < best else { continue }
            (best, nearest) = (hit.near, .box(i, axis: hit.nearAxis, sign: ld[hit.nearAxis] > 0 ? -1 : 1))
        }
        if let object = things.object {
            let lo = object.isHeld ? object.transform.translation : object.transform.point(o)
            let ld = object.transform.direction(object.isHeld ? c : d)
            if let hit = cylinder(lo, ld), hit.t < best { (best, nearest) = (hit.t, .object(normal: hit.normal, height: hit.height)) }
        }
        if c.y > 0 || c.z < 0.2 {
            let ic = Float3(1 / c.x, 1 / c.y, 1 / c.z)
            if let outer = things.gripperBounds.hit(.zero, ic), outer.near < best {
                for i in 0..<gripper.count {
                    guard let hit = gripper[i].slab.hit(.zero, ic), hit.near > 0, hit.near < best else { continue }
                    (best, nearest) = (hit.near, .gripper(i, axis: hit.nearAxis))
                }
            }
        }
        if !partnerRows.isEmpty { meet(&nearest, &best, o, d, row) }
        let clean = shade(nearest, best, o, d, c, row)
        let kind = Self.kind(nearest)
        guard let arm = things.human else { return Result(colour: clean, clean: clean, isHuman: false, kind: kind) }
        let oc = arm.centre - o
        let along = oc.dot(d)
        guard oc.dot(oc) - along * along < arm.reach * arm.reach else {
            return Result(colour: clean, clean: clean, isHuman: false, kind: kind)
        }
        var limb = -1
        for i in 0..<human.count {
            if let t = human[i].hit(o, d), t < best { (best, limb) = (t, i) }
        }
        guard limb >= 0 else { return Result(colour: clean, clean: clean, isHuman: false, kind: kind) }
        return Result(colour: skin(human[limb], o + best * d, d), clean: clean, isHuman: true, kind: 4)
    }

    private static func kind(_ nearest: Nearest) -> UInt8 {
        switch nearest {
        case .gripper: 1
        case .partner: 2
        case .object: 3
        default: 0
        }
    }

    /// The other gripper, where it is nearer than what was found.
    @inline(__always) private func meet(_ nearest: inout Nearest, _ best: inout Float, _ o: Float3, _ d: Float3, _ row: Int) {
        let pose = partnerRows[row]
        let lo = pose.point(o)
        let ld = pose.direction(d)
        // All of it lies within 0.2 m of the point before its lens.
        let middle = Float3(0, 0.09, 0.12) - lo
        let along = middle.dot(ld)
        guard middle.dot(middle) - along * along < 0.04 else { return }
        let inverse = Float3(1 / ld.x, 1 / ld.y, 1 / ld.z)
        for i in 0..<partner.count {
            guard let hit = partner[i].slab.hit(lo, inverse), hit.near > 0, hit.near < best else { continue }
            (best, nearest) = (hit.near, .partner(i, axis: hit.nearAxis, side: ld[hit.nearAxis] > 0 ? -1 : 1))
        }
    }

    @inline(__always) private func partnerColour(_ i: Int, _ axis: Int, _ side: Float, _ t: Float, _ o: Float3, _ d: Float3, _ row: Int)
        -> Float3
    {
        let part = partner[i]
        let pose = partnerRows[row]
        let p = pose.point(o + t * d)
        let cosine = max(abs(pose.direction(d)[axis]), 0.12)
        let texture = axis == 0 ? (side < 0 ? part.leftTexture : part.rightTexture) : axis == 2 && side < 0 ? part.texture : -1
        guard texture >= 0 else { return part.colour * (axis == 1 ? 1.0 : 0.8) }
        // Seen from outside: a face's right is +z on x+, −z on x−, +x on the face towards the lens; down is +y on all.
        let q = (p - part.slab.low) / (part.slab.high - part.slab.low)
        let across = axis == 2 ? q.x : side > 0 ? q.z : 1 - q.z
        let size = Float(Scene.tagTextureSide)
        let scale = size / (part.slab.high.y - part.slab.low.y)
        return textures.sample(texture, across * size, q.y * size, footprint: t * rayAngle * scale / cosine) * 0.92
    }

    @inline(__always) private func skin(_ limb: Capsule, _ p: Float3, _ d: Float3) -> Float3 {
        let s = limb.along(p)
        let normal = (p - (limb.a + s * (limb.b - limb.a))) / limb.radius
        var colour = limb.colour * (0.50 + 0.50 * max(0, normal.dot(Self.light)))
        if limb.rings > 0 {
            let x = s * (limb.b - limb.a).length / limb.rings
            let f = x - x.rounded(.down)
            colour *= 0.88 + 0.12 * (abs(2 * f - 1) * 1.6)
        }
        if limb.pattern > 0 { colour = patterned(colour, limb, s, normal, d) }
        return colour
    }

    /// Skin: blotches that are redder or paler, creases, a sheen. Cloth: folds and weave, checks.
    private func patterned(_ flat: Float3, _ limb: Capsule, _ s: Float, _ normal: Float3, _ d: Float3) -> Float3 {
        let axis = (limb.b - limb.a).unit
        let side = axis.cross(abs(axis.z) < 0.9 ? Float3(0, 0, 1) : Float3(1, 0, 0)).unit
        let up = side.cross(axis)
        // Metres along and around the limb.
        let u = s * (limb.b - limb.a).length
        let v = atan2f(normal.dot(up), normal.dot(side)) * limb.radius
        let amount = limb.variation
        if limb.pattern == 1 {
            let blotch = Canvas.clouds(u / 0.03, v / 0.03, seed: limb.seed &+ 11) - 0.5
            let fine = Canvas.noise(u / 0.004, v / 0.004, seed: limb.seed &+ 12) - 0.5
            var colour = flat * (1 + amount * (0.30 * blotch + 0.12 * fine))
            colour.x *= 1 + 0.10 * amount * (Canvas.noise(u / 0.02, v / 0.02, seed: limb.seed &+ 13) - 0.5)
            // Light from the table below fills in a little; a sheen where the light is mirrored.
            colour *= 1 + 0.15 * amount * max(0, -normal.z)
            let mirrored = d - 2 * d.dot(normal) * normal
            let sheen = max(0, mirrored.dot(Self.light))
            return colour + amount * 0.18 * powf(sheen, 18) * Float3(1, 0.97, 0.92)
        }
        let fold = Canvas.clouds(u / 0.05, v / 0.09, seed: limb.seed &+ 21) - 0.5
        let weave = Canvas.noise(u / 0.0025, v / 0.0025, seed: limb.seed &+ 22) - 0.5
        var colour = flat * (1 + amount * (0.7 * fold + 0.2 * weave))
        if limb.pattern == 3 {
            let a = (u / 0.03 - (u / 0.03).rounded(.down)) < 0.4
            let b = (v / 0.03 - (v / 0.03).rounded(.down)) < 0.4
            if a != b { colour = colour * 0.55 + 0.25 } else if a { colour *= 0.45 }
        }
        return colour
    }

    /// The object: an upright cylinder from z = 0 to its height, with a lid.
    @inline(__always) private func cylinder(_ o: Float3, _ d: Float3) -> (t: Float, normal: Float3, height: Float)? {
        let middle = Float3(0, 0, objectHeight / 2) - o
        let along = middle.dot(d)
        let bound = objectRadius * objectRadius + objectHeight * objectHeight / 4
        guard middle.dot(middle) - along * along < bound else { return nil }
        let a = d.x * d.x + d.y * d.y
        let b = o.x * d.x + o.y * d.y
        let q = o.x * o.x + o.y * o.y - objectRadius * objectRadius
        let h = b * b - a * q
        guard h > 0 else { return nil }
        let t = (-b - h.squareRoot()) / a
        let z = o.z + t * d.z
        if t > 0, z >= 0, z <= objectHeight {
            return (t, Float3((o.x + t * d.x) / objectRadius, (o.y + t * d.y) / objectRadius, 0), z / objectHeight)
        }
        let lid = d.z < 0 ? objectHeight : 0
        let s = (lid - o.z) / d.z
        let x = o.x + s * d.x
        let y = o.y + s * d.y
        guard s > 0, x * x + y * y < objectRadius * objectRadius else { return nil }
        return (s, Float3(0, 0, d.z < 0 ? 1 : -1), d.z < 0 ? 1 : 0)
    }

    @inline(__always) private func shade(_ nearest: Nearest, _ t: Float, _ o: Float3, _ d: Float3, _ c: Float3, _ row: Int) -> Float3 {
        switch nearest {
        case .partner(let i, let axis, let side): return partnerColour(i, axis, side, t, o, d, row)
        case .gripper(let i, let axis):
            let part = gripper[i]
            let p = t * c
            if part.texture >= 0, axis == 2, c.z > 0 {
                let side = part.slab.high.x - part.slab.low.x
                let scale = Float(Scene.tagTextureSide) / side
                let print = textures.sample(
                    part.texture, (p.x - part.slab.low.x) * scale, (p.y - part.slab.low.y) * scale, footprint: t * rayAngle / c.z * scale)
                return print * 0.92
            }
            // Lit from above, in the camera's frame.
            let shades: Float3 = Float3(0.75, c.y > 0 ? 1.0 : 0.6, 0.85)
            return part.colour * shades[axis]
        case .object(let normal, let height):
            // The normal is in the object's frame, which stays upright within a few degrees of the table's.
            let isBand = height > 0.36 && height < 0.62
            return (isBand ? Float3(0.90, 0.89, 0.85) : objectColour) * lit(normal)
        case .desk(let axis):
            let p = o + t * d
            if axis != 2 { return Float3(0.32, 0.24, 0.18) }
            return desk(SIMD2(p.x, p.y), t, d)
        case .box(let i, let axis, let sign):
            let box = boxes[i]
            let p = box.local(o + t * d - box.centre)
            let ld = box.local(d)
            let scale = 1 / Scene.boxTexel
            let shift = Float(axis) * 170
            let uv: SIMD2<Float>
            var normal = Float3.zero
            switch axis {
            case 0:
                uv = SIMD2(p.y, p.z)
                normal = Float3(box.cosine, box.sine, 0) * sign
            case 1:
                uv = SIMD2(p.x, p.z)
                normal = Float3(-box.sine, box.cosine, 0) * sign
            default:
                uv = SIMD2(p.x, p.y)
                normal = Float3(0, 0, sign)
            }
            let cosine = max(abs(ld[axis]), 0.12)
            let print = textures.sample(
                box.texture, uv.x * scale + 256 + shift, 256 + shift - uv.y * scale, footprint: t * rayAngle * scale / cosine.squareRoot())
            return print * lit(normal)
        case .room(let axis):
            return wall(axis, o + t * d, t, d)
        }
    }

    @inline(__always) private func desk(_ p: SIMD2<Float>, _ t: Float, _ d: Float3) -> Float3 {
        let cosine = max(-d.z, 0.12).squareRoot()
        var colour: Float3
        let half = scene.tableTagHalf
        if scene.tableTag >= 0, abs(p.x) < half, abs(p.y) < half {
            let scale = Float(Scene.tagTextureSide) / (2 * half)
            colour = textures.sample(scene.tableTag, (p.x + half) * scale, (half - p.y) * scale, footprint: t * rayAngle * scale / cosine)
        } else {
            let uv = (p - SIMD2(scene.desk.low.x, scene.desk.low.y)) / scene.deskTexel
            colour = textures.sample(scene.deskTexture, uv.x, uv.y, footprint: t * rayAngle / (scene.deskTexel.x * cosine))
        }
        if things.shadow.strength > 0 {
            let r = p - things.shadow.place
            let q = (r.x * r.x + r.y * r.y) / (objectRadius * objectRadius * 4)
            if q < 6 { colour *= 1 - things.shadow.strength / (1 + q * q) }
        }
        return colour * 0.93
    }

    @inline(__always) private func wall(_ axis: Int, _ p: Float3, _ t: Float, _ d: Float3) -> Float3 {
        let room = scene.room
        let size = room.high - room.low
        let q = p - room.low
        let cosine = max(abs(d[axis]), 0.12).squareRoot()
        let (w, h) = (Float(Scene.wallTexture.width), Float(Scene.wallTexture.height))
        switch axis {
        case 0:
            let print = textures.sample(
                scene.walls[d.x < 0 ? 0 : 1], q.y / size.y * w, (1 - q.z / size.z) * h, footprint: t * rayAngle * h / (size.z * cosine))
            return print * 0.82
        case 1:
            let print = textures.sample(
                scene.walls[d.y < 0 ? 2 : 3], q.x / size.x * w, (1 - q.z / size.z) * h, footprint: t * rayAngle * h / (size.z * cosine))
            return print * 0.90
        default:
            // Floor boards of 1 m by 1 m a texture; a plain ceiling.
            let scale: Float = d.z < 0 ? 512 : 16
            return textures.sample(scene.walls[d.z < 0 ? 4 : 5], q.x * scale, q.y * scale, footprint: t * rayAngle * scale / cosine) * 0.75
        }
    }
}

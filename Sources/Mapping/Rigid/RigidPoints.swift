internal import Geometry
internal import Imaging
internal import Session

/// What is rigid in the picture: points that stand still while the scene moves.
///
/// From the pictures alone. The scene's motion is that of the fifth of the picture's regions which moves most, each counted once however many
/// points it has, so that corners on a gripper do not outvote a room. Over the whole recording cells in which most points stand still
/// meanwhile are rigid; so are single points that stay where they began through much motion (an object in the gripper).
struct RigidPoints {
    private let columns: Int
    private let side: Double
    private let isRigid: [Bool]
    private let tracks: Set<Int32>
    /// Share of all sights that are rigid.
    private(set) var share = 0.0

    init(_ footage: RotationFootage, options: RigidOptions) {
        let width = Double(footage.width)
        side = max(4, options.cell * width)
        columns = Int(width / side) + 1
        let rows = Int(Double(footage.height) / side) + 1
        let motion = SceneMotion(footage, options: options)
        var seen = [Int](repeating: 0, count: columns * rows)
        var still = seen
        let limit = options.stillMotion * width
        for pair in motion.moving {
            for p in pair.points {
                let c = Int(p.pixel.y / side) * columns + Int(p.pixel.x / side)
                guard seen.indices.contains(c) else { continue }
                seen[c] += 1
                if p.motion < limit { still[c] += 1 }
            }
        }
        let shares = seen.indices.map { seen[$0] >= options.minimumSights ? Double(still[$0]) / Double(seen[$0]) : nil }
        isRigid = Self.cells(shares, columns: columns, rows: rows, options: options)
        tracks = Self.still(footage, motion, options: options)
        let all = footage.frames.reduce(0) { $0 + $1.ids.count }
        let rigid = footage.frames.reduce(0) { sum, f in sum + zip(f.ids, f.pixels).count { holds($1, track: $0) } }
        share = all > 0 ? Double(rigid) / Double(all) : 0
    }

    /// Whether a point of a track, or (without one) at a pixel, is rigid.
    func holds(_ pixel: Vector2, track: Int32? = nil) -> Bool {
        if let track, tracks.contains(track) { return true }
        guard pixel.x >= 0, pixel.y >= 0 else { return false }
        let c = Int(pixel.y / side) * columns + Int(pixel.x / side)
        return isRigid.indices.contains(c) && isRigid[c]
    }

    /// Cells of which enough stands still, and the outline of their regions.
    private static func cells(_ shares: [Double?], columns: Int, rows: Int, options: RigidOptions) -> [Bool] {
        let core = shares.map { $0 ?? 0 >= options.stillShare }
        return core.indices.map { c in
            if core[c] { return true }
            let (x, y) = (c % columns, c / columns)
            var neighbours = 0
            for v in max(0, y - 1)...min(rows - 1, y + 1) {
                for u in max(0, x - 1)...min(columns - 1, x + 1) where core[v * columns + u] { neighbours += 1 }
            }
            // Its outline, or a gap in it where nothing was followed.
            if let share = shares[c] { return neighbours > 0 && share >= options.outlineShare }
            return neighbours >= 3
        }
    }

    /// Tracks that stay where they began while the scene moves far.
    private static func still(_ footage: RotationFootage, _ motion: SceneMotion, options: RigidOptions) -> Set<Int32> {
        struct Life {
            var first: Vector2
            var start: Double
            var end: Double
            var reach = 0.0
        }
        var lives: [Int32: Life] = [:]
        for (f, frame) in footage.frames.enumerated() {
            for (id, p) in zip(frame.ids, frame.pixels) {
                var life = lives[id] ?? Life(first: p, start: motion.summed[f], end: 0)
                life.end = motion.summed[f]
                life.reach = max(life.reach, (p - life.first).length)
                lives[id] = life
            }
        }
        let width = Double(footage.width)
        return Set(
            lives.filter {
                $0.value.end - $0.value.start > options.trackSceneMotion * width && $0.value.reach < options.trackReach * width
            }.keys)
    }
}

/// How the scene moves through the picture.
private struct SceneMotion {
    struct Point {
        var pixel: Vector2
        /// Pixels over the span.
        var motion: Double
    }
    /// Spans in which the scene moves.
    private(set) var moving: [(motion: Double, points: [Point])] = []
    /// The scene's way in the picture up to each frame, pixels.
    private(set) var summed: [Double]

    init(_ footage: RotationFootage, options: RigidOptions) {
        let frames = footage.frames
        summed = [Double](repeating: 0, count: frames.count)
        guard frames.count > 2 else { return }
        let seconds = frames[frames.count - 1].time.seconds - frames[0].time.seconds
        let step = max(1, Int((options.span * Double(frames.count - 1) / max(seconds, 1e-6)).rounded()))
        let size = (Double(footage.width), Double(footage.height))
        var rates = [Double](repeating: 0, count: frames.count)
        for i in stride(from: 0, to: frames.count - step, by: max(1, step / 2)) {
            let points = Self.shared(frames[i], frames[i + step])
            let motion = Self.scene(points, size)
            guard motion > options.sceneMotion * Double(footage.width) else { continue }
            moving.append((motion, points))
            for f in i..<(i + step) { rates[f] = max(rates[f], motion / Double(step)) }
        }
        for f in 1..<frames.count { summed[f] = summed[f - 1] + rates[f - 1] }
    }

    private static func shared(_ f: RotationFrame, _ g: RotationFrame) -> [Point] {
        var out: [Point] = []
        var m = 0
        for n in g.ids.indices {
            while m < f.ids.count && f.ids[m] < g.ids[n] { m += 1 }
            guard m < f.ids.count else { break }
            if f.ids[m] == g.ids[n] { out.append(Point(pixel: f.pixels[m], motion: (f.pixels[m] - g.pixels[n]).length)) }
        }
        return out
    }

    /// What a fifth of the regions moves by at least: medians of a grid's cells.
    private static func scene(_ points: [Point], _ size: (Double, Double)) -> Double {
        let (columns, rows) = (10, 8)
        var cells = [[Double]](repeating: [], count: columns * rows)
        for p in points {
            let x = min(max(Int(p.pixel.x / size.0 * Double(columns)), 0), columns - 1)
            let y = min(max(Int(p.pixel.y / size.1 * Double(rows)), 0), rows - 1)
            cells[y * columns + x].append(p.motion)
        }
        let medians = cells.compactMap { c in c.isEmpty ? nil : c.sorted()[c.count / 2] }.sorted()
        guard medians.count >= 5 else { return 0 }
        return medians[medians.count * 4 / 5]
    }
}

extension RotationFootage {
    /// Without what is rigid in the picture.
    func without(_ rigid: RigidPoints) -> RotationFootage {
        guard rigid.share > 0 else { return self }
        var out = self
        for f in frames.indices {
            let kept = frames[f].ids.indices.filter { !rigid.holds(frames[f].pixels[$0], track: frames[f].ids[$0]) }
            out.frames[f].ids = kept.map { frames[f].ids[$0] }
            out.frames[f].pixels = kept.map { frames[f].pixels[$0] }
        }
        return out
    }
}

extension FeatureTracks {
    /// Without what is rigid in the picture.
    func without(_ rigid: RigidPoints) -> FeatureTracks {
        guard rigid.share > 0 else { return self }
        var out = FeatureTracks(width: width, height: height)
        out.readProblem = readProblem
        for f in 0..<frameCount {
            let seen = observations[frameOffsets[f]..<frameOffsets[f + 1]].filter { !rigid.holds($0.pixel, track: $0.track) }
            let set = features[f].map { set in set.subset(set.keypoints.indices.filter { !rigid.holds(set.keypoints[$0].position) }) }
            out.appendFrame(
                times[f], isKeyframe: isKeyframe[f], points: seen.map { ($0.track, $0.pixel) }, tableTag: tableTags[f], features: set)
        }
        out.trackCount = trackCount
        return out
    }
}

internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// Features of keyframes joined into landmarks: which feature belongs to which.
struct LandmarkTable: Sendable {
    var positions: [Vector3] = []
    /// For each landmark its descriptors, concatenated.
    var descriptors: [[UInt8]] = []
    /// Mean distance it was described from and mean direction to the cameras: what it looks like holds for neighbours of both.
    var distances: [Double] = []
    var directions: [Vector3] = []

    var count: Int { positions.count }
}

@inline(__always) func squaredDistance(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ n: Int) -> Int32 {
    var s: Int32 = 0
    for i in 0..<n {
        let d = Int32(a[i]) - Int32(b[i])
        s &+= d &* d
    }
    return s
}

/// Features of one keyframe in cells, for search around a pixel.
struct FeatureGrid {
    let cell = 16.0
    let columns: Int
    let rows: Int
    var cells: [[Int32]]

    init(_ features: FeatureSet, width: Int, height: Int) {
        columns = Int(Double(width) / cell) + 1
        rows = Int(Double(height) / cell) + 1
        cells = Array(repeating: [], count: columns * rows)
        for (i, k) in features.keypoints.enumerated() {
            let (c, r) = (Int(k.position.x / cell), Int(k.position.y / cell))
            if c >= 0, r >= 0, c < columns, r < rows { cells[r * columns + c].append(Int32(i)) }
        }
    }

    func near(_ p: Vector2, radius: Double, _ body: (Int) -> Void) {
        let (c0, c1) = (max(0, Int((p.x - radius) / cell)), min(columns - 1, Int((p.x + radius) / cell)))
        let (r0, r1) = (max(0, Int((p.y - radius) / cell)), min(rows - 1, Int((p.y + radius) / cell)))
        guard c0 <= c1, r0 <= r1 else { return }
        for r in r0...r1 { for c in c0...c1 { for i in cells[r * columns + c] { body(Int(i)) } } }
    }
}

/// Looks for landmarks in a placed picture by projection.
struct LandmarkSearch {
    let device: DeviceEstimate
    /// Largest distance of two descriptors (L2), and how much nearer than the next one the best must be.
    let maximumDistance: Double
    let ratio: Double
    /// A landmark looks as described from up to so many times its mean distance (or as much less), and from directions whose cosine with
    /// its own is at least this.
    let scaleRange: Double
    let minimumViewCosine: Double

    /// The nearest descriptor within `radius` pixels of each landmark's place, clearly better than the next.
    /// - Parameter motion: how the body moves around the picture's time.
    /// - Returns: (landmark, feature) pairs, each feature with one landmark at most.
    func find(
        _ table: LandmarkTable, from pose: Transform<Map, Body>, motion: RowMotion, features: FeatureSet, grid: FeatureGrid,
        radius: Double
    ) -> [(landmark: Int, feature: Int)] {
        let n = features.kind.bytesPerDescriptor
        let limit = Int32(maximumDistance * maximumDistance)
        var best = [(landmark: Int, distance: Int32)](repeating: (-1, .max), count: features.count)
        let center = (pose * device.bodyFromCamera).translation
        features.descriptors.withUnsafeBufferPointer { all in
            guard let all = all.baseAddress else { return }
            for l in 0..<table.count where looksAlike(table, l, from: center) {
                guard let pixel = place(table.positions[l], pose: pose, motion: motion) else { continue }
                var (winner, nearest, second) = (-1, Int32.max, Int32.max)
                table.descriptors[l].withUnsafeBufferPointer { own in
                    guard let own = own.baseAddress else { return }
                    grid.near(pixel, radius: radius) { i in
                        guard (features.keypoints[i].position - pixel).length <= radius else { return }
                        var d = Int32.max
                        for k in 0..<(table.descriptors[l].count / n) { d = min(d, squaredDistance(own + k * n, all + i * n, n)) }
                        if d < nearest { (winner, second, nearest) = (i, nearest, d) } else { second = min(second, d) }
                    }
                }
                guard winner >= 0, nearest < limit, Double(nearest) < ratio * Double(second) else { continue }
                if nearest < best[winner].distance { best[winner] = (l, nearest) }
            }
        }
        return best.enumerated().compactMap { $0.element.landmark >= 0 ? ($0.element.landmark, $0.offset) : nil }
    }

    private func looksAlike(_ table: LandmarkTable, _ l: Int, from center: Vector3) -> Bool {
        let toCamera = center - table.positions[l]
        let distance = toCamera.length
        return distance < scaleRange * table.distances[l] && distance > table.distances[l] / scaleRange
            && toCamera.dot(table.directions[l]) > minimumViewCosine * distance
    }

    /// Where a point is seen; its row is not known before: twice is enough.
    private func place(_ point: Vector3, pose: Transform<Map, Body>, motion: RowMotion) -> Vector2? {
        let camera = device.camera
        guard let first = camera.project((pose * device.bodyFromCamera).inverse * point), camera.contains(first) else { return nil }
        let atRow = device.rowCamera(motion, row: first.y)
        guard let pixel = camera.project((pose * atRow).inverse * point), camera.contains(pixel) else { return nil }
        return pixel
    }
}

extension Reconstruction {
    /// Landmarks found in a frame from its pose, or from one that it may have.
    func search(
        _ table: LandmarkTable, in f: Int, pose: Transform<Map, Body>? = nil, features: FeatureSet, grid: FeatureGrid, radius: Double
    ) -> [(landmark: Int, feature: Int)] {
        guard let pose = pose ?? states.poses[f] else { return [] }
        return LandmarkSearch(
            device: device, maximumDistance: options.maximumDescriptorDistance, ratio: options.searchRatio,
            scaleRange: options.searchScaleRange, minimumViewCosine: options.searchViewCosine
        ).find(table, from: pose, motion: motion(f, pose: pose), features: features, grid: grid, radius: radius)
    }

    /// Makes landmarks of the keyframes' features: matches between near keyframes, a point where two agree, then a search for it in all
    /// others.
    ///
    /// This takes the place of loop closing: every keyframe is searched, however far away in time.
    mutating func buildLandmarks(descriptorsPerLandmark: Int, radius: Double) throws(MappingError) -> LandmarkTable {
        var draft = LandmarkDraft(keys: keyframes.filter { tracks.features[$0] != nil }, tracks: tracks)
        for a in draft.keys.indices {
            for step in options.matchSteps where a + step < draft.keys.count {
                for m in try keyframeMatches(draft.keys[a], draft.keys[a + step]) { join(m, a, a + step, &draft) }
            }
        }
        var table = describe(draft.positions, draft.members, draft.keys, descriptorsPerLandmark)
        // Everywhere else.
        for (k, f) in draft.keys.enumerated() {
            guard let set = tracks.features[f] else { continue }
            let grid = FeatureGrid(set, width: device.camera.width, height: device.camera.height)
            for m in search(table, in: f, features: set, grid: grid, radius: radius) where draft.owner[k][m.feature] < 0 {
                draft.add(k, m.feature, to: m.landmark)
            }
        }
        table = keepAgreed(draft, descriptorsPerLandmark)
        landmarks.positions = table.positions
        rejectLandmarkObservations()
        return table
    }

    /// Matches between two keyframes' features, in the order of the first.
    private mutating func keyframeMatches(_ f: Int, _ g: Int) throws(MappingError) -> [FeatureMatch] {
        if let known = matches[f * frameCount + g] { return known }
        guard let a = tracks.features[f], let b = tracks.features[g] else { return [] }
        var matcher = FeatureMatcher()
        matcher.options.ratio = options.matchRatio
        matcher.options.maximumDistance = options.maximumDescriptorDistance
        do {
            let found = try matcher.match(a, b)
            matches[f * frameCount + g] = found
            return found
        } catch { throw .numerical(error.description) }
    }

    /// Makes a landmark of two matching features, or adds one of them to the landmark of the other.
    private func join(_ m: FeatureMatch, _ a: Int, _ b: Int, _ draft: inout LandmarkDraft) {
        let (f, g) = (draft.keys[a], draft.keys[b])
        guard let fa = tracks.features[f], let fb = tracks.features[g] else { return }
        let (oa, ob) = (draft.owner[a][m.first], draft.owner[b][m.second])
        let (pa, pb) = (fa.keypoints[m.first].position, fb.keypoints[m.second].position)
        if oa >= 0 && ob >= 0 { return }
        if oa < 0 && ob < 0 {
            guard let la = sightLine(f, pa), let lb = sightLine(g, pb),
                let x = triangulation.point([la, lb], tolerance: options.matchTolerance)
            else { return }
            draft.positions.append(x)
            draft.members.append([])
            draft.add(a, m.first, to: draft.members.count - 1)
            draft.add(b, m.second, to: draft.members.count - 1)
            return
        }
        let id = Int(max(oa, ob))
        let (key, feature, frame, pixel) = oa < 0 ? (a, m.first, f, pa) : (b, m.second, g, pb)
        guard let e = error(draft.positions[id], frame: frame, pixel: pixel), e.length < options.joinTolerance else { return }
        draft.add(key, feature, to: id)
    }

    /// Keeps what three keyframes agree on; their observations become the landmarks'.
    private mutating func keepAgreed(_ draft: LandmarkDraft, _ descriptorsPerLandmark: Int) -> LandmarkTable {
        var positions: [Vector3] = []
        var members: [[LandmarkDraft.Member]] = []
        for list in draft.members where list.count >= 3 {
            let lines = list.compactMap { m in keypoint(m, draft.keys).flatMap { sightLine(draft.keys[m.key], $0) } }
            guard lines.count >= 3, let x = triangulation.point(lines, tolerance: options.pointTolerance) else { continue }
            positions.append(x)
            members.append(list)
        }
        landmarks.observations = []
        for (l, list) in members.enumerated() {
            for m in list {
                guard let pixel = keypoint(m, draft.keys) else { continue }
                landmarks.observations.append(
                    LandmarkObservation(frame: Int32(draft.keys[m.key]), landmark: Int32(l), pixel: pixel))
            }
        }
        return describe(positions, members, draft.keys, descriptorsPerLandmark)
    }

    private func keypoint(_ m: LandmarkDraft.Member, _ keys: [Int]) -> Vector2? {
        tracks.features[keys[m.key]].map { $0.keypoints[m.feature].position }
    }

    /// Landmarks with their descriptors (spread over the members), distances and directions.
    private func describe(
        _ positions: [Vector3], _ members: [[LandmarkDraft.Member]], _ keys: [Int], _ perLandmark: Int
    ) -> LandmarkTable {
        var table = LandmarkTable()
        table.positions = positions
        for (l, list) in members.enumerated() {
            var bytes: [UInt8] = []
            let count = min(perLandmark, list.count)
            for k in 0..<count {
                let m = list[k * (list.count - 1) / max(count - 1, 1)]
                if let set = tracks.features[keys[m.key]] { bytes += set.descriptor(m.feature) }
            }
            table.descriptors.append(bytes)
            var (distance, direction) = (0.0, Vector3.zero)
            for m in list {
                guard let pose = states.poses[keys[m.key]] else { continue }
                let v = (pose * device.bodyFromCamera).translation - positions[l]
                distance += v.length
                direction += v.normalized
            }
            table.distances.append(distance / Double(max(list.count, 1)))
            table.directions.append(direction.length > 0 ? direction.normalized : Vector3(0, 0, 1))
        }
        return table
    }
}

/// Landmarks while they are being made: which feature of which keyframe belongs to which.
private struct LandmarkDraft {
    /// `key` counts the keyframes in `keys`.
    typealias Member = (key: Int, feature: Int)

    /// Frames with descriptors.
    let keys: [Int]
    /// For each key's features their landmark, -1 without.
    var owner: [[Int32]]
    var positions: [Vector3] = []
    var members: [[Member]] = []

    init(keys: [Int], tracks: FeatureTracks) {
        self.keys = keys
        owner = keys.map { Array(repeating: -1, count: tracks.features[$0]?.count ?? 0) }
    }

    /// Adds a feature to a landmark, unless it has one of that keyframe already.
    mutating func add(_ key: Int, _ feature: Int, to landmark: Int) {
        guard !members[landmark].contains(where: { $0.key == key }) else { return }
        members[landmark].append((key, feature))
        owner[key][feature] = Int32(landmark)
    }
}

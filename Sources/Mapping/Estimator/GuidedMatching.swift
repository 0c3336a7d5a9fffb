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

extension Reconstruction {
    /// Looks for landmarks in a posed keyframe by projection: the nearest descriptor within `radius` pixels, clearly better than the
    /// next.
    /// - Returns: (landmark, feature) pairs, each feature with one landmark at most.
    func search(_ table: LandmarkTable, in frame: Int, features: FeatureSet, grid: FeatureGrid, radius: Double) -> [(
        landmark: Int, feature: Int
    )] {
        guard let pose = poses[frame] else { return [] }
        let n = features.kind.bytesPerDescriptor
        let limit = Int32(options.maximumDescriptorDistance * options.maximumDescriptorDistance)
        var best = [(landmark: Int, distance: Int32)](repeating: (-1, .max), count: features.count)
        let center = (pose * bodyFromCamera).translation
        let motion = motion(frame, pose: pose)
        features.descriptors.withUnsafeBufferPointer { all in
            guard let all = all.baseAddress else { return }
            for l in 0..<table.count {
                let toCamera = center - table.positions[l]
                let distance = toCamera.length
                guard distance < 2 * table.distances[l], distance > 0.5 * table.distances[l],
                    toCamera.dot(table.directions[l]) > 0.6 * distance
                else { continue }
                // The row is not known before: twice is enough.
                var c = bodyFromCamera
                guard let first = camera.project((pose * c).inverse * table.positions[l]), camera.contains(first) else { continue }
                c = rowCamera(motion, row: first.y)
                guard let pixel = camera.project((pose * c).inverse * table.positions[l]), camera.contains(pixel) else { continue }
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
                guard winner >= 0, nearest < limit, Double(nearest) < 0.72 * Double(second) else { continue }
                if nearest < best[winner].distance { best[winner] = (l, nearest) }
            }
        }
        return best.enumerated().compactMap { $0.element.landmark >= 0 ? ($0.element.landmark, $0.offset) : nil }
    }

    /// Makes landmarks of the keyframes' features: matches between near keyframes, a point where two agree, then a search for it in all
    /// others.
    ///
    /// This takes the place of loop closing: every keyframe is searched, however far away in time.
    mutating func buildLandmarks(descriptorsPerLandmark: Int, radius: Double) throws(MappingError) -> LandmarkTable {
        let keys = keyframes.filter { tracks.features[$0] != nil }
        var owner: [[Int32]] = keys.map { Array(repeating: -1, count: tracks.features[$0]?.count ?? 0) }
        let grids = keys.map { f in tracks.features[f].map { FeatureGrid($0, width: camera.width, height: camera.height) } }
        var table = LandmarkTable()
        var members: [[(key: Int, feature: Int)]] = []
        var matcher = FeatureMatcher()
        matcher.options.ratio = 0.8
        matcher.options.maximumDistance = options.maximumDescriptorDistance
        for (a, f) in keys.enumerated() {
            for step in [1, 2, 4] where a + step < keys.count {
                let b = a + step
                let g = keys[b]
                guard let fa = tracks.features[f], let fb = tracks.features[g] else { continue }
                let matches: [FeatureMatch]
                if let known = matched[f * frameCount + g] {
                    matches = known
                } else {
                    do { matches = try matcher.match(fa, fb) } catch { throw .numerical(error.description) }
                    matched[f * frameCount + g] = matches
                }
                for m in matches {
                    let (oa, ob) = (owner[a][m.first], owner[b][m.second])
                    let (pa, pb) = (fa.keypoints[m.first].position, fb.keypoints[m.second].position)
                    if oa >= 0 && ob >= 0 { continue }
                    if oa < 0 && ob < 0 {
                        guard let la = sightLine(f, pa), let lb = sightLine(g, pb),
                            let x = triangulate([la, lb], tolerance: 1.5, minimumParallax: options.minimumParallax)
                        else { continue }
                        let id = Int32(members.count)
                        table.positions.append(x)
                        members.append([(a, m.first), (b, m.second)])
                        owner[a][m.first] = id
                        owner[b][m.second] = id
                    } else {
                        let id = Int(max(oa, ob))
                        let (frame, pixel) = oa < 0 ? (f, pa) : (g, pb)
                        let key = oa < 0 ? a : b
                        guard !members[id].contains(where: { $0.key == key }), let pose = poses[frame],
                            let e = error(table.positions[id], frame: frame, pixel: pixel, pose: pose), e.length < 4
                        else { continue }
                        members[id].append((key, oa < 0 ? m.first : m.second))
                        if oa < 0 { owner[a][m.first] = Int32(id) } else { owner[b][m.second] = Int32(id) }
                    }
                }
            }
        }
        describe(&table, members, keys, descriptorsPerLandmark)
        // Everywhere else.
        for (k, f) in keys.enumerated() {
            guard let set = tracks.features[f], let grid = grids[k] else { continue }
            for m in search(table, in: f, features: set, grid: grid, radius: radius) {
                if owner[k][m.feature] >= 0 || members[m.landmark].contains(where: { $0.key == k }) { continue }
                owner[k][m.feature] = Int32(m.landmark)
                members[m.landmark].append((k, m.feature))
            }
        }
        // Keep what three keyframes agree on.
        var kept = LandmarkTable()
        var keptMembers: [[(key: Int, feature: Int)]] = []
        landmarkObservations = []
        for (l, list) in members.enumerated() where list.count >= 3 {
            let lines = list.compactMap { m -> SightLine? in
                guard let set = tracks.features[keys[m.key]] else { return nil }
                return sightLine(keys[m.key], set.keypoints[m.feature].position)
            }
            guard lines.count >= 3, let x = triangulate(lines, tolerance: 2, minimumParallax: options.minimumParallax) else { continue }
            _ = l
            kept.positions.append(x)
            keptMembers.append(list)
        }
        describe(&kept, keptMembers, keys, descriptorsPerLandmark)
        for (l, list) in keptMembers.enumerated() {
            for m in list {
                guard let set = tracks.features[keys[m.key]] else { continue }
                landmarkObservations.append(
                    LandmarkObservation(frame: Int32(keys[m.key]), landmark: Int32(l), pixel: set.keypoints[m.feature].position))
            }
        }
        landmarks = kept.positions
        rejectLandmarkObservations()
        return kept
    }

    /// Fills a table's descriptors (spread over the members), distances and directions.
    func describe(_ table: inout LandmarkTable, _ members: [[(key: Int, feature: Int)]], _ keys: [Int], _ perLandmark: Int) {
        table.descriptors = []
        table.distances = []
        table.directions = []
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
                guard let pose = poses[keys[m.key]] else { continue }
                let v = (pose * bodyFromCamera).translation - table.positions[l]
                distance += v.length
                direction += v.normalized
            }
            table.distances.append(distance / Double(max(list.count, 1)))
            table.directions.append(direction.length > 0 ? direction.normalized : Vector3(0, 0, 1))
        }
    }
}

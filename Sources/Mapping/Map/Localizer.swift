internal import Estimation
internal import Geometry
public import Imaging
public import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// Finds where the camera was in a map, for every frame of a recording, as a batch.
public enum Localizer {
    /// Localises a recording.
    ///
    /// Keyframes are recognised by their descriptors (P3P in RANSAC, verified by projection), the table tag gives further anchors where
    /// it has not been moved; tracks carry poses from the anchors both ways; then bundle adjustment with the map's landmarks held, the
    /// recording's own points free, its own IMU; then all frames together. Moving things are dropped by robust losses and rejection.
    /// - Returns: a row for every frame. Without any anchor the verdict says what was tried.
    public static func localize(
        _ frames: any FrameSource, inertial: InertialRecording?, device: Device, in map: LandmarkMap,
        options: LocalizeOptions = LocalizeOptions(), frameCount: Int = 0, progress: (Double) -> Void = { _ in }
    ) throws(MappingError) -> LocalizationResult {
        let tracks = try FeatureTracks.extract(frames, inertial: inertial, device: device, options: options.frontEnd) { n in
            progress(0.8 * min(1, Double(n) / Double(max(frameCount, n + 1))))
        }
        return try localize(
            tracks: tracks, inertial: inertial, device: device, in: map, options: options, progress: { progress(0.8 + 0.2 * $0) })
    }

    /// Localises from tracks that exist already: the back end alone.
    ///
    /// What the map does not hold is mapped by itself and joined through the table tag; `statistics.fallback` then says so.
    public static func localize(
        tracks: FeatureTracks, inertial: InertialRecording?, device: Device, in map: LandmarkMap,
        options: LocalizeOptions = LocalizeOptions(),
        progress: (Double) -> Void = { _ in }
    ) throws(MappingError) -> LocalizationResult {
        var result = try inMap(tracks: tracks, inertial: inertial, device: device, in: map, options: options, progress: progress)
        let lost = Double(result.statistics.lostFrames)
        guard options.mapsAlone, lost > options.aloneShare * Double(result.statistics.frames) else { return result }
        let tried =
            if case .lost(let reason) = result.verdict { reason } else {
                "\(result.statistics.lostFrames) of \(result.statistics.frames) frames were lost in the map"
            }
        let failure: String
        switch alone(tracks: tracks, inertial: inertial, device: device, in: map, options: options) {
        case .success(var other):
            if other.statistics.lostFrames < result.statistics.lostFrames {
                other.statistics.fallback = "mapped by itself and joined by the table tag: \(tried)"
                return other
            }
            failure = "\(other.statistics.lostFrames) frames were lost"
        case .failure(let error): failure = error.description
        }
        let note = "\(tried); mapped by itself: \(failure)"
        result.statistics.fallback = note
        if case .lost = result.verdict { result.verdict = .lost(reason: note) }
        return result
    }

    /// Maps a recording by itself and puts it where the table tag lies in the session's map.
    private static func alone(
        tracks: FeatureTracks, inertial: InertialRecording?, device: Device, in map: LandmarkMap, options: LocalizeOptions
    ) -> Result<LocalizationResult, MappingError> {
        guard let tableFromMap = map.tableFromMap else { return .failure(.map("the session's map does not know the table tag")) }
        var own = MapOptions()
        own.batch = options.batch
        do throws(MappingError) {
            let r = try Mapper.build(tracks: tracks, inertial: inertial, device: device, options: own)
            guard let tableFromOwn = r.map.tableFromMap, r.map.isMetric else {
                return .failure(.map("the table tag was seen in \(r.statistics.tagFrames) frames, which does not join it to the session"))
            }
            let joined = r.trajectory.seen(from: tableFromMap.inverse * tableFromOwn)
            let n = r.statistics.lostFrames
            return .success(
                LocalizationResult(trajectory: joined, statistics: r.statistics, verdict: n > 0 ? .partial(lostFrames: n) : .complete))
        } catch { return .failure(error) }
    }

    private static func inMap(
        tracks: FeatureTracks, inertial: InertialRecording?, device: Device, in map: LandmarkMap, options: LocalizeOptions,
        progress: (Double) -> Void
    ) throws(MappingError) -> LocalizationResult {
        let camera = try Mapper.cameraModel(device, width: tracks.width, height: tracks.height)
        let rigid = RigidPoints(RotationFootage(tracks), options: options.batch.rigid)
        let tracks = tracks.without(rigid)
        var r = Reconstruction(
            tracks: tracks, camera: camera, device: device, signal: Mapper.inertialSignal(inertial, device), options: options.batch)
        try r.judgeSensors(inertial, offset: device.clockOffset)
        r.device.take(map.refinement, options: options.batch)
        var statistics = MappingStatistics()
        statistics.frames = tracks.frameCount
        statistics.tagFrames = tracks.tableTags.count { $0 != nil }
        statistics.readProblem = tracks.readProblem
        statistics.scaleSource = map.isMetric ? "map" : "none"
        r.states.tilt = map.up.z > 0.5 ? Vector2(map.up.x / map.up.z, map.up.y / map.up.z) : .zero
        r.anchors.tilt = r.states.tilt
        r.anchors.tiltSigma = options.gravitySigma
        // First by pictures alone: the accelerometer is judged by them.
        r.inertial.isUsed = false
        r.landmarks.areHeld = true
        r.landmarks.positions = map.landmarks
        let table = LandmarkTable(map)
        let candidates = try r.recognize(table, options.recognition, &statistics)
        let recognized = r.agreeing(candidates)
        let tagged = map.tableFromMap == nil ? [] : try r.tagPoses()
        let tags = r.agreeing(tagged)
        r.anchors.usesTags = map.tableFromMap != nil
        var seeds = recognized
        if r.anchors.usesTags {
            let distances = zip(recognized, tags).compactMap { a, b in a.flatMap { a in b.map { (a.translation - $0.translation).length } }
            }.sorted()
            if !distances.isEmpty {
                let median = distances[distances.count / 2]
                statistics.tagDisagreement = median
                if median > options.movedTagDistance { r.anchors.usesTags = false }
            }
            if r.anchors.usesTags { for f in seeds.indices where seeds[f] == nil { seeds[f] = tags[f] } }
        }
        guard seeds.contains(where: { $0 != nil }) else {
            let lost = SmoothedFrames(
                poses: r.states.poses, covariances: Array(repeating: nil, count: r.frameCount),
                states: Array(repeating: .lost, count: r.frameCount))
            let trajectory = r.trajectory(lost, &statistics)
            statistics.sensors = r.sensors
            return LocalizationResult(
                trajectory: trajectory, statistics: statistics,
                verdict: .lost(
                    reason:
                        "none of \(statistics.triedKeyframes) keyframes was recognised in the map (\(map.landmarks.count) landmarks; at "
                        + "least \(options.recognition.minimumInliers) must agree) and the table tag was seen in "
                        + "\(statistics.tagFrames) frames"
                ))
        }
        r.states.poses = seeds
        r.propagatePoses()
        r.refineAllFrames()
        progress(0.3)
        var report = Reconstruction.RejectionReport()
        for round in 0..<max(options.batch.rounds, 1) {
            if round > 0 { r.findInertialNoise() }
            r.searchMap(table, radius: round == 0 ? options.batch.searchRadius : options.batch.refinedSearchRadius)
            r.triangulateTracks(0..<tracks.trackCount)
            try r.bundle(iterations: options.batch.iterations, calibrates: true)
            report = r.rejectOutliers()
            if round == 0 {
                r.useAccelerometer(where: map.isMetric)
                r.propagatePoses()
            }
            progress(0.3 + 0.5 * Double(round + 1) / Double(max(options.batch.rounds, 1)))
        }
        r.triangulateTracks(r.points.unadjusted)
        let smoothed = r.smooth()
        r.fill(&statistics, report)
        r.fillCalibration(&statistics)
        statistics.rigidShare = rigid.share
        statistics.landmarks = Set(r.landmarks.observations.map(\.landmark)).count
        let trajectory = r.trajectory(smoothed, &statistics)
        progress(1)
        let verdict: LocalizationVerdict =
            statistics.lostFrames == statistics.frames
            ? .lost(
                reason:
                    "\(seeds.count { $0 != nil }) frames had an anchor but no frame kept \(options.batch.minimumInliers) consistent points")
            : statistics.lostFrames > 0 ? .partial(lostFrames: statistics.lostFrames) : .complete
        return LocalizationResult(trajectory: trajectory, statistics: statistics, verdict: verdict)
    }
}

extension LandmarkTable {
    init(_ map: LandmarkMap) {
        positions = map.landmarks
        let n = map.descriptorKind.bytesPerDescriptor
        descriptors = Array(repeating: [], count: map.landmarks.count)
        for (i, l) in map.descriptorLandmark.enumerated() { descriptors[Int(l)] += map.descriptors[(i * n)..<((i + 1) * n)] }
        distances = Array(repeating: 0, count: map.landmarks.count)
        directions = Array(repeating: .zero, count: map.landmarks.count)
        var counts = distances
        for (k, l) in zip(map.observationKeyframe, map.observationLandmark) {
            let v = map.mapFromCameras[Int(k)].translation - positions[Int(l)]
            distances[Int(l)] += v.length
            directions[Int(l)] += v.normalized
            counts[Int(l)] += 1
        }
        for l in positions.indices {
            distances[l] = counts[l] > 0 ? distances[l] / counts[l] : 1
            directions[l] = directions[l].length > 0 ? directions[l].normalized : Vector3(0, 0, 1)
        }
    }
}

extension Reconstruction {
    /// Poses of keyframes recognised by their descriptors.
    mutating func recognize(
        _ table: LandmarkTable, _ options: RecognitionOptions, _ statistics: inout MappingStatistics
    ) throws(MappingError) -> [Transform<Map, Body>?] {
        var found = [Transform<Map, Body>?](repeating: nil, count: frameCount)
        guard let kind = tracks.features.compactMap({ $0 }).first?.kind, table.count > 0 else { return found }
        let n = kind.bytesPerDescriptor
        // One descriptor a landmark: the ratio test then compares landmarks, not views of one.
        var first = FeatureSet(kind: kind)
        var owners: [Int] = []
        for l in 0..<table.count where table.descriptors[l].count >= n {
            let middle = (table.descriptors[l].count / n) / 2
            first.keypoints.append(Keypoint(position: .zero))
            first.descriptors += table.descriptors[l][(middle * n)..<((middle + 1) * n)]
            owners.append(l)
        }
        var matcher = FeatureMatcher()
        matcher.options.ratio = options.ratio
        matcher.options.mutual = true
        matcher.options.maximumDistance = self.options.maximumDescriptorDistance * options.distanceFactor
        var ransac = BearingRansacOptions()
        ransac.thresholdDegrees = options.threshold
        let keys = (0..<frameCount).filter { tracks.isKeyframe[$0] && tracks.features[$0] != nil && states.poses[$0] == nil }
        for (k, f) in keys.enumerated() where k % max(options.interval, 1) == 0 {
            guard let set = tracks.features[f] else { continue }
            statistics.triedKeyframes += 1
            do {
                let matches = try matcher.match(set, first)
                var bearings: [Vector3] = []
                var points: [Vector3] = []
                for m in matches {
                    guard let b = device.camera.unproject(set.keypoints[m.first].position) else { continue }
                    bearings.append(b)
                    points.append(table.positions[owners[m.second]])
                }
                guard bearings.count >= options.minimumInliers,
                    let pose = try AbsolutePose.estimate(bearings: bearings, points: points, options: ransac),
                    pose.inliers.count >= options.minimumInliers
                else { continue }
                let cameraFromMap = Transform<Camera, Map>(rotation: pose.rotation, translation: pose.translation)
                let guess = cameraFromMap.inverse * device.bodyFromCamera.inverse
                // Look again with the pose: what is there must be found.
                let grid = FeatureGrid(set, width: device.camera.width, height: device.camera.height)
                let seen = search(table, in: f, pose: guess, features: set, grid: grid, radius: self.options.searchRadius).map {
                    Sighting(
                        point: table.positions[$0.landmark], pixel: set.keypoints[$0.feature].position, sigma: noise.feature)
                }
                guard seen.count >= options.minimumInliers,
                    let refined = refine(guess, frame: f, sightings: seen, sigmaScale: self.options.refinementWidening),
                    refined.inliers >= options.minimumInliers
                else { continue }
                found[f] = refined.pose
            } catch { throw .numerical("\(error)") }
        }
        dropOverturned(&found)
        statistics.recognizedKeyframes += found.count { $0 != nil }
        return found
    }

    /// Drops poses whose up is not the accelerometer's, unless most are such: then it is the accelerometer that is wrong.
    private mutating func dropOverturned(_ found: inout [Transform<Map, Body>?]) {
        let mapUp = Vector3(states.tilt.x, states.tilt.y, 1).normalized
        let cosines = found.indices.map { f in
            found[f].flatMap { pose in specificForceDirection(f).map { (pose.rotation * $0).dot(mapUp) } }
        }
        judgeUp(cosines.compactMap { $0 })
        guard knowsUp else { return }
        for (f, cosine) in cosines.enumerated() where cosine ?? 1 <= options.minimumUpCosine { found[f] = nil }
    }

    /// Keyframes that tracking lost, recognised by the landmarks of those that it did not, and what hangs on them.
    mutating func findLostFrames(
        _ table: LandmarkTable, _ options: RecognitionOptions, _ statistics: inout MappingStatistics
    ) throws(MappingError) {
        guard states.poses.contains(where: { $0 == nil }) else { return }
        var table = table
        table.positions = landmarks.positions
        let candidates = try recognize(table, options, &statistics)
        let known = agreeing(candidates)
        guard known.contains(where: { $0 != nil }) else { return }
        for f in states.poses.indices where states.poses[f] == nil { states.poses[f] = known[f] }
        propagatePoses()
    }

    /// Finds the map's landmarks in all posed keyframes.
    mutating func searchMap(_ table: LandmarkTable, radius: Double) {
        landmarks.observations = []
        for f in keyframes {
            guard let set = tracks.features[f] else { continue }
            let grid = FeatureGrid(set, width: device.camera.width, height: device.camera.height)
            for m in search(table, in: f, features: set, grid: grid, radius: radius) {
                landmarks.observations.append(
                    LandmarkObservation(frame: Int32(f), landmark: Int32(m.landmark), pixel: set.keypoints[m.feature].position))
            }
        }
        rejectLandmarkObservations()
    }
}

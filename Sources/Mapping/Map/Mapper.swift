internal import Estimation
internal import Geometry
public import Imaging
public import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// Builds the map of a scene from one recording, as a batch: the whole recording is looked at, as often as it pays.
public enum Mapper {
    /// Maps a scene.
    ///
    /// Tracks (`FrontEnd`), metric poses from the table tag, propagation to all frames, visual-inertial bundle adjustment over keyframes in
    /// rounds with outlier rejection, landmarks with descriptors searched in all keyframes, at last all frames together with points held.
    /// Without a table tag the first two keyframes with parallax give a start whose scale and gravity come from the IMU; without either
    /// the scale is the one that `MapOptions.statedExtent` says, or arbitrary (`LandmarkMap.isMetric`).
    /// - Parameters:
    ///   - frames: in order; an error in the middle ends the reading, what came before is used and `statistics.readProblem` says so.
    ///   - inertial: on its own clock, joined through `device.clockOffset`; nil without.
    ///   - device: its intrinsics are rescaled to the pictures' size.
    ///   - progress: share done, 0 to 1; `frameCount` (0 unknown) scales it.
    /// - Throws: when no map can be made: what was tried, with numbers, and what would be accepted.
    public static func build(
        _ frames: any FrameSource, inertial: InertialRecording?, device: Device, options: MapOptions = MapOptions(), frameCount: Int = 0,
        progress: (Double) -> Void = { _ in }
    ) throws(MappingError) -> MapResult {
        let tracks = try FeatureTracks.extract(frames, inertial: inertial, device: device, options: options.frontEnd) { n in
            progress(0.8 * min(1, Double(n) / Double(max(frameCount, n + 1))))
        }
        return try build(tracks: tracks, inertial: inertial, device: device, options: options, progress: { progress(0.8 + 0.2 * $0) })
    }

    /// Maps a scene from tracks that exist already: the back end alone.
    public static func build(
        tracks: FeatureTracks, inertial: InertialRecording?, device: Device, options: MapOptions = MapOptions(),
        progress: (Double) -> Void = { _ in }
    ) throws(MappingError) -> MapResult {
        let camera = try cameraModel(device, width: tracks.width, height: tracks.height)
        let rigid = RigidPoints(RotationFootage(tracks), options: options.batch.rigid)
        let tracks = tracks.without(rigid)
        var r = Reconstruction(
            tracks: tracks, camera: camera, device: device, signal: inertialSignal(inertial, device), options: options.batch)
        try r.judgeSensors(inertial, offset: device.clockOffset)
        var statistics = MappingStatistics()
        statistics.frames = tracks.frameCount
        statistics.tagFrames = tracks.tableTags.count { $0 != nil }
        statistics.readProblem = tracks.readProblem
        let tagged = try r.tagPoses()
        let tags = r.agreeing(tagged)
        let seeds = tags.count { $0 != nil }
        let hasTag = seeds >= 2
        var isMetric = true
        if hasTag {
            r.states.poses = tags
            // First by pictures alone: the accelerometer is judged by them.
            r.inertial.isUsed = false
            statistics.scaleSource = "table tag"
        } else {
            r.anchors.usesTags = false
            statistics.scaleSigma = try r.bootstrapWithoutTag(seenTags: statistics.tagFrames)
            isMetric = statistics.scaleSigma != nil
            statistics.scaleSource = isMetric ? "inertial" : "none"
        }
        r.propagatePoses()
        r.refineAllFrames()
        guard r.keyframes.count >= options.minimumKeyframes else {
            throw .map(
                "only \(r.keyframes.count) keyframes could be placed (\(seeds) frames saw the table tag, \(tracks.trackCount) points were "
                    + "tracked); a mapping video needs at least \(options.minimumKeyframes), over a scene with texture")
        }
        progress(0.2)
        var report = Reconstruction.RejectionReport()
        for round in 0..<2 {
            r.triangulateTracks(0..<tracks.trackCount)
            try r.bundle(iterations: options.batch.iterations, calibrates: round > 0)
            report = r.rejectOutliers()
            if round == 0, hasTag { r.useAccelerometer() }
        }
        r.propagatePoses()
        progress(0.5)
        var table = LandmarkTable()
        for round in 0..<max(options.batch.rounds, 1) {
            if round > 0 { r.findInertialNoise() }
            table = try r.buildLandmarks(
                descriptorsPerLandmark: options.descriptorsPerLandmark,
                radius: round == 0 ? options.batch.searchRadius : options.batch.refinedSearchRadius)
            r.triangulateTracks(0..<tracks.trackCount)
            try r.bundle(iterations: options.batch.iterations, calibrates: true)
            report = r.rejectOutliers()
            if round == 0 { try r.findLostFrames(table, options.recognition, &statistics) }
            progress(0.5 + 0.4 * Double(round + 1) / Double(max(options.batch.rounds, 1)))
        }
        table.positions = r.landmarks.positions
        r.triangulateTracks(r.points.unadjusted)
        let smoothed = r.smooth()
        guard table.count >= options.minimumLandmarks else {
            throw .map(
                "only \(table.count) landmarks could be recognised from three of \(r.keyframes.count) keyframes (\(report.points) tracked "
                    + "points held them, \(report.trackRMS) px); a map needs at least \(options.minimumLandmarks): film "
                    + "a scene with texture from several sides")
        }
        r.fill(&statistics, report)
        statistics.landmarks = table.count
        r.fillCalibration(&statistics)
        statistics.rigidShare = rigid.share
        statistics.knowsUp = r.inertial.hasFactors
        var map = r.landmarkMap(table, isMetric: isMetric, hasTag: hasTag, report: report)
        statistics.loopPairs = map.loopPairs
        var trajectory = r.trajectory(smoothed, &statistics)
        if !isMetric {
            var factor = options.unscaledDistance / options.batch.startDistance
            if options.statedExtent > 0, let extent = trajectory.extent {
                factor = options.statedExtent / extent
                map.isMetric = true
                statistics.scaleSource = "stated"
            }
            map.scale(by: factor)
            trajectory = trajectory.scaled(by: factor)
        }
        progress(1)
        return MapResult(map: map, trajectory: trajectory, statistics: statistics)
    }

    static func cameraModel(_ device: Device, width: Int, height: Int) throws(MappingError) -> CameraModel {
        guard let camera = device.camera.rescaled(width: width, height: height) else {
            throw .pictures(
                "pictures of \(width)x\(height) do not fit the device file '\(device.name)', which holds for \(device.camera.width)x"
                    + "\(device.camera.height): the same aspect ratio (within 1 %) is needed")
        }
        return camera
    }

    static func inertialSignal(_ inertial: InertialRecording?, _ device: Device) -> InertialSignal? {
        inertial.flatMap { $0.isEmpty ? nil : InertialSignal($0, offset: device.clockOffset) }
    }
}

extension Reconstruction {
    func fill(_ statistics: inout MappingStatistics, _ report: RejectionReport) {
        statistics.keyframes = keyframes.count
        statistics.tracksPerFrame = Double(tracks.observations.count) / Double(max(frameCount, 1))
        let held = tracks.observations.indices.count { !points.rejected[$0] && points.exists[Int(tracks.observations[$0].track)] }
        statistics.pointsPerFrame = Double(held) / Double(max(frameCount, 1))
        statistics.points = report.points
        statistics.reprojectionRMS = report.trackRMS
        statistics.tagRMS = report.tagRMS
        statistics.trackSigma = noise.track
        statistics.landmarkObservations = landmarks.observations.count
        statistics.sensors = sensors
        statistics.tiltDegrees = atan(states.tilt.length) * 180 / .pi
        let keys = keyframes
        let g = keys.map { states.gyroscopeBias[$0] }.reduce(Vector3.zero, +) / Double(max(keys.count, 1))
        let a = keys.map { states.accelerometerBias[$0] }.reduce(Vector3.zero, +) / Double(max(keys.count, 1))
        statistics.gyroscopeBias = [g.x, g.y, g.z]
        statistics.accelerometerBias = [a.x, a.y, a.z]
    }

    /// What the batch found out about the device.
    func fillCalibration(_ statistics: inout MappingStatistics) {
        let c = device.corrections.values
        statistics.clockCorrection = c[0] + device.clockFound
        statistics.readout = device.readout
        statistics.inertialNoiseGain = [inertial.noiseGain.x, inertial.noiseGain.y]
        statistics.focalLengthCorrection = 0.5 * (c[5] + c[6])
        statistics.accelerometerGain = [device.accelerometerGain.x, device.accelerometerGain.y, device.accelerometerGain.z]
    }

    func landmarkMap(_ table: LandmarkTable, isMetric: Bool, hasTag: Bool, report: RejectionReport) -> LandmarkMap {
        var map = LandmarkMap(camera: device.camera)
        map.landmarks = table.positions
        map.descriptorKind = tracks.features.compactMap { $0 }.first?.kind ?? .sift
        let n = map.descriptorKind.bytesPerDescriptor
        for (l, bytes) in table.descriptors.enumerated() {
            map.descriptors += bytes
            map.descriptorLandmark += Array(repeating: Int32(l), count: bytes.count / n)
        }
        let keys = keyframes
        var index = [Int32](repeating: -1, count: frameCount)
        for (i, f) in keys.enumerated() {
            guard let pose = states.poses[f] else { continue }
            index[f] = Int32(i)
            map.keyframeTimes.append(seconds[f])
            map.mapFromCameras.append(pose * device.bodyFromCamera)
        }
        var information = [Matrix3](repeating: .zero, count: table.count)
        var sum = 0.0
        var seenBy = [[Int]](repeating: [], count: table.count)
        for o in landmarks.observations where index[Int(o.frame)] >= 0 {
            guard let pose = states.poses[Int(o.frame)] else { continue }
            let l = Int(o.landmark)
            map.observationKeyframe.append(index[Int(o.frame)])
            map.observationLandmark.append(o.landmark)
            map.observationPixel.append(o.pixel)
            seenBy[l].append(Int(o.frame))
            let c = pose * device.rowCamera(motion(Int(o.frame), pose: pose), row: o.pixel.y)
            guard let (seen, du, dv) = device.camera.projectWithJacobian(c.inverse * landmarks.positions[l]) else { continue }
            let (ju, jv) = (c.rotation * du, c.rotation * dv)
            let w = 1 / (noise.feature * noise.feature)
            information[l] = information[l] + w * (Matrix3.outer(ju, ju) + Matrix3.outer(jv, jv))
            let e = seen - o.pixel
            sum += e.dot(e)
        }
        map.landmarkSigmas = information.map { m in
            let s = m.inverse.trace
            return Float(s.isFinite && s > 0 ? s.squareRoot() : 1)
        }
        map.reprojectionRMS = map.observationPixel.isEmpty ? 0 : (sum / Double(map.observationPixel.count)).squareRoot()
        var pairs = Set<Int>()
        for list in seenBy {
            for (i, a) in list.enumerated() {
                for b in list[(i + 1)...] where abs(seconds[a] - seconds[b]) > 2 { pairs.insert(min(a, b) * frameCount + max(a, b)) }
            }
        }
        map.loopPairs = pairs.count
        map.isMetric = isMetric
        map.refinement = MapRefinement(
            statedCamera: device.statedCamera, corrections: device.corrections.values, accelerometerGain: device.accelerometerGain)
        map.up = Vector3(states.tilt.x, states.tilt.y, 1).normalized
        if hasTag {
            map.tableFromMap = Transform(rotation: .identity, translation: .zero)
            // The map is held to the tag by its corners: N views of four corners at their own noise.
            let views = Double(max(keys.count { tracks.tableTags[$0] != nil }, 1))
            let side = observed.tagCorners.count == 4 ? (observed.tagCorners[1] - observed.tagCorners[0]).length : 0.1
            let distance = 0.5
            let meters = distance * noise.tag / (device.camera.focalLength.x * (4 * views).squareRoot())
            map.tableSigma = Vector2(meters, meters / (0.5 * side))
        }
        return map
    }
}

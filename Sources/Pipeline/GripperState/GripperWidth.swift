public import Geometry
public import Imaging
public import Session

/// How the gripper's opening is read from its finger tags.
public struct GripperOptions: Codable, Sendable, Equatable {
    /// Widths missing for no longer than this are interpolated and marked, seconds; default 0.5: a finger tag is hidden by the object or by
    /// blur for a few frames, and fingers move by less than 0.1 m/s over that.
    public var longestGapSeconds = 0.5
    /// A width further than this from the median of its neighbours is an outlier, metres; default 0.01.
    public var outlierDistance = 0.01
    /// Neighbours on either side for that median, frames; default 3.
    public var outlierNeighbours = 3
    /// Share of the calibration's widths beyond either end of the range; default 0.02: one false detection must not set the range.
    public var rangeQuantile = 0.02
    /// Share of frames with both finger tags that a calibration video needs; default 0.5.
    public var minimumCalibrationShare = 0.5
    /// Share of a recording's frames that must show finger tags for it to be said that they stand at another depth than stated; default 0.2.
    public var misplacedShare = 0.2
    /// Share of a recording's frames in which both finger tags of a gripper must be seen to know by them which gripper it is; default 0.8,
    /// UMI's own.
    public var identifyShare = 0.8
    /// Standard deviation of a tag corner in a sharp picture, pixels; default 0.3: sub-pixel corners at the rim of a fisheye picture. It
    /// gives the widths their uncertainty.
    public var cornerSigma = 0.3
    /// How fast the fingers may have moved where nothing was seen of them, m/s; default 0.05. The uncertainty of an interpolated width grows
    /// by it with the distance to the nearest seen one.
    public var hiddenSpeed = 0.05

    public init() {}
}

/// The opening in one frame.
public struct GripperSample: Sendable, Equatable {
    /// Metres between the tags, or above closed once calibrated; nil where unknown.
    public var width: Double?
    /// Whether it was interpolated through a gap.
    public var isInterpolated: Bool
    /// Standard deviation, metres; nil where unknown.
    public var sigma: Double?

    public init(width: Double?, isInterpolated: Bool = false, sigma: Double? = nil) {
        self.width = width
        self.isInterpolated = isInterpolated
        self.sigma = sigma
    }
}

/// The raw widths between which a gripper opens: 0 is closed once the lower one is taken off.
public struct GripperRange: Sendable, Equatable, Codable {
    public var minimum: Double
    public var maximum: Double
    /// Where the middle between the tags lies along the camera's x axis, metres: with one tag hidden the other is mirrored about it.
    public var centre: Double

    public init(minimum: Double, maximum: Double, centre: Double = 0) {
        self.minimum = minimum
        self.maximum = maximum
        self.centre = centre
    }

    /// The widest of several calibration recordings of one gripper; nil for none.
    init?(joining ranges: [GripperRange]) {
        guard let low = ranges.map(\.minimum).min(), let high = ranges.map(\.maximum).max() else { return nil }
        self.init(minimum: low, maximum: high, centre: ranges.reduce(0) { $0 + $1.centre } / Double(ranges.count))
    }
}

/// The gripper's width from its two finger tags, as UMI defines it: the distance of the tags along the camera's x axis.
///
/// Each tag's pose is solved from its four corners (both solutions of a square); a tag whose depth is off the nominal one is dropped, as
/// it is a reflection or another gripper's. With one tag hidden the other counts twice, mirrored about the middle that the calibration found.
/// The uncertainty follows from the corners' (`cornerSigma`) at the tags' distance.
public struct GripperWidth: Sendable {
    public var tags: FingerTags
    public var camera: CameraModel
    public var options: GripperOptions

    public init(tags: FingerTags, camera: CameraModel, options: GripperOptions) {
        self.tags = tags
        self.camera = camera
        self.options = options
    }

    /// The distance between the tags in one frame, metres; nil where neither is seen at its depth.
    /// - Parameter centre: the middle between the tags along the camera's x axis, metres.
    public func rawWidth(
        _ detections: [TagDetection], centre: Double = 0
    ) throws(ImagingError) -> (width: Double, tagCount: Int, middle: Double, sigma: Double)? {
        var left: Double?
        var right: Double?
        for detection in detections {
            guard let (bearings, depth) = try sight(of: detection), isNominal(depth) else { continue }
            // Directions are far better known than depth, and the fingers move at a fixed depth: the corners are put there.
            let x = bearings.reduce(0) { $0 + $1.x / $1.z } / 4 * tags.nominalDepth
            if detection.id == tags.leftID { left = x } else { right = x }
        }
        // Of the mean of four corners, at the tags' depth.
        let sigma = options.cornerSigma / camera.focalLength.x * tags.nominalDepth / 2
        switch (left, right) {
        case (let l?, let r?): return (abs(r - l), 2, (l + r) / 2, sigma * 2.0.squareRoot())
        case (let l?, nil): return (2 * abs(l - centre), 1, centre, 2 * sigma)
        case (nil, let r?): return (2 * abs(r - centre), 1, centre, 2 * sigma)
        case (nil, nil): return nil
        }
    }

    /// Directions to a finger tag's corners, and its depth by its stated size, metres; nil for other tags and where it cannot be solved.
    private func sight(of detection: TagDetection) throws(ImagingError) -> (bearings: [Vector3], depth: Double)? {
        guard detection.id == tags.leftID || detection.id == tags.rightID else { return nil }
        let bearings = detection.corners.compactMap(camera.unproject)
        guard bearings.count == 4, let pose = try SquarePose.estimate(corners: bearings, side: tags.size).first else { return nil }
        return (bearings, pose.cameraFromTag.translation.z)
    }

    private func isNominal(_ depth: Double) -> Bool { abs(depth - tags.nominalDepth) <= tags.depthTolerance }

    /// Says, of frames that show finger tags, that they stand at another depth than the device file states; nil where most stand there, or
    /// too few frames show any.
    func misplaced(in frames: [[TagDetection]], unit: String) throws(ImagingError) -> UnitFailure? {
        var depths: [Double] = []
        var shown = 0
        for detections in frames {
            var here: [Double] = []
            for detection in detections { if let sight = try sight(of: detection) { here.append(sight.depth) } }
            if !here.isEmpty { shown += 1 }
            depths += here
        }
        let right = depths.count(where: isNominal)
        guard Double(shown) >= options.misplacedShare * Double(max(frames.count, 1)), 2 * right < depths.count else { return nil }
        depths.sort()
        let median = depths[depths.count / 2]
        let off = median - tags.nominalDepth
        return UnitFailure(
            reason: "finger_tag_depth",
            detail:
                "finger tags (\(tags.leftID), \(tags.rightID)) are seen in \(shown) of \(frames.count) frames of \(unit), \(median.fixed(4)) m "
                + "away (median; \(depths.count - right) of \(depths.count) sights off): \(abs(off).fixed(4)) m too \(off > 0 ? "far" : "near") for the "
                + "device file's nominal_depth_m \(tags.nominalDepth) with depth_tolerance_m \(tags.depthTolerance); state nominal_depth_m: "
                + "\(median.fixed(4)) there, or size_m: \((tags.size * tags.nominalDepth / median).fixed(4)) if the tags were printed so",
            isFinding: true)
    }

    /// The range of a calibration video, or what keeps it from being one.
    func range(of frames: [[TagDetection]], unit: String) throws -> GripperRange {
        var widths: [Double] = []
        var middles: [Double] = []
        for detections in frames {
            guard let raw = try rawWidth(detections), raw.tagCount == 2 else { continue }
            widths.append(raw.width)
            middles.append(raw.middle)
        }
        let share = frames.isEmpty ? 0 : Double(widths.count) / Double(frames.count)
        guard share >= options.minimumCalibrationShare else {
            if let misplaced = try misplaced(in: frames, unit: unit) { throw misplaced }
            throw UnitFailure(
                reason: "finger_tags_hidden",
                detail:
                    "both finger tags (\(tags.leftID), \(tags.rightID)) are seen in \((100 * share).fixed(0)) % of the frames of \(unit), "
                    + "at least \((100 * options.minimumCalibrationShare).fixed(0)) % are needed")
        }
        widths.sort()
        middles.sort()
        let cut = Int(Double(widths.count) * options.rangeQuantile)
        return GripperRange(minimum: widths[cut], maximum: widths[widths.count - 1 - cut], centre: middles[middles.count / 2])
    }

    /// The widths of all frames: outliers dropped, short gaps interpolated, 0 when closed, clamped to the range.
    public func widths(of frames: [[TagDetection]], times: [Timestamp<VideoClock>], range: GripperRange?) throws(ImagingError)
        -> [GripperSample]
    {
        var raw: [Double?] = []
        var sigmas: [Double?] = []
        for detections in frames {
            let width = try rawWidth(detections, centre: range?.centre ?? 0)
            raw.append(width?.width)
            sigmas.append(width?.sigma)
        }
        raw = withoutOutliers(raw)
        var samples = zip(raw, sigmas).map { GripperSample(width: $0, sigma: $0 == nil ? nil : $1) }
        interpolateGaps(&samples, times: times)
        guard let range else { return samples }
        return samples.map {
            GripperSample(
                width: $0.width.map { min(max($0, range.minimum), range.maximum) - range.minimum }, isInterpolated: $0.isInterpolated,
                sigma: $0.sigma)
        }
    }

    private func withoutOutliers(_ widths: [Double?]) -> [Double?] {
        widths.indices.map { i in
            guard let width = widths[i] else { return nil }
            let low = max(0, i - options.outlierNeighbours)
            let high = min(widths.count - 1, i + options.outlierNeighbours)
            let near = (low...high).compactMap { widths[$0] }.sorted()
            return abs(width - near[near.count / 2]) <= options.outlierDistance ? width : nil
        }
    }

    private func interpolateGaps(_ samples: inout [GripperSample], times: [Timestamp<VideoClock>]) {
        let known = samples.indices.filter { samples[$0].width != nil }
        guard let first = known.first, let last = known.last else { return }
        /// Of a width beside nothing seen for `seconds`.
        func sigma(_ seen: GripperSample, _ seconds: Double) -> Double? {
            seen.sigma.map { ($0 * $0 + options.hiddenSpeed * options.hiddenSpeed * seconds * seconds).squareRoot() }
        }
        for (a, b) in zip(known, known.dropFirst()) where b > a + 1 && times[b] - times[a] <= options.longestGapSeconds {
            guard let from = samples[a].width, let to = samples[b].width else { continue }
            for i in (a + 1)..<b {
                let fraction = (times[i] - times[a]) / (times[b] - times[a])
                let near = fraction < 0.5 ? a : b
                samples[i] = GripperSample(
                    width: from + (to - from) * fraction, isInterpolated: true, sigma: sigma(samples[near], abs(times[i] - times[near])))
            }
        }
        for i in samples.indices where samples[i].width == nil {
            if i < first, times[first] - times[i] <= options.longestGapSeconds {
                samples[i] = GripperSample(
                    width: samples[first].width, isInterpolated: true, sigma: sigma(samples[first], times[first] - times[i]))
            } else if i > last, times[i] - times[last] <= options.longestGapSeconds {
                samples[i] = GripperSample(
                    width: samples[last].width, isInterpolated: true, sigma: sigma(samples[last], times[i] - times[last]))
            }
        }
    }
}

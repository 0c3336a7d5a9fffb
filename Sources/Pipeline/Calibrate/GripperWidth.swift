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

    public init() {}
}

/// The opening in one frame.
public struct GripperSample: Sendable, Equatable {
    /// Metres between the tags, or above closed once calibrated; nil where unknown.
    public var width: Double?
    /// Whether it was interpolated through a gap.
    public var isInterpolated: Bool

    public init(width: Double?, isInterpolated: Bool = false) {
        self.width = width
        self.isInterpolated = isInterpolated
    }
}

/// The raw widths between which a gripper opens: 0 is closed once the lower one is taken off.
public struct GripperRange: Sendable, Equatable, Codable {
    public var minimum: Double
    public var maximum: Double

    public init(minimum: Double, maximum: Double) {
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// The gripper's width from its two finger tags, as UMI defines it: the distance of the tags along the camera's x axis.
///
/// Each tag's pose is solved from its four corners (both solutions of a square); a tag whose depth is off the nominal one is dropped, as
/// it is a reflection or another gripper's. With one tag hidden the other counts twice, the gripper being symmetric about the camera.
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
    public func rawWidth(_ detections: [TagDetection]) throws(ImagingError) -> (width: Double, tagCount: Int)? {
        var left: Double?
        var right: Double?
        for detection in detections where detection.id == tags.leftID || detection.id == tags.rightID {
            let bearings = detection.corners.compactMap(camera.unproject)
            guard bearings.count == 4, let pose = try SquarePose.estimate(corners: bearings, side: tags.size).first else { continue }
            let p = pose.cameraFromTag.translation
            guard abs(p.z - tags.nominalDepth) <= tags.depthTolerance else { continue }
            // Directions are far better known than depth, and the fingers move at a fixed depth: the corners are put there.
            let x = bearings.reduce(0) { $0 + $1.x / $1.z } / 4 * tags.nominalDepth
            if detection.id == tags.leftID { left = x } else { right = x }
        }
        switch (left, right) {
        case (let l?, let r?): return (abs(r - l), 2)
        case (let l?, nil): return (2 * abs(l), 1)
        case (nil, let r?): return (2 * abs(r), 1)
        case (nil, nil): return nil
        }
    }

    /// The range of a calibration video, or what keeps it from being one.
    func range(of frames: [[TagDetection]], unit: String) throws -> GripperRange {
        var widths: [Double] = []
        for detections in frames {
            if let raw = try rawWidth(detections), raw.tagCount == 2 { widths.append(raw.width) }
        }
        let share = frames.isEmpty ? 0 : Double(widths.count) / Double(frames.count)
        guard share >= options.minimumCalibrationShare else {
            throw UnitFailure(
                reason: "finger_tags_hidden",
                detail: "both finger tags (\(tags.leftID), \(tags.rightID)) are seen in \((100 * share).fixed(0)) % of the frames of \(unit), "
                    + "at least \((100 * options.minimumCalibrationShare).fixed(0)) % are needed")
        }
        widths.sort()
        let cut = Int(Double(widths.count) * options.rangeQuantile)
        return GripperRange(minimum: widths[cut], maximum: widths[widths.count - 1 - cut])
    }

    /// The widths of all frames: outliers dropped, short gaps interpolated, 0 when closed, clamped to the range.
    public func widths(of frames: [[TagDetection]], times: [Timestamp<VideoClock>], range: GripperRange?) throws(ImagingError) -> [GripperSample] {
        var raw: [Double?] = []
        for detections in frames { raw.append(try rawWidth(detections)?.width) }
        raw = withoutOutliers(raw)
        var samples = raw.map { GripperSample(width: $0) }
        interpolateGaps(&samples, times: times)
        guard let range else { return samples }
        return samples.map {
            GripperSample(
                width: $0.width.map { min(max($0, range.minimum), range.maximum) - range.minimum }, isInterpolated: $0.isInterpolated)
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
        for (a, b) in zip(known, known.dropFirst()) where b > a + 1 && times[b] - times[a] <= options.longestGapSeconds {
            guard let from = samples[a].width, let to = samples[b].width else { continue }
            for i in (a + 1)..<b {
                let fraction = (times[i] - times[a]) / (times[b] - times[a])
                samples[i] = GripperSample(width: from + (to - from) * fraction, isInterpolated: true)
            }
        }
        for i in samples.indices where samples[i].width == nil {
            if i < first, times[first] - times[i] <= options.longestGapSeconds {
                samples[i] = GripperSample(width: samples[first].width, isInterpolated: true)
            } else if i > last, times[i] - times[last] <= options.longestGapSeconds {
                samples[i] = GripperSample(width: samples[last].width, isInterpolated: true)
            }
        }
    }
}

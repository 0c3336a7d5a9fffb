internal import Estimation
internal import Geometry

extension Reconstruction {
    /// What is left of the observations after outliers are out; root mean squares in pixels.
    struct RejectionReport {
        var trackRMS = 0.0
        var tagRMS = 0.0
        var observations = 0
        var points = 0
    }

    /// Estimates the standard deviations of tracked points, keypoints and tag corners from the keyframes' residuals, drops observations
    /// beyond `rejection` of them, and points that lose half of theirs.
    ///
    /// Which sights of such a point were wrong is not known: all of them may make one anew, where poses that were far off have come right.
    mutating func rejectOutliers() -> RejectionReport {
        var report = RejectionReport()
        let errors = trackErrors()
        let limit = options.rejection * noise.track
        var sum = 0.0
        for t in 0..<tracks.trackCount where points.exists[t] {
            let judged = observed.indices(ofTrack: t).map(Int.init).filter { errors[$0] >= 0 }
            for i in judged { points.rejected[i] = errors[i] > limit }
            let good = judged.filter { !points.rejected[$0] }
            guard good.count >= 2, 2 * good.count >= judged.count else {
                points.exists[t] = false
                for i in judged { points.rejected[i] = false }
                continue
            }
            report.points += 1
            report.observations += good.count
            for i in good { sum += errors[i] * errors[i] }
        }
        report.trackRMS = report.observations > 0 ? (sum / Double(report.observations)).squareRoot() : 0
        rejectLandmarkObservations()
        let corners = tagErrors()
        var components = corners.flatMap { [abs($0.x), abs($0.y)] }
        if let s = spread(&components) { noise.tag = min(max(s, options.minimumTagSigma), options.maximumTagSigma) }
        report.tagRMS = corners.isEmpty ? 0 : (corners.map { $0.dot($0) }.reduce(0, +) / Double(corners.count)).squareRoot()
        return report
    }

    /// Length of every observation's error in adjusted keyframes, pixels; infinite where its point cannot be projected, -1 where there is
    /// no point or pose. Sets the tracks' standard deviation.
    private mutating func trackErrors() -> [Double] {
        var errors = [Double](repeating: -1, count: tracks.observations.count)
        var components: [Double] = []
        for t in 0..<tracks.trackCount where points.exists[t] {
            for i in observed.indices(ofTrack: t).lazy.map(Int.init) {
                let o = tracks.observations[i]
                let f = Int(o.frame)
                guard observed.isAdjusted[f], states.poses[f] != nil else { continue }
                guard let e = error(points.positions[t], frame: f, pixel: o.pixel) else {
                    errors[i] = .infinity
                    continue
                }
                errors[i] = e.length
                if !points.rejected[i] {
                    components.append(abs(e.x))
                    components.append(abs(e.y))
                }
            }
        }
        if let s = spread(&components) { noise.track = min(max(s, options.minimumTrackSigma), options.maximumTrackSigma) }
        return errors
    }

    /// Standard deviation of normally distributed residuals by their median, nil for too few.
    private func spread(_ magnitudes: inout [Double]) -> Double? {
        guard magnitudes.count > options.spreadSamples else { return nil }
        magnitudes.sort()
        return 1.4826 * magnitudes[magnitudes.count / 2]
    }

    /// Drops descriptor matches that are far from their landmark.
    mutating func rejectLandmarkObservations() {
        var components: [Double] = []
        for o in landmarks.observations {
            guard let e = error(landmarks.positions[Int(o.landmark)], frame: Int(o.frame), pixel: o.pixel) else { continue }
            components += [abs(e.x), abs(e.y)]
        }
        if let s = spread(&components) { noise.feature = min(max(s, options.minimumFeatureSigma), options.maximumFeatureSigma) }
        let limit = options.rejection * noise.feature
        landmarks.observations = landmarks.observations.filter { o in
            error(landmarks.positions[Int(o.landmark)], frame: Int(o.frame), pixel: o.pixel).map { $0.length < limit } ?? false
        }
    }

    /// Errors of the tag's corners in adjusted keyframes, pixels.
    private func tagErrors() -> [Vector2] {
        guard anchors.usesTags else { return [] }
        var list: [Vector2] = []
        for f in 0..<frameCount where observed.isAdjusted[f] {
            guard let corners = tracks.tableTags[f] else { continue }
            for (x, p) in zip(observed.tagCorners, corners) {
                guard let e = error(x, frame: f, pixel: p) else { continue }
                list.append(e)
            }
        }
        return list
    }
}

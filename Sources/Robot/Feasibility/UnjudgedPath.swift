public import Session

extension FeasibilityVerdict {
    /// Of a path whose arm stands nobody knows where: nothing is judged, and all of it is kept at the speed at which it was recorded.
    public init(unjudged times: [Timestamp<VideoClock>], arm: String, why: String) {
        let report = FeasibilityReport(
            arm: arm, frames: times.count, feasible: true, verdict: "not judged for \(arm): \(why)",
            reasons: Array(repeating: nil, count: times.count), spans: [], margins: [], extremes: [], unchecked: [why], smoothing: "",
            positionNoise: 0, positionDeviation: 0, rotationDeviation: 0)
        let motions = times.isEmpty ? [] : [Motion(unjudged: times)]
        self.init(
            recorded: report, kept: report, changes: [],
            motions: motions.map { motion in
                KeptMotion(
                    firstFrame: 0, endFrame: times.count, isRetimed: false, recordedSeconds: motion.duration, seconds: motion.duration,
                    frameSeconds: times.map { $0 - times[0] })
            }, paths: motions)
    }
}

extension Motion {
    /// A recording at its own speed, without joints.
    /// - Parameter times: of its frames, at least one.
    init(unjudged times: [Timestamp<VideoClock>]) {
        let seconds = times[times.count - 1] - times[0]
        let knot = seconds > 0 ? seconds : 1
        // A straight line's control points are the middles of the functions' supports.
        let control = (0...JointSpline.degree).map { knot * Double($0 - 2) }
        self.init(
            spline: JointSpline(columns: 1, start: 0, knot: knot, control: control), start: 0, end: seconds, origin: times[0],
            firstFrame: 0,
            endFrame: times.count, isRetimed: false)
    }
}

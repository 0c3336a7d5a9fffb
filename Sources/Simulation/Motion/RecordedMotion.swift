internal import Estimation
internal import Geometry

#if canImport(Glibc)
    internal import Glibc
#endif

/// The true motion of one recording: analytic, at any time from half a second before the video to half a second after it.
struct RecordedMotion: Sendable {
    let tool: PoseSpline<Table, Tool>
    let width: VectorSpline
    let toolFromCamera: Transform<Tool, Camera>
    let duration: Double
    private let objectAtRest: Transform<Table, Object>?
    private let held: ClosedRange<Double>?
    private let toolFromObject: Transform<Tool, Object>
    /// Readings that were really taken along the motion.
    let measured: MeasuredMotion?

    /// The object's frame: centre of its foot, z up along its axis.
    enum Object {}

    /// Seconds between spline knots: hands have little above 4 Hz.
    static let knotSpacing = 0.1
    /// Tremor of the hand: metres and radians at each of its two frequencies.
    static let tremorTranslation = 0.0004
    static let tremorRotation = 0.0025

    init(plan: MotionPlan, cameraFromTool: Transform<Camera, Tool>, bodyFromCamera: Transform<Body, Camera> = .identity, seed: UInt64) {
        duration = plan.duration
        measured = plan.measured
        if let measured = plan.measured {
            toolFromCamera = cameraFromTool.inverse
            tool = measured.spline(bodyFromTool: bodyFromCamera * cameraFromTool)
            width = VectorSpline(start: -0.5, spacing: plan.duration + 1, controls: Array(repeating: Vector3(0.08, 0, 0), count: 6))
            (objectAtRest, held, toolFromObject) = (nil, nil, .identity)
            return
        }
        toolFromCamera = cameraFromTool.inverse
        let spacing = Self.knotSpacing
        let start = -0.5
        let count = Int(((plan.duration + 1) / spacing).rounded(.up)) + 5
        var random = RandomSource(spreading: seed)
        // Amplitude, frequency and phase of two waves on each of six axes.
        let waves = (0..<12).map { i in
            (random.uniform(0.5, 1), i < 6 ? random.uniform(0.7, 1.3) : random.uniform(1.9, 2.8), random.uniform(0, 2 * .pi))
        }
        func tremor(_ axis: Int, _ t: Double) -> Double {
            let (a, b) = (waves[axis], waves[axis + 6])
            return a.0 * sin(2 * .pi * a.1 * t + a.2) + 0.5 * b.0 * sin(2 * .pi * b.1 * t + b.2)
        }
        var poses: [Transform<Table, Tool>] = []
        var widths: [Vector3] = []
        for k in 0..<count {
            let t = VectorSpline.time(ofControl: k, start: start, spacing: spacing)
            let key = plan.key(at: t)
            let p = Vector3(tremor(0, t), tremor(1, t), tremor(2, t)) * Self.tremorTranslation
            let r = Vector3(tremor(3, t), tremor(4, t), tremor(5, t)) * Self.tremorRotation
            let pose = key.tableFromTool
            poses.append(Transform(rotation: pose.rotation * Rotation(vector: r), translation: pose.translation + p))
            widths.append(Vector3(key.width, 0, 0))
        }
        tool = PoseSpline(start: start, spacing: spacing, controls: poses)
        width = VectorSpline(start: start, spacing: spacing, controls: widths)
        held = plan.held
        objectAtRest = plan.object.map { Transform(rotation: .identity, translation: Vector3($0.x, $0.y, 0)) }
        if let held, let objectAtRest {
            toolFromObject = tool.pose(at: held.lowerBound).inverse * objectAtRest
        } else {
            toolFromObject = .identity
        }
    }

    func tableFromCamera(at time: Double) -> Transform<Table, Camera> { tool.pose(at: time) * toolFromCamera }

    func camera(at time: Double) -> MotionState<Table, Camera> { tool.state(at: time).carried(to: toolFromCamera) }

    func body(at time: Double, cameraFromBody: Transform<Camera, Body>) -> MotionState<Table, Body> {
        tool.state(at: time).carried(to: toolFromCamera * cameraFromBody)
    }

    /// Opening between the finger tips, metres.
    func opening(at time: Double) -> Double { max(0, width.evaluate(at: time).value.x) }

    /// Where the object is: standing on the table, or moving with the tool.
    enum ObjectPlace {
        case absent
        case standing(Transform<Table, Object>)
        case held(Transform<Tool, Object>)
    }

    func object(at time: Double) -> ObjectPlace {
        guard let objectAtRest else { return .absent }
        guard let held, time >= held.lowerBound else { return .standing(objectAtRest) }
        if held.contains(time) { return .held(toolFromObject) }
        return .standing(tool.pose(at: held.upperBound) * toolFromObject)
    }
}

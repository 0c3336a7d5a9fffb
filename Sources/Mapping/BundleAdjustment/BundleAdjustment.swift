internal import Estimation
internal import Geometry

/// Visual-inertial bundle adjustment: Levenberg-Marquardt on iteratively reweighted squares, points eliminated first (Triggs et al.,
/// "Bundle adjustment, a modern synthesis", 2000), then motions along time.
struct BundleAdjustment {
    var state = BundleState()
    let camera: CameraModel
    let bodyFromCamera: Transform<Body, Camera>
    let readout: Double
    /// How each frame's body moves, held.
    var motions: [RowMotion] = []
    /// Sights of free points: those of point i are `offsets[i]..<offsets[i + 1]`.
    var offsets = [0]
    var observations: [BundleObservation] = []
    /// Sights of points that are held.
    var held: [(observation: BundleObservation, point: Vector3)] = []
    /// Factors between a frame and the next.
    var factors: [(frame: Int, residual: InertialResidual)] = []
    var priors: [BundlePrior] = []
    /// A distance between two frames that is held to.
    var distance: (first: Int, second: Int, prior: DistancePrior)?
    /// A frame that is the origin.
    var origin: Int?
    /// Whether correction and gain are estimated.
    var calibrates = false
    let lossScale: Double

    init(camera: CameraModel, bodyFromCamera: Transform<Body, Camera>, readout: Double, lossScale: Double) {
        self.camera = camera
        self.bodyFromCamera = bodyFromCamera
        self.readout = readout
        self.lossScale = lossScale
    }

    mutating func add(point: Vector3, _ seen: [BundleObservation]) {
        state.points.append(point)
        observations += seen
        offsets.append(observations.count)
    }

    /// Minimises; ends after `iterations` steps or when the cost falls by less than `tolerance` of itself.
    mutating func solve(iterations: Int, tolerance: Double) throws(MappingError) {
        var damping = Damping(first: 1e-4, largest: 1e8)
        var equations = BundleEquations(self, state)
        var steps = 0
        while steps < iterations {
            guard !damping.isExhausted else { break }
            guard let step = equations.step(self, lambda: damping.value) else {
                damping.raise()
                continue
            }
            let candidate = state.moved(by: step.cameras, points: step.points)
            let next = BundleEquations(self, candidate)
            guard next.cost <= equations.cost else {
                damping.raise()
                continue
            }
            let gain = (equations.cost - next.cost) / max(equations.cost, 1e-300)
            state = candidate
            equations = next
            damping.lower()
            steps += 1
            if gain < tolerance { break }
        }
        guard equations.cost.isFinite else { throw .numerical("the bundle adjustment's cost is not finite") }
    }
}

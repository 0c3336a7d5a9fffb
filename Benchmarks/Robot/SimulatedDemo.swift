internal import Estimation
internal import Geometry
internal import Session

/// Made-up demonstrations: a gripper that visits places over a table, as poses without pictures.
///
/// For trying an arm, a base pose or a limit without recording anything.
struct SimulatedDemo: Sendable {
    var seed: UInt64
    var seconds: Double
    /// Frames a second.
    var rate: Double
    /// Where the gripper goes, in the table's frame, m: the corners of a box.
    var low = Vector3(-0.1, -0.3, 0.05)
    var high = Vector3(0.15, 0.3, 0.3)
    /// Furthest that the gripper tilts from straight down and turns about the vertical, rad.
    var tilt = 0.4
    var turn = 0.9
    /// Speeds between places, m/s: each stretch has its own.
    var slow = 0.15
    var fast = 0.7
    /// White noise of each pose, by axis, m and rad.
    var positionNoise = 0.0003
    var rotationNoise = 0.0005

    init(seed: UInt64, seconds: Double, rate: Double) {
        self.seed = seed
        self.seconds = seconds
        self.rate = rate
    }

    /// The tool's path: minimum-jerk stretches from place to place with short rests between. Deterministic.
    func path() -> Trajectory<Table, Tool> {
        var random = RandomSource(seed: seed)
        var path = Trajectory<Table, Tool>()
        var from = place(&random)
        var to = place(&random)
        var (start, length) = (0.0, stretch(from, to, &random))
        var rest = random.uniform(0, 0.4)
        for frame in 0..<max(1, Int((seconds * rate).rounded())) {
            let time = Double(frame) / rate
            while time > start + length + rest {
                start += length + rest
                (from, to) = (to, place(&random))
                length = stretch(from, to, &random)
                rest = random.uniform(0, 0.4)
            }
            let u = min(max((time - start) / length, 0), 1)
            let s = u * u * u * (10 + u * (-15 + 6 * u))
            var values = (0..<6).map { from[$0] + (to[$0] - from[$0]) * s }
            for k in 0..<6 { values[k] += (k < 3 ? positionNoise : rotationNoise) * random.normal() }
            path.append(Timestamp(seconds: time), Self.pose(values))
        }
        return path
    }

    private func place(_ random: inout RandomSource) -> [Double] {
        [
            random.uniform(low.x, high.x), random.uniform(low.y, high.y), random.uniform(low.z, high.z), random.uniform(-tilt, tilt),
            random.uniform(-tilt, tilt), random.uniform(-turn, turn),
        ]
    }

    /// Seconds from one place to another; the middle of a minimum-jerk stretch is 1.875 times as fast as its mean.
    private func stretch(_ a: [Double], _ b: [Double], _ random: inout RandomSource) -> Double {
        let distance = Vector3(b[0] - a[0], b[1] - a[1], b[2] - a[2]).length + 0.1 * abs(b[5] - a[5])
        return max(0.4, 1.875 * distance / random.uniform(slow, fast))
    }

    /// The gripper straight down with its camera on the far side, tilted about the table's x and y and turned about its z.
    private static func pose(_ v: [Double]) -> Transform<Table, Tool> {
        let down = Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(-1, 0, 0), Vector3(0, 0, -1)))
        let rotation = Rotation(vector: Vector3(0, 0, v[5])) * Rotation(vector: Vector3(v[3], v[4], 0)) * down
        return Transform(rotation: rotation, translation: Vector3(v[0], v[1], v[2]))
    }

}

extension RandomSource {
    /// Uniform between two bounds.
    fileprivate mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }
}

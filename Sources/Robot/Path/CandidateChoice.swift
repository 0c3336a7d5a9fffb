/// Dynamic programming over candidates: which one to be on at each frame, so that the sum of costs is least.
///
/// States are (frame, candidate); going from one to another costs the square of the joint speeds over their limits, and `SolveOptions.jumpCost` where
/// no continuous motion does it. Frames × candidates² steps, most of them cut short by what is already found.
struct CandidateChoice {
    let width: Int
    let count: Int
    let n: Int
    let seconds: [Double]
    let options: SolveOptions
    /// Positions by frame, candidate, joint; costs and reach by frame, candidate.
    private var block: [Double]
    private var cost: [Double]
    private var reached: [Bool]
    private let speed: [Double]

    init(candidates: [PostureCandidate], jointCount: Int, seconds: [Double], joints: [ArmJoint], options: SolveOptions) {
        width = candidates.count
        count = seconds.count
        n = jointCount
        self.seconds = seconds
        self.options = options
        speed = joints.map { $0.velocity ?? Double.pi }
        block = Array(repeating: 0, count: count * width * n)
        cost = Array(repeating: 0, count: count * width)
        reached = Array(repeating: false, count: count * width)
        for (k, candidate) in candidates.enumerated() {
            for frame in 0..<count {
                let at = frame * width + k
                cost[at] = candidate.cost[frame]
                reached[at] = candidate.reached[frame]
                for i in 0..<n { block[at * n + i] = candidate.positions[frame * n + i] }
            }
        }
    }

    /// The candidate for each frame and the frames at which the arm jumps.
    func best() -> (candidate: [Int], jumps: [Int]) {
        var total = Array(cost[0..<width])
        var origin = [Int32](repeating: 0, count: count * width)
        var next = total
        for frame in 1..<max(1, count) {
            for to in 0..<width {
                // Staying on the candidate first: it is nearly always the cheapest and cuts the others short.
                var least = total[to] + edge(to, to, frame, under: .infinity).cost
                var from = to
                for other in 0..<width where total[other] < least {
                    let sum = total[other] + edge(other, to, frame, under: least - total[other]).cost
                    if sum < least {
                        least = sum
                        from = other
                    }
                }
                origin[frame * width + to] = Int32(from)
                next[to] = least + cost[frame * width + to]
            }
            swap(&total, &next)
        }
        var choice = [Int](repeating: 0, count: count)
        choice[count - 1] = total.indices.min { total[$0] < total[$1] } ?? 0
        for frame in stride(from: count - 1, to: 0, by: -1) { choice[frame - 1] = Int(origin[frame * width + choice[frame]]) }
        let jumps = (1..<max(1, count)).filter { edge(choice[$0 - 1], choice[$0], $0, under: .infinity).jumps }
        return (choice, jumps)
    }

    /// Along a candidate a fast motion is still a motion; across candidates it must be within the speed limits. Cut short once it costs more than `under`.
    @inline(__always) private func edge(_ a: Int, _ b: Int, _ frame: Int, under: Double) -> (cost: Double, jumps: Bool) {
        let dt = seconds[frame] - seconds[frame - 1]
        let (p, q) = (((frame - 1) * width + a) * n, (frame * width + b) * n)
        var sum = 0.0
        var jumps = false
        block.withUnsafeBufferPointer { block in
            for i in 0..<n {
                let move = abs(block[q + i] - block[p + i])
                let share = move / (speed[i] * dt)
                sum += share * share * dt
                if a == b ? (move > options.jump && share > options.jumpVelocity) : share > 1 { jumps = true }
                if sum > under || (jumps && options.jumpCost > under) { break }
            }
        }
        if !(reached[(frame - 1) * width + a] && reached[frame * width + b]) { return (min(sum, options.jumpCost), false) }
        return jumps ? (options.jumpCost, true) : (sum, false)
    }
}

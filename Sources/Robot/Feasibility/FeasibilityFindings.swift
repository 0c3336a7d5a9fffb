internal import Session

/// Gathers margins frame by frame and makes spans and a verdict of them.
struct FeasibilityFindings {
    /// One violated (or merely measured) value.
    struct Finding {
        var check: FeasibilityCheck
        var frame: Int
        var margin: Double
        var element: String?
        var value: Double
        var limit: Double
        var unit: String
        var source: String
        var assumed: Bool
        var fails: Bool
    }

    let arm: Arm
    let options: FeasibilityOptions
    let path: JointPath
    private var margins: [[Double?]]
    private var findings: [Finding] = []
    private var extremes: [JointExtreme] = []
    /// Smallest singular value by frame; nil where the posture was not checked.
    var stretch: [Double?]
    /// Largest distance of the motion's tool from the recorded one, m and rad.
    private var deviation = (position: 0.0, rotation: 0.0)

    init(arm: Arm, options: FeasibilityOptions, path: JointPath) {
        self.arm = arm
        self.options = options
        self.path = path
        margins = Array(repeating: Array(repeating: nil, count: path.count), count: FeasibilityCheck.allCases.count)
        stretch = Array(repeating: nil, count: path.count)
        for kind in LimitKind.allCases where kind != .position {
            for joint in arm.joints {
                extremes.append(
                    JointExtreme(
                        joint: joint.name, kind: kind, value: 0, limit: joint[kind], unit: kind.unit(joint.kind), frame: 0,
                        source: arm.sources[kind]))
            }
        }
    }

    static let columns = Dictionary(uniqueKeysWithValues: FeasibilityCheck.allCases.enumerated().map { ($1, $0) })
    static func column(_ check: FeasibilityCheck) -> Int { columns[check] ?? 0 }

    private mutating func keep(_ margin: Double, _ check: FeasibilityCheck, _ frame: Int) -> Bool {
        let c = Self.column(check)
        if margin < margins[c][frame] ?? .infinity { margins[c][frame] = margin }
        return margin < 0
    }

    mutating func add(
        _ check: FeasibilityCheck, frame: Int, margin: Double, element: String?, value: Double, limit: Double, unit: String, source: String,
        assumed: Bool
    ) {
        guard keep(margin, check, frame) else { return }
        findings.append(
            Finding(
                check: check, frame: frame, margin: margin, element: element, value: value, limit: limit, unit: unit, source: source,
                assumed: assumed, fails: !assumed || options.assumedLimitsFail))
    }

    /// - Parameter limit: the limit there; nil: the joint's own.
    mutating func addLimit(
        _ check: FeasibilityCheck, _ kind: LimitKind, frame: Int, joint: Int, value: Double, fraction: Double, limit there: Double? = nil
    ) {
        let index = (LimitKind.allCases.firstIndex(of: kind) ?? 1) - 1
        let row = index * arm.joints.count + joint
        if abs(value) > abs(extremes[row].value) {
            extremes[row].value = value
            extremes[row].frame = frame
        }
        guard let limit = there ?? arm.joints[joint][kind] else { return }
        let allowed = max(limit * fraction, 1e-9)
        let margin = 1 - abs(value) / allowed
        guard keep(margin, check, frame) else { return }
        add(
            check, frame: frame, margin: margin, element: arm.joints[joint].name, value: value, limit: allowed,
            unit: kind.unit(arm.joints[joint].kind), source: fractionText(fraction, limit) + (arm.sources[kind] ?? ""),
            assumed: arm.sources.isAssumed(kind))
    }

    /// A singular value under `options.singular` fails, under `options.nearSingular` warns; the margin is 0 at the former.
    mutating func addSingularity(_ value: Double, frame: Int) {
        let margin = min(1, (value - options.singular) / max(options.nearSingular - options.singular, 1e-9))
        let source = "smallest singular value of the Jacobian"
        add(
            .singularity, frame: frame, margin: margin, element: nil, value: value, limit: options.singular, unit: "m", source: source,
            assumed: false)
        guard margin >= 0, value < options.nearSingular else { return }
        findings.append(
            Finding(
                check: .singularity, frame: frame, margin: margin, element: nil, value: value, limit: options.nearSingular, unit: "m",
                source: source,
                assumed: false, fails: false))
    }

    /// How far the motion's tool is from the recorded one, m and rad.
    mutating func addDeviation(position: Double, rotation: Double, allowed: (position: Double, rotation: Double), frame: Int) {
        let isPosition = position / allowed.position >= rotation / allowed.rotation
        deviation = (max(deviation.position, position), max(deviation.rotation, rotation))
        add(
            .toolDeviation, frame: frame, margin: 1 - max(position / allowed.position, rotation / allowed.rotation), element: nil,
            value: isPosition ? position * 1000 : rotation * 180 / .pi,
            limit: isPosition ? allowed.position * 1000 : allowed.rotation * 180 / .pi, unit: isPosition ? "mm" : "deg",
            source: "tool path as recorded", assumed: false)
    }

    private func fractionText(_ fraction: Double, _ limit: Double) -> String {
        fraction == 1 ? "" : "\(shortest(fraction)) × \(shortest(limit)), "
    }

    mutating func addClearance(_ check: FeasibilityCheck, frame: Int, _ clearance: Clearance, least: Double, source: String) {
        let room = clearance.distance - least
        add(
            check, frame: frame, margin: min(1, room / max(options.farClearance, 1e-6)), element: clearance.element,
            value: clearance.distance * 1000,
            limit: least * 1000, unit: "mm", source: source, assumed: false)
        guard room >= 0, clearance.distance < options.nearClearance else { return }
        findings.append(
            Finding(
                check: check, frame: frame, margin: room, element: clearance.element, value: clearance.distance * 1000,
                limit: options.nearClearance * 1000, unit: "mm", source: source, assumed: false, fails: false))
    }

    /// Fast joints beside a span out of reach, while the arm is stretched or without a pause from there, are part of that span.
    mutating func shadowReach() {
        let reach = Self.column(.outOfReach)
        guard options.reachShadow > 0 else { return }
        let seconds = path.times.map(\.seconds)
        let dynamic: [FeasibilityCheck] = [.singularity, .jointVelocity, .jointAcceleration, .jointTorque, .jointJerk, .jointTorqueRate]
        var fast = [Bool](repeating: false, count: path.count)
        for finding in findings where finding.fails && dynamic.contains(finding.check) { fast[finding.frame] = true }
        var shadowed = [Bool](repeating: false, count: path.count)
        for direction in [1, -1] {
            var left: Double?
            var at = direction > 0 ? 0 : path.count - 1
            while at >= 0, at < path.count {
                if (margins[reach][at] ?? 1) < 0 {
                    left = seconds[at]
                } else if let since = left {
                    let near = abs(seconds[at] - since) <= options.reachShadow
                    if near, let value = stretch[at], value < options.stretching || fast[at] { shadowed[at] = true } else { left = nil }
                }
                at += direction
            }
        }
        // Only frames at which something is violated are taken over; the others stay feasible.
        var moved = Set<Int>()
        findings.removeAll { finding in
            guard shadowed[finding.frame], dynamic.contains(finding.check) else { return false }
            if finding.fails { moved.insert(finding.frame) }
            return true
        }
        for frame in moved.sorted() {
            margins[reach][frame] = -1e-9
            findings.append(
                Finding(
                    check: .outOfReach, frame: frame, margin: -1e-9, element: nil, value: path.positionResidual[frame] * 1000,
                    limit: options.reachPosition * 1000, unit: "mm", source: "the arm is stretched towards a point out of reach",
                    assumed: false,
                    fails: true))
        }
        for check in dynamic { for frame in 0..<path.count where shadowed[frame] { margins[Self.column(check)][frame] = nil } }
    }

    func report(noise: Double, smoothing: String) -> FeasibilityReport {
        let spans = makeSpans()
        var reasons = [FeasibilityCheck?](repeating: nil, count: path.count)
        for finding in findings where finding.fails {
            if let old = reasons[finding.frame], Self.column(old) <= Self.column(finding.check) { continue }
            reasons[finding.frame] = finding.check
        }
        let columns = FeasibilityCheck.allCases.map { check in
            let values = margins[Self.column(check)]
            let worst = values.indices.filter { values[$0] != nil }.min { (values[$0] ?? 0) < (values[$1] ?? 0) }
            return FeasibilityMargin(check: check, values: values, worst: worst.flatMap { values[$0] }, worstFrame: worst)
        }
        var unchecked: [String] = []
        for kind in LimitKind.allCases where kind != .position && arm.joints.contains(where: { $0[kind] == nil }) {
            unchecked.append("\(kind.rawValue): no limit is known for \(arm.name)")
        }
        if arm.isProjected {
            let most = (path.projectedRotation.max() ?? 0) * 180 / .pi
            unchecked.append("rotation: up to \(shortest(most))° are left out, which \(arm.name) with \(arm.jointCount) joints cannot take")
        }
        return FeasibilityReport(
            arm: arm.name, frames: path.count, feasible: reasons.allSatisfy { $0 == nil }, verdict: verdict(spans, reasons),
            reasons: reasons,
            spans: spans, margins: columns, extremes: extremes, unchecked: unchecked, smoothing: smoothing,
            positionNoise: noise, positionDeviation: deviation.position, rotationDeviation: deviation.rotation)
    }

    private func verdict(_ spans: [FeasibilitySpan], _ reasons: [FeasibilityCheck?]) -> String {
        let bad = reasons.filter { $0 != nil }.count
        guard bad > 0 else { return "feasible for \(arm.name)" }
        let words = FeasibilityCheck.allCases.filter { check in spans.contains { $0.fails && $0.check == check } }.map(\.rawValue)
        let worst = spans.first { $0.fails && $0.check.rawValue == words.first }
        return "\(bad) of \(path.count) frames infeasible for \(arm.name): \(words.joined(separator: ", "))"
            + (worst.map { "; \($0.detail)" } ?? "")
    }

    /// Runs of findings of one check and one element, in the order of time.
    private func makeSpans() -> [FeasibilitySpan] {
        struct Key: Hashable {
            var check: Int
            var element: String
            var fails: Bool
        }
        var groups: [Key: [Finding]] = [:]
        for finding in findings {
            // A collision is one span whatever the links are; a joint is a span of its own.
            let collision = [.selfCollision, .tableCollision, .obstacleCollision].contains(finding.check)
            groups[
                Key(check: Self.column(finding.check), element: collision ? "" : finding.element ?? "", fails: finding.fails), default: []
            ]
            .append(finding)
        }
        var spans: [FeasibilitySpan] = []
        for (_, group) in groups.sorted(by: { ($0.key.check, $0.key.element) < ($1.key.check, $1.key.element) }) {
            let sorted = group.sorted { $0.frame < $1.frame }
            var run: [Finding] = []
            for finding in sorted {
                if let last = run.last, path.times[finding.frame] - path.times[last.frame] > max(options.mergeGap, 0),
                    finding.frame > last.frame + 1
                {
                    spans.append(span(run))
                    run = []
                }
                run.append(finding)
            }
            if !run.isEmpty { spans.append(span(run)) }
        }
        return spans.sorted {
            ($0.firstFrame, Self.column($0.check), $0.element ?? "") < ($1.firstFrame, Self.column($1.check), $1.element ?? "")
        }
    }

    private func span(_ run: [Finding]) -> FeasibilitySpan {
        let worst = run.min { $0.margin < $1.margin } ?? run[0]
        let first = run[0].frame
        let last = run[run.count - 1].frame
        let start = path.times[first].seconds
        let end = path.times[last].seconds
        let time = path.times[worst.frame].seconds
        let name = worst.element.map { "\($0): " } ?? ""
        let detail =
            "\(worst.check.rawValue): \(name)\(shortest(worst.value)) \(worst.unit) at \(time.fixed(3)) s (frame \(worst.frame)), limit "
            + "\(shortest(worst.limit)) \(worst.unit)" + (worst.source.isEmpty ? "" : " (\(worst.source))")
            + (worst.fails ? "" : ", warning")
        return FeasibilitySpan(
            check: worst.check, fails: worst.fails, element: worst.element, firstFrame: first, endFrame: last + 1, startSeconds: start,
            endSeconds: end, worstFrame: worst.frame, worstSeconds: time, worst: worst.value, limit: worst.limit, unit: worst.unit,
            source: worst.source, assumed: worst.assumed, detail: detail)
    }
}

/// A number for people: four significant digits or so, without zeros at the end.
func shortest(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let digits = abs(value) >= 100 ? 1 : abs(value) >= 1 ? 3 : 4
    var text = value.fixed(digits)
    while text.contains("."), text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
}

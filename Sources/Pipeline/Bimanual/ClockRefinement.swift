internal import Geometry
internal import Imaging
internal import Session

/// One gripper's recording as the clocks' refinement sees it.
struct ClockSide: Sendable {
    /// Without lost frames.
    var camera: Trajectory<Table, Camera>
    /// Intrinsics for the recording, tags of its own gripper.
    var device: Device
    var times: [Timestamp<VideoClock>]
    /// By frame.
    var tags: [[TagDetection]]

    init(camera: Trajectory<Table, Camera>, device: Device, times: [Timestamp<VideoClock>], tags: [[TagDetection]]) {
        let known = camera.states.indices.filter { camera.states[$0] != .lost }
        self.camera = Trajectory(times: known.map { camera.times[$0] }, poses: known.map { camera.poses[$0] })
        self.device = device
        self.times = times
        self.tags = tags
    }
}

/// The offset between two videos' clocks from what both cameras have of one another.
///
/// Tags on one gripper, seen by the other's camera while both are known in the table's frame, fix the offset at which their places fit best:
/// corner residuals in pixels, each corner at its own row's time, with a robust (Cauchy) kernel; the offset and a constant error of place
/// are estimated together by Gauss-Newton, after a scan of the window. Without such tags, equal turning of both (one object in two hands)
/// gives the offset by correlation.
struct ClockRefinement {
    var right: ClockSide
    var left: ClockSide
    var options: PairOptions

    struct Result {
        /// Left video time = right video time + offset.
        var offset: Double
        var sigma: Double
        var sightings: Int
        /// Median corner residual, pixels.
        var residual: Double
    }

    /// A corner of the other's tag in a picture of `fromRight`'s side.
    private struct Corner {
        var fromRight: Bool
        var time: Timestamp<VideoClock>
        var pixel: Vector2
        /// In the seen gripper's camera frame.
        var point: Vector3
    }

    /// By tags; nil where too few are seen or they do not tell the offset well enough.
    func byTags(around stated: Double, window: Double) -> Result? {
        let corners = corners(of: right, seeing: left, fromRight: true) + corners(of: left, seeing: right, fromRight: false)
        guard corners.count >= 4 * options.minimumSightings else { return nil }
        var best = (offset: stated, cost: Double.infinity)
        let steps = Int((window / 0.002).rounded(.up))
        for k in -steps...steps {
            let offset = stated + Double(k) * 0.002
            let cost = cost(corners, offset: offset, shift: .zero)
            if cost < best.cost { best = (offset, cost) }
        }
        guard best.cost.isFinite else { return nil }
        return refined(corners, from: best.offset)
    }

    private func refined(_ corners: [Corner], from start: Double) -> Result? {
        var x = [start, 0, 0, 0]
        var information = [[Double]](repeating: [0, 0, 0, 0], count: 4)
        let steps = [1e-3, 1e-4, 1e-4, 1e-4]
        func shift(_ x: [Double]) -> Vector3 { Vector3(x[1], x[2], x[3]) }
        for _ in 0..<12 {
            var h = [[Double]](repeating: [0, 0, 0, 0], count: 4)
            var g = [0.0, 0, 0, 0]
            for corner in corners {
                guard let r = residual(corner, offset: x[0], shift: shift(x)) else { continue }
                var columns: [Vector2] = []
                for p in 0..<4 {
                    var (up, down) = (x, x)
                    up[p] += steps[p]
                    down[p] -= steps[p]
                    guard let a = residual(corner, offset: up[0], shift: shift(up)),
                        let b = residual(corner, offset: down[0], shift: shift(down))
                    else { break }
                    columns.append((a - b) / (2 * steps[p]))
                }
                guard columns.count == 4 else { continue }
                let weight = 1 / (1 + (r * r).sum() / (options.cornerScale * options.cornerScale))
                for i in 0..<4 {
                    g[i] -= weight * (columns[i] * r).sum()
                    for j in 0..<4 { h[i][j] += weight * (columns[i] * columns[j]).sum() }
                }
            }
            for i in 1..<4 {
                h[i][i] += 1 / (options.placeSigma * options.placeSigma)
                g[i] -= x[i] / (options.placeSigma * options.placeSigma)
            }
            guard let step = Self.solved(h, g) else { return nil }
            for i in 0..<4 { x[i] += step[i] }
            information = h
            if abs(step[0]) < 1e-6 { break }
        }
        let sizes = corners.compactMap { residual($0, offset: x[0], shift: shift(x)).map { ($0 * $0).sum().squareRoot() } }.sorted()
        guard sizes.count >= 4 * options.minimumSightings, let variance = Self.solved(information, [1, 0, 0, 0])?[0], variance > 0 else {
            return nil
        }
        let median = sizes[sizes.count / 2]
        // A Rayleigh distribution's median is 1.177 σ. The corners of one sighting err together: they count as one.
        let scatter = (variance * 4).squareRoot() * max(median / 1.177, 0.1)
        let sigma = (scatter * scatter + options.offsetFloor * options.offsetFloor).squareRoot()
        guard sigma <= options.maximumOffsetSigma else { return nil }
        return Result(offset: x[0], sigma: sigma, sightings: sizes.count / 4, residual: median)
    }

    private func corners(of observer: ClockSide, seeing other: ClockSide, fromRight: Bool) -> [Corner] {
        var out: [Corner] = []
        for (frame, detections) in observer.tags.enumerated() where observer.times.indices.contains(frame) {
            for detection in detections {
                guard let tag = other.device.bodyTags.first(where: { $0.id == detection.id }), detection.corners.count == 4 else {
                    continue
                }
                for (pixel, corner) in zip(detection.corners, TableTag.corners(size: tag.size)) {
                    let time = observer.device.time(ofRow: pixel.y, in: observer.times[frame])
                    out.append(Corner(fromRight: fromRight, time: time, pixel: pixel, point: tag.cameraFromTag * corner))
                }
            }
        }
        return out
    }

    /// Predicted minus seen, pixels; nil where a pose is missing or the corner cannot be seen.
    private func residual(_ corner: Corner, offset: Double, shift: Vector3) -> Vector2? {
        let (observer, other) = corner.fromRight ? (right, left) : (left, right)
        let sign = corner.fromRight ? 1.0 : -1.0
        guard let tableFromObserver = observer.camera.interpolated(at: corner.time, maximumGap: 0.1),
            let tableFromOther = other.camera.interpolated(at: corner.time + sign * offset, maximumGap: 0.1)
        else { return nil }
        let point = tableFromOther * corner.point + sign * shift
        guard let pixel = observer.device.camera.project(tableFromObserver.inverse * point) else { return nil }
        return pixel - corner.pixel
    }

    /// Mean robust cost; infinite where too little can be compared.
    private func cost(_ corners: [Corner], offset: Double, shift: Vector3) -> Double {
        var sum = 0.0
        var count = 0
        for corner in corners {
            guard let r = residual(corner, offset: offset, shift: shift) else { continue }
            let q = (r * r).sum() / (options.cornerScale * options.cornerScale)
            sum += q / (1 + q)
            count += 1
        }
        return count >= 4 * options.minimumSightings ? sum / Double(count) : .infinity
    }

    /// Solves a small symmetric positive system by Cholesky; nil where it is singular.
    private static func solved(_ h: [[Double]], _ g: [Double]) -> [Double]? {
        let n = g.count
        var l = h
        for j in 0..<n {
            for k in 0..<j { l[j][j] -= l[j][k] * l[j][k] }
            guard l[j][j] > 0 else { return nil }
            l[j][j] = l[j][j].squareRoot()
            for i in (j + 1)..<max(n, j + 1) {
                for k in 0..<j { l[i][j] -= l[i][k] * l[j][k] }
                l[i][j] /= l[j][j]
            }
        }
        var x = g
        for i in 0..<n {
            for k in 0..<i { x[i] -= l[i][k] * x[k] }
            x[i] /= l[i][i]
        }
        for i in (0..<n).reversed() {
            for k in (i + 1)..<max(n, i + 1) { x[i] -= l[k][i] * x[k] }
            x[i] /= l[i][i]
        }
        return x
    }

    /// By correlation of both turning speeds, at 200 Hz; nil where they are not alike enough.
    func byMotion(around stated: Double, window: Double) -> Result? {
        let step = 0.005
        guard let first = right.camera.times.first, let last = right.camera.times.last else { return nil }
        let count = Int((last - first) / step)
        guard count > 100 else { return nil }
        func speed(_ side: ClockSide, _ time: Timestamp<VideoClock>) -> Double? {
            guard let a = side.camera.interpolated(at: time + -0.02, maximumGap: 0.1),
                let b = side.camera.interpolated(at: time + 0.02, maximumGap: 0.1)
            else { return nil }
            return (a.rotation.inverse * b.rotation).vector.length / 0.04
        }
        let reference = (0..<count).map { speed(right, first + Double($0) * step) }
        func correlation(_ offset: Double) -> Double {
            var pairs: [(Double, Double)] = []
            for (k, a) in reference.enumerated() {
                if let a, let b = speed(left, first + Double(k) * step + offset) { pairs.append((a, b)) }
            }
            guard pairs.count > 100 else { return -1 }
            let n = Double(pairs.count)
            let (ma, mb) = (pairs.reduce(0) { $0 + $1.0 } / n, pairs.reduce(0) { $0 + $1.1 } / n)
            let ab = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.1 - mb) }
            let aa = pairs.reduce(0) { $0 + ($1.0 - ma) * ($1.0 - ma) }
            let bb = pairs.reduce(0) { $0 + ($1.1 - mb) * ($1.1 - mb) }
            return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : -1
        }
        let steps = Int((window / step).rounded(.up))
        let values = (-steps...steps).map { correlation(stated + Double($0) * step) }
        guard let k = values.indices.max(by: { values[$0] < values[$1] }), values[k] >= options.minimumCorrelation else { return nil }
        guard k > 0, k + 1 < values.count else { return nil }
        let curve = values[k - 1] - 2 * values[k] + values[k + 1]
        let fraction = curve < 0 ? 0.5 * (values[k - 1] - values[k + 1]) / curve : 0
        return Result(
            offset: stated + (Double(k - steps) + fraction) * step, sigma: options.correlationSigma, sightings: 0, residual: 0)
    }
}

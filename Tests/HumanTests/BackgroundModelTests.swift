import Geometry
import Imaging
import Session
import Testing

@testable import Human

@Suite struct BackgroundModelTests {
    /// Energy of a labelling: a pixel of the label pays nothing where its score is positive, each cut edge its cost.
    private static func energy(_ labels: [Bool], _ score: [Float], _ right: [Float], _ down: [Float], _ w: Int, _ h: Int) -> Float {
        var sum: Float = 0
        for i in labels.indices {
            sum += labels[i] ? max(0, -score[i]) : max(0, score[i])
            if i % w + 1 < w, labels[i] != labels[i + 1] { sum += right[i] }
            if i + w < w * h, labels[i] != labels[i + w] { sum += down[i] }
        }
        return sum
    }

    @Test func `the cut is the cheapest of all labellings`() {
        var state: UInt64 = 3
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        let (w, h) = (4, 3)
        for _ in 0..<60 {
            let score: [Float] = (0..<(w * h)).map { _ in 4 * next() - 2 }
            let right: [Float] = (0..<(w * h)).map { $0 % w + 1 < w ? 2 * next() : 0 }
            let down: [Float] = (0..<(w * h)).map { $0 + w < w * h ? 2 * next() : 0 }
            let found = GraphCut.label(score: score, right: right, down: down, width: w, height: h)
            var best = Float.infinity
            for code in 0..<(1 << (w * h)) {
                let labels: [Bool] = (0..<(w * h)).map { (code >> $0) & 1 == 1 }
                best = min(best, Self.energy(labels, score, right, down, w, h))
            }
            #expect(abs(Self.energy(found, score, right, down, w, h) - best) < 1e-3)
        }
    }

    @Test func `a forest learns what no single threshold tells apart`() {
        var features: [[Float]] = []
        var labels: [Bool] = []
        for i in 0..<400 {
            let (x, y) = (Float(i % 20) / 20, Float(i / 20) / 20)
            features.append([x, y])
            labels.append((x < 0.5) != (y < 0.5))
        }
        let forest = Forest(features: features, labels: labels, seed: 1)
        let right = zip(features, labels).filter { (forest.probability($0) > 0.5) == $1 }.count
        #expect(right > 380)
    }

    /// Depth of the desk, and an arm that lies still before it.
    @Test func `the scene's depth is known from a recording without the arm`() throws {
        var empty = SyntheticDesk(arm: false)
        empty.frames = 60
        let scan = empty.shots()
        var desk = SyntheticDesk(arm: true)
        desk.frames = 60
        desk.keepsStill = true
        let shots = desk.shots()
        let masker = try HumanMasker(device: desk.device, mask: try desk.deviceMask(shots))
        let scene = try #require(try masker.background(stream: empty.stream(scan), poses: empty.poses, tags: [:]))
        let pose = try #require(RowPoses(trajectory: desk.poses, frame: 20, rows: masker.geometry.nodes.rows, readout: 0))
        let depth = DepthMap(cloud: scene.cloud, poses: pose, warp: masker.geometry.nodes)
        var errors: [Double] = []
        for node in depth.distances.indices where depth.distances[node] > 0 {
            guard let bearing = masker.geometry.nodes.bearing(node) else { continue }
            let d = desk.tableFromCamera(20).rotation * bearing
            guard d.z < -0.3 else { continue }
            let truth = -desk.tableFromCamera(20).translation.z / d.z
            errors.append(abs(Double(depth.distances[node]) / truth - 1))
        }
        #expect(errors.count > 400)
        #expect(errors.sorted()[errors.count / 2] < 0.02, "median relative depth error")
    }
}

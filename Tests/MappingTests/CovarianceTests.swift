import Estimation
import Geometry
import Session
import Testing

@testable import Mapping

/// Stated covariances against true errors, over many draws of the noise.
struct CovarianceTests {
    /// One frame's pose from points with noise: its error, whitened by the stated covariance, has six squares of size one.
    @Test func ofOneFrameFromPoints() throws {
        var random = RandomSource(seed: 31)
        let recording = SyntheticRecording()
        let t = 1.0
        let truth = recording.mapFromBody(t)
        let device = SyntheticRecording.device
        let h = 1e-4
        let rate = (recording.mapFromBody(t - h).rotation.inverse * recording.mapFromBody(t + h).rotation).vector / (2 * h)
        let velocity = (recording.mapFromBody(t + h).translation - recording.mapFromBody(t - h).translation) / (2 * h)
        let motion = RowMotion(rate: rate, velocity: truth.rotation.inverse * velocity)
        let exact = SyntheticRecording.Scene(seed: 2, count: 80).points.compactMap { p in recording.pixel(of: p, at: t).map { (p, $0) } }
        #expect(exact.count > 20)
        // Without a robust loss, which has no covariance of its own.
        let refinement = PoseRefinement(device: DeviceEstimate(device, camera: device.camera), lossScale: 1e6, rejection: 4)
        let draws = 400
        var sum = 0.0
        var inside = 0
        for _ in 0..<draws {
            let seen = exact.map { Sighting(point: $0.0, pixel: $0.1 + Vector2(random.normal(), random.normal()) * 0.4, sigma: 0.4) }
            let start = Transform<Map, Body>(
                rotation: truth.rotation * Rotation(vector: Vector3(0.01, -0.01, 0.02)),
                translation: truth.translation + Vector3(0.01, 0, 0))
            let found = try #require(refinement.refine(start, sightings: seen) { _ in motion })
            let covariance = try #require(found.covariance)
            let (dp, dr) = (found.pose.translation - truth.translation, (truth.rotation.inverse * found.pose.rotation).vector)
            var e = DenseMatrix(rows: 6, columns: 1)
            for k in 0..<3 { (e.values[k], e.values[3 + k]) = (dp[k], dr[k]) }
            let square = (e.transposed * (try #require(covariance.symmetricInverse)) * e).values[0]
            sum += square
            // 95 % of χ² with six degrees of freedom.
            if square < 12.592 { inside += 1 }
        }
        // Standard errors over 400 draws: 0.17 of the mean, 1.1 % of the share.
        #expect(abs(sum / Double(draws) - 6) < 0.7, "\(sum / Double(draws))")
        #expect(abs(Double(inside) / Double(draws) - 0.95) < 0.035, "\(inside) of \(draws)")
    }

    /// Whole maps and demos: errors are shared by all frames of a recording, so only many recordings tell.
    @Test func ofMapsAndDemos() throws {
        var (maps, demos): ([TrajectoryEvaluation], [TrajectoryEvaluation]) = ([], [])
        for seed in 1...5 as ClosedRange<UInt64> {
            let scene = SyntheticRecording.Scene(seed: 40 + seed)
            var m = SyntheticRecording()
            (m.seed, m.phase, m.duration) = (seed, 1.3 * Double(seed), 6)
            let made = try Mapper.build(tracks: m.tracks(scene), inertial: m.inertial(), device: SyntheticRecording.device)
            maps.append(try TrajectoryEvaluation.compare(made.trajectory, truth: m.truth()))
            var d = SyntheticRecording()
            (d.seed, d.phase, d.duration, d.showsTag) = (seed + 100, 20 + 2.1 * Double(seed), 3, false)
            let l = try Localizer.localize(tracks: d.tracks(scene), inertial: d.inertial(), device: SyntheticRecording.device, in: made.map)
            demos.append(try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth()))
        }
        func mean(_ list: [TrajectoryEvaluation], _ key: (TrajectoryEvaluation) -> Double?) throws -> Double {
            try list.map { try #require(key($0)) }.reduce(0, +) / Double(list.count)
        }
        for (name, list) in [("maps", maps), ("demos", demos)] {
            let position = try mean(list) { $0.positionCoverage }
            let rotation = try mean(list) { $0.rotationCoverage }
            let error = try mean(list) { $0.normalizedPositionError }
            print("\(name): inside the 95 % ellipsoid: position \(position), rotation \(rotation); normalised square \(error)")
            // Five recordings' shared errors: one of them outside for half of its frames takes a tenth off.
            #expect(position > 0.85, "\(name): \(position)")
            #expect(rotation > 0.85, "\(name): \(rotation)")
            // Three squares of size one: not so careful that the covariance says nothing.
            #expect(error > 0.3 && error < 5, "\(name): \(error)")
        }
    }

    /// Errors of a first-order process, correlated by 0.8 from one to the next: a mean's variance is (1 + 0.8) / (1 - 0.8) times as large.
    @Test func ofErrorsThatLast() {
        var random = RandomSource(seed: 9)
        func runs(_ correlation: Double) -> [[Vector2]] {
            (0..<200).map { _ in
                var e = Vector2(random.normal(), random.normal())
                return (0..<60).map { _ in
                    e = correlation * e + (1 - correlation * correlation).squareRoot() * Vector2(random.normal(), random.normal())
                    return e
                }
            }
        }
        let lasting = TrackCorrelation(runs(0.8), longest: 40, floor: 0.05, least: 100)
        #expect(abs(lasting.inflation - 9) < 1.5, "\(lasting.inflation)")
        #expect(abs(lasting.values[0] - 0.8) < 0.03)
        #expect(TrackCorrelation(runs(0), longest: 40, floor: 0.05, least: 100).inflation == 1)
        #expect(TrackCorrelation([], longest: 40, floor: 0.05, least: 100).inflation == 1)
    }

    /// Followed points that drift, as real ones do: the recording's own residuals tell, and the stated errors grow with the true ones.
    @Test(arguments: [true, false]) func ofPointsThatDrift(withInertial: Bool) throws {
        let device = SyntheticRecording.device
        var inside: [Double] = []
        for seed in 1...3 as ClosedRange<UInt64> {
            var m = SyntheticRecording()
            (m.seed, m.phase, m.duration, m.pixelNoise, m.pixelDrift) = (seed, 1.3 * Double(seed), 4, 0.1, 0.4)
            let made = try Mapper.build(
                tracks: m.tracks(SyntheticRecording.Scene(seed: 60 + seed, count: 800)), inertial: withInertial ? m.inertial() : nil,
                device: device)
            let e = try TrajectoryEvaluation.compare(made.trajectory, truth: m.truth())
            inside.append(try #require(e.positionCoverage))
        }
        #expect(inside.reduce(0, +) / 3 > 0.8, "\(inside)")
    }
}

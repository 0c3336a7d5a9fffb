import Geometry
import Mapping
import Session
import Testing

/// The back end against analytic truth: no pictures, so that errors of tracking and of estimation are not mixed.
struct SyntheticMappingTests {
    static let scene = SyntheticRecording.Scene(seed: 5, count: 800)

    static func mapping() -> SyntheticRecording {
        var m = SyntheticRecording()
        m.duration = 5
        m.seed = 3
        return m
    }

    @Test func mapsAndLocalizesToAMillimeter() throws {
        let m = Self.mapping()
        let device = SyntheticRecording.device
        let result = try Mapper.build(tracks: m.tracks(Self.scene), inertial: m.inertial(), device: device)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        #expect(e.completeness == 1)
        #expect(e.positionRMSE < 1e-3, "map: \(e.positionRMSE * 1e3) mm")
        #expect(e.rotationRMSEDegrees < 0.08)
        #expect(e.positionRMSEUnaligned < 4e-3, "the table frame is right without alignment")
        #expect(abs(e.scale - 1) < 3e-3)
        // The IMU's biases are found, too.
        #expect(abs(result.statistics.gyroscopeBias[0] - m.gyroscopeBias.x) < 1e-3)
        #expect(abs(result.statistics.accelerometerBias[2] - m.accelerometerBias.z) < 0.03)

        // A demo with other motion, a moved object, and half a second in which nothing is seen.
        var d = SyntheticRecording()
        d.phase = 20
        d.duration = 3
        d.seed = 9
        d.movingPoints = 100
        d.showsTag = false
        // Between keyframes: tracks begin at keyframes.
        d.blind = 42..<56
        let tracks = d.tracks(Self.scene)
        let l = try Localizer.localize(tracks: tracks, inertial: d.inertial(), device: device, in: result.map)
        let f = try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth())
        #expect(l.verdict == .complete)
        #expect(f.completeness == 1)
        #expect(f.positionRMSE < 2e-3, "demo: \(f.positionRMSE * 1e3) mm")
        #expect(f.rotationRMSEDegrees < 0.1)
        #expect(f.positionRMSEUnaligned < 5e-3)
        for i in 0..<90 { #expect(l.trajectory.states[i] == (d.blind.contains(i) ? .bridged : .tracked), "frame \(i)") }
        // What the IMU alone carries is known less well, and says so.
        let held = try #require(l.trajectory.covariances[20])
        let bridged = try #require(l.trajectory.covariances[47])
        #expect(bridged.positionSigma > held.positionSigma)

        // Twice the same bytes.
        let again = try Localizer.localize(tracks: tracks, inertial: d.inertial(), device: device, in: result.map)
        #expect(again.trajectory.poses == l.trajectory.poses)
        #expect(again.trajectory.covariances == l.trajectory.covariances)

        // Another scene: lost, with numbers, as a value.
        let elsewhere = SyntheticRecording.Scene(seed: 99, count: 800)
        let lost = try Localizer.localize(tracks: d.tracks(elsewhere), inertial: d.inertial(), device: device, in: result.map)
        guard case .lost(let reason) = lost.verdict else {
            Issue.record("a demo of another scene was localised: \(lost.verdict)")
            return
        }
        #expect(reason.contains("keyframes"))
        #expect(lost.trajectory.count == 90)
        #expect(lost.trajectory.states.allSatisfy { $0 == .lost })
    }

    /// A device file that is wrong about clock, lens, the camera's direction and an accelerometer that is off: the batch finds out.
    @Test func findsWhatTheDeviceFileHasWrong() throws {
        var m = Self.mapping()
        m.accelerometerScale = Vector3(1.005, 0.995, 1.005)
        var device = SyntheticRecording.device
        device.clockOffset = ClockOffset(seconds: device.clockOffset.seconds - 0.04)
        device.camera.focalLength = device.camera.focalLength * 1.003
        device.camera.principalPoint += Vector2(0.8, -0.6)
        device.readout *= 0.85
        device.bodyFromCamera = Transform(
            rotation: device.bodyFromCamera.rotation * Rotation(vector: Vector3(0.004, -0.003, 0.003)),
            translation: device.bodyFromCamera.translation)
        // So poor a calibration is said to be one.
        var options = MapOptions()
        options.batch.cameraTurnSigmaDegrees = 0.3
        options.batch.principalPointSigma = 0.002
        options.batch.focalLengthSigma = 0.003
        let result = try Mapper.build(tracks: m.tracks(Self.scene), inertial: m.inertial(), device: device, options: options)
        let s = result.statistics
        #expect(abs(s.clockCorrection - 0.04) < 1e-3, "clock off by \(s.clockCorrection) s")
        #expect(abs(result.map.camera.focalLength.x - 141.4) < 0.15, "focal length \(result.map.camera.focalLength.x)")
        #expect(abs(result.map.camera.principalPoint.x - 239.5) < 0.3)
        #expect(abs(s.accelerometerGain[2] * 1.005 - 1) < 0.003, "gain \(s.accelerometerGain)")
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        #expect(e.completeness == 1)
        #expect(e.positionRMSE < 1e-3, "map: \(e.positionRMSE * 1e3) mm")
        #expect(abs(e.scale - 1) < 3e-3, "scale \(e.scale)")

        // A demo by the same device begins from what the map found out.
        var d = SyntheticRecording()
        d.phase = 20
        d.duration = 3
        d.seed = 9
        d.accelerometerScale = m.accelerometerScale
        let l = try Localizer.localize(tracks: d.tracks(Self.scene), inertial: d.inertial(), device: device, in: result.map)
        let f = try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth())
        #expect(f.completeness == 1)
        #expect(f.positionRMSE < 1e-3, "demo: \(f.positionRMSE * 1e3) mm")
        #expect(f.rotationRMSEDegrees < 0.08)
    }

    /// A demo of which the map holds nothing but the table tag is placed by the tag and its own points.
    @Test func placesADemoByTheTagAlone() throws {
        let m = Self.mapping()
        let device = SyntheticRecording.device
        let map = try Mapper.build(tracks: m.tracks(Self.scene), inertial: m.inertial(), device: device).map
        var d = SyntheticRecording()
        d.phase = 3
        d.duration = 4
        d.seed = 9
        let elsewhere = SyntheticRecording.Scene(seed: 99, count: 800)
        let l = try Localizer.localize(tracks: d.tracks(elsewhere), inertial: d.inertial(), device: device, in: map)
        #expect(l.verdict == .complete)
        let e = try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth())
        #expect(e.positionRMSEUnaligned < 6e-3, "\(e.positionRMSEUnaligned * 1e3) mm")
    }

    /// Without the tag scale and gravity come from the IMU.
    @Test func findsMetricScaleWithoutTheTag() throws {
        var m = Self.mapping()
        m.showsTag = false
        let result = try Mapper.build(tracks: m.tracks(Self.scene), inertial: m.inertial(), device: SyntheticRecording.device)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        #expect(result.statistics.scaleSource == "inertial")
        #expect(result.map.tableFromMap == nil)
        #expect(abs(e.scale - 1) < 0.01, "scale \(e.scale)")
        #expect(e.positionRMSE < 4e-3)
        // The map's z is up: gravity in the truth's frame is −z.
        let up = result.trajectory.poses[30].rotation.inverse * result.map.up
        let trueUp = m.truth().poses[30].rotation.inverse * Vector3(0, 0, 1)
        #expect(up.dot(trueUp) > 0.99995)
    }

    /// With neither tag nor IMU the shape is right, and the map says that its lengths are not metres.
    @Test func picturesAloneGiveShapeWithoutScale() throws {
        var m = Self.mapping()
        m.showsTag = false
        let result = try Mapper.build(tracks: m.tracks(Self.scene), inertial: nil, device: SyntheticRecording.device)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        #expect(!result.map.isMetric && result.statistics.scaleSource == "none")
        #expect(e.completeness == 1)
        #expect(e.positionRMSESim3 < 3e-3)
        #expect(e.rotationRMSEDegrees < 0.2)
    }

    /// A gyroscope alone gives no lengths: with neither tag nor accelerometer there is a map all the same, and a stated length makes it
    /// metric.
    @Test(arguments: [false, true]) func mapsWithoutTagAndAccelerometer(isDead: Bool) throws {
        var m = Self.mapping()
        m.showsTag = false
        var inertial = m.inertial()
        inertial.accelerometer = isDead ? inertial.accelerometer.map { VectorSample(time: $0.time, value: .zero) } : []
        var options = MapOptions()
        let tracks = m.tracks(Self.scene)
        let free = try Mapper.build(tracks: tracks, inertial: inertial, device: SyntheticRecording.device, options: options)
        let e = try TrajectoryEvaluation.compare(free.trajectory, truth: m.truth())
        #expect(!free.map.isMetric && free.statistics.scaleSource == "none" && !free.statistics.knowsUp)
        #expect(e.completeness == 1)
        #expect(e.positionRMSESim3 < 3e-3, "\(e.positionRMSESim3 * 1e3) mm")
        #expect(e.rotationRMSEDegrees < 0.2)

        let places = m.truth().poses.map(\.translation)
        options.statedExtent = places.flatMap { a in places.map { (a - $0).length } }.max() ?? 0
        let stated = try Mapper.build(tracks: tracks, inertial: inertial, device: SyntheticRecording.device, options: options)
        let s = try TrajectoryEvaluation.compare(stated.trajectory, truth: m.truth())
        #expect(stated.map.isMetric && stated.statistics.scaleSource == "stated")
        #expect(abs(s.scale - 1) < 0.01, "scale \(s.scale)")
        #expect(s.positionRMSE < 5e-3, "\(s.positionRMSE * 1e3) mm")

        // Demos of the same device are found in it.
        var d = SyntheticRecording()
        d.phase = 20
        d.duration = 3
        d.seed = 9
        d.showsTag = false
        let l = try Localizer.localize(tracks: d.tracks(Self.scene), inertial: nil, device: SyntheticRecording.device, in: stated.map)
        let f = try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth())
        #expect(f.completeness == 1)
        #expect(f.positionRMSE < 5e-3, "demo: \(f.positionRMSE * 1e3) mm")
    }

    /// However wide apart the views are that a map starts from, its points are as far away as `unscaledDistance` says (truly half a metre).
    @Test(arguments: [1.0, 4.0]) func withoutAScaleItsPointsAreAtTheStatedDistance(parallax: Double) throws {
        var m = Self.mapping()
        m.showsTag = false
        var options = MapOptions()
        options.batch.minimumPairParallax = 4 * parallax
        let result = try Mapper.build(tracks: m.tracks(Self.scene), inertial: nil, device: SyntheticRecording.device, options: options)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        let expected = 0.5 / options.unscaledDistance
        #expect(0.5 * expected < e.scale && e.scale < 2 * expected, "scale \(e.scale)")
    }

    /// A map without a scale has the same shape, whatever length its start is given.
    @Test(arguments: [0.05, 1.7, 4.5]) func withoutAScaleTheStartsLengthDoesNotMatter(distance: Double) throws {
        var m = Self.mapping()
        (m.showsTag, m.duration) = (false, 3)
        let tracks = m.tracks(Self.scene)
        var options = MapOptions()
        let usual = try Mapper.build(tracks: tracks, inertial: nil, device: SyntheticRecording.device, options: options)
        options.batch.startDistance = distance
        let other = try Mapper.build(tracks: tracks, inertial: nil, device: SyntheticRecording.device, options: options)
        let e = try TrajectoryEvaluation.compare(other.trajectory, truth: usual.trajectory)
        #expect(e.positionRMSESim3 < 1e-3, "\(e.positionRMSESim3 * 1e3) mm")
    }

    /// A path of another program's, of any scale, turned and moved, is measured by the IMU; one that the IMU contradicts is not.
    @Test(arguments: [0.3, 1, 2.5]) func measuresAPathByTheIMU(scale: Double) throws {
        var m = Self.mapping()
        m.duration = 6
        let turn = Rotation(vector: Vector3(0.3, -0.8, 1.1))
        let path = Trajectory<Table, Camera>(
            times: m.truth().times,
            poses: m.truth().poses.map {
                Transform(rotation: turn * $0.rotation, translation: turn * ((1 / scale) * $0.translation) + Vector3(1, 2, 3))
            })
        let found = try #require(InertialScale.find(path, inertial: m.inertial(), device: SyntheticRecording.device))
        #expect(abs(found.scale / scale - 1) < max(0.01, 3 * found.sigma), "\(found) for \(scale)")
        #expect(found.sigma < 0.02)
        var other = m
        other.phase = 7
        let wrong = Trajectory<Table, Camera>(
            times: m.truth().times, poses: other.truth().poses.map { $0.relabelled(Table.self, Camera.self) })
        #expect(InertialScale.find(wrong, inertial: m.inertial(), device: SyntheticRecording.device) == nil)
        var inertial = m.inertial()
        inertial.accelerometer = []
        #expect(InertialScale.find(path, inertial: inertial, device: SyntheticRecording.device) == nil)
    }

    @Test func refusesWhatCannotBeMapped() throws {
        var m = Self.mapping()
        m.duration = 1
        m.blind = 0..<30
        #expect(throws: MappingError.self) {
            try Mapper.build(tracks: m.tracks(Self.scene), inertial: m.inertial(), device: SyntheticRecording.device)
        }
    }
}

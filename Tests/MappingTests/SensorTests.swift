import Geometry
import Session
import Testing

@testable import Mapping

/// Planted sensor faults, against analytic truth and against the same recording without an IMU.
struct SensorTests {
    static let scene = SyntheticRecording.Scene(seed: 5, count: 800)
    static let device = SyntheticRecording.device

    static func mapping() -> SyntheticRecording {
        var m = SyntheticRecording()
        m.duration = 5
        m.seed = 3
        return m
    }

    static let tracks = mapping().tracks(scene)
    static let alone = Result { try positions(nil).rmse }

    static func positions(_ inertial: InertialRecording?) throws -> (rmse: Double, statistics: MappingStatistics, completeness: Double) {
        let result = try Mapper.build(tracks: tracks, inertial: inertial, device: device)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: mapping().truth())
        return (e.positionRMSE, result.statistics, e.completeness)
    }

    /// Every fault is named, and the path is at most 1.2 times as far off as from pictures alone.
    @Test(arguments: SensorFault.all) func aFaultIsNamedAndCostsNothing(fault: SensorFault) throws {
        let broken = fault.planted(in: Self.mapping().inertial(), noise: Self.device.inertialNoise)
        let found = try Self.positions(broken)
        #expect(found.completeness == 1)
        #expect(try found.rmse < 1.2 * Self.alone.get(), "\(fault.name): \(1e3 * found.rmse) mm, \(found.statistics.sensors.map(\.note))")
        let sensor: SensorJudgement.Sensor = fault.isGyroscope ? .gyroscope : .accelerometer
        let names: [SensorFault.Kind: SensorJudgement.Fault] = [
            .dead: .dead, .frozen: .frozen, .gain: .gain, .saturated: .saturated, .swapped: .axes, .noise: .noise, .clock: .clock,
            .dropped: .dropped,
        ]
        let own = found.statistics.sensors.filter { $0.sensor == sensor }
        #expect(own.contains { $0.fault == names[fault.kind] }, "\(fault.name): \(found.statistics.sensors.map(\.note))")
    }

    /// The kinds again, with other numbers.
    @Test(arguments: [
        SensorFault(isGyroscope: true, kind: .gain, value: 0.9), SensorFault(isGyroscope: true, kind: .clock, value: -0.3),
        SensorFault(isGyroscope: true, kind: .frozen, value: 1.5), SensorFault(isGyroscope: false, kind: .gain, value: 1.4),
        SensorFault(isGyroscope: false, kind: .clock, value: -0.25), SensorFault(isGyroscope: false, kind: .saturated, value: 0.9),
    ]) func soIsOneOfAnotherSize(fault: SensorFault) throws { try aFaultIsNamedAndCostsNothing(fault: fault) }

    /// What is as stated is not found fault with, and costs nothing.
    @Test func aWorkingSensorIsUsed() throws {
        let found = try Self.positions(Self.mapping().inertial())
        #expect(found.statistics.sensors == [], "\(found.statistics.sensors.map(\.note))")
        let alone = try Self.alone.get()
        #expect(found.rmse < 1.2 * alone, "\(1e3 * found.rmse) mm, without \(1e3 * alone) mm")
    }

    /// In a demo, too; one whose accelerometer gives zeros is localised.
    @Test(arguments: [
        SensorFault(isGyroscope: false, kind: .dead, value: 0), SensorFault(isGyroscope: true, kind: .swapped, value: 0),
        SensorFault(isGyroscope: false, kind: .swapped, value: 0), SensorFault(isGyroscope: true, kind: .dead, value: 0),
    ]) func aDemoWithAFaultIsLocalised(fault: SensorFault) throws {
        let map = try Mapper.build(tracks: Self.tracks, inertial: Self.mapping().inertial(), device: Self.device).map
        var d = SyntheticRecording()
        (d.phase, d.duration, d.seed, d.showsTag) = (20, 4, 9, false)
        let tracks = d.tracks(Self.scene)
        func rmse(_ inertial: InertialRecording?) throws -> (Double, LocalizationResult) {
            let l = try Localizer.localize(tracks: tracks, inertial: inertial, device: Self.device, in: map)
            return (try TrajectoryEvaluation.compare(l.trajectory, truth: d.truth()).positionRMSE, l)
        }
        let alone = try rmse(nil)
        let (found, l) = try rmse(fault.planted(in: d.inertial(), noise: Self.device.inertialNoise))
        #expect(l.verdict == .complete)
        #expect(found < 1.2 * alone.0, "\(fault.name): \(1e3 * found) against \(1e3 * alone.0) mm: \(l.statistics.sensors.map(\.note))")
        #expect(l.statistics.sensors.contains { $0.use == .leftOut })
    }
}

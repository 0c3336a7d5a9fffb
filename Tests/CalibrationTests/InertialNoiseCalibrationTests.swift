import Calibration
import Estimation
import Foundation
import Geometry
import Session
import Testing

/// Noise densities read off a simulated still recording, against those it was made with.
@Suite struct InertialNoiseCalibrationTests {
    static func still(seconds: Double, rate: Double, noise: InertialNoise, sway: Double = 0) -> InertialRecording {
        var random = RandomSource(seed: 77)
        func normal() -> Double {
            let u = Double.random(in: 1e-12..<1, using: &random)
            return (-2 * log(u)).squareRoot() * cos(2 * Double.pi * .random(in: 0..<1, using: &random))
        }
        func vector() -> Vector3 { Vector3(normal(), normal(), normal()) }
        var bias = Vector3(0.01, -0.02, 0.005)
        var force = Vector3(0.1, 0.05, 9.75)
        var recording = InertialRecording(gyroscope: [], accelerometer: [])
        for k in 0..<Int(seconds * rate) {
            let time = Timestamp<InertialClock>(nanoseconds: Int64(Double(k) / rate * 1e9))
            let step = (1 / rate).squareRoot()
            bias += vector() * noise.gyroscopeBiasWalk * step
            force += vector() * noise.accelerometerBiasWalk * step
            let turn = Vector3(0, 0, sway * sin(Double(k) / rate))
            recording.gyroscope.append(VectorSample(time: time, value: bias + turn + vector() * (noise.gyroscopeDensity / step)))
            recording.accelerometer.append(VectorSample(time: time, value: force + vector() * (noise.accelerometerDensity / step)))
        }
        return recording
    }

    @Test func densitiesAndWalksComeBack() throws {
        let truth = InertialNoise(
            gyroscopeDensity: 1.4e-4, accelerometerDensity: 1.1e-3, gyroscopeBiasWalk: 4e-5, accelerometerBiasWalk: 5e-4)
        let result = try InertialNoiseCalibration(still: Self.still(seconds: 1200, rate: 200, noise: truth))
        for axis in 0..<3 {
            #expect(abs(result.gyroscope[axis].density / 1.4e-4 - 1) < 0.05)
            #expect(abs(result.accelerometer[axis].density / 1.1e-3 - 1) < 0.05)
            #expect(abs(result.gyroscope[axis].walk / 4e-5 - 1) < 0.5, "axis \(axis): \(result.gyroscope[axis].walk)")
            #expect(abs(result.accelerometer[axis].walk / 5e-4 - 1) < 0.5, "axis \(axis): \(result.accelerometer[axis].walk)")
        }
        #expect(abs(result.gyroscopeRate - 200) < 0.01)
        let off = (0..<3).flatMap { [result.gyroscope[$0].density / 1.4e-4, result.accelerometer[$0].density / 1.1e-3] }.map { abs($0 - 1) }
        print("figure\tcalibrate.imu_noise\t\((1000 * (off.max() ?? .nan)).rounded() / 10)\t%")
        #expect(abs(result.noise(inflation: 2).gyroscopeDensity / 2.8e-4 - 1) < 0.06)
    }

    @Test func aShortRecordingKeepsTheWalksItCannotShow() throws {
        let truth = InertialNoise(
            gyroscopeDensity: 1.4e-4, accelerometerDensity: 1.1e-3, gyroscopeBiasWalk: 1e-9, accelerometerBiasWalk: 1e-9)
        let result = try InertialNoiseCalibration(still: Self.still(seconds: 65, rate: 200, noise: truth))
        #expect(result.gyroscope.allSatisfy { abs($0.density / 1.4e-4 - 1) < 0.1 })
        let noise = result.noise(inflation: 1, unseen: InertialNoise(gyroscopeBiasWalk: 7e-5))
        #expect(noise.gyroscopeBiasWalk == 7e-5 || noise.gyroscopeBiasWalk < 3e-5, "\(noise.gyroscopeBiasWalk)")
    }

    @Test func movingOrShortIsRefused() {
        let noise = InertialNoise()
        #expect(throws: CalibrationError.self) { try InertialNoiseCalibration(still: Self.still(seconds: 20, rate: 200, noise: noise)) }
        #expect(throws: CalibrationError.self) {
            try InertialNoiseCalibration(still: Self.still(seconds: 65, rate: 200, noise: noise, sway: 0.2))
        }
    }
}

import Estimation
import Foundation
import Geometry
import Session

/// A fault planted in one sensor of a recording: `gyroscope:gain=0.8`.
struct SensorFault {
    enum Kind: String, CaseIterable { case dead, frozen, gain, saturated, swapped, noise, clock, dropped }

    var isGyroscope: Bool
    var kind: Kind
    /// Frozen from (s), gain, range (share of the largest reading), noise (times `density`), clock (s), share dropped.
    var value: Double

    /// All that the issue lists, of both sensors.
    static let all: [SensorFault] = [true, false].flatMap { gyroscope in
        [
            (Kind.dead, 0.0), (.frozen, 3), (.gain, 0.8), (.gain, 1.25), (.saturated, 0.5), (.swapped, 0), (.noise, 10), (.clock, 0.4),
            (.dropped, 0.2),
        ].map { SensorFault(isGyroscope: gyroscope, kind: $0.0, value: $0.1) }
    }

    init(isGyroscope: Bool, kind: Kind, value: Double) {
        (self.isGyroscope, self.kind, self.value) = (isGyroscope, kind, value)
    }

    /// Nil where the words are not `SENSOR:KIND[=NUMBER]`.
    init?(_ words: String) {
        let parts = words.split(separator: ":")
        guard parts.count == 2, ["gyroscope", "accelerometer"].contains(parts[0]) else { return nil }
        let right = parts[1].split(separator: "=")
        guard let kind = right.first.flatMap({ Kind(rawValue: String($0)) }) else { return nil }
        self.init(isGyroscope: parts[0] == "gyroscope", kind: kind, value: right.count > 1 ? Double(right[1]) ?? 0 : 0)
    }

    var name: String { "\(isGyroscope ? "gyroscope" : "accelerometer") \(kind.rawValue) \(value)" }

    func planted(in recording: InertialRecording, noise: InertialNoise) -> InertialRecording {
        var out = recording
        if isGyroscope {
            out.gyroscope = broken(recording.gyroscope, density: noise.gyroscopeDensity)
        } else {
            out.accelerometer = broken(recording.accelerometer, density: noise.accelerometerDensity)
        }
        return out
    }

    private func broken(_ samples: [VectorSample], density: Double) -> [VectorSample] {
        guard let first = samples.first, samples.count > 1 else { return samples }
        var random = RandomSource(seed: 5)
        let rate = 1 / (samples[1].time - first.time)
        func changed(_ change: (VectorSample) -> Vector3) -> [VectorSample] {
            samples.map { VectorSample(time: $0.time, value: change($0)) }
        }
        switch kind {
        case .dead: return changed { _ in .zero }
        case .frozen:
            let held = samples.last { $0.time - first.time < value }?.value ?? .zero
            return changed { $0.time - first.time < value ? $0.value : held }
        case .gain: return changed { value * $0.value }
        case .saturated:
            let limit = value * samples.reduce(0) { max($0, abs($1.value.x), abs($1.value.y), abs($1.value.z)) }
            return changed { s in s.value.clamped(lowerBound: Vector3(repeating: -limit), upperBound: Vector3(repeating: limit)) }
        case .swapped: return changed { Vector3($0.value.y, $0.value.x, $0.value.z) }
        case .noise:
            let sigma = value * density * rate.squareRoot()
            return samples.map { s in
                VectorSample(time: s.time, value: s.value + sigma * Vector3(random.normal(), random.normal(), random.normal()))
            }
        case .clock: return samples.map { VectorSample(time: $0.time + value, value: $0.value) }
        case .dropped: return samples.filter { _ in random.uniform() >= value }
        }
    }
}

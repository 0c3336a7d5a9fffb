import Foundation
import Testing

@testable import Robot

@Suite struct LocalFitTests {
    @Test(arguments: [3, 5]) func polynomialsAreExact(_ degree: Int) {
        var dice = Dice(state: 1)
        var t = 0.0
        let times = (0..<80).map { _ in
            t += dice.uniform(0.008, 0.025)
            return t
        }
        let fit = LocalFit(
            times.map { 1 + 2 * $0 - 3 * $0 * $0 + 0.5 * $0 * $0 * $0 }, columns: 1, times: times, window: 0.3, degree: degree)
        for (i, t) in times.enumerated() where t > times[0] + 0.16 && t < times[79] - 0.16 {
            #expect(abs(fit.first[i] - (2 - 6 * t + 1.5 * t * t)) < 1e-8)
            #expect(abs(fit.second[i] - (-6 + 3 * t)) < 1e-6)
            #expect(abs(fit.third[i] - 3) < 1e-3)
        }
    }

    @Test func shortPathsGiveWhatTheyCan() {
        let fit = LocalFit([0, 0.1, 0.2], columns: 1, times: [0, 0.1, 0.2], window: 0.3, degree: 5)
        #expect(fit.first.allSatisfy { abs($0 - 1) < 1e-9 } && fit.second.allSatisfy { abs($0) < 1e-9 })
        #expect(LocalFit([4], columns: 1, times: [0], window: 0.3, degree: 5).first == [0])
    }

    @Test func gainIsTheNoiseItLetsThrough() {
        var dice = Dice(state: 2)
        let times = (0..<3000).map { Double($0) / 60 }
        let fit = LocalFit(times.map { _ in 0.001 * dice.normal() }, columns: 1, times: times, window: 0.3, degree: 3)
        let deviation = (fit.second.reduce(0) { $0 + $1 * $1 } / 3000).squareRoot()
        #expect(abs(deviation / (0.001 * fit.accelerationGain) - 1) < 0.1)
        #expect(abs(fit.noise[0] / 0.001 - 1) < 0.1)
    }
}

public import Foundation
internal import Geometry
public import Session

/// A user's own opinion of every moment: weights, or a value function from which advantages are taken.
///
/// A CSV with the columns recording, time (seconds on the video's clock, rising) and either `weight` (0 or more) or `value`. Between rows
/// numbers are interpolated, outside them the nearest one holds. Values become weights as advantage-weighted regression has it (Peng et al.
/// 2019): w = min(exp((V(t + h) − V(t)) / β), w_max), where the value at the end stands for what lies beyond it.
public struct ValueWeights: Sendable, Equatable {
    struct Series: Sendable, Equatable {
        var times: [Double] = []
        var numbers: [Double] = []

        func at(_ time: Double) -> Double {
            let above = times.partitioningIndex { $0 >= time }
            guard above > 0 else { return numbers[0] }
            guard above < times.count else { return numbers[times.count - 1] }
            let share = (time - times[above - 1]) / (times[above] - times[above - 1])
            return numbers[above - 1] + (numbers[above] - numbers[above - 1]) * share
        }
    }

    var series: [String: Series] = [:]
    var areValues = false

    public init(contentsOf url: URL) throws(SessionError) {
        let table = try CSVTable(contentsOf: url)
        guard let recording = table.index(of: "recording"), let time = table.index(of: "time"),
            let number = table.index(of: "weight") ?? table.index(of: "value")
        else {
            throw .format(
                path: url.path, location: "header",
                reason: "\(table.header.joined(separator: ",")); accepted: recording,time,weight or recording,time,value")
        }
        areValues = table.header[number] == "value"
        let accepted = areValues ? "a number within ±1e9" : "a number from 0 to 1e9"
        for (i, row) in table.rows.enumerated() {
            let t = try table.time(i, time).seconds
            let w = try table.number(i, number)
            guard abs(w) <= 1e9, areValues || w >= 0 else { throw table.error(i, number, "is no \(table.header[number]): \(accepted)") }
            if let last = series[row[recording]]?.times.last, last >= t {
                throw table.error(i, time, "s does not come after \(last) s of the same recording")
            }
            series[row[recording], default: Series()].times.append(t)
            series[row[recording], default: Series()].numbers.append(w)
        }
    }

    /// Recordings of which every time lies beyond their frames: the nearest number would hold throughout.
    /// - Parameter times: of the recordings' frames, by name.
    func remarks(times: [String: [Timestamp<VideoClock>]], file: String) -> [String] {
        series.keys.sorted().compactMap { name in
            guard let series = series[name], let first = times[name]?.first?.seconds, let last = times[name]?.last?.seconds,
                let from = series.times.first, let to = series.times.last, from > last || to < first
            else { return nil }
            return "\(file): the times of \(name), \(from.fixed(1)) to \(to.fixed(1)) s, meet no frame of it: it ends at \(last.fixed(1)) s"
        }
    }

    /// Weights at these times; nil where the file says nothing of the recording.
    func weights(_ recording: String, times: [Double], options: CurateOptions) -> [Double]? {
        guard let series = series[recording] else { return nil }
        guard areValues else { return times.map { series.at($0) } }
        return times.map {
            min(exp((series.at($0 + options.advantageHorizon) - series.at($0)) / options.advantageTemperature), options.advantageLimit)
        }
    }
}

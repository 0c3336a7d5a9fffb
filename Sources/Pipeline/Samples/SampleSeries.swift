internal import Dataset
internal import Foundation
internal import Session

/// What a sensor beside the camera read: samples on the recording's clock.
struct SampleSeries: Sendable, Equatable {
    let file: String
    /// Seconds on the recording's video clock, ascending.
    private let times: [Double]
    /// Row-major, `times.count` × `width`, as the file has them: whatever units they are in.
    private let values: [Double]
    private let width: Int

    /// Reads a file. Rows whose numbers all say that there is none (`NaN`, nothing) are passed over; a row of which some do, times that do not
    /// rise or are no seconds, and other columns than the feature's are failures that name the place.
    init(contentsOf url: URL, _ feature: SampleFeature) throws {
        file = url.lastPathComponent
        width = feature.columns.count
        var (times, values): ([Double], [Double]) = ([], [])
        do {
            let table = try CSVTable(contentsOf: url)
            guard Array(table.header.dropFirst()) == feature.columns else {
                throw UnitFailure(
                    reason: "samples",
                    detail: "\(file) has the columns \(table.header.dropFirst().joined(separator: ", ")), the session's first of them "
                        + "\(feature.columns.joined(separator: ", ")): a data set has one kind of row")
            }
            let columns = Array(1...width)
            for row in table.rows.indices {
                let time = try table.time(row, 0).seconds
                if let last = times.last, time <= last { throw table.error(row, 0, "s does not come after the row above (\(last) s)") }
                guard let numbers = try table.numbersIfAny(row, columns) else { continue }
                times.append(time)
                values += numbers
            }
            if let fault = RecorderTimes.unitFault(times, path: url.path) { throw fault }
        } catch let error as SessionError {
            throw UnitFailure(reason: "samples", detail: "\(error)")
        }
        guard !times.isEmpty else { throw UnitFailure(reason: "samples", detail: "\(file) holds no sample") }
        (self.times, self.values) = (times, values)
    }

    /// Whether a sample is near each of the moments, at most `distance` seconds from it. None near any is a failure: the clocks differ.
    func isNear(_ moments: [Timestamp<VideoClock>], distance: Double) throws -> [Bool] {
        let near = moments.map { moment in
            let after = times.partitioningIndex { $0 >= moment.seconds }
            return [after - 1, after].contains { times.indices.contains($0) && abs(times[$0] - moment.seconds) <= distance }
        }
        guard !near.contains(true), let first = moments.first, let last = moments.last else { return near }
        throw UnitFailure(
            reason: "samples",
            detail:
                "\(file) is of other times: its samples are from \(times[0].fixed(3)) to \(times[times.count - 1].fixed(3)) s, the recording "
                + "from \(first.seconds.fixed(3)) to \(last.seconds.fixed(3)) s; accepted: seconds on the recording's video clock")
    }

    /// The numbers at a moment: straight between the samples beside it, held before the first and after the last.
    func numbers(at moment: Timestamp<VideoClock>) -> [Double] {
        let after = times.partitioningIndex { $0 >= moment.seconds }
        func sample(_ i: Int) -> ArraySlice<Double> { values[i * width..<(i + 1) * width] }
        guard after > 0 else { return Array(sample(0)) }
        guard after < times.count else { return Array(sample(times.count - 1)) }
        let fraction = (moment.seconds - times[after - 1]) / (times[after] - times[after - 1])
        return zip(sample(after - 1), sample(after)).map { $0 + ($1 - $0) * fraction }
    }
}

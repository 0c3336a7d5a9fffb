internal import Foundation
internal import Session

/// A figure of README or docs/results.md, as a line `figure NAME VALUE UNIT` that `Benchmarks/figures.py run` records.
public func figure(_ name: String, _ value: String, _ unit: String) { say("figure\t\(name)\t\(value)\t\(unit)") }

/// Least to greatest.
public func spread(_ values: [Double], _ digits: Int) -> String {
    let (low, high) = (number(values.min() ?? .nan, digits), number(values.max() ?? .nan, digits))
    return low == high ? low : "\(low) to \(high)"
}

/// `-` where there is none.
public func number(_ x: Double, _ digits: Int) -> String { x.isFinite ? x.fixed(digits) : "-" }

/// A line on standard output at once, also where that is a file.
public func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

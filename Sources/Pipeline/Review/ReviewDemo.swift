internal import Foundation
internal import Session

/// `review/data/N.js`: one demo's curves, spans and words. Curves have one value for a sample of the recording; a recording of more than
/// `ReviewDemo.samples` frames has a sample for several, with what is worst among them.
struct ReviewDemo: Codable {
    /// Samples at most: what 100 KB hold.
    static let samples = 600

    /// Numbers in few bytes: `offset + scale * code`, codes of 8 or 16 bits (little-endian) as base64; the largest code says that there is none.
    struct Column: Codable {
        var bits: Int
        var offset: Double
        var scale: Double
        var codes: String

        init(_ values: [Double?], bits: Int) {
            let known = values.compactMap { $0 }.filter(\.isFinite)
            let (low, high) = (known.min() ?? 0, known.max() ?? 0)
            let top = bits == 8 ? 254 : 65_534
            let step = high > low ? (high - low) / Double(top) : 1
            var bytes: [UInt8] = []
            bytes.reserveCapacity(values.count * bits / 8)
            for value in values {
                var code = top + 1
                if let value, value.isFinite { code = Int(clamped: (value - low) / step, to: 0...top) }
                bytes.append(UInt8(truncatingIfNeeded: code))
                if bits == 16 { bytes.append(UInt8(truncatingIfNeeded: code >> 8)) }
            }
            (self.bits, offset, scale, codes) = (bits, low, step, Data(bytes).base64EncodedString())
        }
    }

    /// A stretch of the recording; frames are half-open, seconds those of the video clock.
    struct Span: Codable {
        var label: String
        var firstFrame: Int
        var endFrame: Int
        var start: Double
        var end: Double
        var detail = ""
        /// False for a warning.
        var fails: Bool?
    }

    /// Where the exported pictures lie.
    struct Exported: Codable {
        /// From the output folder on.
        var file: String
        /// Of the episode's first picture in it, seconds.
        var from: Double
        var rate: Int
        /// The recording's frame that each row shows, as [first, count] of rows that go up by one, or stand still with a negative count.
        var frames: [[Int]]
        var rows: Int
    }

    struct Strip: Codable {
        /// From the output folder on.
        var file: String
        var caption: String
    }

    var name: String
    /// The recording, from the session's folder on.
    var video: String
    var seconds: Double
    var frames: Int
    var verdict: String
    var videoLine: String
    var problems: [String]
    var findings: [String]
    var figures: [Figure]
    /// The arm's foot in the table's frame; nil where nobody knows.
    var basePosition: [Double]?
    var baseRotationXYZW: [Double]?
    /// `t` (s), `x`, `y`, `z` (m, table's frame), `width` (m), `sigma` (m), `human`, `unresolved` (shares), `q0`… (joints), `v0`, `a0`, `t0`… (shares of
    /// the limits on velocity, acceleration, torque), `margin CHECK`.
    var columns: [String: Column]
    var outcome: [Span]
    var tracking: [Span]
    var speed: [Span]
    var arm: [Span]
    var human: [Span]
    var rejections: [Rejection]
    var spikes: [PoseSpike]
    var exported: [Exported]
    var strips: [Strip]
    var provenance: [String: Double]?
}

extension ReviewDemo.Exported {
    /// Runs of rows that show frame after frame, or the same one again.
    static func runs(_ frames: [Int]) -> [[Int]] {
        var out: [[Int]] = []
        for frame in frames {
            if let last = out.last {
                let count = last[1]
                if count > 0, frame == last[0] + count {
                    out[out.count - 1][1] = count + 1
                    continue
                }
                if frame == last[0], count == 1 || count < 0 {
                    out[out.count - 1][1] = count == 1 ? -2 : count - 1
                    continue
                }
            }
            out.append([frame, 1])
        }
        return out
    }
}

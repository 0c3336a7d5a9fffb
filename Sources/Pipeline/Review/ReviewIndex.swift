internal import Robot
internal import Session

/// `review/data/index.js`: what the review page's overview shows, a row a recording.
struct ReviewIndex: Codable {
    /// Changes when the page must.
    static let schema = "griptrace.review.v1"

    struct ArmDrawing: Codable {
        struct Joint: Codable {
            var name: String
            var isRevolute: Bool
            var lower: Double
            var upper: Double
            /// SI; nil where nobody has said.
            var velocity: Double?
            var acceleration: Double?
            var torque: Double?
        }

        var name: String
        var joints: [Joint]
        var skeleton: ArmSkeleton
    }

    /// What became of a demo.
    enum Verdict: String, Codable {
        /// As recorded, all of it.
        case kept
        /// All of it, at another speed or with spikes mended.
        case repaired
        /// Parts of it.
        case cut
        case rejected
        /// It could not be read or worked on.
        case failed
    }

    struct Demo: Codable {
        var name: String
        /// Of its page's data, from `review/` on.
        var file: String
        var verdict: Verdict
        /// The reason that takes most frames, else what was repaired; empty where nothing was.
        var reason: String
        var frames: RunReport.FrameCount
        /// Rows in the data set.
        var rows: Int
        /// Exported frames that are shown at another speed.
        var slowedFrames: Int
        var seconds: Double
        /// Frames left out, by reason.
        var rejected: [String: Int]
        /// The worst of its episodes, kept or not: mm; spectral arc length; m/s (mean).
        var sigmaMM: Double?
        var smoothness: Double?
        var speed: Double?
        /// The least margin of the exported frames, and whose it is; of all judged ones where none is exported.
        var margin: Double?
        var marginCheck: String?
        /// Mean share of the recorded pictures that is human, 0 to 1.
        var human: Double?
        /// Exported pixels by where they come from; nil where nothing was exported.
        var provenance: [String: Double]?
        var task: String
        var split: String
        var partner: String
    }

    /// A row of `labels.csv`; seconds are nil where the field is empty.
    struct Label: Codable {
        var recording: String
        var start: Double?
        var end: Double?
        var label: String
        var note: String

        init(_ span: LabelledSpan) {
            (recording, label, note) = (span.recording, span.label.rawValue, span.note)
            start = span.start > 0 || span.label == .cut ? span.start : nil
            end = span.end.isFinite && span.label != .cut ? span.end : nil
        }
    }

    struct Helper: Codable {
        var name: String
        var role: String
        var status: String
        var verdict: String
        var problems: [String]
    }

    var schema = ReviewIndex.schema
    var session: String
    /// The folder of recordings, as a URL: videos are played from there.
    var sessionFolder: String
    var device: String
    var arm: ArmDrawing
    var frames: RunReport.FrameCount
    var dataSets: [DataSetReport]
    var notes: [String]
    var faults: [String]
    var demos: [Demo]
    var helpers: [Helper]
    /// Where labels came from, and what they say.
    var labelsFile: String
    var labels: [Label]
    /// By reason.
    var remedies: [String: Remedy]
}

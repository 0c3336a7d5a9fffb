internal import Foundation
internal import Pipeline

/// "Did you mean": the known word that a mistyped one is nearest to.
enum Suggestion {
    /// The nearest of the known words, or nil where none is near: at most a third of the word's letters wrong (one in a word of up to four).
    /// Upper and lower case, and `-` and `_`, count as the same.
    static func nearest(_ word: String, _ known: [String]) -> String? {
        let folded = fold(word)
        let limit = max(1, folded.count / 3)
        return known.map { (name: $0, distance: distance(folded, fold($0))) }.filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// ` (did you mean X?)`, or nothing.
    static func aside(_ word: String, _ known: [String]) -> String { nearest(word, known).map { " (did you mean \($0)?)" } ?? "" }

    /// The error for an option whose value is none of the known words.
    static func refusal(_ option: String, _ value: String, _ known: [String]) -> PipelineError {
        .usage("\(option) '\(value)'\(aside(value, known))", accepted: known.joined(separator: ", "))
    }

    private static func fold(_ word: String) -> [Character] { Array(word.lowercased().map { $0 == "-" ? "_" : $0 }) }

    /// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}

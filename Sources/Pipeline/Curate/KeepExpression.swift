internal import Dataset

/// Which episodes to keep, as a person writes it: `fastest 50%`, `sigma < 3mm and feasible`, `not (mistake or duration > 20 s)`.
///
///     or      = and { "or" and }
///     and     = not { "and" not }
///     not     = "not" not | "(" or ")" | rank | measure comparison number [unit] | flag
///     rank    = ("fastest" | "slowest" | "smoothest" | "roughest" | "longest" | "shortest" | "surest") number ["%"]
///
/// Ranks are among all episodes that are asked about and those that earlier conversions into the same data set were asked about; without a
/// per-cent sign the number counts episodes. A measure that is not known (sigma,
/// where poses came without) makes its comparison false. Lengths default to metres, times to seconds, shares to 0…1.
public struct KeepExpression: Sendable {
    public let text: String
    private let root: Node

    private indirect enum Node: Sendable {
        case always
        case either(Node, Node)
        case both(Node, Node)
        case negated(Node)
        case rank(Rank, Double, isShare: Bool)
        case comparison(Measure, String, Double)
        case flag(Flag)
    }

    enum Measure: String, CaseIterable, Sendable {
        case sigma, duration, frames, speed, smoothness, margin, weight
        case path
        case infeasible
        case tracked
        case percentile
    }

    enum Flag: String, CaseIterable, Sendable { case feasible, success, failure, mistake, recovery, accepted }

    enum Rank: String, CaseIterable, Sendable { case fastest, slowest, smoothest, roughest, longest, shortest, surest }

    static let units: [String: Double] = [
        "mm": 1e-3, "cm": 1e-2, "m": 1, "s": 1, "ms": 1e-3, "min": 60, "%": 0.01, "m/s": 1, "mm/s": 1e-3, "cm/s": 1e-2,
    ]

    /// An expression that cannot be read is an error that says where, and what would be accepted there. Empty text keeps everything.
    public init(_ text: String) throws(PipelineError) {
        self.text = text
        var parser = Parser(text)
        if parser.tokens.isEmpty {
            root = .always
            return
        }
        root = try parser.either()
        if let extra = parser.next { throw parser.refuse("\"\(extra)\" is not expected here", "and, or, or the end") }
    }

    /// For each episode whether it is kept.
    public func keeps(_ episodes: [EpisodeMeasures]) -> [Bool] { keeps(episodes, after: []) }

    /// - Parameter earlier: episodes that are ranked with these and come first where they are equal.
    func keeps(_ episodes: [EpisodeMeasures], after earlier: [DatasetSource.Candidate]) -> [Bool] { Self.evaluate(root, episodes, earlier) }

    private static func evaluate(_ node: Node, _ episodes: [EpisodeMeasures], _ earlier: [DatasetSource.Candidate]) -> [Bool] {
        func evaluate(_ node: Node) -> [Bool] { Self.evaluate(node, episodes, earlier) }
        switch node {
        case .always: return episodes.map { _ in true }
        case .either(let a, let b): return zip(evaluate(a), evaluate(b)).map { $0 || $1 }
        case .both(let a, let b): return zip(evaluate(a), evaluate(b)).map { $0 && $1 }
        case .negated(let a): return evaluate(a).map { !$0 }
        case .flag(let flag): return episodes.map { holds(flag, $0) }
        case .comparison(let measure, let sign, let limit):
            return episodes.map { value(measure, $0).map { compare($0, sign, limit) } ?? false }
        case .rank(let rank, let number, let isShare):
            // The worst possible key for what is not known; ties go to the earlier episode.
            let keys = (earlier + episodes.map(\.candidate)).map { key(rank, $0) ?? .infinity }
            let order = keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
            let count = isShare ? Int((number * Double(keys.count)).rounded(.up)) : Int(number)
            let chosen = Set(order.prefix(count))
            return episodes.indices.map { chosen.contains(earlier.count + $0) }
        }
    }

    private static func key(_ rank: Rank, _ e: DatasetSource.Candidate) -> Double? {
        switch rank {
        case .fastest: -e.speed
        case .slowest: e.speed
        case .smoothest: -e.smoothness
        case .roughest: e.smoothness
        case .longest: -e.duration
        case .shortest: e.duration
        case .surest: e.sigma
        }
    }

    private static func value(_ measure: Measure, _ e: EpisodeMeasures) -> Double? {
        switch measure {
        case .sigma: e.sigma
        case .duration: e.duration
        case .frames: Double(e.frames)
        case .speed: e.speed
        case .smoothness: e.smoothness
        case .margin: e.margin
        case .weight: e.weight
        case .path: e.pathLength
        case .infeasible: e.infeasibleShare
        case .tracked: e.trackedShare
        case .percentile: e.speedPercentile
        }
    }

    private static func holds(_ flag: Flag, _ e: EpisodeMeasures) -> Bool {
        switch flag {
        case .feasible: e.infeasibleShare == 0
        case .success: e.succeeds == true
        case .failure: e.succeeds == false
        case .mistake: e.hasMistake
        case .accepted: e.isAccepted
        case .recovery: e.hasRecovery
        }
    }

    private static func compare(_ a: Double, _ sign: String, _ b: Double) -> Bool {
        switch sign {
        case "<": a < b
        case "<=": a <= b
        case ">": a > b
        case ">=": a >= b
        case "!=": a != b
        default: a == b
        }
    }

    /// Recursive descent over words, numbers and signs.
    private struct Parser {
        let text: String
        let tokens: [String]
        var at = 0

        init(_ text: String) {
            self.text = text
            tokens = Self.split(text)
        }

        var next: String? { at < tokens.count ? tokens[at] : nil }

        func refuse(_ what: String, _ accepted: String) -> PipelineError {
            let before = tokens.prefix(at).joined(separator: " ")
            return .usage("keep '\(text)': \(before.isEmpty ? "" : "after \"\(before)\": ")\(what)", accepted: accepted)
        }

        mutating func take(_ word: String) -> Bool {
            guard next?.lowercased() == word else { return false }
            at += 1
            return true
        }

        mutating func either() throws(PipelineError) -> Node {
            var node = try both()
            while take("or") { node = .either(node, try both()) }
            return node
        }

        mutating func both() throws(PipelineError) -> Node {
            var node = try one()
            while take("and") { node = .both(node, try one()) }
            return node
        }

        mutating func one() throws(PipelineError) -> Node {
            if take("not") { return .negated(try one()) }
            if take("(") {
                let node = try either()
                guard take(")") else { throw refuse("the parenthesis is not closed", ")") }
                return node
            }
            let accepted = (Measure.allCases.map(\.rawValue) + Flag.allCases.map(\.rawValue) + Rank.allCases.map(\.rawValue)).joined(
                separator: ", ")
            guard let word = next?.lowercased() else { throw refuse("something is missing", accepted) }
            at += 1
            if let flag = Flag(rawValue: word) { return .flag(flag) }
            if let rank = Rank(rawValue: word) {
                let (number, unit) = try number(after: word)
                guard unit == nil || unit == "%", number >= 0 else { throw refuse("\"\(unit ?? "")\"", "\(word) 50% or \(word) 20") }
                return .rank(rank, unit == "%" ? number / 100 : number, isShare: unit == "%")
            }
            guard let measure = Measure(rawValue: word) else {
                at -= 1
                throw refuse("\"\(word)\" is not known", accepted)
            }
            let signs = ["<", "<=", ">", ">=", "=", "!="]
            guard let sign = next, signs.contains(sign) else {
                throw refuse("\(word) is compared with a number", signs.joined(separator: " "))
            }
            at += 1
            let (value, unit) = try number(after: sign)
            if let unit, KeepExpression.units[unit] == nil {
                throw refuse("the unit \"\(unit)\" is not known", KeepExpression.units.keys.sorted().joined(separator: ", "))
            }
            return .comparison(measure, sign, value * (unit.flatMap { KeepExpression.units[$0] } ?? 1))
        }

        private mutating func number(after word: String) throws(PipelineError) -> (Double, String?) {
            guard let text = next, let value = Double(text) else { throw refuse("\"\(next ?? "")\" is no number", "\(word) and a number") }
            at += 1
            guard let unit = next, !["and", "or", ")"].contains(unit.lowercased()) else { return (value, nil) }
            at += 1
            return (value, unit)
        }

        /// Numbers, words (with / and %), signs and parentheses.
        private static func split(_ text: String) -> [String] {
            var tokens: [String] = []
            var current = ""
            func kind(_ c: Character) -> Int {
                if c.isWhitespace { return 0 }
                if c.isNumber || c == "." { return 1 }
                if "<>=!".contains(c) { return 3 }
                if c == "(" || c == ")" { return 4 }
                return 2
            }
            for c in text {
                let joins = current.last.map { kind($0) == kind(c) && kind(c) != 4 } ?? false
                let negative = current == "-" && kind(c) == 1
                if !joins, !negative, !current.isEmpty {
                    tokens.append(current)
                    current = ""
                }
                if kind(c) != 0 { current.append(c) }
            }
            if !current.isEmpty { tokens.append(current) }
            return tokens
        }
    }
}

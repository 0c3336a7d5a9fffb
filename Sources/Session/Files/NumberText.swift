extension FixedWidthInteger {
    /// The whole number nearest to a floating one; nil for NaN, infinities and what does not fit, where `Int(_:)` ends the program.
    ///
    /// For every number that comes out of a file: frame numbers, counts, sizes, times.
    @inlinable public init?(checked value: Double) { self.init(exactly: value.rounded()) }

    /// The whole number nearest to a floating one within a range, its nearer end beyond; the lower end for NaN. For counts and indices.
    @inlinable public init(clamped value: Double, to range: ClosedRange<Self>) {
        let inside = Swift.min(Swift.max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound))
        self = value.isNaN ? range.lowerBound : Self(exactly: inside) ?? (value < 0 ? range.lowerBound : range.upperBound)
    }
}

/// Numbers as text: read strictly, so that a field is a number or it is not.
public enum NumberText {
    /// A finite decimal number, blanks around it allowed; nil for anything else, `nan`, `inf` and hexadecimal among it.
    public static func number(_ text: some StringProtocol) -> Double? {
        let text = trimmed(text)
        guard let value = Double(text), value.isFinite, !text.utf8.contains(where: { $0 | 32 == UInt8(ascii: "x") }) else { return nil }
        return value
    }

    /// Whether a field says that there is no number: nothing, or one of the words that programs write for it.
    public static func isAbsent(_ text: some StringProtocol) -> Bool {
        let text = trimmed(text)
        guard text.utf8.count <= 9 else { return false }
        return absent.contains(text.lowercased())
    }

    private static let absent: Set = [
        "", "nan", "-nan", "+nan", "null", "none", "na", "n/a", "<na>", "nan(ind)", "-nan(ind)", "-1.#ind", "1.#qnan",
    ]

    /// A whole number in a range, also where a program wrote it as `12.0`; nil for anything else.
    public static func integer(_ text: some StringProtocol, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        let value = Int(trimmed(text)) ?? number(text).flatMap { Int(exactly: $0) }
        return value.flatMap { range.contains($0) ? $0 : nil }
    }

    /// The numbers of a line separated by blanks or commas; nil when a field is not a finite number.
    public static func numbers(in line: some StringProtocol) -> [Double]? {
        var values: [Double] = []
        for field in line.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            guard let value = number(field) else { return nil }
            values.append(value)
        }
        return values
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while let first = text.utf8.first, first == 32 || first == 9 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 32 || last == 9 { text = text.dropLast() }
        return text
    }
}

extension StringProtocol {
    /// What stood in a file, for a message: quoted, control characters spelled out, cut after 40 characters.
    public var excerpt: String {
        let limit = 40
        return String(prefix(limit)).debugDescription + (count > limit ? "…" : "")
    }
}

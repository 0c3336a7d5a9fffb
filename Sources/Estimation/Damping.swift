/// Levenberg and Marquardt's damping: the diagonal of the normal equations is enlarged by `1 + value`.
public struct Damping: Sendable {
    public private(set) var value: Double
    /// A step that does not help at this damping ends the search.
    public let largest: Double
    static let smallest = 1e-9
    static let factor = 10.0

    public init(first: Double, largest: Double) {
        value = first
        self.largest = largest
    }

    /// After a step that helped.
    public mutating func lower() { value = max(value * (1 / Self.factor), Self.smallest) }

    /// After a step that did not, or that could not be computed.
    public mutating func raise() { value *= Self.factor }

    public var isExhausted: Bool { value >= largest }
}

/// Counts and sizes that a file states, looked at before anything is computed or reserved from them.
enum StatedCount {
    /// Most rows, bytes or numbers of anything: 2^40; sums and products of a few such sizes do not overflow.
    static let maximum = 1 << 40

    /// Refuses a count that is out of range, naming where it stands.
    static func check(_ value: Int, _ range: ClosedRange<Int> = 0...maximum, file: String, location: String) throws(DatasetError) {
        guard range.contains(value) else {
            throw .format(path: file, location: location, reason: "\(value); accepted: \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// The product of some sizes; nil where one is negative or the product beyond `maximum`.
    static func product(_ sizes: some Sequence<Int>) -> Int? {
        var product = 1
        for size in sizes {
            let (next, overflows) = product.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflows, next <= maximum else { return nil }
            product = next
        }
        return product
    }
}

internal import Geometry

/// Numbers of a row that are one rotation together, found by their names.
struct RotationColumns: Equatable {
    var form: RotationForm
    /// Places among the row's numbers, in the form's order.
    var places: [Int]
    /// Of the first to the last, such as `ee.qx … ee.qw`.
    var name: String

    /// Every rotation among named numbers: `…row1_x` to `…row2_z` (rows of the matrix), `…qx` to `…qw`, and LeRobot's and this program's rotation
    /// vectors, `…ee.wx`, `…ee.ref_wx`, `…ee.dwx` and their y and z. Numbers called otherwise are taken for no rotation: which two vectors of
    /// a matrix, or which order of a quaternion they mean nobody says.
    static func find(_ names: [String]) -> [RotationColumns] {
        let places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [RotationColumns] = []
        for (form, suffixes, stems) in [
            (RotationForm.rot6d, RotationForm.rot6d.names(), [""]), (.quaternion, RotationForm.quaternion.names(), [""]),
            (.rotvec, ["wx", "wy", "wz"], ["ee.", "ee.ref_", "ee.d"]),
        ] {
            for name in names where name.hasSuffix(suffixes[0]) {
                let stem = String(name.dropLast(suffixes[0].count))
                guard stems.contains(where: { stem.hasSuffix($0) }) else { continue }
                let own = suffixes.compactMap { places[stem + $0] }
                guard own.count == suffixes.count else { continue }
                found.append(RotationColumns(form: form, places: own, name: "\(name) … \(stem)\(suffixes[suffixes.count - 1])"))
            }
        }
        return found
    }

    /// Why a row's numbers are no rotation; nil where they are one, or could be.
    /// - Parameter tolerance: how far lengths may be from 1, and the product of two unit vectors from 0.
    func fault(_ row: [Double], tolerance: Double) -> String? {
        let values = places.map { row[$0] }
        // What is not finite is said of every column.
        guard values.allSatisfy(\.isFinite) else { return nil }
        switch form {
        case .rot6d:
            let (a, b) = (Vector3(values[0], values[1], values[2]), Vector3(values[3], values[4], values[5]))
            let product = a.dot(b)
            guard abs(a.length - 1) > tolerance || abs(b.length - 1) > tolerance || abs(product) > tolerance else { return nil }
            return "is no rotation: rows of length \(a.length.short) and \(b.length.short), their product \(product.short); "
                + "a matrix has rows of length 1 at right angles, to within \(tolerance)"
        case .quaternion:
            let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard abs(length - 1) > tolerance else { return nil }
            return "is no rotation: a quaternion of length \(length.short); accepted: 1 to within \(tolerance)"
        case .rotvec: return nil
        }
    }

    /// What jumps between two neighbouring rows of an episode though the tool does not; nil where nothing does.
    func jump(from before: [Double], to row: [Double]) -> String? {
        let (a, b) = (places.map { before[$0] }, places.map { row[$0] })
        guard (a + b).allSatisfy(\.isFinite) else { return nil }
        switch form {
        case .rot6d: return nil
        case .quaternion:
            let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
            return product < 0
                ? "changes its sign from the row before: the same turn in other numbers; accepted: signs that follow on one another" : nil
        case .rotvec:
            let step = zip(a, b).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }.squareRoot()
            return step > .pi
                ? "jumps by \(step.short) rad from the row before, more than half a turn: the same turn in other numbers; accepted: vectors that follow "
                    + "on one another, or --rotation rot6d" : nil
        }
    }
}

extension Double {
    /// Four digits, for messages.
    fileprivate var short: String { "\((self * 1e4).rounded() / 1e4)" }
}

extension ProblemList {
    /// The rotations among the rows of one table or episode.
    /// - Parameters:
    ///   - row: the numbers of a row.
    ///   - isNext: whether a row follows on the one before it in one episode.
    mutating func rotations(
        _ file: String, _ column: String, names: [String], rows: Int, tolerance: Double, row: (Int) -> [Double], isNext: (Int) -> Bool
    ) {
        for rotation in RotationColumns.find(names) {
            var broken: [Int] = []
            var jumps: [Int] = []
            for i in 0..<rows {
                let own = row(i)
                if rotation.fault(own, tolerance: tolerance) != nil { broken.append(i) }
                if i > 0, isNext(i), rotation.jump(from: row(i - 1), to: own) != nil { jumps.append(i) }
            }
            self.rows(file, "\(column) \(rotation.name)", broken) { rotation.fault(row($0), tolerance: tolerance) ?? "" }
            self.rows(file, "\(column) \(rotation.name)", jumps, .warning) { rotation.jump(from: row($0 - 1), to: row($0)) ?? "" }
        }
    }
}

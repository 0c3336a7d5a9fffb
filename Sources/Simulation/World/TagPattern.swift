/// The fiducials that the simulator prints: markers of OpenCV's DICT_4X4_50.
enum TagPattern {
    /// The inner 4×4 cells, row by row from the top left, 1 white; nil for an id that is not kept here.
    static func bits(id: Int) -> [UInt8]? {
        switch id {
        case 0: [1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]
        case 1: [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 0]
        case 6: [1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 0]
        case 7: [1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0]
        case 2: [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1]
        case 3: [1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0]
        case 8: [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
        case 9: [1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0]
        case 13: [0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1]
        default: nil
        }
    }

    /// Cells across the printed sheet: the 6 of the black square and a white margin of one on each side.
    static let cells = 8

    /// Whether a cell of the sheet is white, rows from the top.
    static func isWhite(_ bits: [UInt8], row: Int, column: Int) -> Bool {
        if row == 0 || column == 0 || row == 7 || column == 7 { return true }
        if row == 1 || column == 1 || row == 6 || column == 6 { return false }
        return bits[(row - 2) * 4 + column - 2] == 1
    }
}

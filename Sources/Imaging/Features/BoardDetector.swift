internal import CNative
public import Geometry

/// A printed calibration board. Board frame: x along a row, y along a column, z into the board, origin at the first inner corner.
public enum CalibrationBoard: Sendable, Equatable, Codable {
    /// Inner corners a row and a column, and the side of a square in metres.
    case checkerboard(columns: Int, rows: Int, square: Double)
    /// Squares a row and a column, side of a square and of a marker in metres, OpenCV's number of the markers' dictionary.
    case charuco(columns: Int, rows: Int, square: Double, marker: Double, dictionary: Int)

    /// Inner corners a row and a column.
    public var corners: (columns: Int, rows: Int) {
        switch self {
        case .checkerboard(let columns, let rows, _): (columns, rows)
        case .charuco(let columns, let rows, _, _, _): (columns - 1, rows - 1)
        }
    }

    public var square: Double {
        switch self {
        case .checkerboard(_, _, let square), .charuco(_, _, let square, _, _): square
        }
    }

    /// An inner corner by its number, row by row, metres in the board's frame.
    public func point(_ corner: Int) -> Vector3 {
        let columns = corners.columns
        return Vector3(Double(corner % columns), Double(corner / columns), 0) * square
    }

    /// OpenCV's names of the marker dictionaries that ChArUco boards are printed with.
    public static let dictionaries: [String: Int] = [
        "4x4_50": 0, "4x4_100": 1, "4x4_250": 2, "5x5_50": 4, "5x5_100": 5, "5x5_250": 6, "6x6_50": 8, "6x6_100": 9, "6x6_250": 10,
        "original": 16, "apriltag_36h11": 20,
    ]
}

/// Finds a board's inner corners.
public enum BoardDetector {
    /// Corners by number with their pixels; empty where the board is not seen (a whole one, for a checkerboard).
    ///
    /// Duda and Frese, "Accurate detection and localization of checkerboard corners for calibration" (2018), as in OpenCV; a ChArUco
    /// corner lies midway between the two markers that touch it, refined to sub-pixel.
    public static func detect(_ board: CalibrationBoard, in gray: Image) throws(ImagingError) -> [(corner: Int, pixel: Vector2)] {
        let size = board.corners
        let count = size.columns * size.rows
        var corners = [Double](repeating: 0, count: 2 * count)
        var ids = (0..<count).map(Int32.init)
        var found: Int32 = 0
        try gray.withView { view throws(ImagingError) in
            switch board {
            case .checkerboard(let columns, let rows, _):
                try check(
                    gt_chessboard_corners(view, Int32(clamping: columns), Int32(clamping: rows), &corners, &found), "checkerboard detection"
                )
                if found == 1 { found = Int32(clamping: count) }
            case .charuco(let columns, let rows, let square, let marker, let dictionary):
                try check(
                    gt_charuco_corners(
                        view, Int32(clamping: columns), Int32(clamping: rows), marker / square, Int32(clamping: dictionary), &ids, &corners,
                        Int32(clamping: count), &found), "ChArUco detection")
            }
        }
        return (0..<Int(found)).map { (Int(ids[$0]), Vector2(corners[2 * $0], corners[2 * $0 + 1])) }
    }
}

public import Foundation
internal import Geometry
internal import Session

/// Wrist poses of the MANO hand model over plain video (HaMeR, WiLoR, HaWoR, DexYCB, HO-3D and the like, written as CSV): `frame`, `hand` (`right` or
/// `left`), `global_orient_x`, `_y`, `_z` (rotation vector, radians), and either `transl_x_m`, `_y_m`, `_z_m`, the model's translation, or
/// `wrist_x_m`, `_y_m`, `_z_m`, where the wrist joint is. `width_m` may follow.
///
/// MANO's translation is not the wrist: the model turns about its root joint, which lies 96 mm from the model's origin, so the wrist is at that
/// joint plus the translation (the joint is not turned with the hand). In the model's frame the right hand's fingers lie along −x, the palm
/// faces −y and the thumb is at +z; the left hand is its mirror image in x.
///
/// The wrist does not say where the fingers are: the tool is put where an adult's thumb and index finger meet in a precision grip, its z axis from
/// the knuckles' middle to there as of `HandTrackAdaptor`, its x axis from the thumb to the index finger. Noise: 20 mm and 8° are published of
/// the trackers' wrists in the camera's frame, 18 mm and 12° go on top for the unknown grip. Poses in the frame of a camera that stands still
/// are poses in a world: `ingest.table_from_world` says where that camera stands.
///
/// Of a file with both hands that one is taken that its name ends in (`_left`, `_right`), else the right one.
/// Source: Romero, Tzionas and Black, "Embodied hands", 2017.
public enum MANOAdaptor: RecordingAdaptor {
    public static let name = "mano"
    public static let accepts =
        "MANO wrist: CSV with frame, hand (right or left), global_orient_x, _y, _z, and transl_x_m, _y_m, _z_m or wrist_x_m, _y_m, _z_m; width_m if known"

    /// The right hand's root joint in the model's frame at its mean shape, metres; a hand's shape moves it by a few millimetres.
    static let root = Vector3(0.0957, 0.0064, 0.0062)
    /// Where the tips meet, from the right wrist in the model's frame, metres: 105 mm along the fingers, 35 mm off the palm, 25 mm to the thumb's side.
    static let pinch = Vector3(-0.105, -0.035, 0.025)
    /// The middle of thumb's and index finger's knuckles, from there the tool points to the pinch.
    static let knuckles = Vector3(-0.066, -0.007, 0.036)

    private enum Hand: String { case right, left }

    public static func recognises(_ url: URL) -> Bool { RecordingAdaptors.header(url).contains("global_orient_x") }

    public static func read(_ url: URL) throws -> AdaptedRecording {
        let recorded = try RecorderTable(url)
        func vector(_ name: String, _ unit: String) -> [String] { ["x", "y", "z"].map { "\(name)_\($0)\(unit)" } }
        let isWrist = recorded.column("wrist_x_m") != nil
        guard isWrist != (recorded.column("transl_x_m") != nil) else {
            throw SessionError.format(
                path: url.path, location: "header",
                reason:
                    "transl_x_m, transl_y_m, transl_z_m (MANO's translation) or wrist_x_m, wrist_y_m, wrist_z_m (where the wrist is), one of both, is expected"
            )
        }
        let keys = try recorded.columns(["frame", "hand"])
        let columns = try recorded.columns(vector("global_orient", "") + vector(isWrist ? "wrist" : "transl", "_m"))
        let width = recorded.column("width_m")
        var rows: [Hand: [AdaptedRecording.Row]] = [:]
        var seen: Set<[String]> = []
        for n in recorded.rows {
            let frame = try recorded.frame(n, keys[0])
            guard let hand = Hand(rawValue: recorded.table.rows[n][keys[1]].lowercased()) else {
                throw recorded.table.error(n, keys[1], "is not right or left")
            }
            guard seen.insert(["\(frame)", hand.rawValue]).inserted else {
                throw recorded.table.error(n, keys[0], "frame \(frame) has a \(hand.rawValue) hand already")
            }
            var row = AdaptedRecording.Row(frame: frame)
            // A row without a pose is a frame in which the hand was not seen.
            if let v = try recorded.table.numbersIfAny(n, columns) {
                let given = Vector3(v[3], v[4], v[5])
                guard let orient = Transform<Table, Frame>(position: given, rotationVector: Vector3(v[0], v[1], v[2]))?.rotation else {
                    throw recorded.table.error(
                        n, columns[0], "begins no pose: a rotation vector in radians and a position in metres are expected")
                }
                row.pose = tool(orient: orient, wrist: isWrist ? given : given + mirrored(root, hand), hand: hand)
                if let width { row.width = try recorded.table.numbersIfAny(n, [width])?[0] }
            }
            rows[hand, default: []].append(row)
        }
        let stem = url.deletingPathExtension().lastPathComponent.lowercased()
        let wanted: Hand = stem.hasSuffix("_left") || (rows[.right] == nil && !stem.hasSuffix("_right")) ? .left : .right
        guard let own = rows[wanted] else {
            throw SessionError.format(path: url.path, location: "hand", reason: "no row is of a \(wanted.rawValue) hand")
        }
        var notes = ["tool path from MANO's wrist: the grip is assumed, 27 mm and 14° are assumed of it"]
        if !isWrist { notes.append("the wrist is taken at MANO's translation plus its mean root joint") }
        if width == nil { notes.append("a wrist says nothing of the opening: widths come from finger tags, if any, or a width_m column") }
        if rows.count > 1 { notes.append("two hands in the file: the \(wanted.rawValue) one is taken") }
        return AdaptedRecording(moving: .tool, rows: own, positionSigma: 0.027, rotationSigma: 0.25, notes: notes)
    }

    private static func mirrored(_ v: Vector3, _ hand: Hand) -> Vector3 { hand == .right ? v : Vector3(-v.x, v.y, v.z) }

    /// The grip of a hand whose model frame is turned by `orient`.
    private static func tool(orient: Rotation, wrist: Vector3, hand: Hand) -> Transform<Table, Frame> {
        let tip = mirrored(pinch, hand)
        let forward = tip - mirrored(knuckles, hand)
        let z = forward / forward.length
        // The thumb comes from the palm's side: the index finger lies towards the back of the hand, +y.
        let back = Vector3(0, 1, 0)
        let level = back - back.dot(z) * z
        let x = level / level.length
        return Transform(
            rotation: orient * Rotation(matrix: Matrix3(columns: x, z.cross(x), z)), translation: wrist + orient * tip)
    }
}

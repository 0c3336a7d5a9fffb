internal import Foundation
internal import Geometry
internal import Mapping
internal import Session

/// The frame that a session's poses are in, and whether its lengths are metres.
struct SessionFrame: Sendable, Codable, Equatable {
    enum Kind: String, Sendable, Codable {
        /// The table tag's.
        case table
        /// z against gravity, 0 at the surface that most points lie on.
        case level
        /// The camera's at the first frame of the mapping recording that has a pose.
        case firstFrame = "first_frame"
    }

    var kind: Kind
    /// As in `MappingStatistics.scaleSource`.
    var scale: String
    var isMetric: Bool

    /// Poses that come from elsewhere are taken for the table's.
    static let table = SessionFrame(kind: .table, scale: "stated", isMetric: true)

    init(kind: Kind, scale: String, isMetric: Bool) { (self.kind, self.scale, self.isMetric) = (kind, scale, isMetric) }

    init(_ result: MapResult) {
        self.init(
            kind: result.map.tableFromMap != nil ? .table : result.statistics.knowsUp ? .level : .firstFrame,
            scale: result.statistics.scaleSource, isMetric: result.map.isMetric)
    }

    /// As it goes into keys.
    var text: String { "\(kind.rawValue) \(isMetric ? "metric" : "no scale")" }

    /// In words, for the account.
    var words: String {
        switch kind {
        case .table: "the table tag's frame"
        case .level: "a frame whose z is up and 0 at the surface that most points of the map lie on, its origin below the first camera"
        case .firstFrame: "the frame of the mapping recording's first camera (z ahead, y down)"
        }
    }

    /// Why nothing says where an arm stands by itself; nil where the table tag does.
    func unplaced(_ base: String) -> String? {
        guard isMetric else {
            return
                "the scale is not known: the table tag was not seen, no IMU gives it and no length was stated, so that paths have a shape and "
                + "no size. Masks are written, tool poses and joints are not; accepted: the tag in view while mapping, a recorder with an IMU, or "
                + "--set map.stated_extent=METRES, the largest distance between two places of the camera in the mapping recording"
        }
        let isPlace = Transform<Table, Frame>(text: base) != nil
        guard kind != .table, !isPlace, !(kind == .level && base == "search") else { return nil }
        let search =
            kind == .level
            ? ", or --set solve.base=search" : "; solve.base=search needs an accelerometer, which says where up is"
        return
            "where the arm stands is not known: the table tag was not seen. Tool poses, gripper widths, masks and relative actions are written, "
            + "in \(words); joints are neither solved nor judged nor written. Accepted for joints: --set solve.base='x y z yaw_deg' in that frame"
            + search
    }
}

/// A rigid motion as JSON holds it.
struct StoredPose: Sendable, Codable, Equatable {
    var rotationXYZW: [Double]
    var translation: [Double]

    init<A, B>(_ pose: Transform<A, B>) {
        let (q, p) = (pose.rotation.xyzw, pose.translation)
        rotationXYZW = [q.x, q.y, q.z, q.w]
        translation = [p.x, p.y, p.z]
    }

    func transform<A, B>() -> Transform<A, B> {
        Transform(
            rotation: Rotation(xyzw: Vector4(rotationXYZW[0], rotationXYZW[1], rotationXYZW[2], rotationXYZW[3])),
            translation: Vector3(translation[0], translation[1], translation[2]))
    }
}

extension StageInput {
    /// The frame that the session's poses are in. Not an input by itself: a stage that depends on it names its `text`.
    func sessionFrame() throws -> SessionFrame {
        board.artefact(MapStage.name, Board.session) == nil ? .table : try part(MapStage.self).frame
    }

    /// The same path above the surface that the scene stands on, as masks take it.
    func onSurface(_ camera: Trajectory<Table, Camera>) throws -> Trajectory<Table, Camera> {
        guard board.artefact(MapStage.name, Board.session) != nil else { return camera }
        let map = try part(MapStage.self)
        return map.frame.kind == .firstFrame ? camera.seen(from: map.surfaceFromSession) : camera
    }
}

import Estimation
import Geometry
import Session
import Testing

@testable import Mapping

/// A gripper in the picture: points that never move there, more of them than of the room.
struct RigidPointsTests {
    static let scene = SyntheticRecording.Scene(seed: 5, count: 800)

    static func recording() -> SyntheticRecording {
        var m = SyntheticRecording()
        m.duration = 5
        m.seed = 3
        return m
    }

    /// The tracks with `count` points of a gripper in the picture's lower half, with tracking noise, each followed for `life` frames.
    static func withGripper(_ tracks: FeatureTracks, count: Int, life: Int = 40) -> FeatureTracks {
        var random = RandomSource(seed: 8)
        let corners = (0..<count).map { _ in Vector2(90 + 300 * random.uniform(), 215 + 130 * random.uniform()) }
        var out = FeatureTracks(width: tracks.width, height: tracks.height)
        for f in 0..<tracks.frameCount {
            let seen = tracks.observations[tracks.frameOffsets[f]..<tracks.frameOffsets[f + 1]].map { ($0.track, $0.pixel) }
            let own = corners.enumerated().map { k, p in
                (Int32(tracks.trackCount + (f / life) * count + k), p + 0.12 * Vector2(random.normal(), random.normal()))
            }
            out.appendFrame(
                tracks.times[f], isKeyframe: tracks.isKeyframe[f], points: seen + own, tableTag: tracks.tableTags[f],
                features: tracks.features[f])
        }
        return out
    }

    /// Twice as many corners on the gripper as on the room, no gyroscope: the map is the room's.
    @Test(arguments: [true, false]) func theMapIsTheRooms(hasInertial: Bool) throws {
        let m = Self.recording()
        let tracks = m.tracks(Self.scene)
        let gripped = Self.withGripper(tracks, count: 2 * tracks.observations.count / tracks.frameCount)
        let result = try Mapper.build(tracks: gripped, inertial: hasInertial ? m.inertial() : nil, device: SyntheticRecording.device)
        let e = try TrajectoryEvaluation.compare(result.trajectory, truth: m.truth())
        #expect(e.completeness == 1)
        #expect(e.positionRMSE < 3e-3, "\(1e3 * e.positionRMSE) mm, rigid \(result.statistics.rigidShare)")
        #expect(result.statistics.rigidShare > 0.6)
    }

    /// A room is not rigid; nor is one that the camera only looks at.
    @Test func aRoomIsNotRigid() throws {
        let m = Self.recording()
        let tracks = m.tracks(Self.scene)
        #expect(RigidPoints(RotationFootage(tracks), options: RigidOptions()).share < 0.01)
        var still = FeatureTracks(width: 480, height: 360)
        let seen = tracks.observations[..<tracks.frameOffsets[1]].map { ($0.track, $0.pixel) }
        for f in 0..<60 {
            still.appendFrame(Timestamp(seconds: Double(f) / 30), isKeyframe: f % 7 == 0, points: seen, tableTag: nil, features: nil)
        }
        #expect(RigidPoints(RotationFootage(still), options: RigidOptions()).share == 0)
    }
}

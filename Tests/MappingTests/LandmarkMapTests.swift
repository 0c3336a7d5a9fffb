import Foundation
import Geometry
import Mapping
import Session
import Testing

struct LandmarkMapTests {
    static func sample() -> LandmarkMap {
        var map = LandmarkMap(camera: SyntheticRecording.device.camera)
        map.landmarks = [Vector3(0.1, 0.2, 0.3), Vector3(-1, 2, 0)]
        map.landmarkSigmas = [0.001, 0.25]
        map.descriptors = (0..<384).map { UInt8($0 % 251) }
        map.descriptorLandmark = [0, 0, 1]
        map.keyframeTimes = [0, 0.25]
        map.mapFromCameras = [.identity, Transform(rotation: Rotation(vector: Vector3(0.1, 0.2, 0.3)), translation: Vector3(1, 2, 3))]
        map.observationKeyframe = [0, 1, 1]
        map.observationLandmark = [0, 0, 1]
        map.observationPixel = [Vector2(1, 2), Vector2(3, 4.5), Vector2(5, 6)]
        map.tableFromMap = .identity
        map.tableSigma = Vector2(0.0002, 0.001)
        map.loopPairs = 7
        map.reprojectionRMS = 0.31
        return map
    }

    @Test func roundTrips() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-map-\(UInt64.random(in: 0...UInt64.max)).bin")
        defer { try? FileManager.default.removeItem(at: url) }
        let map = Self.sample()
        try map.write(to: url)
        #expect(try LandmarkMap(contentsOf: url) == map)
        let bytes = try Data(contentsOf: url)
        #expect(bytes == map.encoded())

        for length in [0, 3, 4, 8, 100, bytes.count - 1] {
            try bytes.prefix(length).write(to: url)
            #expect(throws: MappingError.self, "cut at \(length)") { try LandmarkMap(contentsOf: url) }
        }
        try Data("GTMPxxxxxxxxxxxx".utf8).write(to: url)
        #expect(throws: MappingError.self) { try LandmarkMap(contentsOf: url) }
        #expect(throws: MappingError.self) { try LandmarkMap(contentsOf: url.appendingPathExtension("missing")) }
    }
}

public import Foundation
internal import Estimation
internal import Geometry
internal import Imaging

/// A map's file: `GTMP`, a version, then the tables in order, little-endian.
extension LandmarkMap {
    static let magic: [UInt8] = Array("GTMP".utf8)
    static let version: Int32 = 2

    /// The same map gives the same bytes.
    public func encoded() -> Data {
        var w = BinaryWriter()
        w.bytes.append(contentsOf: Self.magic)
        w.put(Self.version)
        w.put(Int32(camera.lens == .kannalaBrandt ? 0 : 1))
        w.put(Int32(camera.width))
        w.put(Int32(camera.height))
        w.put([camera.focalLength.x, camera.focalLength.y, camera.principalPoint.x, camera.principalPoint.y])
        w.put([camera.distortion.x, camera.distortion.y, camera.distortion.z, camera.distortion.w, camera.maximumAngle])
        w.put(Int32(isMetric ? 1 : 0))
        w.put([up.x, up.y, up.z, reprojectionRMS])
        w.put(Int32(loopPairs))
        w.put(Int32(tableFromMap == nil ? 0 : 1))
        w.put((tableFromMap ?? .identity).sevenNumbers + [tableSigma.x, tableSigma.y])
        w.put(Int32(refinement == nil ? 0 : 1))
        if let r = refinement {
            let c = r.statedCamera
            w.put([c.focalLength.x, c.focalLength.y, c.principalPoint.x, c.principalPoint.y])
            w.put([c.distortion.x, c.distortion.y, c.distortion.z, c.distortion.w, c.maximumAngle])
            w.put(r.corrections + [r.accelerometerGain.x, r.accelerometerGain.y, r.accelerometerGain.z])
        }
        w.put(Int32(landmarks.count))
        w.put(landmarks.flatMap { [$0.x, $0.y, $0.z] })
        w.put(landmarkSigmas.map(Double.init))
        w.put(Int32(descriptorKind == .orb ? 0 : 1))
        w.put(Int32(descriptorLandmark.count))
        w.put(descriptorLandmark)
        w.bytes.append(contentsOf: descriptors)
        w.put(Int32(keyframeTimes.count))
        w.put(keyframeTimes)
        w.put(mapFromCameras.flatMap(\.sevenNumbers))
        w.put(Int32(observationLandmark.count))
        w.put(observationKeyframe)
        w.put(observationLandmark)
        w.put(observationPixel.flatMap { [$0.x, $0.y] })
        return w.bytes
    }

    public func write(to url: URL) throws(MappingError) {
        do { try encoded().write(to: url) } catch { throw .file(path: url.path, reason: "cannot write the map: \(error)") }
    }

    /// Reads what `write` wrote; anything else is an error that names what is wrong.
    public init(contentsOf url: URL) throws(MappingError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch { throw .file(path: url.path, reason: "cannot read the map: \(error)") }
        do { try self.init(decoding: data) } catch { throw .file(path: url.path, reason: error.reason) }
    }

    init(decoding data: Data) throws(FileFormatError) {
        var r = BinaryReader([UInt8](data), of: "map")
        guard try r.raw(4) == Self.magic else { throw FileFormatError("not a map: it does not begin with GTMP") }
        let version = try r.int()
        guard version == Self.version else {
            throw FileFormatError("map version \(version); this program reads version \(Self.version)")
        }
        let lens = try r.int()
        let (width, height) = (Int(try r.int()), Int(try r.int()))
        let k = try r.doubles(9)
        guard width > 0, height > 0, k[0] > 0, k[1] > 0 else { throw FileFormatError("the map's camera has no size or focal length") }
        self.init(
            camera: CameraModel(
                lens: lens == 0 ? .kannalaBrandt : .pinhole, width: width, height: height, focalLength: Vector2(k[0], k[1]),
                principalPoint: Vector2(k[2], k[3]), distortion: Vector4(k[4], k[5], k[6], k[7]), maximumAngle: k[8]))
        isMetric = try r.int() != 0
        let u = try r.doubles(4)
        up = Vector3(u[0], u[1], u[2])
        reprojectionRMS = u[3]
        loopPairs = Int(try r.int())
        let hasTable = try r.int() != 0
        let t = try r.doubles(9)
        if hasTable { tableFromMap = try Self.transform(t[0..<7]).relabelled(Table.self, Map.self) }
        tableSigma = Vector2(t[7], t[8])
        if try r.int() != 0 {
            let s = try r.doubles(9)
            let c = try r.doubles(CameraCorrection.count)
            let g = try r.doubles(3)
            guard s[0] > 0, s[1] > 0 else { throw FileFormatError("the map's stated camera has no focal length") }
            refinement = MapRefinement(
                statedCamera: CameraModel(
                    lens: camera.lens, width: width, height: height, focalLength: Vector2(s[0], s[1]), principalPoint: Vector2(s[2], s[3]),
                    distortion: Vector4(s[4], s[5], s[6], s[7]), maximumAngle: s[8]), corrections: c,
                accelerometerGain: Vector3(g[0], g[1], g[2]))
        }
        let n = try r.count("landmarks")
        let p = try r.doubles(3 * n)
        landmarks = (0..<n).map { Vector3(p[3 * $0], p[3 * $0 + 1], p[3 * $0 + 2]) }
        landmarkSigmas = try r.doubles(n).map { Float($0) }
        descriptorKind = try r.int() == 0 ? .orb : .sift
        let d = try r.count("descriptors")
        descriptorLandmark = try r.ints(d)
        descriptors = try r.raw(d * descriptorKind.bytesPerDescriptor)
        let m = try r.count("keyframes")
        keyframeTimes = try r.doubles(m)
        let q = try r.doubles(7 * m)
        for i in 0..<m { mapFromCameras.append(try Self.transform(q[(7 * i)..<(7 * i + 7)]).relabelled(Map.self, Camera.self)) }
        let o = try r.count("observations")
        observationKeyframe = try r.ints(o)
        observationLandmark = try r.ints(o)
        let x = try r.doubles(2 * o)
        observationPixel = (0..<o).map { Vector2(x[2 * $0], x[2 * $0 + 1]) }
        let good = { (ids: [Int32], bound: Int) in ids.allSatisfy { $0 >= 0 && Int($0) < bound } }
        guard good(descriptorLandmark, n), good(observationLandmark, n), good(observationKeyframe, m) else {
            throw FileFormatError("the map's tables do not fit together: an id points past its table")
        }
    }

    static func transform(_ v: ArraySlice<Double>) throws(FileFormatError) -> Transform<Map, Camera> {
        let a = Array(v)
        guard a.allSatisfy(\.isFinite), a[3] * a[3] + a[4] * a[4] + a[5] * a[5] + a[6] * a[6] > 0.5 else {
            throw FileFormatError("a pose in the map is not finite or its quaternion not of unit length")
        }
        return Transform(rotation: Rotation(xyzw: Vector4(a[3], a[4], a[5], a[6])), translation: Vector3(a[0], a[1], a[2]))
    }
}

extension Transform {
    var sevenNumbers: [Double] {
        [translation.x, translation.y, translation.z, rotation.xyzw.x, rotation.xyzw.y, rotation.xyzw.z, rotation.xyzw.w]
    }
}

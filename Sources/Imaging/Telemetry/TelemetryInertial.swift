public import Geometry
public import Session

extension Telemetry {
    /// The device that carries both a gyroscope and an accelerometer: the camera, where a gimbal writes into the same payloads.
    public var inertialDevice: TelemetryDevice? { devices.first { $0.stream("ACCL") != nil && $0.stream("GYRO") != nil } }

    /// Angular rate and specific force of one device in the frame `Body`: its axes X, Y, Z as ORIN names them, a right-handed frame.
    ///
    /// On GoPro cameras, seen from behind the lens with the camera upright, Z is up; HERO5 and HERO6 state no ORIN and write Z, X, Y.
    /// Where MTRX and ORIO are stated they are applied, for a matrix can hold more than a change of axes. Units other than rad/s, deg/s,
    /// m/s² and g,
    /// orientations that are no three different axes, and values that are not finite are errors. Without `device` the one that has both
    /// sensors is taken.
    public func inertialRecording(device id: UInt32? = nil, path: String = "telemetry") throws(ImagingError) -> InertialRecording {
        guard let device = id.map({ self.device($0) }) ?? inertialDevice else {
            let names = devices.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
            throw .format(
                path: path, location: id.map { "device \($0)" } ?? "telemetry",
                reason: "no device with ACCL and GYRO; it holds \(names.isEmpty ? "no device" : names)")
        }
        return InertialRecording(
            gyroscope: try device.vectors("GYRO", units: ["rad/s": 1, "deg/s": .pi / 180, "°/s": .pi / 180], path: path),
            accelerometer: try device.vectors("ACCL", units: ["m/s²": 1, "m/s2": 1, "m/s^2": 1, "g": 9.80665], path: path))
    }
}

extension TelemetryDevice {
    /// The camera's own orientation stream, `CORI` (camera) or `IORI` (picture within the camera), as rotations of `Body` axes; empty
    /// where there is none.
    ///
    /// GoPro stores w, x, z, y. The relative rotation of two CORI samples is that of the integrated gyroscope, in the frame of
    /// `inertialRecording`:
    /// `worldFromBody` up to a constant turn of the world.
    public func orientations(_ fourCC: String = "CORI") -> [(time: Timestamp<InertialClock>, rotation: Rotation)] {
        guard let stream = stream(fourCC), stream.columnCount == 4 else { return [] }
        return (0..<stream.rowCount).compactMap { i in
            let q = Array(stream.row(i))
            let xyzw = Vector4(q[1], q[3], q[2], q[0])
            let norm = (xyzw * xyzw).sum()
            guard norm > 0.25, norm < 4 else { return nil }
            return (stream.times[i], Rotation(xyzw: xyzw))
        }
    }

    /// A three-axis stream in the frame `Body`, multiplied into SI units.
    func vectors(_ fourCC: String, units: [String: Double], path: String) throws(ImagingError) -> [VectorSample] {
        let location = "device \(name), \(fourCC)"
        guard let stream = stream(fourCC), stream.columnCount == 3 else {
            throw .format(path: path, location: location, reason: "no stream of three columns")
        }
        let stated = stream.units.first ?? units.first { $0.value == 1 }?.key ?? ""
        guard let factor = units[stated] else {
            throw .format(
                path: path, location: location, reason: "unit '\(stated)': \(units.keys.sorted().joined(separator: ", ")) are accepted")
        }
        let body = try stream.bodyFromChannels(path: path, location: location)
        var out: [VectorSample] = []
        out.reserveCapacity(stream.rowCount)
        for i in 0..<stream.rowCount {
            let value = body * Vector3(stream.values[3 * i], stream.values[3 * i + 1], stream.values[3 * i + 2]) * factor
            guard value.isFinite else { throw .format(path: path, location: "\(location), sample \(i)", reason: "a value is not finite") }
            // Stamps are whole microseconds: two samples never share a time.
            let time = max(stream.times[i], out.last.map { Timestamp(nanoseconds: $0.time.nanoseconds + 1) } ?? stream.times[i])
            out.append(VectorSample(time: time, value: value))
        }
        return out
    }
}

extension TelemetryStream {
    /// The matrix that takes a row's three columns to the axes X, Y, Z.
    func bodyFromChannels(path: String, location: String) throws(ImagingError) -> Matrix3 {
        func axes(_ letters: String, _ key: String) throws(ImagingError) -> Matrix3 {
            guard let m = Self.axes(letters) else {
                throw .format(
                    path: path, location: location,
                    reason: "\(key) '\(letters)': X, Y and Z once each, lower case for negative, are accepted")
            }
            return m
        }
        if matrix.count == 9, let outputOrientation {
            let m = Matrix3(
                rows: Vector3(matrix[0], matrix[1], matrix[2]), Vector3(matrix[3], matrix[4], matrix[5]),
                Vector3(matrix[6], matrix[7], matrix[8]))
            guard abs(m.determinant) > 1e-3 else {
                throw .format(path: path, location: location, reason: "MTRX is singular")
            }
            return try axes(outputOrientation, "ORIO") * m
        }
        return try axes(inputOrientation ?? "ZXY", "ORIN")
    }

    /// `XzY`: the first column is X, the second −Z, the third Y. Nil where the letters are not the three axes.
    static func axes(_ letters: String) -> Matrix3? {
        let codes = Array(letters.utf8)
        guard codes.count == 3 else { return nil }
        var columns = [Vector3](repeating: .zero, count: 3)
        for (column, code) in codes.enumerated() {
            switch code {
            case UInt8(ascii: "X"): columns[column] = Vector3(1, 0, 0)
            case UInt8(ascii: "x"): columns[column] = Vector3(-1, 0, 0)
            case UInt8(ascii: "Y"): columns[column] = Vector3(0, 1, 0)
            case UInt8(ascii: "y"): columns[column] = Vector3(0, -1, 0)
            case UInt8(ascii: "Z"): columns[column] = Vector3(0, 0, 1)
            case UInt8(ascii: "z"): columns[column] = Vector3(0, 0, -1)
            default: return nil
            }
        }
        let m = Matrix3(columns: columns[0], columns[1], columns[2])
        return abs(m.determinant) > 0.5 ? m : nil
    }
}

public import Geometry

/// A handheld recorder: its camera, IMU, mount, gripper tags. Read from a YAML file, see `Calibration/devices/`.
public struct Device: Sendable, Equatable {
    public var name: String
    public var camera: CameraModel
    /// From the first row's to the last row's exposure, seconds; 0 is a global shutter.
    /// A frame's time is that of its middle row: row r is seen at `time + (r / (height − 1) − ½) · readout`.
    public var readout: Double
    /// The camera's pose in the IMU's frame.
    public var bodyFromCamera: Transform<Body, Camera>
    /// `inertial = video + offset`.
    public var clockOffset: ClockOffset
    public var inertialNoise: InertialNoise
    /// The tool centre point (between the finger tips) in the camera's frame.
    public var cameraFromTool: Transform<Camera, Tool>
    public var fingerTags: FingerTags?
    public var tableTag: TableTag?
    public var maskHints: [MaskHint]
    /// How its numbers were measured; empty where nobody says.
    public var calibrations: [CalibrationRecord] = []
    /// Fiducials on the gripper's outside, by which another gripper's camera sees it; none for most.
    public var bodyTags: [BodyTag] = []

    public init(
        name: String, camera: CameraModel, readout: Double = 0, bodyFromCamera: Transform<Body, Camera> = .identity,
        clockOffset: ClockOffset = ClockOffset(nanoseconds: 0), inertialNoise: InertialNoise = InertialNoise(),
        cameraFromTool: Transform<Camera, Tool> = .identity, fingerTags: FingerTags? = nil, tableTag: TableTag? = nil,
        maskHints: [MaskHint] = []
    ) {
        self.name = name
        self.camera = camera
        self.readout = readout
        self.bodyFromCamera = bodyFromCamera
        self.clockOffset = clockOffset
        self.inertialNoise = inertialNoise
        self.cameraFromTool = cameraFromTool
        self.fingerTags = fingerTags
        self.tableTag = tableTag
        self.maskHints = maskHints
    }

    /// When a pixel row of a frame was exposed, on the video clock.
    public func time(ofRow row: Double, in frame: Timestamp<VideoClock>) -> Timestamp<VideoClock> {
        frame + (row / Double(max(camera.height - 1, 1)) - 0.5) * readout
    }
}

/// Noise densities of an IMU. The defaults are two to three times a consumer MEMS data sheet, as estimators want them.
public struct InertialNoise: Sendable, Equatable, Codable {
    /// rad/s/√Hz, default 3e-4.
    public var gyroscopeDensity: Double
    /// m/s²/√Hz, default 3e-3.
    public var accelerometerDensity: Double
    /// rad/s²/√Hz, default 3e-5.
    public var gyroscopeBiasWalk: Double
    /// m/s³/√Hz, default 6e-4.
    public var accelerometerBiasWalk: Double

    public init(
        gyroscopeDensity: Double = 3e-4, accelerometerDensity: Double = 3e-3, gyroscopeBiasWalk: Double = 3e-5,
        accelerometerBiasWalk: Double = 6e-4
    ) {
        self.gyroscopeDensity = gyroscopeDensity
        self.accelerometerDensity = accelerometerDensity
        self.gyroscopeBiasWalk = gyroscopeBiasWalk
        self.accelerometerBiasWalk = accelerometerBiasWalk
    }

    enum CodingKeys: String, CodingKey {
        case gyroscopeDensity = "gyroscope_density"
        case accelerometerDensity = "accelerometer_density"
        case gyroscopeBiasWalk = "gyroscope_bias_walk"
        case accelerometerBiasWalk = "accelerometer_bias_walk"
    }
}

/// The fiducials on the fingers. Ids are of OpenCV's DICT_4X4_50.
public struct FingerTags: Sendable, Equatable {
    public var leftID: Int
    public var rightID: Int
    /// Side of the black square, metres.
    public var size: Double
    /// Distance of the tags from the camera along its axis, metres; detections further than `depthTolerance` from it are dropped.
    public var nominalDepth: Double
    public var depthTolerance: Double

    public init(leftID: Int, rightID: Int, size: Double, nominalDepth: Double, depthTolerance: Double) {
        self.leftID = leftID
        self.rightID = rightID
        self.size = size
        self.nominalDepth = nominalDepth
        self.depthTolerance = depthTolerance
    }
}

/// A fiducial that is fixed to the gripper and faces outwards. Ids are of OpenCV's DICT_4X4_50.
public struct BodyTag: Sendable, Equatable {
    public var id: Int
    /// Side of the black square, metres.
    public var size: Double
    /// The tag in the gripper's own camera's frame: x right, y up, z out of the printed side.
    public var cameraFromTag: Transform<Camera, Tag>

    public init(id: Int, size: Double, cameraFromTag: Transform<Camera, Tag>) {
        self.id = id
        self.size = size
        self.cameraFromTag = cameraFromTag
    }
}

extension Device {
    /// UMI's numbering: gripper g carries the ids of gripper 0 plus 6 g.
    public static let idsPerGripper = 6

    /// This device as gripper number `index` carries it: its finger and body tags have the ids of that gripper.
    public func gripper(_ index: Int) -> Device {
        var device = self
        let shift = Self.idsPerGripper * index
        device.fingerTags?.leftID += shift
        device.fingerTags?.rightID += shift
        for i in device.bodyTags.indices { device.bodyTags[i].id += shift }
        return device
    }
}

/// The fiducial that lies on the table and gives scale and the table frame.
public struct TableTag: Sendable, Equatable {
    public var id: Int
    /// Side of the black square, metres.
    public var size: Double

    public init(id: Int, size: Double) {
        self.id = id
        self.size = size
    }

    /// The corners in the tag's frame, in OpenCV's order: top left, top right, bottom right, bottom left, seen on the printed side.
    public var corners: [Vector3] { Self.corners(size: size) }

    public static func corners(size: Double) -> [Vector3] {
        let h = size / 2
        return [Vector3(-h, h, 0), Vector3(h, h, 0), Vector3(h, -h, 0), Vector3(-h, -h, 0)]
    }
}

/// How some of a device's numbers were measured: what they hold for, how well they explain what was seen, and where they came from.
public struct CalibrationRecord: Sendable, Equatable, Codable {
    /// Which keys of the device file: `camera`, `imu_noise`, `imu_camera`.
    public var kind: String
    public var holdsFor: String
    /// What is left unexplained, with its unit; `assumed` first where nothing was measured.
    public var residual: String
    public var source: String
    /// Standard deviations of the numbers, in their order and units; nil where they are not known.
    public var sigmas: [Double]?

    public init(kind: String, holdsFor: String, residual: String, source: String, sigmas: [Double]? = nil) {
        self.kind = kind
        self.holdsFor = holdsFor
        self.residual = residual
        self.source = source
        self.sigmas = sigmas
    }

    /// Nobody measured it for this device: `residual` says so first.
    public var isAssumed: Bool { residual.hasPrefix("assumed") }

    enum CodingKeys: String, CodingKey {
        case kind, residual, source, sigmas
        case holdsFor = "holds_for"
    }
}

extension Device {
    /// Sets one kind's record, in place of an older one.
    public mutating func record(_ calibration: CalibrationRecord) {
        calibrations.removeAll { $0.kind == calibration.kind }
        calibrations.append(calibration)
    }
}

/// A polygon of the picture whose class is known beforehand.
public struct MaskHint: Sendable, Equatable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case gripper
        case mirror
    }

    public var kind: Kind
    /// Corners in pixels of the picture size the intrinsics hold for.
    public var polygon: [Vector2]

    public init(kind: Kind, polygon: [Vector2]) {
        self.kind = kind
        self.polygon = polygon
    }
}

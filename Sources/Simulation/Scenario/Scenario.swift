/// A session to simulate: recorder, room, and what is done in front of it. Read from YAML; every key has a default, unknown keys are refused.
///
/// Coordinates are metres in the table tag's frame (x away from the operator, z up).
public struct Scenario: Codable, Sendable, Equatable {
    /// Goes into the device's name.
    public var name = "simulator"
    /// Seeds every random number: texture, noise, tremor.
    public var seed = 1
    public var picture = Picture()
    public var lens = Lens()
    public var inertial = Inertial()
    public var scene = SceneDescription()
    public var object = PickObject()
    public var operatorArm = OperatorArm()
    public var robots = Robots()
    public var stated = StatedErrors()
    /// When and how the files are written, for sessions of several cameras.
    public var files = Files()
    public var recordings: [RecordingPlan] = []

    public init() {}

    enum CodingKeys: String, CodingKey {
        case name, seed, picture, lens, inertial, scene, object, robots, stated, files, recordings
        case operatorArm = "operator_arm"
    }

    /// Size, rate and exposure of the video.
    public struct Picture: Codable, Sendable, Equatable {
        /// Pixels, default 960.
        public var width = 960
        /// Pixels, default 720.
        public var height = 720
        /// Frames a second, a whole number, default 60.
        public var rate = 60
        /// From the first row's exposure to the last row's, seconds; default 0.010; 0 is a global shutter.
        public var readout = 0.010
        /// How long each row is exposed, seconds; default 0.004.
        public var exposure = 0.004
        /// Rays per pixel, spread over its area and over the exposure: 1, 4, 9 or 16; default 4.
        public var samplesPerPixel = 4
        /// Standard deviation of the sensor's noise in 8-bit levels; default 1.5.
        public var noiseSigma = 1.5
        /// Loss of light at the edge of the image circle, 0 to 1; default 0.35. It grows with the fourth power of the angle.
        public var vignetting = 0.35
        /// Angle from the optical axis beyond which the picture is black, degrees; default 84.
        public var imageCircle = 84.0
        /// Share by which the light swings up and down, 0 to 0.9; default 0. Lamps go on and off twice in `lightPeriod`, within 0.2 of it.
        public var lightSwing = 0.0
        /// Seconds, default 3.
        public var lightPeriod = 3.0
        /// Quality of the H.264 file, libx264's constant rate factor; default 18.
        public var crf = 18

        public init() {}

        enum CodingKeys: String, CodingKey {
            case width, height, exposure = "exposure_s", readout = "readout_s", rate = "rate_hz", vignetting, crf
            case samplesPerPixel = "samples_per_pixel"
            case noiseSigma = "noise_sigma"
            case imageCircle = "image_circle_deg"
            case lightSwing = "light_swing"
            case lightPeriod = "light_period_s"
        }
    }

    /// A Kannala-Brandt lens at a reference picture size; the default is UMI's GoPro lens. It is rescaled to the picture.
    public struct Lens: Codable, Sendable, Equatable {
        public var width = 960
        public var height = 720
        public var focalLength = [282.9, 282.9]
        public var principalPoint = [480.0, 360.0]
        public var distortion = [-0.01746, -0.02808, 0.01283, -0.00452]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case width, height, distortion
            case focalLength = "focal_length_px"
            case principalPoint = "principal_point_px"
        }
    }

    /// The IMU as it really behaves (the device file states what an estimator should assume: twice the densities).
    public struct Inertial: Codable, Sendable, Equatable {
        /// Samples a second, default 200.
        public var rate = 200.0
        /// `inertial = video + offset`, seconds; default 0.012.
        public var offset = 0.012
        /// rad/s/√Hz, default 1.5e-4.
        public var gyroscopeDensity = 1.5e-4
        /// m/s²/√Hz, default 1.5e-3.
        public var accelerometerDensity = 1.5e-3
        /// rad/s²/√Hz, default 1.5e-5.
        public var gyroscopeBiasWalk = 1.5e-5
        /// m/s³/√Hz, default 3e-4.
        public var accelerometerBiasWalk = 3e-4
        /// rad/s at the start of each recording.
        public var gyroscopeBias = [0.004, -0.003, 0.002]
        /// m/s² at the start of each recording.
        public var accelerometerBias = [0.05, -0.03, 0.04]
        /// What the accelerometer's axes read for 1; default 1, 1, 1.
        public var accelerometerScale = [1.0, 1.0, 1.0]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case rate = "rate_hz"
            case offset = "time_offset_s"
            case gyroscopeDensity = "gyroscope_density"
            case accelerometerDensity = "accelerometer_density"
            case gyroscopeBiasWalk = "gyroscope_bias_walk"
            case accelerometerBiasWalk = "accelerometer_bias_walk"
            case gyroscopeBias = "gyroscope_bias_rad_s"
            case accelerometerBias = "accelerometer_bias_m_s2"
            case accelerometerScale = "accelerometer_scale"
        }
    }

    /// The arms for which the truth says what they could follow.
    public struct Robots: Codable, Sendable, Equatable {
        /// Where the foot of every arm stands in the table frame.
        public var baseTranslation = [-0.5, 0.0, 0.0]
        /// Turn of the arm's x axis about the table's z, degrees.
        public var baseYaw = 0.0
        /// Names among `panda` and `xarm7`.
        public var arms = ["panda", "xarm7"]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case baseTranslation = "base_translation_m"
            case baseYaw = "base_yaw_deg"
            case arms
        }
    }

    /// How far the device file is from the truth: what an estimator has to find out by itself.
    public struct StatedErrors: Codable, Sendable, Equatable {
        /// Stated less true clock offset, seconds; default 0.
        public var offset = 0.0
        /// Stated over true readout time; default 1.
        public var readoutRatio = 1.0
        /// Stated over true focal length; default 1.
        public var focalRatio = 1.0
        /// Stated less true principal point, pixels of the reference size; default 0, 0.
        public var principalPoint = [0.0, 0.0]
        /// Turn of the stated camera against the true one in the IMU's frame, degrees about each axis; default 0.
        public var cameraTurn = [0.0, 0.0, 0.0]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case offset = "time_offset_s"
            case readoutRatio = "readout_ratio"
            case focalRatio = "focal_length_ratio"
            case principalPoint = "principal_point_px"
            case cameraTurn = "camera_turn_deg"
        }
    }

    /// One video to record.
    public struct RecordingPlan: Codable, Sendable, Equatable {
        /// File name without extension. `mapping…` and `gripper_calibration…` have their meaning for `convert`; the rest are demos.
        public var name = "demo"
        public var motion = MotionKind.pickPlace
        /// Seconds; 0 takes the motion's own length. A longer one holds the last pose.
        public var duration = 0.0
        /// Moves the places of the object and the path a little, so that two demos differ.
        public var variant = 0
        /// Whether the operator's free arm comes into view.
        public var human = false
        /// When the arm begins to come in, and has left again, seconds.
        public var humanFrom = 0.8
        public var humanTo = 3.6
        /// Factor of the motion's speed; default 1. The motion is over sooner; `duration` counts as it is.
        public var speed = 1.0
        /// Of a `recorded` motion: a motion-capture table (time in ns, position, quaternion w x y z of the IMU) and the IMU's own readings
        /// (time in ns, angular rate, specific force), both relative to the scenario's folder.
        public var motionFile = ""
        public var inertialFile = ""
        /// Seconds from the motion's first row to the video's first frame, and what is added to its positions, metres.
        public var motionStart = 1.0
        public var motionShift = [0.0, 0.0, 0.0]
        /// Path of a `custom` motion.
        public var keyframes: [MotionKey] = []
        /// Which camera and gripper records: 0 or 1. Gripper 1 carries finger tags 6 and 7.
        public var camera = 0
        /// True time of the first frame after the session's beginning, seconds.
        public var start = 0.0
        /// The recording of the other gripper that is seen in this one; empty for none.
        public var partner = ""
        /// Moves the whole motion over the table, metres.
        public var shift = [0.0, 0.0]
        /// From when on the lens is covered, seconds; -1 never.
        public var coveredFrom = -1.0
        /// Whether the truth says of every pixel what it shows (`classes.mov`): 1 gripper, 2 other gripper, 3 object, 4 human, 0 all else and
        /// pixels that show several without a human.
        public var classes = false

        public init() {}

        enum CodingKeys: String, CodingKey {
            case name, motion, variant, human, keyframes, speed, camera, partner, classes
            case motionFile = "motion_file"
            case inertialFile = "inertial_file"
            case motionStart = "motion_start_s"
            case motionShift = "motion_shift_m"
            case start = "start_s"
            case shift = "shift_m"
            case coveredFrom = "covered_from_s"
            case duration = "duration_s"
            case humanFrom = "human_from_s"
            case humanTo = "human_to_s"
        }
    }
}

extension Scenario {
    /// What the table top looks like.
    public enum TableTexture: String, Codable, Sendable, CaseIterable {
        case wood
        case speckle
        case posters
        case tiles
        /// Nearly featureless: a trial for mapping.
        case bare
    }

    /// The room: desk, printed sheets, boxes, walls.
    public struct SceneDescription: Codable, Sendable, Equatable {
        public var table = TableTexture.wood
        /// Strength of the table's texture, 0 to 1; default 1.
        public var contrast = 1.0
        /// Printed sheets lying on the desk, default 9.
        public var sheets = 9
        /// Whether the walls carry posters.
        public var posters = true
        /// Extent of the desk top: x from, x to, y from, y to, metres.
        public var desk = [-0.75, 1.15, -0.95, 0.95]
        /// Extent of the room: x from, x to, y from, y to, z from, z to, metres.
        public var room = [-1.7, 2.3, -2.0, 2.0, -0.75, 1.75]
        /// Side of the table tag's black square, metres; default 0.16. 0 leaves the tag out.
        public var tagSize = 0.16
        /// Id of the table tag in DICT_4X4_50: 13 (or 0, 1).
        public var tagID = 13
        public var boxes = Box.defaults

        public init() {}

        enum CodingKeys: String, CodingKey {
            case table, contrast, sheets, posters, boxes
            case desk = "desk_m"
            case room = "room_m"
            case tagSize = "tag_size_m"
            case tagID = "tag_id"
        }
    }

    /// A box that stands on the desk.
    public struct Box: Codable, Sendable, Equatable {
        /// Centre of its foot, metres.
        public var position = [0.0, 0.0]
        /// Length, width, height, metres.
        public var size = [0.1, 0.1, 0.1]
        /// Degrees about z.
        public var yaw = 0.0
        /// One colour, 0 to 1, red green blue; empty for a printed cover.
        public var colour: [Double] = []

        public init() {}

        init(_ position: [Double], _ size: [Double], yaw: Double) {
            self.position = position
            self.size = size
            self.yaw = yaw
        }

        static let defaults = [
            Box([0.40, -0.36], [0.24, 0.17, 0.05], yaw: 20), Box([0.66, 0.08], [0.17, 0.13, 0.15], yaw: -15),
            Box([0.26, 0.55], [0.14, 0.20, 0.09], yaw: 35), Box([-0.22, -0.46], [0.11, 0.09, 0.10], yaw: 10),
            Box([-0.30, 0.40], [0.21, 0.15, 0.03], yaw: -25), Box([0.80, -0.50], [0.20, 0.22, 0.22], yaw: 40),
            Box([0.84, 0.56], [0.26, 0.18, 0.06], yaw: 5),
        ]

        enum CodingKeys: String, CodingKey {
            case position = "position_m"
            case size = "size_m"
            case yaw = "yaw_deg"
            case colour
        }
    }

    /// How the recordings' files are written.
    public struct Files: Codable, Sendable, Equatable {
        /// How a session's files lie.
        public enum Layout: String, Codable, Sendable, CaseIterable {
            /// `NAME.mp4` beside one another.
            case flat
            /// As cameras name them: `raw_videos/CAMERA/GX010001.MP4`, numbered in the order of their starts.
            case raw
            /// As UMI sorts them: `demos/NAME/raw_video.mp4`.
            case demos
        }

        public var layout = Layout.flat
        /// Date and time of the session's beginning, `yyyy-mm-ddThh:mm:ss`; empty states neither time nor camera in the files.
        public var recordedAt = ""
        /// Serial number of each camera.
        public var serials = ["C3441320000017", "C3441320000042"]
        /// How far each camera's clock is ahead, seconds. The time code is cut to whole frames on top of that.
        public var clockErrors = [0.0, 0.0]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case layout, serials
            case recordedAt = "recorded_at"
            case clockErrors = "clock_errors_s"
        }
    }

    /// The thing that is picked and placed: an upright cylinder.
    public struct PickObject: Codable, Sendable, Equatable {
        /// Metres, default 0.02.
        public var radius = 0.02
        /// Metres, default 0.09.
        public var height = 0.09
        /// 0 to 1, red green blue.
        public var colour = [0.80, 0.16, 0.12]

        public init() {}

        enum CodingKeys: String, CodingKey {
            case radius = "radius_m"
            case height = "height_m"
            case colour
        }
    }

    /// The operator's free arm: a sleeve, a bare wrist and a hand, that reaches over the table and leaves.
    public struct OperatorArm: Codable, Sendable, Equatable {
        /// Skin, 0 to 1, red green blue; default a medium tone.
        public var skin = [0.78, 0.57, 0.45]
        /// Sleeve, 0 to 1, red green blue; default a dull blue.
        public var sleeve = [0.22, 0.30, 0.48]
        /// Where the shoulder is, metres.
        public var shoulder = [0.12, 0.92, 0.40]
        /// Where the finger tips reach to, metres.
        public var reach = [0.17, 0.06, 0.045]
        /// Share of the forearm, from the elbow, that the sleeve covers; default 0.68; 0 is a bare forearm.
        public var sleeved = 0.68
        /// Colour of a glove, 0 to 1, red green blue; empty for a bare hand.
        public var glove: [Double] = []
        /// Amplitude of the hand's own movement, metres; default 0.03; 0 keeps it still.
        public var busy = 0.03
        /// How much skin and cloth vary from place to place, 0 to 1; default 0: flat colours.
        public var texture = 0.0
        /// Whether the sleeve is checked.
        public var checked = false
        /// Whether the hand carries the partner's gripper; `reach` counts for nothing then.
        public var carriesPartner = false

        public init() {}

        enum CodingKeys: String, CodingKey {
            case skin, sleeve, sleeved, glove, texture, checked
            case busy = "busy_m"
            case carriesPartner = "carries_partner"
            case shoulder = "shoulder_m"
            case reach = "reach_m"
        }
    }
}

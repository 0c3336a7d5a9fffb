/// A feature as `info.json` declares it.
struct LeRobotFeature: Equatable {
    enum Kind: String, CaseIterable {
        case float32
        case int64
        case bool
        case video
    }

    var name: String
    var kind: Kind
    var shape: [Int]
    var names: [String]?
    /// Names as another data set has them, taken over; nil: `names`.
    var statedNames: JSONValue?
    /// Whether its statistics have quantiles: pictures' ones cannot be made again from a data set that has none.
    var hasQuantiles = true
    /// Of a video taken over from another data set; nil: what this program writes.
    var videoInfo: JSONValue?
    /// Of numbers: how rotations among them are written. Readers pass it over, and LeRobot's own tools compare it when they merge.
    var numberInfo: JSONValue?

    /// LeRobot's own, always last.
    static let defaults = [
        LeRobotFeature(name: "timestamp", kind: .float32, shape: [1], names: nil),
        LeRobotFeature(name: "frame_index", kind: .int64, shape: [1], names: nil),
        LeRobotFeature(name: "episode_index", kind: .int64, shape: [1], names: nil),
        LeRobotFeature(name: "index", kind: .int64, shape: [1], names: nil),
        LeRobotFeature(name: "task_index", kind: .int64, shape: [1], names: nil),
    ]

    /// Numbers a frame.
    var width: Int { shape.reduce(1, *) }

    /// Numbers of each statistic: LeRobot reduces a matrix over all but its last axis, pictures to their channels.
    var statisticWidth: Int { kind == .video ? 3 : shape.last ?? 1 }

    /// How the column's lists are nested; nil for video.
    var columnShape: [Int]? { kind == .video ? nil : shape == [1] ? [] : shape }

    /// The column of the data table; nil for video.
    var column: ParquetColumn? {
        let element: ParquetColumn.Element
        switch kind {
        case .float32: element = .float
        case .int64: element = .int64
        case .bool: element = .bool
        case .video: return nil
        }
        if shape == [1] { return ParquetColumn(name, element) }
        return ParquetColumn(name, element, depth: shape.count, fixedSize: shape.count == 1 ? width : 0)
    }

    func json(fps: Int, codec: String) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("dtype", .string(kind.rawValue)),
            ("shape", .array(shape.map { .integer(Int64($0)) })),
            ("names", statedNames ?? names.map { .array($0.map { .string($0) }) } ?? .null),
        ]
        if let numberInfo { members.append(("info", numberInfo)) }
        if let videoInfo {
            members.append(("info", videoInfo))
        } else if kind == .video {
            members.append(
                (
                    "info",
                    .object([
                        ("video.height", .integer(Int64(shape[0]))), ("video.width", .integer(Int64(shape[1]))),
                        ("video.codec", .string(codec)),
                        ("video.pix_fmt", .string("yuv420p")), ("video.is_depth_map", .bool(false)), ("video.fps", .integer(Int64(fps))),
                        ("video.channels", .integer(3)), ("has_audio", .bool(false)),
                    ])
                ))
        }
        return .object(members)
    }

    /// A statistic as `stats.json` nests it: pictures as [3][1][1]; minima and maxima keep the feature's type.
    func json(statistic key: String, _ values: [Double]) -> JSONValue {
        let extremes = key == "min" || key == "max"
        return .array(
            values.map { value in
                switch kind {
                case .video: .array([.array([.number(value)])])
                case .int64 where extremes: .integer(Self.whole(value))
                case .bool where extremes: .bool(value != 0)
                default: .number(value)
                }
            })
    }

    /// The nearest: the largest numbers, as doubles, are beyond what they were.
    private static func whole(_ value: Double) -> Int64 { Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max) }

    /// The feature's entry of `stats.json` or `episodes_stats.jsonl`.
    func json(statistics s: FeatureStatistics) -> JSONValue {
        let arrays = hasQuantiles ? s.arrays : s.arrays.filter { !FeatureStatistics.keys.contains($0.key) }
        var members = arrays.map { (key: $0.key, value: json(statistic: $0.key, $0.values)) }
        members.insert(("count", .array([.integer(Int64(s.count))])), at: 4)
        return .object(members)
    }

    /// The columns of `meta/episodes` that hold this feature's statistics, in LeRobot's order.
    var statisticColumns: [ParquetColumn] {
        let extreme: ParquetColumn.Element =
            switch kind {
            case .int64: .int64
            case .bool: .bool
            case .float32, .video: .double
            }
        let depth = kind == .video ? 3 : 1
        let head = [("min", extreme), ("max", extreme), ("mean", ParquetColumn.Element.double), ("std", .double)]
        return head.map { ParquetColumn("stats/\(name)/\($0.0)", $0.1, depth: depth) }
            + [ParquetColumn("stats/\(name)/count", .int64, depth: 1)]
            + (hasQuantiles ? FeatureStatistics.keys : []).map { ParquetColumn("stats/\(name)/\($0)", .double, depth: depth) }
    }

    /// Values for `statisticColumns`.
    func statisticValues(_ s: FeatureStatistics) -> [ParquetValues] {
        func extreme(_ values: [Double]) -> ParquetValues {
            switch kind {
            case .int64: .int64(values.map(Self.whole))
            case .bool: .bool(values.map { $0 != 0 })
            case .float32, .video: .double(values)
            }
        }
        return [extreme(s.minimum), extreme(s.maximum), .double(s.mean), .double(s.standardDeviation), .int64([Int64(s.count)])]
            + (hasQuantiles ? s.quantiles : []).map { .double($0) }
    }
}

extension EpisodeLayout {
    /// All features in the order of `info.json`.
    var features: [LeRobotFeature] {
        [numbers("observation.state", stateNames), numbers("action", actionNames)]
            + vectors.map { LeRobotFeature(name: $0.key, kind: .float32, shape: [$0.names.count], names: $0.names) }
            + cameras.map {
                LeRobotFeature(name: $0.key, kind: .video, shape: [$0.height, $0.width, 3], names: ["height", "width", "channels"])
            }
            + annotations.map { annotation in
                let kind: LeRobotFeature.Kind =
                    switch annotation.kind {
                    case .float32: .float32
                    case .int64: .int64
                    case .bool: .bool
                    }
                return LeRobotFeature(name: annotation.name, kind: kind, shape: [1], names: nil)
            }
            + LeRobotFeature.defaults
    }

    private func numbers(_ name: String, _ names: [String]) -> LeRobotFeature {
        var feature = LeRobotFeature(name: name, kind: .float32, shape: [names.count], names: names)
        guard let rotations, names.contains(where: { $0.contains("ee.") }) else { return feature }
        var members: [(key: String, value: JSONValue)] = [("rotation", .string(rotations.form.rawValue))]
        if !rotations.referencesXYZW.isEmpty, names.contains(where: { $0.hasSuffix("ee.x") }) {
            let references = rotations.referencesXYZW.map { JSONValue.array($0.map { .number($0) }) }
            members.append(("reference_rotation_xyzw", .array(references)))
        }
        feature.numberInfo = .object(members)
        return feature
    }
}

@testable import Dataset
import Foundation
import Geometry
import Imaging
import Testing

/// Faults that readers break on, planted one by one into good data sets; `validate` names the file and the place of each.
struct PlantedFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        var format: DatasetFormat
        /// What the message must hold: the file, the place, the rule.
        var says: [String]
        /// Whether the good data set has tool poses with rotations in every form.
        var hasRotations = false
        var plant: @Sendable (URL) throws -> Void
        var testDescription: String { "\(format.name): \(name)" }
    }

    private static let data = "data/chunk-000/file-000.parquet"
    private static let episodes = "meta/episodes/chunk-000/file-000.parquet"
    private static let video = "videos/observation.images.wrist/chunk-000/file-001.mp4"

    static let faults: [Fault] = [
        Fault(name: "1 a column that info.json does not declare", format: .lerobot, says: [data, "diagnostic.is_tracked", "CastError"]) {
            try Plant.text($0, "meta/info.json", "\"diagnostic.is_tracked\"", "\"diagnostic.was_tracked\"")
        },
        Fault(name: "2 a declared column is missing", format: .lerobot, says: [data, "column action", "CastError"]) {
            try Plant.table($0.appendingPathComponent(data), drop: "action")
        },
        Fault(name: "3 tasks without the pandas index", format: .lerobot, says: ["meta/tasks.parquet", "every task into a number"]) {
            try Plant.table($0.appendingPathComponent("meta/tasks.parquet"), metadata: false)
        },
        Fault(name: "4 a frame's time jitters by 5 ms", format: .lerobot, says: [data, "timestamp, row 14"]) {
            try Plant.table($0.appendingPathComponent(data)) { if $0 == "timestamp" { $1[14] += 0.005 } }
        },
        Fault(name: "5 index starts anew", format: .lerobot, says: [data, "index, row 12"]) {
            try Plant.table($0.appendingPathComponent(data)) { if $0 == "index" { for i in 12..<22 { $1[i] -= 12 } } }
        },
        Fault(name: "6 a number is not finite", format: .lerobot, says: [data, "observation.state, row 3", "not finite"]) {
            try Plant.table($0.appendingPathComponent(data)) { if $0 == "observation.state" { $1[13] = .nan } }
        },
        Fault(name: "7 episode ranges overlap", format: .lerobot, says: [episodes, "dataset_from_index", "episode 1"]) {
            try Plant.table($0.appendingPathComponent(episodes)) { if $0 == "dataset_from_index" { $1[1] -= 2 } }
        },
        Fault(name: "8 a video is missing", format: .lerobot, says: [video, "does not exist"]) {
            try FileManager.default.removeItem(at: $0.appendingPathComponent(video))
        },
        Fault(name: "9 a video lacks its last frames", format: .lerobot, says: [video, "episode 1, frame 8", "no picture"]) {
            try Plant.video($0.appendingPathComponent(video), frames: 8, rate: Rational(20))
        },
        Fault(name: "10 a video at 59.94 frames a second", format: .lerobot, says: [video, "average frame rate: 59.94"]) {
            try Plant.video($0.appendingPathComponent(video), frames: 10, rate: Rational(60000, 1001))
        },
        Fault(name: "11 a video of another size", format: .lerobot, says: [video, "size: 32x32, declared 64x48"]) {
            try Plant.video($0.appendingPathComponent(video), frames: 10, rate: Rational(20), width: 32, height: 32)
        },
        Fault(name: "12 no robot_type", format: .lerobot, says: ["meta/info.json", "robot_type", "KeyError"]) {
            try Plant.text($0, "meta/info.json", "\"robot_type\"", "\"robot\"")
        },
        Fault(name: "13 statistics without quantiles", format: .lerobot, says: ["meta/stats.json", "action.q99"]) {
            try Plant.statistics($0, "action", "q99", "q98")
        },
        Fault(name: "14 statistics of other data", format: .lerobot, says: ["meta/stats.json", "action.max[2]", "wrong range"]) {
            try Plant.table($0.appendingPathComponent(data)) { if $0 == "action" { $1[2] = 7.5 } }
        },
        Fault(name: "15 total_frames of before it grew", format: .lerobot, says: ["meta/info.json", "total_frames", "21"]) {
            try Plant.text($0, "meta/info.json", "\"total_frames\": 22", "\"total_frames\": 21")
        },
        Fault(name: "16 an episode's task is unknown", format: .lerobot, says: [data, "task_index, row 2", "no row of meta/tasks.parquet"])
        {
            try Plant.table($0.appendingPathComponent(data)) { if $0 == "task_index" { $1[2] = 9 } }
        },
        Fault(name: "17 v2.1: an episode without statistics", format: .lerobot21, says: ["meta/episodes_stats.jsonl", "episode 1"]) {
            try Plant.lastLine($0.appendingPathComponent("meta/episodes_stats.jsonl"))
        },
        Fault(name: "18 v2.1: GR00T's range leaves the vector", format: .lerobot21, says: ["meta/modality.json", "state.all", "4 numbers"])
        {
            try Plant.text($0, "meta/modality.json", "\"end\": 4", "\"end\": 5")
        },
        Fault(
            name: "19 v2.1: an episode's table is missing", format: .lerobot21,
            says: ["data/chunk-000/episode_000001.parquet", "does not exist"]
        ) {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("data/chunk-000/episode_000001.parquet"))
        },
        Fault(name: "20 UMI: no root group", format: .umi, says: [".zgroup", "is missing"]) { try Plant.zip($0, drop: ".zgroup") },
        Fault(name: "21 UMI: a picture is missing", format: .umi, says: ["data/camera0_rgb", "picture 17", "black"]) {
            try Plant.zip($0, drop: "data/camera0_rgb/17.0.0.0")
        },
        Fault(name: "22 UMI: the last chunk is not padded", format: .umi, says: ["data/robot0_eef_pos/1.0", "the last one too"]) {
            try Plant.zip($0) { $0 == "data/robot0_eef_pos/1.0" ? Array($1.prefix(24)) : $1 }
        },
        Fault(name: "23 UMI: the tool jumps", format: .umi, says: ["data/robot0_eef_pos", "episode 0, row 10", "jumps"]) {
            try Plant.zip($0) { $0 == "data/robot0_eef_pos/0.0" ? Plant.float($1, at: 120) { $0 + 0.08 } : $1 }
        },
        Fault(name: "24 UMI: widths in millimetres", format: .umi, says: ["data/robot0_gripper_width", "row 0", "metres"]) {
            try Plant.zip($0) { $0 == "data/robot0_gripper_width/0.0" ? Plant.float($1, at: 0) { $0 * 1000 } : $1 }
        },
        Fault(
            name: "25 UMI: the start pose is another episode's", format: .umi,
            says: ["data/robot0_demo_start_pose", "episode 1", "first row"]
        ) {
            try Plant.startPose($0)
        },
        Fault(name: "26 UMI: episode ends fall", format: .umi, says: ["meta/episode_ends", "episode 1"]) {
            try Plant.zip($0) { $0 == "meta/episode_ends/0" ? [94, 0, 0, 0, 0, 0, 0, 0] + $1.suffix(8) : $1 }
        },
        Fault(name: "27 robomimic: num_samples is not the rows", format: .robomimic, says: ["/data/demo_1@num_samples", "10"]) {
            try Plant.hdf5($0) { try $0.set("/data/demo_1", "num_samples", 11) }
        },
        Fault(name: "28 robomimic: no env_args", format: .robomimic, says: ["/data@env_args", "type"]) {
            try Plant.hdf5($0) { try $0.set("/data", "env_args", "{\"env_name\": \"x\", \"env_kwargs\": {}}") }
        },
        Fault(name: "29 robomimic: a mask of a demo that is not there", format: .robomimic, says: ["/mask/valid", "demo_9"]) {
            try Plant.hdf5($0) { try $0.put("/mask/valid", texts: ["demo_9"]) }
        },
        Fault(
            name: "30 robomimic: an observation is missing in one demo", format: .robomimic, says: ["/data/demo_1/obs/state", "is missing"]
        ) {
            try Plant.hdf5($0) { try $0.remove("/data/demo_1/obs/state") }
        },
        Fault(
            name: "31 rot6d rows that are not at right angles", format: .lerobot,
            says: [data, "observation.state ee.row1_x … ee.row2_z, row 5", "product 0.3"], hasRotations: true
        ) {
            try Plant.rows($0.appendingPathComponent(data), "observation.state", 0..<6) { row, rotation in
                guard row == 5 else { return }
                for i in 0..<3 { rotation[3 + i] = sqrt(1 - 0.09) * rotation[3 + i] + 0.3 * rotation[i] }
            }
        },
        Fault(
            name: "32 rot6d rows of another length, at the end of a table", format: .lerobot21,
            says: ["data/chunk-000/episode_000001.parquet", "observation.state ee.row1_x … ee.row2_z, row 9", "length 1.2 and 1.0"],
            hasRotations: true
        ) {
            try Plant.rows($0.appendingPathComponent("data/chunk-000/episode_000001.parquet"), "observation.state", 0..<6) {
                row, rotation in
                if row == 9 { for i in 0..<3 { rotation[i] *= 1.2 } }
            }
        },
        Fault(
            name: "33 a quaternion that is none", format: .lerobot,
            says: [data, "action ee.qx … ee.qw, row 13", "quaternion of length 0.5"], hasRotations: true
        ) {
            try Plant.rows($0.appendingPathComponent(data), "action", 0..<4) { row, rotation in
                if row == 13 { for i in 0..<4 { rotation[i] *= 0.5 } }
            }
        },
        Fault(
            name: "34 a quaternion changes its sign within an episode", format: .lerobot,
            says: ["warning", data, "action ee.qx … ee.qw, row 7", "sign"], hasRotations: true
        ) {
            try Plant.rows($0.appendingPathComponent(data), "action", 0..<4) { row, rotation in
                if (7..<12).contains(row) { for i in 0..<4 { rotation[i] *= -1 } }
            }
        },
        Fault(
            name: "35 a rotation vector goes the other way round", format: .lerobot,
            says: ["warning", data, "action ee.ref_wx … ee.ref_wz, row 17", "half a turn"], hasRotations: true
        ) {
            try Plant.rows($0.appendingPathComponent(data), "action", 4..<7) { row, rotation in
                guard row >= 17 else { return }
                let length = sqrt(rotation.reduce(0) { $0 + $1 * $1 })
                for i in 0..<3 { rotation[i] *= (length - 2 * .pi) / length }
            }
        },
        Fault(
            name: "36 robomimic: a rotation that is none", format: .robomimic,
            says: ["/data/demo_1/obs/end_effector_rotation", "row 3", "length 1.0 and 0.9"], hasRotations: true
        ) {
            try Plant.hdf5($0) { file in
                let name = "/data/demo_1/obs/end_effector_rotation"
                let (found, shape) = try file.doubles(name)
                var values = found
                for i in 21..<24 { values[i] *= 0.9 }
                try file.write(name, values.map { Float($0) }, start: [0, 0], count: shape)
            }
        },
    ]

    /// An episode's end is no place to jump from, and rotations up to half a turn a row are none.
    @Test func goodRotationsAreNotSuspected() throws {
        let folder = try TemporaryFolder()
        for format in [DatasetFormat.lerobot, .lerobot21, .robomimic] {
            #expect(
                try DatasetValidator.validate(try good(format, in: folder, hasRotations: true)).filter { "\($0)".contains("ee.") } == [])
        }
        let found = RotationColumns.find([
            "left_ee.qx", "right_ee.qx", "left_ee.qy", "left_ee.qz", "left_ee.qw", "imu.wx", "imu.wy", "imu.wz",
        ])
        #expect(found == [RotationColumns(form: .quaternion, places: [0, 2, 3, 4], name: "left_ee.qx … left_ee.qw")])
    }

    @Test(arguments: faults)
    func isFound(_ fault: Fault) throws {
        let folder = try TemporaryFolder()
        let url = try good(fault.format, in: folder, hasRotations: fault.hasRotations)
        #expect(try DatasetValidator.validate(url).filter { $0.severity == .error } == [], "before the fault")
        try fault.plant(url)
        let said = try DatasetValidator.validate(url).map(\.description)
        #expect(said.contains { line in fault.says.allSatisfy { line.contains($0) } }, "\(said)")
        // The fault and what follows from it, not everything.
        #expect(said.count <= 6, "\(said)")
    }

    @Test func noFaultStandsThereTwice() {
        #expect(Set(Self.faults.map(\.name)).count == Self.faults.count)
        // Every one of them is found, or `isFound` fails.
        print("figure\tvalidate.planted\t\(Self.faults.count) of \(Self.faults.count)\t")
    }

    /// A tool that turns about a tilted axis, a fifth of a turn a row at most; the second episode begins elsewhere.
    private static func turning(_ episode: Int, _ index: Int) -> EpisodeFrame {
        let turn = Rotation(vector: Vector3(0.3, -0.2, 0.9) * (0.05 * Double(index) + 2.2 * Double(episode)))
        let rotvec = RotationForm.rotvec.numbers(of: turn).map { Float($0) }
        let quaternion = RotationForm.quaternion.numbers(of: turn, about: turn).map { Float($0) }
        return EpisodeFrame(state: RotationForm.rot6d.numbers(of: turn).map { Float($0) } + [0.04], action: quaternion + rotvec)
    }

    private func good(_ format: DatasetFormat, in folder: TemporaryFolder, hasRotations: Bool = false) throws -> URL {
        let url = folder.file(format.fileName)
        if hasRotations {
            let layout = EpisodeLayout(
                stateNames: RotationForm.rot6d.names().map { "ee.\($0)" } + ["gripper.pos"],
                actionNames: (RotationForm.quaternion.names() + RotationForm.rotvec.names()).map { "ee.\($0)" },
                cameras: [CameraFeature(width: 64, height: 48)])
            let writer: any EpisodeWriter
            if format == .robomimic {
                var options = RobomimicOptions()
                options.groups = [FeatureGroup("end_effector_rotation", start: 0, end: 6), FeatureGroup("gripper", start: 6, end: 7)]
                writer = try RobomimicWriter(path: url, robotType: "panda", layout: layout, options: options)
            } else {
                var options = LeRobotOptions()
                options.version = format == .lerobot ? .v30 : .v21
                writer = try LeRobotWriter(root: url, fps: 20, robotType: "panda", layout: layout, options: options)
            }
            for (episode, length) in [12, 10].enumerated() {
                try writer.beginEpisode(EpisodeHeader(task: "turn"))
                for i in 0..<length { try writer.append(Self.turning(episode, i), images: [Sample.picture(episode, i)]) }
                try writer.endEpisode()
            }
            try writer.finish(source: nil)
            return url
        }
        switch format {
        case .umi:
            var options = UMIOptions()
            options.imageSize = 32
            try Sample.writeUMI(url, lengths: [46, 48], options: options)
        case .robomimic: try Sample.writeRobomimic(url, lengths: [12, 10])
        default:
            var options = LeRobotOptions()
            options.version = format == .lerobot ? .v30 : .v21
            options.videoFileSeconds = 0
            try Sample.writeLeRobot(url, lengths: [12, 10], options: options)
        }
        return url
    }
}

/// Ways to spoil a data set.
enum Plant {
    static func text(_ root: URL, _ file: String, _ old: String, _ new: String) throws {
        let url = root.appendingPathComponent(file)
        let text = try String(contentsOf: url, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: url, atomically: true, encoding: .utf8)
    }

    static func lastLine(_ url: URL) throws {
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        try (lines.dropLast().joined(separator: "\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
    }

    /// Renames one statistic of one feature.
    static func statistics(_ root: URL, _ feature: String, _ key: String, _ name: String) throws {
        let url = root.appendingPathComponent("meta/stats.json")
        guard case .object(var members) = try JSONValue.read(url), let at = members.firstIndex(where: { $0.key == feature }),
            case .object(let entry) = members[at].value
        else { return }
        members[at].value = .object(entry.map { ($0.key == key ? name : $0.key, $0.value) })
        try JSONValue.object(members).encoded().write(to: url, atomically: true, encoding: .utf8)
    }

    static func video(_ url: URL, frames: Int, rate: Rational, width: Int = 64, height: Int = 48) throws {
        try FileManager.default.removeItem(at: url)
        let writer = try VideoWriter(url, width: width, height: height, options: VideoWriter.Options(.h264, rate: rate))
        for i in 0..<frames { try writer.append(Sample.picture(0, i, width: width, height: height)) }
        try writer.finish()
    }

    /// Rewrites a Parquet table with a change to its columns' values.
    static func table(
        _ url: URL, drop: String? = nil, metadata: Bool = true, _ change: (String, inout [Double]) -> Void = { _, _ in }
    ) throws {
        let reader = try ParquetReader(path: url.path)
        let columns = reader.columns.filter { $0.name != drop }
        let pandas = metadata ? try reader.metadata("pandas").map { [("pandas", $0)] } ?? [] : []
        let copy = url.appendingPathExtension("new")
        let writer = try ParquetWriter(path: copy.path, columns: columns, metadata: pandas)
        for (i, column) in columns.enumerated() {
            if column.element == .string {
                for (row, length) in try reader.lengths(column.name).enumerated() {
                    let text = try reader.strings(column.name)[row]
                    try writer.append(.string([text]), column: i, rows: 1, shape: column.depth == 0 ? [] : [length])
                }
                continue
            }
            var values = try reader.doubles(column.name)
            change(column.name, &values)
            let width = values.count / reader.rowCount
            let shape = column.depth == 0 ? [] : column.depth == 1 ? [width] : [3, 1, 1]
            let converted: ParquetValues =
                switch column.element {
                case .int64: .int64(values.map { Int64($0) })
                case .float: .float(values.map { Float($0) })
                case .bool: .bool(values.map { $0 != 0 })
                default: .double(values)
                }
            try writer.append(converted, column: i, rows: reader.rowCount, shape: shape)
        }
        try writer.close()
        try FileManager.default.removeItem(at: url)
        try FileManager.default.moveItem(at: copy, to: url)
    }

    /// Changes some numbers of every row of a column.
    static func rows(_ url: URL, _ column: String, _ places: Range<Int>, _ change: (Int, inout [Double]) -> Void) throws {
        let rows = try ParquetReader(path: url.path).rowCount
        try table(url) { name, values in
            guard name == column else { return }
            let width = values.count / rows
            for row in 0..<rows {
                let range = (row * width + places.lowerBound)..<(row * width + places.upperBound)
                var part = Array(values[range])
                change(row, &part)
                values.replaceSubrange(range, with: part)
            }
        }
    }

    /// Rewrites a zip without an entry, or with changed bytes.
    static func zip(_ url: URL, drop: String? = nil, _ change: (String, [UInt8]) -> [UInt8] = { $1 }) throws {
        let copy = url.appendingPathExtension("new")
        let reader = try ZipReader(path: url.path)
        let writer = try ZipWriter(path: copy.path)
        for entry in reader.entries where entry.name != drop {
            try writer.add(entry.name, change(entry.name, try reader.bytes(entry.name)))
        }
        try writer.close()
        try FileManager.default.removeItem(at: url)
        try FileManager.default.moveItem(at: copy, to: url)
    }

    static func float(_ bytes: [UInt8], at offset: Int, _ change: (Float) -> Float) -> [UInt8] {
        var out = bytes
        let value = change(Float(bitPattern: bytes.u32(offset)))
        withUnsafeBytes(of: value.bitPattern.littleEndian) { for (i, byte) in $0.enumerated() { out[offset + i] = byte } }
        return out
    }

    /// Every row of the second episode says the first episode's start: rows 46 to 94 begin in chunk 1 of 46 rows.
    static func startPose(_ url: URL) throws {
        let reader = try ZipReader(path: url.path)
        let first = try reader.bytes("data/robot0_demo_start_pose/0.0")
        try zip(url) { $0 == "data/robot0_demo_start_pose/1.0" ? first : $1 }
    }

    static func hdf5(_ url: URL, _ change: (HDF5File) throws -> Void) throws {
        let file = try HDF5File.updating(url)
        try change(file)
        try file.close()
    }
}

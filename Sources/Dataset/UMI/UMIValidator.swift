internal import Foundation
internal import Imaging

/// The rules of UMI's training code and of Zarr 2 under it.
struct UMIValidator {
    /// A training window: 2 observations and 16 actions at every third frame.
    static let windowFrames = 46

    let url: URL
    let options: ValidationOptions
    var problems = ProblemList()

    init(url: URL, options: ValidationOptions) {
        self.url = url
        self.options = options
    }

    mutating func run() -> [DatasetProblem] {
        let file = url.lastPathComponent
        guard let zip = problems.attempt(file, { () throws(DatasetError) in try ZipReader(path: url.path) }) else {
            return problems.problems
        }
        let compressed = zip.entries.indices.filter { !zip.entries[$0].isStored }
        problems.rows(file, "zip", compressed, unit: "entry") { "\(zip.entries[$0].name) is compressed; entries must be stored" }
        for group in [".zgroup", "data/.zgroup", "meta/.zgroup"] where zip.entry(group) == nil {
            problems.error(group, "entry", "is missing: the reader cannot open the store")
        }
        guard compressed.isEmpty else { return problems.problems }
        let store = ZarrStore(zip: zip)
        guard let ends = episodeEnds(store) else { return problems.problems }
        let names = store.arrays(in: "data")
        for name in names {
            guard let array = problems.attempt("data/\(name)", { () throws(DatasetError) in try store.description("data/\(name)") }) else {
                continue
            }
            if array.shape[0] != ends.last ?? 0 {
                problems.error("data/\(name)", "shape", "\(array.shape[0]) rows, meta/episode_ends ends at \(ends.last ?? 0)")
            }
            if name.hasPrefix("camera"), name.hasSuffix("_rgb") {
                checkPictures(store, name, array)
            } else {
                checkNumbers(store, name, array, ends)
            }
        }
        let robots = (0..<4).filter { names.contains("robot\($0)_eef_pos") }.count
        if robots == 0 { problems.error("data", "robot0_eef_pos", "is missing") }
        if !names.contains("camera0_rgb") { problems.error("data", "camera0_rgb", "is missing") }
        for robot in 0..<robots {
            for key in Self.lowDimensional.keys.sorted() where !names.contains("robot\(robot)_\(key)") {
                problems.error("data", "robot\(robot)_\(key)", "is missing: the training configuration asks for it")
            }
        }
        return problems.problems
    }

    static let lowDimensional: [String: (width: Int, dtype: String)] = [
        "eef_pos": (3, "<f4"), "eef_rot_axis_angle": (3, "<f4"), "gripper_width": (1, "<f4"), "demo_start_pose": (6, "<f8"),
        "demo_end_pose": (6, "<f8"),
    ]

    private mutating func episodeEnds(_ store: ZarrStore) -> [Int]? {
        let file = "meta/episode_ends"
        guard let array = problems.attempt(file, { () throws(DatasetError) in try store.description(file) }),
            let values = problems.attempt(file, { () throws(DatasetError) in try store.values(file, array) })
        else { return nil }
        if array.dtype != "<i8" || array.shape.count != 1 {
            problems.error(file, "dtype, shape", "\(array.dtype) \(array.shape); accepted: <i8 [episodes]")
        }
        let ends = values.compactMap { value in Int(exactly: value).flatMap { 0...StatedCount.maximum ~= $0 ? $0 : nil } }
        guard ends.count == values.count else {
            problems.rows(file, "values", values.indices.filter { !(0...Double(StatedCount.maximum) ~= values[$0]) }, unit: "episode") {
                "ends at \(values[$0]), which is no number of rows"
            }
            return nil
        }
        if ends.isEmpty { problems.error(file, "values", "there is no episode") }
        problems.rows(file, "values", ends.indices.filter { ends[$0] <= ($0 > 0 ? ends[$0 - 1] : 0) }, unit: "episode") {
            "ends at \(ends[$0]); ends must rise from above 0"
        }
        let short = ends.indices.filter { ends[$0] - ($0 > 0 ? ends[$0 - 1] : 0) < Self.windowFrames }
        if let first = short.first {
            problems.warning(
                file, "episode \(first)",
                "\(short.count) of \(ends.count) episodes are shorter than \(Self.windowFrames) frames and give no training sample")
        }
        if ends.count == 1 {
            problems.warning(file, "values", "one episode: training keeps at least one for validation and would have none left")
        }
        return ends
    }

    private mutating func checkNumbers(_ store: ZarrStore, _ name: String, _ array: ZarrDescription, _ ends: [Int]) {
        let file = "data/\(name)"
        let key = name.drop { $0 != "_" }.dropFirst()
        if name.hasPrefix("robot"), let (width, dtype) = Self.lowDimensional[String(key)],
            array.dtype != dtype || array.shape.dropFirst() != [width]
        {
            problems.error(file, "dtype, shape", "\(array.dtype) \(array.shape); accepted: \(dtype) [rows, \(width)]")
            return
        }
        guard array.compressor == .null else {
            problems.warning(file, "compressor", "is compressed: its numbers were not checked")
            return
        }
        guard let values = problems.attempt(file, { () throws(DatasetError) in try store.values(file, array) }) else { return }
        let width = array.shape.dropFirst().reduce(1, *)
        problems.rows(file, "values", values.indices.filter { !values[$0].isFinite }.map { $0 / max(width, 1) }) { _ in "is not finite" }
        if key == "gripper_width" {
            problems.rows(file, "values", values.indices.filter { values[$0] < -0.005 || values[$0] > 0.3 }) {
                "a width of \(values[$0]); metres from 0 (closed) on are meant, 0.3 at most"
            }
        }
        if key == "eef_rot_axis_angle", width == 3 {
            let rows = values.count / 3
            problems.rows(file, "values", (0..<rows).filter { r in (0..<3).contains { abs(values[r * 3 + $0]) > 2 * Double.pi } }) { _ in
                "is no rotation vector in radians: a component exceeds a whole turn"
            }
        }
        if key == "demo_start_pose" || key == "demo_end_pose" { checkEndPoses(store, name, values, ends) }
        guard key == "eef_pos", width == 3 else { return }
        var first = 0
        for (episode, end) in ends.enumerated() where end <= values.count / 3 && end > first {
            let jumps = ((first + 1)..<max(end, first + 1)).filter { Self.step(values, $0) > options.maximumStep }
            problems.rows(file, "episode \(episode)", jumps) {
                "the tool jumps \(Self.step(values, $0)) m from the row before; at most \(options.maximumStep)"
            }
            first = end
        }
    }

    /// Training takes an episode's rotation from its start on out of these rows.
    private mutating func checkEndPoses(_ store: ZarrStore, _ name: String, _ values: [Double], _ ends: [Int]) {
        let robot = "data/\(name.prefix { $0 != "_" })_eef_pos"
        guard let array = try? store.description(robot), let positions = try? store.values(robot, array) else { return }
        var first = 0
        var wrong: [Int] = []
        for (episode, end) in ends.enumerated() where end > first && end <= values.count / 6 && end <= positions.count / 3 {
            let row = name.hasSuffix("start_pose") ? first : end - 1
            let differs = (first..<end).contains { r in (0..<3).contains { abs(values[r * 6 + $0] - positions[row * 3 + $0]) > 1e-3 } }
            if differs { wrong.append(episode) }
            first = end
        }
        problems.rows("data/\(name)", "values", wrong, unit: "episode", .warning) { _ in
            "is not the tool's position at the episode's \(name.hasSuffix("start_pose") ? "first" : "last") row"
        }
    }

    private static func step(_ values: [Double], _ row: Int) -> Double {
        (0..<3).reduce(0) { $0 + (values[row * 3 + $1] - values[row * 3 - 3 + $1]) * (values[row * 3 + $1] - values[row * 3 - 3 + $1]) }
            .squareRoot()
    }

    private mutating func checkPictures(_ store: ZarrStore, _ name: String, _ array: ZarrDescription) {
        let file = "data/\(name)"
        guard array.dtype == "|u1", array.shape.count == 4, array.shape[3] == 3, array.chunks[0] == 1,
            array.chunks.dropFirst() == array.shape.dropFirst()
        else {
            problems.error(
                file, "dtype, shape, chunks",
                "\(array.dtype) \(array.shape) \(array.chunks); accepted: |u1 [rows, size, size, 3] in chunks of one")
            return
        }
        if array.shape[1] != 224 || array.shape[2] != 224 {
            problems.warning(file, "shape", "\(array.shape[2])x\(array.shape[1]) pictures; UMI's training configuration states 224x224")
        }
        let codec = array.compressor["id"]?.text ?? "none"
        guard array.shape[0] <= store.zip.entries.count else {
            problems.error(file, "shape", "\(array.shape[0]) pictures, the zip holds \(store.zip.entries.count) entries in all")
            return
        }
        let missing = (0..<array.shape[0]).filter { store.zip.entry("\(file)/\($0).0.0.0") == nil }
        problems.rows(file, "chunks", missing, unit: "picture") { "\($0).0.0.0 is missing: it would read as black" }
        guard codec == "imagecodecs_jpegxl" else {
            problems.warning(file, "compressor", "\"\(codec)\" pictures were not decoded; JPEG XL is")
            return
        }
        let last = options.decodesEveryPicture ? array.shape[0] : min(array.shape[0], 1)
        for row in 0..<last where !missing.contains(row) {
            let chunk = "\(file)/\(row).0.0.0"
            guard
                let image = problems.attempt(
                    chunk, { () throws(DatasetError) in try JPEGXL.decode(try store.zip.bytes(chunk), path: chunk) })
            else { continue }
            if image.width != array.shape[2] || image.height != array.shape[1] {
                problems.error(chunk, "size", "\(image.width)x\(image.height), declared \(array.shape[2])x\(array.shape[1])")
            }
        }
    }
}

internal import Foundation
internal import Imaging

/// The rules of robomimic's HDF5 reader.
struct RobomimicValidator {
    let url: URL
    let options: ValidationOptions
    private var problems = ProblemList()
    private var name: String { url.lastPathComponent }

    init(url: URL, options: ValidationOptions) {
        self.url = url
        self.options = options
    }

    mutating func run() -> [DatasetProblem] {
        let url = url
        let opened = problems.attempt(name) { () throws(DatasetError) -> (HDF5File, RobomimicContents) in
            let file = try RobomimicContents.open(url)
            return (file, try RobomimicContents(file))
        }
        guard let (file, contents) = opened else { return problems.problems }
        guard let first = contents.demos.first else {
            problems.error(name, "/data", "holds no demo_0: there is nothing to train on")
            return problems.problems
        }
        for demo in contents.demos { check(demo, like: first, file) }
        checkTotals(file, contents)
        checkMasks(file, contents)
        return problems.problems
    }

    private mutating func check(_ demo: RobomimicContents.Demo, like first: RobomimicContents.Demo, _ file: HDF5File) {
        if (try? file.hasAttribute(demo.name, "num_samples")) != true {
            problems.error(name, "\(demo.name)@num_samples", "is missing: the reader raises a KeyError")
        } else if let stated = try? file.number(demo.name, "num_samples"), stated != Double(demo.length) {
            problems.error(name, "\(demo.name)@num_samples", "\(stated), actions has \(demo.length) rows")
        }
        for needed in ["actions", "rewards", "dones"] where demo.shapes[needed] == nil {
            problems.error(name, "\(demo.name)/\(needed)", "is missing: the reader raises a KeyError")
        }
        if !demo.shapes.keys.contains(where: { $0.hasPrefix("obs/") }) {
            problems.error(name, "\(demo.name)/obs", "holds no observation")
        }
        for (key, shape) in demo.shapes.sorted(by: { $0.key < $1.key }) {
            if shape.first != demo.length {
                problems.error(name, "\(demo.name)/\(key)", "\(shape.first ?? 0) rows, actions has \(demo.length)")
            }
            if let other = first.shapes[key] {
                if other.dropFirst() != shape.dropFirst() {
                    problems.error(
                        name, "\(demo.name)/\(key)",
                        "\(shape.dropFirst()) a row, \(first.name) has \(other.dropFirst()): they cannot be batched")
                }
            } else {
                problems.error(name, "\(demo.name)/\(key)", "\(first.name) has none: every demo needs the same keys")
            }
            if key.hasPrefix("obs/"), shape.count == 4 {
                if demo.types[key] != .uint8 || shape[3] != 3 {
                    problems.error(
                        name, "\(demo.name)/\(key)",
                        "\(demo.types[key].map { "\($0)" } ?? "") \(shape); pictures are uint8 [rows, height, width, 3]")
                }
            } else if let (values, _) = try? file.doubles("\(demo.name)/\(key)") {
                let width = max(shape.dropFirst().reduce(1, *), 1)
                problems.rows(name, "\(demo.name)/\(key)", values.indices.filter { !values[$0].isFinite }.map { $0 / width }) { _ in
                    "is not finite: a batch with it is poisoned"
                }
                checkRotations(demo, key, values, width: width, file)
                if key == "actions" {
                    problems.rows(name, "\(demo.name)/actions", values.indices.filter { abs(values[$0]) > 1 }, unit: "number", .warning) {
                        "\(values[$0]): robomimic's get_dataset_info refuses actions outside -1 to 1, and its actor does not reach them"
                    }
                }
            }
        }
        for key in first.shapes.keys.sorted() where demo.shapes[key] == nil && !["actions", "rewards", "dones"].contains(key) {
            problems.error(name, "\(demo.name)/\(key)", "is missing, \(first.name) has it")
        }
    }

    /// Rotations are observations of their own, or among the named numbers of the actions as they are meant.
    private mutating func checkRotations(_ demo: RobomimicContents.Demo, _ key: String, _ values: [Double], width: Int, _ file: HDF5File) {
        var names: [String] = []
        if key.hasPrefix("obs/"), key.hasSuffix("end_effector_rotation") {
            names = RotationForm.allCases.map { $0.names() }.first { $0.count == width }?.map { "ee.\($0)" } ?? []
        } else if key == RobomimicScale.absolute {
            names = (try? RobomimicScale.names(in: file)) ?? []
        }
        guard names.count == width, values.count % width == 0 else { return }
        problems.rotations(
            name, "\(demo.name)/\(key)", names: names, rows: values.count / width, tolerance: options.rotationTolerance,
            row: { Array(values[($0 * width)..<(($0 + 1) * width)]) }, isNext: { _ in true })
    }

    private mutating func checkTotals(_ file: HDF5File, _ contents: RobomimicContents) {
        let rows = contents.demos.reduce(0) { $0 + $1.length }
        if let total = try? file.number("/data", "total"), total != Double(rows) {
            problems.error(name, "/data@total", "\(total), the demos hold \(rows) rows")
        }
        guard let text = try? file.text("/data", "env_args") else {
            problems.error(name, "/data@env_args", "is missing: the reader raises a KeyError")
            return
        }
        let path = url.path
        guard let json = problems.attempt(name, { () throws(DatasetError) in try JSONValue.parse(Array(text.utf8), path: path) }) else {
            return
        }
        for key in ["env_name", "type", "env_kwargs"] where json[key] == nil {
            problems.error(name, "/data@env_args", "has no \(key)")
        }
    }

    private mutating func checkMasks(_ file: HDF5File, _ contents: RobomimicContents) {
        guard (try? file.exists("/mask")) == true, let masks = try? file.children(of: "/mask") else { return }
        if masks.contains("train"), masks.contains("valid"), let train = try? file.texts("/mask/train"),
            let valid = try? file.texts("/mask/valid")
        {
            let both = Set(train).intersection(valid)
            problems.rows(name, "/mask/valid", valid.indices.filter { both.contains(valid[$0]) }) {
                "\(valid[$0]) is in /mask/train too: training stops where the two overlap"
            }
        }
        let known = Set(contents.demos.map { String($0.name.dropFirst("/data/".count)) })
        for mask in masks {
            let demos = (try? file.texts("/mask/\(mask)")) ?? []
            problems.rows(name, "/mask/\(mask)", demos.indices.filter { !known.contains(demos[$0]) }) {
                "\(demos[$0]) is no demo of this file"
            }
        }
    }
}

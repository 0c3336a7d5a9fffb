internal import Dataset
internal import Foundation
internal import Session

/// Files of samples beside recordings: `demo.force.csv` beside `demo.mp4` becomes `observation.force`.
///
/// A file is one where its name is the recording's, a word of letters, digits and `_`, and `csv`, and where its first column is `time`
/// (`time_s`, `time_s_video`): seconds on the recording's video clock.
enum SampleFiles {
    private static let timeColumns = ["time", "time_s", "time_s_video"]
    /// Names that a data set's format has for something else.
    private static let reserved = [
        "state", "gripper", "single_arm", "left_arm", "right_arm", "left_gripper", "right_gripper", "eef_pos", "eef_rot_axis_angle",
        "gripper_width", "demo_start_pose", "demo_end_pose",
    ]

    /// A recording's, by name.
    static func of(_ file: RecordingFile) -> [(name: String, url: URL)] {
        let stem = "\(file.url.deletingPathExtension().lastPathComponent)."
        let folder = file.url.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix(stem) && $0.lowercased().hasSuffix(".csv") && $0.utf8.count > stem.utf8.count + 4 }.sorted()
            .compactMap { entry in
                let name = String(entry.dropFirst(stem.count).dropLast(4))
                let url = folder.appendingPathComponent(entry)
                guard isWord(name), let first = RecordingAdaptors.header(url).first, timeColumns.contains(first) else { return nil }
                return (name, url)
            }
    }

    /// What the session's data sets hold beside state and action: all that any demo has, with the columns of the first that has it.
    static func features(_ demos: [RecordingFile]) throws(PipelineError) -> [SampleFeature] {
        var features: [SampleFeature] = []
        for demo in demos {
            for (name, url) in of(demo) where !features.contains(where: { $0.name == name }) {
                let columns = Array(RecordingAdaptors.firstRow(url, .comma).dropFirst())
                guard !reserved.contains(name), !name.contains("image"), !name.hasPrefix("end_effector") else {
                    throw .usage("\(url.path): \(name) is something else in a data set", accepted: "another word before .csv")
                }
                guard !columns.isEmpty, Set(columns).count == columns.count, columns.allSatisfy({ isWord($0) }) else {
                    throw .usage(
                        "\(url.path): the columns \(columns.joined(separator: ", ")) cannot be named in a data set",
                        accepted: "time and at least one more, each of letters, digits and '_' and only once")
                }
                features.append(SampleFeature(name, columns))
            }
        }
        return features.sorted { $0.name < $1.name }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (97...122).contains($0 | 32) }
    }
}

extension StageInput {
    /// The files of samples of a recording that its data sets hold, by a name for keys.
    func sampleFiles(_ file: RecordingFile) -> [String: URL] {
        guard !run.samples.isEmpty else { return [:] }
        return Dictionary(uniqueKeysWithValues: SampleFiles.of(file).map { ("samples/\(file.unit)/\($0.name)", $0.url) })
    }

    /// What a recording's files say, in the order of the session's features; nil for one that it has no file of.
    func samples(_ file: RecordingFile) throws -> [SampleSeries?] {
        guard !run.samples.isEmpty else { return [] }
        let files = SampleFiles.of(file)
        return try run.samples.map { feature in
            try files.first { $0.name == feature.name }.map { try SampleSeries(contentsOf: $0.url, feature) }
        }
    }
}

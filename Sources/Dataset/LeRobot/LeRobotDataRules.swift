internal import Foundation
internal import Imaging
internal import Session

extension LeRobotValidator {
    /// The data tables: columns as declared, rows in order.
    mutating func checkData() {
        let files =
            version == .v30 || !knowsEpisodes
            ? problems.attempt("data") { [folder] () throws(DatasetError) in try folder.tables(under: "data") } ?? []
            : episodes.map {
                LeRobotPath.expandEpisode(info.dataPath, chunk: $0.index / max(info.chunkSize, 1), episode: $0.index)
            }
        if files.isEmpty { problems.error("data", "folder", "holds no .parquet file") }
        var first = 0
        for file in files {
            guard let table = problems.attempt(file, { () throws(DatasetError) in try folder.table(file) }) else { continue }
            checkColumns(table, file)
            checkRows(table, file, first: first)
            checkRotations(table, file)
            first += table.rowCount
        }
        if first != info.totalFrames {
            problems.error("meta/info.json", "total_frames", "\(info.totalFrames), the data tables hold \(first) rows")
        }
    }

    private mutating func checkColumns(_ table: ParquetReader, _ file: String) {
        let declared = info.features.filter { !$0.isVideo }
        for column in table.columns where !declared.contains(where: { $0.name == column.name }) {
            problems.error(file, "column \(column.name)", "is not among the features of meta/info.json: the reader raises a CastError")
        }
        for feature in declared {
            guard let index = table.index(of: feature.name) else {
                problems.error(file, "column \(feature.name)", "is missing: the reader raises a CastError")
                continue
            }
            let column = table.columns[index]
            let depth = feature.shape == [1] ? 0 : feature.shape.count
            let elements: [String: ParquetColumn.Element] = [
                "float32": .float, "float64": .double, "int64": .int64, "bool": .bool, "string": .string,
            ]
            let isWrongElement = elements[feature.dtype].map { $0 != column.element } ?? false
            if feature.dtype != "image", column.depth != depth || isWrongElement {
                problems.error(file, "column \(feature.name)", "\(table.types[index]), declared \(feature.dtype) \(feature.shape)")
                continue
            }
            guard depth > 0, let lengths = problems.attempt(file, { () throws(DatasetError) in try table.lengths(feature.name) }) else {
                continue
            }
            let width = feature.shape.reduce(1, *)
            problems.rows(file, feature.name, lengths.indices.filter { lengths[$0] != width }) {
                "\(lengths[$0]) numbers, declared \(width)"
            }
        }
    }

    private mutating func checkRows(_ table: ParquetReader, _ file: String, first: Int) {
        func integers(_ column: String) -> [Int64] {
            // What is missing or of another shape has been named.
            guard let at = table.index(of: column), table.columns[at].depth == 0 else { return [] }
            return problems.attempt(file) { () throws(DatasetError) in try table.scalars(column) } ?? []
        }
        let rows = 0..<table.rowCount
        let index = integers("index")
        let episode = integers("episode_index")
        let frame = integers("frame_index")
        let task = integers("task_index")
        let time = (try? table.doubles("timestamp")) ?? []
        guard [index.count, episode.count, frame.count, task.count, time.count].allSatisfy({ $0 == rows.count }) else { return }
        problems.rows(file, "index", rows.filter { index[$0] != Int64(first + $0) }) {
            "\(index[$0]); rows are numbered through all files from 0"
        }
        let wrongEpisode =
            !knowsEpisodes
            ? []
            : rows.filter { row in
                guard episodes.indices.contains(Int(episode[row])) else { return true }
                let e = episodes[Int(episode[row])]
                return !(e.from..<max(e.to, e.from)).contains(first + row)
            }
        problems.rows(file, "episode_index", wrongEpisode) {
            "\(episode[$0]) at index \(first + $0), outside that episode's range in meta/episodes"
        }
        let wrong = Set(wrongEpisode)
        problems.rows(
            file, "frame_index",
            rows.filter { knowsEpisodes && !wrong.contains($0) && Int(frame[$0]) != first + $0 - episodes[Int(episode[$0])].from }
        ) {
            "\(frame[$0]); frames are numbered from 0 in each episode"
        }
        let fps = Double(max(info.fps, 1))
        problems.rows(file, "timestamp", rows.filter { !(abs(time[$0] - Double(frame[$0]) / fps) <= options.timeTolerance) }) {
            "\(time[$0]) s; must be frame_index / fps = \(Double(frame[$0]) / fps) s to within \(options.timeTolerance) s"
        }
        // Without readable tasks that table's own problem has been named.
        let unknownTasks = tasks.isEmpty ? [] : rows.filter { !tasks.indices.contains(Int(task[$0])) }
        problems.rows(file, "task_index", unknownTasks) { "\(task[$0]) is no row of meta/tasks.parquet" }
        for column in table.columns where column.element == .float || column.element == .double {
            guard let values = try? table.doubles(column.name), !values.isEmpty else { continue }
            let width = max(values.count / max(table.rowCount, 1), 1)
            note(column.name, values, width)
            problems.rows(file, column.name, values.indices.filter { !values[$0].isFinite }.map { $0 / width }) { _ in
                "is null or not finite: a batch with it is poisoned"
            }
        }
        for (i, e) in episodes.enumerated() where !tasks.isEmpty && e.from >= first && e.to <= first + table.rowCount && e.length > 0 {
            let used = Set(task[(e.from - first)..<(e.to - first)].compactMap { tasks.indices.contains(Int($0)) ? tasks[Int($0)] : nil })
            if used != Set(e.tasks) {
                problems.error(file, "task_index, episode \(i)", "means \(used.sorted()), meta/episodes says \(e.tasks)")
            }
        }
    }

    /// Rotations among the named numbers of a column; rows of one episode follow on one another.
    private mutating func checkRotations(_ table: ParquetReader, _ file: String) {
        let episode = (try? table.scalars("episode_index")) ?? []
        for feature in info.features where feature.shape.count == 1 && feature.names.count == feature.shape[0] {
            let width = feature.shape[0]
            guard table.index(of: feature.name).map({ table.columns[$0].depth == 1 }) ?? false,
                !RotationColumns.find(feature.names).isEmpty, let values = try? table.doubles(feature.name),
                values.count == table.rowCount * width, (try? table.lengths(feature.name))?.allSatisfy({ $0 == width }) ?? false
            else { continue }
            problems.rotations(
                file, feature.name, names: feature.names, rows: table.rowCount, tolerance: options.rotationTolerance,
                row: { Array(values[($0 * width)..<(($0 + 1) * width)]) },
                isNext: { episode.count == table.rowCount && episode[$0] == episode[$0 - 1] })
        }
    }

    /// Widens the extremes of a column by these values.
    private mutating func note(_ column: String, _ values: [Double], _ width: Int) {
        guard values.count % width == 0 else { return }
        var (low, high) = extremes[column] ?? ([], [])
        if low.count != width { (low, high) = (Array(values.prefix(width)), Array(values.prefix(width))) }
        for (i, value) in values.enumerated() {
            low[i % width] = min(low[i % width], value)
            high[i % width] = max(high[i % width], value)
        }
        extremes[column] = (low, high)
    }

    /// Frames of an episode that are looked for in its video, at most: twice what 512 s at 1000 frames a second are.
    private static let framesLookedAt = 1 << 20

    /// The videos: a frame at every time that the reader will ask for.
    mutating func checkVideos() {
        for feature in info.features where feature.isVideo {
            var byFile: [(file: String, episodes: [Int])] = []
            for (i, episode) in episodes.enumerated() {
                guard let span = episode.videos[feature.name] else { continue }
                let file =
                    version == .v30
                    ? LeRobotPath.expand(info.videoPath, chunk: span.chunk, file: span.file, key: feature.name)
                    : LeRobotPath.expandEpisode(info.videoPath, chunk: span.chunk, episode: episode.index, key: feature.name)
                if byFile.last?.file == file { byFile[byFile.count - 1].episodes.append(i) } else { byFile.append((file, [i])) }
            }
            for (file, members) in byFile { checkVideo(file, feature, members) }
        }
    }

    private mutating func checkVideo(_ file: String, _ feature: LeRobotInfo.Feature, _ members: [Int]) {
        guard let url = problems.attempt(file, { () throws(DatasetError) in try folder.file(file) }) else { return }
        guard FileManager.default.fileExists(atPath: url.path) else {
            problems.error(file, "file", "does not exist: the reader turns to the network")
            return
        }
        let times: [Timestamp<VideoClock>]
        let description: VideoInfo
        do {
            description = try VideoInfo(contentsOf: url)
            times = try VideoReader.frameTimes(of: url)
        } catch {
            problems.error(file, "video", "\(error)")
            return
        }
        if feature.shape.count == 3, description.width != feature.shape[1] || description.height != feature.shape[0] {
            problems.error(file, "size", "\(description.width)x\(description.height), declared \(feature.shape[1])x\(feature.shape[0])")
        }
        let rate = description.averageRate.value
        if abs(rate - Double(info.fps)) > 1e-6 * Double(info.fps) {
            problems.error(file, "average frame rate", "\(rate), declared \(info.fps): the reader finds frames by rate")
        }
        if description.presentationStart.nanoseconds != 0 {
            problems.error(file, "first frame", "is at \(description.presentationStart.seconds) s, must be at 0")
        }
        let fps = Double(max(info.fps, 1))
        for i in members {
            guard !contradictory.contains(i), let span = episodes[i].videos[feature.name] else { continue }
            if abs((span.to - span.from) - Double(episodes[i].length) / fps) > 0.5 / fps {
                problems.error(
                    file, "episode \(i)",
                    "spans \(span.to - span.from) s, its \(episodes[i].length) frames take \(Double(episodes[i].length) / fps) s")
            }
            let missing = (0..<min(episodes[i].length, Self.framesLookedAt)).filter { frame in
                // The row's time is a float32, and the reader compares what it asks for with what it finds as float32 too.
                let wanted = span.from + Double(Float(Double(frame) / fps))
                let at = Int((wanted * fps).rounded())
                return !times.indices.contains(at) || Double(abs(Float(times[at].seconds) - Float(wanted))) >= options.timeTolerance
            }
            problems.rows(file, "episode \(i)", missing, unit: "frame") {
                "no picture at \(span.from + Double($0) / fps) s to within \(options.timeTolerance) s, as float32"
            }
        }
        if options.decodesEveryPicture { decode(url, file, count: times.count) }
    }

    private mutating func decode(_ url: URL, _ file: String, count: Int) {
        do {
            let reader = try VideoReader(url)
            var decoded = 0
            while try reader.nextFrame() != nil { decoded += 1 }
            if decoded != count { problems.error(file, "video", "\(decoded) of \(count) pictures decode") }
        } catch {
            problems.error(file, "video", "\(error)")
        }
    }
}

internal import Foundation
internal import Imaging

extension DatasetFormat {
    /// robomimic's HDF5.
    public static let robomimic = DatasetFormat(RobomimicFormat())
}

/// An HDF5 file with a group for each demonstration.
struct RobomimicFormat: DatasetFormatDefinition {
    var name: String { "robomimic" }
    var title: String { "robomimic HDF5" }
    var fileName: String { "robomimic.hdf5" }
    var accepts: String { "an .hdf5 file (robomimic)" }

    func recognises(_ url: URL) -> Bool { (url.path.hasSuffix(".hdf5") || url.path.hasSuffix(".h5")) && !FileSteps.isFolder(url) }

    func writer(
        at url: URL, _ specification: DatasetSpecification, existing: ExistingDataset
    ) throws(DatasetError) -> any DatasetWriter {
        let side = specification.options.squareWidth
        var options = specification.options.robomimic
        options.existing = existing
        options.groups = specification.stateGroups
        return DemonstrationTable(
            try RobomimicWriter(
                path: url, robotType: specification.robotType, layout: specification.layout(pictureWidth: side, pictureHeight: side),
                options: options),
            specification
        ) { picture throws(DatasetError) in try UMIPicture.prepare(picture, size: side) }
    }

    func merge(_ parts: [URL], into output: URL) throws(DatasetError) { try RobomimicMerge.run(parts, output) }

    func problems(of url: URL, _ options: ValidationOptions) -> [DatasetProblem] {
        var validator = RobomimicValidator(url: url, options: options)
        return validator.run()
    }

    func summary(of url: URL) throws(DatasetError) -> DatasetSummary {
        let file = try RobomimicContents.open(url)
        let demos = try RobomimicContents(file).demos
        var tasks: [String] = []
        do {
            for demo in demos where try file.hasAttribute(demo.name, "task") {
                let task = try file.text(demo.name, "task")
                if !tasks.contains(task) { tasks.append(task) }
            }
        } catch {
            throw .hdf5(error)
        }
        let features = demos.first.map { demo in
            demo.shapes.sorted { $0.key < $1.key }.map {
                DatasetSummary.Feature(
                    name: $0.key, type: "\(demo.types[$0.key] ?? .other)", shape: Array($0.value.dropFirst()), names: [])
            }
        }
        return DatasetSummary(
            format: DatasetFormat(self), episodeLengths: demos.map(\.length), tasks: tasks, features: features ?? [],
            byteCount: DatasetSummary.bytes(url))
    }

    func provenance(of url: URL) -> DatasetProvenance? {
        guard let file = try? RobomimicContents.open(url), let text = try? file.text("/data", "griptrace") else { return nil }
        return DatasetProvenance(json: Data(text.utf8))
    }

    /// Counted in each demonstration's `actions`.
    func rows(of url: URL) throws(DatasetError) -> DatasetRowTable {
        let file = try RobomimicContents.open(url)
        let demos = try RobomimicContents(file).demos
        let known = demos.first?.shapes ?? [:]
        let columns = DatasetSide.sourceOrder.map { DatasetRows.sourceColumn($0.prefix) }.filter {
            known["annotation/\(RobomimicPath.annotation($0))"] != nil
        }
        let names = demos.map(\.name)
        return DatasetRowTable(lengths: demos.map(\.length), sourceColumns: columns) { episode throws(DatasetError) in
            var frames: [[Int]] = []
            for column in columns {
                let place = "\(names[episode])/annotation/\(RobomimicPath.annotation(column))"
                let values: [Double]
                do throws(ImagingError) { values = try file.doubles(place).values } catch { throw .hdf5(error) }
                frames.append(try DatasetRows.whole(values, path: url.path, location: place))
            }
            return frames
        }
    }
}

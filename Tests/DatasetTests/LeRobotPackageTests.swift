@testable import Dataset
import Foundation
import Geometry
import Testing

/// `griptrace_lerobot`, the Python package, on data sets of this writer: relative actions against matrices, statistics over chunks, weights.
@Suite(.enabled(if: Checkers.hasShared, "the shared folder with the checkers is not here"))
struct LeRobotPackageTests {
    private func write(_ url: URL, _ form: RotationForm, sides: [DatasetSide]) throws {
        var specification = Demonstration.specification
        specification.sides = sides
        let references = [Rotation(axis: Vector3(0, 1, 0), angle: 1.7), Rotation(axis: Vector3(0.3, 1, 0), angle: 2.2)]
        specification.numbers = DatasetNumbers(
            action: .ee, chart: RotationChart(form: form, references: Array(references.prefix(sides.count))))
        let writer = try DatasetFormat.lerobot.writer(at: url, specification)
        for (episode, length) in [9, 23, 14].enumerated() {
            try writer.begin(EpisodeHeader(task: "t"))
            for row in 0..<length {
                var frame = Demonstration.frame(episode, row, sides: sides)
                // A mistake in the second episode, a weighed stretch in the third.
                frame.weight = episode == 1 && (8..<15).contains(row) ? 0 : episode == 2 && row < 5 ? 3 : 1
                try writer.append(frame)
            }
            try writer.end()
        }
        try writer.finish(Sample.source("a"))
    }

    @Test func chunksAndWeightsAreAsMatricesSay() throws {
        let folder = try TemporaryFolder()
        var roots: [String] = []
        for form in RotationForm.allCases {
            for sides in [[DatasetSide.only], [.left, .right]] where form == .rotvec || sides.count == 1 {
                let url = folder.file("\(form)-\(sides.count)")
                try write(url, form, sides: sides)
                roots.append(url.path)
            }
        }
        let package = Checkers.package.appendingPathComponent("Sources/Python/griptrace_lerobot")
        let paths = [package, Checkers.shared.appendingPathComponent("tools")]
        let said = try Checkers.python(
            "lerobot", [Checkers.package.appendingPathComponent("Tests/check_griptrace_lerobot.py").path] + roots,
            variables: ["PYTHONPATH": paths.map(\.path).joined(separator: ":"), "HF_DATASETS_CACHE": folder.file("cache").path])
        #expect(said.hasSuffix("RESULT OK\n"), "\(said)")
    }
}

internal import ArgumentParser
internal import Foundation
internal import Geometry
internal import Logging
internal import Mapping
internal import Session

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares a trajectory with the truth: error after alignment, scale, completeness.",
        discussion: """
            Both are TUM text (time x y z q_x q_y q_z q_w) or this project's trajectory tables (.csv).

              griptrace evaluate OUT/work/SESSION/localize/demo_1/camera.csv truth/demo_1.tum
            """)

    @Argument(help: "The estimated trajectory.", completion: .file())
    var trajectory: String

    @Argument(help: "The true one.", completion: .file())
    var truth: String

    @Option(help: "Furthest apart in time that two poses are compared, seconds.")
    var tolerance: Double = 0.005

    @Option(help: "Span of the relative error, seconds.")
    var span: Double = 1

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            let estimate = try read(trajectory)
            let e = try TrajectoryEvaluation.compare(estimate, truth: read(truth), tolerance: tolerance, relativeSpan: span)
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
                Console.line(String(decoding: try encoder.encode(e), as: UTF8.self))
                return
            }
            Console.line("pairs            \(e.pairs) of \(e.truthCount) (\((100 * e.completeness).fixed(1)) %)")
            Console.line(
                "position, SE(3)  RMSE \((1000 * e.positionRMSE).fixed(2)) mm, median \((1000 * e.positionMedian).fixed(2)), worst \((1000 * e.positionMaximum).fixed(2))"
            )
            Console.line("position, Sim(3) RMSE \((1000 * e.positionRMSESim3).fixed(2)) mm, scale \(e.scale.fixed(5))")
            Console.line(
                "rotation         RMSE \(e.rotationRMSEDegrees.fixed(3))°, worst \(e.rotationMaximumDegrees.fixed(3))°; by the positions' alignment \(e.rotationRMSEAlignedDegrees.fixed(3))°"
            )
            Console.line(
                "unaligned        RMSE \((1000 * e.positionRMSEUnaligned).fixed(2)) mm, \(e.rotationRMSEUnalignedDegrees.fixed(3))°")
            Console.line(
                "relative, \(span.fixed(2)) s RMSE \((1000 * e.relativePositionRMSE).fixed(2)) mm (Sim(3) \((1000 * e.relativePositionRMSESim3).fixed(2))), \(e.relativeRotationRMSEDegrees.fixed(3))°"
            )
            if let n = e.normalizedPositionError { Console.line("normalised error \(n.fixed(2)) (3 is expected of a position)") }
        }
    }

    private func read(_ path: String) throws(SessionError) -> Trajectory<Table, Camera> {
        let url = URL(fileURLWithPath: path)
        return url.pathExtension == "csv" ? try Trajectory(csv: url) : try Trajectory(tum: url)
    }
}

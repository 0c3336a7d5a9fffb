internal import Dataset
internal import Foundation
internal import Geometry
internal import Robot
internal import Session

/// The chart in which a data set's rotations are written: kept with each of its sources, taken up by what is appended.
enum KeptRotations {
    /// Up to here from the reference 5° of turn change a rotation vector by less than 0.1, radians.
    private static let even = 100 * Double.pi / 180

    /// Which numbers the group's data sets hold, their rotations about one reference for all episodes.
    ///
    /// The reference is that of the sessions that are in the data sets already, else of the 24 rotations that turn axes into axes the one
    /// nearest to the tool's at the arm's home, or, where rows are turned far from that, the one that the farthest row is nearest to.
    /// Throws `RecordingsFailed` for demos that are turned beyond `export.rotation_limit` from it.
    static func numbers(_ group: ExportGroup, _ at: StageInput, rate: Int) throws -> DatasetNumbers {
        let options = at.request.configuration.export
        let isPlaced = group.demos[0].sides[0].base.isKnown
        func numbers(_ chart: RotationChart) -> DatasetNumbers {
            DatasetNumbers(state: isPlaced ? options.state : .ee, action: isPlaced ? options.action : .eeRelative, chart: chart)
        }
        let plain = numbers(RotationChart(form: options.rotation))
        guard options.rotation != .rot6d, plain.holdsToolRotations, !group.policy.isEmpty else { return plain }
        let kinematics = Kinematics(at.request.arm)
        let demos = group.policy.map { demo in
            let sampler = DemoSampler(
                demo: demo, rate: rate, kinematics: kinematics, arm: at.request.arm, limits: at.configuration.feasibility)
            return (demo: demo, rows: turns(demo, sampler))
        }
        let sides = demos[0].rows.count
        let references: [Rotation]
        if let kept = try kept(group, at) {
            references = (0..<sides).map(kept.reference)
        } else {
            let home = RotationChart.upright(nearest: kinematics.forward(at.request.arm.home).rotation)
            references = (0..<sides).map { side in reference(demos.flatMap { $0.rows[side] }, home: home) }
        }
        var stops: [String: Stop] = [:]
        for (demo, rows) in demos {
            let angle = (zip(rows, references).map { farthest($0, from: $1) }.max() ?? 0) * 180 / .pi
            guard angle > options.rotationLimit else { continue }
            let failure = UnitFailure(
                reason: "rotation_outside_chart",
                detail: "the tool is turned by \(angle.fixed(1))° from the reference of the data set's rotations; "
                    + "--rotation \(options.rotation.rawValue) allows \(options.rotationLimit)° (export.rotation_limit), --rotation rot6d all"
            )
            for side in demo.sides { stops[side.unit] = failure.stop(ExportStage.name) }
        }
        guard stops.isEmpty else { throw RecordingsFailed(stops: stops) }
        return numbers(RotationChart(form: options.rotation, references: references))
    }

    /// By side in the order of columns, the rotations of all rows.
    private static func turns(_ demo: ExportDemo, _ sampler: DemoSampler) -> [[Rotation]] {
        let rows = demo.curated.episodes.flatMap(sampler.samples(of:))
        return demo.curated.demo.written.map { side in rows.map { $0[side].baseFromTool.rotation } }
    }

    /// The chart of other sessions in the group's data sets; where they differ none can grow, and the writers say so.
    private static func kept(_ group: ExportGroup, _ at: StageInput) throws -> RotationChart? {
        at.request.formats.lazy.map { ExportTargets.url($0, at.request, folder: group.folder) }.compactMap { url in
            DatasetProvenance.read(url)?.sources.last { !at.run.identity.isOf($0) }?.rotations
        }.first { $0.form == at.request.configuration.export.rotation }
    }

    /// The home's where all rows are near enough to it, else the one that the farthest row is nearest to.
    static func reference(_ turns: [Rotation], home: Rotation) -> Rotation {
        guard farthest(turns, from: home) > even else { return home }
        let all = RotationChart.uprights.map { (rotation: $0, farthest: farthest(turns, from: $0)) }
        return all.min { $0.farthest < $1.farthest }?.rotation ?? home
    }

    private static func farthest(_ turns: [Rotation], from reference: Rotation) -> Double {
        let least = turns.map { abs(($0.xyzw * reference.xyzw).sum()) }.min() ?? 1
        return 2 * acos(min(least, 1))
    }
}

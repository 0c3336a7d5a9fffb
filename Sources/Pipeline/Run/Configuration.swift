public import Human
public import Imaging
public import Mapping
public import Robot

/// Every option of every stage, with its default. `--set stage.option=value` changes one.
public struct Configuration: Codable, Sendable, Equatable {
    public var ingest = IngestOptions()
    public var tags = TagDetector.Options()
    public var map = MapOptions()
    public var localize = LocalizeOptions()
    public var gripperState = GripperStateOptions()
    public var episodes = EpisodeOptions()
    public var pair = PairOptions()
    public var solve = SolveOptions()
    public var feasibility = FeasibilityOptions()
    public var mask = MaskOptions()
    public var curate = CurateOptions()
    public var export = ExportOptions()

    public init() {}

    /// Applies `stage.option=value`; the error says which options the stage has.
    public mutating func set(_ assignment: String) throws(PipelineError) {
        guard let equals = assignment.firstIndex(of: "="), let dot = assignment[..<equals].firstIndex(of: ".") else {
            throw .usage("--set \(assignment)", accepted: "stage.option=value, such as export.rate=30")
        }
        let stage = String(assignment[..<dot])
        let option = String(assignment[assignment.index(after: dot)..<equals])
        let value = String(assignment[assignment.index(after: equals)...])
        do {
            if let changed = try StageOptions.setting("\(stage).\(option)", to: value, in: self) {
                self = changed
                return
            }
        } catch let failure as UnitFailure {
            throw .usage("--set \(assignment): \(failure.detail)", accepted: "a value like the default's, see `griptrace options \(stage)`")
        } catch {
            throw .usage("--set \(assignment): \(error)", accepted: "stage.option=value")
        }
        let known = Self.options(ofStage: stage).map(\.name)
        if known.isEmpty {
            throw .usage("--set \(assignment): there is no stage \(stage)", accepted: Self.stageNames.joined(separator: ", "))
        }
        throw .usage("--set \(assignment): \(stage) has no option \(option)", accepted: known.joined(separator: ", "))
    }

    public static var stageNames: [String] { StageOptions.list(Configuration()).map(\.name) }

    /// The options of a stage with their defaults; empty for a stage that has none.
    public static func options(ofStage stage: String) -> [(name: String, value: String)] {
        let c = Configuration()
        return switch StageOptions.snakeCase(stage) {
        case "ingest": StageOptions.list(c.ingest)
        case "tags": StageOptions.list(c.tags)
        case "map": StageOptions.list(c.map)
        case "localize": StageOptions.list(c.localize)
        case "gripper_state": StageOptions.list(c.gripperState)
        case "episodes": StageOptions.list(c.episodes)
        case "pair": StageOptions.list(c.pair)
        case "solve": StageOptions.list(c.solve)
        case "feasibility": StageOptions.list(c.feasibility)
        case "mask": StageOptions.list(c.mask)
        case "curate": StageOptions.list(c.curate)
        case "export": StageOptions.list(c.export)
        default: []
        }
    }
}

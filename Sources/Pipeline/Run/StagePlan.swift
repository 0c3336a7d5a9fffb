/// The stages of a conversion in the order in which data flows.
public enum StagePlan {
    /// A new stage is one line here.
    static let all: [any Stage.Type] = [
        IngestStage.self,
        MapStage.self,
        GripperStage.self,
        LocalizeStage.self,
        GripperStateStage.self,
        EpisodesStage.self,
        PairStage.self,
        BaseStage.self,
        DeviceMaskStage.self,
        BackgroundStage.self,
        SolveStage.self,
        FeasibilityStage.self,
        MaskStage.self,
        JoinStage.self,
        CurateStage.self,
        ExportStage.self,
        ViewsStage.self,
    ]

    /// Names as users write them.
    public static var names: [String] { all.map { $0.name } }

    static func index(_ name: String) -> Int? { all.firstIndex { $0.name == name } }

    /// Of a stage that is not in the plan nobody knows what it depends on.
    static func dependsOnArm(_ name: String) -> Bool { all.first { $0.name == name }?.dependsOnArm ?? true }

    /// What is wrong with an order of stages: each comes after all that it needs or uses, and depends on the arm where one of them does.
    static func fault(_ stages: [any Stage.Type], _ request: ConvertRequest) -> String? {
        var before: Set<String> = []
        for stage in stages {
            let value = stage.init()
            for other in value.needs(request) + value.uses(request) where !before.contains(other.name) {
                return "\(stage.name) needs \(other.name), which does not come before it"
            }
            for other in value.needs(request) + value.uses(request) where other.dependsOnArm && !stage.dependsOnArm {
                return "\(stage.name) needs \(other.name), which depends on the arm, and does not say so of itself"
            }
            guard before.insert(stage.name).inserted else { return "\(stage.name) is there twice" }
        }
        return nil
    }
}

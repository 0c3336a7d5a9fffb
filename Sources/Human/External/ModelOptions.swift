/// Options of a user's own masks, plates and models.
public struct ModelOptions: Codable, Sendable, Equatable {
    /// How much a model's word counts beside the program's own evidence, as a factor on its log odds; default 1. At 0 it is not heard; the
    /// device stays protected at any weight.
    public var weight = 1.0
    /// Largest probability of human (and, taken from 1, smallest) that a model can claim for a pixel; default 0.98: a model that is sure is still
    /// one witness.
    public var certainty = 0.98
    /// Longest silence of a mask command, with nothing read and nothing answered, seconds; default 120: it may have a network to load.
    public var commandTimeout = 120.0
    /// Threads of ONNX Runtime; default 1: recordings are worked on side by side, and one thread gives the same bytes every time.
    public var runtimeThreads = 1
    /// Most that a reference output may differ from the manifest's, as a share of its size or, below 1, absolute; default 1e-3.
    public var referenceTolerance = 1e-3

    public init() {}
}

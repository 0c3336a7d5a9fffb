/// The numbers of the episode that is being written, by columns.
struct EpisodeBuffer {
    private let layout: EpisodeLayout
    private(set) var count = 0
    private(set) var state: [Float] = []
    private(set) var action: [Float] = []
    /// In the order of the layout's vectors, row by row.
    private(set) var vectors: [[Float]]
    private(set) var annotations: [ParquetValues]

    init(layout: EpisodeLayout) {
        self.layout = layout
        vectors = layout.vectors.map { _ in [] }
        annotations = layout.annotations.map { annotation in
            switch annotation.kind {
            case .float32: .float([])
            case .int64: .int64([])
            case .bool: .bool([])
            }
        }
    }

    /// Appends a frame that the layout has accepted.
    mutating func append(_ frame: EpisodeFrame) {
        state += frame.state
        action += frame.action
        for (i, values) in frame.vectors.enumerated() { vectors[i] += values }
        for (i, value) in frame.annotations.enumerated() { annotations[i].append(value) }
        count += 1
    }

    /// The columns of the data table, in the layout's order with the default features last.
    func columns(episode: Int, firstIndex: Int, task: Int, fps: Int) -> [ParquetValues] {
        [.float(state), .float(action)] + vectors.map { .float($0) } + annotations + [
            .float((0..<count).map { Float(Double($0) / Double(fps)) }),
            .int64((0..<count).map { Int64($0) }),
            .int64(Array(repeating: Int64(episode), count: count)),
            .int64((0..<count).map { Int64(firstIndex + $0) }),
            .int64(Array(repeating: Int64(task), count: count)),
        ]
    }
}

extension ParquetValues {
    mutating func append(_ value: AnnotationValue) {
        switch (self, value) {
        case (.float(var values), .float(let number)):
            self = .float([])
            values.append(number)
            self = .float(values)
        case (.int64(var values), .integer(let number)):
            self = .int64([])
            values.append(number)
            self = .int64(values)
        case (.bool(var values), .bool(let flag)):
            self = .bool([])
            values.append(flag)
            self = .bool(values)
        default: preconditionFailure("the layout has checked the annotation's kind")
        }
    }

    /// The numbers as doubles, bools as 0 and 1; empty for texts.
    var doubles: [Double] {
        switch self {
        case .int64(let values): values.map(Double.init)
        case .float(let values): values.map(Double.init)
        case .double(let values): values
        case .bool(let values): values.map { $0 ? 1 : 0 }
        case .string: []
        }
    }
}

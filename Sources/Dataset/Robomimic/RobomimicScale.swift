internal import Imaging

/// The scale of a robomimic file's actions: robomimic refuses actions outside -1…1, where its actor's last layer, a tanh, cannot reach.
///
/// `actions = (actions_abs - offset) / scale`, by number, over all demos of the file: the smallest becomes -1, the largest 1, and a number
/// that never changes 0. A policy's action is turned back by `offset + scale * action`.
enum RobomimicScale {
    /// Of a demo: the actions as they are meant.
    static let absolute = "actions_abs"
    /// `offset` and `scale`, (A) float64, and `names`, (A) texts.
    static let group = "/action_scale"

    static func isIn(_ file: HDF5File) throws(ImagingError) -> Bool { try file.exists("\(group)/scale") }

    /// The names that stand in a file; empty where there are none.
    static func names(in file: HDF5File) throws(ImagingError) -> [String] {
        try file.exists("\(group)/names") ? try file.texts("\(group)/names") : []
    }

    /// Writes every demo's `actions` from its `actions_abs`, and the scale.
    static func write(to file: HDF5File, demos: Int, names: [String]) throws(ImagingError) {
        var low: [Double] = []
        var high: [Double] = []
        for demo in 0..<demos {
            let (values, shape) = try file.doubles("\(RobomimicPath.demo(demo))/\(absolute)")
            let width = max(shape.last ?? 1, 1)
            if low.isEmpty { (low, high) = (Array(values.prefix(width)), Array(values.prefix(width))) }
            for (i, value) in values.enumerated() {
                low[i % width] = min(low[i % width], value)
                high[i % width] = max(high[i % width], value)
            }
        }
        let offset = zip(low, high).map { ($0 + $1) / 2 }
        let scale = zip(low, high).map { $1 > $0 ? ($1 - $0) / 2 : 1 }
        for demo in 0..<demos {
            let path = "\(RobomimicPath.demo(demo))/actions"
            let (values, shape) = try file.doubles("\(RobomimicPath.demo(demo))/\(absolute)")
            let width = scale.count
            let scaled = values.enumerated().map { Float(max(-1, min(1, ($1 - offset[$0 % width]) / scale[$0 % width]))) }
            if try !file.exists(path) { try file.createDataset(path, .float32, shape: shape) }
            try file.write(path, scaled, start: shape.map { _ in 0 }, count: shape)
        }
        if try file.exists(group) { try file.remove(group) }
        try file.put("\(group)/offset", offset, shape: [offset.count])
        try file.put("\(group)/scale", scale, shape: [scale.count])
        if !names.isEmpty { try file.put("\(group)/names", texts: names) }
    }
}

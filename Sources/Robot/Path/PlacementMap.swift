public import Foundation
public import Geometry
public import Session

/// What a search for the arm's foot found, for people and programs: every place with its shares, as JSON and as a drawing from above.
public struct PlacementMap: Codable, Sendable, Equatable {
    public struct Place: Codable, Sendable, Equatable {
        /// The foot on the table: m, and the turn about the table's z, degrees.
        public var x: Double
        public var y: Double
        public var z: Double
        public var yawDegrees: Double
        /// Share of sampled poses in reach, off the limits and free of collision, 0...1.
        public var reachableShare: Double
        /// Share of all frames that are feasible, 0...1; nil where whole paths were not checked.
        public var feasibleShare: Double?
    }

    public var arm: String
    public var frames: Int
    /// Best first.
    public var places: [Place]
    /// Up to some hundreds of tool positions over the table, m.
    public var toolPositions: [[Double]]

    public init(arm: Arm, placements: [BasePlacement], paths: [Trajectory<Table, Tool>]) {
        self.arm = arm.name
        let poses = paths.flatMap(\.poses)
        frames = poses.count
        let step = max(1, poses.count / 400)
        toolPositions = stride(from: 0, to: poses.count, by: step).map {
            [poses[$0].translation.x, poses[$0].translation.y, poses[$0].translation.z]
        }
        places = placements.map { placement in
            let (p, x) = (placement.tableFromBase.translation, placement.tableFromBase.rotation * Vector3(1, 0, 0))
            return Place(
                x: p.x, y: p.y, z: p.z, yawDegrees: atan2(x.y, x.x) * 180 / .pi, reachableShare: placement.reachableShare,
                feasibleShare: placement.feasibleShare)
        }
    }

    public func json() throws(SessionError) -> Data { Data(try JSONText.encode(self, snakeCase: true)) }

    /// A table of the best places.
    public func text(rows: Int = 10) -> String {
        var lines = ["     x m      y m      z m   yaw deg   poses in reach   feasible frames"]
        func cell(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
        for place in places.prefix(rows) {
            lines.append(
                cell(place.x.fixed(3), 8) + cell(place.y.fixed(3), 9) + cell(place.z.fixed(3), 9) + cell(place.yawDegrees.fixed(1), 10)
                    + cell("\((100 * place.reachableShare).fixed(1)) %", 17)
                    + cell(place.feasibleShare.map { "\((100 * $0).fixed(1)) %" } ?? "not checked", 18))
        }
        return lines.joined(separator: "\n")
    }

    /// The table from above, x to the right and y up: a dot where each foot was tried, coloured by its share, with a line where the arm faces;
    /// the tool's positions in grey. Places one above the other are drawn best on top.
    public func svg() -> String {
        let points = places.map { ($0.x, $0.y) } + toolPositions.map { ($0[0], $0[1]) } + [(0, 0)]
        let (left, right) = ((points.map(\.0).min() ?? 0) - 0.15, (points.map(\.0).max() ?? 1) + 0.15)
        let (low, high) = ((points.map(\.1).min() ?? 0) - 0.15, (points.map(\.1).max() ?? 1) + 0.15)
        let scale = 720 / max(right - left, high - low)
        let (width, height) = ((right - left) * scale, (high - low) * scale)
        func at(_ x: Double, _ y: Double) -> (String, String) { (((x - left) * scale).fixed(1), ((high - y) * scale + 60).fixed(1)) }
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width + 0.5))" height="\(Int(height + 110.5))" font-family="sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="12" y="22" font-size="16">Where \(arm.markupEscaped) may stand, from above (\(frames) frames of demonstrations)</text>
            <text x="12" y="42" fill="#555555">colour: share of tool poses in reach; number: share of frames feasible, where whole paths were checked</text>

            """
        for grid in stride(from: (left * 5).rounded(.up) / 5, to: right, by: 0.2) {
            let (x, _) = at(grid, 0)
            out += "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"60\" y2=\"\((height + 60).fixed(1))\" stroke=\"#eeeeee\"/>"
            out += "<text x=\"\(x)\" y=\"\((height + 76).fixed(1))\" fill=\"#777777\" text-anchor=\"middle\">\(grid.fixed(1))</text>\n"
        }
        for grid in stride(from: (low * 5).rounded(.up) / 5, to: high, by: 0.2) {
            let (_, y) = at(0, grid)
            out += "<line x1=\"0\" x2=\"\(width.fixed(1))\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#eeeeee\"/>"
            out += "<text x=\"4\" y=\"\(y)\" fill=\"#777777\">\(grid.fixed(1))</text>\n"
        }
        for p in toolPositions {
            let (x, y) = at(p[0], p[1])
            out += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2\" fill=\"#999999\"/>\n"
        }
        let (ox, oy) = at(0, 0)
        out += "<text x=\"\(ox)\" y=\"\(oy)\" text-anchor=\"middle\" fill=\"#333333\">+ tag</text>\n"
        for place in places.reversed() {
            let (x, y) = at(place.x, place.y)
            let yaw = place.yawDegrees * .pi / 180
            let (fx, fy) = at(place.x + 0.06 * cos(yaw), place.y + 0.06 * sin(yaw))
            out += "<line x1=\"\(x)\" y1=\"\(y)\" x2=\"\(fx)\" y2=\"\(fy)\" stroke=\"#333333\"/>"
            let ring = place.feasibleShare == nil ? "#666666\" stroke-width=\"0.5" : "#000000\" stroke-width=\"2"
            out += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"8\" fill=\"\(Self.colour(place.reachableShare))\" stroke=\"\(ring)\"/>"
            if let share = place.feasibleShare {
                out += "<text x=\"\(x)\" y=\"\(y)\" dx=\"11\" dy=\"4\">\((100 * share).fixed(0)) %</text>"
            }
            out += "\n"
        }
        for k in 0...10 {
            let x = 12 + 24 * Double(k)
            out +=
                "<rect x=\"\(x.fixed(0))\" y=\"\((height + 84).fixed(1))\" width=\"24\" height=\"12\" fill=\"\(Self.colour(Double(k) / 10))\"/>"
        }
        out +=
            "<text x=\"284\" y=\"\((height + 95).fixed(1))\" fill=\"#555555\">0 to 100 % of poses; x and y in m over the table's tag</text>\n</svg>\n"
        return out
    }

    /// Dark violet over green-blue to yellow: read alike by colour-blind people and in print.
    private static func colour(_ share: Double) -> String {
        let stops: [(Double, Double, Double)] = [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)]
        let s = min(max(share, 0), 1) * 4
        let k = min(3, Int(s))
        let f = s - Double(k)
        func mix(_ a: Double, _ b: Double) -> Int { Int((a + f * (b - a)).rounded()) }
        return "rgb(\(mix(stops[k].0, stops[k + 1].0)),\(mix(stops[k].1, stops[k + 1].1)),\(mix(stops[k].2, stops[k + 1].2)))"
    }
}

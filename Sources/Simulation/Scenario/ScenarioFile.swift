public import Foundation
internal import Session
internal import Yams

extension Scenario {
    /// Reads a scenario: what the file leaves out keeps its default, a key that is not known is refused by name.
    public init(contentsOf url: URL) throws(SimulationError) {
        let bytes: [UInt8]
        do { bytes = try FileBytes.read(url) } catch { throw .file(path: url.path, reason: "\(error)") }
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), path: url.path)
        let folder = url.deletingLastPathComponent()
        for i in recordings.indices where recordings[i].motion == .recorded {
            recordings[i].motionFile = folder.appendingPathComponent(recordings[i].motionFile).standardizedFileURL.path
            recordings[i].inertialFile = folder.appendingPathComponent(recordings[i].inertialFile).standardizedFileURL.path
        }
    }

    /// Reads a scenario from YAML text; `path` is for messages.
    public init(yaml: String, path: String) throws(SimulationError) {
        do {
            let given = try compose(yaml: yaml) ?? Node.mapping(Node.Mapping([]))
            let defaults = try Self.node(of: Scenario())
            let recording = try Self.node(of: RecordingPlan())
            let templates = ["recordings": recording, "keyframes": try Self.node(of: MotionKey()), "boxes": try Self.node(of: Box())]
            let merged = try Self.merge(given, over: defaults, templates: templates, key: "", path: path)
            self = try YAMLDecoder().decode(Scenario.self, from: merged)
        } catch let error as SimulationError {
            throw error
        } catch let error as DecodingError {
            let named = SessionError(decoding: error, path: path)
            guard case .format(_, let location, let reason) = named else { throw .scenario(path: path, key: "YAML", reason: "\(error)") }
            throw .scenario(path: path, key: location, reason: reason)
        } catch {
            throw .scenario(path: path, key: "YAML", reason: "\(error)")
        }
        try validate(path: path)
    }

    /// The whole scenario, defaults included, as YAML.
    public func yaml() throws(SimulationError) -> String {
        do { return try YAMLEncoder().encode(self) } catch { throw .scenario(path: name, key: "YAML", reason: "\(error)") }
    }

    private static func node(of value: some Encodable) throws -> Node {
        try compose(yaml: YAMLEncoder().encode(value)) ?? Node.mapping(Node.Mapping([]))
    }

    private static func merge(_ given: Node, over defaults: Node, templates: [String: Node], key: String, path: String) throws -> Node {
        guard let base = defaults.mapping else { return given }
        guard let changes = given.mapping else {
            throw SimulationError.scenario(path: path, key: key.isEmpty ? "top level" : key, reason: "a mapping of keys is needed here")
        }
        var result = base
        for (name, value) in changes {
            let text = name.string ?? ""
            let full = key.isEmpty ? text : "\(key).\(text)"
            guard let old = base[name] else {
                let known = base.keys.compactMap(\.string).sorted().joined(separator: ", ")
                throw SimulationError.scenario(path: path, key: full, reason: "this key is not known; accepted: \(known)")
            }
            if let template = templates[text] {
                guard let list = value.sequence else {
                    throw SimulationError.scenario(path: path, key: full, reason: "a list is needed here")
                }
                let items = try list.enumerated().map {
                    try merge($1, over: template, templates: templates, key: "\(full)[\($0)]", path: path)
                }
                result[name] = Node(items)
            } else {
                result[name] = try merge(value, over: old, templates: templates, key: full, path: path)
            }
        }
        return .mapping(result)
    }

    /// Checks ranges, and names the key that is out of them.
    func validate(path: String) throws(SimulationError) {
        func check(_ holds: Bool, _ key: String, _ reason: String) throws(SimulationError) {
            if !holds { throw .scenario(path: path, key: key, reason: reason) }
        }
        func numbers(_ list: [Double], _ count: Int, _ key: String) throws(SimulationError) {
            try check(list.count == count && list.allSatisfy(\.isFinite), key, "\(count) finite numbers are needed, \(list.count) given")
        }
        let p = picture
        for (key, value) in [("picture.width", p.width), ("picture.height", p.height)] {
            try check((16...8192).contains(value) && value % 2 == 0, key, "\(value) is not an even number from 16 to 8192")
        }
        try check((1...240).contains(p.rate), "picture.rate_hz", "\(p.rate) is not a whole number from 1 to 240")
        try check((0..<0.1).contains(p.readout), "picture.readout_s", "\(p.readout) is not between 0 and 0.1 s")
        try check((0..<0.1).contains(p.exposure), "picture.exposure_s", "\(p.exposure) is not between 0 and 0.1 s")
        try check([1, 4, 9, 16].contains(p.samplesPerPixel), "picture.samples_per_pixel", "\(p.samplesPerPixel) is not 1, 4, 9 or 16")
        try check((5...89).contains(p.imageCircle), "picture.image_circle_deg", "\(p.imageCircle) is not between 5 and 89 degrees")
        try check((0...1).contains(p.vignetting), "picture.vignetting", "\(p.vignetting) is not between 0 and 1")
        try check((0...51).contains(p.crf), "picture.crf", "\(p.crf) is not between 0 and 51")
        try numbers(lens.focalLength, 2, "lens.focal_length_px")
        try numbers(lens.principalPoint, 2, "lens.principal_point_px")
        try numbers(lens.distortion, 4, "lens.distortion")
        try check(lens.focalLength.allSatisfy { $0 > 0 }, "lens.focal_length_px", "two positive numbers are needed")
        let aspect = Double(p.width * lens.height) / Double(max(p.height * lens.width, 1))
        try check(abs(aspect - 1) < 0.01, "lens.width, lens.height", "its aspect ratio is not the picture's \(p.width):\(p.height)")
        try check((20...2000).contains(inertial.rate), "inertial.rate_hz", "\(inertial.rate) is not between 20 and 2000")
        try check(abs(inertial.offset) < 0.5, "inertial.time_offset_s", "\(inertial.offset) is not between -0.5 and 0.5 s")
        try numbers(inertial.gyroscopeBias, 3, "inertial.gyroscope_bias_rad_s")
        try numbers(inertial.accelerometerBias, 3, "inertial.accelerometer_bias_m_s2")
        try numbers(inertial.accelerometerScale, 3, "inertial.accelerometer_scale")
        try check((0...0.9).contains(p.lightSwing), "picture.light_swing", "\(p.lightSwing) is not between 0 and 0.9")
        try check(p.lightPeriod > 0, "picture.light_period_s", "a positive number is needed")
        try numbers(stated.principalPoint, 2, "stated.principal_point_px")
        try numbers(stated.cameraTurn, 3, "stated.camera_turn_deg")
        try check(stated.focalRatio > 0 && stated.readoutRatio >= 0, "stated", "ratios are positive")
        try numbers(scene.desk, 4, "scene.desk_m")
        try numbers(scene.room, 6, "scene.room_m")
        try check(TagPattern.bits(id: scene.tagID) != nil, "scene.tag_id", "\(scene.tagID) is not known; accepted: 0, 1, 13")
        for (i, box) in scene.boxes.enumerated() {
            try numbers(box.position, 2, "scene.boxes[\(i)].position_m")
            try numbers(box.size, 3, "scene.boxes[\(i)].size_m")
            if !box.colour.isEmpty { try numbers(box.colour, 3, "scene.boxes[\(i)].colour") }
            try check(box.size.allSatisfy { $0 > 0 }, "scene.boxes[\(i)].size_m", "three positive numbers are needed")
        }
        try numbers(object.colour, 3, "object.colour")
        try numbers(operatorArm.skin, 3, "operator_arm.skin")
        try numbers(operatorArm.sleeve, 3, "operator_arm.sleeve")
        if !operatorArm.glove.isEmpty { try numbers(operatorArm.glove, 3, "operator_arm.glove") }
        try check((0...1).contains(operatorArm.sleeved), "operator_arm.sleeved", "\(operatorArm.sleeved) is not between 0 and 1")
        try check((0...1).contains(operatorArm.texture), "operator_arm.texture", "\(operatorArm.texture) is not between 0 and 1")
        try numbers(operatorArm.shoulder, 3, "operator_arm.shoulder_m")
        try numbers(operatorArm.reach, 3, "operator_arm.reach_m")
        try numbers(robots.baseTranslation, 3, "robots.base_translation_m")
        for (i, arm) in robots.arms.enumerated() {
            let known = SerialArm.published.map(\.name)
            try check(known.contains(arm), "robots.arms[\(i)]", "\"\(arm)\" is not known; accepted: \(known.joined(separator: ", "))")
        }
        try check(files.serials.count == 2, "files.serials", "two serial numbers are needed, \(files.serials.count) given")
        try numbers(files.clockErrors, 2, "files.clock_errors_s")
        let date = files.recordedAt.isEmpty || RecordingDate.parse(files.recordedAt) != nil
        try check(date, "files.recorded_at", "\"\(files.recordedAt)\" is not yyyy-mm-ddThh:mm:ss")
        try check(!recordings.isEmpty, "recordings", "at least one recording is needed")
        for (i, r) in recordings.enumerated() {
            let isPlain = r.name.utf8.allSatisfy { $0 == 95 || $0 == 45 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
            try check(isPlain && !r.name.isEmpty, "recordings[\(i)].name", "\"\(r.name)\": letters, digits, _ and - are accepted")
            try check(!recordings[..<i].contains { $0.name == r.name }, "recordings[\(i)].name", "\"\(r.name)\" is used twice")
            try check((0...1).contains(r.camera), "recordings[\(i)].camera", "\(r.camera) is not known; accepted: 0, 1")
            try numbers(r.shift, 2, "recordings[\(i)].shift_m")
            try check(r.start >= 0 && r.start < 86_400, "recordings[\(i)].start_s", "\(r.start) is not between 0 and 86400 s")
            let known = r.partner.isEmpty || recordings.contains { $0.name == r.partner && $0.name != r.name }
            try check(known, "recordings[\(i)].partner", "\"\(r.partner)\" is not another recording's name")
            try check((0...3600).contains(r.duration), "recordings[\(i)].duration_s", "\(r.duration) is not between 0 and 3600 s")
            try check((0.1...10).contains(r.speed), "recordings[\(i)].speed", "\(r.speed) is not between 0.1 and 10")
            try numbers(r.motionShift, 3, "recordings[\(i)].motion_shift_m")
            try check(r.motion != .custom || !r.keyframes.isEmpty, "recordings[\(i)].keyframes", "a custom motion needs keyframes")
            for (k, key) in r.keyframes.enumerated() {
                try numbers(key.position, 3, "recordings[\(i)].keyframes[\(k)].tool_position_m")
                let late = k == 0 || key.time > r.keyframes[k - 1].time
                try check(late, "recordings[\(i)].keyframes[\(k)].time_s", "times must increase")
            }
        }
    }
}

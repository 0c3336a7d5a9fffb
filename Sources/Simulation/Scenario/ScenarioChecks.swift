internal import Session

/// Holds a scenario's numbers against their ranges; the error names file, key and range.
private struct RangeCheck {
    let path: String

    func holds(_ condition: Bool, _ key: String, _ reason: @autoclosure () -> String) throws(SimulationError) {
        if !condition { throw .scenario(path: path, key: key, reason: reason()) }
    }

    func numbers(_ list: [Double], _ count: Int, _ key: String) throws(SimulationError) {
        let usable = list.count == count && list.allSatisfy { abs($0) <= 1e6 }
        try holds(usable, key, "\(count) finite numbers within ±1e6 are needed, \(list.count) given")
    }

    func number(_ value: Double, _ range: ClosedRange<Double>, _ key: String) throws(SimulationError) {
        try holds(range.contains(value), key, "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
    }
}

extension Scenario {
    /// Checks ranges, and names the key that is out of them.
    func validate(path: String) throws(SimulationError) {
        let range = RangeCheck(path: path)
        try checkPicture(range)
        try checkInertial(range)
        try checkScene(range)
        try checkPeople(range)
        try range.number(robots.baseYaw, -1e4...1e4, "robots.base_yaw_deg")
        try range.numbers(robots.baseTranslation, 3, "robots.base_translation_m")
        for (i, arm) in robots.arms.enumerated() {
            let known = SerialArm.published.map(\.name)
            try range.holds(known.contains(arm), "robots.arms[\(i)]", "\"\(arm)\" is not known; accepted: \(known.joined(separator: ", "))")
        }
        try range.holds(files.serials.count == 2, "files.serials", "two serial numbers are needed, \(files.serials.count) given")
        try range.numbers(files.clockErrors, 2, "files.clock_errors_s")
        let date = files.recordedAt.isEmpty || RecordingDate.parse(files.recordedAt) != nil
        try range.holds(date, "files.recorded_at", "\"\(files.recordedAt)\" is not yyyy-mm-ddThh:mm:ss")
        try range.holds(!recordings.isEmpty, "recordings", "at least one recording is needed")
        for i in recordings.indices { try checkRecording(i, range) }
    }

    private func checkPicture(_ range: RangeCheck) throws(SimulationError) {
        let p = picture
        for (key, value) in [("picture.width", p.width), ("picture.height", p.height)] {
            try range.holds((16...8192).contains(value), key, "\(value) is not a whole number from 16 to 8192")
        }
        try range.holds((1...240).contains(p.rate), "picture.rate_hz", "\(p.rate) is not a whole number from 1 to 240")
        try range.holds((0..<0.1).contains(p.readout), "picture.readout_s", "\(p.readout) is not between 0 and 0.1 s")
        try range.holds((0..<0.1).contains(p.exposure), "picture.exposure_s", "\(p.exposure) is not between 0 and 0.1 s")
        try range.holds(
            [1, 4, 9, 16].contains(p.samplesPerPixel), "picture.samples_per_pixel", "\(p.samplesPerPixel) is not 1, 4, 9 or 16")
        try range.holds((5...89).contains(p.imageCircle), "picture.image_circle_deg", "\(p.imageCircle) is not between 5 and 89 degrees")
        try range.holds((0...1).contains(p.vignetting), "picture.vignetting", "\(p.vignetting) is not between 0 and 1")
        try range.holds((0...51).contains(p.crf), "picture.crf", "\(p.crf) is not between 0 and 51")
        try range.numbers(lens.focalLength, 2, "lens.focal_length_px")
        try range.numbers(lens.principalPoint, 2, "lens.principal_point_px")
        try range.numbers(lens.distortion, 4, "lens.distortion")
        try range.holds(lens.focalLength.allSatisfy { $0 > 0 }, "lens.focal_length_px", "two positive numbers are needed")
        try range.holds(
            (2...32768).contains(lens.width) && (2...32768).contains(lens.height), "lens.width, lens.height", "2 to 32768 pixels are needed"
        )
        let aspect = Double(p.width * lens.height) / Double(p.height * lens.width)
        try range.holds(abs(aspect - 1) < 0.01, "lens.width, lens.height", "its aspect ratio is not the picture's \(p.width):\(p.height)")
        try range.holds((0...0.9).contains(p.lightSwing), "picture.light_swing", "\(p.lightSwing) is not between 0 and 0.9")
        try range.number(p.lightPeriod, 1e-3...1e6, "picture.light_period_s")
        try range.number(p.noiseSigma, 0...255, "picture.noise_sigma")
    }

    private func checkInertial(_ range: RangeCheck) throws(SimulationError) {
        try range.holds((20...2000).contains(inertial.rate), "inertial.rate_hz", "\(inertial.rate) is not between 20 and 2000")
        try range.holds(abs(inertial.offset) < 0.5, "inertial.time_offset_s", "\(inertial.offset) is not between -0.5 and 0.5 s")
        try range.numbers(inertial.gyroscopeBias, 3, "inertial.gyroscope_bias_rad_s")
        try range.numbers(inertial.accelerometerBias, 3, "inertial.accelerometer_bias_m_s2")
        try range.numbers(inertial.accelerometerScale, 3, "inertial.accelerometer_scale")
        for (key, value) in [
            ("gyroscope_density", inertial.gyroscopeDensity), ("accelerometer_density", inertial.accelerometerDensity),
            ("gyroscope_bias_walk", inertial.gyroscopeBiasWalk), ("accelerometer_bias_walk", inertial.accelerometerBiasWalk),
        ] { try range.number(value, 0...100, "inertial.\(key)") }
        try range.numbers(stated.principalPoint, 2, "stated.principal_point_px")
        try range.numbers(stated.cameraTurn, 3, "stated.camera_turn_deg")
        try range.number(stated.focalRatio, 0.1...10, "stated.focal_length_ratio")
        try range.number(stated.readoutRatio, 0...10, "stated.readout_ratio")
        try range.number(stated.offset, -1e3...1e3, "stated.time_offset_s")
    }

    private func checkScene(_ range: RangeCheck) throws(SimulationError) {
        try range.numbers(scene.desk, 4, "scene.desk_m")
        try range.numbers(scene.room, 6, "scene.room_m")
        for (key, extent) in [("desk_m", scene.desk), ("room_m", scene.room)] {
            let sides = stride(from: 0, to: extent.count, by: 2).map { extent[$0 + 1] - extent[$0] }
            let grows = sides.allSatisfy { $0 > 0 && $0 <= 20 }
            try range.holds(grows, "scene.\(key)", "each axis goes from a smaller number to a larger one, 20 m apart at most")
        }
        try range.number(scene.contrast, 0...1, "scene.contrast")
        try range.holds((0...1000).contains(scene.sheets), "scene.sheets", "\(scene.sheets) is not between 0 and 1000")
        try range.number(scene.tagSize, 0...1, "scene.tag_size_m")
        try range.holds(TagPattern.bits(id: scene.tagID) != nil, "scene.tag_id", "\(scene.tagID) is not known; accepted: 0, 1, 13")
        for (i, box) in scene.boxes.enumerated() {
            try range.numbers(box.position, 2, "scene.boxes[\(i)].position_m")
            try range.numbers(box.size, 3, "scene.boxes[\(i)].size_m")
            if !box.colour.isEmpty { try range.numbers(box.colour, 3, "scene.boxes[\(i)].colour") }
            try range.holds(box.size.allSatisfy { $0 > 0 }, "scene.boxes[\(i)].size_m", "three positive numbers are needed")
            try range.number(box.yaw, -1e4...1e4, "scene.boxes[\(i)].yaw_deg")
        }
    }

    private func checkPeople(_ range: RangeCheck) throws(SimulationError) {
        try range.numbers(object.colour, 3, "object.colour")
        try range.number(object.radius, 1e-3...1, "object.radius_m")
        try range.number(object.height, 1e-3...1, "object.height_m")
        try range.number(operatorArm.busy, 0...1, "operator_arm.busy_m")
        try range.numbers(operatorArm.skin, 3, "operator_arm.skin")
        try range.numbers(operatorArm.sleeve, 3, "operator_arm.sleeve")
        if !operatorArm.glove.isEmpty { try range.numbers(operatorArm.glove, 3, "operator_arm.glove") }
        try range.holds((0...1).contains(operatorArm.sleeved), "operator_arm.sleeved", "\(operatorArm.sleeved) is not between 0 and 1")
        try range.holds((0...1).contains(operatorArm.texture), "operator_arm.texture", "\(operatorArm.texture) is not between 0 and 1")
        try range.numbers(operatorArm.shoulder, 3, "operator_arm.shoulder_m")
        try range.numbers(operatorArm.reach, 3, "operator_arm.reach_m")
    }

    private func checkRecording(_ i: Int, _ range: RangeCheck) throws(SimulationError) {
        let r = recordings[i]
        let isPlain = r.name.utf8.allSatisfy { $0 == 95 || $0 == 45 || (48...57).contains($0) || (65...90).contains($0 & 0xDF) }
        try range.holds(isPlain && !r.name.isEmpty, "recordings[\(i)].name", "\"\(r.name)\": letters, digits, _ and - are accepted")
        try range.holds(!recordings[..<i].contains { $0.name == r.name }, "recordings[\(i)].name", "\"\(r.name)\" is used twice")
        try range.holds((0...1).contains(r.camera), "recordings[\(i)].camera", "\(r.camera) is not known; accepted: 0, 1")
        try range.numbers(r.shift, 2, "recordings[\(i)].shift_m")
        try range.holds(r.start >= 0 && r.start < 86_400, "recordings[\(i)].start_s", "\(r.start) is not between 0 and 86400 s")
        let known = r.partner.isEmpty || recordings.contains { $0.name == r.partner && $0.name != r.name }
        try range.holds(known, "recordings[\(i)].partner", "\"\(r.partner)\" is not another recording's name")
        try range.holds((0...3600).contains(r.duration), "recordings[\(i)].duration_s", "\(r.duration) is not between 0 and 3600 s")
        try range.holds((0.1...10).contains(r.speed), "recordings[\(i)].speed", "\(r.speed) is not between 0.1 and 10")
        try range.numbers(r.motionShift, 3, "recordings[\(i)].motion_shift_m")
        try range.number(r.motionStart, 0...1e6, "recordings[\(i)].motion_start_s")
        for (key, value) in [("human_from_s", r.humanFrom), ("human_to_s", r.humanTo), ("covered_from_s", r.coveredFrom)] {
            try range.number(value, -1e6...1e6, "recordings[\(i)].\(key)")
        }
        try range.holds(r.motion != .custom || !r.keyframes.isEmpty, "recordings[\(i)].keyframes", "a custom motion needs keyframes")
        for (k, key) in r.keyframes.enumerated() {
            try range.numbers(key.position, 3, "recordings[\(i)].keyframes[\(k)].tool_position_m")
            try range.number(key.time, -3600...3600, "recordings[\(i)].keyframes[\(k)].time_s")
            try range.number(key.width, 0...1, "recordings[\(i)].keyframes[\(k)].width_m")
            for (name, angle) in [("yaw_deg", key.yaw), ("pitch_deg", key.pitch), ("roll_deg", key.roll)] {
                try range.number(angle, -1e5...1e5, "recordings[\(i)].keyframes[\(k)].\(name)")
            }
            let late = k == 0 || key.time > r.keyframes[k - 1].time
            try range.holds(late, "recordings[\(i)].keyframes[\(k)].time_s", "times must increase")
        }
    }
}

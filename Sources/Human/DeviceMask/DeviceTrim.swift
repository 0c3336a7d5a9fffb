public import Geometry
public import Imaging
public import Session

/// How often the scene explains what a device mask covers.
private struct TrimVotes {
    private var known: [Int]
    private var agreed: [Int]

    init(count: Int) { (known, agreed) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count)) }

    mutating func add(_ i: Int, agrees: Bool) {
        known[i] += 1
        if agrees { agreed[i] += 1 }
    }

    func isScene(_ i: Int, _ o: DeviceMaskOptions) -> Bool {
        known[i] >= o.trimKeyframes && Double(agreed[i]) >= o.trimShare * Double(known[i])
    }
}

extension HumanMasker {
    /// The device mask without what the scene explains: a bare table beside the gripper keeps still in brightness as the gripper does, but other
    /// views, carried over by the poses, show the same table there; of the gripper they show what it hides.
    /// - Parameters:
    ///   - stream: a recording of the scene without a human, as a rule the mapping video; pictures of the full or of the working size.
    ///   - tags: detections by frame number.
    public func trimmed(
        stream: PictureStream, poses: Trajectory<Table, Camera>, tags: [Int: [TagDetection]]
    ) throws(HumanError) -> DeviceMask {
        let o = options.device
        guard let first = poses.times.first, let last = poses.times.last else { return mask }
        let most = max(2, o.trimPictures)
        var store = KeyframeStore(interval: max(options.human.keyframeInterval, (last - first) / Double(most - 1)), limit: 2 * most)
        try stream { (frame, time, picture) throws(HumanError) in
            try check(picture, frame)
            guard store.wants(time), let rows = rows(poses, at: time) else { return }
            store.add(Keyframe(frame: frame, time: time, image: try small(picture, frame), poses: rows))
        }
        let keyframes = store.keyframes
        guard keyframes.count >= o.trimKeyframes else { return mask }
        let gains = try Vignetting.estimate(keyframes, masker: self).gains(geometry.camera)
        var window = KeyframeWindow(keyframes, gains: gains)
        let isDevice = pixels.classes.pixels.map { $0 == PixelClass.device.rawValue }
        var fixedVotes = TrimVotes(count: isDevice.count)
        var fingerVotes = mask.fingers.map { TrimVotes(count: $0.mask.pixels.count) }
        for keyframe in keyframes {
            guard let own = keyframe.poses else { continue }
            let picture = try ColourPicture(keyframe.image, gains: gains)
            guard let found = try disagreement(picture, keyframe.time, own, &window, options.human.backgroundTolerance, asksBlocked: true)
            else {
                continue
            }
            let least = UInt8(o.trimDisagreement * Disagreement.full)
            for i in found.indices where isDevice[i] && found[i] != Disagreement.unknown { fixedVotes.add(i, agrees: found[i] <= least) }
            for tag in tags[keyframe.frame] ?? [] {
                for (k, finger) in mask.fingers.enumerated() where finger.id == tag.id {
                    for i in found.indices where !isDevice[i] && found[i] != Disagreement.unknown {
                        let place = Vector2(Double(i % scale.width), Double(i / scale.width)) * Double(scale.factor)
                        guard let cell = finger.cell(place + 0.5 * Double(scale.factor - 1), center: tag.center) else { continue }
                        fingerVotes[k].add(cell, agrees: found[i] <= least)
                    }
                }
            }
        }
        var out = mask
        try trim(&out.fixed, isDevice, fixedVotes)
        for k in mask.fingers.indices { try out.fingers[k].trim { fingerVotes[k].isScene($0, o) } }
        return out
    }

    /// Takes scene out of the still part where it hangs together with the scene about.
    private func trim(_ full: inout Image, _ isDevice: [Bool], _ votes: TrimVotes) throws(HumanError) {
        let (w, h) = (scale.width, scale.height)
        let scene = Image(
            width: w, height: h, channels: 1, pixels: isDevice.indices.map { isDevice[$0] && votes.isScene($0, options.device) ? 255 : 0 })
        let rest = try Image.operation("trimming the device mask") { () throws(ImagingError) in
            let free = try scene.opened(radius: 1)
            let parts = try free.connectedComponents()
            var touches = [Bool](repeating: false, count: parts.components.count + 1)
            for y in 1..<max(1, h - 1) {
                for x in 1..<max(1, w - 1) where parts.labels[y * w + x] > 0 {
                    let i = y * w + x
                    if [i - 1, i + 1, i - w, i + w].contains(where: { !isDevice[$0] }) { touches[Int(parts.labels[i])] = true }
                }
            }
            var kept = Image(width: w, height: h, channels: 1)
            for i in isDevice.indices where isDevice[i] && !touches[Int(parts.labels[i])] { kept.pixels[i] = 255 }
            // What hangs on by a thread was scene too.
            let smallest = max(4, Int(options.device.minimumShare * Double(w * h)))
            return try kept.opened(radius: 1).keepingComponents { $0.area >= smallest }
        }
        let enlarged = scale.enlarge(rest)
        for i in full.pixels.indices where full.pixels[i] == PixelClass.device.rawValue && enlarged.pixels[i] == 0 {
            full.pixels[i] = PixelClass.background.rawValue
        }
        try full.join(device.maskHints, of: device)
    }
}

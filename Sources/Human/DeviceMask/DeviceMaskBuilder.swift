internal import Geometry
public import Imaging
public import Session

/// Finds the device over the recordings of a rig: what stays put in the picture while the camera moves.
///
/// Add some pictures of every recording (`DeviceMaskOptions.framesPerRecording`, evenly spread), then build. An edge that stays put adds up,
/// |mean ∇I| / mean |∇I| near 1, one of the scene cancels; areas enclosed by such edges and steady in brightness are filled, parts without
/// strong edges that nearly every picture has are dropped (a sky, a wall). A finger is sought the same way in pictures shifted so that its tag
/// stays put. The device file's mask hints are joined and the image circle is cut off.
/// Both must hold in nearly every recording by itself: a sleeve that rests in the picture through one is no device. A thing held in every
/// picture of every recording cannot be told from the device; `HumanMasker.trimmed` takes out what the scene explains.
public struct DeviceMaskBuilder: Sendable {
    private let device: Device
    private let options: DeviceMaskOptions
    private let scale: WorkingScale
    private let camera: CameraModel
    private var pictures: [(gray: [UInt8], tags: [TagDetection], recording: Int)] = []

    /// - Parameters:
    ///   - width: of the recordings' pictures; the device's intrinsics are scaled to it, other aspect ratios are refused.
    public init(device: Device, width: Int, height: Int, options: DeviceMaskOptions = DeviceMaskOptions()) throws(HumanError) {
        guard let camera = device.camera.rescaled(width: width, height: height) else {
            throw .picture(
                location: "device \(device.name)",
                reason: "its intrinsics hold for \(device.camera.width)x\(device.camera.height), the pictures are \(width)x\(height);"
                    + " accepted: the same aspect ratio")
        }
        self.device = device
        self.options = options
        self.camera = camera
        scale = WorkingScale(width: width, height: height, maximumWidth: options.maximumWorkingWidth)
    }

    /// A full-size picture as it is kept until the mask is built: gray and small, for those who decode a recording before they build the mask.
    public func prepare(_ picture: Image) throws(HumanError) -> Image {
        guard scale.isFull(picture) else {
            throw .picture(location: "device mask, picture to prepare", reason: refusal(picture, scale.fullWidth, scale.fullHeight))
        }
        return scale.shrink(picture.gray)
    }

    /// Takes one picture with its tag detections (full-size pixels).
    /// - Parameter recording: a number for the recording it is from.
    public mutating func add(_ picture: Image, tags: [TagDetection], recording: Int = 0) throws(HumanError) {
        guard scale.isFull(picture) else {
            throw .picture(location: "device mask, picture \(pictures.count)", reason: refusal(picture, scale.fullWidth, scale.fullHeight))
        }
        try add(prepared: try prepare(picture), tags: tags, recording: recording)
    }

    /// Takes one picture that `prepare` made, with the same result as the full one.
    public mutating func add(prepared picture: Image, tags: [TagDetection], recording: Int = 0) throws(HumanError) {
        guard scale.isWorking(picture), picture.channels == 1 else {
            throw .picture(
                location: "device mask, prepared picture \(pictures.count)", reason: refusal(picture, scale.width, scale.height) + ", gray")
        }
        pictures.append((picture.pixels, tags, recording))
    }

    private func refusal(_ picture: Image, _ width: Int, _ height: Int) -> String {
        "\(picture.width)x\(picture.height)x\(picture.channels) where \(width)x\(height) pixels are needed"
    }

    public func build() throws(HumanError) -> DeviceMask {
        let (w, h) = (scale.width, scale.height)
        var fixed = Image(width: w, height: h, everywhere: .background)
        var notes: [String] = []
        var fingers: [FingerMask] = []
        let ids = device.fingerTags.map { [$0.leftID, $0.rightID] } ?? []
        if pictures.count >= options.minimumFrames {
            let result = rigidity()
            let outside = try outsideCircle(result.brightest)
            let rigid = try result.rigidMask(width: w, height: h, outside: outside, options: options)
            let grown = try Image.operation("device mask") { () throws(ImagingError) in try rigid.dilated(radius: options.dilation) }
            for i in fixed.pixels.indices {
                if outside.pixels[i] != 0 {
                    fixed.pixels[i] = PixelClass.outside.rawValue
                } else if grown.pixels[i] != 0 {
                    fixed.pixels[i] = PixelClass.device.rawValue
                }
            }
            for id in ids {
                if let finger = try learnFinger(id, outside: outside) {
                    fingers.append(finger)
                } else {
                    notes.append(
                        "finger tag \(id): seen in fewer than \(options.minimumFingerFrames) pictures, only its square is protected")
                }
            }
        } else {
            notes.append(
                "only \(pictures.count) pictures, \(options.minimumFrames) are needed to find the device by motion: mask hints alone are used"
            )
        }
        var full = scale.enlarge(fixed)
        try full.join(device.maskHints, of: device)
        return DeviceMask(
            fixed: full, fingers: fingers, fingerTagScale: options.fingerTagScale, fingerTagIDs: ids, frameCount: pictures.count,
            notes: notes)
    }

    /// What holds in nearly every recording; those with few pictures are taken together.
    private func rigidity() -> RigidityStatistics.Result {
        var counts: [Int: Int] = [:]
        for p in pictures { counts[p.recording, default: 0] += 1 }
        let own = counts.filter { $0.value >= options.minimumFrames }.keys.sorted()
        let rest = pictures.filter { !own.contains($0.recording) }
        var groups = own.map { n in pictures.filter { $0.recording == n } }
        if rest.count >= options.minimumFrames || groups.isEmpty { groups.append(rest) }
        return RigidityStatistics.Result(
            groups.map { group in
                var statistics = RigidityStatistics(width: scale.width, height: scale.height)
                for p in group { statistics.add(p.gray) }
                return statistics.result(quantile: options.deviationQuantile, minimumGradient: options.minimumGradient)
            }, share: options.recordingShare)
    }

    /// Never bright and connected to the picture's border, or beyond the lens's reach.
    private func outsideCircle(_ brightest: [UInt8]) throws(HumanError) -> Image {
        let (w, h) = (scale.width, scale.height)
        var dark = Image(width: w, height: h, channels: 1)
        for i in dark.pixels.indices where Double(brightest[i]) <= options.circleBrightness { dark.pixels[i] = 255 }
        var out = try Image.operation("image circle") { [dark] () throws(ImagingError) in
            try dark.keepingComponents { $0.x == 0 || $0.y == 0 || $0.x + $0.width == w || $0.y + $0.height == h }
        }
        let working = scale.camera(camera)
        for y in 0..<h {
            for x in 0..<w where working.unproject(Vector2(Double(x), Double(y))) == nil { out.pixels[y * w + x] = 255 }
        }
        return out
    }

    /// What stays put about a tag when pictures are shifted by it.
    private func learnFinger(_ id: Int, outside: Image) throws(HumanError) -> FingerMask? {
        let seen = pictures.flatMap { p in p.tags.filter { $0.id == id }.map { (p.gray, $0) } }
        guard seen.count >= options.minimumFingerFrames else { return nil }
        let sides = seen.map { tag in (tag.1.corners[0] - tag.1.corners[2]).length / 2.0.squareRoot() }.sorted()
        let side = sides[sides.count / 2] / Double(scale.factor)
        let half = max(3, Int((options.fingerReach * side).rounded()))
        let size = 2 * half + 1
        var statistics = RigidityStatistics(width: size, height: size)
        for (gray, tag) in seen {
            let c = scale.shrink(tag.center)
            var patch = [UInt8](repeating: 0, count: size * size)
            var covered = [Bool](repeating: false, count: size * size)
            let (bx, by) = (c.x.rounded(.down), c.y.rounded(.down))
            let (fx, fy) = (c.x - bx, c.y - by)
            for y in 0..<size {
                for x in 0..<size {
                    let (px, py) = (Int(bx) + x - half, Int(by) + y - half)
                    guard px >= 0, py >= 0, px + 1 < scale.width, py + 1 < scale.height else { continue }
                    let i = py * scale.width + px
                    guard outside.pixels[i] == 0 else { continue }
                    let top = Double(gray[i]) * (1 - fx) + Double(gray[i + 1]) * fx
                    let bottom = Double(gray[i + scale.width]) * (1 - fx) + Double(gray[i + scale.width + 1]) * fx
                    patch[y * size + x] = UInt8(min(255, max(0, (top * (1 - fy) + bottom * fy).rounded())))
                    covered[y * size + x] = true
                }
            }
            statistics.add(patch, covered: covered)
        }
        let result = statistics.result(quantile: options.deviationQuantile, minimumGradient: options.minimumGradient)
        var local = options
        local.minimumShare = 0.01
        local.comesFromBorder = false
        local.thinnest = 1
        // It hangs together with its tag: that is enough.
        local.standingEdge = 0
        local.edgeGap = options.edgeGap * Double(scale.width) / Double(size)
        var mask = try result.rigidMask(width: size, height: size, outside: Image(width: size, height: size, channels: 1), options: local)
        // Only what hangs together with the tag is the finger.
        let radius = max(1, Int((0.6 * side).rounded()))
        for y in (half - radius)...(half + radius) { for x in (half - radius)...(half + radius) { mask.pixels[y * size + x] = 255 } }
        let kept = mask
        return try Image.operation("finger of tag \(id)") { () throws(ImagingError) in
            let parts = try kept.connectedComponents()
            let middle = parts.labels[half * size + half]
            var out = Image(width: size, height: size, channels: 1)
            for i in out.pixels.indices where parts.labels[i] == middle { out.pixels[i] = 255 }
            return FingerMask(id: id, mask: try out.dilated(radius: options.dilation), pixelsPerCell: scale.factor)
        }
    }
}

extension Image {
    /// Draws a device file's mask hints on a full-size class map.
    mutating func join(_ hints: [MaskHint], of device: Device) throws(HumanError) {
        let ratio = Vector2(Double(width) / Double(device.camera.width), Double(height) / Double(device.camera.height))
        for (i, hint) in hints.enumerated() {
            let polygon = hint.polygon.map { ($0 + 0.5) * ratio - 0.5 }
            var drawn = Image(width: width, height: height, channels: 1)
            try Image.operation("mask hint \(i) of device \(device.name)") { () throws(ImagingError) in try drawn.fill(polygon: polygon) }
            let value: PixelClass = hint.kind == .mirror ? .mirror : .device
            for p in pixels.indices where drawn.pixels[p] != 0 && pixels[p] != PixelClass.outside.rawValue { pixels[p] = value.rawValue }
        }
    }
}

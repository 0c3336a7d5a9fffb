internal import Estimation
internal import Geometry
internal import Imaging
internal import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// Turns pictures into tracks, one picture at a time.
///
/// Points are followed from the last keyframe's picture (not from the last frame's, so that errors do not add up from frame to frame),
/// each search starting where the gyroscope and the last image motion say.
struct FrontEnd {
    let camera: CameraModel
    let bodyFromCamera: Rotation
    let signal: InertialSignal?
    let options: FrontEndOptions
    let tableTagID: Int?
    let flow: OpticalFlow
    let cornerDetector: CornerDetector
    let featureDetector: FeatureDetector

    var tracks: FeatureTracks
    var mask: Image
    var reference: FlowPyramid?
    var referencePicture: Image?
    var live: [LivePoint] = []
    var nextTrack: Int32 = 0
    var referenceTime = 0.0
    var referenceCount = 0
    var featureTime = 0.0
    var turnedSinceFeatures = Rotation.identity
    var turned = Rotation.identity
    var deviceVotes: [Int]
    static let voteCell = 16
    /// How far points were from where the gyroscope put them and from where they were, pixels, fading.
    var missedByGyroscope = 0.0
    var missedByRest = 0.0

    struct LivePoint {
        var track: Int32
        /// Where it is in the reference picture, where it first was, where it is now.
        var anchor: Vector2
        var first: Vector2
        var pixel: Vector2
        /// Image motion beyond what rotation explains, last frame.
        var drift = Vector2.zero
        /// Sum of the motion that gyroscope and pictures say it should have made, and the largest distance from where it began.
        var predicted = 0.0
        var reach = 0.0
    }

    init(camera: CameraModel, device: Device, signal: InertialSignal?, options: FrontEndOptions) throws(ImagingError) {
        self.camera = camera
        let options = options.fitted(to: camera.width)
        self.options = options
        self.signal = signal
        bodyFromCamera = device.bodyFromCamera.rotation
        tableTagID = device.tableTag?.id
        flow = OpticalFlow(options: options.flow)
        cornerDetector = CornerDetector(options: options.corners)
        featureDetector = FeatureDetector(options: options.features)
        tracks = FeatureTracks(width: camera.width, height: camera.height)
        var usable = Image(width: camera.width, height: camera.height, channels: 1, filledWith: 255)
        let scale = Vector2(Double(camera.width) / Double(device.camera.width), Double(camera.height) / Double(device.camera.height))
        var blocked = Image(width: camera.width, height: camera.height, channels: 1)
        for hint in device.maskHints where hint.polygon.count >= 3 { try blocked.fill(polygon: hint.polygon.map { $0 * scale }) }
        if options.maskMargin > 0, !device.maskHints.isEmpty { blocked = try blocked.dilated(radius: options.maskMargin) }
        for y in 0..<camera.height {
            for x in 0..<camera.width {
                let p = Vector2(Double(x), Double(y))
                if blocked[x, y] != 0 || !camera.contains(p, margin: options.borderMargin) || camera.unproject(p) == nil {
                    usable[x, y] = 0
                }
            }
        }
        mask = usable
        deviceVotes = [Int](
            repeating: 0, count: (camera.width / Self.voteCell + 1) * (camera.height / Self.voteCell + 1))
    }

    /// Adds the next picture and the tags in it.
    mutating func add(_ frame: VideoFrame, tags: [TagDetection]) throws(ImagingError) {
        var gray = frame.image.gray
        let time = frame.time.seconds
        if tracks.frameCount == 0 { try maskOutside(of: gray) }
        let (predicted, guesses) = predict(time)
        evenOut(&gray, guesses)
        let pyramid = try flow.pyramid(of: gray)
        var (isKey, isHurried) = (tracks.frameCount == 0, tracks.frameCount == 0)
        if let reference { (isKey, isHurried) = try follow(pyramid, from: reference, time: time, predicted, guesses) }
        var features: FeatureSet?
        if isKey {
            let small = try DownscaledImage(gray, mask, width: options.featureWidth)
            let fresh = try small.corners(cornerDetector, existing: live.map(\.pixel))
            for i in live.indices { live[i].anchor = live[i].pixel }
            for p in fresh {
                live.append(LivePoint(track: nextTrack, anchor: p, first: p, pixel: p))
                nextTrack += 1
            }
            turnedSinceFeatures = turned * turnedSinceFeatures
            if isHurried || time - featureTime >= options.featureInterval - 1e-6
                || turnedSinceFeatures.angle > options.featureRotation * .pi / 180
            {
                features = try small.features(featureDetector)
                featureTime = time
                turnedSinceFeatures = .identity
            }
            reference = pyramid
            referencePicture = gray
            referenceTime = time
            referenceCount = live.count
            turned = .identity
        }
        let looks = isKey || options.tagInterval > 0 && tracks.frameCount % options.tagInterval == 0
        let tag = looks ? tableTag(among: tags) : nil
        tracks.appendFrame(
            frame.time, isKeyframe: isKey, points: live.map { ($0.track, $0.pixel) }, tableTag: tag, features: features)
    }

    /// Where the gyroscope alone puts all points, and where they are looked for: by their own motion too.
    private mutating func predict(_ time: Double) -> (predicted: [Vector2], guesses: [Vector2]) {
        let last = tracks.times.last?.seconds ?? 0
        let rotation = isGyroscopeHelpful ? cameraRotation(from: last, to: time) : .identity
        turned = rotation * turned
        var predicted = [Vector2](repeating: .zero, count: live.count)
        var guesses = predicted
        for (i, p) in live.enumerated() {
            var expected = p.pixel
            if let b = camera.unproject(p.pixel), let q = camera.project(rotation * b) { expected = q }
            predicted[i] = expected
            let guess = expected + p.drift
            guesses[i] = camera.contains(guess) ? guess : p.pixel
        }
        return (predicted, guesses)
    }

    /// Brings a picture to the brightness of the one that points are followed from, where the light or the exposure has changed: the median
    /// ratio around all points, so that what the camera looks at does not matter.
    private func evenOut(_ gray: inout Image, _ guesses: [Vector2]) {
        guard let referencePicture, live.count >= options.lightPoints else { return }
        func mean(_ image: Image, _ p: Vector2) -> Double {
            let (x, y) = (Int(p.x.rounded()), Int(p.y.rounded()))
            guard x >= 2, y >= 2, x < image.width - 2, y < image.height - 2 else { return 0 }
            var sum = 0
            for v in (y - 2)...(y + 2) { for u in (x - 2)...(x + 2) { sum += Int(image.pixels[v * image.width + u]) } }
            return Double(sum) / 25
        }
        var ratios: [Double] = []
        for (p, guess) in zip(live, guesses) {
            let (a, b) = (mean(referencePicture, p.anchor), mean(gray, guess))
            if a > options.darkLevel, b > options.darkLevel { ratios.append(a / b) }
        }
        guard ratios.count >= options.lightPoints else { return }
        ratios.sort()
        let gain = ratios[ratios.count / 2]
        guard abs(gain - 1) > options.lightTolerance else { return }
        let table = (0..<256).map { UInt8(min(255, max(0, (Double($0) * gain).rounded()))) }
        gray.pixels.withUnsafeMutableBufferPointer { p in for i in p.indices { p[i] = table[Int(p[i])] } }
    }

    /// Follows all points into a picture; whether it must become a keyframe, and that before its time: the view changes fast.
    private mutating func follow(
        _ pyramid: FlowPyramid, from reference: FlowPyramid, time: Double, _ predicted: [Vector2], _ guesses: [Vector2]
    ) throws(ImagingError) -> (isKey: Bool, isHurried: Bool) {
        let found = try flow.track(live.map(\.anchor), from: reference, to: pyramid, guesses: guesses)
        var kept: [LivePoint] = []
        kept.reserveCapacity(live.count)
        let scene = judgeGyroscope(found, from: tracks.times.last?.seconds ?? 0, to: time)
        for (i, result) in found.enumerated() where result.isTracked && isUsable(result.point) {
            var p = live[i]
            p.drift = result.point - predicted[i]
            p.predicted += min((predicted[i] - p.pixel).length, scene)
            p.pixel = result.point
            p.reach = max(p.reach, (p.pixel - p.first).length)
            if p.predicted > options.deviceMotion, p.reach < options.deviceStillness {
                markDevice(p.pixel)
                continue
            }
            kept.append(p)
        }
        live = kept
        let isHurried =
            Double(live.count) < options.keyframeSurvival * Double(referenceCount) || turned.angle > options.keyframeRotation * .pi / 180
        return (isHurried || time - referenceTime >= options.keyframeInterval - 1e-6, isHurried)
    }

    /// Whether points are nearer to where the gyroscope puts them than to where they were, about.
    private var isGyroscopeHelpful: Bool {
        signal != nil && missedByGyroscope <= options.gyroscopeTolerance * missedByRest + options.gyroscopeSlack
    }

    /// Compares what the gyroscope says of a picture's points with where they went.
    /// - Returns: what the faster quarter of the points moved by at least, pixels.
    private mutating func judgeGyroscope(_ found: [FlowResult], from last: Double, to time: Double) -> Double {
        var moved: [Double] = []
        // Of points that moved: those on a gripper in view say nothing of the camera's turn.
        var (ways, missed): ([Double], [Double]) = ([], [])
        let rotation = cameraRotation(from: last, to: time)
        for (p, result) in zip(live, found) where result.isTracked {
            let way = (result.point - p.pixel).length
            moved.append(way)
            guard signal != nil, way > options.deviceStillness, let b = camera.unproject(p.pixel), let q = camera.project(rotation * b)
            else { continue }
            ways.append(way)
            missed.append((result.point - q).length)
        }
        guard !moved.isEmpty else { return 0 }
        moved.sort()
        if ways.count >= options.gyroscopePoints {
            missedByGyroscope = options.gyroscopeMemory * missedByGyroscope + missed.sorted()[missed.count / 2]
            missedByRest = options.gyroscopeMemory * missedByRest + ways.sorted()[ways.count / 2]
        }
        return moved[moved.count * 3 / 4]
    }

    /// Camera at `to` from camera at `from`, by the gyroscope with no bias; identity without one.
    func cameraRotation(from: Double, to: Double) -> Rotation {
        guard let signal, to > from else { return .identity }
        let rate = 0.5 * (signal.rate(at: from) + signal.rate(at: to)) * 0.5 + 0.5 * signal.rate(at: 0.5 * (from + to))
        let body = Rotation(vector: rate * (to - from))
        return bodyFromCamera.inverse * body.inverse * bodyFromCamera
    }

    func isUsable(_ p: Vector2) -> Bool {
        let (x, y) = (Int(p.x.rounded()), Int(p.y.rounded()))
        guard x >= 0, y >= 0, x < mask.width, y < mask.height else { return false }
        return mask[x, y] != 0
    }

    /// A point that does not move with the scene: two in a cell close the cell to new points.
    private mutating func markDevice(_ p: Vector2) {
        let columns = camera.width / Self.voteCell + 1
        let (cx, cy) = (Int(p.x) / Self.voteCell, Int(p.y) / Self.voteCell)
        deviceVotes[cy * columns + cx] += 1
        guard deviceVotes[cy * columns + cx] == 2 else { return }
        for y in (cy * Self.voteCell)..<min((cy + 1) * Self.voteCell, camera.height) {
            for x in (cx * Self.voteCell)..<min((cx + 1) * Self.voteCell, camera.width) { mask[x, y] = 0 }
        }
    }

    /// Closes the dark region around the image circle: dark pixels connected to the picture's border.
    private mutating func maskOutside(of gray: Image) throws(ImagingError) {
        var dark = Image(width: gray.width, height: gray.height, channels: 1)
        for i in gray.pixels.indices where Double(gray.pixels[i]) < options.darkLevel { dark.pixels[i] = 255 }
        let regions = try dark.connectedComponents()
        // Only large regions at a corner: the outside of an image circle, not a dark thing at the edge.
        let corners = [0, gray.width - 1, (gray.height - 1) * gray.width, gray.height * gray.width - 1]
        let outside = Set(corners.map { regions.labels[$0] }.filter { $0 > 0 })
        guard !outside.isEmpty else { return }
        var out = Image(width: gray.width, height: gray.height, channels: 1)
        for i in out.pixels.indices where outside.contains(regions.labels[i]) { out.pixels[i] = 255 }
        if options.maskMargin > 0 { out = try out.dilated(radius: options.maskMargin) }
        for i in out.pixels.indices where out.pixels[i] != 0 { mask.pixels[i] = 0 }
    }

    private func tableTag(among tags: [TagDetection]) -> [Vector2]? {
        guard let tableTagID else { return nil }
        let found = tags.filter { $0.id == tableTagID }
        // Two prints of one tag: neither can be believed.
        guard found.count == 1, let tag = found.first else { return nil }
        for k in 0..<4 {
            if (tag.corners[k] - tag.corners[(k + 1) % 4]).length < options.minimumTagSide { return nil }
            if !camera.contains(tag.corners[k], margin: 3) || camera.unproject(tag.corners[k]) == nil { return nil }
        }
        return tag.corners
    }
}

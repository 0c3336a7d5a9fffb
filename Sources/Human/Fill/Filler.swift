public import Geometry
public import Imaging
public import Session

/// Where an exported pixel comes from. The raw values are what provenance maps hold.
public enum Provenance: UInt8, Sendable, CaseIterable {
    /// Recorded in this frame.
    case original = 0
    /// The same place of the scene, recorded in other frames that agree.
    case observed = 1
    /// Carried over from what was filled in frames beside this one.
    case propagated = 2
    /// Painted in from around it, or painted flat: nobody saw this.
    case invented = 3
    /// A robot drawn over it (`RobotOverlay`): nobody saw this either.
    case rendered = 4
}

/// A filled picture.
public struct FilledFrame: Sendable {
    public var picture: Image
    /// A `Provenance` raw value per pixel.
    public var provenance: Image
    /// Shares of the whole picture.
    public var observedShare: Double
    public var propagatedShare = 0.0
    public var inventedShare: Double
}

/// Replaces the human in pictures: by what other frames saw there, else from what is around.
///
/// A frame without removed pixels comes back byte for byte. The device is never filled.
public struct Filler: Sendable {
    public let options: MaskOptions
    /// Of these two at most one: by the background model's depth, or without it over some surfaces.
    private var backgroundFill: BackgroundFill?
    private let surfaceFill: SurfaceFill?

    /// - Parameters:
    ///   - plates: of the same recording; nil or without poses: nothing is observed, all is painted in.
    ///   - poses: of the same recording, table from camera.
    ///   - background: the session's static scene: depth and further pictures to fill from.
    public init(
        device: Device, plates: PlateStore?, poses: Trajectory<Table, Camera>?, options: MaskOptions = MaskOptions(),
        background: BackgroundModel? = nil
    ) {
        self.options = options
        guard let plates, let poses, let first = plates.plates.first, options.fill.mode == .observed,
            let camera = device.camera.rescaled(width: first.picture.width, height: first.picture.height)
        else {
            surfaceFill = nil
            return
        }
        backgroundFill = background.flatMap {
            BackgroundFill(camera: camera, readout: device.readout, model: $0, plates: plates, poses: poses, options: options)
        }
        surfaceFill =
            backgroundFill != nil
            ? nil : SurfaceFill(camera: camera, readout: device.readout, plates: plates, poses: poses, options: options)
    }

    /// Fills one RGB picture.
    /// - Parameters:
    ///   - classes: its class map.
    ///   - tags: its finger tags, painted over where the options ask for it.
    public mutating func fill(
        _ picture: Image, classes: Image, time: Timestamp<VideoClock>, fingerTags: [TagDetection] = []
    ) throws(HumanError) -> FilledFrame {
        guard picture.channels == 3, classes.channels == 1, picture.width == classes.width, picture.height == classes.height else {
            throw .picture(
                location: "fill at \(time.seconds) s",
                reason: "\(picture.width)x\(picture.height)x\(picture.channels) and a class map of \(classes.width)x\(classes.height)"
                    + "x\(classes.channels); an RGB picture and a one-channel map of one size are needed")
        }
        let hole = classes.removalMask
        var out = FilledFrame(
            picture: picture, provenance: Image(width: picture.width, height: picture.height, channels: 1), observedShare: 0,
            inventedShare: 0)
        if hole.pixels.contains(255), options.fill.mode != .keep { try fill(hole, classes, time, &out) }
        if options.fill.paintFingerTags {
            for tag in fingerTags { try paint(tag, &out) }
        }
        let n = Double(max(picture.width * picture.height, 1))
        var counts = [Int](repeating: 0, count: 256)
        out.provenance.pixels.withUnsafeBufferPointer { p in for v in p { counts[Int(v)] &+= 1 } }
        out.observedShare = Double(counts[Int(Provenance.observed.rawValue)]) / n
        out.propagatedShare = Double(counts[Int(Provenance.propagated.rawValue)]) / n
        out.inventedShare = Double(counts[Int(Provenance.invented.rawValue)]) / n
        return out
    }

    private mutating func fill(_ hole: Image, _ classes: Image, _ time: Timestamp<VideoClock>, _ out: inout FilledFrame) throws(HumanError)
    {
        var remaining = hole
        try backgroundFill?.fill(&remaining, classes, time, &out)
        try surfaceFill?.fill(&remaining, classes, time, &out)
        guard remaining.pixels.contains(255) else { return }
        if options.fill.mode == .black {
            for i in remaining.pixels.indices where remaining.pixels[i] != 0 {
                out.provenance.pixels[i] = Provenance.invented.rawValue
                for c in 0..<3 { out.picture.pixels[3 * i + c] = 0 }
            }
            return
        }
        try out.paintIn(remaining, avoiding: classes, options: options, at: time)
    }

    /// Paints a tag with the median colour of its rim, as UMI's `inpaint_tag` does.
    private func paint(_ tag: TagDetection, _ out: inout FilledFrame) throws(HumanError) {
        let (w, h) = (out.picture.width, out.picture.height)
        let c = tag.center
        let scale = options.fill.paintScale
        func square(_ s: Double) throws(HumanError) -> Image {
            try Image.operation("paint finger tag \(tag.id)") { () throws(ImagingError) in
                try Image.mask(width: w, height: h, polygon: tag.corners.map { c + ($0 - c) * s })
            }
        }
        let inner = try square(scale)
        let outer = try square(scale * 1.15)
        var rim: [[UInt8]] = [[], [], []]
        for i in inner.pixels.indices where outer.pixels[i] != 0 && inner.pixels[i] == 0 {
            for k in 0..<3 { rim[k].append(out.picture.pixels[3 * i + k]) }
        }
        guard !rim[0].isEmpty else { return }
        let colour = rim.map { $0.sorted()[$0.count / 2] }
        for i in inner.pixels.indices where inner.pixels[i] != 0 {
            for k in 0..<3 { out.picture.pixels[3 * i + k] = colour[k] }
            out.provenance.pixels[i] = Provenance.invented.rawValue
        }
    }
}

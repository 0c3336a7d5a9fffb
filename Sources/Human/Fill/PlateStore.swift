internal import Imaging
internal import Session

/// Full-size pictures of a recording from which holes are filled, with what of each is scene.
///
/// Which frames they are is known before any is masked (`frames`): whoever decodes the recording once keeps their pictures, and adds them with
/// their class maps, in order.
public struct PlateStore: Sendable {
    struct Plate: Sendable {
        var frame: Int
        var time: Timestamp<VideoClock>
        var picture: Image
        /// 0 where it may be copied from, `FillView.hole` in the hole, else 255.
        var blocked: Image
    }

    private(set) var plates: [Plate] = []

    public init() {}

    public var count: Int { plates.count }

    /// The frames whose pictures are kept: every so many-th, a power of two, so that there are at most `FillOptions.plates` (and at least 2).
    /// - Parameter count: of the recording's frames.
    public static func frames(of count: Int, options: FillOptions = FillOptions()) -> [Int] {
        let limit = max(2, options.plates)
        var step = 1
        while (count + step - 1) / step > limit { step *= 2 }
        return Array(stride(from: 0, to: count, by: step))
    }

    /// Adds an RGB picture with its class map, both of full size.
    public mutating func add(_ masked: MaskedFrame) throws(HumanError) {
        let (picture, classes) = (masked.picture, masked.classes)
        guard picture.channels == 3, classes.channels == 1, picture.width == classes.width, picture.height == classes.height else {
            throw .picture(
                location: "frame \(masked.frame), to fill others from",
                reason: "\(picture.width)x\(picture.height)x\(picture.channels) and a class map of \(classes.width)x\(classes.height)"
                    + "x\(classes.channels); an RGB picture and a one-channel map of one size are needed")
        }
        var table = [UInt8](repeating: 255, count: 256)
        for pixelClass in PixelClass.allCases where pixelClass.isRemoved { table[Int(pixelClass.rawValue)] = FillView.hole }
        table[Int(PixelClass.background.rawValue)] = 0
        let blocked = Image(
            width: classes.width, height: classes.height, channels: 1,
            pixels: table.withUnsafeBufferPointer { table in classes.pixels.map { table[Int($0)] } })
        plates.append(Plate(frame: masked.frame, time: masked.time, picture: picture, blocked: blocked))
    }
}

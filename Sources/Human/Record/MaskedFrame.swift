public import Imaging
public import Session

/// A full-size picture with its class map.
public struct MaskedFrame: Sendable {
    /// Frame number in the recording.
    public var frame: Int
    public var time: Timestamp<VideoClock>
    /// The picture as it was handed in.
    public var picture: Image
    /// A `PixelClass` raw value per pixel, at picture size.
    public var classes: Image
    /// Whether any pixel is to be removed; where not, the picture can be exported as it is.
    public var isTouched: Bool

    public init(frame: Int, time: Timestamp<VideoClock>, picture: Image, classes: Image, isTouched: Bool) {
        self.frame = frame
        self.time = time
        self.picture = picture
        self.classes = classes
        self.isTouched = isTouched
    }
}

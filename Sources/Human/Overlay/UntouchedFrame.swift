public import Imaging

extension FilledFrame {
    /// A picture as it was recorded.
    public init(untouched picture: Image) {
        self.init(
            picture: picture, provenance: Image(width: picture.width, height: picture.height, channels: 1), observedShare: 0,
            inventedShare: 0)
    }
}

public import Imaging

/// The small pictures in which humans are sought, for whoever decodes a recording before a device mask exists.
///
/// What `HumanMasker` makes of a full picture itself: the means over blocks of a whole number of pixels, at most
/// `HumanOptions.maximumWorkingWidth` wide.
public struct WorkingPictures: Sendable, Equatable {
    private let scale: WorkingScale

    /// - Parameters:
    ///   - width: of the recording's pictures, pixels; at least 1, as the height.
    public init(width: Int, height: Int, options: MaskOptions = MaskOptions()) {
        scale = WorkingScale(width: width, height: height, maximumWidth: options.human.maximumWorkingWidth)
    }

    /// Of the small pictures, pixels; rounded up.
    public var size: (width: Int, height: Int) { (scale.width, scale.height) }

    /// A full picture made small, RGB; one that is small already comes back as it is.
    public func shrink(_ picture: Image) throws(HumanError) -> Image {
        guard let small = scale.small(picture) else {
            throw .picture(location: "picture to be made small", reason: scale.refusal(of: picture))
        }
        return small
    }
}

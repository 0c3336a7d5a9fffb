public import Imaging

/// What a pixel of a recording shows. The raw values are what class maps (one gray byte per pixel) hold on disk.
public enum PixelClass: UInt8, Sendable, CaseIterable {
    /// The scene: what the policy is meant to see.
    case background = 0
    /// Gripper, mount, fingers: what is rigid in the camera's frame, or rigid with a finger.
    case device = 1
    /// A mirror of the mount, from the device file's hints.
    case mirror = 2
    /// Beyond the image circle: the lens throws no light there.
    case outside = 3
    /// The operator or a bystander.
    case human = 4
    /// The rim around the human that is filled with it: blur, frames beside this one, the reach of an uncertain edge.
    case humanMargin = 5
    /// Another gripper.
    case otherGripper = 6
    /// A thing that was moved, or that the jaws hold.
    case movedObject = 7
    /// What nothing explains and is not known to be human.
    case unknown = 8

    /// Whether the pixel is to be filled before the picture is exported.
    @inlinable public var isRemoved: Bool { self == .human || self == .humanMargin }
}

extension Image {
    /// A class map with one class everywhere.
    public init(width: Int, height: Int, everywhere pixelClass: PixelClass) {
        self.init(width: width, height: height, channels: 1, filledWith: pixelClass.rawValue)
    }

    /// How many pixels of a class map are of the class.
    public func count(of pixelClass: PixelClass) -> Int {
        let value = pixelClass.rawValue
        return pixels.withUnsafeBufferPointer { p in
            var count = 0
            for i in p.indices { count &+= p[i] == value ? 1 : 0 }
            return count
        }
    }

    /// 255 where a class map is one of `classes`, else 0.
    public func mask(of classes: Set<PixelClass>) -> Image {
        var table = [UInt8](repeating: 0, count: 256)
        for c in classes { table[Int(c.rawValue)] = 255 }
        return Image(width: width, height: height, channels: 1, pixels: pixels.map { table[Int($0)] })
    }

    /// 255 where a class map says that the pixel is to be filled, else 0.
    public var removalMask: Image { mask(of: [.human, .humanMargin]) }
}

public import Imaging

/// What a user's model says of one picture: a byte a pixel, 0 background, 255 human, 128 unsure, between them a chance of value / 255.
///
/// All three doors (a folder, a child process, an ONNX file) end in this; the masker takes it as one evidence among others.
public struct ModelMask: Sendable, Equatable {
    public var values: Image

    public init(_ values: Image) {
        precondition(values.channels == 1, "a model's mask has one value per pixel")
        self.values = values
    }

    /// The value that says nothing.
    public static let unsure: UInt8 = 128

    /// The chance of human that a value stands for.
    @inlinable public static func probability(_ value: UInt8) -> Double { value == unsure ? 0.5 : Double(value) / 255 }

    /// The value that stands for a chance.
    static func value(_ probability: Double) -> UInt8 { UInt8(max(0, min(255, (255 * probability).rounded()))) }

    /// For the masker: chances bounded by the options' certainty, nothing said where unsure.
    public func evidence(_ options: ModelOptions = ModelOptions()) -> ExternalMask {
        let table = (0..<256).map { v in
            let p = Self.probability(UInt8(v))
            return UInt8(v) == Self.unsure ? Float.nan : Float(min(max(p, 1 - options.certainty), options.certainty))
        }
        return ExternalMask(
            probability: values.pixels.map { table[Int($0)] }, width: values.width, height: values.height, weight: options.weight)
    }
}

/// The masks of a recording, by frame, held as PNG (a few kilobytes each).
public struct ModelMasks: Sendable {
    /// Where they come from, for the report.
    public var origin: String
    private var pictures: [Int: [UInt8]] = [:]

    public init(origin: String) { self.origin = origin }

    public var count: Int { pictures.count }

    public mutating func add(_ mask: ModelMask, frame: Int) throws(HumanError) {
        pictures[frame] = try Image.operation("keeping the mask of frame \(frame)") { () throws(ImagingError) in try mask.values.pngBytes()
        }
    }

    /// Nil where the model was not asked, or said that it does not know.
    public func mask(frame: Int) throws(HumanError) -> ModelMask? {
        guard let bytes = pictures[frame] else { return nil }
        return ModelMask(try Image.operation("mask of frame \(frame)") { () throws(ImagingError) in try Image(decoding: bytes) })
    }
}

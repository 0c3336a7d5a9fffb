public import Foundation
internal import Session

/// What a user says of an ONNX model: the JSON file beside it.
///
/// Paths are relative to the file. Unknown layouts, colours and semantics are refused by the decoder with the key; the numbers are checked here.
public struct ModelManifest: Codable, Sendable, Equatable {
    public static let schema = "griptrace.model.v1"

    public enum Layout: String, Codable, Sendable, CaseIterable { case nchw, nhwc }
    public enum Colour: String, Codable, Sendable, CaseIterable { case rgb, bgr }

    public enum Semantics: String, Codable, Sendable, CaseIterable {
        /// A score a class; softmax over the classes makes probabilities of them.
        case logits
        /// A probability a class.
        case probabilities
        /// A score for each class by itself; the logistic function makes probabilities of them.
        case sigmoid
        /// The number of the class at each pixel.
        case labels
    }

    public struct Input: Codable, Sendable, Equatable {
        public var name: String
        public var width: Int
        public var height: Int
        public var layout: Layout
        public var colour: Colour
        /// What a byte is divided by before mean and deviation; 255 makes 0 to 1 of it.
        public var scale: Double
        /// Of each channel in the model's order, after `scale`.
        public var mean: [Double]
        public var std: [Double]
        /// Part of the picture that the model is shown: x, y, width, height as shares of it; all of it where left out.
        public var crop: [Double]?
    }

    public struct Output: Codable, Sendable, Equatable {
        public var name: String
        public var semantics: Semantics
        /// Of the classes; nchw where left out. Labels have none.
        public var layout: Layout?
        /// The classes that are human.
        public var humanClasses: [Int]
        /// The probability from which the model itself calls a pixel human, more than 0 and less than 1.
        public var threshold: Double

        enum CodingKeys: String, CodingKey {
            case name, semantics, layout, threshold
            case humanClasses = "human_classes"
        }
    }

    public struct Reference: Codable, Sendable, Equatable {
        /// A PNG, put through the same preparation as a frame, or the input tensor as little-endian float32 (`.f32`).
        public var input: String
        /// The output tensor as little-endian float32.
        public var output: String
    }

    public var schema: String
    public var name: String
    /// The model's file.
    public var model: String
    /// Of the model's file, lower-case hexadecimal.
    public var sha256: String
    /// Under which terms the weights may be used.
    public var licence: String
    public var input: Input
    public var output: Output
    public var reference: Reference

    static let accepted = "schema \(schema), name, model, sha256, licence, input, output, reference"

    public init(contentsOf url: URL) throws(HumanError) {
        self = try JSONText.read(url, accepted: Self.accepted)
        func refuse(_ key: String, _ reason: String) -> HumanError { .input(location: "\(url.path): \(key)", reason: reason) }
        guard schema == Self.schema else { throw refuse("schema", "\"\(schema)\" is not known; accepted: \(Self.schema)") }
        guard !licence.isEmpty else { throw refuse("licence", "is empty; accepted: under which terms the weights may be used") }
        guard (1...4096).contains(input.width), (1...4096).contains(input.height) else {
            throw refuse("input.width, input.height", "\(input.width)x\(input.height); 1 to 4096 are accepted")
        }
        guard input.mean.count == 3, input.std.count == 3, input.mean.allSatisfy(\.isFinite),
            input.std.allSatisfy({ $0.isFinite && $0 > 0 })
        else { throw refuse("input.mean, input.std", "three finite numbers each are accepted, the deviations positive") }
        guard input.scale.isFinite, input.scale > 0 else { throw refuse("input.scale", "must be positive; 255 makes 0 to 1 of a byte") }
        if let c = input.crop {
            guard c.count == 4, c.allSatisfy({ $0 >= 0 && $0 <= 1 }), c[2] > 0, c[3] > 0, c[0] + c[2] <= 1 + 1e-9, c[1] + c[3] <= 1 + 1e-9
            else {
                throw refuse("input.crop", "must be x, y, width, height as shares of the picture, inside it")
            }
        }
        guard !output.humanClasses.isEmpty, output.humanClasses.allSatisfy({ $0 >= 0 }) else {
            throw refuse("output.human_classes", "at least one class number from 0 is needed")
        }
        guard output.threshold > 0, output.threshold < 1 else { throw refuse("output.threshold", "must lie between 0 and 1") }
    }
}

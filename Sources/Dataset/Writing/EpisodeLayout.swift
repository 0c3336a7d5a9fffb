internal import Imaging

/// What every frame of a data set holds, independent of the format it is written in.
public struct EpisodeLayout: Sendable, Equatable {
    /// Names of `observation.state`'s numbers, such as `joint_1.pos`, `gripper.width`, `tool.x`.
    public var stateNames: [String]
    /// Names of `action`'s numbers.
    public var actionNames: [String]
    public var cameras: [CameraFeature]
    /// Vectors beside state and action that a policy may take for an input.
    public var vectors: [VectorFeature] = []
    /// Diagnostics beside the training signals; no policy takes them for an input.
    public var annotations: [AnnotationFeature]
    /// How rotations are written among state and action; nil where there are none.
    public var rotations: RotationChart?

    public init(stateNames: [String], actionNames: [String], cameras: [CameraFeature], annotations: [AnnotationFeature] = []) {
        self.stateNames = stateNames
        self.actionNames = actionNames
        self.cameras = cameras
        self.annotations = annotations
    }

    /// Refuses what readers break on: LeRobot splits paths at "/", takes every `observation.*` vector for a state and every feature with
    /// "image" in its name for a picture.
    public func validate() throws(DatasetError) {
        guard !stateNames.isEmpty else { throw .layout(key: "observation.state", reason: "at least one named number is needed") }
        guard !actionNames.isEmpty else { throw .layout(key: "action", reason: "at least one named number is needed") }
        for (key, names) in [("observation.state", stateNames), ("action", actionNames)] + vectors.map({ ($0.key, $0.names) })
        where Set(names).count != names.count {
            throw .layout(key: key, reason: "a name comes twice: \(names.joined(separator: ", "))")
        }
        for vector in vectors {
            guard vector.key.hasPrefix(VectorFeature.prefix), !vector.key.contains("image"), !vector.names.isEmpty else {
                throw .layout(
                    key: vector.key,
                    reason: "a vector's key begins with \"observation.\", does not contain \"image\" and has a name a number")
            }
        }
        var keys = Set(["observation.state", "action", "timestamp", "frame_index", "episode_index", "index", "task_index"])
        for key in cameras.map(\.key) + vectors.map(\.key) + annotations.map(\.name) {
            guard SafePath.fault(in: key) == nil, !key.contains("/") else {
                throw .layout(
                    key: JSONValue.quoted(key),
                    reason: "a feature's name is not empty and holds no \"/\", no backslash and no control character")
            }
            guard keys.insert(key).inserted else { throw .layout(key: key, reason: "the name comes twice or is reserved") }
        }
        for camera in cameras {
            guard camera.key.hasPrefix("observation.images.") else {
                throw .layout(key: camera.key, reason: "a camera's key begins with \"observation.images.\"")
            }
            guard camera.width > 0, camera.height > 0, camera.width % 2 == 0, camera.height % 2 == 0 else {
                throw .layout(key: camera.key, reason: "\(camera.width)x\(camera.height): yuv420p video needs an even width and height")
            }
        }
        for annotation in annotations {
            guard annotation.name.hasPrefix("diagnostic.") || annotation.name == "loss_weight", !annotation.name.contains("image") else {
                throw .layout(
                    key: annotation.name,
                    reason: "an annotation's name is \"loss_weight\" or begins with \"diagnostic.\" and does not contain \"image\"")
            }
        }
    }
}

/// One camera's pictures.
public struct CameraFeature: Sendable, Equatable {
    /// Such as `observation.images.wrist`.
    public var key: String
    /// Pixels, even.
    public var width: Int
    public var height: Int

    public init(key: String = "observation.images.wrist", width: Int = 224, height: Int = 224) {
        self.key = key
        self.width = width
        self.height = height
    }
}

/// One diagnostic number a frame.
public struct AnnotationFeature: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case float32
        case int64
        case bool
    }

    /// Such as `diagnostic.pose_sigma_m`.
    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

public enum AnnotationValue: Sendable, Equatable {
    /// Finite: readers make tensors of it and a NaN poisons a batch. Say "unknown" by a value that cannot occur, such as −1.
    case float(Float)
    case integer(Int64)
    case bool(Bool)

    var kind: AnnotationFeature.Kind {
        switch self {
        case .float: .float32
        case .integer: .int64
        case .bool: .bool
        }
    }
}

/// One frame's numbers, in the layout's order.
public struct EpisodeFrame: Sendable, Equatable {
    public var state: [Float]
    public var action: [Float]
    /// In the order of the layout's vectors.
    public var vectors: [[Float]] = []
    public var annotations: [AnnotationValue]

    public init(state: [Float], action: [Float], annotations: [AnnotationValue] = []) {
        self.state = state
        self.action = action
        self.annotations = annotations
    }
}

extension EpisodeLayout {
    /// Refuses a frame that does not fit, naming the key; checks counts, kinds, picture sizes and that every number is finite.
    func check(_ frame: EpisodeFrame, images: [Image], episode: Int, index: Int) throws(DatasetError) {
        func refuse(_ key: String, _ reason: String) -> DatasetError { .frame(episode: episode, frame: index, key: key, reason: reason) }
        guard frame.vectors.count == vectors.count else {
            throw refuse("vectors", "\(frame.vectors.count) given, the layout names \(vectors.count)")
        }
        for (key, values, names) in [("observation.state", frame.state, stateNames), ("action", frame.action, actionNames)]
            + zip(vectors, frame.vectors).map({ ($0.key, $1, $0.names) })
        {
            guard values.count == names.count else { throw refuse(key, "\(values.count) numbers, the layout names \(names.count)") }
            if let bad = values.firstIndex(where: { !$0.isFinite }) { throw refuse("\(key) \(names[bad])", "\(values[bad]) is not finite") }
        }
        guard frame.annotations.count == annotations.count else {
            throw refuse("annotations", "\(frame.annotations.count) values, the layout names \(annotations.count)")
        }
        for (value, feature) in zip(frame.annotations, annotations) {
            guard value.kind == feature.kind else {
                throw refuse(feature.name, "a \(value.kind.rawValue), the layout says \(feature.kind.rawValue)")
            }
            if case .float(let number) = value, !number.isFinite {
                throw refuse(feature.name, "\(number) is not finite; write -1 for unknown")
            }
        }
        guard images.count == cameras.count else {
            throw refuse("images", "\(images.count) pictures, the layout has \(cameras.count) cameras")
        }
        for (image, camera) in zip(images, cameras)
        where image.width != camera.width || image.height != camera.height || image.channels != 3 {
            throw refuse(
                camera.key,
                "\(image.width)x\(image.height) with \(image.channels) channels, the layout says \(camera.width)x\(camera.height) with 3")
        }
    }
}

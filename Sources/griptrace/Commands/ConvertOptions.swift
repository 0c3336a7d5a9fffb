internal import ArgumentParser
internal import Dataset
internal import Foundation
internal import Pipeline
internal import Robot

/// What `convert` reads beside the recordings.
struct ConvertInput: ParsableArguments {
    @Option(
        help:
            "The recorder: a shipped device's name, a device file, or UMI's calibration folder. Default: the session's device.yaml, or by camera model.",
        completion: .custom { _, _, _ in Catalogue.names("devices") })
    var device: String?

    @Option(
        help: ArgumentHelp(
            "Poses made elsewhere instead of SLAM: a file, a folder with one per demo, or the word session for those that UMI left in it.",
            valueName: "file"),
        completion: .file())
    var poses: String?

    @Option(
        help: ArgumentHelp(
            "What is said of the recordings: recording,start,end,label,note. Default: the session's labels.csv.", valueName: "file"),
        completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "Weights or a value function: recording,time,weight or recording,time,value.", valueName: "file", visibility: .hidden),
        completion: .file())
    var values: String?

    @Option(help: ArgumentHelp("Convert this demo alone.", valueName: "demo"))
    var only: String?
}

/// Which arm the data are made for.
struct ConvertArm: ParsableArguments {
    @Option(
        help:
            "The target arm: a shipped arm's name, or a URDF, MJCF or arm.yaml file. Several with commas between: a data set each in OUTPUT/ARM.",
        completion: .custom { _, _, _ in Catalogue.names("arms") })
    var arm: String

    @Option(help: ArgumentHelp("Obstacles over the table that the arm must keep clear of (YAML).", valueName: "file"), completion: .file())
    var obstacles: String?

    @Option(
        help:
            "\(Speed.allCases.map(\.rawValue).joined(separator: " or ")): the demonstrator's speed where the arm can follow, or the arm's own limits.",
        completion: .list(Speed.allCases.map(\.rawValue)))
    var speed: String?

    @Option(
        help: ArgumentHelp(
            "The posture whose family the joints are of: home, q1,q2,… in rad, or free. Default: the data set's own, else home.",
            valueName: "posture"))
    var posture: String?
}

/// What becomes of the pictures.
struct ConvertPictures: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "\(CurateOptions.Privacy.allCases.map(\.rawValue).joined(separator: " or ")): strict refuses frames in which a human may be left in the picture.",
            valueName: "level"),
        completion: .list(CurateOptions.Privacy.allCases.map(\.rawValue)))
    var privacy: String?

    @Option(
        help: ArgumentHelp(
            "Masks made elsewhere: a folder with masks.json and a PNG a frame (0 background, 128 unsure, 255 human), or one with such a folder per demo.",
            valueName: "folder"),
        completion: .directory)
    var masks: String?

    @Option(
        help: ArgumentHelp(
            "A segmenter as a shell command: frames on its standard input, masks on its standard output.", valueName: "command"))
    var maskCommand: String?

    @Option(
        help: ArgumentHelp("A segmenter as an ONNX model: its manifest (JSON).", valueName: "file"), completion: .file(extensions: ["json"])
    )
    var maskModel: String?

    @Option(
        name: .customLong("onnxruntime"),
        help: ArgumentHelp(
            "ONNX Runtime's library for --mask-model. Default: GRIPTRACE_ONNXRUNTIME, else where the loader finds it.", valueName: "file",
            visibility: .hidden),
        completion: .file())
    var onnxRuntime: String?

    @Option(
        help: ArgumentHelp(
            "Hand-drawn labels of a few frames, as `griptrace scribble` lays them out: a folder per demo.", valueName: "folder"),
        completion: .directory)
    var scribbles: String?

    @Option(
        help: ArgumentHelp(
            "Clean pictures made elsewhere, used in the place of the human: a folder like that of --masks, RGB.", valueName: "folder",
            visibility: .hidden),
        completion: .directory)
    var plates: String?

    @Option(
        help: ArgumentHelp(
            "Draw this arm into the pictures where the joints put it: the arm's name or file, or a model of it with meshes.",
            valueName: "arm"),
        completion: .custom { _, _, _ in Catalogue.names("arms") })
    var overlay: String?

    @Option(
        name: .customLong("fixed-camera"), parsing: .singleValue,
        help: ArgumentHelp(
            "A camera beside the table (YAML: name, video, camera, table_from_camera) to draw the arm for as well. May be repeated.",
            valueName: "file", visibility: .hidden),
        completion: .file())
    var fixedCameras: [String] = []
}

/// What is written and where.
struct ConvertOutput: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where data sets, report and the stages' artefacts go. Default: SESSION-converted.", valueName: "folder"),
        completion: .directory)
    var output: String = ""

    @Option(
        help: ArgumentHelp(
            "Which data sets to write, with commas between: \(DatasetFormat.names.joined(separator: ", ")).",
            valueName: "list"),
        completion: .list(DatasetFormat.names))
    var format: String = "lerobot,umi"

    @Option(
        help: ArgumentHelp(
            "What the state holds: \(StateNumbers.allCases.map(\.rawValue).joined(separator: ", ")). Default: auto, as the action.",
            valueName: "numbers"),
        completion: .list(StateNumbers.allCases.map(\.rawValue)))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "What the action holds: \(ActionNumbers.allCases.map(\.rawValue).joined(separator: ", ")). Default: joints.",
            valueName: "numbers"),
        completion: .list(ActionNumbers.allCases.map(\.rawValue)))
    var action: String?

    @Option(
        help: ArgumentHelp(
            "How the tool's rotation is written: \(RotationForm.allCases.map(\.rawValue).joined(separator: ", ")). Default: rot6d.",
            valueName: "form"),
        completion: .list(RotationForm.allCases.map(\.rawValue)))
    var rotation: String?

    @Option(help: ArgumentHelp("What the wrist's camera is called after observation.images. Default: wrist.", valueName: "name"))
    var imageKey: String?

    @Option(help: ArgumentHelp("The task of episodes without a label, in words. Default: demonstration.", valueName: "text"))
    var task: String?

    @Option(help: ArgumentHelp("Frames a second of the data sets, 10 to 60. Default: the recordings' own.", valueName: "n"))
    var rate: Int?

    @Option(help: ArgumentHelp("Keep these episodes alone, such as 'fastest 50%' or 'sigma<3mm and feasible'.", valueName: "expression"))
    var keep: String?

    @Option(help: ArgumentHelp("Share of the recordings held back for validation, such as 0.1.", valueName: "share"))
    var validation: Double?

    @Flag(help: "Write every tracked transition, the rejected ones too, into a data set of its own beside the policy's.")
    var dynamics = false

    @Flag(help: "In a session of two grippers, keep demos of which only one side is good, as demos of one arm in OUTPUT/single.")
    var keepSingle = false

    @Flag(help: "Write each demo's masks and where its pixels come from to OUTPUT/masks, in the form of --masks.")
    var exportMasks = false
}

/// How the run goes.
struct ConvertRunning: ParsableArguments {
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "stage.option=value; `griptrace options` says which there are. May be repeated.", valueName: "stage.option=value"))
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "Make this stage and those after it again: \(StagePlan.names.joined(separator: ", ")).", valueName: "stage"),
        completion: .list(StagePlan.names))
    var from: String?

    @Option(help: ArgumentHelp("Recordings worked on side by side.", valueName: "n"))
    var jobs: Int = max(1, ProcessInfo.processInfo.activeProcessorCount)

    @Flag(help: "Exit with 2 when anything was rejected.")
    var strict = false
}

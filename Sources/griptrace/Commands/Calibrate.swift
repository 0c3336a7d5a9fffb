internal import ArgumentParser
internal import Calibration
internal import Foundation
internal import Geometry
internal import Imaging
internal import Logging
internal import Mapping
internal import Pipeline
internal import Session

struct Calibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Measures a device: its lens from a board, its IMU's noise from a recording in which it lies still, clocks and directions from a moving one.",
        discussion: "First the camera, then the IMU, then both together; each takes the device file that the one before wrote.",
        subcommands: [CalibrateCamera.self, CalibrateIMU.self, CalibrateIMUCamera.self])
}

struct CalibrateCamera: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera",
        abstract: "Finds a lens from pictures or a video of a checkerboard or ChArUco board.",
        discussion: """
            Show the board at many tilts and in all parts of the picture, the rim as well. Writes the device file with the lens in it, what it holds
            for, its residual and where it came from, and a plot of the residuals beside it (.svg).

              griptrace calibrate camera pictures/ --board 8x6 --square 0.03 --output my.yaml
              griptrace calibrate camera board.mp4 --board 11x8 --square 0.02 --marker 0.015 --output my.yaml
            """)

    @Argument(help: "Pictures, folders of pictures, or videos.")
    var pictures: [String]

    @Option(help: "Inner corners a row and a column of a checkerboard, or squares of a ChArUco board: 8x6.")
    var board: String

    @Option(help: "Side of a square, metres.")
    var square: Double

    @Option(help: "Side of a ChArUco marker, metres; without it the board is a checkerboard.")
    var marker: Double?

    @Option(help: "The markers' dictionary: 4x4_50, 5x5_100, 6x6_250, apriltag_36h11, …")
    var dictionary = "4x4_50"

    @Option(help: "The lens: kannala_brandt (fisheye) or pinhole.")
    var lens = "kannala_brandt"

    @Option(help: "The device file (or shipped device) whose other numbers are kept.")
    var device = "gopro10_umi"

    @Option(help: "The device file to write.")
    var output: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            let base = try Device(contentsOf: Catalogue.device(device))
            guard let model = LensModel(rawValue: lens) else {
                throw Suggestion.refusal("--lens", lens, LensModel.allCases.map(\.rawValue))
            }
            let source = try BoardPictureSource(pictures.map { URL(fileURLWithPath: $0) }, board: try parsedBoard()) { log.info("\($0)") }
            for s in source.skipped { log.info("skipped: \(s.name): \(s.reason)") }
            let result = try IntrinsicsCalibration.estimate(source.views, width: source.width, height: source.height, lens: model)
            let report = CameraCalibrationReport(
                result,
                source: "griptrace calibrate camera, \(pictures.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: " "))")
            let file = URL(fileURLWithPath: output)
            try Data(try report.applied(to: base).yaml().utf8).write(to: file, options: .atomic)
            let plot = file.deletingPathExtension().appendingPathExtension("svg")
            try Data(report.plot().utf8).write(to: plot, options: .atomic)
            for line in report.lines { Console.line(line) }
            Console.line("device file: \(file.path)\nresiduals: \(plot.path)")
        }
    }

    private func parsedBoard() throws -> CalibrationBoard {
        let sides = board.lowercased().split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ (3...100).contains($0) }) else {
            throw PipelineError.usage("--board \(board)", accepted: "two numbers of 3 to 100, as in 8x6")
        }
        guard square > 0 else { throw PipelineError.usage("--square \(square)", accepted: "a side in metres") }
        guard let marker else { return .checkerboard(columns: sides[0], rows: sides[1], square: square) }
        guard marker > 0, marker < square else {
            throw PipelineError.usage("--marker \(marker)", accepted: "a side smaller than the square's")
        }
        guard let number = CalibrationBoard.dictionaries[dictionary.lowercased()] else {
            throw Suggestion.refusal("--dictionary", dictionary, CalibrationBoard.dictionaries.keys.sorted())
        }
        return .charuco(columns: sides[0], rows: sides[1], square: square, marker: marker, dictionary: number)
    }
}

struct CalibrateIMU: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imu",
        abstract: "Finds an IMU's noise (Allan deviation) from a recording in which it lies still.",
        discussion: """
            A minute gives the white noise to 3 %; bias walks want an hour, and keep the base device's value where none is seen.

              griptrace calibrate imu still.mp4 --device my.yaml --output my.yaml
            """)

    @Argument(help: "A video with telemetry, an MCAP file or ROS 2 bag, or a folder in EuRoC's layout.")
    var recording: String

    @Option(help: "The device file (or shipped device) whose other numbers are kept.")
    var device = "gopro10_umi"

    @Option(help: "The device file to write.")
    var output: String

    @Option(help: "What estimators are told is this many times what was measured.")
    var inflation = InertialNoiseCalibrationOptions().inflation

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            let base = try Device(contentsOf: Catalogue.device(device))
            let url = URL(fileURLWithPath: recording)
            guard let inertial = try Recording(url).inertial else {
                throw PipelineError.usage(
                    "\(url.path) holds no inertial data",
                    accepted: "a video with telemetry, an MCAP file or ROS 2 bag, or a folder in EuRoC's layout")
            }
            let report = InertialCalibrationReport(
                try InertialNoiseCalibration(still: inertial), source: url.lastPathComponent, inflation: inflation)
            let file = URL(fileURLWithPath: output)
            try Data(try report.applied(to: base).yaml().utf8).write(to: file, options: .atomic)
            for line in report.lines { Console.line(line) }
            Console.line("device file: \(file.path)")
        }
    }
}

struct CalibrateIMUCamera: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imu-camera",
        abstract: "Finds clock offset, readout time and the camera's direction in the IMU's frame from a moving recording.",
        discussion: """
            Ten seconds over a table with texture, turning about all axes; the lens must be known already (calibrate camera).

              griptrace calibrate imu-camera moving.mp4 --device my.yaml --output my.yaml
            """)

    @Argument(help: "A video with telemetry, an MCAP file or ROS 2 bag, or a folder in EuRoC's layout.")
    var recording: String

    @Option(help: "The device file (or shipped device) to begin from.")
    var device = "gopro10_umi"

    @Option(help: "The device file to write.")
    var output: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            let base = try Device(contentsOf: Catalogue.device(device))
            let url = URL(fileURLWithPath: recording)
            let source = try Recording(url)
            log.info("\(url.lastPathComponent): \(source.frameTimes.count) frames")
            let found = try InertialCameraCalibration.estimate(try source.frames(.gray), inertial: source.inertial, device: base)
            let turn = found.device.bodyFromCamera.rotation.angle(to: base.bodyFromCamera.rotation) * 180 / Double.pi
            Console.line(
                "clock offset \((1e3 * found.device.clockOffset.seconds).fixed(2)) ms (was \((1e3 * base.clockOffset.seconds).fixed(2)))")
            Console.line("readout \((1e3 * found.device.readout).fixed(2)) ms (was \((1e3 * base.readout).fixed(2)))")
            Console.line("the camera's direction moved by \(turn.fixed(3))°; its place in the IMU's frame is kept")
            for c in found.device.calibrations where c.kind == "imu_camera" { Console.line("\(c.residual), for \(c.holdsFor)") }
            let file = URL(fileURLWithPath: output)
            try Data(try found.device.yaml().utf8).write(to: file, options: .atomic)
            Console.line("device file: \(file.path)")
        }
    }
}

// swift-tools-version: 6.2
import PackageDescription

// The Makefile unpacks MuJoCo and Arrow from their PyPI wheels into `.deps`; everything else comes from Debian.
let root = Context.packageDirectory
let mujoco = "\(root)/.deps/mujoco"
let arrow = "\(root)/.deps/pyarrow"

// What `griptrace --version` says; the Makefile asks git for it. Not asked for here: SwiftPM keeps a manifest's answers over commits.
let commit = Context.environment["GRIPTRACE_COMMIT"] ?? "unknown"

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Modules that import Robot load CMuJoCo's module map too, so every target knows where its header is.
    .unsafeFlags(["-Xcc", "-isystem", "-Xcc", "\(mujoco)/include"]),
]

let native: [CXXSetting] = [
    .unsafeFlags([
        "-O2", "-Wall", "-Wextra", "-Werror",
        "-isystem", "/usr/include/opencv4", "-isystem", "/usr/include/hdf5/serial",
        "-isystem", "/usr/include/eigen3", "-isystem", "\(arrow)/include",
    ])
]

// Only the OpenCV modules that are used: by its pkg-config name it would pull in 375 shared libraries.
let nativeLibraries: [LinkerSetting] =
    [
        "opencv_core", "opencv_imgproc", "opencv_features2d", "opencv_calib3d", "opencv_video", "opencv_aruco", "opencv_photo",
        "avformat", "avcodec", "avutil", "swscale", "ceres", "glog", "jxl", "hdf5_serial",
    ].map { .linkedLibrary($0) } + [
        .unsafeFlags([
            "\(arrow)/libparquet.so.2600", "\(arrow)/libarrow.so.2600", "-Xlinker", "-rpath", "-Xlinker", arrow,
        ])
    ]

let mujocoLibrary: [LinkerSetting] = [
    .unsafeFlags(["\(mujoco)/libmujoco.so.4.0.0", "-Xlinker", "-rpath", "-Xlinker", mujoco])
]

func module(_ name: String, _ dependencies: [Target.Dependency], linker: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: linker)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "griptrace",
    products: [.executable(name: "griptrace", targets: ["griptrace"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .target(name: "CNative", cxxSettings: native, linkerSettings: nativeLibraries),
        .systemLibrary(name: "CMuJoCo"),
        .target(name: "CBuild", cSettings: [.define("GRIPTRACE_COMMIT", to: "\"\(commit)\"")]),
        module("Geometry", []),
        module("Session", ["Geometry", "Yams"]),
        module("Estimation", ["Geometry", "CNative"]),
        module("Imaging", ["Geometry", "Session", "CNative"]),
        module("Mapping", ["Geometry", "Session", "Estimation", "Imaging"]),
        module("Calibration", ["Geometry", "Session", "Estimation", "Imaging"]),
        module("Robot", ["Geometry", "Session", "Estimation", "CMuJoCo", "Yams"], linker: mujocoLibrary),
        module("Human", ["Geometry", "Session", "Imaging", "CNative"]),
        module("Dataset", ["Geometry", "Session", "Imaging", "CNative"]),
        module("Simulation", ["Geometry", "Session", "Estimation", "Imaging", "Yams"]),
        module(
            "Pipeline",
            [
                "Geometry", "Session", "Imaging", "Calibration", "Mapping", "Robot", "Human", "Dataset", "Yams",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "griptrace",
            dependencies: [
                // Human too: `Configuration` holds its options, and a stale layout of them would crash.
                "CBuild", "Geometry", "Session", "Imaging", "Calibration", "Mapping", "Robot", "Human", "Simulation", "Pipeline", "Dataset",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(name: "BenchmarkSupport", dependencies: ["Session"], path: "Benchmarks/Support", swiftSettings: strict),
        .executableTarget(
            name: "mapping-bench", dependencies: ["BenchmarkSupport", "Geometry", "Session", "Imaging", "Mapping", "Simulation"],
            path: "Benchmarks/Mapping",
            swiftSettings: strict),
        .executableTarget(
            name: "human-bench",
            dependencies: ["BenchmarkSupport", "Geometry", "Session", "Imaging", "Mapping", "Human", "Robot", "Simulation"],
            path: "Benchmarks/Human",
            exclude: ["outside"],
            swiftSettings: strict),
        .executableTarget(
            name: "robot-bench", dependencies: ["BenchmarkSupport", "Geometry", "Session", "Estimation", "Robot"], path: "Benchmarks/Robot",
            exclude: ["mink_peer.py"],
            swiftSettings: strict),
        tests("GeometryTests", ["Geometry"]),
        tests("SessionTests", ["Geometry", "Session"]),
        tests("ImagingTests", ["Geometry", "Session", "Imaging", "CNative"]),
        tests("EstimationTests", ["Geometry", "Estimation"]),
        tests("SimulationTests", ["Geometry", "Session", "Imaging", "Simulation"]),
        tests("MappingTests", ["Geometry", "Session", "Estimation", "Imaging", "Mapping"]),
        tests("CalibrationTests", ["Geometry", "Session", "Estimation", "Imaging", "Calibration"]),
        tests("RobotTests", ["Geometry", "Session", "Robot"]),
        tests("HumanTests", ["Geometry", "Session", "Imaging", "Human"]),
        tests("DatasetTests", ["CNative", "Geometry", "Session", "Imaging", "Dataset"]),
        // Runs the program that lies beside the tests.
        tests("CommandTests", []),
        tests("PipelineTests", ["Geometry", "Session", "Imaging", "Mapping", "Robot", "Human", "Dataset", "Simulation", "Pipeline"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)

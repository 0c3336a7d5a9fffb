public import Foundation

/// Where the files that come with the program lie: found by the program's own place, wherever it was built.
public enum Installation {
    /// The folder that holds `Calibration/` and `Sources/Python/`: `share/griptrace` beside one of the folders above the program, as a wheel or
    /// `make install` lay it out, or the package itself where the program was built in it. Nil where there is none: a program that was copied
    /// away from its files.
    public static let folder = find(from: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath())

    /// - Parameter program: path of the program, links followed.
    public static func find(from program: URL) -> URL? {
        var above = program.deletingLastPathComponent().standardizedFileURL
        while true {
            for folder in [above.appendingPathComponent("share/griptrace"), above] {
                let devices = folder.appendingPathComponent("Calibration/devices").path
                if FileManager.default.fileExists(atPath: devices) { return folder }
            }
            guard above.path != "/" else { return nil }
            above.deleteLastPathComponent()
        }
    }

    /// A program in Python that comes with this one; nil where it is not there.
    public static func python(_ name: String) -> URL? {
        guard let script = folder?.appendingPathComponent("Sources/Python/\(name)"),
            FileManager.default.fileExists(atPath: script.path)
        else { return nil }
        return script
    }
}

internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Human
internal import Imaging
internal import Logging
internal import Pipeline
internal import Robot
internal import Session

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the installation: files, codecs, arms, devices, bags, models, memory, disk.",
        discussion: """
            A line for each thing, with what to do where it is wrong. Exit codes: 0 all that a conversion needs is there, 1 something is not.

              griptrace doctor
              griptrace doctor --output /data/converted
            """)

    @Option(
        help: ArgumentHelp("Where conversions will be written: the disk that is looked at.", valueName: "folder"), completion: .directory)
    var output = "."

    @OptionGroup var logging: LogOptions

    func run() throws {
        try Exit.reporting(to: logging.logger()) {
            var isSound = true
            for finding in findings() {
                Console.line("\(finding.verdict.rawValue)  \(finding.text)")
                if finding.verdict == .wrong { isSound = false }
            }
            Console.line(isSound ? "all that a conversion needs is there" : "something that a conversion needs is not there")
            if !isSound { throw ExitCode(1) }
        }
    }

    private enum Verdict: String {
        case good = "ok     "
        /// Something is missing that few conversions need.
        case missing = "missing"
        case wrong = "WRONG  "
    }

    private struct Finding {
        var verdict: Verdict
        var text: String
    }

    private func findings() -> [Finding] {
        [Finding(verdict: .good, text: "\(Version.text), \(Convert.program.path)")] + files() + codecs() + [bags(), models()]
            + [memory(), disk(output), disk(FileManager.default.temporaryDirectory.path)]
    }

    // MARK: What comes with the program

    private func files() -> [Finding] {
        guard let folder = Installation.folder else {
            return [
                Finding(
                    verdict: .wrong,
                    text: "the shipped devices and arms are not found beside the program: install it with pip or make install, or name a "
                        + "Calibration folder by GRIPTRACE_CALIBRATION")
            ]
        }
        func each(_ kind: String, _ read: (String) throws -> Void) -> Finding {
            let names = Catalogue.names(kind)
            var faults: [String] = []
            for name in names { do { try read(name) } catch { faults.append("\(name): \(error)") } }
            guard faults.isEmpty, !names.isEmpty else {
                return Finding(verdict: .wrong, text: "\(kind): \(faults.isEmpty ? "none" : faults.joined(separator: "; "))")
            }
            return Finding(verdict: .good, text: "\(names.count) \(kind): \(names.joined(separator: ", "))")
        }
        return [
            Finding(verdict: .good, text: "files: \(folder.path)"),
            each("devices") { _ = try Device(contentsOf: Catalogue.device($0)) },
            each("arms") { _ = try Arm(contentsOf: Catalogue.arm($0)) },
        ]
    }

    // MARK: Video

    /// Side of the test pictures, pixels: the least that every encoder takes.
    private static let side = 128

    private func codecs() -> [Finding] {
        let names: [(VideoWriter.Codec, String)] = [(.h264, "H.264"), (.av1, "AV1"), (.ffv1, "FFV1")]
        return names.map { codec, name in
            do {
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-doctor-\(getpid())")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                defer { try? FileManager.default.removeItem(at: folder) }
                let url = folder.appendingPathComponent("a.\(codec == .ffv1 ? "mov" : "mp4")")
                let writer = try VideoWriter(
                    url, width: Self.side, height: Self.side, channels: 3, options: VideoWriter.Options(codec, rate: Rational(30), crf: 18))
                for _ in 0..<3 { try writer.append(Image(width: Self.side, height: Self.side, channels: 3)) }
                try writer.finish()
                let reader = try VideoReader(url)
                var frames = 0
                while try reader.nextFrame() != nil { frames += 1 }
                guard frames == 3 else { return Finding(verdict: .wrong, text: "\(name): 3 frames were written, \(frames) read") }
                return Finding(verdict: .good, text: "\(name) is written and read")
            } catch {
                return Finding(verdict: .wrong, text: "\(name): \(error); FFmpeg's libraries were built without it, or are not whole")
            }
        }
    }

    // MARK: What few conversions need

    private func bags() -> Finding {
        if let fault = BagFile.fault { return Finding(verdict: .missing, text: "MCAP and ROS 2 bags cannot be read: \(fault)") }
        return Finding(verdict: .good, text: "MCAP and ROS 2 bags")
    }

    private func models() -> Finding {
        let names = ONNXRuntime.candidates(nil)
        for name in names {
            guard let library = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { continue }
            dlclose(library)
            return Finding(verdict: .good, text: "ONNX Runtime for own segmenters (--mask-model): \(name)")
        }
        return Finding(
            verdict: .missing,
            text: "ONNX Runtime for own segmenters (--mask-model): pip install onnxruntime, and --onnxruntime or \(ONNXRuntime.variable) "
                + "with its libonnxruntime.so")
    }

    // MARK: The machine

    /// Bytes under which a conversion of large recordings may not fit.
    private static let enoughMemory = 3e9
    private static let enoughDisk = 10e9

    private func memory() -> Finding {
        let bytes = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
        let text = "\(ProcessInfo.processInfo.activeProcessorCount) processors, \((bytes / 1e9).fixed(1)) GB of memory"
        return bytes < Self.enoughMemory
            ? Finding(verdict: .missing, text: "\(text): 2.7K recordings take up to 1.5 GB each; --jobs 1 works on one at a time")
            : Finding(verdict: .good, text: text)
    }

    private func disk(_ path: String) -> Finding {
        var found = statvfs()
        guard statvfs(path, &found) == 0 else {
            return Finding(verdict: .wrong, text: "\(path): \(String(cString: strerror(errno)))")
        }
        let free = Double(found.f_bavail) * Double(found.f_frsize)
        let text = "\((free / 1e9).fixed(0)) GB free at \(path)"
        guard access(path, W_OK) == 0 else { return Finding(verdict: .wrong, text: "\(path) cannot be written to") }
        return free < Self.enoughDisk
            ? Finding(verdict: .missing, text: "\(text): a session takes about as much as its recordings")
            : Finding(verdict: .good, text: text)
    }
}

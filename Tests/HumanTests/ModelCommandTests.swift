import Foundation
import Geometry
import Human
import Imaging
import Session
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A child process as a segmenter: answers at once or at the end, and every way it can fail ends in one line, no zombie and no hang.
@Suite(.serialized) struct ModelCommandTests {
    static let width = 320
    static let height = 240
    /// More than any pipe holds.
    static let frames = 12

    static func picture(_ frame: Int) -> Image {
        Image(
            width: width, height: height, channels: 3,
            pixels: (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ frame &* 31) })
    }

    func masks(_ command: String, timeout: Double = 20) throws -> ModelMasks {
        var options = ModelOptions()
        options.commandTimeout = timeout
        return try CommandModel(command: command, options: options).masks(
            { visit throws(HumanError) in
                for i in 0..<Self.frames { try visit(i, Timestamp(seconds: Double(i) / 30), Self.picture(i)) }
            }, recording: "demo", width: Self.width, height: Self.height, frames: Self.frames)
    }

    /// Marks where red is above 127; `tail` is what differs.
    func python(_ body: String) -> String {
        let header = "import sys,json,time,os;i=sys.stdin.buffer;o=sys.stdout.buffer;h=json.loads(i.readline());n=h['width']*h['height'];"
        return "exec python3 -c \"\(header)\n\(body)\""
    }

    var perFrame: String {
        python("for k in range(h['frames']):\n p=i.read(3*n)\n o.write(bytes(255 if v>127 else 0 for v in p[::3]));o.flush()")
    }

    func check(_ masks: ModelMasks) throws {
        #expect(masks.count == Self.frames)
        for i in [0, Self.frames - 1] {
            let mask = try #require(try masks.mask(frame: i)).values
            let picture = Self.picture(i)
            #expect(mask.pixels == (0..<Self.width * Self.height).map { picture.pixels[3 * $0] > 127 ? 255 : 0 })
        }
    }

    @Test func answersFrameByFrame() throws { try check(try masks(perFrame)) }

    /// A video model reads all before it answers, and talks all the while: neither pipe may block the other.
    @Test func answersAtTheEndWhileTalking() throws {
        try check(
            try masks(
                python(
                    "a=[]\nfor k in range(h['frames']):\n a.append(i.read(3*n));sys.stderr.write('working '*3000)\nfor p in a: o.write(bytes(255 if v>127 else 0 for v in p[::3]))"
                )))
    }

    @Test func everyFaultIsNamed() throws {
        let cases: [(command: String, words: [String])] = [
            ("no-such-segmenter --here", ["code 127", "0 of 12", "not found"]),
            (python("sys.stderr.write('CUDA out of memory');sys.exit(3)"), ["code 3", "CUDA out of memory"]),
            (python("p=i.read(3*n);o.write(bytes(n));o.flush();os.kill(os.getpid(),9)"), ["signal 9", "1 of 12"]),
            (python("for k in range(3): o.write(bytes(n))\nwhile i.read(1<<16): pass"), ["3 of 12", "are accepted"]),
            (
                python("while i.read(1<<16): pass\no.write(bytes(n*12-5))"),
                ["11 of 12", "\(Self.width * Self.height - 5) bytes of frame 11"]
            ),
            (python("while i.read(1<<16): pass\no.write(bytes(n*12+5))"), ["more than the 12 masks"]),
            (python("while i.read(1<<16): pass\no.write(bytes([0,1])*(n*6))"), ["0 and 1 only", "255 human"]),
        ]
        for (command, words) in cases {
            let text = complaint { _ = try masks(command) }
            for word in words { #expect(text.contains(word), "\(command): \(text)") }
        }
    }

    @Test func silenceIsEnded() throws {
        let folder = try ScratchFolder("silent")
        let file = folder.url.appendingPathComponent("pid")
        let write = "open('\(file.path)','w').write(str(os.getpid()))"
        let commands = [
            "echo $$ > \(file.path); sleep 600",
            python(write + "\nwhile i.read(1<<16): pass\nos.close(1)\nsys.stderr.write('stuck');sys.stderr.flush()\ntime.sleep(600)"),
        ]
        for command in commands {
            let text = complaint { _ = try masks(command, timeout: 1) }
            #expect(text.contains("was killed") && text.contains("command_timeout"), "\(text)")
            let pid = try #require(pid_t(String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
            // Not even a zombie is left of it.
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }
    }
}

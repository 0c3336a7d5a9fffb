import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Exit codes, streams that are full, closed or gone, and signals.
@Suite(.serialized) struct ExitTests {
    @Test func whatCannotBeUsedIs64() throws {
        let missing = "/nowhere/at/all"
        for arguments in [
            ["arms", missing], ["inspect", missing], ["validate", missing], ["evaluate", missing, missing],
            ["place", missing, "--arm", "panda"],
            ["merge", missing, missing, "--output", "/tmp/griptrace-never"], ["station", missing], ["replay", missing],
            ["scribble", missing], ["simulate", "--scenario", missing, "--output", "/tmp/griptrace-never"],
            ["convert", missing, "--arm", "panda", "--device", "simulator"],
            ["calibrate", "imu", missing, "--output", "/tmp/griptrace-never"],
            ["calibrate", "camera", missing, "--board", "8x6", "--square", "0.03", "--output", "/tmp/griptrace-never"],
            ["convert"], ["no-such-command"], ["options", "no-such-stage"],
        ] {
            let ended = try Program.run(arguments)
            #expect(ended.code == 64, "\(arguments.joined(separator: " ")): \(ended.code), \(ended.errors)")
            #expect(!ended.errors.isEmpty, "\(arguments)")
        }
    }

    @Test func aReaderThatHasGoneEndsACommandQuietly() throws {
        let ended = try Program.shell(
            "$griptrace options | head -1 > /dev/null; echo ${PIPESTATUS[0]}; $griptrace --help | head -1 > /dev/null; echo ${PIPESTATUS[0]}"
        )
        #expect(ended.output == "0\n0\n")
        #expect(ended.errors.isEmpty)
    }

    @Test func aFullStandardOutputIsAnError() throws {
        let ended = try Program.run(["options"], output: "/dev/full")
        #expect(ended.code == 1)
        #expect(ended.errors.contains("standard output: No space left on device"))
    }

    @Test func messagesThatCannotBeWrittenAreLostAlone() throws {
        #expect(try Program.run(["arms", "no-such-arm"], errors: "/dev/full").code == 64)
        #expect(try Program.shell("$griptrace arms no-such-arm 2>&-; echo $?").output == "64\n")
        #expect(try Program.shell("$griptrace arms no-such-arm 2> >(exec sleep 0); echo $?").output == "64\n")
    }

    /// A run whose messages go nowhere ends as any other, and none of them lands in a file of its output.
    @Test func aConversionSurvivesAFullAndAClosedStandardError() throws {
        for way in ["2>/dev/full", "2>&-", "2>&- >&- <&-"] {
            let session = try ShortSession()
            defer { session.remove() }
            let words = session.arguments().map { "'\($0)'" }.joined(separator: " ")
            let ended = try Program.shell("$griptrace \(words) \(way)")
            #expect(ended.code == 0, "\(way): \(ended.code) \(ended.errors)")
            let checked = try Program.run("validate", session.output.appendingPathComponent("lerobot").path)
            #expect(checked.code == 0, "\(way): \(checked.output)\(checked.errors)")
            let again = try Program.run(session.arguments())
            #expect(
                again.code == 0 && again.errors.contains("already done") && !again.errors.contains(": done in"), "\(way): \(again.errors)")
        }
    }

    /// What is not a terminal gets whole lines, none of them about a part of a stage.
    @Test func progressOnAFileIsALineAStage() throws {
        let session = try ShortSession()
        defer { session.remove() }
        let ended = try Program.run(session.arguments())
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(!ended.errors.contains("\r") && !ended.errors.contains("\u{1B}") && !ended.errors.contains(" % |"))
        #expect(ended.errors.split(separator: "\n").count < 60)
        let json = try Program.run(session.arguments("--log-format", "json"))
        for line in json.errors.split(separator: "\n") {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any], "\(line)")
        }
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func aSignalEndsTheRunAndItsMaskCommandAndTheRunGoesOn(_ signal: Int32, _ code: Int32) throws { try interrupt(signal, code) }

    /// Under `nohup` a hang-up is not heard, by these tests and by what they start.
    @Test(.enabled(if: !ExitTests.ignoresHangUps))
    func aClosedTerminalEndsTheRunToo() throws { try interrupt(SIGHUP, 129) }

    private static var ignoresHangUps: Bool {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private func interrupt(_ signal: Int32, _ code: Int32) throws {
        let session = try ShortSession()
        defer { session.remove() }
        let file = session.folder.appendingPathComponent("pid")
        // A command that hears nothing, and has a child that hears nothing.
        let command =
            "trap '' INT TERM HUP; sleep 300 & echo $$ $! > '\(file.path).new'; mv '\(file.path).new' '\(file.path)'; wait; sleep 300"
        let run = try Program.Running(session.arguments("--mask-command", command))
        let deadline = Date() + 300
        while !FileManager.default.fileExists(atPath: file.path), Date() < deadline { usleep(50_000) }
        let processes = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
        #expect(processes.count == 2)
        run.signal(signal)
        let sent = Date()
        let ended = try run.wait()
        #expect(Date().timeIntervalSince(sent) < 30)
        #expect(ended.code == code)
        let last = ended.errors.split(separator: "\n").last.map(String.init) ?? ""
        #expect(last == "interrupted: what is done is kept; run the same command again to go on", "\(ended.errors)")
        #expect(
            !FileManager.default.fileExists(atPath: session.output.appendingPathComponent("rejections.csv").path), "a cut-off run reported")
        let gone = Date() + 5
        for process in processes {
            while kill(process, 0) == 0, !isZombie(process), Date() < gone { usleep(50_000) }
            #expect(kill(process, 0) != 0 || isZombie(process), "process \(process) lives on")
        }
        // The same command, were it not for the masks, goes on from what was done.
        let again = try Program.run(session.arguments())
        #expect(again.code == 0 && again.errors.contains("already done"), "\(again.errors)")
    }

    private func isZombie(_ process: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return text.split(separator: ")").last.map { $0.hasPrefix(" Z") } ?? true
    }

    /// A command that hears the first signal has a second to tidy up.
    @Test func aMaskCommandMayTidyUp() throws {
        let session = try ShortSession()
        defer { session.remove() }
        let (file, tidied) = (session.folder.appendingPathComponent("pid").path, session.folder.appendingPathComponent("tidied").path)
        let run = try Program.Running(
            session.arguments(
                "--mask-command", "trap 'echo done > \"\(tidied)\"; exit 0' TERM; echo $$ > '\(file)'; while true; do sleep 0.05; done"))
        let deadline = Date() + 300
        while !FileManager.default.fileExists(atPath: file), Date() < deadline { usleep(50_000) }
        run.signal(SIGINT)
        #expect(try run.wait().code == 130)
        #expect(FileManager.default.fileExists(atPath: tidied))
    }
}

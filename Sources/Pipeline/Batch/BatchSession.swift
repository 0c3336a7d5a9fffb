internal import Foundation
internal import Imaging
internal import Session

#if canImport(Glibc)
    internal import Glibc
#endif

/// One session's conversion, by a process of its own: what ends it ends nothing else.
struct BatchSession: Sendable {
    let member: SessionSet.Member
    /// Where it is converted to.
    let output: URL
    /// What it says.
    let log: URL

    /// - Parameter command: the program's path and the options of `convert`.
    func run(executable: URL, options: [String]) -> (code: Int32, seconds: Double) {
        let start = ContinuousClock.now
        let words = [executable.path, "convert", member.folder.path, "--output", output.path] + options
        let command = words.map(ChildStart.quoted).joined(separator: " ")
        let code: Int32
        do {
            for folder in [output.deletingLastPathComponent(), log.deletingLastPathComponent()] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            code = Self.wait(try ChildStart(command: "exec \(command) >\(ChildStart.quoted(log.path)) 2>&1 </dev/null"))
        } catch {
            try? FileBytes.write(Array("\(error)\n".utf8), to: log)
            code = 1
        }
        let passed = (ContinuousClock.now - start).components
        return (code, Double(passed.seconds) + 1e-18 * Double(passed.attoseconds))
    }

    /// The exit code; 128 and the signal where one ended it.
    private static func wait(_ child: ChildStart) -> Int32 {
        for end in [child.input, child.output, child.errors] { _ = close(end) }
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) < 0, errno == EINTR {}
        ChildProcesses.holdIfEnding()
        ChildProcesses.remove(child.process)
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    // MARK: What came of it

    /// The outputs that it wrote: one, or one for each arm, with what each is called below `output`.
    func reports() -> [(arm: String, folder: URL, report: RunReport)] {
        func report(_ arm: String) -> (arm: String, folder: URL, report: RunReport)? {
            let folder = arm.isEmpty ? output : output.appendingPathComponent(arm)
            guard let report = try? JSONText.decode(RunReport.self, from: folder.appendingPathComponent("report.json")) else { return nil }
            return (arm, folder, report)
        }
        if let own = report("") { return [own] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: output.path))?.sorted() ?? []
        return names.compactMap { report($0) }
    }

    /// Its row and what it did not convert, of the first arm where there are several.
    func outcome(code: Int32, seconds: Double) -> (row: BatchRow, failures: [BatchFailure]) {
        var row = BatchRow(session: member.name, folder: member.folder.path)
        (row.exitCode, row.seconds) = (code, seconds)
        row.status = code == 0 || code == 2 ? .done : .failed
        var failures: [BatchFailure] = []
        let found = reports()
        if let first = found.first, code <= 2 {
            let demos = first.report.recordings.filter { $0.role == .demo }
            row.demos = demos.count
            row.exported = demos.count { $0.frames.output > 0 }
            (row.framesIn, row.framesOut) = (first.report.frames.input, first.report.frames.output)
            let failed = first.report.recordings.filter { $0.status == .failed }
            if let worst = failed.first {
                row.verdict =
                    failed.count == 1
                    ? "\(worst.unit): \(worst.verdict)" : "\(failed.count) recordings failed: \(failed.map(\.unit).joined(separator: ", "))"
            }
            row.verdict = found.flatMap(\.report.faults).first ?? row.verdict
            failures = Self.rejected(first.folder.appendingPathComponent("rejections.csv"), session: member.name)
        } else {
            row.verdict = lastWords(code)
        }
        if row.status == .failed, failures.isEmpty {
            failures = [
                BatchFailure(
                    session: member.name, recording: "", stage: "", reason: code == 64 ? "refused" : code > 128 ? "crashed" : "failed",
                    frames: row.framesIn - row.framesOut, detail: row.verdict)
            ]
        }
        return (row, failures)
    }

    private static func rejected(_ url: URL, session: String) -> [BatchFailure] {
        guard let table = try? CSVTable(contentsOf: url),
            let c = try? table.columns(["unit", "stage", "reason", "detail", "first_frame", "end_frame"])
        else { return [] }
        return table.rows.map { cells in
            let (first, end) = (Int(cells[c[4]]) ?? 0, Int(cells[c[5]]) ?? 0)
            return BatchFailure(
                session: session, recording: cells[c[0]], stage: cells[c[1]], reason: cells[c[2]],
                frames: end.subtractingReportingOverflow(first).partialValue, detail: cells[c[3]])
        }
    }

    /// Most bytes of a log that are looked at for its last line.
    private static let tail = 4096

    private func lastWords(_ code: Int32) -> String {
        var text = ""
        if let file = try? FileHandle(forReadingFrom: log), let size = try? file.seekToEnd() {
            try? file.seek(toOffset: size - min(size, UInt64(Self.tail)))
            text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        }
        let line = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "it said nothing"
        return code > 128 ? "ended by signal \(code - 128): \(line)" : line
    }
}

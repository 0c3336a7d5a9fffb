internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Pipeline
internal import Session

struct Scribble: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the frames on which a hand-drawn label would help the human mask most, and lays them out to be drawn on.",
        discussion: """
            For a session that `griptrace convert` has been through. FOLDER/DEMO/pictures holds the pictures, FOLDER/DEMO the labels, gray PNGs of \
            128 (says nothing): draw 255 on some of the human and 0 on some of the rest, roughly and away from edges. `griptrace convert \
            --scribbles FOLDER` takes them; they count for the demo's other frames too. Labels that are there already are kept.

              griptrace scribble sessions/monday
              griptrace convert sessions/monday --arm panda --scribbles FOLDER
            """)

    @Argument(help: "The folder of recordings.")
    var session: String

    @Option(help: "Where it was converted to. Default: SESSION-converted.")
    var output: String = ""

    @Option(help: "Where pictures and labels go. Default: scribbles in the output folder.")
    var folder: String = ""

    @Option(help: "Most frames for each demo.")
    var count: Int = 2

    @Option(help: "This demo alone.")
    var only: String?

    @OptionGroup var logging: LogOptions

    func run() throws {
        let log = logging.logger()
        try Exit.reporting(to: log) {
            guard count > 0 else { throw PipelineError.usage("--count \(count)", accepted: "a whole number from 1") }
            let recordings = URL(fileURLWithPath: session)
            let converted = URL(fileURLWithPath: output.isEmpty ? recordings.standardizedFileURL.path + "-converted" : output)
            let target = folder.isEmpty ? converted.appendingPathComponent("scribbles") : URL(fileURLWithPath: folder)
            let sheet = try ScribbleSheet(session: recordings, output: converted, to: target, count: count, only: only)
            for frame in sheet.frames { Console.line(frame.line) }
            for note in sheet.notes { log.notice("\(note)") }
            if !sheet.frames.isEmpty {
                Console.line("draw 255 (human) and 0 (scene) into the labels, then: griptrace convert … --scribbles \(target.path)")
            }
        }
    }
}

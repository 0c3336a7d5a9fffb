internal import Foundation
public import Imaging
public import Session

/// A user's program that is handed a recording's pictures on standard input and answers masks on standard output.
///
/// It gets one line of JSON (`griptrace.frames.v1`: recording, width, height, channels, format, frames), then each frame as width × height × 3
/// bytes, row by row, R G B; it answers width × height bytes a frame, in order: 0 background, 255 human, 128 unsure, other values a probability of
/// value / 255. It may answer each frame at once or all at the end, and must then exit with code 0. Too few or too many bytes, another exit
/// code, silence beyond the time-out are errors that quote its standard error; it is always reaped.
public struct CommandModel: Sendable {
    public let command: String
    public let options: ModelOptions

    /// - Parameter command: for `/bin/sh -c`.
    public init(command: String, options: ModelOptions = ModelOptions()) {
        self.command = command
        self.options = options
    }

    private struct Header: Codable {
        var schema = "griptrace.frames.v1"
        var recording: String
        var width: Int
        var height: Int
        var channels = 3
        var format = "rgb24"
        var frames: Int
    }

    /// Cuts the answer into masks.
    private struct Answer {
        var size: Int
        var width: Int
        var frames: Int
        var masks: ModelMasks
        var partial: [UInt8] = []
        var counts = [Bool](repeating: false, count: 256)

        mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HumanError) {
            var at = 0
            while at < bytes.count {
                guard masks.count < frames else {
                    throw .source(reason: "mask command: answers more than the \(frames) masks of \(size) bytes that were asked for")
                }
                let count = min(size - partial.count, bytes.count - at)
                partial += bytes[at..<at + count]
                at += count
                guard partial.count == size else { continue }
                for value in partial { counts[Int(value)] = true }
                try masks.add(ModelMask(Image(width: width, height: size / width, channels: 1, pixels: partial)), frame: masks.count)
                partial.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The masks of a whole recording.
    /// - Parameter frames: how many pictures the stream has.
    public func masks(_ stream: PictureStream, recording: String, width: Int, height: Int, frames: Int) throws(HumanError) -> ModelMasks {
        let child = try ChildProcess(command: command)
        var answer = Answer(size: width * height, width: width, frames: frames, masks: ModelMasks(origin: "command \(command)"))
        let header = Header(recording: recording, width: width, height: height, frames: frames)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line: [UInt8]
        do {
            line = [UInt8](try encoder.encode(header)) + [10]
        } catch {
            throw .operation("writing the header for the mask command", reason: "\(error)")
        }
        var listens = try send(line, child, &answer)
        var sent = 0
        try stream { (frame, _, picture) throws(HumanError) in
            guard picture.width == width, picture.height == height, picture.channels == 3 else {
                throw .picture(
                    location: "frame \(frame)", reason: "is \(picture.width)x\(picture.height), the recording \(width)x\(height)")
            }
            if listens { listens = try send(picture.pixels, child, &answer) }
            if listens { sent += 1 }
        }
        let ending = try catching(child, answer) { () throws(HumanError) in
            try child.finish(timeout: options.commandTimeout) { bytes throws(HumanError) in try answer.take(bytes) }
        }
        let done = "\(answer.masks.count) of \(frames) masks answered"
        guard ending == .exited(0) else {
            throw .source(reason: "mask command: \(ending.text), \(done); exit code 0 is accepted\(child.lastWords)")
        }
        guard answer.masks.count == frames, answer.partial.isEmpty else {
            throw .source(
                reason: "mask command: \(done) and \(answer.partial.count) bytes of frame \(answer.masks.count);"
                    + " \(frames) times \(width * height) bytes are accepted (\(sent) frames were read)\(child.lastWords)")
        }
        if answer.counts[1], !answer.counts[2...].contains(true) {
            throw .source(
                reason: "mask command: answers values 0 and 1 only; accepted: 0 background, 128 unsure, 255 human\(child.lastWords)")
        }
        return answer.masks
    }

    private func send(_ bytes: [UInt8], _ child: ChildProcess, _ answer: inout Answer) throws(HumanError) -> Bool {
        var own = answer
        defer { answer = own }
        return try catching(child, own) { () throws(HumanError) in
            try child.send(bytes, timeout: options.commandTimeout) { bytes throws(HumanError) in try own.take(bytes) }
        }
    }

    /// Ends the child with the error that it caused.
    private func catching<R>(_ child: ChildProcess, _ answer: Answer, _ body: () throws(HumanError) -> R) throws(HumanError) -> R {
        do throws(HumanError) {
            return try body()
        } catch {
            child.end()
            throw error
        }
    }
}

internal import Foundation
internal import Human
internal import Imaging
internal import Session

enum SmallPictures {
    struct Settings: Encodable {
        init(_ mask: MaskOptions) {}
    }

    static func observers(_ at: StageInput, _ recording: Recording, _ looks: Looks) throws -> [any FrameObserver] { [] }
}

/// Pictures of a recording that the device is sought in.
enum DevicePictures {
    static func pictures(_ r: IngestedRecording, _ options: DeviceMaskOptions, _ at: StageInput) throws -> [(Int, Image)] {
        let source = try r.frames(.rgb)
        let stride = max(1, r.times.count / options.framesPerRecording)
        var out: [(Int, Image)] = []
        for i in 0..<r.times.count {
            if i % stride == stride / 2 {
                guard let frame = try source.nextFrame() else { break }
                out.append((i, frame.image))
            } else if try source.skipFrame() == nil {
                break
            }
        }
        return out
    }
}

/// The pictures that masks are made from.
enum WorkingPictures {
    static func stream(_ recording: IngestedRecording, _ at: StageInput) -> PictureStream { fullStream(recording) }

    /// From the video, at full size, decoded anew at each call.
    static func fullStream(_ recording: IngestedRecording) -> PictureStream {
        { visit throws(HumanError) in
            do {
                let source = try recording.frames(.rgb)
                while let frame = try source.nextFrame() { try visit(frame.index, frame.time, frame.image) }
            } catch let error as HumanError {
                throw error
            } catch {
                throw HumanError.source(reason: "\(error)")
            }
        }
    }
}

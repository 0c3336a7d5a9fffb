internal import Foundation
internal import Human
internal import Imaging
internal import Session

/// What is needed of one picture of a recording.
enum PictureNeed: Int, Comparable {
    /// Nothing: it is passed over as cheaply as can be.
    case nothing
    /// Its class map.
    case classes
    /// As it is exported: the human filled, the arm drawn.
    case filled

    static func < (a: PictureNeed, b: PictureNeed) -> Bool { a.rawValue < b.rawValue }
}

/// Something that takes pictures of one recording as they go by: what is made of pictures beside the policy's data set is one type that conforms.
protocol PictureTap: AnyObject {
    func needs(_ frame: Int) -> PictureNeed
    func take(_ frame: FilledPictures.Frame, index: Int) throws
    /// After the last frame that it needs.
    func finish() throws
}

/// A recording's pictures as they are exported, by frame, in one pass: the frames that are asked for must not fall. Taps are served meanwhile.
final class SidePictures {
    private let pictures: FilledPictures
    private let taps: [any PictureTap]
    private let wanted: Set<Int>
    private let unit: String
    private let count: Int
    private var at = -1
    private var current: FilledPictures.Frame?

    /// - Parameter wanted: frames that will be asked for.
    init(_ side: ExportSide, wanted: Set<Int>, taps: [any PictureTap], at input: StageInput, log: ProvenanceLog) throws {
        self.taps = taps
        self.wanted = wanted
        unit = side.unit
        count = side.recording.times.count
        let needs = (0..<count).map { i in max(wanted.contains(i) ? .filled : .nothing, taps.map { $0.needs(i) }.max() ?? .nothing) }
        pictures = try FilledPictures(side, needs: needs, counted: wanted, at: input, log: log)
    }

    /// The picture of a frame, and the share of it that is not as it was recorded.
    func picture(_ frame: Int) throws -> (picture: Image, filledShare: Double) {
        precondition(wanted.contains(frame) && frame >= at, "frames are asked for in order, and were announced")
        while at < frame { try advance() }
        guard let picture = current?.picture else { preconditionFailure("a frame that was announced is filled") }
        return (picture, current?.filledShare ?? 0)
    }

    /// Goes on to the last frame that a tap needs.
    func finish() throws {
        let last = (at + 1..<max(count, at + 1)).last { i in taps.contains { $0.needs(i) > .nothing } }
        if let last { while at < last { try advance() } }
        for tap in taps { try tap.finish() }
    }

    private func advance() throws {
        guard let next = try pictures.next() else {
            throw UnitFailure(reason: "unreadable", detail: "\(unit): frame \(at + 1) can no longer be decoded")
        }
        at += 1
        if next.picture != nil { current = next }
        for tap in taps where tap.needs(at) > .nothing { try tap.take(next, index: at) }
    }
}

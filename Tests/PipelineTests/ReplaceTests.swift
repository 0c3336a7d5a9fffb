import Dataset
import Foundation
import Geometry
import Human
import Imaging
import Pipeline
import Robot
import Session
import Testing

/// A user's masks in, masks and provenance out, the arm drawn into the wrist view and a camera beside the table: one demo, end to end.
@Suite(.serialized) struct ReplaceTests {
    private let unit = "demo_pick_place_2"

    /// The simulator's true masks, as a user would bring them.
    private func masks(_ folder: URL) throws -> [Image] {
        let reader = try VideoReader(fixture.appendingPathComponent("truth/\(unit)/human_mask.mov"), options: VideoReader.Options(.gray))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var all: [Image] = []
        while let frame = try reader.nextFrame() {
            let mask = Image(
                width: frame.image.width, height: frame.image.height, channels: 1, pixels: frame.image.pixels.map { $0 > 127 ? 255 : 0 })
            try Data(mask.pngBytes()).write(to: folder.appendingPathComponent("frame_\(all.count).png"))
            all.append(mask)
        }
        let json = """
            {"schema": "griptrace.masks.v1", "kind": "masks", "origin": "the simulator", "recording": "\(unit)", "width": \(all[0].width),
             "height": \(all[0].height), "frames": \(all.count)}
            """
        try Data(json.utf8).write(to: folder.appendingPathComponent("masks.json"))
        return all
    }

    @Test func masksInMasksOutAndTheArmDrawn() async throws {
        try await withTemporaryFolder { folder in
            let session = folder.appendingPathComponent("session")
            try FileManager.default.createDirectory(at: session, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: fixture.appendingPathComponent("\(unit).mp4"), to: session.appendingPathComponent("\(unit).mp4"))
            let truth = try masks(folder.appendingPathComponent("masks/\(unit)"))
            let camera = """
                name: side
                video: session/{demo}.mp4
                camera: {model: pinhole, width: 480, height: 360, focal_length_px: [300, 300], principal_point_px: [239.5, 179.5], distortion: [0, 0, 0, 0]}
                table_from_camera: {rotation_xyzw: [0.5687895, 0.5687895, -0.4200935, -0.4200935], translation_m: [1.1, 0, 0.7]}
                """
            try Data(camera.utf8).write(to: folder.appendingPathComponent("side.yaml"))
            let device = fixture.appendingPathComponent("truth/device.yaml")
            let output = folder.appendingPathComponent("out")
            var request = ConvertRequest(
                session: session, device: try Device(contentsOf: device), deviceFile: device, arm: try arm("panda"), output: output,
                formats: [.lerobot],
                poses: fixture.appendingPathComponent("truth/\(unit)/camera.tum"), jobs: 1)
            request.masks = folder.appendingPathComponent("masks")
            request.exportsMasks = true
            request.overlay = try arm("panda")
            request.fixedCameras = [try FixedCamera(contentsOf: folder.appendingPathComponent("side.yaml"))]
            let outcome = try await Converter(request) { _ in }.run()
            let report = try #require(outcome.report.recordings.first { $0.unit == unit })
            #expect(report.frames.output > 100, "\(report.verdict) \(report.problems)")
            #expect(report.problems.contains { $0.contains("the simulator") })
            let shares = try #require(report.provenance)
            #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9 && shares.count == 5)
            #expect((shares["rendered"] ?? 0) > 0.001 && (shares["original"] ?? 0) > 0.4)

            // What comes out can be taken in, and holds the human that went in.
            let exported = try MaskFolder(
                output.appendingPathComponent("masks/\(unit)"), kind: .masks, recording: unit, width: truth[0].width,
                height: truth[0].height,
                frames: truth.count)
            var (found, all, likely) = (0, 0, 0)
            for (i, mask) in truth.enumerated() {
                let own = try #require(try exported.mask(frame: i)).values
                let chance = try Image(contentsOf: output.appendingPathComponent("masks/\(unit)/probability/\(MaskFolder.fileName(i))"))
                for k in mask.pixels.indices where mask.pixels[k] != 0 {
                    all += 1
                    if own.pixels[k] != 0 { found += 1 }
                    if chance.pixels[k] > 128 { likely += 1 }
                }
            }
            #expect(
                all > 10_000 && Double(found) > 0.9 * Double(all) && Double(likely) > 0.8 * Double(all), "\(found), \(likely) of \(all)")
            let provenance = try Image(contentsOf: output.appendingPathComponent("masks/\(unit)/provenance/frame_000060.png"))
            #expect(provenance.pixels.contains(Provenance.rendered.rawValue) && provenance.pixels.allSatisfy { $0 <= 4 })

            // Every exported moment is in the other camera's view, the arm in each, marked as drawn.
            let rows = try CSVTable(contentsOf: output.appendingPathComponent("overlay/side/\(unit).csv")).rows
            #expect(rows.count == truth.count && rows.filter { $0[3] == "drawn" }.count == report.frames.output)
            #expect(rows.filter { $0[3] == "drawn" }.allSatisfy { (Double($0[2]) ?? 0) > 0.02 })
            let marks = try VideoReader(
                output.appendingPathComponent("overlay/side/\(unit)_provenance.mov"), options: VideoReader.Options(.gray))
            let first = try #require(try marks.nextFrame()).image
            #expect(first.pixels.contains(Provenance.rendered.rawValue))
            #expect(try VideoReader(output.appendingPathComponent("overlay/side/\(unit).mp4")).nextFrame() != nil)
            let page = try String(contentsOf: outcome.reportPage, encoding: .utf8)
            #expect(page.contains("exported pixels:"))
            let review = try String(contentsOf: output.appendingPathComponent("review/data/1.js"), encoding: .utf8)
            #expect(review.contains("camera side: recorded, removed (red), exported"))
        }
    }

    @Test func anotherArmIsRefused() throws {
        let device = fixture.appendingPathComponent("truth/device.yaml")
        var request = ConvertRequest(
            session: fixture, device: try Device(contentsOf: device), deviceFile: device, arm: try arm("panda"),
            output: FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-refused"))
        request.overlay = try arm("xarm7")
        #expect(throws: PipelineError.self) { _ = try Converter(request) { _ in } }
        request.overlay = nil
        request.masks = URL(fileURLWithPath: "/nowhere")
        #expect(throws: PipelineError.self) { _ = try Converter(request) { _ in } }
    }
}

internal import Foundation
internal import Imaging

/// A device mask as a file: JSON with its pictures as PNG.
extension DeviceMask {
    private struct File: Codable {
        struct Finger: Codable {
            var id: Int
            var png: Data
            var pixelsPerCell: Int
        }

        var fixed: Data
        var fingers: [Finger]
        var fingerTagScale: Double
        var fingerTagIDs: [Int]
        var frameCount: Int
        var notes: [String]
    }

    public func encoded() throws(HumanError) -> [UInt8] {
        do {
            let file = File(
                fixed: Data(try fixed.pngBytes()),
                fingers: try fingers.map { File.Finger(id: $0.id, png: Data(try $0.mask.pngBytes()), pixelsPerCell: $0.pixelsPerCell) },
                fingerTagScale: fingerTagScale, fingerTagIDs: fingerTagIDs, frameCount: frameCount, notes: notes)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return [UInt8](try encoder.encode(file))
        } catch {
            throw .operation("writing the device mask", reason: "\(error)")
        }
    }

    /// Reads what `encoded` gave; anything else is refused with the file's name.
    public init(bytes: [UInt8], path: String) throws(HumanError) {
        do {
            let file = try JSONDecoder().decode(File.self, from: Data(bytes))
            self.init(
                fixed: try Image(decoding: [UInt8](file.fixed), path: path),
                fingers: try file.fingers.map {
                    FingerMask(id: $0.id, mask: try Image(decoding: [UInt8]($0.png), path: path), pixelsPerCell: $0.pixelsPerCell)
                },
                fingerTagScale: file.fingerTagScale, fingerTagIDs: file.fingerTagIDs, frameCount: file.frameCount, notes: file.notes)
        } catch {
            throw .source(reason: "\(path): not a device mask: \(error)")
        }
    }
}

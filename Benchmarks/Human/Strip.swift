import Foundation
import Human
import Imaging

/// Before, mask (found red, missed yellow, wrongly taken blue, device dark), after, provenance.
enum Strip {
    /// Every second pixel of every second row.
    static func half(_ image: Image) -> Image {
        var out = Image(width: image.width / 2, height: image.height / 2, channels: image.channels)
        for y in 0..<out.height {
            for x in 0..<out.width { for c in 0..<out.channels { out[x, y, c] = image[2 * x, 2 * y, c] } }
        }
        return out
    }

    static func make(_ frame: MaskedFrame, truth: Image, after: Image, provenance: Image?) throws -> Image {
        var tinted = frame.picture
        var origin = after
        for i in truth.pixels.indices {
            let removed = PixelClass(rawValue: frame.classes.pixels[i])?.isRemoved ?? false
            let isHuman = truth.pixels[i] == 4
            var tint: SIMD3<Int>?
            if isHuman && removed { tint = SIMD3(230, 30, 30) }
            if isHuman && removed && frame.classes.pixels[i] != PixelClass.human.rawValue { tint = SIMD3(255, 150, 0) }
            if isHuman && !removed { tint = SIMD3(255, 240, 0) }
            if !isHuman && removed {
                tint = frame.classes.pixels[i] == PixelClass.human.rawValue ? SIMD3(30, 80, 255) : SIMD3(240, 150, 220)
            }
            switch PixelClass(rawValue: frame.classes.pixels[i]) {
            case .device, .mirror: tint = SIMD3(20, 60, 60)
            case .otherGripper: tint = SIMD3(150, 60, 200)
            case .movedObject: tint = SIMD3(60, 190, 70)
            case .unknown: tint = SIMD3(230, 220, 200)
            default: break
            }
            for c in 0..<3 {
                if let tint { tinted.pixels[3 * i + c] = UInt8((Int(tinted.pixels[3 * i + c]) + tint[c]) / 2) }
                if let p = provenance?.pixels[i], p > 0 {
                    let colour = [SIMD3(0, 0, 0), SIMD3(40, 200, 60), SIMD3(60, 120, 255), SIMD3(255, 60, 60)][min(Int(p), 3)]
                    origin.pixels[3 * i + c] = UInt8((Int(origin.pixels[3 * i + c]) + colour[c]) / 2)
                }
            }
        }
        let parts = [frame.picture, tinted, after, origin]
        let (w, h) = (frame.picture.width, frame.picture.height)
        var out = Image(width: 2 * w + 4, height: 2 * h + 4, channels: 3, filledWith: 255)
        for (n, part) in parts.enumerated() {
            for y in 0..<h {
                let to = (((n / 2) * (h + 4) + y) * out.width + (n % 2) * (w + 4)) * 3
                out.pixels.replaceSubrange(to..<(to + 3 * w), with: part.pixels[(y * w * 3)..<((y + 1) * w * 3)])
            }
        }
        return out
    }
}

/// Options with `a.b=value` applied; a key that is not known is refused.
func changed<T: Codable>(_ options: T, _ settings: [String]) throws -> T {
    var tree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(options)) as? [String: Any] ?? [:]
    for setting in settings {
        let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
        let keys = parts[0].split(separator: ".").map(String.init)
        guard parts.count == 2, keys.count == 2, var inner = tree[keys[0]] as? [String: Any], inner[keys[1]] != nil else {
            throw HumanError.input(location: "--set \(setting)", reason: "not known; accepted: group.option=value of the mask options")
        }
        let isWord = parts[1] == "true" || parts[1] == "false"
        inner[keys[1]] = Double(parts[1]) as Any? ?? (isWord ? (parts[1] == "true") as Any : parts[1])
        tree[keys[0]] = inner
    }
    return try JSONDecoder().decode(T.self, from: JSONSerialization.data(withJSONObject: tree))
}

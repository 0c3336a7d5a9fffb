import CNative
import Foundation
import Geometry
import Imaging
import Testing

/// A small generator with a seed, so that each run sees the same pictures.
struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
    mutating func gaussian() -> Double { (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform()) }
}

/// A smooth random texture that can be sampled anywhere: sums of waves.
struct Texture {
    var waves: [(Double, Double, Double, Double)] = []
    init(seed: UInt64, waves n: Int = 60) {
        var noise = Noise(state: seed)
        for _ in 0..<n {
            let angle = noise.uniform() * 2 * .pi
            let length = 8 + 60 * noise.uniform()
            let k = 2 * .pi / length
            waves.append((k * cos(angle), k * sin(angle), noise.uniform() * 2 * .pi, (0.2 + noise.uniform()) * length.squareRoot() / 4))
        }
    }
    func value(_ x: Double, _ y: Double) -> Double { 128 + 8 * waves.reduce(0) { $0 + $1.3 * sin($1.0 * x + $1.1 * y + $1.2) } / 2 }
    func image(_ width: Int, _ height: Int, _ source: (Vector2) -> Vector2) -> Image {
        var out = Image(width: width, height: height, channels: 1)
        for y in 0..<height {
            for x in 0..<width {
                let p = source(Vector2(Double(x), Double(y)))
                out[x, y] = UInt8(max(0, min(255, value(p.x, p.y).rounded())))
            }
        }
        return out
    }
}

@Suite struct VisionTests {
    @Test func areaResizeAveragesAndKeepsTheSize() throws {
        let image = Image(width: 4, height: 2, channels: 1, pixels: [0, 100, 20, 40, 100, 200, 60, 80])
        let half = try image.resized(width: 2, height: 1)
        #expect(half.pixels == [100, 50])
    }

    @Test func colourConversionsAgreeWithTheirDefinitions() throws {
        // sRGB red: L* 53.24, a* 80.09, b* 67.20; blue: Y 29.07, Cr 107.3, Cb 255.
        let red = Image(width: 1, height: 1, channels: 3, pixels: [255, 0, 0])
        let lab = try red.lab().pixels.map { Double($0) }
        #expect(abs(lab[0] - 53.24 * 2.55) < 1.5 && abs(lab[1] - 208.09) < 1.5 && abs(lab[2] - 195.2) < 1.5)
        let blue = Image(width: 1, height: 1, channels: 3, pixels: [0, 0, 255])
        let ycc = try blue.converted(.rgbToYCrCb).pixels.map { Double($0) }
        #expect(abs(ycc[0] - 29.07) < 1 && abs(ycc[1] - 107.3) < 1 && abs(ycc[2] - 255) < 1)
        #expect(throws: ImagingError.self) { try Image(width: 1, height: 1, channels: 1).lab() }
    }

    @Test func morphologyAndComponents() throws {
        var mask = Image(width: 40, height: 30, channels: 1)
        mask[10, 10] = 255
        mask[30, 20] = 255
        let grown = try mask.dilated(radius: 3)
        let parts = try grown.connectedComponents()
        #expect(parts.components.count == 2)
        #expect(parts.components[0].center == Vector2(10, 10) && parts.components[1].center == Vector2(30, 20))
        #expect(parts.components[0].width == 7 && parts.components[0].area == parts.labels.count { $0 == 1 })
        #expect(try grown.eroded(radius: 3) == mask)
        #expect(try mask.opened(radius: 1).pixels.allSatisfy { $0 == 0 })
    }

    @Test func polygonFillsItsArea() throws {
        let mask = try Image.mask(width: 100, height: 100, polygon: [Vector2(20, 30), Vector2(80, 30), Vector2(80, 70), Vector2(20, 70)])
        #expect(abs(mask.pixels.count { $0 == 255 } - 61 * 41) < 30)
        #expect(throws: ImagingError.self) { try Image.mask(width: 5, height: 5, polygon: [Vector2(1, 1)]) }
        #expect(throws: ImagingError.self) {
            try Image.mask(width: 5, height: 5, polygon: [Vector2(1, 1), Vector2(.nan, 1), Vector2(1, 3)])
        }
    }

    @Test func inpaintingContinuesASmoothPicture() throws {
        var image = Image(width: 60, height: 60, channels: 3)
        for y in 0..<60 { for x in 0..<60 { for c in 0..<3 { image[x, y, c] = UInt8(50 + 2 * x + c * 20) } } }
        var holed = image
        var mask = Image(width: 60, height: 60, channels: 1)
        for y in 25..<33 { for x in 25..<33 { mask[x, y] = 1; for c in 0..<3 { holed[x, y, c] = 0 } } }
        let filled = try holed.inpainted(mask: mask)
        #expect(zip(filled.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255 <= 12)
    }

    @Test func grabCutFindsADiscOfAnotherColour() throws {
        var noise = Noise(state: 3)
        var image = Image(width: 80, height: 60, channels: 3)
        var labels = Image(width: 80, height: 60, channels: 1)
        func inside(_ x: Int, _ y: Int, _ r: Double) -> Bool { Double((x - 40) * (x - 40) + (y - 30) * (y - 30)) < r * r }
        for y in 0..<60 {
            for x in 0..<80 {
                let base: [Double] = inside(x, y, 15) ? [200, 80, 60] : [60, 120, 90]
                for c in 0..<3 { image[x, y, c] = UInt8(base[c] + 8 * noise.gaussian()) }
                let label: GrabCutLabel = inside(x, y, 6) ? .foreground : inside(x, y, 24) ? .probablyForeground : .background
                labels[x, y] = label.rawValue
            }
        }
        let out = try image.grabCut(labels: labels)
        var wrong = 0
        for y in 0..<60 { for x in 0..<80 where (out[x, y] % 2 == 1) != inside(x, y, 15) { wrong += 1 } }
        #expect(wrong < 20)
        #expect(try image.grabCut(labels: labels) == out)
        #expect(throws: ImagingError.self) { try image.grabCut(labels: Image(width: 80, height: 60, channels: 1)) }
    }

    @Test func remapTurnsTheCamera() throws {
        let camera = CameraModel(
            lens: .kannalaBrandt, width: 160, height: 120, focalLength: Vector2(60, 60), principalPoint: Vector2(79.5, 59.5),
            distortion: Vector4(-0.02, -0.01, 0, 0))
        let turn = Rotation(vector: Vector3(0.02, 0.1, 0.05))
        let texture = Texture(seed: 4)
        let here = texture.image(160, 120) { $0 }
        let there = try here.remapped(PixelMap(from: camera, to: camera, fromTarget: turn))
        let pixel = Vector2(90, 50)
        let bearing = try #require(camera.unproject(pixel))
        let source = try #require(camera.project(turn * bearing))
        #expect(abs(Double(there[90, 50]) - texture.value(source.x, source.y)) < 4)
    }

    @Test func theNativeLayerRefusesBadArguments() {
        let empty = gt_view8(data: nil, count: 0, width: 0, height: 0, channels: 0)
        let short = [UInt8](repeating: 0, count: 10)
        var target = [UInt8](repeating: 0, count: 100)
        var found: Int32 = 0
        target.withUnsafeMutableBufferPointer { out in
            let buffer = gt_buffer8(data: out.baseAddress, count: 100, width: 10, height: 10, channels: 1)
            #expect(gt_resize(empty, 3, buffer).code == 1)
            #expect(gt_gaussian_blur(empty, 1, buffer).code == 1)
            short.withUnsafeBufferPointer { p in
                let truncated = gt_view8(data: p.baseAddress, count: 10, width: 10, height: 10, channels: 1)
                #expect(gt_resize(truncated, 3, buffer).code == 1)
                #expect(gt_inpaint(truncated, truncated, 3, buffer).code == 1)
                let whole = gt_box(x: 0, y: 0, width: 10, height: 10)
                #expect(gt_detect_tags(truncated, whole, gt_tag_options(), nil, 0, &found).code == 1)
                let odd = gt_view8(data: p.baseAddress, count: 10, width: 5, height: 1, channels: 2)
                #expect(gt_gaussian_blur(odd, 3, buffer).code == 1)
                var pyramid: OpaquePointer?
                #expect(gt_pyramid_create(truncated, 21, 3, &pyramid).code == 1 && pyramid == nil)
                #expect(gt_pyramid_create(truncated, 21, 3, nil).code == 1)
            }
        }
        #expect(gt_flow(nil, nil, nil, nil, 3, gt_flow_options(), nil, nil, nil, nil).code == 1)
        #expect(gt_match_descriptors(nil, 2, nil, 2, 32, 0, 0.8, 0, 1, nil, 0, &found).code == 1)
        #expect(gt_detect_corners(empty, empty, nil, 0, gt_corner_options(), nil, nil, 0, &found).code == 1)
        #expect(gt_detect_features(empty, empty, 0, 10, 20, 1.2, 8, 1, nil, nil, 0, &found).code == 1)
        #expect(gt_absolute_pose(nil, nil, 9, gt_ransac_options(), nil, nil, nil, &found).code == 1)
        #expect(gt_relative_pose(nil, nil, 9, gt_ransac_options(), nil, nil, nil, nil).code == 1)
        #expect(gt_square_pose(nil, 0.1, nil, nil, nil, &found).code == 1)
        gt_pyramid_free(nil)
    }
}

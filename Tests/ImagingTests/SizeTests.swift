import CNative
import Foundation
import Geometry
import Imaging
import Session
import Testing

/// Pictures of every size: each operation against a simple reference of its own, at sizes that nobody chose for being convenient.
@Suite struct SizeTests {
    struct Size: Sendable, CustomTestStringConvertible {
        var width: Int
        var height: Int
        var testDescription: String { "\(width)x\(height)" }
    }

    /// The smallest there are, odd ones, and twenty drawn with a seed.
    static let small: [Size] = {
        var noise = Noise(state: 20260)
        let fixed = [(2, 2), (2, 3), (3, 2), (5, 7), (2, 61), (67, 2), (16, 16), (33, 31), (64, 48)]
        let drawn = (0..<20).map { _ in (2 + Int(noise.next() % 120), 2 + Int(noise.next() % 90)) }
        return (fixed + drawn).map { Size(width: $0.0, height: $0.1) }
    }()
    /// Of real cameras and crops.
    static let large = [(641, 359), (1180, 1080), (960, 874), (224, 224), (2704, 2028)].map { Size(width: $0.0, height: $0.1) }

    private func random(_ size: Size, channels: Int = 1, seed: UInt64 = 1) -> Image {
        var noise = Noise(state: seed &* 7919 &+ UInt64(size.width * 100_003 + size.height))
        var image = Image(width: size.width, height: size.height, channels: channels)
        for i in image.pixels.indices { image.pixels[i] = UInt8(noise.next() & 255) }
        return image
    }

    /// Blobs: noise below a level.
    private func mask(_ size: Size, share: Double) -> Image {
        var out = random(size, seed: 5)
        for i in out.pixels.indices { out.pixels[i] = Double(out.pixels[i]) < 256 * share ? 255 : 0 }
        return out
    }

    private func smooth(_ size: Size, channels: Int = 1, frame: Int = 0) -> Image {
        Picture.moving(frame, width: size.width, height: size.height, channels: channels)
    }

    // MARK: Files

    @Test(arguments: small + large.dropLast()) func losslessVideoGivesBackEveryPixel(size: Size) throws {
        let scratch = try Scratch()
        for channels in [1, 3] {
            let url = scratch.file("\(channels).mov")
            let writer = try VideoWriter(
                url, width: size.width, height: size.height, channels: channels, options: VideoWriter.Options(.ffv1, rate: Rational(30)))
            let images = (0..<2).map { random(size, channels: channels, seed: UInt64($0)) }
            for image in images { try writer.append(image) }
            try writer.finish()
            let reader = try VideoReader(url, options: VideoReader.Options(channels == 1 ? .gray : .rgb))
            #expect(reader.width == size.width && reader.height == size.height)
            #expect(try reader.allFrames().map(\.image) == images)
        }
    }

    @Test(arguments: small + large) func h264KeepsTheSizeAndThePicture(size: Size) throws {
        let scratch = try Scratch()
        for rotation in [0, 270] {
            var options = VideoWriter.Options(.h264, rate: Rational(30), crf: 8)
            options.rotation = rotation
            options.preset = "veryfast"
            let url = scratch.file("\(rotation).mp4")
            let writer = try VideoWriter(url, width: size.width, height: size.height, options: options)
            let images = (0..<2).map { smooth(size, channels: 3, frame: $0) }
            for image in images { try writer.append(image) }
            try writer.finish()
            let frames = try VideoReader(url).allFrames()
            #expect(frames.count == 2)
            for (frame, image) in zip(frames, images) {
                let upright = rotation == 0 ? image : Picture.turned(image, rotation)
                #expect(frame.image.width == upright.width && frame.image.height == upright.height)
                // Chroma of half the size costs more where there are but a few pixels.
                #expect(Picture.psnr(frame.image, upright) > (size.width * size.height < 400 ? 20 : 30))
                #expect(Picture.psnr(frame.image.gray, upright.gray) > 36)
            }
            let gray = try VideoReader(url, options: VideoReader.Options(.gray)).allFrames()
            #expect(gray.map(\.image.width) == frames.map(\.image.width))
        }
    }

    @Test func codecsSayWhichSizesTheyTake() throws {
        let scratch = try Scratch()
        for (codec, width, height) in [(VideoWriter.Codec.ffv1, 400, 2), (.ffv1, 1, 9), (.h264, 1, 64), (.h264, 20_000, 64)] {
            #expect(throws: ImagingError.self) {
                try VideoWriter(
                    scratch.file("a.mov"), width: width, height: height, options: VideoWriter.Options(codec, rate: Rational(30)))
            }
        }
        for (width, height, word) in [(641, 360, "even"), (640, 359, "even"), (32, 64, "64")] {
            let error = #expect(throws: ImagingError.self) {
                try VideoWriter(
                    scratch.file("a.mp4"), width: width, height: height, options: VideoWriter.Options(.av1, rate: Rational(30)))
            }
            #expect("\(try #require(error))".contains(word))
        }
    }

    /// The native layer writes a picture's bytes and not one more, whatever vectors the converter works in.
    @Test(arguments: small) func nothingIsWrittenBeyondThePicture(size: Size) throws {
        let scratch = try Scratch()
        for codec in [VideoWriter.Codec.h264, .ffv1] {
            let url = scratch.file(codec == .h264 ? "a.mp4" : "a.mov")
            let writer = try VideoWriter(
                url, width: size.width, height: size.height, options: VideoWriter.Options(codec, rate: Rational(30)))
            try writer.append(random(size, channels: 3))
            try writer.finish()
            for gray in [false, true] {
                var reader: OpaquePointer?
                #expect(gt_video_open(url.path, gray ? 1 : 0, 1, 1, &reader).code == GT_OK)
                let count = size.width * size.height * (gray ? 1 : 3)
                var pixels = [UInt8](repeating: 0xA5, count: count + 256)
                var time: Int64 = 0
                #expect(gt_video_next(reader, &pixels, count, &time).code == GT_OK)
                #expect(pixels[count...].allSatisfy { $0 == 0xA5 })
                gt_video_close(reader)
            }
        }
    }

    @Test(arguments: small + [large[0]]) func stillPicturesKeepTheirSize(size: Size) throws {
        for channels in [1, 3] {
            let image = random(size, channels: channels)
            #expect(try Image(decoding: image.pngBytes()) == image)
            let flat = smooth(size, channels: channels)
            let jpeg = try Image(decoding: flat.jpegBytes(quality: 95))
            // JPEG files are in colour here.
            #expect(jpeg.width == size.width && jpeg.height == size.height && Picture.psnr(channels == 1 ? jpeg.gray : jpeg, flat) > 28)
        }
    }

    // MARK: Pixels

    /// The mean over the area that a pixel of the smaller picture covers.
    private func areaMean(_ image: Image, _ width: Int, _ height: Int, _ x: Int, _ y: Int) -> Double {
        let (sx, sy) = (Double(image.width) / Double(width), Double(image.height) / Double(height))
        let (left, right) = (Double(x) * sx, Double(x + 1) * sx)
        let (top, bottom) = (Double(y) * sy, Double(y + 1) * sy)
        var sum = 0.0
        var area = 0.0
        for row in Int(top)..<min(image.height, Int(bottom.rounded(.up))) {
            for column in Int(left)..<min(image.width, Int(right.rounded(.up))) {
                let w = min(right, Double(column + 1)) - max(left, Double(column))
                let h = min(bottom, Double(row + 1)) - max(top, Double(row))
                guard w > 1e-9, h > 1e-9 else { continue }
                sum += w * h * Double(image[column, row])
                area += w * h
            }
        }
        return sum / area
    }

    @Test(arguments: small + [large[0]]) func makingSmallerTakesMeansOverAreas(size: Size) throws {
        let image = random(size)
        for divisor in [1.0, 1.37, 2, 3.1] {
            let (w, h) = (max(1, Int(Double(size.width) / divisor)), max(1, Int(Double(size.height) / divisor)))
            let out = try image.resized(width: w, height: h)
            #expect(out.width == w && out.height == h)
            for y in stride(from: 0, to: h, by: max(1, h / 13)) {
                for x in stride(from: 0, to: w, by: max(1, w / 13)) {
                    #expect(abs(Double(out[x, y]) - areaMean(image, w, h, x, y)) <= 1.01, "(\(x), \(y)) of \(w)x\(h)")
                }
            }
        }
        let larger = try image.resized(width: 2 * size.width + 1, height: size.height + 3, by: .linear)
        #expect(larger.width == 2 * size.width + 1 && larger.height == size.height + 3)
        #expect(throws: ImagingError.self) { try image.resized(width: 0, height: 4) }
        #expect(throws: ImagingError.self) { try image.resized(width: Int.max, height: 4) }
    }

    @Test(arguments: small) func warpsTakeWhatTheirMapSays(size: Size) throws {
        let image = random(size, channels: 3)
        let same = PixelMap(width: size.width, height: size.height) { $0 }
        #expect(try image.remapped(same) == image)
        // A mirrored part of another size, and pixels that look beside the picture.
        let map = PixelMap(width: size.height + 1, height: size.width) { Vector2(Double(size.width) - 1 - $0.y, $0.x) }
        let turned = try image.remapped(map, border: 7)
        for y in 0..<turned.height {
            for x in 0..<turned.width {
                for c in 0..<3 { #expect(turned[x, y, c] == (x < size.height ? image[size.width - 1 - y, x, c] : 7)) }
            }
        }
        let flat = smooth(size)
        let half = try flat.remapped(PixelMap(width: size.width - 1, height: size.height - 1) { $0 + Vector2(0.5, 0.5) })
        for y in 0..<half.height {
            for x in 0..<half.width {
                let mean = (Int(flat[x, y]) + Int(flat[x + 1, y]) + Int(flat[x, y + 1]) + Int(flat[x + 1, y + 1])) / 4
                #expect(abs(Int(half[x, y]) - mean) <= 1)
            }
        }
    }

    @Test(arguments: small) func morphologyIsDiscByDisc(size: Size) throws {
        let image = mask(size, share: 0.1)
        for radius in [1, 2, 5] {
            // Half the width of the disc's row, as OpenCV rounds it.
            let half = (-radius...radius).map { dy in
                Int((Double(radius) * (Double(radius * radius - dy * dy) / Double(radius * radius)).squareRoot()).rounded())
            }
            let dilated = try image.dilated(radius: radius)
            let eroded = try image.eroded(radius: radius)
            for y in 0..<size.height {
                for x in 0..<size.width {
                    var any = false
                    var all = true
                    for dy in -radius...radius where (0..<size.height).contains(y + dy) {
                        let reach = half[dy + radius]
                        for column in max(0, x - reach)...min(size.width - 1, x + reach) {
                            let inside = image[column, y + dy] > 0
                            any = any || inside
                            all = all && inside
                        }
                    }
                    #expect((dilated[x, y] > 0) == any && (eroded[x, y] > 0) == all)
                }
            }
        }
    }

    @Test(arguments: small) func regionsByCounting(size: Size) throws {
        let image = mask(size, share: 0.45)
        let found = try image.connectedComponents()
        let (w, h) = (size.width, size.height)
        var label = [Int](repeating: 0, count: w * h)
        var areas: [Int] = []
        for start in 0..<(w * h) where image.pixels[start] > 0 && label[start] == 0 {
            var open = [start]
            label[start] = areas.count + 1
            var area = 0
            while let p = open.popLast() {
                area += 1
                for y in max(0, p / w - 1)...min(h - 1, p / w + 1) {
                    for x in max(0, p % w - 1)...min(w - 1, p % w + 1) where image[x, y] > 0 && label[y * w + x] == 0 {
                        label[y * w + x] = areas.count + 1
                        open.append(y * w + x)
                    }
                }
            }
            areas.append(area)
        }
        #expect(found.components.map(\.area).sorted() == areas.sorted())
    }

    @Test(arguments: small) func coloursDependOnThePixelAlone(size: Size) throws {
        let image = random(size, channels: 3)
        let lab = try image.lab()
        let ycc = try image.converted(.rgbToYCrCb)
        for p in stride(from: 0, to: size.width * size.height, by: 97) {
            let one = Image(width: 1, height: 1, channels: 3, pixels: Array(image.pixels[(3 * p)..<(3 * p + 3)]))
            #expect(try Array(lab.pixels[(3 * p)..<(3 * p + 3)]) == one.lab().pixels)
            #expect(try Array(ycc.pixels[(3 * p)..<(3 * p + 3)]) == one.converted(.rgbToYCrCb).pixels)
        }
        let flat = Image(width: size.width, height: size.height, channels: 1, filledWith: 77)
        #expect(try flat.gaussianBlurred(sigma: 2.5) == flat)
        var holes = Image(width: size.width, height: size.height, channels: 1)
        holes[0, 0] = 255
        let filled = try flat.inpainted(mask: holes)
        #expect(filled.pixels.allSatisfy { abs(Int($0) - 77) <= 1 })
    }

    // MARK: Features

    @Test(arguments: small + large) func cornersLieInThePictureAndKeepApart(size: Size) throws {
        let image = Texture(seed: 3, waves: 12).image(size.width, size.height) { $0 * 1.7 }
        let allowed = mask(size, share: 0.5)
        let corners = try CornerDetector().detect(in: image, mask: allowed, existing: [Vector2(1, 1)])
        for (i, p) in corners.enumerated() {
            #expect(p.x >= 0 && p.y >= 0 && p.x <= Double(size.width - 1) && p.y <= Double(size.height - 1))
            // Sub-pixel steps of up to 2 px on either side come after the spacing.
            for q in corners[..<i] { #expect((p - q).length > 5) }
            #expect((p - Vector2(1, 1)).length > 7)
        }
        if size.width * size.height > 5000 { #expect(corners.count > 3) }
        for kind in FeatureKind.allCases where size.width * size.height < 400_000 {
            var options = FeatureDetector.Options()
            options.kind = kind
            options.maximumCount = 300
            for point in try FeatureDetector(options: options).detect(in: image).keypoints {
                #expect(point.position.x >= -1 && point.position.x <= Double(size.width) && point.position.y >= -1)
                #expect(point.position.y <= Double(size.height))
            }
        }
    }

    @Test(arguments: small + large.dropLast()) func flowFollowsAShift(size: Size) throws {
        let texture = Texture(seed: 8, waves: 15)
        let shift = Vector2(1.25, -0.75)
        let flow = OpticalFlow()
        let from = try flow.pyramid(of: texture.image(size.width, size.height) { $0 })
        let to = try flow.pyramid(of: texture.image(size.width, size.height) { $0 - shift })
        var points: [Vector2] = []
        for y in stride(from: 0.5, to: Double(size.height), by: max(7, Double(size.height) / 9)) {
            for x in stride(from: 0.5, to: Double(size.width), by: max(7, Double(size.width) / 9)) { points.append(Vector2(x, y)) }
        }
        for (p, result) in zip(points, try flow.track(points, from: from, to: to)) where result.isTracked {
            #expect(result.point.x >= 0 && result.point.x <= Double(size.width - 1))
            #expect(result.point.y >= 0 && result.point.y <= Double(size.height - 1))
            let margin = min(p.x, p.y, Double(size.width) - p.x, Double(size.height) - p.y)
            if margin > 24 { #expect((result.point - p - shift).length < 0.1, "\(p)") }
        }
        if size.width > 100, size.height > 100 {
            let inside = points.filter { min($0.x, $0.y, Double(size.width) - $0.x, Double(size.height) - $0.y) > 24 }
            let tracked = try flow.track(inside, from: from, to: to).filter(\.isTracked).count
            #expect(tracked * 10 >= inside.count * 9)
        }
    }

    /// A tag at a place and turn drawn with a seed; found at full size and through smaller pictures of it.
    @Test(arguments: large + [Size(width: 333, height: 251), Size(width: 131, height: 487)]) func tagsAreFoundWhereTheyAre(size: Size)
        throws
    {
        var noise = Noise(state: UInt64(size.width * 31 + size.height))
        let side = Double(min(size.width, size.height)) * (0.3 + 0.15 * noise.uniform())
        let turn = 2 * Double.pi * noise.uniform()
        let middle = Vector2(
            0.5 * Double(size.width) + (noise.uniform() - 0.5) * 0.1 * Double(size.width),
            0.5 * Double(size.height) + (noise.uniform() - 0.5) * 0.1 * Double(size.height))
        let id = Int(noise.next() % 50)
        let cells = try TagDetector.draw(id: id, side: 60)
        let (c, s) = (cos(turn), sin(turn))
        var image = Image(width: size.width, height: size.height, channels: 1, filledWith: 200)
        for y in 0..<size.height {
            for x in 0..<size.width {
                guard (Vector2(Double(x), Double(y)) - middle).length < side else { continue }
                var sum = 0.0
                for k in 0..<16 {
                    let p = Vector2(Double(x) + (Double(k % 4) - 1.5) / 4, Double(y) + (Double(k / 4) - 1.5) / 4) - middle
                    let q = Vector2(c * p.x + s * p.y, -s * p.x + c * p.y) / side + 0.5
                    let isInside = q.x >= 0 && q.y >= 0 && q.x < 1 && q.y < 1
                    sum += isInside && cells[Int(q.x * 60), Int(q.y * 60)] < 128 ? 20 : 200
                }
                image[x, y] = UInt8(sum / 16)
            }
        }
        let truth = [Vector2(-0.5, -0.5), Vector2(0.5, -0.5), Vector2(0.5, 0.5), Vector2(-0.5, 0.5)].map {
            middle + side * Vector2(c * $0.x - s * $0.y, s * $0.x + c * $0.y)
        }
        for width in [0, size.width, size.width * 2 / 3, size.width / 2 + 1] {
            var options = TagDetector.Options()
            options.detectionWidth = width
            let tags = try TagDetector(options: options).detect(in: image)
            #expect(tags.map(\.id) == [id], "searched at \(width)")
            for (corner, expected) in zip(tags.first?.corners ?? [], truth) {
                #expect((corner - expected).length < 0.25, "searched at \(width): \(corner) for \(expected)")
            }
        }
    }

    /// A search for tags in what is no picture to speak of.
    @Test(arguments: small) func nothingIsFoundInNoise(size: Size) throws {
        for width in [0, 1, 7, size.width] {
            var options = TagDetector.Options()
            options.detectionWidth = width
            _ = try TagDetector(options: options).detect(in: random(size))
        }
        #expect(try TagDetector().detect(in: Image(width: size.width, height: size.height, channels: 1, filledWith: 9)).isEmpty)
    }
}

import Foundation
import Imaging
import Testing

@Suite struct PictureTests {
    @Test(arguments: [1, 3]) func pngIsLosslessAndJPEGIsClose(channels: Int) throws {
        let image = Picture.moving(3, width: 61, height: 37, channels: channels)
        let png = try image.pngBytes()
        #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
        #expect(try Image(decoding: png) == image)
        #expect(try image.pngBytes() == png)
        let jpeg = try image.jpegBytes(quality: 95)
        #expect(jpeg.starts(with: [0xff, 0xd8]) && jpeg.suffix(2) == [0xff, 0xd9])
        #expect(Picture.psnr(try Image(decoding: jpeg).rgb, image.rgb) > 36)
        #expect(try image.jpegBytes(quality: 10).count < jpeg.count)
    }

    @Test func damagedPicturesAreErrors() throws {
        let png = try Picture.moving(0).pngBytes()
        #expect(throws: ImagingError.self) { try Image(decoding: Array(png.prefix(png.count / 2))) }
        #expect(throws: ImagingError.self) { try Image(decoding: []) }
        #expect(throws: ImagingError.self) { try Image(decoding: Array("not a picture at all".utf8)) }
        #expect(throws: ImagingError.self) { try Image(width: 0, height: 0, channels: 1).pngBytes() }
    }

    @Test func grayKeepsGrayAndWeighsColours() {
        let gray = Image(width: 256, height: 1, channels: 1, pixels: (0...255).map { UInt8($0) })
        #expect(gray.rgb.gray == gray)
        let primaries = Image(width: 3, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255])
        #expect(primaries.gray.pixels == [76, 150, 29])
    }

    @Test func cropTakesTheStatedPixels() {
        let image = Picture.moving(0)
        let part = image.cropped(x: 5, y: 7, width: 11, height: 13)
        #expect(part[0, 0, 2] == image[5, 7, 2] && part[10, 12, 1] == image[15, 19, 1])
    }

    /// FIPS 180-4's examples.
    @Test func sha256MatchesTheStandard() throws {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256.hex(of: "abc") == abc)
        #expect(SHA256.hex(of: [UInt8]()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let scratch = try Scratch()
        try Data("abc".utf8).write(to: scratch.file("a"))
        #expect(try SHA256.hex(ofFile: scratch.file("a")) == abc)
        #expect(throws: ImagingError.self) { try SHA256.hex(ofFile: scratch.file("b")) }
    }
}

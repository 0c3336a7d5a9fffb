internal import CNative

/// How a pixel between pixels is made.
public enum Interpolation: Int32, Sendable, Codable {
    case nearest = 0
    case linear = 1
    case cubic = 2
    /// Means over the covered area: the choice for making a picture smaller.
    case area = 3
}

/// The colour spaces OpenCV converts between, 8 bit: Lab is (L·255/100, a+128, b+128); hue is 0...179 (two degrees each).
public enum ColorConversion: Int32, Sendable {
    case rgbToGray = 0
    case grayToRGB = 1
    case rgbToLab = 2
    case labToRGB = 3
    case rgbToHSV = 4
    case hsvToRGB = 5
    case rgbToYCrCb = 6

    var channels: (input: Int, output: Int) {
        switch self {
        case .rgbToGray: (3, 1)
        case .grayToRGB: (1, 3)
        default: (3, 3)
        }
    }
}

extension Image {
    /// The picture at another size.
    public func resized(width: Int, height: Int, by interpolation: Interpolation = .area) throws(ImagingError) -> Image {
        if width == self.width && height == self.height { return self }
        return try producing(width: width, height: height, channels: channels, "resize to \(width)x\(height)") {
            gt_resize($0, interpolation.rawValue, $1)
        }
    }

    /// Another colour space; the result of a three-channel space still calls itself an `Image`, its channels then are that space's.
    public func converted(_ conversion: ColorConversion) throws(ImagingError) -> Image {
        try producing(width: width, height: height, channels: conversion.channels.output, "convert colours (\(conversion))") {
            gt_convert_color($0, conversion.rawValue, $1)
        }
    }

    /// CIE Lab (D65), 8 bit: (L·255/100, a+128, b+128).
    public func lab() throws(ImagingError) -> Image { try converted(.rgbToLab) }

    /// Hue (0...179, two degrees each), saturation and value (0...255).
    public func hsv() throws(ImagingError) -> Image { try converted(.rgbToHSV) }

    /// Gaussian blur with a standard deviation in pixels; 0 gives the picture back.
    public func gaussianBlurred(sigma: Double) throws(ImagingError) -> Image {
        if sigma == 0 { return self }
        return try producing(width: width, height: height, channels: channels, "Gaussian blur of \(sigma) px") {
            gt_gaussian_blur($0, sigma, $1)
        }
    }

    /// The median over a square of an odd number of pixels.
    public func medianBlurred(size: Int) throws(ImagingError) -> Image {
        try producing(width: width, height: height, channels: channels, "median over \(size) px") {
            gt_median_blur($0, Int32(clamping: size), $1)
        }
    }

    /// Contrast-limited adaptive histogram equalisation of a grey picture (CLAHE), against changes of exposure.
    public func equalized(clipLimit: Double = 3, tiles: Int = 8) throws(ImagingError) -> Image {
        try producing(width: width, height: height, channels: 1, "histogram equalisation (needs a grey picture)") {
            gt_clahe($0, clipLimit, Int32(clamping: tiles), $1)
        }
    }

    /// Derivatives of a grey picture by 3×3 Sobel, in grey levels per pixel, row-major.
    public func gradients() throws(ImagingError) -> (x: [Float], y: [Float]) {
        var dx = [Float](repeating: 0, count: width * height)
        var dy = dx
        try withView { input throws(ImagingError) in
            try check(gt_sobel(input, &dx, &dy, width * height), "Sobel derivatives (need a grey picture)")
        }
        return (dx, dy)
    }
}

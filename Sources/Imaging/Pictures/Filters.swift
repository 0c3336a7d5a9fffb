internal import CNative

/// How a pixel between pixels is made.
public enum Interpolation: Int32, Sendable, Codable {
    case nearest = 0
    case linear = 1
    case cubic = 2
    /// Means over the covered area: the choice for making a picture smaller.
    case area = 3
}

/// The colour spaces OpenCV converts RGB to, 8 bit: Lab is (L·255/100, a+128, b+128).
public enum ColorConversion: Int32, Sendable {
    case rgbToLab = 0
    case rgbToYCrCb = 1
}

extension Image {
    /// The picture at another size.
    public func resized(width: Int, height: Int, by interpolation: Interpolation = .area) throws(ImagingError) -> Image {
        if width == self.width && height == self.height { return self }
        return try producing(width: width, height: height, channels: channels, "resize to \(width)x\(height)") {
            gt_resize($0, interpolation.rawValue, $1)
        }
    }

    /// Another colour space of an RGB picture; the result still calls itself an `Image`, its channels then are that space's.
    public func converted(_ conversion: ColorConversion) throws(ImagingError) -> Image {
        try producing(width: width, height: height, channels: 3, "convert colours (\(conversion))") {
            gt_convert_color($0, conversion.rawValue, $1)
        }
    }

    /// CIE Lab (D65), 8 bit: (L·255/100, a+128, b+128).
    public func lab() throws(ImagingError) -> Image { try converted(.rgbToLab) }

    /// Gaussian blur with a standard deviation in pixels; 0 gives the picture back.
    public func gaussianBlurred(sigma: Double) throws(ImagingError) -> Image {
        if sigma == 0 { return self }
        return try producing(width: width, height: height, channels: channels, "Gaussian blur of \(sigma) px") {
            gt_gaussian_blur($0, sigma, $1)
        }
    }
}

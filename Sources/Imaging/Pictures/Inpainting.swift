internal import CNative

/// What is known of a pixel before and after `Image.grabCut`.
public enum GrabCutLabel: UInt8, Sendable {
    case background = 0
    case foreground = 1
    case probablyBackground = 2
    case probablyForeground = 3
}

extension Image {
    /// Fills the pixels of a mask from what surrounds them: Telea, "An image inpainting technique based on the fast marching method" (2004).
    /// - Parameters:
    ///   - mask: one channel, of this size.
    ///   - radius: how far a pixel looks, pixels.
    public func inpainted(mask: Image, radius: Double = 3) throws(ImagingError) -> Image {
        try mask.withView { holes throws(ImagingError) in
            try producing(width: width, height: height, channels: channels, "inpaint (needs a one-channel mask of the picture's size)") {
                gt_inpaint($0, holes, radius, $1)
            }
        }
    }

    /// Splits an RGB picture into foreground and background by colour and edges, from labels that hold `GrabCutLabel` values.
    ///
    /// Rother, Kolmogorov, Blake, "GrabCut" (SIGGRAPH 2004). Needs at least one pixel of either side; the result holds the same values.
    public func grabCut(labels: Image, iterations: Int = 3) throws(ImagingError) -> Image {
        var out = labels
        try withView { input throws(ImagingError) in
            try out.withBuffer { buffer throws(ImagingError) in
                try check(
                    gt_grab_cut(input, buffer, Int32(clamping: iterations)),
                    "GrabCut (needs RGB, labels 0 to 3 of the same size and both sides present)")
            }
        }
        return out
    }
}

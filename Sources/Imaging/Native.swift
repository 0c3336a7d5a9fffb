internal import CNative

extension Image {
    /// Lends the pixels to a native call for its duration.
    func withView<R>(_ body: (gt_view8) throws(ImagingError) -> R) throws(ImagingError) -> R {
        let outcome: Result<R, ImagingError> = pixels.withUnsafeBufferPointer { p in
            do throws(ImagingError) {
                return .success(
                    try body(
                        gt_view8(
                            data: p.baseAddress, count: p.count, width: Int32(clamping: width), height: Int32(clamping: height),
                            channels: Int32(clamping: channels))))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Lends the pixels to a native call that writes them.
    mutating func withBuffer<R>(_ body: (gt_buffer8) throws(ImagingError) -> R) throws(ImagingError) -> R {
        let (w, h, c) = (Int32(clamping: width), Int32(clamping: height), Int32(clamping: channels))
        let outcome: Result<R, ImagingError> = pixels.withUnsafeMutableBufferPointer { p in
            do throws(ImagingError) {
                return .success(try body(gt_buffer8(data: p.baseAddress, count: p.count, width: w, height: h, channels: c)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// A new image of a size, written by a native call that reads this one.
    func producing(
        width: Int, height: Int, channels: Int, _ operation: String, _ body: (gt_view8, gt_buffer8) -> gt_status
    ) throws(ImagingError) -> Image {
        guard (1...Image.largestSide).contains(width), (1...Image.largestSide).contains(height) else {
            throw .operation(operation, reason: "a picture is 1 to \(Image.largestSide) pixels wide and high")
        }
        var out = Image(width: width, height: height, channels: channels)
        try withView { input throws(ImagingError) in
            try out.withBuffer { output throws(ImagingError) in try check(body(input, output), operation) }
        }
        return out
    }
}

/// A mask's view, or one without data where there is none.
func withOptionalView<R>(_ mask: Image?, _ body: (gt_view8) throws(ImagingError) -> R) throws(ImagingError) -> R {
    guard let mask else { return try body(gt_view8(data: nil, count: 0, width: 0, height: 0, channels: 0)) }
    return try mask.withView(body)
}

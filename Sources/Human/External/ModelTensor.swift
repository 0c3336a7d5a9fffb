internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

/// Pictures to a model's input tensor, and its output tensor to a mask.
struct ModelTensor {
    var shape: [Int]
    var values: [Float]
}

extension ModelManifest {
    /// The rectangle of a picture that the model is shown, pixels.
    func cropRectangle(_ width: Int, _ height: Int) -> (x: Int, y: Int, width: Int, height: Int) {
        guard let c = input.crop else { return (0, 0, width, height) }
        let x = min(Int((c[0] * Double(width)).rounded()), width - 1)
        let y = min(Int((c[1] * Double(height)).rounded()), height - 1)
        return (
            x, y, max(1, min(Int((c[2] * Double(width)).rounded()), width - x)),
            max(1, min(Int((c[3] * Double(height)).rounded()), height - y))
        )
    }

    /// Crop, scale to the model's size (means over the covered area when made smaller), then (byte / scale − mean) / std by channel.
    func tensor(_ picture: Image) throws(HumanError) -> ModelTensor {
        let r = cropRectangle(picture.width, picture.height)
        let (w, h) = (input.width, input.height)
        let cropped = picture.rgb.cropped(x: r.x, y: r.y, width: r.width, height: r.height)
        let smaller = w <= r.width && h <= r.height
        let scaled = try Image.operation("preparing a picture for \(name)") { () throws(ImagingError) in
            try cropped.resized(width: w, height: h, by: smaller ? .area : .linear)
        }
        var values = [Float](repeating: 0, count: 3 * w * h)
        let n = w * h
        for c in 0..<3 {
            let source = input.colour == .rgb ? c : 2 - c
            let table = (0..<256).map { Float((Double($0) / input.scale - input.mean[c]) / input.std[c]) }
            let (step, first) = input.layout == .nchw ? (1, c * n) : (3, c)
            for i in 0..<n { values[first + i * step] = table[Int(scaled.pixels[3 * i + source])] }
        }
        return ModelTensor(shape: input.layout == .nchw ? [1, 3, h, w] : [1, h, w, 3], values: values)
    }

    /// The probability of human at the output's own size.
    func probabilities(_ output: ModelTensor) throws(HumanError) -> (width: Int, height: Int, values: [Double]) {
        let shape = output.shape
        func refuse(_ accepted: String) -> HumanError {
            .input(
                location: "model \(name): output \(self.output.name)",
                reason:
                    "has shape \(shape.map(String.init).joined(separator: "x")); accepted for \(self.output.semantics.rawValue): \(accepted)"
            )
        }
        if self.output.semantics == .labels {
            // Any number of ones before height and width.
            guard shape.count >= 2, shape.dropLast(2).allSatisfy({ $0 == 1 }) else { throw refuse("height x width, after ones") }
            let human = Set(self.output.humanClasses)
            let values = output.values.map { $0.isFinite && abs($0) < 1e6 && human.contains(Int($0.rounded())) ? 1.0 : 0 }
            return (shape[shape.count - 1], shape[shape.count - 2], values)
        }
        let layout = self.output.layout ?? .nchw
        guard shape.count == 4, shape[0] == 1 else {
            throw refuse(layout == .nchw ? "1 x classes x height x width" : "1 x height x width x classes")
        }
        let classes = layout == .nchw ? shape[1] : shape[3]
        let (h, w) = layout == .nchw ? (shape[2], shape[3]) : (shape[1], shape[2])
        guard let largest = self.output.humanClasses.max(), largest < classes else {
            throw .input(
                location: "model \(name): output.human_classes",
                reason: "\(self.output.humanClasses) of an output with \(classes) classes; accepted: 0 to \(classes - 1)")
        }
        let n = w * h
        var values = [Double](repeating: 0, count: n)
        for i in 0..<n {
            func score(_ c: Int) -> Double { Double(output.values[layout == .nchw ? c * n + i : i * classes + c]) }
            switch self.output.semantics {
            case .logits:
                var most = -Double.infinity
                for c in 0..<classes { most = max(most, score(c)) }
                var sum = 0.0
                for c in 0..<classes { sum += exp(score(c) - most) }
                values[i] = self.output.humanClasses.reduce(0) { $0 + exp(score($1) - most) } / sum
            case .probabilities: values[i] = self.output.humanClasses.reduce(0) { $0 + score($1) }
            case .sigmoid: values[i] = self.output.humanClasses.reduce(0) { max($0, 1 / (1 + exp(-score($1)))) }
            case .labels: break
            }
        }
        return (w, h, values)
    }

    /// The mask at a picture's size: the model's own threshold becomes a probability of one half; unsure where the model was shown nothing.
    func mask(_ output: ModelTensor, width: Int, height: Int) throws(HumanError) -> ModelMask {
        let found = try probabilities(output)
        guard found.values.allSatisfy(\.isFinite) else {
            throw .input(location: "model \(name): output \(self.output.name)", reason: "holds numbers that are not finite")
        }
        let shift = self.output.semantics == .labels ? 0 : log(self.output.threshold / (1 - self.output.threshold))
        let bytes = found.values.map { p in
            let bounded = min(max(p, 1e-9), 1 - 1e-9)
            return ModelMask.value(1 / (1 + exp(shift - log(bounded / (1 - bounded)))))
        }
        let r = cropRectangle(width, height)
        let small = Image(width: found.width, height: found.height, channels: 1, pixels: bytes)
        let part = try Image.operation("mask of \(name)") { () throws(ImagingError) in
            try small.resized(width: r.width, height: r.height, by: .linear)
        }
        if r.width == width && r.height == height { return ModelMask(part) }
        var out = Image(width: width, height: height, channels: 1, filledWith: ModelMask.unsure)
        for y in 0..<r.height {
            let to = (r.y + y) * width + r.x
            out.pixels.replaceSubrange(to..<to + r.width, with: part.pixels[y * r.width..<(y + 1) * r.width])
        }
        return ModelMask(out)
    }
}

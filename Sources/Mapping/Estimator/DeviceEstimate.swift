internal import Estimation
internal import Geometry
internal import Session

/// What is calibrated: the device as its file states it, corrected as far as the batch has found out.
struct DeviceEstimate: Sendable {
    /// The intrinsics of the device file, at the pictures' size.
    let statedCamera: CameraModel
    private(set) var camera: CameraModel
    private(set) var bodyFromCamera: Transform<Body, Camera>
    /// Seconds from the first row to the last.
    private(set) var readout: Double
    /// What the accelerometer's readings are multiplied with.
    private(set) var accelerometerGain = Vector3(repeating: 1)
    /// Everything that was corrected so far.
    private(set) var corrections = CameraCorrection()
    /// How far corrections are expected to go, as a part of the options' standard deviations.
    private(set) var latitude = 1.0
    /// What the search before the batch made of the clock, seconds.
    var clockFound = 0.0

    init(_ device: Device, camera: CameraModel) {
        statedCamera = camera
        self.camera = camera
        bodyFromCamera = device.bodyFromCamera
        readout = device.readout
    }

    /// Begins from what a map found out about the same device; the clock is each recording's own.
    mutating func take(_ refinement: MapRefinement?, options: BatchOptions) {
        guard let refinement, refinement.statedCamera == statedCamera else { return }
        var c = CameraCorrection(values: refinement.corrections)
        c.values[0] = 0
        apply(c)
        accelerometerGain = refinement.accelerometerGain
        latitude = options.knownCalibration
    }

    /// Takes what a bundle adjustment found.
    mutating func absorb(_ c: CameraCorrection, gain: Vector3) {
        apply(c)
        for i in corrections.values.indices { corrections.values[i] += c.values[i] }
        accelerometerGain = gain
    }

    private mutating func apply(_ c: CameraCorrection) {
        camera = c.corrected(camera)
        readout = max(0, readout + c.readout)
        bodyFromCamera = Transform(rotation: bodyFromCamera.rotation * c.rotation, translation: bodyFromCamera.translation)
    }

    /// What the device file says of the shared corrections and the accelerometer's gain.
    func correctionPriors(_ o: BatchOptions) -> [BundlePrior] {
        let pixels = o.principalPointSigma * Double(camera.width)
        let turn = o.cameraTurnSigmaDegrees * .pi / 180
        let sigmas =
            [o.clockSigma, max(o.readoutSigma * readout, 1e-6), turn, turn, turn, o.focalLengthSigma, o.focalLengthSigma, pixels, pixels]
            + [Double](repeating: o.distortionSigma, count: 4)
        // The clock is each recording's own; the rest a map may have found out already.
        let scaled = sigmas.enumerated().map { $0.offset == 0 ? $0.element : $0.element * latitude }
        return [
            BundlePrior(frame: nil, at: BundleState.correctionAt, mean: corrections.values.map { -$0 }, sigmas: scaled),
            BundlePrior(
                frame: nil, at: BundleState.gainAt, mean: [1, 1, 1], sigmas: [Double](repeating: o.accelerometerGainSigma, count: 3)),
        ]
    }

    /// Sights and their derivatives, with the device as it is now.
    var reprojection: RowReprojection { RowReprojection(camera: camera, bodyFromCamera: bodyFromCamera, readout: readout) }

    /// Where a row lies in the readout, -½ to ½.
    func rowShare(_ row: Double) -> Double { row / Double(max(camera.height - 1, 1)) - 0.5 }

    /// The camera at the time of a row, in the body frame of the frame's own time.
    func rowCamera(_ motion: RowMotion, row: Double) -> Transform<Body, Camera> {
        readout == 0 ? bodyFromCamera : motion.body(after: rowShare(row) * readout) * bodyFromCamera
    }

    /// Pixel error of a point seen from a pose that moves so, nil when it cannot be projected.
    func error(_ point: Vector3, pixel: Vector2, pose: Transform<Map, Body>, motion: RowMotion) -> Vector2? {
        let x = (pose * rowCamera(motion, row: pixel.y)).inverse * point
        return camera.project(x).map { $0 - pixel }
    }
}

internal import Geometry
public import Session

extension Scenario {
    /// The device file as an estimator gets it: the true one but for the scenario's `stated` errors.
    public func statedDevice() -> Device {
        var d = device()
        guard stated != StatedErrors() else { return d }
        d.camera.focalLength = d.camera.focalLength * stated.focalRatio
        let scale = Double(picture.width) / Double(lens.width)
        d.camera.principalPoint = d.camera.principalPoint + Vector2(stated.principalPoint[0], stated.principalPoint[1]) * scale
        d.readout *= stated.readoutRatio
        d.clockOffset = ClockOffset(seconds: inertial.offset + stated.offset)
        let turn = Vector3(stated.cameraTurn[0], stated.cameraTurn[1], stated.cameraTurn[2]) * (.pi / 180)
        d.bodyFromCamera = Transform(
            rotation: d.bodyFromCamera.rotation * Rotation(vector: turn), translation: d.bodyFromCamera.translation)
        return d
    }

    /// The device file that belongs to the simulated recorder, for the scenario's picture size.
    ///
    /// The mount is UMI's: the tool 0.21965 m before and 0.086 m below the camera, picture axes. The IMU lies as in a GoPro a little beside the
    /// lens and is turned by 1.3 degrees on top of a quarter turn, so that no test passes with the identity. Noise densities are stated at twice
    /// their true value, as an estimator wants them.
    public func device() -> Device {
        let camera = CameraModel(
            lens: .kannalaBrandt, width: lens.width, height: lens.height, focalLength: Vector2(lens.focalLength[0], lens.focalLength[1]),
            principalPoint: Vector2(lens.principalPoint[0], lens.principalPoint[1]),
            distortion: Vector4(lens.distortion[0], lens.distortion[1], lens.distortion[2], lens.distortion[3]),
            maximumAngle: (picture.imageCircle - 1) * .pi / 180)
        // The aspect ratio was checked when the scenario was read.
        let scaled =
            camera.rescaled(width: picture.width, height: picture.height)
            ?? camera.croppedAndScaled(x: 0, y: 0, width: lens.width, height: lens.height, toWidth: picture.width, toHeight: picture.height)
        let quarter = Rotation(matrix: Matrix3(columns: Vector3(0, -1, 0), Vector3(-1, 0, 0), Vector3(0, 0, -1)))
        let tilt = Rotation(vector: Vector3(0.012, -0.008, 0.018))
        var device = Device(
            name: name, camera: scaled, readout: picture.readout,
            bodyFromCamera: Transform(rotation: tilt * quarter, translation: Vector3(0.006, -0.012, 0.009)),
            clockOffset: ClockOffset(seconds: inertial.offset),
            inertialNoise: inertial.statedNoise,
            cameraFromTool: Transform(rotation: .identity, translation: Vector3(0, 0.086, 0.21965)),
            fingerTags: FingerTags(leftID: 0, rightID: 1, size: Gripper.tagSize, nominalDepth: Gripper.tagDepth, depthTolerance: 0.008),
            tableTag: scene.tagSize > 0 ? TableTag(id: scene.tagID, size: scene.tagSize) : nil)
        if recordings.contains(where: { !$0.partner.isEmpty }) {
            device.bodyTags = [(2, -1.0), (3, 1.0)].map {
                BodyTag(id: $0.0, size: Gripper.cubeTagSize, cameraFromTag: Gripper.cameraFromCubeTag(side: $0.1))
            }
        }
        return device
    }
}

extension Scenario.Inertial {
    /// Twice the true densities; of an IMU without noise a hundredth of the defaults, for an estimator divides by them.
    fileprivate var statedNoise: InertialNoise {
        let least = InertialNoise()
        func stated(_ density: Double, _ usual: Double) -> Double { density > 0 ? 2 * density : usual / 100 }
        return InertialNoise(
            gyroscopeDensity: stated(gyroscopeDensity, least.gyroscopeDensity),
            accelerometerDensity: stated(accelerometerDensity, least.accelerometerDensity),
            gyroscopeBiasWalk: stated(gyroscopeBiasWalk, least.gyroscopeBiasWalk),
            accelerometerBiasWalk: stated(accelerometerBiasWalk, least.accelerometerBiasWalk))
    }
}

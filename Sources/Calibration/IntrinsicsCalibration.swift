internal import Estimation
public import Geometry

/// The corners of a board in one picture.
public struct BoardView: Sendable, Equatable {
    public var name: String
    /// On the board, metres.
    public var points: [Vector3]
    /// Where each is seen, pixels.
    public var pixels: [Vector2]

    public init(name: String, points: [Vector3], pixels: [Vector2]) {
        precondition(points.count == pixels.count, "one pixel per point")
        self.name = name
        self.points = points
        self.pixels = pixels
    }
}

/// A lens's intrinsics with what they explain and how far they can be trusted.
public struct IntrinsicsCalibration: Sendable {
    /// What one picture contributed.
    public struct Picture: Sendable {
        public var name: String
        /// Seen minus expected of every corner, pixels.
        public var residuals: [Vector2]
        public var pixels: [Vector2]
        /// Whether each corner took part in the last round.
        public var isUsed: [Bool]
        public var cameraFromBoard: Transform<Camera, Board>

        public var rms: Double { IntrinsicsCalibration.rms(zip(residuals, isUsed).filter(\.1).map(\.0)) }
    }

    /// The board's frame: x along a row of corners, y along a column, z into it.
    public enum Board {}

    public var camera: CameraModel
    /// Standard deviations of fx fy cx cy and the distortion terms, from the residuals' own size.
    public var sigmas: [Double]
    public var pictures: [Picture]
    /// Pictures that took no part, with the reason.
    public var leftOut: [(name: String, reason: String)]
    /// Root mean square length of the residuals that took part, pixels.
    public var residualRMS: Double
    /// Angle off the axis of the farthest corner that took part, radians.
    public var largestAngle: Double

    static func rms(_ v: [Vector2]) -> Double {
        v.isEmpty ? 0 : (v.reduce(0) { $0 + $1.dot($1) } / Double(v.count)).squareRoot()
    }

    /// Finds a lens from a board in several pictures of one size.
    ///
    /// Each first focal length gives poses by P3P on bearings; the one that explains most starts a bundle adjustment of intrinsics and
    /// poses (Ceres), robust, then without the corners that are far off. Kannala and Brandt (2006) or the pinhole with four terms, after
    /// `lens`. Throws when too few pictures show the board, naming how many did.
    public static func estimate(
        _ views: [BoardView], width: Int, height: Int, lens: LensModel = .kannalaBrandt,
        options: IntrinsicsCalibrationOptions = IntrinsicsCalibrationOptions()
    ) throws -> IntrinsicsCalibration {
        var leftOut: [(name: String, reason: String)] = []
        let usable = views.filter { view in
            if view.points.count >= options.minimumCorners { return true }
            leftOut.append((view.name, "\(view.points.count) corners found, \(options.minimumCorners) are needed"))
            return false
        }
        guard usable.count >= options.minimumPictures else {
            throw CalibrationError.insufficient(
                "\(usable.count) of \(views.count) pictures show the board",
                accepted: "at least \(options.minimumPictures), tilted and in all parts of the picture")
        }
        let start = try IntrinsicsStart.find(usable, width: width, height: height, lens: lens, options: options)
        leftOut += start.leftOut
        guard start.views.count >= options.minimumPictures else {
            throw CalibrationError.insufficient(
                "only \(start.views.count) of \(views.count) pictures agree with one lens",
                accepted: "at least \(options.minimumPictures); is the board's size right?")
        }
        var fit = IntrinsicsFit(views: start.views, camera: start.camera, poses: start.poses, options: options)
        try fit.solve(robust: true)
        fit.dropOutliers()
        try fit.solve(robust: false)
        fit.dropOutliers()
        try fit.solve(robust: false)
        var result = IntrinsicsCalibration(
            camera: fit.camera, sigmas: try fit.sigmas(), pictures: fit.pictures(), leftOut: leftOut, residualRMS: fit.residualRMS,
            largestAngle: fit.largestAngle)
        result.camera.maximumAngle = min(
            fit.camera.monotoneAngle, result.largestAngle + options.angleMarginDegrees * .pi / 180)
        return result
    }
}

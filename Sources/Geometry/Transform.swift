/// The frames of a session. A frame is a type, so that a chain that does not meet does not compile.
public enum Frame {
    /// The table tag's frame: z up, origin at the tag's centre, metres.
    public enum Table {}
    /// The frame a map was built in, before the table is known: z up (against gravity).
    public enum Map {}
    /// The IMU's frame.
    public enum Body {}
    /// The camera's frame: x right, y down, z forward.
    public enum Camera {}
    /// A fiducial's frame: x right, y up on the printed side, z out of it.
    public enum Tag {}
    /// The gripper's tool centre point between the finger tips.
    public enum Tool {}
    /// The foot of the target arm.
    public enum Base {}
    /// Where another recorder (a tracker, an own map) counts from, before its place on the table is known.
    public enum World {}
}

public typealias Table = Frame.Table
public typealias Map = Frame.Map
public typealias Body = Frame.Body
public typealias Camera = Frame.Camera
public typealias Tag = Frame.Tag
public typealias Tool = Frame.Tool
public typealias Base = Frame.Base
public typealias World = Frame.World

/// A rigid transform that takes coordinates in `From` to coordinates in `To`; named `toFromFrom`, as in `tableFromCamera`.
///
/// `tableFromMap * mapFromCamera` is a `Transform<Table, Camera>`. Its translation is the origin of `From` seen in `To`, in metres.
@frozen
public struct Transform<To, From>: Sendable, Equatable {
    public var rotation: Rotation
    public var translation: Vector3

    @inlinable public init(rotation: Rotation, translation: Vector3) {
        self.rotation = rotation
        self.translation = translation
    }

    @inlinable public static var identity: Transform { Transform(rotation: .identity, translation: .zero) }

    @inlinable public var inverse: Transform<From, To> {
        let r = rotation.inverse
        return Transform<From, To>(rotation: r, translation: -(r * translation))
    }

    @inlinable public static func * <Other>(a: Transform<To, From>, b: Transform<From, Other>) -> Transform<To, Other> {
        Transform<To, Other>(rotation: a.rotation * b.rotation, translation: a.translation + a.rotation * b.translation)
    }

    /// A point in `From`, seen in `To`.
    @inlinable public static func * (a: Transform<To, From>, point: Vector3) -> Vector3 {
        a.rotation * point + a.translation
    }

    /// Straight in translation, spherical in rotation; `fraction` 0 gives self, 1 gives `other`.
    public func interpolated(to other: Transform, fraction: Double) -> Transform {
        Transform(
            rotation: rotation.interpolated(to: other.rotation, fraction: fraction),
            translation: translation + (other.translation - translation) * fraction)
    }

    /// The same numbers between other frames: for reading files, where only the reader knows what the frames are.
    @inlinable public func relabelled<A, B>(_ to: A.Type, _ from: B.Type) -> Transform<A, B> {
        Transform<A, B>(rotation: rotation, translation: translation)
    }
}

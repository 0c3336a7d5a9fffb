/// The program's version, as data sets and `griptrace --version` state it.
public enum GripTraceVersion {
    public static let number = "0.2.0"
}

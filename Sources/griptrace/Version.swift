internal import CBuild

/// What `griptrace --version` says.
enum Version {
    /// As in CHANGELOG.md.
    static let number = "0.2.0"

    /// The commit that the program was built from, `-dirty` after it where files had changed; `unknown` where it was built without make.
    static var commit: String { String(cString: gt_build_commit()) }

    static var text: String { "griptrace \(number) (commit \(commit))" }
}

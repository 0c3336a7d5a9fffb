/// A file name as GoPro cameras give it, who begin a new file every 4 or 12 GB: chapters of one recording.
///
/// `GX010123` is chapter 1 of recording 0123, `GX020123` chapter 2 (`GH` for H.264, `GX` for HEVC). HERO5 and older name the first
/// `GOPR0123` and the others `GP010123`, `GP020123`. What a person put before (`mapping_GX010123`, `left-GOPR0007`) belongs to the
/// recording's name.
/// Source: GoPro, "Camera file naming convention".
public struct ChapterName: Sendable, Hashable {
    /// What stands before the camera's own name, as it is.
    public var prefix: String
    /// `GH`, `GX` or, of both forms of older cameras, `GP`.
    public var family: String
    /// The four digits that all chapters share.
    public var recording: String
    /// From 1.
    public var chapter: Int

    /// Nil where a name (without extension) is not of this form.
    public init?(_ stem: String) {
        guard let own = stem.wholeMatch(of: #/(?:(.*)[^A-Za-z0-9])?([Gg][HhXxPp])([0-9]{2})([0-9]{4})/#) else {
            guard let first = stem.wholeMatch(of: #/(?:(.*)[^A-Za-z0-9])?[Gg][Oo][Pp][Rr]([0-9]{4})/#) else { return nil }
            (prefix, family, recording, chapter) = (String(first.1 ?? ""), "GP", String(first.2), 1)
            return
        }
        guard let number = Int(own.3) else { return nil }
        (prefix, family, recording) = (String(own.1 ?? ""), own.2.uppercased(), String(own.4))
        // Older cameras do not count the first.
        chapter = family == "GP" ? number + 1 : number
        guard chapter > (family == "GP" ? 1 : 0) else { return nil }
    }

    /// Of another chapter of the same recording.
    public func name(of chapter: Int) -> String {
        let number = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
        guard family == "GP" else { return "\(family)\(number(chapter))\(recording)" }
        return chapter == 1 ? "GOPR\(recording)" : "GP\(number(chapter - 1))\(recording)"
    }
}

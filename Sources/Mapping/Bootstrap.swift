internal import Estimation
internal import Geometry
internal import Imaging

#if canImport(Glibc)
    internal import Glibc
#endif

extension Reconstruction {
    /// A start without the table tag; whether lengths are metres.
    mutating func bootstrapWithoutTag(seenTags: Int) throws(MappingError) -> Bool {
        throw .map(
            "the table tag was usable in \(seenTags) frames; the map is built from it: show the tag (its side and id as in the device file) in the "
                + "mapping video")
    }
}

/// How a robomimic data set is written.
public struct RobomimicOptions: Codable, Sendable, Equatable {
    /// zlib's level for the pictures, 0 (none) to 9; default 1: a third smaller at 3 ms a picture of 224 pixels.
    public var deflate = 1
    /// Runs of the state's numbers that become an observation of their own; default none: one observation `state`.
    public var groups: [FeatureGroup] = []
    /// What to do with a file that stands at the destination; default: it is refused.
    public var existing = ExistingDataset.refuse

    public init() {}

    func validate() throws(DatasetError) {
        guard (0...9).contains(deflate) else { throw .layout(key: "deflate", reason: "\(deflate) is not within 0 to 9") }
    }
}

/// The layout of robomimic's HDF5, as robomimic 0.3 and 0.4 read it and as this program writes it; T frames, D demos:
///
///     /data                      env_args: JSON text; total: rows in all; griptrace: where the episodes came from (JSON text)
///     /data/demo_0               num_samples: T; task: text
///     /data/demo_0/actions       (T, A) float32: scaled to -1…1 over the file, see `RobomimicScale`
///     /data/demo_0/actions_abs   (T, A) float32: as they are meant: radians, metres
///     /action_scale              offset, scale: (A) float64; names: (A) texts; actions_abs = offset + scale * actions
///     /data/demo_0/rewards       (T) float32: 0, and 1 at the last frame
///     /data/demo_0/dones         (T) int64: 0, and 1 at the last frame
///     /data/demo_0/obs/NAME      (T, n) float32: one for each group of the state
///     /data/demo_0/obs/CAM_image (T, H, W, 3) uint8, a picture a chunk
///     /data/demo_0/annotation/…  (T): diagnostics, and `loss_weight`; no observation, so no policy takes them for an input
///     /mask/train, /mask/valid   texts: the demos of each split
///
/// There is no `next_obs`: behaviour cloning reads none (`hdf5_load_next_obs` is false there), and it would double the file.
enum RobomimicPath {
    static func demo(_ index: Int) -> String { "/data/demo_\(index)" }

    static func image(_ camera: CameraFeature) -> String { "\(camera.key.dropFirst("observation.images.".count))_image" }

    static func annotation(_ name: String) -> String { name.hasPrefix("diagnostic.") ? String(name.dropFirst("diagnostic.".count)) : name }
}

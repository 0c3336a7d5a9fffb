import BenchmarkSupport
import Foundation
import Geometry
import Imaging
import Mapping
import Session

/// A recorded session with or without ground truth: `mapping*.mp4`, then the other videos localised in it; without a mapping video each by
/// itself. `NAME_gt.tum` beside a video is its truth.
struct RecordedSession {
    var folder: URL
    var device: Device
    var settings: [String]
    /// Trajectories go here.
    var output: URL?
    var faults: [SensorFault?] = [nil]
    var usesInertial = true
    /// Tracks are kept here between runs that differ in the back end alone.
    var tracks: URL?

    func run() throws {
        let videos = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".mp4") }.sorted()
        for fault in faults {
            if let fault { say("-- \(fault.name)") }
            var map: LandmarkMap?
            for name in videos.filter({ $0.hasPrefix("mapping") }) + videos.filter({ !$0.hasPrefix("mapping") }) {
                do { try run(name, fault, &map) } catch { say("\(folder.lastPathComponent) \(name): \(error)") }
            }
        }
    }

    private func run(_ name: String, _ fault: SensorFault?, _ map: inout LandmarkMap?) throws {
        let recording = try Recording(folder.appendingPathComponent(name))
        var inertial = usesInertial ? recording.inertial : nil
        if let fault { inertial = inertial.map { fault.planted(in: $0, noise: device.inertialNoise) } }
        let unit = name.replacingOccurrences(of: ".mp4", with: "")
        let label = "\(folder.lastPathComponent) \(unit)"
        if let inertial, let scaled = device.camera.rescaled(width: recording.width, height: recording.height) {
            let v = try RotationConsistency.check(
                try recording.frames(.gray), inertial: inertial, camera: scaled, bodyFromCamera: device.bodyFromCamera.rotation,
                clockOffset: device.clockOffset)
            say(
                "\(label): \(v.finding.rawValue), rigid \(number(100 * v.rigidShare, 0)) %, slow gain \(number(v.slowGain, 2)): \(v.reason)"
            )
        }
        let isMap = map == nil
        let options = isMap ? try changed(MapOptions(), settings).frontEnd : try changed(LocalizeOptions(), settings).frontEnd
        let start = processSeconds()
        let kept = tracks?.appendingPathComponent("\(folder.lastPathComponent)_\(unit)\(inertial == nil ? "_pictures" : "").tracks")
        var found = try kept.flatMap {
            fault == nil && FileManager.default.fileExists(atPath: $0.path) ? try FeatureTracks(contentsOf: $0) : nil
        }
        if found == nil {
            found = try FeatureTracks.extract(try recording.frames(.gray), inertial: inertial, device: device, options: options)
            if fault == nil, let kept { try found?.write(to: kept) }
        }
        guard let found else { return }
        let front = processSeconds() - start
        let trajectory: Trajectory<Map, Camera>
        let s: MappingStatistics
        if isMap {
            let r = try Mapper.build(tracks: found, inertial: inertial, device: device, options: try changed(MapOptions(), settings))
            (trajectory, s) = (r.trajectory, r.statistics)
            if name.hasPrefix("mapping") { map = r.map }
        } else if let map {
            let r = try Localizer.localize(
                tracks: found, inertial: inertial, device: device, in: map, options: try changed(LocalizeOptions(), settings))
            (trajectory, s) = (r.trajectory, r.statistics)
            if case .lost(let why) = r.verdict { say("\(label): \(why)") }
        } else {
            return
        }
        if let output { try write(trajectory, "\(folder.lastPathComponent)_\(unit)", to: output) }
        for judgement in s.sensors { say("   \(judgement.note)") }
        let way = zip(trajectory.poses, trajectory.poses.dropFirst()).reduce(0) { $0 + ($1.1.translation - $1.0.translation).length }
        say(
            "   \(s.trackedFrames) tracked, \(s.bridgedFrames) bridged, \(s.lostFrames) lost of \(s.frames); rigid "
                + "\(number(100 * s.rigidShare, 1)) %, path \(number(way, 3)), scale by \(s.scaleSource), noise x"
                + s.inertialNoiseGain.map { number($0, 1) }.joined(separator: " x") + (s.fallback.map { ", " + $0 } ?? ""))
        let truth = folder.appendingPathComponent("\(unit)_gt.tum")
        guard FileManager.default.fileExists(atPath: truth.path) else { return }
        let score = try Score(trajectory, truth: try Score.truth(truth))
        let seconds = Double(found.frameCount) / 30
        say(line(label, score, s, front: front, back: processSeconds() - start - front, decode: 0, seconds: seconds, note: ""))
        say("    " + findings(s, trajectory, score))
    }
}

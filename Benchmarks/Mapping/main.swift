import BenchmarkSupport
import Foundation
import Geometry
import Imaging
import Mapping
import Session
import Simulation

#if canImport(Glibc)
    import Glibc
#endif

// Simulates the scenarios (once, into a cache), maps and localises them, and prints errors against the truth.
//
//   mapping-bench SCENARIO.yaml... --cache FOLDER [--tracks] [--tags] [--write] [--set batch.option=value]...
//   mapping-bench [--set batch.option=value]... [--write --cache FOLDER] --recorded FOLDER DEVICE.yaml
//   mapping-bench [--set ...] [--cache FOLDER --tracks] [--no-imu] [--fault SENSOR:KIND=NUMBER | --faults]... --session FOLDER DEVICE.yaml
//
// --session maps and localises a recorded session (`RecordedSession`); --fault plants a fault in a sensor, --faults one after the other all of
// `SensorFault.all`, in scenarios too. --recorded maps FOLDER/video.mp4 from its pictures alone and compares with the poses of FOLDER/state.csv. --tags prints where the table
// tag's corners were found against the truth; --write leaves every trajectory (TUM, and CSV with covariances) in the cache.
// --tracks keeps the front end's tracks in the cache and takes them from there, at no cost: for work on the back end alone.

func processSeconds() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
}

func residentMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
    return (peak.flatMap { Double($0.filter(\.isNumber)) } ?? 0) / 1024
}

struct Timed {
    var tracks: FeatureTracks
    var decode: Double
    var front: Double
}

func frontEnd(
    _ recording: Recording, inertial: InertialRecording?, device: Device, cache: URL?, options: FrontEndOptions
) throws -> Timed {
    if let cache, let kept = try? FeatureTracks(contentsOf: cache) { return Timed(tracks: kept, decode: 0, front: 0) }
    var start = processSeconds()
    let source = try recording.frames(.gray)
    while try source.nextFrame() != nil {}
    let decode = processSeconds() - start
    start = processSeconds()
    let tracks = try FeatureTracks.extract(try recording.frames(.gray), inertial: inertial, device: device, options: options)
    let front = processSeconds() - start
    if let cache { try tracks.write(to: cache) }
    return Timed(tracks: tracks, decode: decode, front: front)
}

func line(
    _ name: String, _ s: Score, _ statistics: MappingStatistics, front: Double, back: Double, decode: Double, seconds: Double, note: String
) -> String {
    let e = s.evaluation
    func percent(_ k: Int) -> String { column(number(100 * Double(s.inside[k]) / Double(max(s.frames, 1)), 0), 4) }
    return column(name, 22) + column(number(1e3 * e.positionRMSE, 2), 7) + column(number(1e3 * e.positionMaximum, 1), 6)
        + column(number(e.rotationRMSEDegrees, 3), 7) + column(number(100 * e.completeness, 1), 7)
        + column(number(100 * (1 / e.scale - 1), 2), 7) + column(number(1e3 * e.positionRMSEUnaligned, 2), 8)
        + column(number(e.rotationRMSEUnalignedDegrees, 3), 7) + " |" + (0..<4).map(percent).joined() + " |" + (4..<8).map(percent).joined()
        + " |" + column(number(s.squares.position, 1), 6) + column(number(s.squares.rotation, 1), 6) + " |"
        + column(number(decode / seconds, 2), 6) + column(number(front / seconds, 2), 6) + column(number(back / seconds, 2), 6) + "  "
        + note
}

/// What the batch made of the device, and which frames it lost.
func findings(_ s: MappingStatistics, _ t: Trajectory<Map, Camera>, _ score: Score) -> String {
    var text =
        "clock \(number(1e3 * s.clockCorrection, 1)) ms, readout \(number(1e3 * s.readout, 1)) ms, focal "
        + "\(number(100 * s.focalLengthCorrection, 2)) %, "
        + "gain \(s.accelerometerGain.map { number($0, 4) }.joined(separator: " "))"
    var start: Int?
    for i in 0...t.count {
        let lost = i < t.count && t.states[i] == .lost
        if lost, start == nil { start = i }
        if !lost, let from = start {
            text += ", lost \(from)...\(i - 1)"
            start = nil
        }
    }
    text +=
        ", frame turned " + (0..<3).map { number(score.frameTurn[$0], 3) }.joined(separator: " ") + "°, moved "
        + (0..<3).map { number(score.frameShift[$0], 1) }.joined(separator: " ")
        + " mm, tilt \(number(s.tiltDegrees, 3))°, tag \(number(s.tagRMS, 2)) px, noise x"
        + s.inertialNoiseGain.map { number($0, 1) }.joined(separator: " x")
    text +=
        ", structural " + s.structuralPosition.map { number(1e3 * $0, 2) }.joined(separator: " ") + " mm "
        + s.structuralRotation.map { number(180 / .pi * $0, 3) }.joined(separator: " ") + "°"
    return text + (s.fallback.map { ", " + $0 } ?? "")
}

/// Options with `a.b=number` (or deeper) applied where they have such a key.
func changed<T: Codable>(_ options: T, _ settings: [String]) throws -> T {
    func set(_ tree: [String: Any], _ keys: ArraySlice<String>, _ value: String) -> [String: Any] {
        guard let key = keys.first, let old = tree[key] else { return tree }
        var tree = tree
        if keys.count > 1 {
            if let inner = old as? [String: Any] { tree[key] = set(inner, keys.dropFirst(), value) }
        } else if let number = Double(value) {
            tree[key] = number
        } else {
            tree[key] = value == "true"
        }
        return tree
    }
    var tree = try JSONSerialization.jsonObject(with: JSONEncoder().encode(options)) as? [String: Any] ?? [:]
    for setting in settings {
        let parts = setting.split(separator: "=").map(String.init)
        guard parts.count == 2 else { continue }
        tree = set(tree, parts[0].split(separator: ".").map(String.init)[...], parts[1])
    }
    return try JSONDecoder().decode(T.self, from: JSONSerialization.data(withJSONObject: tree))
}

func write(_ trajectory: Trajectory<Map, Camera>, _ name: String, to folder: URL) throws {
    try Data(trajectory.tum.utf8).write(to: folder.appendingPathComponent(name + ".tum"))
    try trajectory.csv.write(to: folder.appendingPathComponent(name + ".csv"))
}

/// A line on standard output, at once.

var scenarios: [String] = []
var cache = URL(fileURLWithPath: "/tmp/griptrace-bench")
var keepsTracks = false
var prepares = false
var probes = false
var writes = false
var settings: [String] = []
var faults: [SensorFault?] = []
var usesInertial = true
var arguments = Array(CommandLine.arguments.dropFirst())
while !arguments.isEmpty {
    let a = arguments.removeFirst()
    switch a {
    case "--cache": cache = URL(fileURLWithPath: arguments.isEmpty ? "" : arguments.removeFirst())
    case "--tracks": keepsTracks = true
    case "--write": writes = true
    case "--recorded":
        let folder = URL(fileURLWithPath: arguments.isEmpty ? "" : arguments.removeFirst())
        let device = URL(fileURLWithPath: arguments.isEmpty ? "" : arguments.removeFirst())
        try Recorded.run(folder, device: device, settings: settings, output: writes ? cache : nil)
        exit(0)
    case "--tags": probes = true
    case "--no-imu": usesInertial = false
    case "--faults": faults = SensorFault.all
    case "--fault":
        guard let fault = SensorFault(arguments.isEmpty ? "" : arguments.removeFirst()) else { fatalError("--fault SENSOR:KIND[=NUMBER]") }
        faults.append(fault)
    case "--session":
        let folder = URL(fileURLWithPath: arguments.isEmpty ? "" : arguments.removeFirst())
        let device = URL(fileURLWithPath: arguments.isEmpty ? "" : arguments.removeFirst())
        try RecordedSession(
            folder: folder, device: try Device(contentsOf: device), settings: settings, output: writes ? cache : nil,
            faults: faults.isEmpty ? [nil] : faults, usesInertial: usesInertial, tracks: keepsTracks ? cache : nil
        ).run()
        exit(0)
    case "--prepare": prepares = true
    case "--set": settings.append(arguments.isEmpty ? "" : arguments.removeFirst())
    default: scenarios.append(a)
    }
}
let header =
    column("scenario", 22) + column("mm", 7) + column("max", 6) + column("deg", 7) + column("posed%", 7) + column("scale%", 7)
    + column("raw mm", 8) + column("raw d", 7) + " |  inside: x y z |p|" + " | rotation    " + " | NEES p    r"
    + " | core-s/s: decode front back"
say(header)
var totals = (maps: Total(), demos: Total())
var figures = Figures()
for path in scenarios {
    let url = URL(fileURLWithPath: path)
    let name = url.deletingPathExtension().lastPathComponent
    let session = cache.appendingPathComponent(name)
    do {
        let scenario = try Scenario(contentsOf: url)
        if !FileManager.default.fileExists(atPath: session.path) {
            let start = processSeconds()
            try Simulator.run(scenario: scenario, output: session)
            say("\(name): simulated in \(number(processSeconds() - start, 0)) core-s")
        }
        let device = try Device(contentsOf: session.appendingPathComponent("truth/device.yaml"))
        for fault in faults.isEmpty ? [nil] : faults {
            if let fault { say("-- \(fault.name)") }
            var map: LandmarkMap?
            for plan in scenario.recordings {
                let recording = try Recording(session.appendingPathComponent(plan.name + ".mp4"))
                let isMap = plan.name.hasPrefix("mapping")
                var inertial = usesInertial ? recording.inertial : nil
                if let fault { inertial = inertial.map { fault.planted(in: $0, noise: device.inertialNoise) } }
                let timed = try frontEnd(
                    recording, inertial: inertial, device: device,
                    cache: keepsTracks && fault == nil && usesInertial ? session.appendingPathComponent(plan.name + ".tracks") : nil,
                    options: isMap ? try changed(MapOptions(), settings).frontEnd : try changed(LocalizeOptions(), settings).frontEnd)
                if prepares { continue }
                let truth = try Score.truth(session.appendingPathComponent("truth/\(plan.name)/camera.tum"))
                let seconds = Double(timed.tracks.frameCount) / Double(scenario.picture.rate)
                if probes { TagProbe.run(timed.tracks, device: device, truth: truth) }
                let start = processSeconds()
                func note(_ score: Score) {
                    figures.add(
                        Figures.Row(
                            scenario: name, isMap: isMap, score: score, decode: timed.decode / seconds,
                            cost: (timed.front + processSeconds() - start) / seconds, seconds: seconds, megabytes: residentMegabytes()))
                }
                if isMap {
                    let result = try Mapper.build(
                        tracks: timed.tracks, inertial: inertial, device: device, options: try changed(MapOptions(), settings))
                    let back = processSeconds() - start
                    map = result.map
                    if writes { try write(result.trajectory, plan.name, to: session) }
                    let s = result.statistics
                    for judgement in s.sensors { say("   \(judgement.note)") }
                    let score = try Score(result.trajectory, truth: truth)
                    totals.maps.add(score, cost: timed.front + back, seconds: seconds)
                    note(score)
                    say(
                        line(
                            "\(name) map", score, s, front: timed.front, back: back, decode: timed.decode,
                            seconds: seconds,
                            note:
                                "\(s.keyframes) kf \(s.landmarks) lm \(number(s.reprojectionRMS, 2)) px \(s.scaleSource) "
                                + "\(number(residentMegabytes(), 0)) MB"
                        ))
                    say(column("", 24) + findings(s, result.trajectory, score))
                } else if let map, plan.name.hasPrefix("demo") {
                    let result = try Localizer.localize(
                        tracks: timed.tracks, inertial: inertial, device: device, in: map,
                        options: try changed(LocalizeOptions(), settings))
                    let back = processSeconds() - start
                    if writes { try write(result.trajectory, plan.name, to: session) }
                    let s = result.statistics
                    for judgement in s.sensors { say("   \(judgement.note)") }
                    let score = try Score(result.trajectory, truth: truth)
                    if case .lost(let why) = result.verdict {
                        say("\(name) \(plan.name): \(why)")
                    } else {
                        totals.demos.add(score, cost: timed.front + back, seconds: seconds)
                        note(score)
                        say(
                            line(
                                "\(name) \(plan.name)", score, s, front: timed.front, back: back,
                                decode: timed.decode, seconds: seconds,
                                note:
                                    "\(s.recognizedKeyframes)/\(s.triedKeyframes) rec \(number(s.pointsPerFrame, 0)) pts "
                                    + "\(number(s.trackSigma, 2)) px"
                            ))
                        say(column("", 24) + findings(s, result.trajectory, score))
                    }
                }
            }
        }
    } catch {
        say("\(name): \(error)")
    }
}
if let text = totals.maps.line("maps") { say(text) }
if let text = totals.demos.line("demos") { say(text) }
if faults.isEmpty, settings.isEmpty, usesInertial { figures.say() }

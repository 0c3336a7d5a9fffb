public import Geometry
public import Session

/// Where a recording is cut into episodes.
public struct EpisodeOptions: Codable, Sendable, Equatable {
    /// Shortest episode, seconds; default 0.8: below it no training window of 46 frames at 60 Hz fits.
    public var minimumSeconds = 0.8
    /// Standing still for longer than this is idle and is left out, seconds; default 1.5.
    public var idleSeconds = 1.5
    /// Seconds of stillness kept on either side of an idle span; default 0.3: a policy must see the robot come to rest.
    public var idleMargin = 0.3
    /// Slower than this is still, metres a second; default 0.005.
    public var idleSpeed = 0.005
    /// Turning slower than this is still, radians a second; default 0.03.
    public var idleTurning = 0.03
    /// The gripper's width changing slower than this is still, metres a second; default 0.004.
    public var idleGripperSpeed = 0.004
    /// Seconds over which speeds are taken; default 0.2: pose noise of 1 mm then reads as 5 mm/s at most.
    public var speedWindow = 0.2
    /// Frames whose position sigma exceeds this are treated as lost, metres; default 0.05.
    public var largestSigma = 0.05
    /// Frames that are farther from every sample of a file beside the recording (`demo.force.csv`) are left out, seconds; default 0.05: half
    /// the time between the samples of a sensor that reads ten times a second.
    public var sampleDistance = 0.05

    public init() {}
}

/// A span of frames: first, and one past the last.
public struct FrameSpan: Sendable, Equatable, Codable {
    public var first: Int
    public var end: Int

    public init(first: Int, end: Int) {
        self.first = first
        self.end = end
    }

    public var count: Int { end - first }
}

extension Trajectory {
    subscript(span: FrameSpan) -> Trajectory {
        let range = span.first..<span.end
        return Trajectory(
            times: Array(times[range]), poses: Array(poses[range]), covariances: Array(covariances[range]), states: Array(states[range]))
    }
}

/// Cuts a recording at lost frames, at frames without a gripper width or a sensor's sample, and at idle spans.
public struct EpisodeCutter: Sendable {
    public var options: EpisodeOptions

    public init(options: EpisodeOptions) { self.options = options }

    /// Every frame is in an episode or in a rejection, once.
    /// - Parameter missing: by frame, in words, what no sensor read near it; empty where none was to.
    public func cut(
        unit: String, tool: Trajectory<Table, Tool>, widths: [GripperSample], spikes: [PoseSpike] = [], missing: [String?] = []
    ) -> (episodes: [FrameSpan], rejections: [Rejection]) {
        precondition(widths.count == tool.count, "a width for every pose")
        var labels = [String?](repeating: nil, count: tool.count)
        for i in 0..<tool.count {
            if tool.states[i] == .lost {
                labels[i] = givenUp(i, spikes) == nil ? "lost" : "position_spike"
            } else if let sigma = tool.covariances[i]?.positionSigma, sigma > options.largestSigma {
                labels[i] = "uncertain"
            } else if widths[i].width == nil {
                labels[i] = "gripper_unknown"
            } else if missing.indices.contains(i), missing[i] != nil {
                labels[i] = "no_samples"
            }
        }
        markIdle(&labels, tool: tool, widths: widths)
        var episodes: [FrameSpan] = []
        var rejections: [Rejection] = []
        for run in Self.runs(labels) {
            if let label = run.label {
                let spike = label == "position_spike" ? givenUp(run.span.first, spikes) : nil
                let sample = label == "no_samples" ? missing[run.span.first] : nil
                rejections.append(Self.rejection(unit, "episodes", label, spike ?? sample ?? detail(label), run.span, tool.times))
            } else if Self.seconds(run.span, tool.times) < options.minimumSeconds {
                let length = Self.seconds(run.span, tool.times)
                rejections.append(
                    Self.rejection(
                        unit, "episodes", "too_short",
                        "\(length.fixed(2)) s of tracked motion between cuts; at least \(options.minimumSeconds) s make an episode",
                        run.span,
                        tool.times))
            } else {
                episodes.append(run.span)
            }
        }
        return (episodes, rejections)
    }

    /// In words, the jump for which a frame was given up; nil if there is none.
    private func givenUp(_ frame: Int, _ spikes: [PoseSpike]) -> String? {
        guard let spike = spikes.first(where: { !$0.isRepaired && $0.givenUp.contains(frame) }) else { return nil }
        let why =
            spike.repair.map { "mending it would move a frame by \((1000 * $0).fixed(1)) mm" }
            ?? "at an end of the path nothing holds a repair"
        return "a jump of \((1000 * spike.step).fixed(1)) mm after frame \(spike.frame); \(why)"
    }

    private func detail(_ label: String) -> String {
        switch label {
        case "lost": "no pose is known"
        case "uncertain": "the position's sigma exceeds \(options.largestSigma) m"
        case "gripper_unknown": "no finger tag is seen"
        default: "nothing moves for more than \(options.idleSeconds) s"
        }
    }

    private func markIdle(_ labels: inout [String?], tool: Trajectory<Table, Tool>, widths: [GripperSample]) {
        var still = [Bool](repeating: false, count: tool.count)
        for i in 0..<tool.count where labels[i] == nil {
            var a = i
            var b = i
            while a > 0, labels[a - 1] == nil, tool.times[i] - tool.times[a - 1] <= options.speedWindow / 2 { a -= 1 }
            while b + 1 < tool.count, labels[b + 1] == nil, tool.times[b + 1] - tool.times[i] <= options.speedWindow / 2 { b += 1 }
            let dt = tool.times[b] - tool.times[a]
            guard dt > 0, let w0 = widths[a].width, let w1 = widths[b].width else { continue }
            still[i] =
                (tool.poses[b].translation - tool.poses[a].translation).length / dt < options.idleSpeed
                && tool.poses[a].rotation.angle(to: tool.poses[b].rotation) / dt < options.idleTurning
                && abs(w1 - w0) / dt < options.idleGripperSpeed
        }
        var i = 0
        while i < still.count {
            guard still[i] else {
                i += 1
                continue
            }
            var end = i
            while end < still.count, still[end] { end += 1 }
            if tool.times[end - 1] - tool.times[i] > options.idleSeconds {
                for k in i..<end {
                    let fromStart = tool.times[k] - tool.times[i]
                    let toEnd = tool.times[end - 1] - tool.times[k]
                    // At either end of the recording nothing precedes or follows, so no margin is owed there.
                    if (fromStart >= options.idleMargin || i == 0) && (toEnd > options.idleMargin || end == still.count) {
                        labels[k] = "idle"
                    }
                }
            }
            i = end
        }
    }

    /// Neighbouring frames of the same label.
    static func runs(_ labels: [String?]) -> [(label: String?, span: FrameSpan)] {
        var runs: [(label: String?, span: FrameSpan)] = []
        for (i, label) in labels.enumerated() {
            if let last = runs.last, last.label == label {
                runs[runs.count - 1].span.end = i + 1
            } else {
                runs.append((label, FrameSpan(first: i, end: i + 1)))
            }
        }
        return runs
    }

    /// From the first frame's time to the last one's plus one frame.
    static func seconds(_ span: FrameSpan, _ times: [Timestamp<VideoClock>]) -> Double { end(span, times) - times[span.first] }

    static func rejection(
        _ unit: String, _ stage: String, _ reason: String, _ detail: String, _ span: FrameSpan, _ times: [Timestamp<VideoClock>]
    ) -> Rejection {
        Rejection(
            unit: unit, stage: stage, reason: reason, detail: detail, firstFrame: span.first, endFrame: span.end,
            startSeconds: times.isEmpty ? 0 : times[span.first].seconds, endSeconds: times.isEmpty ? 0 : end(span, times).seconds)
    }

    private static func end(_ span: FrameSpan, _ times: [Timestamp<VideoClock>]) -> Timestamp<VideoClock> {
        if span.end < times.count { return times[span.end] }
        let last = times[span.end - 1]
        return span.end >= 2 ? last + (last - times[span.end - 2]) : last
    }
}

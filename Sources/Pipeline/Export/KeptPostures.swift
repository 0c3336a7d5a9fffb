internal import Dataset
internal import Foundation
internal import Robot
internal import Session

/// The rule by which a data set's postures were chosen: kept with each of its sources, taken up by what is appended.
enum KeptPostures {
    /// Where a source keeps its rule among `versions`.
    static let key = DatasetSource.postureRuleKey

    /// The rules of other sessions in the data sets that this request writes, by data set.
    private static func others(_ request: ConvertRequest, _ identity: SessionIdentity) -> [(url: URL, session: String, rule: String)] {
        ExportTargets.all(request).flatMap { url in
            (DatasetProvenance.read(url)?.sources ?? []).filter { !identity.isOf($0) && $0.robot == request.arm.name }.map {
                (url, $0.session, $0.postureRule)
            }
        }
    }

    /// Before any work: a posture that is none of the arm's, and one that is asked for against the rule of data sets of other sessions.
    static func check(_ request: ConvertRequest) throws(PipelineError) {
        let options = request.configuration.solve
        let own: String
        do { own = try options.postureRule(request.arm) } catch {
            throw .usage("solve.posture='\(options.posture)'", accepted: PosturePreference.accepted(request.arm))
        }
        guard options.posture != "default" else { return }
        for url in ExportTargets.all(request) {
            let sources = DatasetProvenance.read(url)?.sources ?? []
            // This session's own may be written again by another rule: which they are is known once the recordings are hashed.
            guard !sources.contains(where: { $0.session == request.session.lastPathComponent }) else { continue }
            if let other = sources.first(where: { $0.robot == request.arm.name && $0.postureRule != own }) {
                throw differs(url, other.session, other.postureRule, own)
            }
        }
    }

    private static func differs(_ url: URL, _ session: String, _ rule: String, _ own: String) -> PipelineError {
        .usage(
            "\(url.path) holds session \(session), whose postures follow '\(rule)'; these would follow '\(own)'",
            accepted: "no solve.posture, to take up the data set's rule, or another --output")
    }

    /// The options with the posture that is meant: `default` becomes the data set's own where it holds other sessions. One that differs from
    /// theirs is a usage error.
    static func settled(_ request: ConvertRequest, _ identity: SessionIdentity) throws -> SolveOptions {
        var options = request.configuration.solve
        let others = others(request, identity)
        if options.posture == "default", let first = others.first, !options.take(postureRule: first.rule, arm: request.arm) {
            throw PipelineError.usage(
                "\(first.url.path) chose its postures by '\(first.rule)', which this program does not know for \(request.arm.name)",
                accepted: "the program that wrote it, or another --output")
        }
        let own = try options.postureRule(request.arm)
        if let other = others.first(where: { $0.rule != own }) {
            throw differs(other.url, other.session, other.rule, own)
        }
        return options
    }

    /// How the episodes of a session are divided among posture families, in a sentence for a data set's card; nil where there are none.
    /// - Parameter demos: with the episodes that are written.
    static func sentence(_ demos: [ExportDemo]) -> String? {
        var counts: [Int: Int] = [:]
        var episodes = 0
        for demo in demos {
            for episode in demo.curated.episodes {
                episodes += 1
                let segment = demo.curated.demo.segments[episode.segment]
                var families: Set<Int> = []
                for side in demo.curated.demo.written {
                    let own = demo.sides[side].solved
                    let (path, offset) = (own.paths[segment.parts[side].episode], own.episodes[segment.parts[side].episode].first)
                    let span = episode.spans[side]
                    families.formUnion((span.first..<span.end).map { path.family[$0 - offset] })
                }
                for family in families { counts[family, default: 0] += 1 }
            }
        }
        guard episodes > 0 else { return nil }
        let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) in \(PostureTrial.name($0.key))" }
        return "Postures of \(episodes) episodes: \(parts.joined(separator: ", "))."
    }
}

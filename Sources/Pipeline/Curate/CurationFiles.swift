internal import Session

/// The user's files on what to keep, read before any work, as the options are looked at: a slip in them costs no hours.
struct CurationFiles: Sendable {
    var labels: [LabelledSpan] = []
    var values: ValueWeights?

    init(_ request: ConvertRequest) throws(PipelineError) {
        try request.configuration.curate.check()
        try request.configuration.export.check()
        try SessionBases.check(request.configuration.pair)
        _ = try KeepExpression(request.configuration.curate.keep)
        do {
            if let file = request.labels { labels = try LabelledSpan.read(file) }
            if let file = request.values { values = try ValueWeights(contentsOf: file) }
        } catch {
            throw .refused(
                error, accepted: "recording,start,end,label,note for --labels; recording,time,weight or recording,time,value for --values")
        }
    }
}

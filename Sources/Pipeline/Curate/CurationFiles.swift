internal import Session

/// The user's files on what to keep, read before any work, as the options are looked at: a slip in them costs no hours.
struct CurationFiles: Sendable {
    var labels: [LabelledSpan] = []
    var values: ValueWeights?

    init(_ request: ConvertRequest) throws(PipelineError) {
        var found = RequestFaults()
        self.init(request, &found)
        try found.check()
    }

    /// The same, with every fault kept.
    @discardableResult
    init(_ request: ConvertRequest, _ found: inout RequestFaults) {
        found.look { () throws(PipelineError) in try request.configuration.curate.check() }
        found.look { () throws(PipelineError) in try request.configuration.export.check() }
        found.look { () throws(PipelineError) in try SessionBases.check(request.configuration.pair) }
        found.look { () throws(PipelineError) in _ = try KeepExpression(request.configuration.curate.keep) }
        if let file = request.labels {
            let read = found.look { () throws(PipelineError) in
                do { return try LabelledSpan.read(file) } catch { throw .refused(error, accepted: "recording,start,end,label,note") }
            }
            labels = read ?? []
        }
        if let file = request.values {
            values = found.look { () throws(PipelineError) in
                do { return try ValueWeights(contentsOf: file) } catch {
                    throw .refused(error, accepted: "recording,time,weight or recording,time,value")
                }
            }
        }
    }
}

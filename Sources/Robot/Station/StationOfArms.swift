extension Station {
    /// Arms that stand where they are said to, without a station file.
    ///
    /// Throws `RobotError` where their models cannot be put into one.
    public init(name: String, members: [Member]) throws(RobotError) {
        precondition(members.count >= 2, "a station has two arms or more")
        self.name = name
        title = name
        self.members = members
        files = members.reduce(into: []) { files, member in files += member.arm.files.filter { !files.contains($0) } }
        compiledModel = try Self.compile(members, path: name)
    }
}

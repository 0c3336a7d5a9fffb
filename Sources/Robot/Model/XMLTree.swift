internal import Session

/// An XML element with its attributes and children, enough of XML for robot descriptions.
///
/// Elements, attributes, comments, CDATA, processing instructions and the five named entities; text between elements is dropped, no namespaces.
struct XMLElement {
    var name: String
    var attributes: [(name: String, value: String)] = []
    var children: [XMLElement] = []
    /// Line of the opening tag, from 1.
    var line: Int

    subscript(_ attribute: String) -> String? { attributes.first { $0.name == attribute }?.value }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Changes this element and all below it.
    mutating func visit(_ change: (inout XMLElement) throws(RobotError) -> Void) throws(RobotError) {
        try change(&self)
        for i in children.indices { try children[i].visit(change) }
    }

    mutating func set(_ attribute: String, to value: String) {
        if let i = attributes.firstIndex(where: { $0.name == attribute }) {
            attributes[i].value = value
        } else {
            attributes.append((attribute, value))
        }
    }

    var text: String {
        var out = ""
        write(to: &out)
        return out
    }

    private func write(to out: inout String) {
        out += "<\(name)"
        for a in attributes { out += " \(a.name)=\"\(a.value.markupEscaped)\"" }
        if children.isEmpty {
            out += "/>\n"
        } else {
            out += ">\n"
            for child in children { child.write(to: &out) }
            out += "</\(name)>\n"
        }
    }
}

/// Reads XML bytes into a tree; anything ill-formed is named with its line.
struct XMLReader {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1
    private let path: String

    /// The root element of a document.
    static func read(_ bytes: [UInt8], path: String) throws(RobotError) -> XMLElement {
        var reader = XMLReader(bytes: bytes, path: path)
        return try reader.document()
    }

    private init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    private func fail(_ reason: String) -> RobotError { .model(path: path, element: "line \(line)", reason: reason) }

    private mutating func document() throws(RobotError) -> XMLElement {
        var stack: [XMLElement] = []
        while true {
            while at < bytes.count, bytes[at] != UInt8(ascii: "<") { advance() }
            guard at < bytes.count else {
                throw fail(
                    stack.isEmpty
                        ? "no XML element; a URDF (<robot>) or MJCF (<mujoco>) is accepted"
                        : "<\(stack[stack.count - 1].name)> is not closed")
            }
            if starts("<!--") {
                try skip(to: "-->")
            } else if starts("<![CDATA[") {
                try skip(to: "]]>")
            } else if starts("<?") {
                try skip(to: "?>")
            } else if starts("<!") {
                try skip(to: ">")
            } else if starts("</") {
                at += 2
                let name = readName()
                try skip(to: ">")
                guard let done = stack.popLast(), done.name == name else { throw fail("</\(name)> closes nothing") }
                if stack.isEmpty { return done }
                stack[stack.count - 1].children.append(done)
            } else {
                let (element, closed) = try openTag()
                if !closed {
                    guard stack.count < 200 else { throw fail("elements are nested more than 200 deep") }
                    stack.append(element)
                } else if stack.isEmpty {
                    return element
                } else {
                    stack[stack.count - 1].children.append(element)
                }
            }
        }
    }

    private mutating func openTag() throws(RobotError) -> (XMLElement, closed: Bool) {
        at += 1
        var element = XMLElement(name: readName(), line: line)
        guard !element.name.isEmpty else { throw fail("a tag without a name") }
        while true {
            skipSpace()
            guard at < bytes.count else { throw fail("<\(element.name)> is cut off") }
            if bytes[at] == UInt8(ascii: ">") {
                at += 1
                return (element, false)
            }
            if starts("/>") {
                at += 2
                return (element, true)
            }
            let name = readName()
            skipSpace()
            guard !name.isEmpty, at < bytes.count, bytes[at] == UInt8(ascii: "=") else {
                throw fail("<\(element.name)>: an attribute needs = and a value")
            }
            at += 1
            skipSpace()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
                throw fail("<\(element.name)>: the value of \(name) needs quotes")
            }
            let quote = bytes[at]
            at += 1
            let start = at
            while at < bytes.count, bytes[at] != quote { advance() }
            guard at < bytes.count else { throw fail("<\(element.name)>: the value of \(name) has no closing quote") }
            element.attributes.append((name, Self.unescaped(String(decoding: bytes[start..<at], as: UTF8.self))))
            at += 1
        }
    }

    private mutating func advance() {
        if bytes[at] == 10 { line += 1 }
        at += 1
    }

    private mutating func skipSpace() { while at < bytes.count, bytes[at] <= 32 { advance() } }

    private mutating func readName() -> String {
        let start = at
        while at < bytes.count, bytes[at] > 32, !"=/><\"'".utf8.contains(bytes[at]) { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private func starts(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

    private mutating func skip(to end: String) throws(RobotError) {
        while at < bytes.count {
            if starts(end) {
                at += end.utf8.count
                return
            }
            advance()
        }
        throw fail("\(end) is missing")
    }

    private static func unescaped(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var out = text
        for (entity, plain) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            out = out.split(separator: entity, omittingEmptySubsequences: false).joined(separator: plain)
        }
        return out
    }
}

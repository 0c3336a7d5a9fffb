internal import Foundation
internal import Yams

/// A YAML document looked up key by key, with errors that name the key; for files whose keys are not known beforehand.
struct YAMLTree {
    private let path: String
    private let root: Node

    init(contentsOf url: URL) throws(SessionError) {
        path = url.path
        let text = String(decoding: try FileBytes.readText(url), as: UTF8.self)
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw SessionError.format(path: url.path, location: "YAML", reason: "the file is empty")
            }
            root = node
        } catch let error as SessionError {
            throw error
        } catch {
            throw .format(path: url.path, location: "YAML", reason: "\(error)")
        }
    }

    private func node(_ keys: [String]) throws(SessionError) -> Node {
        var node = root
        for (i, key) in keys.enumerated() {
            guard let next = node.mapping?[Node(key)] else {
                throw .format(path: path, location: keys[...i].joined(separator: "."), reason: "this key is missing")
            }
            node = next
        }
        return node
    }

    func string(_ keys: String...) throws(SessionError) -> String {
        guard let text = try node(keys).string else {
            throw .format(path: path, location: keys.joined(separator: "."), reason: "text is expected")
        }
        return text
    }

    /// A mapping from keys to numbers, in the file's order.
    func numbers(_ keys: String...) throws(SessionError) -> [(key: String, value: Double)] {
        guard let mapping = try node(keys).mapping else {
            throw .format(path: path, location: keys.joined(separator: "."), reason: "a mapping is expected")
        }
        var pairs: [(key: String, value: Double)] = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard let text = value.scalar?.string, let number = Double(text), number.isFinite else {
                throw .format(path: path, location: (keys + [name]).joined(separator: "."), reason: "a number is expected")
            }
            pairs.append((name, number))
        }
        return pairs
    }
}

import Foundation
import Session
import Testing

@Suite struct FileBytesTests {
    /// A run that is killed while it writes leaves a part behind; writing again leaves the file alone in its folder.
    @Test func nothingStaysBesideTheFile() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("deep/report.json")
            try FileBytes.write("first", to: file)
            try Data("cut o".utf8).write(to: folder.appendingPathComponent("deep/.report.json.partial"))
            try FileBytes.write("second", to: file)
            #expect(try FileBytes.read(file) == Array("second".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("deep").path) == ["report.json"])
        }
    }

    /// What cannot be written is named, and nothing is left of it.
    @Test func aFolderInTheWayIsNamed() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(at: folder.appendingPathComponent("report.json/in"), withIntermediateDirectories: true)
            let error = #expect(throws: SessionError.self) { try FileBytes.write("text", to: folder.appendingPathComponent("report.json")) }
            #expect("\(try #require(error))".contains("report.json: cannot be written"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.json"])
        }
    }
}

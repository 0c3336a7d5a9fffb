import Foundation
import Glibc
import Imaging
import Testing

struct ExitTests {
    /// A process that ends while a thread of it is inside the HDF5 library says nothing of its own.
    @Test func noNoiseAtExit() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("griptrace-exit-\(getpid()).csv")
            try Data("time,x,y,z\n0,1,2,3\n".utf8).write(to: url)
            for _ in 0..<2 { Thread.detachNewThread { while true { _ = try? HDF5File.reading(url) } } }
            usleep(50_000)
            try FileManager.default.removeItem(at: url)
            exit(0)
        }
        let said = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(!said.contains("HDF5"), "\(said)")
    }
}

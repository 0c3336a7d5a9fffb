import Foundation
import Session
import Testing

@Suite struct InstallationTests {
    private func make(_ root: URL, _ paths: [String]) throws {
        for path in paths {
            try FileManager.default.createDirectory(at: root.appendingPathComponent(path), withIntermediateDirectories: true)
        }
    }

    /// As a wheel lays it out, as `make install` does, and as it was built.
    @Test func filesAreFoundFromTheProgramsPlace() throws {
        try withTemporaryFolder { folder in
            let root = folder.resolvingSymlinksInPath()
            try make(
                root,
                [
                    "site/griptrace/bin", "site/griptrace/share/griptrace/Calibration/devices", "usr/lib/griptrace/bin",
                    "usr/share/griptrace/Calibration/devices", "clone/.build/x86_64/release", "clone/Calibration/devices", "alone/bin",
                ])
            func found(_ program: String) -> String? { Installation.find(from: root.appendingPathComponent(program))?.path }
            #expect(found("site/griptrace/bin/griptrace") == "\(root.path)/site/griptrace/share/griptrace")
            #expect(found("usr/lib/griptrace/bin/griptrace") == "\(root.path)/usr/share/griptrace")
            #expect(found("clone/.build/x86_64/release/griptrace") == "\(root.path)/clone")
            #expect(found("alone/bin/griptrace") == nil)
        }
    }

    /// These tests run from the package's own build.
    @Test func thePackagesOwnFilesAreFound() throws {
        let folder = try #require(Installation.folder)
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("Calibration/arms/panda/arm.yaml").path))
        #expect(Installation.python("griptrace_bag.py") != nil && Installation.python("no_such.py") == nil)
    }
}

import Foundation
import Geometry
import Session
import Testing

/// Text as other programs and people save it.
@Suite struct TextTests {
    private static let plain = "# a note\nname,x_m,say\nfirst,1.5,\"a, b\"\nsecond,-2,\n"

    /// The same table as Windows, a spreadsheet or an editor would write it.
    private static let spellings: [(String, [UInt8])] = [
        ("plain", Array(plain.utf8)),
        ("byte-order mark", [0xEF, 0xBB, 0xBF] + Array(plain.utf8)),
        ("CRLF", Array(plain.replacingOccurrences(of: "\n", with: "\r\n").utf8)),
        ("CR alone", Array(plain.replacingOccurrences(of: "\n", with: "\r").utf8)),
        ("mark and CRLF", [0xEF, 0xBB, 0xBF] + Array(plain.replacingOccurrences(of: "\n", with: "\r\n").utf8)),
        ("blanks at line ends", Array(plain.replacingOccurrences(of: "\n", with: " \t \n").utf8)),
        ("blanks around fields", Array(plain.replacingOccurrences(of: ",x_m,", with: " , x_m\t,").utf8)),
        ("blank lines", Array((plain.replacingOccurrences(of: "\n", with: "\n\n") + "\n  \n\t\n").utf8)),
        ("lines of commas at the end", Array((plain + ",,\n , ,\r\n").utf8)),
        ("no line end at the end", Array(plain.dropLast().utf8)),
    ]

    @Test(arguments: spellings.indices) func everySpellingIsTheSameTable(_ index: Int) throws {
        let (name, bytes) = Self.spellings[index]
        let table = try CSVTable(bytes: bytes, path: name)
        #expect(table.header == ["name", "x_m", "say"] && table.comments == ["a note"], "\(name)")
        #expect(table.rows == [["first", "1.5", "a, b"], ["second", "-2", ""]], "\(name)")
    }

    /// Any fields at all come back: quotes, line ends, blanks, marks, nothing.
    @Test func whatIsWrittenIsReadAgain() throws {
        var random = Dice(state: 41)
        let pieces = ["a", "7", " ", "\"", ",", "\n", "\r\n", "#", "é", "\t", ""]
        for _ in 0..<400 {
            let columns = 1 + Int(random.next() % 4)
            func field() -> String { (0..<Int(random.next() % 4)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined() }
            let header = (0..<columns).map { "c\($0)" }
            let rows = (0..<Int(random.next() % 5)).map { _ in (0..<columns).map { _ in field() } }
            let table = CSVTable(header: header, rows: rows, comments: ["units: m"])
            #expect(try CSVTable(bytes: table.encoded, path: "t") == table, "\(rows)")
        }
    }

    @Test func aWrongFieldIsNamedAndQuotedInPart() throws {
        let long = String(repeating: "x", count: 500)
        let table = try CSVTable(bytes: Array("a,b\n1,2\n\n3,\(long)\n".utf8), path: "poses.csv")
        #expect(try table.number(0, 1) == 2)
        let error = try #require(throws: SessionError.self) { try table.number(1, 1) }
        #expect(error.description.hasPrefix("poses.csv: line 4, b: \"xxx") && error.description.count < 120, "\(error)")
        #expect(throws: SessionError.self) { try table.columns(["a", "c"]) }
        let short = try #require(throws: SessionError.self) { try CSVTable(bytes: Array("a,b\n1,2\n\(long)\n".utf8), path: "t.csv") }
        #expect(short.description.contains("line 3") && short.description.contains("1 fields") && short.description.count < 120)
    }

    @Test func utf16IsRefusedByName() throws {
        let bytes = [0xFF, 0xFE] + Array("a\0,\0b\0\n\0".utf8)
        let error = try #require(throws: SessionError.self) { try CSVTable(bytes: bytes.map { UInt8($0) }, path: "t.csv") }
        #expect(error.description.contains("UTF-16") && error.description.contains("UTF-8"))
    }

    @Test(arguments: ["nan", "inf", "-Infinity", "1e400", "1,5", "0x10", "12abc", "", "--3"]) func noNumber(_ text: String) {
        #expect(NumberText.number(text) == nil)
        #expect(NumberText.integer(text, in: 0...99) == nil)
    }

    @Test func wholeNumbersOutOfFloatingOnes() {
        for value in [Double.nan, .infinity, -.infinity, 1e30, -4e25, 9.3e18] {
            #expect(Int(checked: value) == nil)
            #expect(Int32(checked: value) == nil)
        }
        #expect(
            Int(checked: 2.5e9) == 2_500_000_000 && Int32(checked: 2.5e9) == nil && UInt8(checked: -1) == nil && Int(checked: -0.4) == 0)
        #expect(Int(clamped: .nan, to: 3...9) == 3 && Int(clamped: .infinity, to: 3...9) == 9 && Int(clamped: -1e40, to: 3...9) == 3)
        #expect(Int(clamped: 6.6, to: 3...9) == 7 && Int(clamped: 1e300, to: 0...Int.max) == Int.max)
        #expect(NumberText.integer(" 12.0 ", in: 0...99) == 12 && NumberText.integer("12.5", in: 0...99) == nil)
        #expect(NumberText.integer("1e30", in: 0...Int.max) == nil && NumberText.integer("99999999999999999999", in: 0...Int.max) == nil)
    }

    @Test func timesThatFitNoClock() {
        for seconds in [Double.nan, .infinity, 5e9, -1e12, 1.6e18] { #expect(Timestamp<VideoClock>(checkedSeconds: seconds) == nil) }
        #expect(Timestamp<VideoClock>(checkedSeconds: 1.7e9)?.nanoseconds == 1_700_000_000_000_000_000)
        #expect(Timestamp<VideoClock>(checkedNanoseconds: .max) == nil && Timestamp<VideoClock>(checkedNanoseconds: .min) == nil)
        #expect(Timecode("00:00:00:9223372036854775807") == nil)
        #expect(RecordingDate.parse("9223372036854775807-01-01T00:00:00Z") == nil && RecordingDate.parse("2024-01-01Tnan:00:00Z") == nil)
        #expect(RecordingDate.parse("2024-01-01T99:00:00Z") == nil && RecordingDate.parse("2024-01-01T00:00:1e9Z")?.seconds ?? 0 < 100)
    }

    @Test func posesInOneLine() throws {
        let turned: Transform<Table, Base> = try PoseText.pose("0.1, -0.2 0.3  90", name: "solve.base")
        #expect((turned * Vector3(1, 0, 0) - Vector3(0.1, 0.8, 0.3)).length < 1e-12)
        let same = try #require(Transform<Table, Base>(text: "0.1 -0.2 0.3 0 0 0.5 0.5"))
        #expect((same * Vector3(1, 0, 0) - turned * Vector3(1, 0, 0)).length < 1e-12)
        for text in ["", "1 2 3", "1 2 3 x", "1 2 3 4 5", "1 2 nan 4", "1 2 3 0 0 0 0", "1e9 0 0 0", "0 0 0 1e300", "0 0 0 1e-200 0 0 0"] {
            #expect(Transform<Table, Base>(text: text) == nil, "\(text)")
            let error = try #require(throws: SessionError.self) {
                let _: Transform<Table, Base> = try PoseText.pose(text, name: "solve.base")
            }
            #expect(error.description.hasPrefix("solve.base: ") && error.description.contains("x y z yaw_deg"))
        }
    }

    @Test func jsonNamesFileAndKey() throws {
        struct Report: Codable, Equatable {
            var share: Double
            var goodFrames: Int
        }
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("r.json")
            try FileBytes.write([0xEF, 0xBB, 0xBF] + JSONText.encode(Report(share: 0.5, goodFrames: 3)), to: url)
            #expect(try JSONText.decode(Report.self, from: url) == Report(share: 0.5, goodFrames: 3))
            #expect(try JSONText.line(Report(share: 0.5, goodFrames: 3)) == #"{"goodFrames":3,"share":0.5}"#)
            #expect(
                String(decoding: try JSONText.encode(Report(share: 1, goodFrames: 3), snakeCase: true), as: UTF8.self).contains(
                    "good_frames"))
            try FileBytes.write(#"{"share": 0.5}"#, to: url)
            let missing = try #require(throws: SessionError.self) { try JSONText.decode(Report.self, from: url) }
            #expect(missing.description.contains("r.json: goodFrames"))
            let wrong = try #require(throws: SessionError.self) { try JSONText.encode(Report(share: .nan, goodFrames: 1)) }
            #expect(wrong.description.contains("share") && wrong.description.contains("nan"))
        }
    }
}

/// Numbers with a seed.
struct Dice {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Pose files with numbers that no pose has, or that no program should be ended by.
@Suite struct PoseFileTests {
    private func read<T>(_ bytes: [UInt8], _ body: (URL) throws -> T) throws -> T {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("poses.csv")
            try FileBytes.write(bytes, to: url)
            return try body(url)
        }
    }

    private static let tum = "0.5 0.1 0.2 0.3 0 0 0 1\n0.6 0.1 0.2 0.4 0 0 0.6 0.8\n"
    private static let umi =
        "frame_idx,timestamp,state,is_lost,is_keyframe,x,y,z,q_x,q_y,q_z,q_w\n3,0.05,2,false,true,0.1,0.2,0.3,0,0,0.6,0.8\n"
    private static let state = "frame,x,y,z,rx,ry,rz,gripper_width\n3,0.1,0.2,0.3,0,0.5,0,0.08\n"

    @Test(arguments: [("tum", tum), ("umi", umi), ("state", state)]) func marksAndLineEndsChangeNothing(_ name: String, _ text: String)
        throws
    {
        let plain = try read(Array(text.utf8)) { try ExternalPoses(contentsOf: $0) }
        let windows = [0xEF, 0xBB, 0xBF] + Array((text.replacingOccurrences(of: "\n", with: "  \r\n") + "\r\n \r\n").utf8)
        let other = try read(windows) { try ExternalPoses(contentsOf: $0) }
        #expect(other.form == plain.form && other.rows.count == plain.rows.count)
        for (a, b) in zip(plain.rows, other.rows) { #expect(a.pose == b.pose && a.frame == b.frame && a.seconds == b.seconds) }
        if name == "tum" {
            let tabs = Array(text.replacingOccurrences(of: " ", with: "\t").utf8)
            #expect(
                try read(tabs) { try Trajectory<Table, Camera>(tum: $0).poses } == read(Array(text.utf8)) { try Trajectory(tum: $0).poses })
        }
    }

    /// Each breaks one number of a good file; the message names the line and quotes what stands there.
    @Test(arguments: [
        (tum, "0.6 ", "1617181920212223242 ", "line 2", "nanoseconds"), (tum, "0.6 ", "6e12 ", "line 2", "seconds"),
        (tum, "0.6 ", "nan ", "line 2", "time x y z"), (tum, "0.6 ", "0.5 ", "line 2", "after"),
        (tum, "0.4 0 0 0.6 0.8", "0.4 0 0 0 0", "line 2", "quaternion"),
        (tum, "0.4 0 0 0.6 0.8", "0.4 0 2e-310 0 0", "line 2", "quaternion"),
        (tum, "0.4 0 0 0.6 0.8", "0.4 0 0 3e250 1", "line 2", "quaternion"), (tum, "0.1 0.2 0.4", "0.1 8e45 0.4", "line 2", "metres"),
        (tum, "0.4 0 0 0.6 0.8", "0.4 0 0 0.6", "line 2", "time x y z"),
        (umi, "\n3,", "\n-4,", "frame_idx", "-4"), (umi, "\n3,", "\n7e25,", "frame_idx", "7e25"),
        (umi, "\n3,", "\n2.5,", "frame_idx", "2.5"),
        (umi, "0.05", "inf", "timestamp", "inf"), (umi, "0.05", "3e15", "timestamp", "3e15"),
        (umi, "false,true", "perhaps,true", "is_lost", "perhaps"),
        (umi, "0.6,0.8", "9e-300,0", "x", "quaternion"), (umi, "0.1,0.2", "5e120,0.2", "x", "metres"),
        (state, "\n3,", "\n6e40,", "frame", "6e40"), (state, "0,0.5,0,", "0,8e200,0,", "x", "rotation vector"),
        (state, "0.08", "1e999", "gripper_width", "1e999"), (state, "0,0.5,0,", "0,0.5,,", "rz", "\"\""),
    ])
    func aNumberOutOfAllRangeIsNamed(_ text: String, _ find: String, _ replacement: String, _ place: String, _ word: String) throws {
        let range = try #require(text.range(of: find))
        let broken = text.replacingCharacters(in: range, with: replacement)
        let error = try #require(throws: SessionError.self) { try read(Array(broken.utf8)) { try ExternalPoses(contentsOf: $0) } }
        #expect(
            error.description.contains("poses.csv: line ") && error.description.contains(place) && error.description.contains(word),
            "\(error)")
        #expect(!error.description.contains("\n") && error.description.count < 300)
    }

    @Test func aLostFrameNeedsNoPose() throws {
        let lost = Self.umi.replacingOccurrences(of: "false,true,0.1,0.2,0.3,0,0,0.6,0.8", with: "true,false,0,0,0,0,0,0,0")
        #expect(try read(Array(lost.utf8)) { try ExternalPoses(contentsOf: $0) }.rows[0].pose == nil)
        var t = TrajectoryTests.example()
        t.covariances[1] = PoseCovariance(positionSigma: .infinity, rotationSigma: 1)
        let back = try read(t.csv.encoded) { try Trajectory<Table, Camera>(csv: $0) }
        #expect(back.covariances[1] == nil && back.covariances[0] == nil && back.covariances[2] == t.covariances[2])
        let text = String(decoding: t.csv.encoded, as: UTF8.self)
        for (find, replacement, word) in [
            ("0.033366667", "-1", "before"), ("tracked", "seen", "tracked, bridged, lost"), ("0.200000000", "nan", "y_m"),
        ] {
            let broken = text.replacingOccurrences(of: find, with: replacement)
            let error = try #require(throws: SessionError.self) { try read(Array(broken.utf8)) { try Trajectory<Table, Camera>(csv: $0) } }
            #expect(error.description.contains("line ") && error.description.contains(word), "\(error)")
        }
    }

    /// Rows in which the tracker was lost, as pandas, ROS and ORB-SLAM3 write them.
    @Test(arguments: ["nan,nan,nan,nan,nan,nan,nan", ",,,,,,", "NaN,nan,NA,null,None,,nan", "0,0,0,0,0,0,0"])
    func lostRowsAreNoPose(_ numbers: String) throws {
        for flag in ["true", "True", "1"] + (numbers.hasPrefix("0") ? [] : ["false"]) {
            let text = Self.umi + "4,0.1,0,\(flag),false,\(numbers)\n5,0.15,2,false,true,0.2,0.2,0.3,0,0,0.6,0.8\n"
            let poses = try read(Array(text.utf8)) { try ExternalPoses(contentsOf: $0) }
            #expect(poses.rows.map { $0.pose == nil } == [false, true, false] && poses.rows.map(\.frame) == [3, 4, 5], "\(flag)")
        }
        let fields = numbers.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? "nan" : String($0) }
        let tum = "0.5 0.1 0.2 0.3 0 0 0 1\n0.55 \(fields.joined(separator: " "))\n0.6 0.1 0.2 0.4 0 0 0.6 0.8\n"
        #expect(
            try read(Array(tum.utf8)) { try Trajectory<Table, Camera>(tum: $0) }.times.map(\.nanoseconds) == [500_000_000, 600_000_000])
        let state = Self.state + "4,,,,,,,\n5,nan,nan,nan,nan,nan,nan,0.04\n"
        let rows = try read(Array(state.utf8)) { try ExternalPoses(contentsOf: $0) }.rows
        #expect(rows.map { $0.pose == nil } == [false, true, true] && rows.map(\.width) == [0.08, nil, 0.04])
        // A row of which a part is missing is a fault.
        let half = Self.umi + "4,0.1,0,false,false,0.1,nan,0.3,0,0,0,1\n"
        #expect(throws: SessionError.self) { try read(Array(half.utf8)) { try ExternalPoses(contentsOf: $0) } }
    }

    /// A time's unit is known by its size, and said.
    @Test(arguments: [("1.7e12", "milliseconds"), ("1650000000123456", "microseconds"), ("1699999999000000000", "nanoseconds")])
    func unitsOfTimesAreNamed(_ time: String, _ unit: String) throws {
        let text = "\(time) 0 0 0 0 0 0 1\n"
        let error = try #require(throws: SessionError.self) { try read(Array(text.utf8)) { try ExternalPoses(contentsOf: $0) } }
        #expect(
            error.description.contains(unit) && error.description.contains(time) && error.description.contains("seconds on the video clock")
        )
        #expect(TimeUnit(ofInterval: 1 / 30.0) == .seconds && TimeUnit(ofInterval: 16.7) == .milliseconds)
        #expect(TimeUnit(ofInterval: 8333) == .microseconds && TimeUnit(ofInterval: 3.3e7) == .nanoseconds)
    }

    @Test func pipesAndFoldersAreNoFiles() throws {
        try withTemporaryFolder { folder in
            let pipe = folder.appendingPathComponent("p.tum")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            for url in [pipe, folder] {
                let error = try #require(throws: SessionError.self) { try FileBytes.read(url) }
                #expect(error.description.contains(url == pipe ? "pipe" : "folder"), "\(error)")
                #expect(FileBytes.prefix(url, count: 8).isEmpty)
            }
        }
    }

    /// Random damage to good files: read or refused, never the end of the program.
    @Test func damagedFilesAreReadOrRefused() throws {
        var dice = Dice(state: 2026)
        let scraps = [
            "1e308", "-1e308", "nan", "inf", "9223372036854775808", "1e-320", "\u{FEFF}", "\"", ",", "\r", "#", "0x1p2000", " ", "-",
        ]
        var refused = 0
        for turn in 0..<600 {
            let text = [Self.tum, Self.umi, Self.state][turn % 3]
            var bytes = Array(text.utf8)
            for _ in 0..<(1 + Int(dice.next() % 3)) {
                let at = Int(dice.next() % UInt64(bytes.count))
                let end = min(bytes.count, at + Int(dice.next() % 6))
                bytes.replaceSubrange(at..<end, with: Array(scraps[Int(dice.next() % UInt64(scraps.count))].utf8))
            }
            do { _ = try read(bytes) { try ExternalPoses(contentsOf: $0) } } catch is SessionError { refused += 1 }
        }
        #expect(refused > 200 && refused < 600)
    }
}

@testable import Pipeline
import Foundation
import Testing

/// What the review page and `explain` say mends a rejection, and the numbers that the page is sent.
@Suite struct ReviewDataTests {
    @Test func everyReasonHasItsRemedy() throws {
        for reason in try DocsTests.reasons().subtracting(["option"]) {
            let remedy = Remedy(reason)
            #expect(!remedy.means.isEmpty && !remedy.remedy.isEmpty, "\(reason)")
            #expect(!remedy.remedy.contains("`") && !remedy.remedy.contains("]("), "\(remedy.remedy)")
        }
        #expect(Remedy("gripper_unknown", stage: "episodes").remedy != Remedy("gripper_unknown", stage: "gripper_state").remedy)
        #expect(Remedy("nothing of the kind").means == "")
    }

    /// Numbers come back within half a step of what they were, and none stays none.
    @Test(arguments: [8, 16]) func columnsKeepTheirNumbers(_ bits: Int) throws {
        let values: [Double?] = (0..<100).map { (n: Int) -> Double? in
            if n % 7 == 3 { return nil }
            return Double(n * 7919 % 10_007) * 0.01 - 30
        }
        let column = ReviewDemo.Column(values, bits: bits)
        let bytes = [UInt8](try #require(Data(base64Encoded: column.codes)))
        #expect(bytes.count == values.count * bits / 8)
        for (i, value) in values.enumerated() {
            var code = Int(bytes[bits == 8 ? i : 2 * i])
            if bits == 16 { code += 256 * Int(bytes[2 * i + 1]) }
            guard let value else {
                #expect(code == (1 << bits) - 1)
                continue
            }
            #expect(abs(column.offset + column.scale * Double(code) - value) <= 0.5001 * column.scale)
        }
        #expect(ReviewDemo.Column([nil, 5, 5], bits: 16).offset == 5)
    }

    @Test func rowsOfFramesComeBack() {
        let frames = [0, 1, 2, 5, 5, 5, 6, 7, 7, 9]
        let runs = ReviewDemo.Exported.runs(frames)
        var back: [Int] = []
        for run in runs { for n in 0..<abs(run[1]) { back.append(run[1] > 0 ? run[0] + n : run[0]) } }
        #expect(back == frames && runs.count <= 6, "\(runs)")
    }
}

import Geometry
@testable import Human
import Imaging
import Testing

/// Another gripper of one's own make against the human who carries it.
@Suite struct OtherGripperTests {
    /// Y Cr Cb of one colour.
    private func ycc(_ rgb: [UInt8]) throws -> [UInt8] {
        try Image(width: 1, height: 1, channels: 3, pixels: rgb).converted(.rgbToYCrCb).pixels
    }

    @Test func itsColoursAreKnownInAnyLightAndAreNotTheHumans() throws {
        var colours = GripperColours()
        let (gray, teal) = (try ycc([62, 63, 66]), try ycc([22, 96, 98]))
        for _ in 0..<200 {
            colours.addDevice(gray, at: 0, part: 0)
            colours.addDevice(teal, at: 0, part: 1)
        }
        colours.finishDevice()
        colours.finishHuman()
        #expect(!colours.knowsHuman)
        for own in [[62, 63, 66], [31, 32, 33], [22, 96, 98], [11, 50, 51]] as [[UInt8]] {
            #expect(colours.odds(try ycc(own), 0).any > 2, "\(own)")
        }
        for other in [[196, 140, 112], [92, 61, 47], [30, 34, 62], [70, 160, 70]] as [[UInt8]] {
            #expect(colours.odds(try ycc(other), 0).any < 0, "\(other)")
        }
        // A dark sleeve is near the gray of the gripper; once it is known it is told apart, and what is seen beside the gripper counts little.
        let sleeve = try ycc([34, 38, 62])
        for _ in 0..<200 {
            colours.addHuman(sleeve, at: 0, isNear: false)
            colours.addHuman(teal, at: 0, isNear: true)
        }
        colours.finishDevice()
        colours.finishHuman()
        #expect(colours.knowsHuman && colours.odds(sleeve, 0).human < -1)
        #expect(colours.odds(gray, 0).human > 1 && colours.odds(teal, 0).human > 1)
    }

    @Test func aTagThatWasNotSeenIsBetweenWhereItWas() throws {
        func tag(_ x: Double) -> TagDetection {
            TagDetection(id: 9, corners: [Vector2(x - 4, 40), Vector2(x + 4, 40), Vector2(x + 4, 48), Vector2(x - 4, 48)])
        }
        let track = TagTrack(
            [10: [tag(50)], 20: [tag(70), TagDetection(id: 0, corners: tag(5).corners)], 60: [tag(90)]], ids: [9], reach: 12)
        let between = try #require(track.places(15).first)
        #expect((between.tag.center - Vector2(60, 44)).length < 1e-9 && abs(between.way - 20) < 1e-9)
        let seen = try #require(track.places(20).first)
        #expect(seen.way == 0 && (seen.tag.center - Vector2(70, 44)).length < 1e-9)
        // Only one side is near enough, then none.
        let lone = try #require(track.places(30).first)
        #expect((lone.tag.center - Vector2(70, 44)).length < 1e-9 && lone.way > 8)
        #expect(track.places(40).isEmpty)
    }
}

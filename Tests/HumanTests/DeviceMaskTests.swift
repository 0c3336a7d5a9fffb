import Geometry
import Human
import Imaging
import Session
import Testing

@Suite struct DeviceMaskTests {
    @Test func `what stays put in the picture is the device, the desk is not`() throws {
        let desk = SyntheticDesk(arm: true)
        let shots = desk.shots()
        let mask = try desk.deviceMask(shots)
        let found = mask.fixed.pixels.map { $0 == PixelClass.device.rawValue }
        let missed = zip(found, shots[0].device).filter { !$0 && $1 }.count
        let extra = zip(found, shots[0].device).filter { $0 && !$1 }.count
        let device = shots[0].device.filter { $0 }.count
        print("device: missed \(missed) of \(device), extra \(extra)")
        #expect(Double(missed) < 0.03 * Double(device))
        // One pixel of dilation all around is asked for; the desk itself is not taken.
        #expect(Double(extra) < 0.4 * Double(device))
        // Corners beyond the circle.
        #expect(mask.fixed[0, 0] == PixelClass.outside.rawValue)
        #expect(mask.fixed[80, 40] == PixelClass.background.rawValue)
    }

    @Test func `hints are joined and too few pictures are said`() throws {
        var device = SyntheticDesk().device
        device.maskHints = [MaskHint(kind: .mirror, polygon: [Vector2(10, 40), Vector2(30, 40), Vector2(30, 60), Vector2(10, 60)])]
        let builder = try DeviceMaskBuilder(device: device, width: 160, height: 120)
        let mask = try builder.build()
        #expect(mask.fixed[20, 50] == PixelClass.mirror.rawValue)
        #expect(mask.fixed[80, 50] == PixelClass.background.rawValue)
        #expect(mask.notes.contains { $0.contains("only 0 pictures") })
    }

    @Test func `a finger tag's square is protected where the tag is`() throws {
        var device = SyntheticDesk().device
        device.fingerTags = FingerTags(leftID: 0, rightID: 1, size: 0.016, nominalDepth: 0.072, depthTolerance: 0.008)
        let mask = try DeviceMaskBuilder(device: device, width: 160, height: 120).build()
        let tag = TagDetection(id: 1, corners: [Vector2(60, 50), Vector2(68, 50), Vector2(68, 58), Vector2(60, 58)])
        let other = TagDetection(id: 13, corners: [Vector2(100, 50), Vector2(108, 50), Vector2(108, 58), Vector2(100, 58)])
        let classes = try mask.classes(tags: [tag, other])
        #expect(classes[64, 54] == PixelClass.device.rawValue)
        #expect(classes[58, 54] == PixelClass.device.rawValue)
        #expect(classes[104, 54] == PixelClass.background.rawValue)
    }

    @Test func `an aspect ratio that the intrinsics do not hold for is refused`() {
        #expect(throws: HumanError.self) { try DeviceMaskBuilder(device: SyntheticDesk().device, width: 160, height: 160) }
    }
}

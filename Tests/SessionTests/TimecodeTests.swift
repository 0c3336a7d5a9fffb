import Session
import Testing

@Suite struct TimecodeTests {
    @Test func everyFrameCounts() throws {
        let code = try #require(Timecode("01:02:03:04"))
        #expect(!code.isDropFrame)
        #expect(code.frameNumber(nominalRate: 30) == 3723 * 30 + 4)
        // UMI's rule: ((3600 h + 60 m + s) * round(rate) + f) / rate.
        #expect(abs(code.secondsOfDay(rate: 60000.0 / 1001) - Double(3723 * 60 + 4) * 1001 / 60000) < 1e-9)
    }

    @Test func dropFrameLabelsKeepUpWithTheClock() throws {
        // Ten minutes at 29.97 are 17982 frames; the label before a minute's first is ;28 and ;29, then ;02.
        #expect(try #require(Timecode("00:10:00;00")).frameNumber(nominalRate: 30) == 17982)
        #expect(try #require(Timecode("00:00:59;29")).frameNumber(nominalRate: 30) == 1799)
        #expect(try #require(Timecode("00:01:00;02")).frameNumber(nominalRate: 30) == 1800)
        #expect(try #require(Timecode("00:01:00;04")).frameNumber(nominalRate: 60) == 3600)
        let hour = try #require(Timecode("01:00:00;00")).secondsOfDay(rate: 30000.0 / 1001)
        #expect(abs(hour - 3600) < 0.005)
    }

    @Test func whatIsNoTimecodeIsNil() {
        for text in ["", "12:00", "24:00:00:00", "00:60:00:00", "aa:00:00:00", "00:00:00:-1"] { #expect(Timecode(text) == nil, "\(text)") }
    }

    @Test func datesOfTheCalendar() throws {
        #expect(try #require(RecordingDate.parse("1970-01-01T00:00:01.5Z")) == (0, 1.5))
        #expect(try #require(RecordingDate.parse("2000-03-01T00:00:00Z")).day == 11_017)
        #expect(
            try #require(RecordingDate.parse("2026-03-01T14:03:07")).day - #require(RecordingDate.parse("2026-02-28T14:03:07")).day == 1)
        #expect(RecordingDate.parse("yesterday") == nil && RecordingDate.parse("2026-13-01T00:00:00Z") == nil)
    }
}

import CNative
import Foundation
import Testing

/// The C layer by itself: nothing that is missing or cut short may crash it.
@Suite struct NativeVideoTests {
    @Test func nullAndEmptyArgumentsAreErrors() {
        var reader: OpaquePointer?
        var time: Int64 = 0
        #expect(gt_video_open(nil, 0, 1, 1, &reader).code != GT_OK)
        #expect(gt_video_open("", 0, 1, 1, &reader).code != GT_OK)
        #expect(gt_video_open("/nowhere/at/all.mp4", 0, 1, 1, nil).code != GT_OK)
        #expect(gt_video_open("/nowhere/at/all.mp4", 0, 1, 1, &reader).code == Int32(GT_IO))
        #expect(reader == nil)
        #expect(gt_video_next(nil, nil, 0, &time).code != GT_OK)
        #expect(gt_video_describe(nil, nil).code != GT_OK)
        #expect(gt_video_describe_stream(nil, 0, nil).code != GT_OK)
        #expect(gt_video_times(nil, nil, nil, nil, nil).code != GT_OK)
        gt_video_close(nil)
        #expect(gt_packets_open(nil, nil, nil).code != GT_OK)
        #expect(gt_packets_open("/nowhere", "gp", &reader).code != GT_OK)
        #expect(gt_packets_next(nil, nil, nil, nil, nil).code != GT_OK)
        gt_packets_close(nil)
        #expect(gt_writer_open(nil, nil, &reader).code != GT_OK)
        #expect(gt_writer_open("/nowhere/x.mp4", nil, &reader).code != GT_OK)
        var options = gt_writer_options()
        #expect(gt_writer_open("/nowhere/x.mp4", &options, &reader).code == Int32(GT_INVALID_ARGUMENT))
        #expect(gt_writer_append(nil, nil, 0, 0).code != GT_OK)
        #expect(gt_writer_append_telemetry(nil, nil, 0, 0, 0).code != GT_OK)
        #expect(gt_writer_finish(nil).code != GT_OK)
        gt_writer_close(nil)
        #expect(gt_picture_encode(0, 0, 0, 0, 0, nil, 0, nil, nil).code != GT_OK)
        #expect(gt_picture_decode(nil, 0, nil, nil, nil, nil).code != GT_OK)
        #expect(gt_sha256(nil, 0, nil).code != GT_OK)
        #expect(gt_sha256_file(nil, nil).code != GT_OK)
        gt_free(nil)
    }

    @Test func tooSmallABufferIsRefusedAndTheFrameIsKept() throws {
        let scratch = try Scratch()
        let path = scratch.file("a.mp4").path
        var options = gt_writer_options()
        (options.width, options.height, options.channels) = (32, 16, 3)
        (options.rate_numerator, options.rate_denominator, options.timescale) = (30, 1, 15360)
        (options.crf, options.gop, options.threads) = (20, 10, 1)
        var writer: OpaquePointer?
        #expect(gt_writer_open(path, &options, &writer).code == GT_OK)
        var pixels = [UInt8](repeating: 90, count: 32 * 16 * 3)
        #expect(gt_writer_append(writer, pixels, pixels.count - 1, 0).code == Int32(GT_INVALID_ARGUMENT))
        #expect(gt_writer_append(writer, pixels, pixels.count, 0).code == GT_OK)
        #expect(gt_writer_append(writer, pixels, pixels.count, 0).code == Int32(GT_INVALID_ARGUMENT))
        #expect(gt_writer_finish(writer).code == GT_OK)
        #expect(gt_writer_finish(writer).code != GT_OK)
        gt_writer_close(writer)
        var reader: OpaquePointer?
        var time: Int64 = -1
        #expect(gt_video_open(path, 0, 1, 1, &reader).code == GT_OK)
        #expect(gt_video_next(reader, &pixels, 10, &time).code == Int32(GT_INVALID_ARGUMENT))
        #expect(gt_video_next(reader, &pixels, pixels.count, &time).code == GT_OK)
        #expect(time == 0)
        #expect(gt_video_next(reader, &pixels, pixels.count, &time).code == Int32(GT_END))
        #expect(gt_video_next(reader, &pixels, pixels.count, &time).code == Int32(GT_END))
        gt_video_close(reader)
    }
}

// Video in and out, still pictures and hashes, over FFmpeg. Every call is safe on null, empty and truncated arguments: it returns an
// error status.
#ifndef GT_VIDEO_H
#define GT_VIDEO_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GT_STREAM_VIDEO = 0, GT_STREAM_AUDIO = 1, GT_STREAM_DATA = 2, GT_STREAM_OTHER = 3 };
enum { GT_CODEC_H264 = 0, GT_CODEC_FFV1 = 1, GT_CODEC_AV1 = 2 };
enum { GT_PICTURE_PNG = 0, GT_PICTURE_JPEG = 1 };

/// One track of a file. Strings are zero-terminated and empty where the file does not say.
typedef struct gt_stream_info {
    int32_t kind;
    int32_t time_base_numerator, time_base_denominator;
    char codec[32], tag[8], handler[64];
    /// Packets that the file's index states; 0 where it does not say.
    int64_t packets;
    double duration;
} gt_stream_info;

typedef struct gt_video_info {
    /// Of the delivered picture, after rotation.
    int32_t width, height;
    /// Clockwise rotation in degrees that the file asks for: 0, 90, 180 or 270.
    int32_t rotation;
    int32_t rate_numerator, rate_denominator;
    int32_t streams, video_stream, telemetry_streams;
    int32_t full_range;
    /// Frames the index states; 0 where it does not say.
    int64_t stated_frames;
    double duration;
    /// Time of the first frame on the file's own time line, nanoseconds.
    int64_t start_ns;
    char codec[32], pixel_format[32], creation_time[40], timecode[24], container[40];
} gt_video_info;

typedef struct gt_video gt_video;

/// Opens the file's best video track and decodes its first frame. `gray` chooses 1 channel (the luma) instead of 3 (RGB).
/// `rotate` 0 delivers the pictures as they are stored.
gt_status gt_video_open(const char *path, int32_t gray, int32_t threads, int32_t rotate, gt_video **out);
gt_status gt_video_describe(const gt_video *video, gt_video_info *out);
gt_status gt_video_describe_stream(const gt_video *video, int32_t index, gt_stream_info *out);
/// Writes the next picture (width * height * channels bytes; `pixels` may be null: the frame is skipped) and its time since the first
/// frame.
/// GT_END after the last frame; GT_IO once decoding had to stop before the end.
gt_status gt_video_next(gt_video *video, uint8_t *pixels, size_t capacity, int64_t *time_ns);
/// Writes the frame that `gt_video_next` handed out or skipped last once more, without decoding again, as 1 channel (`gray`) or 3; also
/// after the end. GT_INVALID_ARGUMENT before the first.
gt_status gt_video_last(gt_video *video, int32_t gray, uint8_t *pixels, size_t capacity);
/// The same in red, green and blue at another size: means over areas where it is smaller.
gt_status gt_video_last_resized(gt_video *video, int32_t width, int32_t height, uint8_t *pixels, size_t capacity);
void gt_video_close(gt_video *video);

/// Where a video's last frame ends, since its first frame: ticks of `numerator` / `denominator` seconds.
typedef struct gt_video_end {
    int64_t ticks;
    int32_t numerator, denominator;
} gt_video_end;

/// The presentation times of a video's frames from its packets, without decoding, sorted, since the first. Free `times_ns` with gt_free.
/// `missing`: frames that the file's index states and its data do not hold. `end` may be null.
gt_status gt_video_times(const char *path, int64_t **times_ns, size_t *count, int64_t *missing, gt_video_end *end);

typedef struct gt_packets gt_packets;

/// Opens the first data track with this four-character tag; GT_END where the file has none.
gt_status gt_packets_open(const char *path, const char *tag, gt_packets **out);
/// The next packet on its track's own time line, no edit list applied; `bytes` lives until the next call. GT_END after the last.
gt_status gt_packets_next(gt_packets *packets, const uint8_t **bytes, size_t *count, int64_t *time_ns, int64_t *duration_ns);
void gt_packets_close(gt_packets *packets);

typedef struct gt_writer_options {
    int32_t codec;
    int32_t width, height;
    /// 1 or 3 in; FFV1 keeps 1 as gray, H.264 and AV1 make yuv420p of both.
    int32_t channels;
    int32_t rate_numerator, rate_denominator;
    /// Ticks a second of the video track.
    int32_t timescale;
    int32_t crf, gop, b_frames, threads;
    /// Clockwise rotation in degrees stated in the file.
    int32_t rotation;
    /// 1 adds a telemetry track ('gpmd').
    int32_t telemetry;
    /// May be null.
    const char *preset, *creation_time, *timecode;
} gt_writer_options;

typedef struct gt_writer gt_writer;

gt_status gt_writer_open(const char *path, const gt_writer_options *options, gt_writer **out);
/// `pts` in ticks of the time scale, increasing.
gt_status gt_writer_append(gt_writer *writer, const uint8_t *pixels, size_t count, int64_t pts);
/// Times in milliseconds, as GoPro's.
gt_status gt_writer_append_telemetry(gt_writer *writer, const uint8_t *bytes, size_t count, int64_t pts_ms, int64_t duration_ms);
/// Drains the encoder and writes the index. Nothing can be appended afterwards.
gt_status gt_writer_finish(gt_writer *writer);
void gt_writer_close(gt_writer *writer);

/// PNG (lossless) or JPEG (`quality` 1 to 100) of a gray or RGB picture. Free `bytes` with gt_free.
gt_status gt_picture_encode(int32_t format, int32_t quality, int32_t width, int32_t height, int32_t channels, const uint8_t *pixels,
                            size_t pixel_count, uint8_t **bytes, size_t *count);
/// Decodes PNG or JPEG into gray (where the file is gray) or RGB. Free `pixels` with gt_free.
gt_status gt_picture_decode(const uint8_t *bytes, size_t count, int32_t *width, int32_t *height, int32_t *channels, uint8_t **pixels);
void gt_free(void *memory);

/// `digest` takes 32 bytes.
gt_status gt_sha256(const uint8_t *bytes, size_t count, uint8_t *digest);
gt_status gt_sha256_file(const char *path, uint8_t *digest);

#ifdef __cplusplus
}
#endif
#endif

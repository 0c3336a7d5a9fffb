// Owners of FFmpeg's objects, and its errors as gt::Failure.
#pragma once
#include "../status.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>
}

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gt {

struct FreeInput { void operator()(AVFormatContext* p) const { avformat_close_input(&p); } };
struct FreeCodec { void operator()(AVCodecContext* p) const { avcodec_free_context(&p); } };
struct FreePacket { void operator()(AVPacket* p) const { av_packet_free(&p); } };
struct FreeFrame { void operator()(AVFrame* p) const { av_frame_free(&p); } };
struct FreeScaler { void operator()(SwsContext* p) const { sws_freeContext(p); } };
struct FreeMemory { void operator()(void* p) const { av_free(p); } };

using Input = std::unique_ptr<AVFormatContext, FreeInput>;
using Codec = std::unique_ptr<AVCodecContext, FreeCodec>;
using Packet = std::unique_ptr<AVPacket, FreePacket>;
using Frame = std::unique_ptr<AVFrame, FreeFrame>;
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;

constexpr AVRational nanoseconds{1, 1000000000};
/// Times further away are damage: sums and differences of those that are handed out stay in 64 bits.
constexpr int64_t furthest_ns = 4000000000000000000;

inline std::string words(int error) {
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(error, text, sizeof text);
    return text;
}

inline void check(int result, const char* what, int32_t code = GT_IO) {
    if (result < 0) throw Failure(code, std::string(what) + ": " + words(result));
}

template <class Pointer>
Pointer made(Pointer pointer) {
    if (!pointer) throw Failure(GT_INTERNAL, "out of memory");
    return pointer;
}

inline void require(bool condition, const char* what) {
    if (!condition) throw Failure(GT_INVALID_ARGUMENT, what);
}

/// FFmpeg and SVT-AV1 print to stderr by default: their failures come back as statuses instead.
inline void quiet() {
    static std::once_flag once;
    std::call_once(once, [] {
        av_log_set_level(AV_LOG_QUIET);
        setenv("SVT_LOG", "0", 0);
    });
}

template <size_t N>
void copy(char (&to)[N], const char* from) {
    std::snprintf(to, N, "%s", from ? from : "");
}

/// A frame with memory of its own, padded as FFmpeg's vector code expects.
inline Frame blank(int width, int height, AVPixelFormat format) {
    Frame f(made(av_frame_alloc()));
    f->format = format;
    f->width = width;
    f->height = height;
    check(av_frame_get_buffer(f.get(), 0), "out of memory");
    return f;
}

/// Copies rows without padding into a frame of one plane.
inline void fill(AVFrame* f, const uint8_t* pixels, int channels) {
    size_t stride = static_cast<size_t>(f->width) * channels;
    for (int y = 0; y < f->height; ++y) std::memcpy(f->data[0] + static_cast<ptrdiff_t>(y) * f->linesize[0], pixels + y * stride, stride);
}

/// Opens a container for reading; only file formats that carry frames themselves, no play lists. With `raw_times` packets keep the times of their
/// track: edit lists are not applied.
Input open_input(const char* path, bool raw_times = false);

/// A scaler that keeps size and converts colours exactly: rounded, and the same on every machine.
Scaler scaler(int width, int height, AVPixelFormat from, AVColorSpace space, bool full, AVPixelFormat to, AVColorSpace to_space,
              bool to_full);

}  // namespace gt

#include "frame_picture.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gt {

namespace {

Scaler resizer(int width, int height, AVPixelFormat from, AVColorSpace space, bool full, int to_width, int to_height, AVPixelFormat to,
               AVColorSpace to_space, bool to_full) {
    int kernel = to_width == width && to_height == height ? SWS_BICUBIC : SWS_AREA;
    int flags = kernel | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP;
    Scaler s(sws_getContext(width, height, from, to_width, to_height, to, flags, nullptr, nullptr, nullptr));
    if (!s) throw Failure(GT_UNSUPPORTED, std::string("pictures of format ") + av_get_pix_fmt_name(from) + " cannot be converted");
    sws_setColorspaceDetails(s.get(), sws_getCoefficients(space), full, sws_getCoefficients(to_space), to_full, 0, 1 << 16, 1 << 16);
    return s;
}

}  // namespace

Scaler scaler(int width, int height, AVPixelFormat from, AVColorSpace space, bool full, AVPixelFormat to, AVColorSpace to_space,
              bool to_full) {
    return resizer(width, height, from, space, full, width, height, to, to_space, to_full);
}

bool is_full_range(const AVFrame* f) {
    auto format = static_cast<AVPixelFormat>(f->format);
    if (format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P) return true;
    if (f->color_range == AVCOL_RANGE_UNSPECIFIED) {
        const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(format);
        return d && ((d->flags & AV_PIX_FMT_FLAG_RGB) || d->nb_components <= 2);
    }
    return f->color_range == AVCOL_RANGE_JPEG;
}

namespace {

/// swscale warns about the J formats and takes the range from its own arguments.
AVPixelFormat plain(int format) {
    switch (format) {
        case AV_PIX_FMT_YUVJ420P: return AV_PIX_FMT_YUV420P;
        case AV_PIX_FMT_YUVJ422P: return AV_PIX_FMT_YUV422P;
        case AV_PIX_FMT_YUVJ444P: return AV_PIX_FMT_YUV444P;
        default: return static_cast<AVPixelFormat>(format);
    }
}

AVColorSpace colours(const AVFrame* f) {
    if (f->colorspace != AVCOL_SPC_UNSPECIFIED && f->colorspace != AVCOL_SPC_RGB) return f->colorspace;
    return AVCOL_SPC_SMPTE170M;
}

/// Turns the stored picture clockwise.
void turn(const uint8_t* from, int width, int height, int channels, int degrees, uint8_t* to) {
    int out_width = degrees == 180 ? width : height;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            int column = degrees == 90 ? height - 1 - y : degrees == 180 ? width - 1 - x : y;
            int row = degrees == 90 ? x : degrees == 180 ? height - 1 - y : width - 1 - x;
            const uint8_t* source = from + (static_cast<size_t>(y) * width + x) * channels;
            std::memcpy(to + (static_cast<size_t>(row) * out_width + column) * channels, source, channels);
        }
    }
}

}  // namespace

/// Pictures of luma and chroma go through planes of red, green and blue: the same values as packed ones, made in a quarter of the time, because
/// swscale has vector code for planes alone.
void FramePicture::to_rgb(const AVFrame* f, int width, int height, uint8_t* out) {
    int space = colours(f), full = is_full_range(f);
    const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(f->format));
    bool planar = d && !(d->flags & AV_PIX_FMT_FLAG_RGB) && d->nb_components >= 3;
    if (!convert || made_format != f->format || made_space != space || made_full != full || made_width != width ||
        made_height != height) {
        convert = resizer(f->width, f->height, plain(f->format), colours(f), full, width, height,
                          planar ? AV_PIX_FMT_GBRP : AV_PIX_FMT_RGB24, AVCOL_SPC_SMPTE170M, true);
        made_format = f->format;
        made_space = space;
        made_full = full;
        made_width = width;
        made_height = height;
    }
    if (!planar) {
        uint8_t* packed[4] = {out};
        int strides[4] = {width * 3};
        sws_scale(convert.get(), f->data, f->linesize, 0, f->height, packed, strides);
        return;
    }
    // Rows begin at a multiple of the widest vector.
    int stride = (width + 63) / 64 * 64;
    size_t size = static_cast<size_t>(stride) * height;
    planes.resize(3 * size + 64);
    uint8_t* first = planes.data() + (64 - reinterpret_cast<uintptr_t>(planes.data()) % 64) % 64;
    uint8_t* parts[4] = {first, first + size, first + 2 * size};
    int strides[4] = {stride, stride, stride};
    sws_scale(convert.get(), f->data, f->linesize, 0, f->height, parts, strides);
    for (int y = 0; y < height; ++y) {
        const uint8_t *g = parts[0] + static_cast<size_t>(y) * stride, *b = g + size, *r = b + size;
        uint8_t* to = out + static_cast<size_t>(y) * width * 3;
        for (int x = 0; x < width; ++x, to += 3) {
            to[0] = r[x];
            to[1] = g[x];
            to[2] = b[x];
        }
    }
}

/// The luma plane, widened to the full range; formats without one go through RGB.
void FramePicture::to_gray(const AVFrame* f, uint8_t* out) {
    const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(f->format));
    const uint64_t others =
        AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_FLOAT;
    bool luma = d && !(d->flags & others) && d->comp[0].plane == 0 && d->comp[0].depth >= 8 && d->comp[0].depth <= 16;
    luma = luma && d->comp[0].step == (d->comp[0].depth > 8 ? 2 : 1);
    size_t width = f->width, height = f->height;
    if (!luma) {
        rgb.resize(width * height * 3);
        to_rgb(f, f->width, f->height, rgb.data());
        for (size_t i = 0; i < width * height; ++i) {
            const uint8_t* p = rgb.data() + 3 * i;
            out[i] = static_cast<uint8_t>((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16);
        }
        return;
    }
    bool full = is_full_range(f);
    uint8_t table[256];
    for (int i = 0; i < 256; ++i) table[i] = full ? i : static_cast<uint8_t>(std::clamp((i - 16) * 255.0 / 219.0 + 0.5, 0.0, 255.0));
    if (d->comp[0].depth == 8) {
        for (size_t y = 0; y < height; ++y) {
            const uint8_t* row = f->data[0] + y * f->linesize[0];
            uint8_t* to = out + y * width;
            if (full) std::memcpy(to, row, width);
            else for (size_t x = 0; x < width; ++x) to[x] = table[row[x]];
        }
        return;
    }
    int depth = d->comp[0].depth, shift = d->comp[0].shift;
    double black = full ? 0 : 16 << (depth - 8), scale = 255.0 / (full ? (1 << depth) - 1 : 219 << (depth - 8));
    for (size_t y = 0; y < height; ++y) {
        const uint16_t* row = reinterpret_cast<const uint16_t*>(f->data[0] + y * f->linesize[0]);
        for (size_t x = 0; x < width; ++x) {
            int value = (row[x] >> shift) & ((1 << depth) - 1);
            out[y * width + x] = static_cast<uint8_t>(std::clamp((value - black) * scale + 0.5, 0.0, 255.0));
        }
    }
}

uint8_t* FramePicture::place(size_t needed, int rotation, uint8_t* pixels, size_t capacity) {
    if (capacity < needed) {
        throw Failure(GT_INVALID_ARGUMENT, "the place for the picture is too small: " + std::to_string(needed) + " bytes are needed");
    }
    if (!rotation) return pixels;
    upright.resize(needed);
    return upright.data();
}

void FramePicture::make(const AVFrame* f, bool gray, int rotation, uint8_t* pixels, size_t capacity) {
    if (!gray) {
        bool is_turned = rotation == 90 || rotation == 270;
        return make_rgb(f, is_turned ? f->height : f->width, is_turned ? f->width : f->height, rotation, pixels, capacity);
    }
    uint8_t* to = place(static_cast<size_t>(f->width) * f->height, rotation, pixels, capacity);
    to_gray(f, to);
    if (rotation) turn(to, f->width, f->height, 1, rotation, pixels);
}

void FramePicture::make_rgb(const AVFrame* f, int width, int height, int rotation, uint8_t* pixels, size_t capacity) {
    if (rotation == 90 || rotation == 270) std::swap(width, height);
    uint8_t* to = place(static_cast<size_t>(width) * height * 3, rotation, pixels, capacity);
    to_rgb(f, width, height, to);
    if (rotation) turn(to, width, height, 3, rotation, pixels);
}

}  // namespace gt

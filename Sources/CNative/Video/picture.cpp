// PNG and JPEG through FFmpeg's codecs (OpenCV's own would bring GDAL along), and SHA-256.
#include "ffmpeg.hpp"
#include "gt_video.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace gt;

namespace {

bool is_gray(AVPixelFormat format) {
    const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(format);
    return d && d->nb_components <= 2 && !(d->flags & AV_PIX_FMT_FLAG_PAL);
}

using Hash = std::unique_ptr<AVSHA, FreeMemory>;

Hash hash() {
    Hash sha(made(av_sha_alloc()));
    av_sha_init(sha.get(), 256);
    return sha;
}

}  // namespace

extern "C" gt_status gt_picture_encode(int32_t format, int32_t quality, int32_t width, int32_t height, int32_t channels,
                                       const uint8_t* pixels, size_t pixel_count, uint8_t** bytes, size_t* count) {
    return guarded([&] {
        require(bytes && count, "no place for the file's bytes given");
        *bytes = nullptr;
        *count = 0;
        require(pixels, "no picture given");
        require(width > 0 && height > 0 && width <= 32768 && height <= 32768, "a picture is 1 to 32768 wide and high");
        require(channels == 1 || channels == 3, "a picture has 1 or 3 channels");
        require(pixel_count == static_cast<size_t>(width) * height * channels, "the picture's bytes do not match its size");
        require(format == GT_PICTURE_PNG || format == GT_PICTURE_JPEG, "no such format: PNG and JPEG are written");
        quiet();
        bool jpeg = format == GT_PICTURE_JPEG;
        const AVCodec* encoder = avcodec_find_encoder(jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
        if (!encoder) throw Failure(GT_UNSUPPORTED, "this FFmpeg has no such encoder");
        Codec codec(made(avcodec_alloc_context3(encoder)));
        AVPixelFormat source = channels == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24;
        codec->width = width;
        codec->height = height;
        codec->time_base = {1, 25};
        codec->thread_count = 1;
        codec->flags |= AV_CODEC_FLAG_BITEXACT;
        codec->pix_fmt = jpeg ? AV_PIX_FMT_YUVJ444P : source;
        if (jpeg) {
            require(quality >= 1 && quality <= 100, "the quality is 1 to 100");
            codec->color_range = AVCOL_RANGE_JPEG;
            codec->flags |= AV_CODEC_FLAG_QSCALE;
            // The encoder's scale goes from 2 (best) to 31.
            codec->global_quality = FF_QP2LAMBDA * std::clamp(2 + (100 - quality) * 29 / 99, 2, 31);
        }
        check(avcodec_open2(codec.get(), encoder, nullptr), "the encoder refuses this picture");
        Frame picture = blank(width, height, source);
        fill(picture.get(), pixels, channels);
        if (jpeg) {
            Frame yuv = blank(width, height, AV_PIX_FMT_YUVJ444P);
            Scaler convert = scaler(width, height, source, AVCOL_SPC_SMPTE170M, true, AV_PIX_FMT_YUV444P, AVCOL_SPC_SMPTE170M, true);
            sws_scale(convert.get(), picture->data, picture->linesize, 0, height, yuv->data, yuv->linesize);
            yuv->quality = codec->global_quality;
            picture = std::move(yuv);
        }
        picture->pts = 0;
        check(avcodec_send_frame(codec.get(), picture.get()), "encoding failed");
        check(avcodec_send_frame(codec.get(), nullptr), "encoding failed");
        Packet packet(made(av_packet_alloc()));
        check(avcodec_receive_packet(codec.get(), packet.get()), "encoding failed");
        auto* out = static_cast<uint8_t*>(made(av_malloc(std::max(packet->size, 1))));
        std::memcpy(out, packet->data, packet->size);
        *bytes = out;
        *count = static_cast<size_t>(packet->size);
    });
}

extern "C" gt_status gt_picture_decode(const uint8_t* bytes, size_t count, int32_t* width, int32_t* height, int32_t* channels,
                                       uint8_t** pixels) {
    return guarded([&] {
        require(width && height && channels && pixels, "no place for the picture given");
        *pixels = nullptr;
        *width = *height = *channels = 0;
        require(bytes && count > 8 && count < INT32_MAX / 2, "no picture file: PNG and JPEG are read");
        quiet();
        static const uint8_t png[] = {0x89, 'P', 'N', 'G'};
        bool is_png = std::memcmp(bytes, png, 4) == 0, is_jpeg = bytes[0] == 0xff && bytes[1] == 0xd8;
        if (!is_png && !is_jpeg) throw Failure(GT_UNSUPPORTED, "neither PNG nor JPEG: those are read");
        const AVCodec* decoder = avcodec_find_decoder(is_png ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
        if (!decoder) throw Failure(GT_UNSUPPORTED, "this FFmpeg has no such decoder");
        Codec codec(made(avcodec_alloc_context3(decoder)));
        codec->thread_count = 1;
        codec->err_recognition |= AV_EF_EXPLODE | AV_EF_CRCCHECK;
        // A byte of deflate makes at most 1032 bytes, of 8 pixels each: a size beyond that is damage, refused before memory is asked for.
        codec->max_pixels = std::min<int64_t>(static_cast<int64_t>(count) * 16384, 1 << 28);
        check(avcodec_open2(codec.get(), decoder, nullptr), "the decoder cannot be opened");
        Packet packet(made(av_packet_alloc()));
        check(av_new_packet(packet.get(), static_cast<int>(count)), "out of memory");
        std::memcpy(packet->data, bytes, count);
        check(avcodec_send_packet(codec.get(), packet.get()), "the picture does not decode");
        avcodec_send_packet(codec.get(), nullptr);
        Frame frame(made(av_frame_alloc()));
        check(avcodec_receive_frame(codec.get(), frame.get()), "the picture does not decode");
        if ((frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags) throw Failure(GT_IO, "the picture is damaged");
        auto format = static_cast<AVPixelFormat>(frame->format);
        bool gray = is_gray(format);
        AVPixelFormat target = gray ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24;
        AVPixelFormat source = format == AV_PIX_FMT_YUVJ420P   ? AV_PIX_FMT_YUV420P
                               : format == AV_PIX_FMT_YUVJ422P ? AV_PIX_FMT_YUV422P
                               : format == AV_PIX_FMT_YUVJ444P ? AV_PIX_FMT_YUV444P
                                                               : format;
        size_t stride = static_cast<size_t>(frame->width) * (gray ? 1 : 3);
        std::unique_ptr<uint8_t, FreeMemory> out(static_cast<uint8_t*>(made(av_malloc(stride * frame->height))));
        if (format == target) {
            for (int y = 0; y < frame->height; ++y) {
                std::memcpy(out.get() + y * stride, frame->data[0] + static_cast<ptrdiff_t>(y) * frame->linesize[0], stride);
            }
        } else {
            Scaler convert = scaler(frame->width, frame->height, source, AVCOL_SPC_SMPTE170M, true, target, AVCOL_SPC_SMPTE170M, true);
            uint8_t* planes[4] = {out.get()};
            int strides[4] = {static_cast<int>(stride)};
            sws_scale(convert.get(), frame->data, frame->linesize, 0, frame->height, planes, strides);
        }
        *width = frame->width;
        *height = frame->height;
        *channels = gray ? 1 : 3;
        *pixels = out.release();
    });
}

extern "C" void gt_free(void* memory) { av_free(memory); }

extern "C" gt_status gt_sha256(const uint8_t* bytes, size_t count, uint8_t* digest) {
    return guarded([&] {
        require(digest && (bytes || count == 0), "no bytes or no place for the digest given");
        Hash sha = hash();
        if (count) av_sha_update(sha.get(), bytes, count);
        av_sha_final(sha.get(), digest);
    });
}

extern "C" gt_status gt_sha256_file(const char* path, uint8_t* digest) {
    return guarded([&] {
        require(path && *path && digest, "no path or no place for the digest given");
        std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path, "rb"), std::fclose);
        if (!file) throw Failure(GT_IO, std::strerror(errno));
        Hash sha = hash();
        std::vector<uint8_t> block(1 << 18);
        size_t n;
        while ((n = std::fread(block.data(), 1, block.size(), file.get())) > 0) av_sha_update(sha.get(), block.data(), n);
        if (std::ferror(file.get())) throw Failure(GT_IO, std::strerror(errno));
        av_sha_final(sha.get(), digest);
    });
}

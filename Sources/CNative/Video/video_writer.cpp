// Writing: H.264 and AV1 in MP4, FFV1 in MOV, and GoPro's telemetry track. One encoder thread: the same pictures give the same bytes.
#include "ffmpeg.hpp"
#include "gt_video.h"

#include <cstring>

using namespace gt;

struct gt_writer {
    struct Close {
        void operator()(AVFormatContext* f) const {
            if (f->pb) avio_closep(&f->pb);
            avformat_free_context(f);
        }
    };
    std::unique_ptr<AVFormatContext, Close> output;
    Codec codec;
    Packet packet;
    Frame frame;
    /// The caller's picture in padded memory: the scaler reads whole vectors, beyond the end of a line.
    Frame source;
    Scaler convert;
    AVStream *video = nullptr, *telemetry = nullptr;
    int channels = 3;
    int64_t step = 1, last_pts = -1, last_telemetry = -1;
    bool finished = false;

    /// Moves what the encoder has ready into the file.
    void drain() {
        for (;;) {
            int result = avcodec_receive_packet(codec.get(), packet.get());
            if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
            check(result, "encoding failed");
            if (packet->duration == 0) packet->duration = step;
            packet->stream_index = video->index;
            av_packet_rescale_ts(packet.get(), codec->time_base, video->time_base);
            check(av_interleaved_write_frame(output.get(), packet.get()), "writing failed");
        }
    }
};

namespace {

struct Choice {
    const char *encoder, *container;
    AVPixelFormat format;
};

/// Half-size chroma wants pairs of pixels.
bool is_odd(const gt_writer_options& o) { return o.width % 2 != 0 || o.height % 2 != 0; }

bool is_sliver(const gt_writer_options& o) { return o.width < 3 || o.height < 3; }

bool is_yuv(AVPixelFormat format) { return format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUV444P; }

Choice choice(const gt_writer_options& o) {
    switch (o.codec) {
        case GT_CODEC_H264: return {"libx264", "mp4", is_odd(o) ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P};
        case GT_CODEC_FFV1: return {"ffv1", "mov", o.channels == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_BGR0};
        case GT_CODEC_AV1: return {"libsvtav1", "mp4", AV_PIX_FMT_YUV420P};
        default: throw Failure(GT_INVALID_ARGUMENT, "no such codec: H.264, FFV1 and AV1 are written");
    }
}

void validate(const gt_writer_options& o) {
    require(o.width > 0 && o.height > 0 && o.width <= 16384 && o.height <= 16384, "the picture size must lie between 1 and 16384");
    require(o.channels == 1 || o.channels == 3, "a picture has 1 or 3 channels");
    require(o.rate_numerator > 0 && o.rate_denominator > 0, "the frame rate must be positive");
    require(o.timescale > 0, "the time scale must be positive");
    int64_t ticks = static_cast<int64_t>(o.timescale) * o.rate_denominator;
    require(ticks % o.rate_numerator == 0, "the time scale must be a multiple of the frame rate");
    require(o.crf >= 0 && o.crf <= 63, "crf is 0 to 63");
    require(o.gop > 0 && o.b_frames >= 0 && o.b_frames <= 16, "gop is at least 1, B frames 0 to 16");
    require(o.rotation == 0 || o.rotation == 90 || o.rotation == 180 || o.rotation == 270, "the rotation is 0, 90, 180 or 270 degrees");
    require(o.width >= 2 && o.height >= 2, "a video needs at least 2 pixels a side");
    if (o.codec == GT_CODEC_FFV1 && is_sliver(o)) {
        require(o.width <= 352 && o.height <= 288, "FFV1 needs at least 3 pixels a side beyond 352x288");
    }
    if (o.codec == GT_CODEC_AV1) {
        require(!is_odd(o), "AV1 is written at even sizes alone: choose an even one, or H.264 or FFV1, which take any");
        require(o.width >= 64 && o.height >= 64, "AV1 needs at least 64 pixels a side");
    }
}

void option(void* object, const char* name, const std::string& value) {
    check(av_opt_set(object, name, value.c_str(), 0), name, GT_INVALID_ARGUMENT);
}

void configure(AVCodecContext* c, const gt_writer_options& o, const Choice& made, bool global_header) {
    c->width = o.width;
    c->height = o.height;
    c->pix_fmt = made.format;
    c->time_base = {1, o.timescale};
    c->framerate = {o.rate_numerator, o.rate_denominator};
    c->gop_size = o.gop;
    c->max_b_frames = o.b_frames;
    c->thread_count = o.threads > 0 ? o.threads : 1;
    c->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_CLOSED_GOP;
    if (global_header) c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (is_yuv(made.format)) {
        c->color_range = AVCOL_RANGE_MPEG;
        c->colorspace = AVCOL_SPC_SMPTE170M;
        c->color_primaries = AVCOL_PRI_SMPTE170M;
        c->color_trc = AVCOL_TRC_SMPTE170M;
    }
    std::string gop = std::to_string(o.gop), preset = o.preset ? o.preset : "";
    if (o.codec == GT_CODEC_H264) {
        require(o.crf <= 51, "H.264's crf is 0 to 51");
        option(c->priv_data, "crf", std::to_string(o.crf));
        option(c->priv_data, "preset", preset.empty() ? "veryfast" : preset);
        // Key frames at the stated places alone, so that a reader can count on them.
        // Macroblock-tree rate control of x264 r3095 reads memory that nobody wrote (MALLOC_PERTURB_ changes its bytes): off, the bytes are
        // the same each time.
        option(c->priv_data, "x264-params", "keyint=" + gop + ":min-keyint=" + gop + ":scenecut=0:open-gop=0:mbtree=0");
    } else if (o.codec == GT_CODEC_AV1) {
        option(c->priv_data, "crf", std::to_string(o.crf));
        option(c->priv_data, "preset", preset.empty() ? "8" : preset);
        option(c->priv_data, "svtav1-params", "lp=1:keyint=" + gop);
    } else {
        c->level = 3;
        // Slices one pixel wide do not come back as they were (FFmpeg 5.1).
        if (is_sliver(o)) c->slices = 1;
        c->gop_size = 1;
        c->max_b_frames = 0;
    }
}

void add_video(gt_writer& w, const gt_writer_options& o) {
    w.video = made(avformat_new_stream(w.output.get(), nullptr));
    check(avcodec_parameters_from_context(w.video->codecpar, w.codec.get()), "the codec's parameters cannot be written");
    w.video->time_base = w.codec->time_base;
    w.video->avg_frame_rate = w.video->r_frame_rate = w.codec->framerate;
    if (o.timecode && *o.timecode) av_dict_set(&w.video->metadata, "timecode", o.timecode, 0);
    if (o.rotation) {
        auto* matrix = reinterpret_cast<int32_t*>(made(av_stream_new_side_data(w.video, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t))));
        av_display_rotation_set(matrix, o.rotation);
    }
}

void add_telemetry(gt_writer& w) {
    w.telemetry = made(avformat_new_stream(w.output.get(), nullptr));
    w.telemetry->codecpar->codec_type = AVMEDIA_TYPE_DATA;
    w.telemetry->codecpar->codec_id = AV_CODEC_ID_BIN_DATA;
    w.telemetry->codecpar->codec_tag = MKTAG('g', 'p', 'm', 'd');
    w.telemetry->time_base = {1, 1000};
    av_dict_set(&w.telemetry->metadata, "handler_name", "GoPro MET", 0);
}

}  // namespace

extern "C" gt_status gt_writer_open(const char* path, const gt_writer_options* o, gt_writer** out) {
    return guarded([&] {
        require(out, "no place for the writer given");
        *out = nullptr;
        require(path && *path, "no path given");
        require(o, "no options given");
        quiet();
        validate(*o);
        Choice chosen = choice(*o);
        auto w = std::make_unique<gt_writer>();
        w->channels = o->channels;
        w->step = static_cast<int64_t>(o->timescale) * o->rate_denominator / o->rate_numerator;
        AVFormatContext* raw = nullptr;
        // The index-first pass opens the file again by this name.
        const std::string url = std::string("file:") + path;
        check(avformat_alloc_output_context2(&raw, nullptr, chosen.container, url.c_str()), "no such container", GT_UNSUPPORTED);
        w->output.reset(raw);
        raw->flags |= AVFMT_FLAG_BITEXACT;
        if (o->creation_time && *o->creation_time) av_dict_set(&raw->metadata, "creation_time", o->creation_time, 0);
        const AVCodec* encoder = avcodec_find_encoder_by_name(chosen.encoder);
        if (!encoder) throw Failure(GT_UNSUPPORTED, std::string("this FFmpeg has no encoder ") + chosen.encoder);
        w->codec = Codec(made(avcodec_alloc_context3(encoder)));
        configure(w->codec.get(), *o, chosen, raw->oformat->flags & AVFMT_GLOBALHEADER);
        check(avcodec_open2(w->codec.get(), encoder, nullptr), "the encoder refuses these options", GT_INVALID_ARGUMENT);
        add_video(*w, *o);
        if (o->telemetry) add_telemetry(*w);
        w->packet = Packet(made(av_packet_alloc()));
        w->frame = blank(o->width, o->height, chosen.format);
        w->frame->color_range = w->codec->color_range;
        w->frame->colorspace = w->codec->colorspace;
        if (chosen.format != AV_PIX_FMT_GRAY8) {
            AVPixelFormat given = o->channels == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24;
            w->source = blank(o->width, o->height, given);
            w->convert = scaler(o->width, o->height, given, AVCOL_SPC_SMPTE170M, true, chosen.format, AVCOL_SPC_SMPTE170M,
                                !is_yuv(chosen.format));
        }
        check(avio_open(&raw->pb, (std::string("file:") + path).c_str(), AVIO_FLAG_WRITE), "cannot be created");
        AVDictionary* options = nullptr;
        av_dict_set(&options, "movflags", "+faststart", 0);
        av_dict_set_int(&options, "video_track_timescale", o->timescale, 0);
        int result = avformat_write_header(raw, &options);
        av_dict_free(&options);
        check(result, "the file's header cannot be written");
        *out = w.release();
    });
}

extern "C" gt_status gt_writer_append(gt_writer* w, const uint8_t* pixels, size_t count, int64_t pts) {
    return guarded([&] {
        require(w && pixels, "no writer or no picture given");
        require(!w->finished, "the video is already finished");
        size_t needed = static_cast<size_t>(w->codec->width) * w->codec->height * w->channels;
        if (count != needed) {
            std::string counts = std::to_string(count) + " bytes, the video needs " + std::to_string(needed);
            throw Failure(GT_INVALID_ARGUMENT, "the picture has " + counts);
        }
        if (pts <= w->last_pts) throw Failure(GT_INVALID_ARGUMENT, "times must increase and begin at 0 or later");
        AVFrame* f = w->frame.get();
        check(av_frame_make_writable(f), "out of memory");
        fill(w->convert ? w->source.get() : f, pixels, w->channels);
        if (w->convert) sws_scale(w->convert.get(), w->source->data, w->source->linesize, 0, f->height, f->data, f->linesize);
        f->pts = pts;
        w->last_pts = pts;
        check(avcodec_send_frame(w->codec.get(), f), "encoding failed");
        w->drain();
    });
}

extern "C" gt_status gt_writer_append_telemetry(gt_writer* w, const uint8_t* bytes, size_t count, int64_t pts_ms, int64_t duration_ms) {
    return guarded([&] {
        require(w && bytes && count > 0, "no writer or no payload given");
        require(!w->finished, "the video is already finished");
        require(w->telemetry, "the video was opened without a telemetry track");
        require(pts_ms > w->last_telemetry && duration_ms > 0, "payload times must increase and durations be positive");
        require(count <= INT32_MAX / 2, "the payload is too large");
        Packet p(made(av_packet_alloc()));
        check(av_new_packet(p.get(), static_cast<int>(count)), "out of memory");
        std::memcpy(p->data, bytes, count);
        p->stream_index = w->telemetry->index;
        p->pts = p->dts = pts_ms;
        p->duration = duration_ms;
        p->flags = AV_PKT_FLAG_KEY;
        w->last_telemetry = pts_ms;
        av_packet_rescale_ts(p.get(), {1, 1000}, w->telemetry->time_base);
        check(av_interleaved_write_frame(w->output.get(), p.get()), "writing failed");
    });
}

extern "C" gt_status gt_writer_finish(gt_writer* w) {
    return guarded([&] {
        require(w, "no writer given");
        require(!w->finished, "the video is already finished");
        require(w->last_pts >= 0, "a video needs at least one frame");
        w->finished = true;
        check(avcodec_send_frame(w->codec.get(), nullptr), "encoding failed");
        w->drain();
        check(av_write_trailer(w->output.get()), "the file's index cannot be written");
        check(avio_closep(&w->output->pb), "closing failed");
    });
}

extern "C" void gt_writer_close(gt_writer* w) { delete w; }

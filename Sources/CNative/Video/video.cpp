// Reading: containers and decoding. Frames become pictures in frame_picture.cpp; writing is in video_writer.cpp, still pictures in picture.cpp.
#include "ffmpeg.hpp"
#include "frame_picture.hpp"
#include "gt_video.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <sys/stat.h>

namespace gt {

Input open_input(const char* path, bool raw_times) {
    require(path && *path, "no path given");
    quiet();
    struct stat info;
    if (stat(path, &info) != 0) throw Failure(GT_IO, errno == ENOENT ? "does not exist" : std::strerror(errno));
    if (S_ISDIR(info.st_mode)) throw Failure(GT_IO, "is a folder, not a video file");
    if (!S_ISREG(info.st_mode)) throw Failure(GT_IO, "is no regular file (a pipe, a socket or a device)");
    if (info.st_size == 0) throw Failure(GT_IO, "is empty (0 bytes)");
    AVDictionary* options = nullptr;
    av_dict_set(&options, "format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,nut", 0);
    if (raw_times) av_dict_set(&options, "ignore_editlist", "1", 0);
    AVFormatContext* raw = nullptr;
    int result = avformat_open_input(&raw, (std::string("file:") + path).c_str(), nullptr, &options);
    av_dict_free(&options);
    if (result < 0) {
        throw Failure(GT_UNSUPPORTED, "is not a video file that can be read (MP4, MOV, Matroska, AVI or MPEG-TS is): " + words(result) +
                                          "; an MP4 whose recording was cut off lacks its index (moov)");
    }
    Input input(raw);
    result = avformat_find_stream_info(raw, nullptr);
    check(result, "its streams cannot be read");
    return input;
}

}  // namespace gt

using namespace gt;

struct gt_video {
    Input input;
    Codec codec;
    Packet packet;
    /// The frame to hand out next, or, once handed out, the one before; `spare` takes what is being decoded.
    Frame pending, spare;
    FramePicture picture;
    int stream = -1, rotation = 0;
    bool gray = false, draining = false, has_pending = false, finished = false;
    int64_t zero = 0, packets = 0, expected = 0, delivered = 0, last_pts = AV_NOPTS_VALUE, damaged_from = AV_NOPTS_VALUE;
    std::string damage;

    AVStream* track() const { return input->streams[stream]; }
    /// As stored, before rotation.
    int width = 0, height = 0;

    void damaged(const std::string& why, int64_t pts) {
        if (damage.empty()) {
            damage = why;
            damaged_from = pts;
        }
    }

    /// Feeds the decoder one packet, or the end.
    void feed() {
        for (;;) {
            int result = damage.empty() ? av_read_frame(input.get(), packet.get()) : AVERROR_EOF;
            if (result < 0) {
                if (damage.empty() && result != AVERROR_EOF) damaged("reading failed: " + words(result), AV_NOPTS_VALUE);
                if (damage.empty() && packets < expected) {
                    std::string counts = std::to_string(packets) + " of the " + std::to_string(expected);
                    damaged("the file ends after " + counts + " frames its index states", AV_NOPTS_VALUE);
                }
                draining = true;
                avcodec_send_packet(codec.get(), nullptr);
                return;
            }
            if (packet->stream_index != stream) {
                av_packet_unref(packet.get());
                continue;
            }
            packets += 1;
            int64_t pts = packet->pts;
            if (packet->flags & AV_PKT_FLAG_CORRUPT) {
                damaged("the data of frame " + std::to_string(packets - 1) + " in file order is cut short", pts);
                av_packet_unref(packet.get());
                continue;
            }
            result = avcodec_send_packet(codec.get(), packet.get());
            av_packet_unref(packet.get());
            if (result < 0 && result != AVERROR(EAGAIN)) {
                damaged("frame " + std::to_string(packets - 1) + " in file order does not decode: " + words(result), pts);
                continue;
            }
            return;
        }
    }

    /// The next frame in presentation order, or false at the end.
    bool decode(AVFrame* into) {
        while (!finished) {
            int result = avcodec_receive_frame(codec.get(), into);
            if (result == AVERROR(EAGAIN) && !draining) {
                feed();
                continue;
            }
            if (result < 0) {
                if (result != AVERROR_EOF && result != AVERROR(EAGAIN)) damaged("decoding failed: " + words(result), AV_NOPTS_VALUE);
                break;
            }
            int64_t pts = into->best_effort_timestamp;
            if ((into->flags & AV_FRAME_FLAG_CORRUPT) || into->decode_error_flags) {
                damaged("the picture is damaged", pts);
                break;
            }
            if (damaged_from != AV_NOPTS_VALUE && pts != AV_NOPTS_VALUE && pts >= damaged_from) break;
            if (pts == AV_NOPTS_VALUE) {
                damaged("the frame has no presentation time", pts);
                break;
            }
            if (std::abs(static_cast<double>(pts)) * av_q2d(track()->time_base) * 1e9 > furthest_ns) {
                damaged("the presentation time is out of range", pts);
                break;
            }
            if (last_pts != AV_NOPTS_VALUE && pts <= last_pts) {
                damaged("the presentation times do not increase", pts);
                break;
            }
            if (into->width != width || into->height != height) {
                if (last_pts != AV_NOPTS_VALUE) {
                    damaged("the picture size changes to " + std::to_string(into->width) + "x" + std::to_string(into->height), pts);
                    break;
                }
                width = into->width;
                height = into->height;
            }
            last_pts = pts;
            return true;
        }
        finished = true;
        return false;
    }
};

namespace {

/// Clockwise degrees that the display matrix asks for.
int rotation_of(const AVStream* stream) {
    const uint8_t* data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
    if (!data) return 0;
    int32_t m[9];
    std::memcpy(m, data, sizeof m);
    double determinant = static_cast<double>(m[0]) * m[4] - static_cast<double>(m[1]) * m[3];
    if (determinant < 0) {
        throw Failure(GT_UNSUPPORTED, "its rotation metadata mirror the picture: only turns by 0, 90, 180 and 270 degrees are accepted");
    }
    double counterclockwise = av_display_rotation_get(m);
    if (std::isnan(counterclockwise)) return 0;
    double clockwise = std::fmod(720.0 - counterclockwise, 360.0);
    int nearest = static_cast<int>(std::lround(clockwise / 90)) * 90;
    if (std::abs(clockwise - nearest) > 0.5) {
        throw Failure(GT_UNSUPPORTED, "its rotation metadata ask for " + std::to_string(clockwise) +
                                          " degrees: only 0, 90, 180 and 270 are accepted");
    }
    return nearest % 360;
}

int best_video(AVFormatContext* input) {
    int stream = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (stream < 0) throw Failure(GT_UNSUPPORTED, "holds no video track that can be decoded");
    return stream;
}

void keep_only(AVFormatContext* input, int stream) {
    for (int i = 0; i < static_cast<int>(input->nb_streams); ++i) {
        input->streams[i]->discard = i == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

bool is_mov(const AVFormatContext* input) { return std::strstr(input->iformat->name, "mp4") != nullptr; }

const char* metadata(const AVDictionary* d, const char* key) {
    const AVDictionaryEntry* e = av_dict_get(d, key, nullptr, 0);
    return e ? e->value : nullptr;
}

}  // namespace

extern "C" gt_status gt_video_open(const char* path, int32_t gray, int32_t threads, int32_t rotate, gt_video** out) {
    return guarded([&] {
        require(out, "no place for the reader given");
        *out = nullptr;
        auto v = std::make_unique<gt_video>();
        v->gray = gray != 0;
        v->input = open_input(path);
        v->stream = best_video(v->input.get());
        keep_only(v->input.get(), v->stream);
        AVStream* track = v->track();
        v->rotation = rotate ? rotation_of(track) : 0;
        const AVCodec* decoder = avcodec_find_decoder(track->codecpar->codec_id);
        if (!decoder) throw Failure(GT_UNSUPPORTED, std::string("no decoder for codec ") + avcodec_get_name(track->codecpar->codec_id));
        v->codec = Codec(made(avcodec_alloc_context3(decoder)));
        check(avcodec_parameters_to_context(v->codec.get(), track->codecpar), "its codec parameters are damaged");
        v->codec->pkt_timebase = track->time_base;
        v->codec->thread_count = std::clamp<int32_t>(threads, 1, 16);
        check(avcodec_open2(v->codec.get(), decoder, nullptr), "its codec cannot be opened");
        v->packet = Packet(made(av_packet_alloc()));
        v->pending = Frame(made(av_frame_alloc()));
        v->spare = Frame(made(av_frame_alloc()));
        if (is_mov(v->input.get())) v->expected = avformat_index_get_entries_count(track);
        if (!v->decode(v->pending.get())) {
            throw Failure(GT_IO, v->damage.empty() ? "its video track holds no frame" : "frame 0: " + v->damage);
        }
        v->has_pending = true;
        v->zero = v->pending->best_effort_timestamp;
        *out = v.release();
    });
}

extern "C" gt_status gt_video_describe(const gt_video* v, gt_video_info* out) {
    return guarded([&] {
        require(v && out, "no reader or no place for its description given");
        *out = {};
        AVStream* track = v->track();
        bool turned = v->rotation % 180 != 0;
        out->width = turned ? v->height : v->width;
        out->height = turned ? v->width : v->height;
        out->rotation = rotation_of(track);
        AVRational rate = track->avg_frame_rate.num > 0 ? track->avg_frame_rate : av_guess_frame_rate(v->input.get(), track, nullptr);
        out->rate_numerator = rate.num;
        out->rate_denominator = rate.den;
        out->streams = static_cast<int32_t>(v->input->nb_streams);
        out->video_stream = v->stream;
        for (unsigned i = 0; i < v->input->nb_streams; ++i) {
            out->telemetry_streams += v->input->streams[i]->codecpar->codec_tag == MKTAG('g', 'p', 'm', 'd');
        }
        out->full_range = is_full_range(v->pending.get());
        out->stated_frames = track->nb_frames;
        out->duration = track->duration > 0 ? track->duration * av_q2d(track->time_base)
                        : v->input->duration > 0 ? v->input->duration / static_cast<double>(AV_TIME_BASE) : 0;
        out->start_ns = av_rescale_q(v->zero, track->time_base, nanoseconds);
        copy(out->codec, avcodec_get_name(track->codecpar->codec_id));
        copy(out->pixel_format, av_get_pix_fmt_name(static_cast<AVPixelFormat>(track->codecpar->format)));
        const char* created = metadata(v->input->metadata, "creation_time");
        copy(out->creation_time, created ? created : metadata(track->metadata, "creation_time"));
        const char* timecode = metadata(track->metadata, "timecode");
        copy(out->timecode, timecode ? timecode : metadata(v->input->metadata, "timecode"));
        copy(out->container, v->input->iformat->name);
    });
}

extern "C" gt_status gt_video_describe_stream(const gt_video* v, int32_t index, gt_stream_info* out) {
    return guarded([&] {
        require(v && out, "no reader or no place for the description given");
        require(index >= 0 && index < static_cast<int32_t>(v->input->nb_streams), "no stream of that number");
        *out = {};
        const AVStream* s = v->input->streams[index];
        switch (s->codecpar->codec_type) {
            case AVMEDIA_TYPE_VIDEO: out->kind = GT_STREAM_VIDEO; break;
            case AVMEDIA_TYPE_AUDIO: out->kind = GT_STREAM_AUDIO; break;
            case AVMEDIA_TYPE_DATA: out->kind = GT_STREAM_DATA; break;
            default: out->kind = GT_STREAM_OTHER;
        }
        out->time_base_numerator = s->time_base.num;
        out->time_base_denominator = s->time_base.den;
        out->packets = s->nb_frames;
        out->duration = s->duration > 0 ? s->duration * av_q2d(s->time_base) : 0;
        copy(out->codec, avcodec_get_name(s->codecpar->codec_id));
        for (int i = 0; i < 4; ++i) {
            char c = static_cast<char>(s->codecpar->codec_tag >> (8 * i));
            out->tag[i] = c >= 32 && c < 127 ? c : '\0';
        }
        copy(out->handler, metadata(s->metadata, "handler_name"));
    });
}

extern "C" gt_status gt_video_next(gt_video* v, uint8_t* pixels, size_t capacity, int64_t* time_ns) {
    return guarded([&] {
        require(v && time_ns, "no reader or no place for the time given");
        if (!v->has_pending) {
            av_frame_unref(v->spare.get());
            if (!v->decode(v->spare.get())) throw Failure(v->damage.empty() ? GT_END : GT_IO, v->damage.empty() ? "the end" : v->damage);
            std::swap(v->pending, v->spare);
            v->has_pending = true;
        }
        *time_ns = av_rescale_q(v->pending->best_effort_timestamp - v->zero, v->track()->time_base, nanoseconds);
        if (pixels) v->picture.make(v->pending.get(), v->gray, v->rotation, pixels, capacity);
        v->has_pending = false;
        v->delivered += 1;
    });
}

extern "C" gt_status gt_video_last(gt_video* v, int32_t gray, uint8_t* pixels, size_t capacity) {
    return guarded([&] {
        require(v && pixels, "no reader or no place for the picture given");
        require(v->delivered > 0 && !v->has_pending, "no frame has been handed out or skipped yet");
        v->picture.make(v->pending.get(), gray != 0, v->rotation, pixels, capacity);
    });
}

extern "C" gt_status gt_video_last_resized(gt_video* v, int32_t width, int32_t height, uint8_t* pixels, size_t capacity) {
    return guarded([&] {
        require(v && pixels, "no reader or no place for the picture given");
        require(v->delivered > 0 && !v->has_pending, "no frame has been handed out or skipped yet");
        require(width > 0 && height > 0, "a picture has pixels");
        v->picture.make_rgb(v->pending.get(), width, height, v->rotation, pixels, capacity);
    });
}

extern "C" void gt_video_close(gt_video* v) { delete v; }

extern "C" gt_status gt_video_times(const char* path, int64_t** times_ns, size_t* count, int64_t* missing, gt_video_end* end) {
    return guarded([&] {
        require(times_ns && count && missing, "no place for the times given");
        *times_ns = nullptr;
        *count = 0;
        *missing = 0;
        Input input = open_input(path);
        int stream = best_video(input.get());
        keep_only(input.get(), stream);
        Packet packet(made(av_packet_alloc()));
        std::vector<int64_t> times;
        int64_t last_pts = AV_NOPTS_VALUE, last_duration = 0;
        const double seconds = av_q2d(input->streams[stream]->time_base);
        int64_t expected = is_mov(input.get()) ? avformat_index_get_entries_count(input->streams[stream]) : 0, whole = 0;
        while (av_read_frame(input.get(), packet.get()) >= 0) {
            if (packet->stream_index == stream && !(packet->flags & AV_PKT_FLAG_CORRUPT)) {
                whole += 1;
                bool usable = !(packet->flags & AV_PKT_FLAG_DISCARD) && packet->pts != AV_NOPTS_VALUE;
                if (usable && std::abs(static_cast<double>(packet->pts)) * seconds * 1e9 > furthest_ns) {
                    throw Failure(GT_IO, "the presentation time of frame " + std::to_string(times.size()) + " is out of range");
                }
                if (usable) times.push_back(packet->pts);
                if (usable && (last_pts == AV_NOPTS_VALUE || packet->pts > last_pts)) {
                    last_pts = packet->pts;
                    last_duration = packet->duration;
                }
            }
            av_packet_unref(packet.get());
        }
        *missing = std::max<int64_t>(expected - whole, 0);
        std::sort(times.begin(), times.end());
        auto* out = static_cast<int64_t*>(made(av_malloc(std::max<size_t>(times.size(), 1) * sizeof(int64_t))));
        AVRational base = input->streams[stream]->time_base;
        for (size_t i = 0; i < times.size(); ++i) out[i] = av_rescale_q(times[i] - times[0], base, nanoseconds);
        *times_ns = out;
        *count = times.size();
        if (end) {
            *end = {0, base.num, base.den};
            if (!times.empty()) {
                // A container that does not state it: the frame before took as long.
                size_t n = times.size();
                if (last_duration <= 0 && n > 1) last_duration = times[n - 1] - times[n - 2];
                end->ticks = times[n - 1] - times[0] + std::max<int64_t>(last_duration, 0);
            }
        }
    });
}

struct gt_packets {
    Input input;
    Packet packet;
    int stream = -1;
};

extern "C" gt_status gt_packets_open(const char* path, const char* tag, gt_packets** out) {
    return guarded([&] {
        require(out, "no place for the reader given");
        *out = nullptr;
        require(tag && std::strlen(tag) == 4, "a track's tag has four characters");
        auto p = std::make_unique<gt_packets>();
        p->input = open_input(path, true);
        for (unsigned i = 0; i < p->input->nb_streams && p->stream < 0; ++i) {
            if (p->input->streams[i]->codecpar->codec_tag == MKTAG(tag[0], tag[1], tag[2], tag[3])) p->stream = static_cast<int>(i);
        }
        if (p->stream < 0) throw Failure(GT_END, std::string("holds no track '") + tag + "'");
        keep_only(p->input.get(), p->stream);
        p->packet = Packet(made(av_packet_alloc()));
        *out = p.release();
    });
}

extern "C" gt_status gt_packets_next(gt_packets* p, const uint8_t** bytes, size_t* count, int64_t* time_ns, int64_t* duration_ns) {
    return guarded([&] {
        require(p && bytes && count && time_ns && duration_ns, "no reader or no place for the packet given");
        *bytes = nullptr;
        *count = 0;
        do {
            av_packet_unref(p->packet.get());
            int result = av_read_frame(p->input.get(), p->packet.get());
            if (result == AVERROR_EOF) throw Failure(GT_END, "the end");
            check(result, "reading failed");
        } while (p->packet->stream_index != p->stream);
        if (p->packet->flags & AV_PKT_FLAG_CORRUPT) throw Failure(GT_IO, "the packet is cut short");
        AVRational base = p->input->streams[p->stream]->time_base;
        *bytes = p->packet->data;
        *count = static_cast<size_t>(p->packet->size);
        *time_ns = av_rescale_q(p->packet->pts == AV_NOPTS_VALUE ? 0 : p->packet->pts, base, nanoseconds);
        *duration_ns = av_rescale_q(p->packet->duration, base, nanoseconds);
    });
}

extern "C" void gt_packets_close(gt_packets* p) { delete p; }

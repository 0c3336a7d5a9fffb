// Joining of coded videos: packets are copied with new times, parameter sets must be the same bytes.
#include "../Video/ffmpeg.hpp"
#include "gt_join.h"

#include <algorithm>

using namespace gt;

struct gt_join {
    struct Close {
        void operator()(AVFormatContext* f) const {
            if (f->pb) avio_closep(&f->pb);
            avformat_free_context(f);
        }
    };
    std::string url;
    int32_t rate = 0;
    std::unique_ptr<AVFormatContext, Close> output;
    AVStream* track = nullptr;
    /// Ticks a picture of the file that is written; as the first video has them, so that they stay what they were.
    int64_t step = 0;
    int64_t pictures = 0, last_dts = INT64_MIN;
    bool finished = false;
};

namespace {

[[noreturn]] void unfit(const char* what) { throw Failure(GT_UNSUPPORTED, what); }

AVStream* only_track(AVFormatContext* input) {
    AVStream* first = input->nb_streams == 1 ? input->streams[0] : nullptr;
    if (!first || first->codecpar->codec_type != AVMEDIA_TYPE_VIDEO) unfit("it does not hold one video track alone");
    return first;
}

/// Ticks a picture, of a track at this rate.
int64_t step_of(const AVStream* track, int32_t rate) {
    const int64_t ticks = track->time_base.den;
    if (track->time_base.num != 1 || ticks % rate != 0) unfit("its time scale is no multiple of the rate");
    return ticks / rate;
}

bool same_coding(const AVCodecParameters* a, const AVCodecParameters* b) {
    return a->codec_id == b->codec_id && a->width == b->width && a->height == b->height && a->format == b->format &&
           a->profile == b->profile && a->video_delay == b->video_delay && a->extradata_size == b->extradata_size &&
           (a->extradata_size == 0 || std::memcmp(a->extradata, b->extradata, static_cast<size_t>(a->extradata_size)) == 0);
}

struct Timing {
    int64_t pictures = 0, first_dts = 0, last_dts = 0;
};

/// Reads all packets of a file and refuses times that are not whole pictures from 0 on.
Timing timing(const char* source, int32_t rate) {
    Input input = open_input(source);
    AVStream* track = only_track(input.get());
    const int64_t step = step_of(track, rate);
    Packet p(made(av_packet_alloc()));
    std::vector<int64_t> shown;
    Timing out;
    for (;;) {
        const int result = av_read_frame(input.get(), p.get());
        if (result == AVERROR_EOF) break;
        if (result < 0) unfit("it cannot be read to its end");
        const bool is_whole = p->pts != AV_NOPTS_VALUE && p->dts != AV_NOPTS_VALUE && p->pts % step == 0 && p->dts % step == 0;
        if (!is_whole || p->flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)) unfit("its pictures are not at the stated rate");
        if (shown.empty() && !(p->flags & AV_PKT_FLAG_KEY)) unfit("it does not begin with a key picture");
        const int64_t dts = p->dts / step;
        if (!shown.empty() && dts <= out.last_dts) unfit("its pictures are out of order");
        if (shown.empty()) out.first_dts = dts;
        out.last_dts = dts;
        shown.push_back(p->pts / step);
        av_packet_unref(p.get());
    }
    std::sort(shown.begin(), shown.end());
    for (size_t i = 0; i < shown.size(); ++i)
        if (shown[i] != static_cast<int64_t>(i)) unfit("its pictures are not at the stated rate from 0 on");
    if (shown.empty()) unfit("it holds no picture");
    if (track->nb_frames > 0 && track->nb_frames != static_cast<int64_t>(shown.size())) unfit("it lacks pictures that its index states");
    out.pictures = static_cast<int64_t>(shown.size());
    return out;
}

void begin(gt_join& j, const AVStream* first) {
    AVFormatContext* raw = nullptr;
    check(avformat_alloc_output_context2(&raw, nullptr, "mp4", j.url.c_str()), "no such container", GT_UNSUPPORTED);
    std::unique_ptr<AVFormatContext, gt_join::Close> output(raw);
    raw->flags |= AVFMT_FLAG_BITEXACT;
    AVStream* track = made(avformat_new_stream(raw, nullptr));
    check(avcodec_parameters_copy(track->codecpar, first->codecpar), "the codec's parameters cannot be copied");
    // Of the first video alone; the muxer counts anew, so that the same pictures give the same bytes however they came together.
    track->codecpar->bit_rate = 0;
    track->time_base = first->time_base;
    track->avg_frame_rate = track->r_frame_rate = {j.rate, 1};
    check(avio_open(&raw->pb, j.url.c_str(), AVIO_FLAG_WRITE), "cannot be created");
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "+faststart", 0);
    av_dict_set_int(&options, "video_track_timescale", first->time_base.den, 0);
    const int result = avformat_write_header(raw, &options);
    av_dict_free(&options);
    if (result < 0) unfit("its codec has no place in an MP4");
    j.step = track->time_base.den / j.rate;
    j.track = track;
    j.output = std::move(output);
}

}  // namespace

extern "C" gt_status gt_join_open(const char* path, int32_t rate, gt_join** out) {
    return guarded([&] {
        require(out, "no place for the join given");
        *out = nullptr;
        require(path && *path, "no path given");
        require(rate > 0, "the rate must be positive");
        quiet();
        auto j = std::make_unique<gt_join>();
        j->url = std::string("file:") + path;
        j->rate = rate;
        *out = j.release();
    });
}

extern "C" gt_status gt_join_append(gt_join* j, const char* source, int64_t* pictures) {
    return guarded([&] {
        require(j && pictures, "no join or no place for the count given");
        require(!j->finished, "the video is already finished");
        *pictures = 0;
        const Timing times = timing(source, j->rate);
        Input input = open_input(source);
        AVStream* from = only_track(input.get());
        if (j->output && !same_coding(j->track->codecpar, from->codecpar)) unfit("it was coded with other parameters");
        if (j->output && times.first_dts + j->pictures <= j->last_dts) unfit("its pictures are coded in another order");
        if (!j->output) begin(*j, from);
        const int64_t step = step_of(from, j->rate);
        Packet p(made(av_packet_alloc()));
        for (int64_t n = 0; n < times.pictures; ++n) {
            check(av_read_frame(input.get(), p.get()), "it cannot be read to its end");
            p->pts = (p->pts / step + j->pictures) * j->step;
            p->dts = (p->dts / step + j->pictures) * j->step;
            p->duration = j->step;
            p->pos = -1;
            p->stream_index = j->track->index;
            check(av_interleaved_write_frame(j->output.get(), p.get()), "writing failed");
        }
        j->last_dts = times.last_dts + j->pictures;
        j->pictures += times.pictures;
        *pictures = times.pictures;
    });
}

extern "C" gt_status gt_join_finish(gt_join* j) {
    return guarded([&] {
        require(j, "no join given");
        require(!j->finished, "the video is already finished");
        require(j->output != nullptr, "a video needs at least one picture");
        j->finished = true;
        check(av_write_trailer(j->output.get()), "the file's index cannot be written");
        check(avio_closep(&j->output->pb), "closing failed");
    });
}

extern "C" void gt_join_close(gt_join* j) { delete j; }

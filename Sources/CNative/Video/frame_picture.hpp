// Decoded frames as upright pictures.
#pragma once
#include "ffmpeg.hpp"

namespace gt {

/// Whether black is 0 and white 255, not 16 and 235.
bool is_full_range(const AVFrame* f);

/// Makes pictures of frames; keeps the converter and its memory from one frame to the next.
class FramePicture {
public:
    /// The frame as a picture of 1 channel (brightness) or 3 (red, green, blue), turned clockwise by `rotation` degrees.
    void make(const AVFrame* f, bool gray, int rotation, uint8_t* pixels, size_t capacity);
    /// The frame in red, green and blue at another size, in pixels of the turned picture: means over areas where it is smaller.
    void make_rgb(const AVFrame* f, int width, int height, int rotation, uint8_t* pixels, size_t capacity);

private:
    void to_rgb(const AVFrame* f, int width, int height, uint8_t* out);
    /// Where a picture goes before it is turned.
    uint8_t* place(size_t needed, int rotation, uint8_t* pixels, size_t capacity);
    void to_gray(const AVFrame* f, uint8_t* out);

    Scaler convert;
    /// What the converter was made for.
    int made_format = -1, made_space = -1, made_full = -1, made_width = 0, made_height = 0;
    std::vector<uint8_t> upright, rgb, planes;
};

}  // namespace gt

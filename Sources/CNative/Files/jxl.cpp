#include "gt_jxl.h"
#include "../status.hpp"

#include <jxl/decode.h>
#include <jxl/decode_cxx.h>
#include <jxl/encode.h>
#include <jxl/encode_cxx.h>

#include <cstdlib>
#include <cstring>
#include <vector>

using namespace gt;

namespace {

void check(JxlEncoderStatus status, const char* what) {
    if (status != JXL_ENC_SUCCESS) throw Failure(GT_INTERNAL, std::string("JPEG XL encoder: ") + what);
}

/// Runs a decoder over the bytes; `rgb` null stops after the header.
void decode(const uint8_t* bytes, size_t size, int32_t* width, int32_t* height, uint8_t* rgb, size_t size_out) {
    if (bytes == nullptr || size == 0) throw Failure(GT_INVALID_ARGUMENT, "no JPEG XL bytes");
    auto decoder = JxlDecoderMake(nullptr);
    const JxlPixelFormat format{3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    if (JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE) != JXL_DEC_SUCCESS)
        throw Failure(GT_INTERNAL, "JPEG XL decoder: cannot subscribe");
    if (JxlDecoderSetInput(decoder.get(), bytes, size) != JXL_DEC_SUCCESS) throw Failure(GT_INTERNAL, "JPEG XL decoder: cannot take input");
    JxlDecoderCloseInput(decoder.get());
    for (;;) {
        switch (JxlDecoderProcessInput(decoder.get())) {
        case JXL_DEC_BASIC_INFO: {
            JxlBasicInfo info;
            if (JxlDecoderGetBasicInfo(decoder.get(), &info) != JXL_DEC_SUCCESS)
                throw Failure(GT_INTERNAL, "JPEG XL decoder: no basic info");
            if (width != nullptr) *width = int32_t(info.xsize);
            if (height != nullptr) *height = int32_t(info.ysize);
            if (rgb == nullptr) return;
            break;
        }
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER: {
            size_t needed = 0;
            if (JxlDecoderImageOutBufferSize(decoder.get(), &format, &needed) != JXL_DEC_SUCCESS || needed != size_out)
                throw Failure(GT_INVALID_ARGUMENT, "the JPEG XL picture is not of the expected size");
            if (JxlDecoderSetImageOutBuffer(decoder.get(), &format, rgb, size_out) != JXL_DEC_SUCCESS)
                throw Failure(GT_INTERNAL, "JPEG XL decoder: cannot take the buffer");
            break;
        }
        case JXL_DEC_FULL_IMAGE: return;
        case JXL_DEC_NEED_MORE_INPUT: throw Failure(GT_INVALID_ARGUMENT, "the JPEG XL picture is truncated");
        default: throw Failure(GT_INVALID_ARGUMENT, "not a JPEG XL picture");
        }
    }
}

}  // namespace

gt_status gt_jxl_encode(
    const uint8_t* rgb, size_t size, int32_t width, int32_t height, float distance, int32_t effort, uint8_t** out, size_t* out_size) {
    return guarded([&] {
        if (out == nullptr || out_size == nullptr) throw Failure(GT_INVALID_ARGUMENT, "out is null");
        *out = nullptr;
        *out_size = 0;
        if (rgb == nullptr || width <= 0 || height <= 0 || size != size_t(width) * size_t(height) * 3)
            throw Failure(GT_INVALID_ARGUMENT, "the picture must hold width x height x 3 bytes");
        if (!(distance >= 0.01f && distance <= 15) || effort < 1 || effort > 9)
            throw Failure(GT_INVALID_ARGUMENT, "distance must be 0.01 to 15 and effort 1 to 9");
        auto encoder = JxlEncoderMake(nullptr);
        JxlBasicInfo info;
        JxlEncoderInitBasicInfo(&info);
        info.xsize = uint32_t(width);
        info.ysize = uint32_t(height);
        info.bits_per_sample = 8;
        info.num_color_channels = 3;
        info.uses_original_profile = JXL_FALSE;
        check(JxlEncoderSetBasicInfo(encoder.get(), &info), "basic info");
        JxlColorEncoding colour;
        JxlColorEncodingSetToSRGB(&colour, JXL_FALSE);
        check(JxlEncoderSetColorEncoding(encoder.get(), &colour), "colour encoding");
        JxlEncoderFrameSettings* settings = JxlEncoderFrameSettingsCreate(encoder.get(), nullptr);
        check(JxlEncoderSetFrameDistance(settings, distance), "distance");
        check(JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, effort), "effort");
        const JxlPixelFormat format{3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
        check(JxlEncoderAddImageFrame(settings, &format, rgb, size), "picture");
        JxlEncoderCloseInput(encoder.get());
        std::vector<uint8_t> bytes(1 << 16);
        size_t used = 0;
        for (;;) {
            uint8_t* next = bytes.data() + used;
            size_t left = bytes.size() - used;
            const JxlEncoderStatus status = JxlEncoderProcessOutput(encoder.get(), &next, &left);
            used = size_t(next - bytes.data());
            if (status == JXL_ENC_SUCCESS) break;
            if (status != JXL_ENC_NEED_MORE_OUTPUT) throw Failure(GT_INTERNAL, "JPEG XL encoder: output");
            bytes.resize(bytes.size() * 2);
        }
        *out = static_cast<uint8_t*>(std::malloc(used));
        if (*out == nullptr) throw Failure(GT_INTERNAL, "out of memory");
        std::memcpy(*out, bytes.data(), used);
        *out_size = used;
    });
}

gt_status gt_jxl_size(const uint8_t* bytes, size_t size, int32_t* width, int32_t* height) {
    return guarded([&] {
        if (width == nullptr || height == nullptr) throw Failure(GT_INVALID_ARGUMENT, "out is null");
        decode(bytes, size, width, height, nullptr, 0);
    });
}

gt_status gt_jxl_decode(const uint8_t* bytes, size_t size, uint8_t* rgb, size_t size_out) {
    return guarded([&] {
        if (rgb == nullptr) throw Failure(GT_INVALID_ARGUMENT, "out is null");
        decode(bytes, size, nullptr, nullptr, rgb, size_out);
    });
}

void gt_bytes_free(uint8_t* bytes) { std::free(bytes); }

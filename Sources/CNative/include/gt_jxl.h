// JPEG XL pictures, as UMI data sets hold them.
#ifndef GT_JXL_H
#define GT_JXL_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Encodes interleaved 8-bit sRGB as a bare lossy JPEG XL codestream on one thread. `distance` is butteraugli's (0.1 to 15), `effort` 1 to
/// 9. `*out` is freed by gt_bytes_free.
gt_status gt_jxl_encode(
    const uint8_t* rgb, size_t size, int32_t width, int32_t height, float distance, int32_t effort, uint8_t** out, size_t* out_size);

/// The size of a JPEG XL picture in pixels, without decoding its pixels.
gt_status gt_jxl_size(const uint8_t* bytes, size_t size, int32_t* width, int32_t* height);

/// Decodes to interleaved 8-bit RGB; `size_out` must be width x height x 3.
gt_status gt_jxl_decode(const uint8_t* bytes, size_t size, uint8_t* rgb, size_t size_out);

void gt_bytes_free(uint8_t* bytes);

#ifdef __cplusplus
}
#endif
#endif

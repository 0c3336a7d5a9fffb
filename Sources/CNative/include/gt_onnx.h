// ONNX Runtime through its C API, opened at run time: nothing of it is linked, and without it only these functions fail.
#ifndef GT_ONNX_H
#define GT_ONNX_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A loaded model. One thread at a time.
typedef struct gt_onnx gt_onnx;

/// Opens the runtime at `library` (a path, or a name for the loader's search), asks it for version 14 of its API and loads a model from memory
/// on the CPU with `threads` threads. The library stays loaded for the life of the process.
gt_status gt_onnx_open(const char *library, const uint8_t *model, size_t count, int32_t threads, gt_onnx **session);

void gt_onnx_close(gt_onnx *session);

void gt_onnx_free(float *values);

/// Inputs and outputs with element types and shapes, one line of text (-1 is a free dimension); cut where it does not fit.
gt_status gt_onnx_describe(gt_onnx *session, char *text, size_t capacity);

/// Runs the model on one float32 input and gives one output (float, double, integers or bool) as float32.
/// `output_shape` has room for 8 numbers; `*values` is to be freed with gt_onnx_free.
gt_status gt_onnx_run(gt_onnx *session, const char *input, const int64_t *shape, size_t rank, const float *data, size_t count,
                      const char *output, int64_t *output_shape, size_t *output_rank, float **values, size_t *output_count);

#ifdef __cplusplus
}
#endif
#endif

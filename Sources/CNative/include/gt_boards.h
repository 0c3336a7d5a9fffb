#ifndef GT_BOARDS_H
#define GT_BOARDS_H

#include "gt_vision.h"

#ifdef __cplusplus
extern "C" {
#endif

// Calibration boards in grey pictures. Corners are x, y pairs in pixels, the centre of the top left pixel at (0, 0).

/// The inner corners of a chessboard, `columns` a row, row by row: `corners` holds 2 * columns * rows numbers. `found` is 0 where the whole
/// board is not seen.
gt_status gt_chessboard_corners(gt_view8 picture, int32_t columns, int32_t rows, double *corners, int32_t *found);

/// The inner corners of a ChArUco board of `columns` x `rows` squares by their numbers (row by row, (columns - 1) a row), as many as are seen.
/// The top left square is black, markers are numbered from the top row (as OpenCV draws boards since 4.7). `marker` is the markers' side in parts of a square's; `dictionary` is OpenCV's number of a predefined dictionary. `found` may be 0; it
/// never exceeds `capacity`.
gt_status gt_charuco_corners(
    gt_view8 picture, int32_t columns, int32_t rows, double marker, int32_t dictionary, int32_t *ids, double *corners, int32_t capacity,
    int32_t *found);

#ifdef __cplusplus
}
#endif

#endif

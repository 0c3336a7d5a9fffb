#ifndef GT_VISION_H
#define GT_VISION_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

// Pictures are row-major without padding. `count` is the number of elements behind `data`; every function checks it against
// width * height * channels, so that a truncated buffer is an error and not a crash. OpenCV runs on one thread and every randomised
// call starts from a fixed seed: the same input gives the same output.

/// A picture to read.
typedef struct gt_view8 {
    const uint8_t *data;
    size_t count;
    int32_t width, height, channels;
} gt_view8;

/// A picture to write; the caller owns the memory and sets the size.
typedef struct gt_buffer8 {
    uint8_t *data;
    size_t count;
    int32_t width, height, channels;
} gt_buffer8;

// ---- pictures (vision_image.cpp)

enum { GT_INTERPOLATE_NEAREST = 0, GT_INTERPOLATE_LINEAR = 1, GT_INTERPOLATE_CUBIC = 2, GT_INTERPOLATE_AREA = 3 };
/// Scales `in` to the size of `out`; as many channels.
gt_status gt_resize(gt_view8 in, int32_t interpolation, gt_buffer8 out);

enum { GT_RGB_TO_LAB = 0, GT_RGB_TO_YCRCB = 1 };
/// Converts an RGB picture's colours, 8 bit: Lab is L·255/100, a+128, b+128.
gt_status gt_convert_color(gt_view8 in, int32_t conversion, gt_buffer8 out);

/// Gaussian blur with a standard deviation in pixels; borders reflect.
gt_status gt_gaussian_blur(gt_view8 in, double sigma, gt_buffer8 out);

/// Samples `in` at (map_x, map_y), one pair per pixel of `out`, in pixels of `in`; outside it, `border` is written.
gt_status gt_remap(gt_view8 in, const float *map_x, const float *map_y, size_t map_count, int32_t interpolation, uint8_t border, gt_buffer8 out);

enum { GT_ERODE = 0, GT_DILATE = 1, GT_OPEN = 2, GT_CLOSE = 3 };
/// Morphology with a disc of `radius` pixels (a (2 radius + 1)² ellipse); outside the picture counts as neutral.
gt_status gt_morphology(gt_view8 in, int32_t operation, int32_t radius, gt_buffer8 out);

/// One 8-connected component of the pixels that are not zero.
typedef struct gt_component {
    int32_t x, y, width, height, area;
    double center_x, center_y;
} gt_component;
/// Labels: 0 is background, 1... are components in scan order; `components[i]` describes label i + 1. `found` may exceed `capacity`:
/// then only the first `capacity` are described.
gt_status gt_connected_components(
    gt_view8 mask, int32_t *labels, size_t label_count, gt_component *components, int32_t capacity, int32_t *found);

/// Sets the pixels inside a polygon (x, y pairs, pixels) of a one-channel `out` to `value`; others are left.
gt_status gt_fill_polygon(const double *xy, int32_t points, uint8_t value, gt_buffer8 out);

/// Fills the pixels where `mask` is not zero from their surroundings (Telea 2004).
gt_status gt_inpaint(gt_view8 in, gt_view8 mask, double radius, gt_buffer8 out);

/// GrabCut on an RGB picture: `labels` (one channel) holds 0 background, 1 foreground, 2 probably background, 3 probably foreground;
/// in and out. Needs at least one pixel of either side.
gt_status gt_grab_cut(gt_view8 in, gt_buffer8 labels, int32_t iterations);

// ---- features (vision_features.cpp)

/// Shi-Tomasi corners, best first within a cell: the picture is divided into `columns` x `rows` cells, each gives at most
/// `per_cell`. `existing` (x, y pairs) keep their distance and fill their cells' quota. `mask` may have no data. Corners are refined
/// to sub-pixel when `refine`. `xy` holds `capacity` pairs, `scores` (may be null) as many.
typedef struct gt_corner_options {
    int32_t columns, rows, per_cell, block_size, refine;
    double min_distance, min_score, relative_score;
} gt_corner_options;
gt_status gt_detect_corners(
    gt_view8 gray, gt_view8 mask, const double *existing, int32_t existing_count, gt_corner_options options, double *xy, float *scores,
    int32_t capacity, int32_t *found);

/// An image pyramid with its derivatives, ready for optical flow.
typedef struct gt_pyramid gt_pyramid;
gt_status gt_pyramid_create(gt_view8 gray, int32_t window, int32_t levels, gt_pyramid **out);
/// Null is allowed.
void gt_pyramid_free(gt_pyramid *pyramid);

typedef struct gt_flow_options {
    int32_t iterations;
    double epsilon, min_eigenvalue;
    /// Negative: no backward pass.
    double max_forward_backward;
} gt_flow_options;
/// Pyramidal Lucas-Kanade. `guess` (may be null) are starting positions in `to`. `ok[i]` is 1 where the point was found, lies in the
/// picture and came back within `max_forward_backward` pixels; `error[i]` is the mean absolute grey difference in the window,
/// `round_trip[i]` the distance of the way back in pixels (0 without one).
gt_status gt_flow(
    const gt_pyramid *from, const gt_pyramid *to, const double *points, const double *guess, int32_t count, gt_flow_options options,
    double *found, uint8_t *ok, float *error, float *round_trip);

typedef struct gt_keypoint {
    double x, y;
    float size, angle, response;
    int32_t octave;
} gt_keypoint;
enum { GT_ORB = 0, GT_SIFT = 1 };
/// `parameter` is ORB's FAST threshold or SIFT's contrast threshold. Descriptors: ORB 32 bytes, SIFT 128 bytes (root-SIFT where
/// `root`, scaled to 0...255). `keypoints` holds `capacity`, `descriptors` capacity * 32 or 128. Sorted by octave-independent
/// response, then y, x.
gt_status gt_detect_features(
    gt_view8 gray, gt_view8 mask, int32_t kind, int32_t capacity, double parameter, double scale_factor, int32_t levels, int32_t root,
    gt_keypoint *keypoints, uint8_t *descriptors, size_t descriptor_count, int32_t *found);
/// ORB or SIFT descriptors at given keypoints (x, y, size, angle, octave are used). Those too near the border are dropped: `kept`
/// holds the index of each that remains.
gt_status gt_describe(
    gt_view8 gray, int32_t kind, int32_t root, const gt_keypoint *keypoints, int32_t count, uint8_t *descriptors,
    size_t descriptor_count, int32_t *kept, int32_t *found);

typedef struct gt_match {
    int32_t a, b;
    float distance;
} gt_match;
enum { GT_HAMMING = 0, GT_L2 = 1 };
/// Brute force with the ratio test (best < ratio · second; ratio ≥ 1 turns it off), a bound on the distance (≤ 0: none) and, where
/// `mutual`, only pairs that are best both ways. `matches` holds `capacity` ≥ a_count.
gt_status gt_match_descriptors(
    const uint8_t *a, int32_t a_count, const uint8_t *b, int32_t b_count, int32_t bytes, int32_t norm, double ratio, double max_distance,
    int32_t mutual, gt_match *matches, int32_t capacity, int32_t *found);

// ---- tags (vision_tags.cpp)

typedef struct gt_tag {
    int32_t id;
    /// Four x, y pairs: top left, top right, bottom right, bottom left of the printed pattern.
    double corners[8];
} gt_tag;
typedef struct gt_tag_options {
    /// `detection_width`: wider pictures are halved, or cut down further, for the search; corners are refined at full size. 0: never.
    int32_t window_min, window_max, window_step, refine_window, refine_iterations, refine_by_sides, detection_width;
    double threshold_constant, min_perimeter_rate, max_perimeter_rate, polygon_accuracy, error_correction, refine_accuracy;
} gt_tag_options;
/// A rectangle of whole pixels.
typedef struct gt_box {
    int32_t x, y, width, height;
} gt_box;
/// ArUco markers of DICT_4X4_50 that lie in `box`, in the picture's own pixels; perimeter rates are of the whole picture's larger side. `found` may
/// exceed `capacity`: then an error says so.
gt_status gt_detect_tags(gt_view8 gray, gt_box box, gt_tag_options options, gt_tag *tags, int32_t capacity, int32_t *found);
/// Draws a marker of DICT_4X4_50 with a one-module black border, `out` is square and grey.
gt_status gt_draw_tag(int32_t id, gt_buffer8 out);

// ---- geometry on bearings (vision_geometry.cpp); bearings are unit vectors x, y, z in the camera frame

typedef struct gt_ransac_options {
    int32_t max_iterations, refine_iterations;
    /// Angle to a bearing that is an inlier, radians.
    double threshold;
    /// Probability that one sample was without outliers at which to stop.
    double confidence;
    uint64_t seed;
} gt_ransac_options;
/// Absolute pose by P3P RANSAC and refinement over the inliers: `rotation` (row-major 3x3) and `translation` take world points to the
/// camera. `found` is 0 (and nothing else is written) where no sample gave a pose.
gt_status gt_absolute_pose(
    const double *bearings, const double *points, int32_t count, gt_ransac_options options, double *rotation, double *translation,
    uint8_t *inliers, int32_t *found);
/// Relative pose by 5-point RANSAC: `rotation` and the unit `translation` take points in camera a to camera b.
gt_status gt_relative_pose(
    const double *bearings_a, const double *bearings_b, int32_t count, gt_ransac_options options, double *rotation, double *translation,
    uint8_t *inliers, int32_t *found);
/// The pose of a square tag from its four corners (object x, y, z in the tag's frame) on undistorted normalised points, by IPPE:
/// both solutions, the better first; `errors` are the root mean square reprojection errors in normalised units.
gt_status gt_square_pose(const double *normalised, double side, double *rotations, double *translations, double *errors, int32_t *found);

#ifdef __cplusplus
}
#endif
#endif

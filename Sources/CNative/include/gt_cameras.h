#ifndef GT_CAMERAS_H
#define GT_CAMERAS_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The reduced normal equations of a visual-inertial bundle adjustment, points eliminated already.
///
/// Unknowns: `frames` poses of 6, `shared` numbers of the whole batch, and as many motions of 9, each coupled with its own frame's pose,
/// those of the frames before and after, the shared numbers, and the next motion.
typedef struct gt_camera_system {
    int32_t frames;
    int32_t shared;
    /// (6 frames + shared)², row-major; the lower triangle is read. Order: poses, then shared.
    const double *poses;
    const double *poses_right;
    /// 9×9 for each frame, row-major.
    const double *motions;
    /// 9×9 for each pair of neighbours: rows of the first, columns of the second.
    const double *motions_next;
    /// 9×(18 + shared) for each frame: columns of the pose before, its own, the one after, shared.
    const double *coupling;
    const double *motions_right;
} gt_camera_system;

/// Solves the system: 6 frames + shared numbers, then 9 for each frame. `is_definite` is 0 (and nothing is written) where it is not
/// positive definite.
gt_status gt_solve_cameras(const gt_camera_system *system, double *solution, int32_t *is_definite);

#ifdef __cplusplus
}
#endif
#endif

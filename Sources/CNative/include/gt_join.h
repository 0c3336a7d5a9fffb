// Videos put one after another into one MP4, without coding again.
#ifndef GT_JOIN_H
#define GT_JOIN_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_join gt_join;

/// Begins an MP4 of `rate` pictures a second; nothing is on disk before the first video is appended.
gt_status gt_join_open(const char *path, int32_t rate, gt_join **out);
/// Appends all pictures of a file and says how many there were. GT_UNSUPPORTED, with nothing appended, where the file holds more than one
/// video track, where its pictures are not at exactly `rate` from 0 on, or where it was coded otherwise than what is there.
gt_status gt_join_append(gt_join *join, const char *source, int64_t *pictures);
/// Writes the index. Nothing can be appended afterwards. GT_INVALID_ARGUMENT where there is no picture.
gt_status gt_join_finish(gt_join *join);
/// Without `gt_join_finish` before it the file is of no use.
void gt_join_close(gt_join *join);

#ifdef __cplusplus
}
#endif
#endif

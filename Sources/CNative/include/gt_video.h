#ifndef GT_VIDEO_H
#define GT_VIDEO_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif

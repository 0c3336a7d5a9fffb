#ifndef GT_VISION_H
#define GT_VISION_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif

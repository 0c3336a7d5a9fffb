#ifndef GT_SOLVER_H
#define GT_SOLVER_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif

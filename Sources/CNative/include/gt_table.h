#ifndef GT_TABLE_H
#define GT_TABLE_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif

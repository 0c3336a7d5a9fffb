// Renames that the C library's plain one cannot do.
#ifndef GT_FILES_H
#define GT_FILES_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GT_RENAME_REPLACE = 0,   // rename(2): what is not a folder takes the place of what is not a folder
    GT_RENAME_NEW = 1,       // GT_IO where something stands at `to`
    GT_RENAME_EXCHANGE = 2   // both must be there; neither is missing at any moment
};

/// Renames `from` to `to` in one step; both on one file system. GT_UNSUPPORTED where the file system cannot do the mode that is asked for.
gt_status gt_rename(const char* from, const char* to, int32_t mode);

#ifdef __cplusplus
}
#endif
#endif

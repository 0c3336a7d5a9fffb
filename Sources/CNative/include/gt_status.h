#ifndef GT_STATUS_H
#define GT_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a call ended: `code` 0 is success; otherwise `message` says what failed in plain words (UTF-8, zero-terminated).
typedef struct gt_status {
    int32_t code;
    char message[508];
} gt_status;

enum { GT_OK = 0, GT_INVALID_ARGUMENT = 1, GT_IO = 2, GT_UNSUPPORTED = 3, GT_END = 4, GT_INTERNAL = 5 };

#ifdef __cplusplus
}
#endif
#endif

#include "gt_files.h"
#include "../status.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdio.h>

gt_status gt_rename(const char* from, const char* to, int32_t mode) {
    return gt::guarded([&] {
        if (from == nullptr || to == nullptr || mode < GT_RENAME_REPLACE || mode > GT_RENAME_EXCHANGE)
            throw gt::Failure(GT_INVALID_ARGUMENT, "a rename needs two paths and a mode");
        const unsigned flags = mode == GT_RENAME_NEW ? RENAME_NOREPLACE : mode == GT_RENAME_EXCHANGE ? RENAME_EXCHANGE : 0;
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) == 0) return;
        const int reason = errno;
        const bool cannot = flags != 0 && (reason == EINVAL || reason == ENOSYS || reason == EOPNOTSUPP);
        throw gt::Failure(cannot ? GT_UNSUPPORTED : GT_IO, std::strerror(reason));
    });
}

// Shared by the Parquet writer and reader.
#pragma once
#include "gt_table.h"
#include "../status.hpp"

#include <arrow/api.h>

namespace gt::table {

inline void check(const arrow::Status& status) {
    if (!status.ok()) throw Failure(status.IsIOError() ? GT_IO : GT_INTERNAL, status.ToString());
}

template <class T>
T take(arrow::Result<T>&& result) {
    check(result.status());
    return std::move(result).ValueUnsafe();
}

inline void require(bool condition, const char* what) {
    if (!condition) throw Failure(GT_INVALID_ARGUMENT, what);
}

}  // namespace gt::table

// Turns C++ exceptions into gt_status: every exported function's body runs inside `guarded`.
#pragma once
#include "gt_status.h"

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

namespace gt {

struct Failure : std::runtime_error {
    int32_t code;
    Failure(int32_t code, const std::string& what) : std::runtime_error(what), code(code) {}
};

inline gt_status ok() {
    gt_status s{};
    return s;
}

inline gt_status status(int32_t code, const char* message) {
    gt_status s{};
    s.code = code;
    std::snprintf(s.message, sizeof s.message, "%s", message);
    return s;
}

template <class Body>
gt_status guarded(Body&& body) noexcept {
    try {
        body();
        return ok();
    } catch (const Failure& f) {
        return status(f.code, f.what());
    } catch (const std::exception& e) {
        return status(GT_INTERNAL, e.what());
    } catch (...) {
        return status(GT_INTERNAL, "unknown C++ exception");
    }
}

}  // namespace gt

// What the HDF5 files share: handles that close themselves, the library's own reasons, one call at a time.
#pragma once
#include "gt_hdf5.h"
#include "../status.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

struct gt_hdf5 {
    hid_t id;
    std::string path;
};

namespace gt::h5 {

/// Debian's library is not thread-safe: one call at a time.
inline std::recursive_mutex& lock() {
    static std::recursive_mutex mutex;
    return mutex;
}

/// The innermost reason of HDF5's error stack.
inline std::string reason() {
    std::string text;
    H5Ewalk2(
        H5E_DEFAULT, H5E_WALK_UPWARD,
        [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
            auto& out = *static_cast<std::string*>(data);
            if (out.empty() && error->desc != nullptr) out = error->desc;
            return 0;
        },
        &text);
    return text.empty() ? "unknown reason" : text;
}

[[noreturn]] inline void fail(const std::string& what) { throw Failure(GT_IO, what + ": " + reason()); }

inline void check(herr_t result, const std::string& what) {
    if (result < 0) fail(what);
}

/// An identifier that is released when it goes out of scope.
class Handle {
public:
    Handle(hid_t id, herr_t (*release)(hid_t), const std::string& what) : id_(id), release_(release) {
        if (id < 0) fail(what);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { release_(id_); }
    operator hid_t() const { return id_; }

private:
    hid_t id_;
    herr_t (*release_)(hid_t);
};

/// The library's clean-up at exit waits for nobody: where a thread is inside the library when another ends the process, it prints
/// "HDF5: infinite loop closing library" and a wall of letters. Files are closed by their owners, so it is not needed.
inline void keepQuietAtExit() {
    static const herr_t once = H5dont_atexit();
    (void)once;
}

template <class Body>
gt_status hdf5(Body&& body) noexcept {
    return guarded([&] {
        const std::lock_guard<std::recursive_mutex> guard(lock());
        keepQuietAtExit();
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
        body();
    });
}

inline void require(bool holds, const char* what) {
    if (!holds) throw Failure(GT_INVALID_ARGUMENT, what);
}

inline void requirePath(gt_hdf5* file, const char* path) {
    require(file != nullptr, "the file is null");
    require(path != nullptr && path[0] == '/', "a path in an HDF5 file begins with /");
}

/// Each part of the path in turn: H5Lexists fails where a group above is missing.
inline bool exists(gt_hdf5* file, const std::string& path) {
    for (size_t at = 1; at != std::string::npos && at < path.size();) {
        const size_t end = path.find('/', at);
        const std::string part = path.substr(0, end);
        if (H5Lexists(file->id, part.c_str(), H5P_DEFAULT) <= 0) return false;
        if (H5Oexists_by_name(file->id, part.c_str(), H5P_DEFAULT) <= 0) return false;
        at = end == std::string::npos ? end : end + 1;
    }
    return true;
}

inline void requireThere(gt_hdf5* file, const char* path) {
    if (!exists(file, path)) throw Failure(GT_IO, std::string(path) + ": nothing is there");
}

inline Handle datasetAt(gt_hdf5* file, const char* path) {
    requireThere(file, path);
    return Handle(H5Dopen2(file->id, path, H5P_DEFAULT), H5Dclose, std::string(path) + " cannot be opened as a dataset");
}

/// Properties that make the groups above a new object.
class LinkProperties : public Handle {
public:
    LinkProperties() : Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "link properties") {
        check(H5Pset_create_intermediate_group(*this, 1), "link properties");
    }
};

inline char* copied(const std::string& text) {
    char* out = static_cast<char*>(std::malloc(text.size() + 1));
    if (out == nullptr) throw Failure(GT_INTERNAL, "out of memory");
    std::memcpy(out, text.data(), text.size());
    out[text.size()] = 0;
    return out;
}

}  // namespace gt::h5

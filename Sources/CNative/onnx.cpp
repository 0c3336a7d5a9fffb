// The runtime's API is a table of function pointers whose order never changes (onnxruntime_c_api.h); the slots used here are declared by number.
#include "gt_onnx.h"

#include "status.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using Opaque = void;
using Status = Opaque *;

struct ApiBase {
    const void *(*get_api)(uint32_t version);
    const char *(*version_string)();
};

constexpr uint32_t api_version = 14;
constexpr int32_t element_float = 1, element_uint8 = 2, element_int8 = 3, element_int32 = 6, element_int64 = 7, element_bool = 9, element_double = 11;

/// The API as an array of pointers.
struct Api {
    void *const *slots = nullptr;

    template <class Function>
    Function at(int slot) const {
        Function f;
        static_assert(sizeof f == sizeof slots[0]);
        std::memcpy(&f, &slots[slot], sizeof f);
        return f;
    }

    template <class... Arguments>
    Status call(int slot, Arguments... arguments) const {
        return at<Status (*)(Arguments...)>(slot)(arguments...);
    }

    void release(int slot, Opaque *object) const {
        if (object) at<void (*)(Opaque *)>(slot)(object);
    }

    /// Turns a failed call into an exception with the runtime's own words.
    void check(Status status, const std::string &what) const {
        if (!status) return;
        std::string text = at<const char *(*)(const Opaque *)>(2)(status);
        release(93, status);
        throw gt::Failure(GT_UNSUPPORTED, what + ": " + text);
    }
};

enum Slot {
    create_env = 3, create_session_from_array = 8, run = 9, create_session_options = 10, optimization_level = 23, intra_threads = 24,
    inter_threads = 25, input_count = 30, output_count = 31, input_type = 33, output_type = 34, input_name = 36, output_name = 37,
    create_tensor = 49, is_tensor = 50, tensor_data = 51, as_tensor_info = 55, element_type = 60, dimension_count = 61, dimensions = 62, element_count = 64,
    tensor_shape = 65, cpu_memory = 69, allocator_free = 76, default_allocator = 78, release_env = 92, release_memory = 94,
    release_session = 95, release_value = 96, release_type = 98, release_shape = 99, release_options = 100
};

/// An object of the runtime that is given back at the end of its scope.
struct Held {
    const Api &api;
    int slot;
    Opaque *object = nullptr;
    Held(const Api &api, int slot) : api(api), slot(slot) {}
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;
    ~Held() { api.release(slot, object); }
};

const char *type_name(int32_t type) {
    switch (type) {
    case element_float: return "float32";
    case element_uint8: return "uint8";
    case element_int8: return "int8";
    case element_int32: return "int32";
    case element_int64: return "int64";
    case element_bool: return "bool";
    case element_double: return "float64";
    case 10: return "float16";
    default: return "another type";
    }
}

template <class Element>
void widen(const void *data, size_t count, float *out) {
    const Element *p = static_cast<const Element *>(data);
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(p[i]);
}

}  // namespace

struct gt_onnx {
    Api api;
    Opaque *env = nullptr;
    Opaque *session = nullptr;
    Opaque *memory = nullptr;
    Opaque *allocator = nullptr;

    ~gt_onnx() {
        api.release(release_memory, memory);
        api.release(release_session, session);
        api.release(release_env, env);
    }

    std::string describe(bool inputs) {
        size_t count = 0;
        api.check(api.call(inputs ? input_count : output_count, static_cast<const Opaque *>(session), &count), "count");
        std::string text;
        for (size_t i = 0; i < count; ++i) {
            char *name = nullptr;
            api.check(api.call(inputs ? input_name : output_name, static_cast<const Opaque *>(session), i, allocator, &name), "name");
            std::string own = name;
            api.check(api.call(allocator_free, allocator, static_cast<void *>(name)), "free");
            Held type(api, release_type);
            api.check(api.call(inputs ? input_type : output_type, static_cast<const Opaque *>(session), i, &type.object), "type");
            const Opaque *tensor = nullptr;
            api.check(api.call(as_tensor_info, static_cast<const Opaque *>(type.object), &tensor), "tensor");
            text += (i ? ", " : "") + own;
            if (!tensor) continue;
            int32_t element = 0;
            size_t rank = 0;
            api.check(api.call(element_type, tensor, &element), "element type");
            api.check(api.call(dimension_count, tensor, &rank), "rank");
            std::vector<int64_t> sizes(rank);
            api.check(api.call(dimensions, tensor, sizes.data(), rank), "shape");
            text += std::string(" (") + type_name(element) + " ";
            for (size_t k = 0; k < rank; ++k) text += (k ? "x" : "") + std::to_string(sizes[k]);
            text += ")";
        }
        return text;
    }
};

gt_status gt_onnx_open(const char *library, const uint8_t *model, size_t count, int32_t threads, gt_onnx **session) {
    return gt::guarded([&] {
        if (!session) throw gt::Failure(GT_INVALID_ARGUMENT, "no place for the session");
        *session = nullptr;
        if (!library || !*library) throw gt::Failure(GT_INVALID_ARGUMENT, "no library is named");
        if (!model || count == 0) throw gt::Failure(GT_INVALID_ARGUMENT, "the model is empty");
        if (threads < 1) throw gt::Failure(GT_INVALID_ARGUMENT, "at least one thread is needed");
        // Never closed: the runtime keeps threads and tables of its own.
        void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        if (!handle) {
            const char *why = dlerror();
            throw gt::Failure(GT_IO, why ? why : "cannot be opened");
        }
        void *symbol = dlsym(handle, "OrtGetApiBase");
        if (!symbol) throw gt::Failure(GT_UNSUPPORTED, std::string(library) + ": is no ONNX Runtime: it has no OrtGetApiBase");
        const ApiBase *(*get_base)();
        std::memcpy(&get_base, &symbol, sizeof get_base);
        const ApiBase *base = get_base();
        if (!base || !base->get_api || !base->version_string) throw gt::Failure(GT_UNSUPPORTED, std::string(library) + ": gives no API");
        const char *version = base->version_string();
        const void *table = base->get_api(api_version);
        if (!table)
            throw gt::Failure(GT_UNSUPPORTED, std::string(library) + ": version " + (version ? version : "?") +
                                                  " has no API 14; ONNX Runtime 1.14 or later is accepted");
        auto made = std::make_unique<gt_onnx>();
        made->api.slots = static_cast<void *const *>(table);
        const Api &api = made->api;
        // 3: errors alone reach the runtime's log.
        api.check(api.call(create_env, 3, "griptrace", &made->env), "environment");
        Held options(api, release_options);
        api.check(api.call(create_session_options, &options.object), "options");
        api.check(api.call(optimization_level, options.object, 99), "options");
        api.check(api.call(intra_threads, options.object, static_cast<int>(threads)), "options");
        api.check(api.call(inter_threads, options.object, 1), "options");
        api.check(api.call(create_session_from_array, static_cast<const Opaque *>(made->env), static_cast<const void *>(model), count,
                           static_cast<const Opaque *>(options.object), &made->session),
                  "the model cannot be loaded");
        api.check(api.call(cpu_memory, 0, 0, &made->memory), "memory");
        api.check(api.call(default_allocator, &made->allocator), "allocator");
        *session = made.release();
    });
}

void gt_onnx_close(gt_onnx *session) { delete session; }

gt_status gt_onnx_describe(gt_onnx *session, char *text, size_t capacity) {
    return gt::guarded([&] {
        if (!session || !text || capacity == 0) throw gt::Failure(GT_INVALID_ARGUMENT, "a session and room for text are needed");
        std::string all = "inputs " + session->describe(true) + "; outputs " + session->describe(false);
        std::snprintf(text, capacity, "%s", all.c_str());
    });
}

gt_status gt_onnx_run(gt_onnx *session, const char *input, const int64_t *shape, size_t rank, const float *data, size_t count,
                      const char *output, int64_t *output_shape, size_t *output_rank, float **values, size_t *output_count) {
    return gt::guarded([&] {
        if (values) *values = nullptr;
        if (!session || !input || !shape || !data || !output || !output_shape || !output_rank || !values || !output_count || rank == 0 || rank > 8)
            throw gt::Failure(GT_INVALID_ARGUMENT, "a session, names, an input of 1 to 8 dimensions and room for the output are needed");
        size_t product = 1;
        for (size_t i = 0; i < rank; ++i) {
            if (shape[i] <= 0 || shape[i] > (1 << 20)) throw gt::Failure(GT_INVALID_ARGUMENT, "a dimension of the input is not positive");
            product *= static_cast<size_t>(shape[i]);
        }
        if (product != count) throw gt::Failure(GT_INVALID_ARGUMENT, "the input's values do not fill its shape");
        const Api &api = session->api;
        Held tensor(api, release_value);
        // The runtime reads the input and leaves it as it is.
        api.check(api.call(create_tensor, static_cast<const Opaque *>(session->memory), const_cast<void *>(static_cast<const void *>(data)),
                           count * sizeof(float), shape, rank, element_float, &tensor.object),
                  "input");
        const Opaque *inputs[] = {tensor.object};
        const char *input_names[] = {input};
        const char *output_names[] = {output};
        Held result(api, release_value);
        Opaque *outputs[] = {nullptr};
        Status status = api.call(run, session->session, static_cast<const Opaque *>(nullptr), static_cast<const char *const *>(input_names),
                                 static_cast<const Opaque *const *>(inputs), size_t{1}, static_cast<const char *const *>(output_names), size_t{1},
                                 static_cast<Opaque **>(outputs));
        result.object = outputs[0];
        api.check(status, "the model does not run");
        int tensorial = 0;
        api.check(api.call(is_tensor, static_cast<const Opaque *>(result.object), &tensorial), "output");
        if (!tensorial) throw gt::Failure(GT_UNSUPPORTED, std::string("output ") + output + " is no tensor");
        Held info(api, release_shape);
        api.check(api.call(tensor_shape, static_cast<const Opaque *>(result.object), &info.object), "output shape");
        int32_t element = 0;
        size_t out_rank = 0, elements = 0;
        api.check(api.call(element_type, static_cast<const Opaque *>(info.object), &element), "output type");
        api.check(api.call(dimension_count, static_cast<const Opaque *>(info.object), &out_rank), "output rank");
        if (out_rank > 8) throw gt::Failure(GT_UNSUPPORTED, std::string("output ") + output + " has more than 8 dimensions");
        api.check(api.call(dimensions, static_cast<const Opaque *>(info.object), output_shape, out_rank), "output shape");
        api.check(api.call(element_count, static_cast<const Opaque *>(info.object), &elements), "output size");
        void *raw = nullptr;
        api.check(api.call(tensor_data, result.object, &raw), "output data");
        if (elements > 0 && !raw) throw gt::Failure(GT_UNSUPPORTED, std::string("output ") + output + " holds no data");
        auto *copy = static_cast<float *>(std::malloc(std::max<size_t>(elements, 1) * sizeof(float)));
        if (!copy) throw gt::Failure(GT_INTERNAL, "out of memory");
        switch (element) {
        case element_float: std::memcpy(copy, raw, elements * sizeof(float)); break;
        case element_uint8: case element_bool: widen<uint8_t>(raw, elements, copy); break;
        case element_int8: widen<int8_t>(raw, elements, copy); break;
        case element_int32: widen<int32_t>(raw, elements, copy); break;
        case element_int64: widen<int64_t>(raw, elements, copy); break;
        case element_double: widen<double>(raw, elements, copy); break;
        default:
            std::free(copy);
            throw gt::Failure(GT_UNSUPPORTED, std::string("output ") + output + " is of " + type_name(element) +
                                                  "; float32, float64, integers and bool are accepted");
        }
        *values = copy;
        *output_rank = out_rank;
        *output_count = elements;
    });
}

void gt_onnx_free(float *values) { std::free(values); }

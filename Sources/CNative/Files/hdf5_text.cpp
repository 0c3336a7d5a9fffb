#include "hdf5.hpp"

using namespace gt;
using namespace gt::h5;

namespace {

hid_t textType() {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void requireAttribute(gt_hdf5* file, const char* path, const char* name) {
    requirePath(file, path);
    require(name != nullptr && name[0] != 0, "an attribute needs a name");
    requireThere(file, path);
}

template <class Body>
void setAttribute(gt_hdf5* file, const char* path, const char* name, hid_t type, Body&& write) {
    requireAttribute(file, path, name);
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "space");
    if (H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) > 0)
        check(H5Adelete_by_name(file->id, path, name, H5P_DEFAULT), std::string(path) + "@" + name);
    const Handle attribute(
        H5Acreate_by_name(file->id, path, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
        std::string(path) + "@" + name);
    check(write(attribute), std::string(path) + "@" + name);
}

Handle attributeAt(gt_hdf5* file, const char* path, const char* name) {
    requireAttribute(file, path, name);
    if (H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) <= 0)
        throw Failure(GT_IO, std::string(path) + " has no attribute " + name);
    return Handle(H5Aopen_by_name(file->id, path, name, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, std::string(path) + "@" + name);
}

/// Reads strings of fixed or variable length with the given reader; more than `limit` rows cannot be in the file.
template <class Read>
std::vector<std::string> readStrings(hid_t type, hid_t space, hsize_t limit, Read&& read) {
    if (H5Tget_class(type) != H5T_STRING) throw Failure(GT_IO, "it does not hold text");
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    std::vector<std::string> out;
    if (n <= 0) return out;
    if (hsize_t(n) > limit) throw Failure(GT_IO, "it states " + std::to_string(n) + " texts, more than its file can hold");
    if (H5Tis_variable_str(type) > 0) {
        const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose, "text type");
        H5Tset_size(memory, H5T_VARIABLE);
        H5Tset_cset(memory, H5Tget_cset(type));
        std::vector<char*> rows(size_t(n), nullptr);
        check(read(memory, rows.data()), "text");
        for (char* row : rows) out.emplace_back(row == nullptr ? "" : row);
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, rows.data());
        return out;
    }
    const size_t size = H5Tget_size(type);
    if (size == 0 || size > (size_t(1) << 30) / size_t(n)) throw Failure(GT_IO, "its text is too long");
    std::vector<char> bytes(size * size_t(n));
    check(read(type, bytes.data()), "text");
    for (hssize_t i = 0; i < n; ++i) {
        const char* row = bytes.data() + size_t(i) * size;
        out.emplace_back(row, strnlen(row, size));
    }
    return out;
}

/// A text takes a byte at least; what was just written may not be in the file yet.
hsize_t mostTexts(const gt_hdf5* file) {
    hsize_t bytes = 0;
    check(H5Fget_filesize(file->id, &bytes), "its size cannot be told");
    return bytes + 1000000;
}

}  // namespace

gt_status gt_hdf5_set_text(gt_hdf5* file, const char* path, const char* name, const char* value) {
    return hdf5([&] {
        require(value != nullptr, "the value is null");
        const Handle type(textType(), H5Tclose, "type");
        setAttribute(file, path, name, type, [&](hid_t id) { return H5Awrite(id, type, &value); });
    });
}

gt_status gt_hdf5_set_integer(gt_hdf5* file, const char* path, const char* name, int64_t value) {
    return hdf5([&] { setAttribute(file, path, name, H5T_STD_I64LE, [&](hid_t id) { return H5Awrite(id, H5T_NATIVE_INT64, &value); }); });
}

gt_status gt_hdf5_set_number(gt_hdf5* file, const char* path, const char* name, double value) {
    return hdf5([&] { setAttribute(file, path, name, H5T_IEEE_F64LE, [&](hid_t id) { return H5Awrite(id, H5T_NATIVE_DOUBLE, &value); }); });
}

gt_status gt_hdf5_has_attribute(gt_hdf5* file, const char* path, const char* name, bool* out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        requireAttribute(file, path, name);
        *out = H5Aexists_by_name(file->id, path, name, H5P_DEFAULT) > 0;
    });
}

gt_status gt_hdf5_number(gt_hdf5* file, const char* path, const char* name, double* out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        const Handle attribute = attributeAt(file, path, name);
        const Handle type(H5Aget_type(attribute), H5Tclose, name), space(H5Aget_space(attribute), H5Sclose, name);
        if (H5Sget_simple_extent_npoints(space) != 1) throw Failure(GT_IO, std::string(path) + "@" + name + " is not one number");
        if (H5Tget_class(type) == H5T_ENUM && H5Tget_size(type) == 1) {
            int8_t value = 0;
            check(H5Aread(attribute, type, &value), name);
            *out = value;
            return;
        }
        if (H5Tget_class(type) != H5T_FLOAT && H5Tget_class(type) != H5T_INTEGER)
            throw Failure(GT_IO, std::string(path) + "@" + name + " is not a number");
        check(H5Aread(attribute, H5T_NATIVE_DOUBLE, out), name);
    });
}

gt_status gt_hdf5_text(gt_hdf5* file, const char* path, const char* name, char** out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        *out = nullptr;
        const Handle attribute = attributeAt(file, path, name);
        const Handle type(H5Aget_type(attribute), H5Tclose, name), space(H5Aget_space(attribute), H5Sclose, name);
        const auto rows =
            readStrings(type, space, mostTexts(file), [&](hid_t memory, void* data) { return H5Aread(attribute, memory, data); });
        *out = copied(rows.empty() ? "" : rows[0]);
    });
}

gt_status gt_hdf5_strings(gt_hdf5* file, const char* path, char** out, size_t* size) {
    return hdf5([&] {
        require(out != nullptr && size != nullptr, "out is null");
        *out = nullptr;
        *size = 0;
        requirePath(file, path);
        const Handle dataset = datasetAt(file, path);
        const Handle type(H5Dget_type(dataset), H5Tclose, path), space(H5Dget_space(dataset), H5Sclose, path);
        const auto rows = readStrings(
            type, space, mostTexts(file),
            [&](hid_t memory, void* data) { return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data); });
        std::string all;
        for (const auto& row : rows) all.append(row.c_str(), row.size() + 1);
        *out = copied(all);
        *size = all.size();
    });
}

gt_status gt_hdf5_create_strings(gt_hdf5* file, const char* path, const char* rows, size_t size, bool scalar) {
    return hdf5([&] {
        requirePath(file, path);
        require(rows != nullptr && size > 0 && rows[size - 1] == 0, "each row must end in a zero byte");
        std::vector<const char*> pointers;
        for (size_t at = 0; at < size; at += std::strlen(rows + at) + 1) pointers.push_back(rows + at);
        require(!scalar || pointers.size() == 1, "a scalar holds one row");
        const hsize_t n = pointers.size();
        const Handle type(textType(), H5Tclose, "type");
        const Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr), H5Sclose, "space");
        const LinkProperties links;
        const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "dataset properties");
        check(H5Pset_obj_track_times(properties, false), "dataset properties");
        const Handle dataset(H5Dcreate2(file->id, path, type, space, links, properties, H5P_DEFAULT), H5Dclose, path);
        check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), path);
    });
}

void gt_hdf5_text_free(char* text) { std::free(text); }

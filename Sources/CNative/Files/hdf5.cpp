#include "hdf5.hpp"

using namespace gt;
using namespace gt::h5;

namespace {
hid_t booleanType() {
    const hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    int8_t value = 0;
    H5Tenum_insert(type, "FALSE", &value);
    value = 1;
    H5Tenum_insert(type, "TRUE", &value);
    return type;
}

/// A copy that the caller closes.
hid_t nativeType(int32_t type) {
    switch (type) {
    case GT_HDF5_F32: return H5Tcopy(H5T_NATIVE_FLOAT);
    case GT_HDF5_F64: return H5Tcopy(H5T_NATIVE_DOUBLE);
    case GT_HDF5_U8: return H5Tcopy(H5T_NATIVE_UINT8);
    case GT_HDF5_I32: return H5Tcopy(H5T_NATIVE_INT32);
    case GT_HDF5_I64: return H5Tcopy(H5T_NATIVE_INT64);
    case GT_HDF5_BOOL: return booleanType();
    default: throw Failure(GT_INVALID_ARGUMENT, "this element type cannot be read or written here");
    }
}

int32_t kindOf(hid_t type) {
    const size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_FLOAT: return size <= 4 ? GT_HDF5_F32 : GT_HDF5_F64;
    case H5T_INTEGER:
        if (size == 1 && H5Tget_sign(type) == H5T_SGN_NONE) return GT_HDF5_U8;
        return size < 4 || (size == 4 && H5Tget_sign(type) != H5T_SGN_NONE) ? GT_HDF5_I32 : GT_HDF5_I64;
    case H5T_STRING: return GT_HDF5_STRING;
    case H5T_ENUM: return size == 1 ? GT_HDF5_BOOL : GT_HDF5_OTHER;
    default: return GT_HDF5_OTHER;
    }
}

size_t elementSize(int32_t type) {
    const Handle native(nativeType(type), H5Tclose, "type");
    return H5Tget_size(native);
}

std::vector<hsize_t> sizes(const int64_t* values, int32_t rank, const char* what) {
    require(rank >= 0 && rank <= GT_HDF5_MAX_RANK && (rank == 0 || values != nullptr), what);
    std::vector<hsize_t> result;
    for (int32_t i = 0; i < rank; ++i) {
        require(values[i] >= 0, what);
        result.push_back(hsize_t(values[i]));
    }
    return result;
}

/// Checks that the buffer is the box's size.
void requireBytes(const std::vector<hsize_t>& count, int32_t type, const void* data, size_t bytes) {
    size_t expected = elementSize(type);
    for (const hsize_t n : count) {
        if (n != 0 && expected > SIZE_MAX / n) throw Failure(GT_INVALID_ARGUMENT, "the box is too large");
        expected *= n;
    }
    require(bytes == expected && (data != nullptr || bytes == 0), "the buffer does not have the box's size in bytes");
}

gt_hdf5* opened(hid_t id, const char* path) {
    if (id < 0) throw Failure(GT_IO, std::string("cannot be opened as HDF5: ") + reason());
    return new gt_hdf5{id, path};
}

}  // namespace

gt_status gt_hdf5_open(const char* path, gt_hdf5** out) {
    return hdf5([&] {
        require(path != nullptr && out != nullptr, "an argument is null");
        *out = nullptr;
        *out = opened(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), path);
    });
}

gt_status gt_hdf5_open_writable(const char* path, gt_hdf5** out) {
    return hdf5([&] {
        require(path != nullptr && out != nullptr, "an argument is null");
        *out = nullptr;
        *out = opened(H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), path);
    });
}

gt_status gt_hdf5_create(const char* path, gt_hdf5** out) {
    return hdf5([&] {
        require(path != nullptr && out != nullptr, "an argument is null");
        *out = nullptr;
        const Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "file properties");
        check(H5Pset_obj_track_times(properties, false), "file properties");
        *out = opened(H5Fcreate(path, H5F_ACC_TRUNC, properties, H5P_DEFAULT), path);
    });
}

gt_status gt_hdf5_close(gt_hdf5* file) {
    return hdf5([&] {
        if (file == nullptr) return;
        const hid_t id = file->id;
        delete file;
        const herr_t flushed = H5Fflush(id, H5F_SCOPE_LOCAL);
        const herr_t closed = H5Fclose(id);
        check(flushed, "cannot be written");
        check(closed, "cannot be closed");
    });
}

gt_status gt_hdf5_children(gt_hdf5* file, const char* group, char** out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        *out = nullptr;
        requirePath(file, group);
        requireThere(file, group);
        const Handle id(H5Gopen2(file->id, group, H5P_DEFAULT), H5Gclose, std::string(group) + " is not a group");
        std::string names;
        check(
            H5Literate(
                id, H5_INDEX_NAME, H5_ITER_INC, nullptr,
                [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
                    *static_cast<std::string*>(data) += std::string(name) + "\n";
                    return 0;
                },
                &names),
            group);
        *out = copied(names);
    });
}

gt_status gt_hdf5_exists(gt_hdf5* file, const char* path, bool* out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        requirePath(file, path);
        *out = exists(file, path);
    });
}

gt_status gt_hdf5_remove(gt_hdf5* file, const char* path) {
    return hdf5([&] {
        requirePath(file, path);
        requireThere(file, path);
        check(H5Ldelete(file->id, path, H5P_DEFAULT), std::string(path) + " cannot be taken away");
    });
}

gt_status gt_hdf5_describe(gt_hdf5* file, const char* path, gt_hdf5_info* out) {
    return hdf5([&] {
        require(out != nullptr, "out is null");
        *out = gt_hdf5_info{};
        requirePath(file, path);
        requireThere(file, path);
        const Handle object(H5Oopen(file->id, path, H5P_DEFAULT), H5Oclose, path);
        if (H5Iget_type(object) != H5I_DATASET) return;
        out->is_dataset = true;
        const Handle type(H5Dget_type(object), H5Tclose, path);
        const Handle space(H5Dget_space(object), H5Sclose, path);
        const Handle properties(H5Dget_create_plist(object), H5Pclose, path);
        out->type = kindOf(type);
        out->rank = H5Sget_simple_extent_ndims(space);
        if (out->rank < 0 || out->rank > GT_HDF5_MAX_RANK) throw Failure(GT_UNSUPPORTED, std::string(path) + ": more than 8 dimensions");
        hsize_t shape[GT_HDF5_MAX_RANK] = {}, chunk[GT_HDF5_MAX_RANK] = {};
        H5Sget_simple_extent_dims(space, shape, nullptr);
        if (H5Pget_layout(properties) == H5D_CHUNKED) H5Pget_chunk(properties, GT_HDF5_MAX_RANK, chunk);
        for (int32_t i = 0; i < out->rank; ++i) {
            out->shape[i] = int64_t(shape[i]);
            out->chunk[i] = int64_t(chunk[i]);
        }
    });
}

gt_status gt_hdf5_read(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* start, const int64_t* count, void* out, size_t bytes) {
    return hdf5([&] {
        requirePath(file, path);
        const auto from = sizes(start, rank, "the box's start is not valid"), size = sizes(count, rank, "the box's size is not valid");
        requireBytes(size, type, out, bytes);
        const Handle dataset = datasetAt(file, path);
        const Handle space(H5Dget_space(dataset), H5Sclose, path);
        if (H5Sget_simple_extent_ndims(space) != rank)
            throw Failure(GT_INVALID_ARGUMENT, std::string(path) + " has another number of dimensions than asked for");
        const Handle native(nativeType(type), H5Tclose, "type");
        if (rank == 0) {
            check(H5Dread(dataset, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), path);
            return;
        }
        hsize_t shape[GT_HDF5_MAX_RANK] = {};
        H5Sget_simple_extent_dims(space, shape, nullptr);
        for (int32_t i = 0; i < rank; ++i)
            if (from[i] > shape[i] || size[i] > shape[i] - from[i])
                throw Failure(GT_INVALID_ARGUMENT, std::string(path) + ": the box reaches beyond the data");
        if (bytes == 0) return;
        check(H5Sselect_hyperslab(space, H5S_SELECT_SET, from.data(), nullptr, size.data(), nullptr), path);
        const Handle memory(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, path);
        check(H5Dread(dataset, native, memory, space, H5P_DEFAULT, out), path);
    });
}

gt_status gt_hdf5_create_group(gt_hdf5* file, const char* path) {
    return hdf5([&] {
        requirePath(file, path);
        if (exists(file, path)) return;
        const LinkProperties links;
        const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "group properties");
        check(H5Pset_obj_track_times(properties, false), "group properties");
        const Handle group(H5Gcreate2(file->id, path, links, properties, H5P_DEFAULT), H5Gclose, path);
    });
}

gt_status gt_hdf5_create_dataset(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* shape, const int64_t* chunk, int32_t deflate) {
    return hdf5([&] {
        requirePath(file, path);
        const auto size = sizes(shape, rank, "the shape is not valid");
        require(deflate >= 0 && deflate <= 9, "deflate must be 0 to 9");
        const Handle native(nativeType(type), H5Tclose, "type");
        const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "dataset properties");
        check(H5Pset_obj_track_times(properties, false), "dataset properties");
        auto limit = size;
        if (chunk != nullptr && rank > 0) {
            const auto block = sizes(chunk, rank, "the chunk is not valid");
            require(std::all_of(block.begin(), block.end(), [](hsize_t n) { return n > 0; }), "a chunk's sides must be 1 or more");
            check(H5Pset_chunk(properties, rank, block.data()), path);
            if (deflate > 0) check(H5Pset_deflate(properties, unsigned(deflate)), path);
            limit[0] = H5S_UNLIMITED;
        } else {
            require(deflate == 0, "only chunked data can be compressed");
        }
        const Handle space(
            rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, size.data(), limit.data()), H5Sclose, "space");
        const LinkProperties links;
        const Handle dataset(H5Dcreate2(file->id, path, native, space, links, properties, H5P_DEFAULT), H5Dclose, path);
    });
}

gt_status gt_hdf5_write(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* start, const int64_t* count, const void* data, size_t bytes) {
    return hdf5([&] {
        requirePath(file, path);
        const auto from = sizes(start, rank, "the box's start is not valid"), size = sizes(count, rank, "the box's size is not valid");
        requireBytes(size, type, data, bytes);
        const Handle dataset = datasetAt(file, path);
        const Handle native(nativeType(type), H5Tclose, "type");
        hsize_t shape[GT_HDF5_MAX_RANK] = {}, limit[GT_HDF5_MAX_RANK] = {};
        {
            const Handle space(H5Dget_space(dataset), H5Sclose, path);
            if (H5Sget_simple_extent_ndims(space) != rank)
                throw Failure(GT_INVALID_ARGUMENT, std::string(path) + " has another number of dimensions than given");
            H5Sget_simple_extent_dims(space, shape, limit);
        }
        if (rank == 0) {
            check(H5Dwrite(dataset, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), path);
            return;
        }
        if (from[0] + size[0] > shape[0] && limit[0] == H5S_UNLIMITED) {
            shape[0] = from[0] + size[0];
            check(H5Dset_extent(dataset, shape), path);
        }
        for (int32_t i = 0; i < rank; ++i)
            if (from[i] > shape[i] || size[i] > shape[i] - from[i])
                throw Failure(GT_INVALID_ARGUMENT, std::string(path) + ": the box reaches beyond the data");
        if (bytes == 0) return;
        const Handle space(H5Dget_space(dataset), H5Sclose, path);
        check(H5Sselect_hyperslab(space, H5S_SELECT_SET, from.data(), nullptr, size.data(), nullptr), path);
        const Handle memory(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, path);
        check(H5Dwrite(dataset, native, memory, space, H5P_DEFAULT, data), path);
    });
}

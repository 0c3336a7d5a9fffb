// HDF5 files: logs of other recorders are read, robomimic's data sets are written. Paths inside a file are absolute ("/data/demo_0/actions").
#ifndef GT_HDF5_H
#define GT_HDF5_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// An open file.
typedef struct gt_hdf5 gt_hdf5;

/// Element types; GT_HDF5_OTHER is anything else (read as nothing).
enum {
    GT_HDF5_OTHER = 0,
    GT_HDF5_F32 = 1,
    GT_HDF5_F64 = 2,
    GT_HDF5_U8 = 3,
    GT_HDF5_I32 = 4,
    GT_HDF5_I64 = 5,
    GT_HDF5_STRING = 6,
    GT_HDF5_BOOL = 7  // h5py's: an enumeration FALSE, TRUE over 8 bits
};

enum { GT_HDF5_MAX_RANK = 8 };

/// What stands at a path. `type` is the closest of the types above (integers of other widths count as I64, or I32 where they fit).
typedef struct gt_hdf5_info {
    bool is_dataset;  // else a group
    int32_t type;
    int32_t rank;
    int64_t shape[8];
    int64_t chunk[8];  // zeros where the data is not chunked
} gt_hdf5_info;

/// Opens a file for reading. A file that is not HDF5, or cut short, gives GT_IO with the library's own reason.
gt_status gt_hdf5_open(const char* path, gt_hdf5** out);

/// Makes a file, replacing any that is there. Times are not stored, so that equal contents give equal bytes.
gt_status gt_hdf5_create(const char* path, gt_hdf5** out);

/// Opens an existing file for reading and writing.
gt_status gt_hdf5_open_writable(const char* path, gt_hdf5** out);

/// Writes what is pending and frees the file, also when that fails. Null is accepted.
gt_status gt_hdf5_close(gt_hdf5* file);

/// Names in a group, by name, each followed by a newline; freed by gt_hdf5_text_free.
gt_status gt_hdf5_children(gt_hdf5* file, const char* group, char** out);

/// Whether something stands at the path.
gt_status gt_hdf5_exists(gt_hdf5* file, const char* path, bool* out);

gt_status gt_hdf5_describe(gt_hdf5* file, const char* path, gt_hdf5_info* out);

/// The first object of the HDF5 file at `path` whose data lies in another file (an external link, external storage, a virtual dataset), as
/// "OBJECT: WHAT"; an empty text where all is in the file itself. Freed by gt_hdf5_text_free.
gt_status gt_hdf5_outside(const char* path, char** out);

/// Reads a box of a dataset, converted to `type` (a number type). `start` and `count` have `rank` entries; `bytes` must be the box's size.
gt_status gt_hdf5_read(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* start, const int64_t* count, void* out, size_t bytes);

/// Makes a group and those above it; nothing happens where it is there.
gt_status gt_hdf5_create_group(gt_hdf5* file, const char* path);

/// Takes away what stands at the path; its space is not used again.
gt_status gt_hdf5_remove(gt_hdf5* file, const char* path);

/// Makes a dataset, and the groups above it. With `chunk` null it is contiguous, else chunked, and its first dimension can grow.
/// `deflate` 0 is uncompressed, 1 to 9 zlib's levels (chunked only).
gt_status gt_hdf5_create_dataset(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* shape, const int64_t* chunk, int32_t deflate);

/// Writes a box of a dataset from elements of `type`; a chunked dataset grows along its first dimension where the box needs it.
gt_status gt_hdf5_write(
    gt_hdf5* file, const char* path, int32_t type, int32_t rank, const int64_t* start, const int64_t* count, const void* data, size_t bytes);

/// Attributes of a group or dataset. Setting one replaces it; strings are UTF-8 of variable length, as h5py writes them.
gt_status gt_hdf5_set_text(gt_hdf5* file, const char* path, const char* name, const char* value);
gt_status gt_hdf5_set_integer(gt_hdf5* file, const char* path, const char* name, int64_t value);
gt_status gt_hdf5_set_number(gt_hdf5* file, const char* path, const char* name, double value);
gt_status gt_hdf5_has_attribute(gt_hdf5* file, const char* path, const char* name, bool* out);
/// Numbers and booleans of any width are converted.
gt_status gt_hdf5_number(gt_hdf5* file, const char* path, const char* name, double* out);
/// Strings of fixed or variable length; freed by gt_hdf5_text_free.
gt_status gt_hdf5_text(gt_hdf5* file, const char* path, const char* name, char** out);
/// A scalar or one-dimensional string dataset's rows, each followed by a zero byte; `size` counts all bytes.
gt_status gt_hdf5_strings(gt_hdf5* file, const char* path, char** out, size_t* size);
/// Makes a one-dimensional dataset of strings, or a scalar one (`rank0`), from rows that each end in a zero byte.
gt_status gt_hdf5_create_strings(gt_hdf5* file, const char* path, const char* rows, size_t size, bool scalar);

void gt_hdf5_text_free(char* text);

#ifdef __cplusplus
}
#endif
#endif

// Parquet tables by columns, written and read through Arrow C++.
#ifndef GT_TABLE_H
#define GT_TABLE_H

#include "gt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What a column's leaves are.
enum {
    GT_ELEMENT_INT64 = 0, GT_ELEMENT_FLOAT = 1, GT_ELEMENT_DOUBLE = 2, GT_ELEMENT_BOOL = 3, GT_ELEMENT_STRING = 4, GT_ELEMENT_OTHER = 5
};

/// A column: `depth` 0 is a scalar, 1 to 3 a list of lists; `fixed_size` > 0 (with depth 1 only) is a fixed-size list of that length.
typedef struct gt_column {
    const char* name;
    int32_t element;
    int32_t depth;
    int32_t fixed_size;
} gt_column;

typedef struct gt_table_writer gt_table_writer;

/// Creates the file. `keys` and `values` are schema metadata; the Arrow schema is stored in the file so that readers see it.
gt_status gt_table_writer_open(
    const char* path, const gt_column* columns, size_t column_count, const char* const* keys, const char* const* values,
    size_t metadata_count, gt_table_writer** out);

/// Appends `rows` rows to one column. Leaves lie row after row; with depth d each row holds shape[0] x … x shape[d-1] of them. `element`
/// says what `values` points at: int64_t, float, double, uint8_t (0 or 1) or const char* (UTF-8), and must be the column's.
gt_status gt_table_writer_append(
    gt_table_writer* writer, size_t column, int32_t element, const void* values, size_t rows, const int64_t* shape);

/// Writes what was appended as one row group; every column must hold equally many rows. No rows: does nothing.
gt_status gt_table_writer_flush(gt_table_writer* writer);

/// Bytes written so far, without what is not flushed.
gt_status gt_table_writer_size(gt_table_writer* writer, int64_t* out);

/// Flushes, writes the footer and closes the file. Afterwards only `free` is of use.
gt_status gt_table_writer_close(gt_table_writer* writer);
void gt_table_writer_free(gt_table_writer* writer);

typedef struct gt_table_reader gt_table_reader;

/// Opens a Parquet file; GT_IO when it cannot be opened, GT_INVALID_ARGUMENT when it is no Parquet.
gt_status gt_table_reader_open(const char* path, gt_table_reader** out);
void gt_table_reader_free(gt_table_reader* reader);
gt_status gt_table_reader_counts(const gt_table_reader* reader, int64_t* rows, int64_t* columns, int64_t* row_groups);

/// Column `index`; `name` and `type` (Arrow's text of it) live as long as the reader.
gt_status gt_table_reader_column(const gt_table_reader* reader, size_t index, gt_column* out, const char** type);

/// The schema metadata under `key`, or null where there is none. Lives as long as the reader.
gt_status gt_table_reader_metadata(const gt_table_reader* reader, const char* key, const char** out);

typedef struct gt_values gt_values;

/// Reads one whole column, its lists flattened.
gt_status gt_table_reader_values(gt_table_reader* reader, size_t column, gt_values** out);
void gt_values_free(gt_values* values);
/// How many rows, leaves, and nulls (of rows or leaves) there are.
gt_status gt_values_counts(const gt_values* values, int64_t* rows, int64_t* leaves, int64_t* nulls);
/// How many leaves each row holds, `rows` numbers.
gt_status gt_values_lengths(const gt_values* values, int64_t* out, size_t count);
/// The leaves as integers (of any integer or bool column; GT_UNSUPPORTED for others), nulls as 0.
gt_status gt_values_int64(const gt_values* values, int64_t* out, size_t count);
/// The leaves as doubles (of any number or bool column; GT_UNSUPPORTED for others), nulls as NaN.
gt_status gt_values_double(const gt_values* values, double* out, size_t count);
/// Leaf `index` of a string column and its length in bytes; null values are empty. Lives as long as `values`.
gt_status gt_values_string(const gt_values* values, size_t index, const char** out, size_t* length);

#ifdef __cplusplus
}
#endif
#endif

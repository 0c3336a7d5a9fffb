// The Parquet reader.
#include "table.hpp"

#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <cmath>
#include <functional>
#include <memory>
#include <vector>

using namespace gt;
using namespace gt::table;

struct gt_table_reader {
    std::unique_ptr<parquet::arrow::FileReader> file;
    std::shared_ptr<arrow::Schema> schema;
    std::vector<std::string> types;
    std::vector<std::string> metadata_values;
};

struct gt_values {
    /// The leaves, chunk by chunk, and each row's leaf count.
    std::vector<std::shared_ptr<arrow::Array>> chunks;
    std::vector<int64_t> lengths;
    int64_t leaves = 0;
    int64_t nulls = 0;
};

namespace {

gt_column describe(const arrow::Field& field) {
    gt_column column{field.name().c_str(), GT_ELEMENT_OTHER, 0, 0};
    const arrow::DataType* type = field.type().get();
    while (type->id() == arrow::Type::LIST || type->id() == arrow::Type::FIXED_SIZE_LIST || type->id() == arrow::Type::LARGE_LIST) {
        if (type->id() == arrow::Type::FIXED_SIZE_LIST) column.fixed_size = static_cast<const arrow::FixedSizeListType*>(type)->list_size();
        type = type->field(0)->type().get();
        ++column.depth;
    }
    if (column.depth > 1) column.fixed_size = 0;
    switch (type->id()) {
    case arrow::Type::INT64: column.element = GT_ELEMENT_INT64; break;
    case arrow::Type::FLOAT: column.element = GT_ELEMENT_FLOAT; break;
    case arrow::Type::DOUBLE: column.element = GT_ELEMENT_DOUBLE; break;
    case arrow::Type::BOOL: column.element = GT_ELEMENT_BOOL; break;
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING: column.element = GT_ELEMENT_STRING; break;
    default: break;
    }
    return column;
}

using Range = std::pair<int64_t, int64_t>;

/// Offsets of a list array's rows into its values, as a function, so that the three kinds of list read alike.
struct Lists {
    std::shared_ptr<arrow::Array> values;
    std::function<Range(int64_t)> range;
};

bool as_lists(const std::shared_ptr<arrow::Array>& array, Lists& out) {
    if (auto list = std::dynamic_pointer_cast<arrow::ListArray>(array)) {
        out = {list->values(), [list](int64_t i) { return Range(list->value_offset(i), list->value_offset(i + 1)); }};
    } else if (auto list = std::dynamic_pointer_cast<arrow::LargeListArray>(array)) {
        out = {list->values(), [list](int64_t i) { return Range(list->value_offset(i), list->value_offset(i + 1)); }};
    } else if (auto list = std::dynamic_pointer_cast<arrow::FixedSizeListArray>(array)) {
        out = {list->values(), [list](int64_t i) { return Range(list->value_offset(i), list->value_offset(i) + list->value_length()); }};
    } else {
        return false;
    }
    return true;
}

void collect(gt_values& values, const std::shared_ptr<arrow::Array>& chunk) {
    std::vector<std::pair<int64_t, int64_t>> ranges;
    for (int64_t i = 0; i < chunk->length(); ++i) ranges.emplace_back(i, i + 1);
    std::shared_ptr<arrow::Array> level = chunk;
    Lists lists;
    while (as_lists(level, lists)) {
        values.nulls += level->null_count();
        for (auto& [begin, end] : ranges) {
            // Lists lie one behind the other, so a run of lists is a run of their values.
            const bool empty = begin == end;
            const int64_t first = empty ? 0 : lists.range(begin).first;
            const int64_t last = empty ? 0 : lists.range(end - 1).second;
            begin = first;
            end = last;
        }
        level = lists.values;
    }
    values.nulls += level->null_count();
    // Leaves that no row covers (the values of null lists) are left out.
    int64_t run_begin = 0, run_end = 0;
    auto keep = [&] {
        if (run_end > run_begin) values.chunks.push_back(level->Slice(run_begin, run_end - run_begin));
    };
    for (const auto& [begin, end] : ranges) {
        values.lengths.push_back(end - begin);
        values.leaves += end - begin;
        if (begin == end) continue;
        if (begin != run_end) {
            keep();
            run_begin = begin;
        }
        run_end = end;
    }
    keep();
}

template <class Array, class Out>
void copy(const arrow::Array& array, Out* out, Out null) {
    const auto& typed = static_cast<const Array&>(array);
    for (int64_t i = 0; i < typed.length(); ++i) out[i] = typed.IsNull(i) ? null : Out(typed.Value(i));
}

template <class Out>
bool copy_integers(const arrow::Array& array, Out* out, Out null) {
    switch (array.type_id()) {
    case arrow::Type::BOOL: copy<arrow::BooleanArray>(array, out, null); return true;
    case arrow::Type::INT8: copy<arrow::Int8Array>(array, out, null); return true;
    case arrow::Type::UINT8: copy<arrow::UInt8Array>(array, out, null); return true;
    case arrow::Type::INT16: copy<arrow::Int16Array>(array, out, null); return true;
    case arrow::Type::UINT16: copy<arrow::UInt16Array>(array, out, null); return true;
    case arrow::Type::INT32: copy<arrow::Int32Array>(array, out, null); return true;
    case arrow::Type::UINT32: copy<arrow::UInt32Array>(array, out, null); return true;
    case arrow::Type::INT64: copy<arrow::Int64Array>(array, out, null); return true;
    default: return false;
    }
}

void require_count(const gt_values* values, const void* out, size_t count) {
    require(values != nullptr && (out != nullptr || count == 0), "null argument");
    require(int64_t(count) == values->leaves, "the buffer does not hold as many values as there are");
}

}  // namespace

gt_status gt_table_reader_open(const char* path, gt_table_reader** out) {
    return guarded([&] {
        require(out != nullptr, "out is null");
        *out = nullptr;
        require(path != nullptr, "path is null");
        auto file = arrow::io::ReadableFile::Open(path);
        if (!file.ok()) throw Failure(GT_IO, "cannot be opened");
        auto table = std::make_unique<gt_table_reader>();
        try {
            table->file = take(parquet::arrow::OpenFile(file.ValueUnsafe(), arrow::default_memory_pool()));
        } catch (const std::exception& e) {
            throw Failure(GT_INVALID_ARGUMENT, std::string("not a Parquet file: ") + e.what());
        }
        check(table->file->GetSchema(&table->schema));
        for (const auto& field : table->schema->fields()) table->types.push_back(field->type()->ToString());
        if (const auto metadata = table->schema->metadata()) table->metadata_values = metadata->values();
        *out = table.release();
    });
}

void gt_table_reader_free(gt_table_reader* reader) { delete reader; }

gt_status gt_table_reader_counts(const gt_table_reader* reader, int64_t* rows, int64_t* columns, int64_t* row_groups) {
    return guarded([&] {
        require(reader != nullptr && rows != nullptr && columns != nullptr && row_groups != nullptr, "null argument");
        *rows = reader->file->parquet_reader()->metadata()->num_rows();
        *columns = reader->schema->num_fields();
        *row_groups = reader->file->num_row_groups();
    });
}

gt_status gt_table_reader_column(const gt_table_reader* reader, size_t index, gt_column* out, const char** type) {
    return guarded([&] {
        require(reader != nullptr && out != nullptr && type != nullptr && index < reader->types.size(), "no such column");
        *out = describe(*reader->schema->field(int(index)));
        *type = reader->types[index].c_str();
    });
}

gt_status gt_table_reader_metadata(const gt_table_reader* reader, const char* key, const char** out) {
    return guarded([&] {
        require(reader != nullptr && key != nullptr && out != nullptr, "null argument");
        const auto metadata = reader->schema->metadata();
        const int index = metadata ? metadata->FindKey(key) : -1;
        *out = index < 0 ? nullptr : reader->metadata_values[size_t(index)].c_str();
    });
}

gt_status gt_table_reader_values(gt_table_reader* reader, size_t column, gt_values** out) {
    return guarded([&] {
        require(out != nullptr, "out is null");
        *out = nullptr;
        require(reader != nullptr && column < reader->types.size(), "no such column");
        std::shared_ptr<arrow::ChunkedArray> chunked;
        check(reader->file->ReadColumn(int(column), &chunked));
        auto values = std::make_unique<gt_values>();
        for (const auto& chunk : chunked->chunks()) collect(*values, chunk);
        *out = values.release();
    });
}

void gt_values_free(gt_values* values) { delete values; }

gt_status gt_values_counts(const gt_values* values, int64_t* rows, int64_t* leaves, int64_t* nulls) {
    return guarded([&] {
        require(values != nullptr && rows != nullptr && leaves != nullptr && nulls != nullptr, "null argument");
        *rows = int64_t(values->lengths.size());
        *leaves = values->leaves;
        *nulls = values->nulls;
    });
}

gt_status gt_values_lengths(const gt_values* values, int64_t* out, size_t count) {
    return guarded([&] {
        require(values != nullptr && (out != nullptr || count == 0) && count == values->lengths.size(), "null argument or wrong count");
        std::copy(values->lengths.begin(), values->lengths.end(), out);
    });
}

gt_status gt_values_int64(const gt_values* values, int64_t* out, size_t count) {
    return guarded([&] {
        require_count(values, out, count);
        for (const auto& chunk : values->chunks) {
            if (!copy_integers<int64_t>(*chunk, out, 0)) throw Failure(GT_UNSUPPORTED, "not integers but " + chunk->type()->ToString());
            out += chunk->length();
        }
    });
}

gt_status gt_values_double(const gt_values* values, double* out, size_t count) {
    return guarded([&] {
        require_count(values, out, count);
        const double null = std::nan("");
        for (const auto& chunk : values->chunks) {
            switch (chunk->type_id()) {
            case arrow::Type::FLOAT: copy<arrow::FloatArray>(*chunk, out, null); break;
            case arrow::Type::DOUBLE: copy<arrow::DoubleArray>(*chunk, out, null); break;
            default:
                if (!copy_integers<double>(*chunk, out, null))
                    throw Failure(GT_UNSUPPORTED, "not numbers but " + chunk->type()->ToString());
            }
            out += chunk->length();
        }
    });
}

gt_status gt_values_string(const gt_values* values, size_t index, const char** out, size_t* length) {
    return guarded([&] {
        require(values != nullptr && out != nullptr && length != nullptr && int64_t(index) < values->leaves, "no such value");
        int64_t i = int64_t(index);
        for (const auto& chunk : values->chunks) {
            if (i >= chunk->length()) {
                i -= chunk->length();
                continue;
            }
            std::string_view view;
            if (chunk->IsNull(i)) {
                view = "";
            } else if (chunk->type_id() == arrow::Type::STRING) {
                view = static_cast<const arrow::StringArray&>(*chunk).GetView(i);
            } else if (chunk->type_id() == arrow::Type::LARGE_STRING) {
                view = static_cast<const arrow::LargeStringArray&>(*chunk).GetView(i);
            } else {
                throw Failure(GT_UNSUPPORTED, "not strings but " + chunk->type()->ToString());
            }
            *out = view.data();
            *length = view.size();
            return;
        }
    });
}

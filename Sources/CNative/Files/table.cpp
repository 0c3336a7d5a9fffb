// The Parquet writer.
#include "table.hpp"

#include <arrow/io/file.h>
#include <parquet/arrow/writer.h>

#include <memory>
#include <vector>

using namespace gt;
using namespace gt::table;

namespace {

std::shared_ptr<arrow::DataType> type_of(const gt_column& column) {
    std::shared_ptr<arrow::DataType> type;
    switch (column.element) {
    case GT_ELEMENT_INT64: type = arrow::int64(); break;
    case GT_ELEMENT_FLOAT: type = arrow::float32(); break;
    case GT_ELEMENT_DOUBLE: type = arrow::float64(); break;
    case GT_ELEMENT_BOOL: type = arrow::boolean(); break;
    case GT_ELEMENT_STRING: type = arrow::utf8(); break;
    default: throw Failure(GT_INVALID_ARGUMENT, "unknown column element; accepted: int64, float, double, bool, string");
    }
    require(column.depth >= 0 && column.depth <= 3, "a column's depth is 0 to 3");
    require(column.fixed_size >= 0 && (column.fixed_size == 0 || column.depth == 1), "a fixed size needs depth 1");
    if (column.fixed_size > 0) return arrow::fixed_size_list(arrow::field("element", type), column.fixed_size);
    for (int32_t i = 0; i < column.depth; ++i) type = arrow::list(arrow::field("element", type));
    return type;
}

/// A column's leaves and, for each level of lists, the offsets into the level below.
struct Builder {
    gt_column column;
    std::unique_ptr<arrow::ArrayBuilder> leaves;
    std::vector<std::vector<int32_t>> offsets;
    int64_t rows = 0;

    explicit Builder(const gt_column& c) : column(c) { reset(); }

    void reset() {
        switch (column.element) {
        case GT_ELEMENT_INT64: leaves = std::make_unique<arrow::Int64Builder>(); break;
        case GT_ELEMENT_FLOAT: leaves = std::make_unique<arrow::FloatBuilder>(); break;
        case GT_ELEMENT_DOUBLE: leaves = std::make_unique<arrow::DoubleBuilder>(); break;
        case GT_ELEMENT_BOOL: leaves = std::make_unique<arrow::BooleanBuilder>(); break;
        default: leaves = std::make_unique<arrow::StringBuilder>(); break;
        }
        offsets.assign(column.fixed_size > 0 ? 0 : column.depth, {0});
        rows = 0;
    }

    template <class B, class T>
    void add(const void* values, int64_t count) {
        check(static_cast<B&>(*leaves).AppendValues(static_cast<const T*>(values), count));
    }

    void append(const void* values, size_t count_of_rows, const int64_t* shape) {
        int64_t count = int64_t(count_of_rows);
        for (int32_t level = 0; level < column.depth; ++level) {
            require(shape[level] >= 0, "a negative list length");
            if (column.fixed_size > 0) {
                require(shape[level] == column.fixed_size, "the list's length is not the column's fixed size");
            } else {
                auto& at = offsets[level];
                for (int64_t i = 0; i < count; ++i) {
                    const int64_t next = at.back() + shape[level];
                    require(next <= INT32_MAX, "more than 2^31 list entries in one row group: flush more often");
                    at.push_back(int32_t(next));
                }
            }
            count *= shape[level];
        }
        require(count == 0 || values != nullptr, "values are null");
        switch (column.element) {
        case GT_ELEMENT_INT64: add<arrow::Int64Builder, int64_t>(values, count); break;
        case GT_ELEMENT_FLOAT: add<arrow::FloatBuilder, float>(values, count); break;
        case GT_ELEMENT_DOUBLE: add<arrow::DoubleBuilder, double>(values, count); break;
        case GT_ELEMENT_BOOL: add<arrow::BooleanBuilder, uint8_t>(values, count); break;
        default:
            for (int64_t i = 0; i < count; ++i) {
                const char* text = static_cast<const char* const*>(values)[i];
                require(text != nullptr, "a string is null");
                check(static_cast<arrow::StringBuilder&>(*leaves).Append(text));
            }
        }
        rows += int64_t(count_of_rows);
    }

    std::shared_ptr<arrow::Array> finish(const std::shared_ptr<arrow::DataType>& type) {
        std::shared_ptr<arrow::Array> array = take(leaves->Finish());
        if (column.fixed_size > 0) {
            array = std::make_shared<arrow::FixedSizeListArray>(type, rows, array);
        } else {
            std::vector<std::shared_ptr<arrow::DataType>> types{type};
            while (int32_t(types.size()) < column.depth) types.push_back(types.back()->field(0)->type());
            for (int32_t level = column.depth - 1; level >= 0; --level) {
                const auto& at = offsets[level];
                auto buffer = take(arrow::AllocateBuffer(int64_t(at.size() * sizeof(int32_t))));
                std::copy(at.begin(), at.end(), reinterpret_cast<int32_t*>(buffer->mutable_data()));
                std::shared_ptr<arrow::Buffer> shared = std::move(buffer);
                array = std::make_shared<arrow::ListArray>(types[level], int64_t(at.size()) - 1, shared, array);
            }
        }
        reset();
        return array;
    }
};

}  // namespace

struct gt_table_writer {
    std::shared_ptr<arrow::Schema> schema;
    std::shared_ptr<arrow::io::FileOutputStream> file;
    std::unique_ptr<parquet::arrow::FileWriter> writer;
    std::vector<Builder> columns;

    void flush() {
        require(writer != nullptr, "the table is closed");
        const int64_t rows = columns.front().rows;
        for (const auto& column : columns) require(column.rows == rows, "the columns do not hold equally many rows");
        if (rows == 0) return;
        std::vector<std::shared_ptr<arrow::Array>> arrays;
        for (size_t i = 0; i < columns.size(); ++i) arrays.push_back(columns[i].finish(schema->field(int(i))->type()));
        check(writer->WriteTable(*arrow::Table::Make(schema, arrays, rows), rows));
    }
};

gt_status gt_table_writer_open(
    const char* path, const gt_column* columns, size_t column_count, const char* const* keys, const char* const* values,
    size_t metadata_count, gt_table_writer** out) {
    return guarded([&] {
        require(out != nullptr, "out is null");
        *out = nullptr;
        require(path != nullptr && columns != nullptr && column_count > 0, "a path and at least one column are needed");
        require(metadata_count == 0 || (keys != nullptr && values != nullptr), "metadata is null");
        auto table = std::make_unique<gt_table_writer>();
        arrow::FieldVector fields;
        for (size_t i = 0; i < column_count; ++i) {
            require(columns[i].name != nullptr, "a column's name is null");
            fields.push_back(arrow::field(columns[i].name, type_of(columns[i])));
            table->columns.emplace_back(columns[i]);
            table->columns.back().column.name = nullptr;
        }
        std::vector<std::string> k, v;
        for (size_t i = 0; i < metadata_count; ++i) {
            require(keys[i] != nullptr && values[i] != nullptr, "metadata is null");
            k.emplace_back(keys[i]);
            v.emplace_back(values[i]);
        }
        table->schema = arrow::schema(fields, metadata_count > 0 ? arrow::key_value_metadata(k, v) : nullptr);
        table->file = take(arrow::io::FileOutputStream::Open(path));
        auto properties = parquet::WriterProperties::Builder().compression(arrow::Compression::SNAPPY)->build();
        auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
        table->writer = take(
            parquet::arrow::FileWriter::Open(*table->schema, arrow::default_memory_pool(), table->file, properties, arrow_properties));
        *out = table.release();
    });
}

gt_status gt_table_writer_append(
    gt_table_writer* writer, size_t column, int32_t element, const void* values, size_t rows, const int64_t* shape) {
    return guarded([&] {
        require(writer != nullptr && column < writer->columns.size(), "no such column");
        auto& builder = writer->columns[column];
        require(builder.column.element == element, "the values are not of the column's element type");
        require(builder.column.depth == 0 || shape != nullptr, "shape is null");
        builder.append(values, rows, shape);
    });
}

gt_status gt_table_writer_flush(gt_table_writer* writer) {
    return guarded([&] {
        require(writer != nullptr, "writer is null");
        writer->flush();
    });
}

gt_status gt_table_writer_size(gt_table_writer* writer, int64_t* out) {
    return guarded([&] {
        require(writer != nullptr && out != nullptr && writer->writer != nullptr, "writer is null or closed");
        *out = take(writer->file->Tell());
    });
}

gt_status gt_table_writer_close(gt_table_writer* writer) {
    return guarded([&] {
        require(writer != nullptr, "writer is null");
        writer->flush();
        check(writer->writer->Close());
        writer->writer.reset();
        check(writer->file->Close());
    });
}

void gt_table_writer_free(gt_table_writer* writer) { delete writer; }

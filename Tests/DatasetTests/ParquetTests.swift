import CNative
import Dataset
import Foundation
import Testing

struct ParquetTests {
    @Test func everyKindOfColumnComesBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("t.parquet").path
        let columns = [
            ParquetColumn("i", .int64), ParquetColumn("f", .float), ParquetColumn("d", .double), ParquetColumn("b", .bool),
            ParquetColumn("s", .string),
            ParquetColumn("fixed", .float, depth: 1, fixedSize: 2), ParquetColumn("texts", .string, depth: 1),
            ParquetColumn("nested", .double, depth: 3),
        ]
        let writer = try ParquetWriter(path: path, columns: columns, metadata: [("pandas", "{\"a\": 1}"), ("other", "ü")])
        for group in 0..<2 {
            let g = Double(group)
            try writer.append(.int64([-1, Int64.max]), column: 0, rows: 2)
            try writer.append(.float([0.5, -Float.greatestFiniteMagnitude]), column: 1, rows: 2)
            try writer.append(.double([g, .pi]), column: 2, rows: 2)
            try writer.append(.bool([true, false]), column: 3, rows: 2)
            try writer.append(.string(["", "grüße 'q' \"d\""]), column: 4, rows: 2)
            try writer.append(.float([1, 2, 3, 4]), column: 5, rows: 2, shape: [2])
            try writer.append(.string(["a", "b"]), column: 6, rows: 1, shape: [2])
            try writer.append(.string([]), column: 6, rows: 1, shape: [0])
            try writer.append(.double([1, 2, 3, 4, 5, 6]), column: 7, rows: 2, shape: [3, 1, 1])
            try writer.endRowGroup()
        }
        try writer.close()
        let reader = try ParquetReader(path: path)
        #expect(reader.rowCount == 4)
        #expect(reader.rowGroupCount == 2)
        #expect(reader.columns == columns)
        #expect(reader.types[5] == "fixed_size_list<element: float>[2]")
        #expect(reader.types[7] == "list<element: list<element: list<element: double>>>")
        #expect(try reader.metadata("pandas") == "{\"a\": 1}")
        #expect(try reader.metadata("other") == "ü")
        #expect(try reader.metadata("none") == nil)
        #expect(try reader.integers("i") == [-1, Int64.max, -1, Int64.max])
        #expect(try reader.doubles("f")[1] == -Double(Float.greatestFiniteMagnitude))
        #expect(try reader.doubles("d") == [0, .pi, 1, .pi])
        #expect(try reader.integers("b") == [1, 0, 1, 0])
        #expect(try reader.strings("s") == ["", "grüße 'q' \"d\"", "", "grüße 'q' \"d\""])
        #expect(try reader.doubles("fixed") == [1, 2, 3, 4, 1, 2, 3, 4])
        #expect(try reader.strings("texts") == ["a", "b", "a", "b"])
        #expect(try reader.lengths("texts") == [2, 0, 2, 0])
        #expect(try reader.doubles("nested") == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
        #expect(try reader.lengths("nested") == [3, 3, 3, 3])
        #expect(try reader.nullCount("d") == 0)
        #expect(throws: DatasetError.self) { try reader.integers("d") }
        #expect(throws: DatasetError.self) { try reader.doubles("s") }
        #expect { try reader.integers("nothing") } throws: { "\($0)".contains("there are: i, f, d") }
    }

    @Test func unequalColumnsAreRefused() throws {
        let folder = try TemporaryFolder()
        let writer = try ParquetWriter(
            path: folder.file("t.parquet").path, columns: [ParquetColumn("a", .int64), ParquetColumn("b", .int64)])
        try writer.append(.int64([1, 2]), column: 0, rows: 2)
        try writer.append(.int64([1]), column: 1, rows: 1)
        #expect { try writer.endRowGroup() } throws: { "\($0)".contains("equally many rows") }
    }

    @Test func brokenFilesAreErrorsThatNameThem() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("t.parquet").path
        #expect { try ParquetReader(path: path) } throws: { "\($0)".contains("t.parquet: does not exist") }
        for bytes in [Data(), Data("not a table".utf8), Data(repeating: 0x50, count: 4000)] {
            try bytes.write(to: folder.file("t.parquet"))
            #expect { try ParquetReader(path: path) } throws: { "\($0)".contains("t.parquet") && "\($0)".contains("not a Parquet file") }
        }
        let writer = try ParquetWriter(path: path, columns: [ParquetColumn("a", .int64)])
        try writer.append(.int64(Array(0..<1000)), column: 0, rows: 1000)
        try writer.close()
        let whole = try Data(contentsOf: folder.file("t.parquet"))
        for part in [8, whole.count / 2, whole.count - 1] {
            try whole.prefix(part).write(to: folder.file("t.parquet"))
            #expect(throws: DatasetError.self) { try ParquetReader(path: path) }
        }
        #expect(throws: DatasetError.self) {
            try ParquetWriter(path: folder.file("no/such/folder").path, columns: [ParquetColumn("a", .int64)])
        }
    }

    /// The C layer takes null and empty arguments for errors, not for crashes.
    @Test func nativeLayerRefusesNull() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("t.parquet").path
        var writer: OpaquePointer?
        #expect(gt_table_writer_open(nil, nil, 0, nil, nil, 0, &writer).code != 0)
        #expect(gt_table_writer_open(path, nil, 1, nil, nil, 0, nil).code != 0)
        var unknown = gt_column(name: nil, element: 99, depth: 7, fixed_size: -1)
        #expect(gt_table_writer_open(path, &unknown, 1, nil, nil, 0, &writer).code != 0)
        #expect(gt_table_writer_append(nil, 0, 0, nil, 1, nil).code != 0)
        #expect(gt_table_writer_flush(nil).code != 0)
        #expect(gt_table_writer_close(nil).code != 0)
        "a".withCString { name in
            var column = gt_column(name: name, element: Int32(GT_ELEMENT_INT64), depth: 1, fixed_size: 0)
            #expect(gt_table_writer_open(path, &column, 1, nil, nil, 0, &writer).code == 0)
        }
        var shape: Int64 = 1
        var values: [Double] = [1]
        #expect(gt_table_writer_append(writer, 1, Int32(GT_ELEMENT_INT64), &values, 1, &shape).code != 0)
        #expect(gt_table_writer_append(writer, 0, Int32(GT_ELEMENT_DOUBLE), &values, 1, &shape).code != 0)
        #expect(gt_table_writer_append(writer, 0, Int32(GT_ELEMENT_INT64), nil, 1, &shape).code != 0)
        #expect(gt_table_writer_append(writer, 0, Int32(GT_ELEMENT_INT64), &values, 1, nil).code != 0)
        shape = -1
        #expect(gt_table_writer_append(writer, 0, Int32(GT_ELEMENT_INT64), &values, 1, &shape).code != 0)
        gt_table_writer_free(writer)
        gt_table_writer_free(nil)
        var reader: OpaquePointer?
        #expect(gt_table_reader_open(nil, &reader).code != 0)
        #expect(gt_table_reader_open(path, nil).code != 0)
        #expect(gt_table_reader_values(nil, 0, nil).code != 0)
        #expect(gt_values_int64(nil, nil, 0).code != 0)
        gt_table_reader_free(nil)
        gt_values_free(nil)
    }
}

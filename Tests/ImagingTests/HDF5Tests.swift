import CNative
import Foundation
import Imaging
import Testing

@Suite struct HDF5Tests {
    @Test func whatIsWrittenIsReadAgainAndGrows() throws {
        do {
            let scratch = try Scratch()
            let url = scratch.file("a.hdf5")
            let file = try HDF5File.creating(url)
            try file.createDataset("/data/demo_0/actions", .float32, shape: [0, 3], chunk: [4, 3], deflate: 4)
            try file.write("/data/demo_0/actions", [Float](arrayLiteral: 1, 2, 3, 4, 5, 6), start: [0, 0], count: [2, 3])
            try file.write("/data/demo_0/actions", [7.5, 8, 9] as [Double], start: [2, 0], count: [1, 3])
            try file.createDataset("/pictures", .uint8, shape: [2, 2], chunk: [1, 2])
            try file.write("/pictures", [1, 2, 254, 255] as [UInt8], start: [0, 0], count: [2, 2])
            try file.put("/names", texts: ["left", "", "right arm"])
            try file.set("/data", "total", 3)
            try file.set("/data", "env_args", "{}")
            try file.set("/data", "rate", 59.94)
            try file.close()

            let read = try HDF5File.reading(url)
            #expect(try read.children(of: "/") == ["data", "names", "pictures"])
            #expect(try read.doubles("/data/demo_0/actions") == ([1, 2, 3, 4, 5, 6, 7.5, 8, 9], [3, 3]))
            #expect(try read.bytes("/pictures", rows: 1..<2) == [254, 255])
            #expect(try read.texts("/names") == ["left", "", "right arm"])
            #expect(try read.number("/data", "total") == 3 && read.number("/data", "rate") == 59.94)
            #expect(try read.text("/data", "env_args") == "{}")
            #expect(try read.entry("/data/demo_0/actions").chunk == [4, 3] && !read.exists("/data/none/deeper"))
            #expect(throws: ImagingError.self) { try read.doubles("/data/none") }
            #expect(throws: ImagingError.self) { try read.bytes("/pictures", rows: 1..<3) }
        }
    }

    @Test func brokenFilesAndArgumentsGiveAStatus() throws {
        do {
            let scratch = try Scratch()
            let url = scratch.file("b.hdf5")
            let file = try HDF5File.creating(url)
            try file.put("/x", [Double](repeating: 1, count: 4000), shape: [4000])
            try file.close()
            let bytes = try Data(contentsOf: url)
            for length in [0, 7, 100, bytes.count / 2] {
                try bytes.prefix(length).write(to: url)
                #expect(throws: ImagingError.self) { try HDF5File.reading(url) }
            }
            #expect(throws: ImagingError.self) { try HDF5File.reading(scratch.file("none.hdf5")) }
        }
        #expect(gt_hdf5_open(nil, nil).code == GT_INVALID_ARGUMENT)
        #expect(gt_hdf5_children(nil, "/", nil).code == GT_INVALID_ARGUMENT)
        #expect(gt_hdf5_read(nil, "/x", 1, 1, nil, nil, nil, 0).code == GT_INVALID_ARGUMENT)
        #expect(gt_hdf5_close(nil).code == GT_OK)
    }
}

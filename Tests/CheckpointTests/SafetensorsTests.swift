import Foundation
import Testing

@testable import Checkpoint

struct SafetensorsTests {
    private func file(_ header: String, data: Int = 0) -> [UInt8] {
        bytes(UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    private func reason(_ header: String, data: Int = 0) throws -> String? {
        let error = try openingError(file(header, data: data))
        return error.map { $0.malformedReason ?? $0.description }
    }

    private func entry(_ name: String, _ type: String, _ shape: String, _ start: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    @Test func emptyAndScalarTensors() throws {
        let header =
            "{\(entry("a", "F32", "[]", 0, 4)),\(entry("b", "I64", "[0,7]", 4, 4)),\(entry("c", "BOOL", "[3]", 4, 7))}  "
        let checkpoint = try open(file(header, data: 7))
        #expect(checkpoint.format == .safetensors)
        #expect(try checkpoint.tensors["a"]?.floats() == [0])
        #expect(try checkpoint.tensors["b"]?.integers() == [])
        #expect(checkpoint.tensors["b"]?.strides == [7, 1])
        #expect(try checkpoint.tensors["c"]?.integers() == [0, 0, 0])
        #expect(try open(file("{}")).tensors.isEmpty)
    }

    @Test func offsetsAreInOrderWithoutHoles() throws {
        let a = entry("a", "F32", "[1]", 0, 4)
        #expect(
            try reason("{\(a),\(entry("b", "F32", "[1]", 8, 12))}", data: 12)?.contains(
                "expected to begin at 4") == true)
        #expect(
            try reason("{\(a),\(entry("b", "F32", "[1]", 2, 6))}", data: 8)?.contains(
                "expected to begin at 4") == true)
        #expect(
            try reason("{\(a),\(entry("b", "F32", "[1]", 0, 4))}", data: 4)?.contains(
                "expected to begin at 4") == true)
        #expect(try reason("{\(a)}", data: 5)?.contains("take 4 bytes, the file has 5") == true)
        #expect(try reason("{\(a)}", data: 3)?.contains("end before 3") == true)
        #expect(try reason("{\(entry("a", "F32", "[1]", 4, 0))}", data: 4)?.contains("4..<0") == true)
        #expect(try reason("{\(entry("a", "F32", "[1]", -4, 0))}", data: 4)?.contains("lacks dtype") == true)
    }

    @Test func shapesMatchTheirPlace() throws {
        #expect(
            try reason("{\(entry("a", "F32", "[2]", 0, 4))}", data: 4)?.contains(
                "takes 8 bytes, its place has 4") == true)
        #expect(
            try reason("{\(entry("a", "F16", "[4611686018427387904,2]", 0, 0))}")?.contains("has shape")
                == true)
        #expect(
            try reason("{\(entry("a", "F32", "[-1]", 0, 4))}", data: 4)?.contains("no integer") == true)
        #expect(
            try reason("{\(entry("a", "F32", "[1.0]", 0, 4))}", data: 4)?.contains("no integer") == true)
        #expect(try reason("{\(entry("a", "F8_E4M3", "[4]", 0, 4))}", data: 4)?.contains("F8_E4M3") == true)
        #expect(try reason("{\"a\":{}}")?.contains("lacks dtype") == true)
        #expect(try reason("{\"__metadata__\":{\"a\":1}}")?.contains("is no string") == true)
    }

    @Test func headersThatAreNone() throws {
        #expect(try reason("{")?.contains("is missing") == true)
        #expect(try reason("{} x")?.contains("after the end") == true)
        let a = entry("a", "F32", "[]", 0, 4)
        #expect(try reason("{\(a),\(a)}", data: 4)?.contains("\"a\" comes twice") == true)
        let long = bytes(UInt64(100_000_001)) + Array("{}".utf8)
        #expect(try openingError(long)?.limitSubject == "bytes of the safetensors header")
        #expect(
            try openingError(bytes(UInt64.max) + Array("{}".utf8))?.malformedReason?.contains("too large")
                == true)
        #expect(
            try openingError(bytes(UInt64(3)) + Array("{}".utf8))?.malformedReason?.contains("2 are left")
                == true)
        let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
        #expect(try reason(deep)?.contains("nested deeper than 64") == true)
    }

    @Test func writtenFilesReadBack() throws {
        try withFolder { folder in
            let path = folder + "/out.safetensors"
            let entries = [
                SafetensorsEntry(name: "half", elementType: .float16, shape: [3]),
                SafetensorsEntry(name: "float \"quoted\"\n", elementType: .float32, shape: [2]),
                SafetensorsEntry(name: "empty", elementType: .int64, shape: [0]),
            ]
            try SafetensorsWriter.write(to: path, entries: entries, metadata: ["k": "v\u{1}"]) {
                (entry, give) throws(CheckpointError) in
                let content = [UInt8](repeating: UInt8(entry.name.utf8.count), count: entry.byteCount)
                // In two pieces.
                content.withUnsafeBytes { whole in
                    let half = whole.count / 2
                    try? give(UnsafeRawBufferPointer(rebasing: whole[..<half]))
                    try? give(UnsafeRawBufferPointer(rebasing: whole[half...]))
                }
            }
            let checkpoint = try Checkpoint.open(path)
            #expect(checkpoint.metadata["k"]?.string == "v\u{1}")
            #expect(Set(checkpoint.tensors.keys) == ["half", "float \"quoted\"\n", "empty"])
            let half = try #require(checkpoint.tensors["half"])
            #expect(half.contiguousBytes().map { Array($0) } == [UInt8](repeating: 4, count: 6))
            // Wide elements first, the data at a multiple of 64.
            #expect(checkpoint.tensors["float \"quoted\"\n"]?.byteOffset.isMultiple(of: 64) == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.safetensors"])
        }
    }

    @Test func aFailedWriteLeavesNothing() throws {
        try withFolder { folder in
            let path = folder + "/out.safetensors"
            let stop = CheckpointError.unsupported(path: "x", reason: "stop")
            let entry = SafetensorsEntry(name: "a", elementType: .uint8, shape: [1])
            func failing(
                _: SafetensorsEntry, _: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void
            ) throws(CheckpointError) { throw stop }
            #expect(throws: stop) {
                try SafetensorsWriter.write(to: path, entries: [entry], metadata: [:], content: failing)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
            #expect(
                throws: CheckpointError.cannotWrite(
                    path: path, reason: "tensor names must differ from each other")
            ) {
                try SafetensorsWriter.write(to: path, entries: [entry, entry], metadata: [:]) { _, _ in }
            }
            let nowhere = folder + "/none/out"
            #expect(throws: CheckpointError.cannotWrite(path: nowhere, reason: "No such file or directory")) {
                try SafetensorsWriter.write(to: nowhere, entries: [], metadata: [:]) { _, _ in }
            }
        }
    }
}

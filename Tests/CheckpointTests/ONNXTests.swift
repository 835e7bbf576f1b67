import Foundation
import Testing

@testable import Checkpoint

/// Writes protobuf messages field by field.
private struct Message {
    var bytes: [UInt8] = []

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func add(_ field: UInt64, number: UInt64) {
        varint(field << 3)
        varint(number)
    }

    mutating func add(_ field: UInt64, _ content: [UInt8]) {
        varint(field << 3 | 2)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func add(_ field: UInt64, _ text: String) { add(field, Array(text.utf8)) }

    static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8] {
        var message = Message()
        for size in shape { message.add(1, number: UInt64(size)) }
        message.add(2, number: 1)
        message.add(8, name)
        message.add(9, values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
        return message.bytes
    }

    static func node(_ operation: String, _ inputs: [String], _ outputs: [String]) -> [UInt8] {
        var message = Message()
        for input in inputs { message.add(1, input) }
        for output in outputs { message.add(2, output) }
        message.add(4, operation)
        return message.bytes
    }

    static func model(nodes: [[UInt8]], tensors: [[UInt8]]) -> [UInt8] {
        var graph = Message()
        for node in nodes { graph.add(1, node) }
        for tensor in tensors { graph.add(5, tensor) }
        var model = Message()
        model.add(1, number: 8)
        model.add(2, "test")
        model.add(7, graph.bytes)
        return model.bytes
    }
}

@Suite struct ONNXTests {
    private func linear(bias: String = "layer.bias") -> [UInt8] {
        Message.model(
            nodes: [
                Message.node("MatMul", ["x", "onnx::MatMul_7"], ["y"]),
                Message.node("Add", [bias, "y"], ["z"]),
            ],
            tensors: [
                Message.tensor("layer.bias", [3], [1, 2, 3]),
                Message.tensor("onnx::MatMul_7", [2, 3], [0, 1, 2, 3, 4, 5]),
            ])
    }

    /// The matrix gets its bias's name and PyTorch's axes.
    @Test func namesByBias() throws {
        let checkpoint = try open(linear())
        #expect(checkpoint.format == .onnx)
        #expect(checkpoint.tensors.keys.sorted() == ["layer.bias", "layer.weight"])
        #expect(checkpoint.tensors["layer.weight"]?.shape == [3, 2])
        #expect(try checkpoint.tensors["layer.weight"]?.floats() == [0, 3, 1, 4, 2, 5])
        #expect(try checkpoint.tensors["layer.bias"]?.floats() == [1, 2, 3])
        #expect(checkpoint.kind == .other)
    }

    @Test func namesThroughIdentity() throws {
        let bytes = Message.model(
            nodes: [
                Message.node("Identity", ["first.bias"], ["second.bias"]),
                Message.node("MatMul", ["x", "onnx::MatMul_7"], ["y"]),
                Message.node("Add", ["y", "second.bias"], ["z"]),
            ],
            tensors: [
                Message.tensor("first.bias", [3], [1, 2, 3]),
                Message.tensor("onnx::MatMul_7", [2, 3], [0, 1, 2, 3, 4, 5]),
            ])
        let names = try open(bytes).tensors.keys.sorted()
        #expect(names == ["first.bias", "second.bias", "second.weight"])
    }

    /// Data in other files is read from the same folder only.
    @Test func externalData() throws {
        func model(location: String, offset: Int = 4) -> [UInt8] {
            var tensor = Message()
            tensor.add(1, number: 2)
            tensor.add(2, number: 1)
            tensor.add(8, "a.weight")
            for (key, value) in [("location", location), ("offset", "\(offset)"), ("length", "8")] {
                var entry = Message()
                entry.add(1, key)
                entry.add(2, value)
                tensor.add(13, entry.bytes)
            }
            tensor.add(14, number: 1)
            return Message.model(nodes: [], tensors: [tensor.bytes])
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("onnx-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("model.onnx")
        let data: [Float] = [9, 1, 2]
        try Data(data.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }).write(
            to: folder.appendingPathComponent("model.data"))
        try Data(model(location: "model.data")).write(to: path)
        #expect(try Checkpoint.open(path.path).tensors["a.weight"]?.floats() == [1, 2])
        for location in ["../model.data", "/etc/hostname", "..", "", "a/b", "a\\b"] {
            try Data(model(location: location)).write(to: path)
            #expect(throws: CheckpointError.self) { try Checkpoint.open(path.path) }
        }
        for offset in [5, 1 << 40] {
            try Data(model(location: "model.data", offset: offset)).write(to: path)
            #expect(throws: CheckpointError.self) { try Checkpoint.open(path.path) }
        }
        try Data(model(location: "missing.data")).write(to: path)
        #expect(throws: CheckpointError.self) { try Checkpoint.open(path.path) }
    }

    @Test func contradictions() throws {
        // A shape that its data does not fill, one too large to count, and a group field.
        for tensor in [
            Message.tensor("a.weight", [4], [1, 2, 3]), Message.tensor("a.weight", [1 << 62, 1 << 62], []),
        ] {
            #expect(throws: CheckpointError.self) {
                try open(Message.model(nodes: [], tensors: [tensor]))
            }
        }
        #expect(throws: CheckpointError.self) { try open([0x08, 0x08, 0x12, 0x01, 0x61, 0x3B, 0, 0, 0, 0]) }
        #expect(throws: CheckpointError.self) {
            try open([0x08, 0x08, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0])
        }
        // Names that go round in a circle.
        let circle = Message.model(
            nodes: [
                Message.node("Identity", ["b.bias"], ["a.bias"]),
                Message.node("Identity", ["a.bias"], ["b.bias"]),
                Message.node("Add", ["a.bias", "b.bias"], ["c"]),
            ], tensors: [])
        #expect(try open(circle).tensors.isEmpty)
    }

    /// Cut short anywhere or with bytes changed: a checkpoint or a typed error.
    @Test func damage() throws {
        let bytes = linear()
        for count in 9..<bytes.count { _ = try? open(Array(bytes[..<count])) }
        for index in bytes.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var damaged = bytes
                damaged[index] ^= change
                do {
                    for tensor in try open(damaged).tensors.values where tensor.elementType.isFloat {
                        _ = try tensor.floats()
                    }
                } catch {
                    #expect(error is CheckpointError)
                }
            }
        }
    }
}

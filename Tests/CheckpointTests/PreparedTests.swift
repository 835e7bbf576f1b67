import Foundation
import Testing

@testable import Checkpoint

/// Tensors that a converted file has prepared for layers: they stand beside the weights and are no weights themselves.
struct PreparedTests {
    private static let prepared = PreparedTensor(
        layer: "dec.conv_pre", form: "taps", shape: [1, 2, 1, 16], values: (0..<32).map { Float($0) })

    private func source(in folder: String) throws -> Checkpoint {
        let path = folder + "/source.safetensors"
        let entries = [
            SafetensorsEntry(name: "dec.conv_pre.weight", elementType: .float32, shape: [2, 1, 2]),
            SafetensorsEntry(name: "dec.conv_pre.bias", elementType: .float32, shape: [2]),
        ]
        try SafetensorsWriter.write(to: path, entries: entries, metadata: [:]) {
            (entry, give) throws(CheckpointError) in
            let content = (0..<entry.byteCount / 4).flatMap { bytes(Float($0).bitPattern) }
            content.withUnsafeBytes { try? give($0) }
        }
        return try Checkpoint.open(path)
    }

    @Test func standBesideTheWeights() throws {
        try withFolder { folder in
            let source = try source(in: folder)
            let path = folder + "/prepared.safetensors"
            try Converter(source, prepared: [Self.prepared]).write(to: path)
            let file = try Checkpoint.open(path)
            #expect(Set(file.tensors.keys) == Set(source.tensors.keys))
            let layer = file.weights["dec"]["conv_pre"]
            #expect(layer.prepared(form: "taps", shape: [1, 2, 1, 15]) == nil)
            #expect(layer.prepared(form: "spectrum 16", shape: [1, 2, 1, 16]) == nil)
            #expect(file.weights["dec"].prepared(form: "taps", shape: [1, 2, 1, 16]) == nil)
            let found = try #require(layer.prepared(form: "taps", shape: [1, 2, 1, 16]))
            #expect(try found.floats() == Self.prepared.values)
            // The weights that it was made of count as used, the bias does not.
            let error = #expect(throws: CheckpointError.self) { try layer.assertAllUsed() }
            #expect(error == .unusedTensors(path: path, keys: ["dec.conv_pre.bias"], count: 1))
            #expect(file.inspection(hash: false).contains("prepared 1 layers, 128 bytes"))
            // Whoever prepares anew does not look at it.
            let record = PreparationRecord()
            let anew = WeightScope(file, record: record)["dec"]["conv_pre"]
            #expect(anew.prepared(form: "taps", shape: [1, 2, 1, 16]) == nil)
            anew.note(form: "taps", shape: [1]) { [7] }
            #expect(record.tensors.map(\.layer) == ["dec.conv_pre"])
            // Converted again without, nothing is left of it.
            let rows = folder + "/rows.safetensors"
            try Converter(file, layout: .rows).write(to: rows)
            #expect(try Checkpoint.open(rows).prepared.isEmpty)
            #expect(
                !(String(decoding: try Data(contentsOf: URL(fileURLWithPath: rows)), as: UTF8.self)
                    .contains("prepared")))
        }
    }

    @Test(arguments: [
        ("{", "gsv.prepared"), ("[]", "no JSON object"), ("{\"b\":\"taps\"}", "\"b\" is not in the file"),
        ("{\"a\":3}", "\"a\" has no form"), ("{\"h\":\"taps\"}", "no binary32"),
        ("{\"a\":\"taps\",\"a\":\"taps\"}", "comes twice"),
    ])
    func metadataThatLie(_ text: String, _ expected: String) throws {
        try withFolder { folder in
            let path = folder + "/lie.safetensors"
            let entries = [
                SafetensorsEntry(name: "a", elementType: .float32, shape: [2]),
                SafetensorsEntry(name: "h", elementType: .float16, shape: [2]),
            ]
            try SafetensorsWriter.write(to: path, entries: entries, metadata: ["gsv.prepared": text]) {
                (entry, give) throws(CheckpointError) in
                [UInt8](repeating: 0, count: entry.byteCount).withUnsafeBytes { try? give($0) }
            }
            let error = #expect(throws: CheckpointError.self) { try Checkpoint.open(path) }
            let reason = error?.malformedReason ?? error?.description
            #expect(reason?.contains(expected) == true, "\(reason ?? "opened")")
        }
    }
}

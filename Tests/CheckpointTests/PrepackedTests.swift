import Foundation
import Testing

@testable import Checkpoint

/// Forms of layers that a converted file holds beside the weights: they are no weights themselves.
struct PrepackedTests {
    private static let values = (0..<32).map { Float($0) }
    private static let form = PrepackedTensor(
        layer: "dec.conv_pre", form: "taps", shape: [1, 2, 1, 16]
    ) { (give) throws(CheckpointError) in
        try pass(values, to: give)
    }

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

    @Test func formsStandBesideTheWeights() throws {
        try withFolder { folder in
            let source = try source(in: folder)
            let path = folder + "/prepacked.safetensors"
            try Converter(source, prepacked: [Self.form]).write(to: path)
            let file = try Checkpoint.open(path)
            #expect(Set(file.tensors.keys) == Set(source.tensors.keys))
            let layer = file.weights["dec"]["conv_pre"]
            #expect(layer.prepacked(form: "taps", shape: [1, 2, 1, 15]) == nil)
            #expect(layer.prepacked(form: "spectrum 16", shape: [1, 2, 1, 16]) == nil)
            #expect(file.weights["dec"].prepacked(form: "taps", shape: [1, 2, 1, 16]) == nil)
            let found = try #require(layer.prepacked(form: "taps", shape: [1, 2, 1, 16]))
            #expect(try found.floats() == Self.values)
            // The weights that it was made of count as used, the bias does not.
            let error = #expect(throws: CheckpointError.self) { try layer.assertAllUsed() }
            #expect(error == .unusedTensors(path: path, keys: ["dec.conv_pre.bias"], count: 1))
            #expect(file.inspection(hash: false).contains("prepacked 1 layers, 128 bytes"))
            // While a file is converted, layers make their forms anew.
            let recorder = PrepackRecorder()
            let anew = WeightScope(file, recorder: recorder)["dec"]["conv_pre"]
            #expect(anew.prepacked(form: "taps", shape: [1, 2, 1, 16]) == nil)
            recorder.add(Self.form)
            #expect(recorder.tensors.map(\.name) == ["prepared.dec.conv_pre"])
            // Converted again without, nothing is left of it.
            let rows = folder + "/rows.safetensors"
            try Converter(file).write(to: rows)
            #expect(try Checkpoint.open(rows).prepacked.isEmpty)
            #expect(
                !(String(decoding: try Data(contentsOf: URL(fileURLWithPath: rows)), as: UTF8.self)
                    .contains("prepared")))
        }
    }

    @Test(arguments: [
        ("{", "gsv.prepared"), ("[]", "no JSON object"), ("{\"b\":\"taps\"}", "\"b\" is not in the file"),
        ("{\"a\":3}", "\"a\" has no form"), ("{\"h\":\"taps\"}", "no binary32"),
        ("{\"a\":[2]}", "\"a\" has no form"),
        ("{\"a\":{}}", "\"a\" has no rows_per_block"),
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

import Foundation
import Testing

@testable import Checkpoint

/// What a tensor's elements must be when a model asks for it.
struct ElementCheckTests {
    /// A tensor `t` of these elements, read as a model does.
    private func read(_ storage: String, _ content: [UInt8], count: Int, strides: [Int] = [1]) throws {
        let pickle = PickleBytes.tensor(storage: storage, count: count, shape: [count], strides: strides)
        let checkpoint = try open(ZipBytes(pickle: pickle, storages: ["0": content]).build())
        _ = try WeightScope(checkpoint).tensor("t", [count])
    }

    private func element(_ error: CheckpointError?) -> Int? {
        if case .notFinite(_, "t", let element, _) = error { element } else { nil }
    }

    /// Every place of every type, so that no lane of a word and no rest at the end is left out.
    @Test(arguments: [
        ("HalfStorage", [[0x00, 0x7C], [0x01, 0xFC], [0xFF, 0x7F]], [0xFF, 0x7B]),
        ("BFloat16Storage", [[0x80, 0x7F], [0x81, 0xFF]], [0x7F, 0xFF]),
        ("FloatStorage", [[0, 0, 0x80, 0x7F], [1, 0, 0x80, 0xFF]], [0xFF, 0xFF, 0x7F, 0x7F]),
        (
            "DoubleStorage", [[0, 0, 0, 0, 0, 0, 0xF0, 0x7F], [0, 0, 0, 0, 0, 0, 0xF8, 0x7F]],
            [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
        ),
    ])
    func infinitiesAndNoNumbersAreRefused(storage: String, bad: [[UInt8]], finite: [UInt8]) throws {
        for count in [1, 3, 7, 8, 9] {
            let sound = [[UInt8]](repeating: finite, count: count)
            try read(storage, sound.flatMap { $0 }, count: count)
            for place in 0..<count {
                for value in bad {
                    var values = sound
                    values[place] = value
                    let error = #expect(throws: CheckpointError.self) {
                        try read(storage, values.flatMap { $0 }, count: count)
                    }
                    #expect(element(error) == place)
                }
            }
        }
    }

    @Test func theMessageNamesTheTensor() throws {
        let content = [Float(1), .nan].flatMap { bytes($0.bitPattern) }
        let error = #expect(throws: CheckpointError.self) { try read("FloatStorage", content, count: 2) }
        #expect(try #require(error).description.contains("tensor \"t\" holds nan at element 1"))
    }

    /// What a converted file holds was checked when it was made; small tensors are checked at every start.
    @Test func convertedFilesAreCheckedInPart() throws {
        func read(_ count: Int, isConverted: Bool) throws {
            let values = [Float](repeating: .infinity, count: count)
            let source = try StateDict(tensors: [("t", [count], values)]).open()
            try withFolder { folder in
                try Converter(source).write(to: folder + "/a.safetensors")
                let checkpoint = isConverted ? try Checkpoint.open(folder + "/a.safetensors") : source
                _ = try WeightScope(checkpoint).tensor("t", [count])
            }
        }
        #expect(throws: CheckpointError.self) { try read(1 << 14, isConverted: true) }
        try read(1 << 14 + 1, isConverted: true)
        #expect(throws: CheckpointError.self) { try read(1 << 14 + 1, isConverted: false) }
    }

    /// A byte changed inside a storage, and inside the pickle.
    @Test func checksumsAreCompared() throws {
        let sound = try fixtureBytes("zip-protocol2.pth")
        let checkpoint = try open(sound)
        let tensor = try #require(
            checkpoint.tensors.values.first {
                $0.elementType.isFloat && $0.isContiguous && $0.elementCount > 1
            })
        var torn = sound
        torn[tensor.byteOffset] ^= 1
        let damaged = try open(torn)
        let error = #expect(throws: CheckpointError.self) {
            try WeightScope(damaged).tensor(tensor.name, tensor.shape)
        }
        #expect(error?.malformedReason?.contains("checksum") == true)
        #expect(throws: CheckpointError.self) { try damaged.checkAll() }
        try checkpoint.checkAll()
        _ = try WeightScope(checkpoint).tensor(tensor.name, tensor.shape)
        // A conversion writes nothing.
        try withFolder { folder in
            #expect(throws: CheckpointError.self) {
                try Converter(damaged).write(to: folder + "/a.safetensors")
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/a.safetensors"))
        }
    }

    @Test func wrappersOfModulesAreLeftOut() throws {
        for wrapper in ["module.", "_orig_mod.", "module._orig_mod."] {
            let file = try StateDict(tensors: [
                ("\(wrapper)model.h.layers.0.linear1.weight", [1], [1]),
                ("model.\(wrapper)ar_predict_layer.weight", [1], [2]),
            ]).open()
            #expect(
                Set(file.tensors.keys) == [
                    "model.h.layers.0.linear1.weight", "model.ar_predict_layer.weight",
                ])
            #expect(file.kind == .textToSemantic)
            #expect(file.tensors.allSatisfy { $0.key == $0.value.name })
        }
        let twice = StateDict(tensors: [("module.a", [1], [1]), ("a", [1], [2])]).build()
        #expect(try openingError(twice)?.malformedReason?.contains("twice") == true)
    }
}

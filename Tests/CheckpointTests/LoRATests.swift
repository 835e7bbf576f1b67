import Testing

@testable import Checkpoint

/// A LoRA file on the model that it was trained on.
struct LoRATests {
    private static let path = "cfm.estimator.blocks.0.attn.to_q"
    private static let wrapped = "cfm.base_model.model.estimator.blocks.0.attn.to_q"
    private let matrix: [Float] = (0..<6).map { Float($0) }
    private let a: [Float] = [1, 2, 3, -1, 0.5, 4]
    private let b: [Float] = [0.5, 1, -2, 0.25]

    private var base: StateDict {
        StateDict(tensors: [
            ("enc_p.text_embedding.weight", [1, 2], [1, 2]), ("bridge.0.weight", [2], [3, 4]),
            (Self.path + ".weight", [2, 3], matrix), (Self.path + ".bias", [2], [7, 8]),
            ("cfm.estimator.blocks.0.attn.to_k.weight", [1, 1], [9]),
        ])
    }

    private var update: StateDict {
        StateDict(
            tensors: [
                ("bridge.0.weight", [2], [-3, -4]), ("ssl_proj.unknown", [1], [1]),
                (Self.wrapped + ".lora_A.default.weight", [2, 3], a),
                (Self.wrapped + ".lora_B.default.weight", [2, 2], b),
            ], head: 3)
    }

    /// W + B · A, element by element.
    private func expected(_ matrix: [Float]) -> [Float] {
        (0..<6).map { i in
            let (row, column) = (i / 3, i % 3)
            return matrix[i] + (b[2 * row] * a[column] + b[2 * row + 1] * a[3 + column])
        }
    }

    @Test func matricesAndOtherTensorsAreReplaced() throws {
        let file = try update.open()
        #expect(file.soVITSVersion == .init(symbolsVersion: .v2, modelVersion: .v3, isLoRA: true))
        let merged = try file.merged(onto: try base.open())
        #expect(Set(merged.tensors.keys) == Set(base.tensors.map(\.name)))
        #expect(merged.kind == .soVITS)
        #expect(merged.soVITSVersion == .init(symbolsVersion: .v2, modelVersion: .v3, isLoRA: false))
        #expect(merged.path == file.path)
        let weights = WeightScope(merged)
        #expect(try weights.floats(Self.path + ".weight", [2, 3]) == expected(matrix))
        #expect(try weights.floats(Self.path + ".bias", [2]) == [7, 8])
        #expect(try weights.floats("bridge.0.weight", [2]) == [-3, -4])
        #expect(try weights.floats("cfm.estimator.blocks.0.attn.to_k.weight", [1, 1]) == [9])
    }

    /// The other ways to read a tensor must not see the base's elements.
    @Test func theStoredElementsAreHidden() throws {
        let merged = try update.open().merged(onto: try base.open())
        let tensor = try #require(merged.tensors[Self.path + ".weight"])
        #expect(tensor.elementType == .float32)
        #expect(tensor.contiguousBytes() == nil && tensor.contiguousUnalignedBytes() == nil)
        #expect(tensor.columnMajorBytes() == nil && tensor.blockBytes() == nil)
        #expect(try tensor.bytes(as: .float32) == expected(matrix).flatMap { bytes($0.bitPattern) })
    }

    @Test func aConvertedFileIsTheWholeModel() throws {
        let merged = try update.open().merged(onto: try base.open())
        let converted = try withFolder { folder in
            try Converter(merged).write(to: folder + "/a.safetensors")
            return try Checkpoint.open(folder + "/a.safetensors")
        }
        #expect(converted.soVITSVersion == merged.soVITSVersion)
        #expect(try converted.tensors[Self.path + ".weight"]?.floats() == expected(matrix))
        #expect(converted.tensors.count == base.tensors.count)
    }

    /// A file may hold the matrix itself, under the wrapper's name.
    @Test func aMatrixInTheFileReplacesThatOfTheBase() throws {
        var update = update
        let other: [Float] = [10, 20, 30, 40, 50, 60]
        update.add(Self.wrapped + ".base_layer.weight", [2, 3], other)
        let merged = try update.open().merged(onto: try base.open())
        #expect(try merged.tensors[Self.path + ".weight"]?.floats() == expected(other))
    }

    @Test func filesThatDoNotFitAreRefused() throws {
        func error(_ change: (inout StateDict) -> Void) throws -> CheckpointError? {
            var update = update
            change(&update)
            let file = try update.open()
            return #expect(throws: CheckpointError.self) { try file.merged(onto: try base.open()) }
        }
        // A is missing, then B.
        #expect(try error { $0.tensors.remove(at: 2) }?.malformedReason?.contains("lora_A") == true)
        #expect(try error { $0.tensors.remove(at: 3) }?.malformedReason?.contains("lora_B") == true)
        // Another rank in B than in A.
        if case .wrongShape(_, let key, let expected, let found) = try error({
            $0.tensors[3].shape = [2, 1]
            $0.tensors[3].values = [1, 2]
        }) {
            #expect((key, expected, found) == (Self.wrapped + ".lora_B.default.weight", [2, 2], [2, 1]))
        } else {
            Issue.record("no error about the shape")
        }
        // A matrix that the base does not have.
        if case .missingTensor(_, let key, _) = try error({
            $0.tensors[2].name = "cfm.base_model.model.x.lora_A.default.weight"
            $0.tensors[3].name = "cfm.base_model.model.x.lora_B.default.weight"
        }) {
            #expect(key == "cfm.x.weight")
        } else {
            Issue.record("no error about the missing matrix")
        }
        #expect(try error { $0.tensors.removeLast(2) }?.malformedReason?.contains("no matrices") == true)
    }

    /// The parts are checked when the sum is read.
    @Test func nonFinitePartsAreNamed() throws {
        var update = update
        update.tensors[3].values[1] = .nan
        let merged = try update.open().merged(onto: try base.open())
        let error = #expect(throws: CheckpointError.self) {
            try WeightScope(merged).tensor(Self.path + ".weight", [2, 3])
        }
        guard case .notFinite(_, let key, 1, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(key == Self.wrapped + ".lora_B.default.weight")
    }
}

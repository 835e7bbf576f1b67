import Dispatch
import Testing

@testable import Checkpoint

struct WeightScopeTests {
    private let checkpoint: Checkpoint

    init() throws {
        checkpoint = try Checkpoint.open(fixture("zip-protocol2.pth"))
    }

    @Test func scopesBuildKeys() throws {
        let scope = checkpoint.weights["encoder"]["layers"][3]
        #expect(scope.prefix == "encoder.layers.3")
        #expect(scope.key("weight") == "encoder.layers.3.weight")
        #expect(checkpoint.weights.key("weight") == "weight")
        #expect(!checkpoint.weights["ref_enc"].isEmpty)
        #expect(checkpoint.weights["ref"].isEmpty)
        #expect(checkpoint.weights["ref_enc"].has("half"))
        #expect(checkpoint.weights["ref_enc"].shape(of: "half") == [3, 5])
        #expect(checkpoint.weights["ref_enc"].shape(of: "none") == nil)
        #expect(try checkpoint.weights["ref_enc"].floats("tail", [5]) == [0.75, 1, 1.25, 1.5, 1.75])
    }

    @Test func missingAndMisshapenTensorsAreNamed() throws {
        let scope = checkpoint.weights["ref_enc"]
        let missing = #expect(throws: CheckpointError.self) { try scope.tensor("none", [2, 3]) }
        #expect(missing == .missingTensor(path: checkpoint.path, key: "ref_enc.none", expected: [2, 3]))
        #expect(
            missing?.description
                == "\(checkpoint.path): tensor \"ref_enc.none\" is missing (expected shape [2, 3])")
        let wrong = #expect(throws: CheckpointError.self) { try scope.tensor("half", [5, 3]) }
        #expect(
            wrong
                == .wrongShape(path: checkpoint.path, key: "ref_enc.half", expected: [5, 3], found: [3, 5]))
        #expect(
            wrong?.description
                == "\(checkpoint.path): tensor \"ref_enc.half\" has shape [3, 5], expected [5, 3]")
    }

    @Test func unusedTensorsAreNamed() throws {
        let weights = checkpoint.weights
        let error = #expect(throws: CheckpointError.self) { try weights["ref_enc"].assertAllUsed() }
        #expect(
            error
                == .unusedTensors(
                    path: checkpoint.path,
                    keys: [
                        "ref_enc.bfloat", "ref_enc.bool", "ref_enc.constant", "ref_enc.double",
                        "ref_enc.empty",
                        "ref_enc.half", "ref_enc.i16", "ref_enc.i32",
                    ], count: 18))
        #expect(error?.description.hasSuffix("ref_enc.i16, ref_enc.i32 and 10 more") == true)
        // Another scope's prefix does not count, nor does a failed request.
        #expect(throws: CheckpointError.self) { try weights["enc_p"].assertAllUsed() }
        _ = try weights["enc_p"].tensor("text_embedding.weight", [322, 1])
        _ = try? weights["enc_p"].tensor("ssl_proj.weight", [1])
        #expect(
            throws: CheckpointError.unusedTensors(
                path: checkpoint.path, keys: ["enc_p.ssl_proj.weight"], count: 1)
        ) { try weights["enc_p"].assertAllUsed() }
        try weights["enc_p"].assertAllUsed(ignoring: ["ssl_"])
        try weights.assertAllUsed(ignoring: ["ref_enc.", "enc_p.ssl_proj."])
        weights["enc_p"].markUsed("ssl_proj.weight")
        try weights["enc_p"].assertAllUsed()
        // A fresh root starts from nothing.
        #expect(throws: CheckpointError.self) { try checkpoint.weights["enc_p"].assertAllUsed() }
    }

    @Test func useIsRecordedFromManyThreads() throws {
        let weights = checkpoint.weights
        let keys = checkpoint.tensors.keys.sorted()
        DispatchQueue.concurrentPerform(iterations: keys.count * 20) { index in
            weights.markUsed(keys[index % keys.count])
        }
        try weights.assertAllUsed()
    }
}

/// w = g · v / ‖v‖ in its spellings, on numbers with exact roots.
struct WeightNormTests {
    private static let g: [Float] = [10, 1]
    private static let v: [Float] = [3, 4, 0, 0, 5, 12]

    private func scope(_ tensors: [(String, [Int], [Float])]) throws -> WeightScope {
        let path = try withFolder { folder in
            let path = folder + "/x.safetensors"
            let entries = tensors.map { SafetensorsEntry(name: $0.0, elementType: .float32, shape: $0.1) }
            try SafetensorsWriter.write(to: path, entries: entries, metadata: [:]) {
                (entry, give) throws(CheckpointError) in
                let values = tensors.first { $0.0 == entry.name }?.2 ?? []
                values.withUnsafeBytes { try? give($0) }
            }
            return try Checkpoint.open(path)
        }
        return path.weights["conv"]
    }

    @Test(arguments: [
        ("conv.weight_g", "conv.weight_v"),
        ("conv.parametrizations.weight.original0", "conv.parametrizations.weight.original1"),
    ])
    func bothSpellings(gain: String, direction: String) throws {
        let scope = try scope([(gain, [2, 1, 1], Self.g), (direction, [2, 3, 1], Self.v)])
        // ‖3 4 0‖ = 5, ‖0 5 12‖ = 13
        let expected: [Float] = [6, 8, 0, 0, 5 * (1 / Float(13)), 12 * (1 / Float(13))]
        #expect(try scope.weightNorm("weight", [2, 3, 1]) == expected)
        try scope.assertAllUsed()
    }

    @Test func anyAxisThatTheGainKeeps() throws {
        let last = try scope([
            ("conv.weight_g", [1, 1, 3], [10, 26, 4]), ("conv.weight_v", [2, 1, 3], [3, 5, 0, 4, 12, 2]),
        ])
        // columns (3 4), (5 12), (0 2)
        #expect(try last.weightNorm("weight", [2, 1, 3]) == [6, 10, 0, 8, 24, 4])
        let middle = try scope([
            ("conv.weight_g", [1, 2, 1], [10, 26]), ("conv.weight_v", [1, 2, 2], [3, 4, 5, 12]),
        ])
        #expect(try middle.weightNorm("weight", [1, 2, 2]) == [6, 8, 10, 24])
    }

    @Test func aPlainWeightIsGivenBack() throws {
        let scope = try scope([("conv.weight", [2], [1.5, 2])])
        #expect(try scope.weightNorm("weight", [2]) == [1.5, 2])
        try scope.assertAllUsed()
    }

    @Test func mistakesAreNamed() throws {
        let path = try scope([("conv.weight_v", [2, 3, 1], Self.v)])
        #expect(
            throws: CheckpointError.missingTensor(
                path: path.checkpoint.path, key: "conv.weight_g", expected: [2, 1, 1])
        ) {
            try path.weightNorm("weight", [2, 3, 1])
        }
        let wrong = try scope([("conv.weight_g", [2, 3, 1], Self.v), ("conv.weight_v", [2, 3, 1], Self.v)])
        #expect(
            throws: CheckpointError.wrongShape(
                path: wrong.checkpoint.path, key: "conv.weight_g", expected: [2, 1, 1], found: [2, 3, 1])
        ) { try wrong.weightNorm("weight", [2, 3, 1]) }
        let none = try scope([("conv.bias", [1], [0])])
        #expect(
            throws: CheckpointError.missingTensor(
                path: none.checkpoint.path, key: "conv.weight_v", expected: [2, 3, 1])
        ) {
            try none.weightNorm("weight", [2, 3, 1])
        }
    }
}

import Foundation
import Testing

@testable import Checkpoint

struct ConverterTests {
    /// Converts a fixture and opens the result.
    private func converted(
        _ source: Checkpoint, _ precision: WeightPrecision?, progress: (Converter.Progress) -> Void = { _ in }
    ) throws -> Checkpoint {
        try withFolder { folder in
            let path = folder + "/out.safetensors"
            try Converter(source, precision: precision, tool: "test").write(to: path, progress: progress)
            return try Checkpoint.open(path)
        }
    }

    @Test(arguments: [
        "zip-protocol2.pth", "legacy-protocol2.pth", "head05.pth", "state-dict.bin", "plain.safetensors",
    ])
    func aConvertedFileIsTheSameCheckpoint(name: String) throws {
        let source = try Checkpoint.open(fixture(name))
        let result = try converted(source, nil)
        #expect(result.format == .safetensors)
        #expect(result.kind == source.kind)
        #expect(result.soVITSVersion == source.soVITSVersion)
        #expect(result.config == source.config)
        #expect(result.metadata == source.metadata)
        #expect(result.loraRank == source.loraRank)
        #expect(result.origin?.sourceSHA256 == source.sha256())
        #expect(Set(result.tensors.keys) == Set(source.tensors.keys))
        for (key, tensor) in result.tensors {
            let original = try #require(source.tensors[key])
            #expect(tensor.elementType == original.elementType, "\(key)")
            #expect(tensor.shape == original.shape, "\(key)")
            #expect(tensor.contiguousBytes() != nil, "\(key)")
            if tensor.elementType.isFloat {
                #expect(try tensor.floats() == original.floats(), "\(key)")
            } else {
                #expect(try tensor.integers() == original.integers(), "\(key)")
            }
        }
        // Converting again keeps naming the first source.
        #expect(try converted(result, .f32).origin?.sourceSHA256 == source.sha256())
    }

    @Test func precisionChangesFloatsOnly() throws {
        let source = try Checkpoint.open(fixture("zip-protocol2.pth"))
        for (precision, type) in [(WeightPrecision.f16, ElementType.float16), (.f32, .float32)] {
            let result = try converted(source, precision)
            for (key, tensor) in result.tensors {
                let original = try #require(source.tensors[key])
                #expect(
                    tensor.elementType == (original.elementType.isFloat ? type : original.elementType),
                    "\(key)")
                // The fixture's values are exact in every type.
                if type == tensor.elementType { #expect(try tensor.floats() == original.floats(), "\(key)") }
            }
        }
    }

    /// A checkpoint of one tensor `t` with these bytes.
    private func source(_ storage: String, _ content: [UInt8], count: Int) throws -> Checkpoint {
        let pickle = PickleBytes.tensor(storage: storage, count: count, shape: [count], strides: [1])
        return try open(ZipBytes(pickle: pickle, storages: ["0": content]).build())
    }

    @Test func roundingIsToNearestEven() throws {
        let values: [Float] = [1 + 1 / 2048, 1 + 3 / 2048, 65_519, .infinity, 1e-8]
        let result = try converted(
            try source("FloatStorage", values.flatMap { bytes($0.bitPattern) }, count: 5), .f16)
        #expect(try result.tensors["t"]?.floats() == [1, 1 + 4 / 2048, 65_504, .infinity, 0])
    }

    @Test func valuesThatDoNotFitAreRefused() throws {
        let values: [Float] = [65_520, -1e30, 1, .infinity]
        let large = try source("FloatStorage", values.flatMap { bytes($0.bitPattern) }, count: 4)
        let error = #expect(throws: CheckpointError.self) { try converted(large, .f16) }
        #expect(error == .valuesDoNotFit(path: large.path, key: "t", count: 2, largest: 1e30, type: .float16))
        let doubles: [Double] = [1e39, 1, -.infinity]
        let wide = try source("DoubleStorage", doubles.flatMap { bytes($0.bitPattern) }, count: 3)
        let second = #expect(throws: CheckpointError.self) { try converted(wide, .f32) }
        #expect(
            second == .valuesDoNotFit(path: wide.path, key: "t", count: 1, largest: .infinity, type: .float32)
        )
        #expect(try converted(wide, nil).tensors["t"]?.elementType == .float64)
    }

    @Test func progressCountsUpToTheEnd() throws {
        var steps: [Converter.Progress] = []
        let source = try Checkpoint.open(fixture("state-dict.bin"))
        _ = try converted(source, nil) { steps.append($0) }
        #expect(steps.map(\.written) == Array(1...7))
        #expect(steps.allSatisfy { $0.total == 7 && $0.totalBytes == 56 + 8 })
        #expect(steps.map(\.writtenBytes) == [8, 16, 32, 40, 48, 56, 64])
    }

    @Test func repeatedElementsCannotFillTheDisk() throws {
        let pickle = PickleBytes.make { pickle in
            pickle.op("}(")
            for name in 0..<5 {
                pickle.text("\(name)")
                pickle.tensor(shape: [StoredTensor.maximumRepeated], strides: [0])
            }
            pickle.op("u")
        }
        // Nor the memory: such a file is not opened.
        let error = try openingError(
            ZipBytes(pickle: pickle, storages: ["0": [UInt8](repeating: 0, count: 16)]).build())
        #expect(error?.limitSubject == "bytes of all tensors, which repeat stored ones")
    }

    @Test func damagedMetadataIsRefused() throws {
        let source = try Checkpoint.open(fixture("head05.pth"))
        var metadata = Converter(source).metadata()
        #expect(metadata[Origin.Name.modelVersion] == "v2Pro")
        #expect(try Origin(metadata, path: "x")?.version == source.soVITSVersion)
        metadata[Origin.Name.modelVersion] = "v9"
        #expect(throws: CheckpointError.self) { try Origin(metadata, path: "x") }
        metadata[Origin.Name.modelVersion] = "v2"
        metadata[Origin.Name.config] = "{"
        #expect(throws: CheckpointError.self) { try Origin(metadata, path: "x") }
    }

    @Test func inspectionShowsEverything() throws {
        let path = try fixture("head05.pth")
        let checkpoint = try Checkpoint.open(path)
        let text = checkpoint.inspection()
        for line in [
            "file     \(path)", "size     7658 bytes", "format   torch zip, version head 05",
            "kind     a SoVITS model",
            "version  v2Pro", "symbols  v1", "sha256   \(checkpoint.sha256())", "    \"version\": \"v2Pro\",",
            "tensors  20, 486 elements", "  enc_p.text_embedding.weight  float16 [322, 1]",
            "  ref_enc.repeated  float32 [6, 5], strides [0, 1]",
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)\n\(text)")
        }
        #expect(!checkpoint.inspection(hash: false).contains("sha256"))
    }
}

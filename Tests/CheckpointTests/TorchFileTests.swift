import Foundation
import Testing

@testable import Checkpoint

/// Files that torch itself wrote, compared value by value.
struct TorchFileTests {
    private static let files = [
        "zip-protocol2.pth", "zip-protocol4.pth", "legacy-protocol2.pth", "legacy-protocol4.pth",
        "head05.pth",
        "plain.safetensors",
    ]

    private func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0) * 0.25 } }

    @Test(arguments: files) func everyTensorHasTorchsValues(name: String) throws {
        let checkpoint = try Checkpoint.open(fixture(name))
        let grid = ramp(36)
        let expected: [String: ([Int], [Float])] = [
            "enc_p.text_embedding.weight": ([322, 1], ramp(322)),
            "enc_p.ssl_proj.weight": ([2, 3], ramp(6)),
            "ref_enc.half": ([3, 5], ramp(15)),
            "ref_enc.bfloat": ([4], ramp(4)),
            "ref_enc.double": ([3], ramp(3)),
            "ref_enc.scalar": ([], [3.5]),
            "ref_enc.empty": ([0, 3], []),
            "ref_enc.repeated": ([6, 5], (0..<30).map { Float($0 % 5) * 0.25 }),
            "ref_enc.constant": ([3, 4], [Float](repeating: 2.5, count: 12)),
            "ref_enc.transposed": ([6, 4], (0..<24).map { Float($0 % 4 * 6 + $0 / 4) * 0.25 }),
            "ref_enc.permuted": ([4, 2, 3], (0..<24).map { Float($0 % 6 * 4 + $0 / 6) * 0.25 }),
            "ref_enc.window": ([2, 2], [grid[7], grid[10], grid[19], grid[22]]),
            "ref_enc.shared": ([8], ramp(8)),
            "ref_enc.tail": ([5], Array(ramp(8)[3...])),
        ]
        for (key, (shape, values)) in expected {
            let tensor = try #require(checkpoint.tensors[key])
            #expect(tensor.shape == shape, "\(key)")
            #expect(tensor.elementCount == values.count, "\(key)")
            #expect(try tensor.floats() == values, "\(key)")
        }
        let whole: [String: (ElementType, [Int64])] = [
            "ref_enc.i64": (.int64, [-2, -1, 0, 1, 2]), "ref_enc.i32": (.int32, [-2, -1, 0, 1, 2]),
            "ref_enc.i16": (.int16, [-2, -1, 0, 1, 2]), "ref_enc.i8": (.int8, [-2, -1, 0, 1, 2]),
            "ref_enc.u8": (.uint8, [251, 252, 253, 254, 255]), "ref_enc.bool": (.bool, [1, 0, 1]),
        ]
        for (key, (type, values)) in whole {
            let tensor = try #require(checkpoint.tensors[key])
            #expect(tensor.elementType == type, "\(key)")
            #expect(try tensor.integers() == values, "\(key)")
        }
        #expect(checkpoint.tensors.count == expected.count + whole.count)
    }

    @Test func stridesAndAlignment() throws {
        let tensors = try Checkpoint.open(fixture("zip-protocol2.pth")).tensors
        let repeated = try #require(tensors["ref_enc.repeated"])
        #expect(repeated.strides == [0, 1])
        #expect(!repeated.isContiguous)
        #expect(repeated.contiguousBytes() == nil)
        let transposed = try #require(tensors["ref_enc.transposed"])
        #expect(transposed.strides == [1, 6])
        #expect(!transposed.isContiguous)
        let tail = try #require(tensors["ref_enc.tail"])
        #expect(tail.isContiguous)
        let pointer = try #require(tail.contiguousBytes())
        #expect(pointer.count == 20)
        #expect(pointer.load(as: Float.self) == 0.75)
    }

    @Test(arguments: [
        ("zip-protocol2.pth", Checkpoint.Format.torchZip), ("legacy-protocol4.pth", .torchLegacy),
    ])
    func plainConfiguration(name: String, format: Checkpoint.Format) throws {
        let checkpoint = try Checkpoint.open(fixture(name))
        #expect(checkpoint.format == format)
        #expect(checkpoint.prefixVersion == nil)
        let config = checkpoint.config
        #expect(config["model"]?["version"]?.string == "v1")
        #expect(config["model"]?["rates"]?.ints == [10, 8])
        #expect(config["model"]?["dropout"]?.double == 0.1)
        #expect(config["model"]?["flag"]?.bool == true)
        #expect(config["model"]?["nothing"] == .null)
        #expect(config["text"]?.string == "ü 漢字")
        #expect(config["pair"]?.ints == [1, 2])
        #expect(config["set"]?.ints == [3])
        #expect(config["path"]?.string == "/a/b/c.txt")
        #expect(config["large"]?.int == 1 << 40)
        #expect(config["negative"]?.int == -(1 << 40))
        #expect(config["bytes"]?.string == "<4 bytes>")
        #expect(config["device"]?.string == "cpu")
        #expect(config["dtype"]?.string == "torch.float16")
        #expect(config["size"]?.ints == [1, 2])
        #expect(config.entries?.count == 11)
        #expect(checkpoint.metadata == .dict([.init("info", .string("8epoch"))]))
    }

    @Test func configurationObjectIsReadAsData() throws {
        let checkpoint = try Checkpoint.open(fixture("head05.pth"))
        #expect(checkpoint.prefixVersion == 5)
        #expect(checkpoint.config["model"]?["version"]?.string == "v2Pro")
        #expect(checkpoint.config["model"]?["rates"]?.ints == [10, 8])
        #expect(checkpoint.config["train"]?["lora_rank"]?.string == "32")
        #expect(checkpoint.config["name"]?.string == "x")
        #expect(checkpoint.loraRank == 32)
    }

    @Test func bareStateDict() throws {
        let checkpoint = try Checkpoint.open(fixture("state-dict.bin"))
        #expect(checkpoint.config == .null)
        #expect(checkpoint.kind == .other)
        #expect(
            Set(checkpoint.tensors.keys) == [
                "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
                "1.num_batches_tracked",
            ])
        #expect(try checkpoint.tensors["0.weight"]?.floats() == [0, 0.25, 0.5, 0.75])
        #expect(try checkpoint.tensors["1.num_batches_tracked"]?.integers() == [0])
    }

    @Test func elementTypesAreNotMixedUp() throws {
        let tensors = try Checkpoint.open(fixture("zip-protocol2.pth")).tensors
        let path = try fixture("zip-protocol2.pth")
        #expect(
            throws: CheckpointError.wrongElementType(
                path: path, key: "ref_enc.i64", expected: "floating point numbers", found: .int64)
        ) { try tensors["ref_enc.i64"]?.floats() }
        #expect(
            throws: CheckpointError.wrongElementType(
                path: path, key: "ref_enc.half", expected: "integers", found: .float16)
        ) { try tensors["ref_enc.half"]?.integers() }
    }

    @Test func checksums() throws {
        // From `sha256sum` and `head -c 8192 | md5sum`.
        let checkpoint = try Checkpoint.open(fixture("state-dict.bin"))
        #expect(checkpoint.sha256() == "9b00819c6c492ae56c4935c31af41a72c533ce14e498ba28324d68566829ac39")
        #expect(checkpoint.prefixMD5 == "86bc693812ffee19a5ec2d5ee8820f4f")
    }
}

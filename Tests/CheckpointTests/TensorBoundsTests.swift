import Testing

@testable import Checkpoint

/// Shapes and strides that would reach outside the storage, or that numbers cannot hold.
struct TensorBoundsTests {
    /// Four floats, 1 to 4.
    private static let storage: [UInt8] = [Float](arrayLiteral: 1, 2, 3, 4).flatMap { bytes($0.bitPattern) }

    private func file(_ pickle: [UInt8]) -> [UInt8] {
        ZipBytes(pickle: pickle, storages: ["0": Self.storage]).build()
    }

    @Test(
        arguments: [
            ([2, 2], [2, 1], 0, [1, 2, 3, 4]), ([2, 2], [1, 2], 0, [1, 3, 2, 4]), ([3], [1], 1, [2, 3, 4]),
            ([2, 2], [1, 1], 1, [2, 3, 3, 4]), ([3, 2], [0, 3], 0, [1, 4, 1, 4, 1, 4]), ([], [], 3, [4]),
            ([0], [1], 4, []), ([1, 4], [999, 1], 0, [1, 2, 3, 4]), ([4, 0], [1, 1], 0, []),
        ] as [([Int], [Int], Int, [Float])])
    func validStrides(shape: [Int], strides: [Int], offset: Int, values: [Float]) throws {
        let pickle = PickleBytes.tensor(offset: offset, shape: shape, strides: strides)
        let tensor = try #require(try open(file(pickle)).tensors["t"])
        #expect(try tensor.floats() == values)
        #expect(tensor.elementCount == values.count)
    }

    @Test(
        arguments: [
            ([5], [1], 0), ([4], [1], 1), ([2, 2], [3, 1], 0), ([1], [1], 4), ([0], [1], 5), ([2], [4], 0),
            ([.max], [1], 0), ([2], [.max], 0), ([2, 2], [.max, .max], 0), ([1], [1], .max), ([2], [1], .max),
            ([1 << 32, 1 << 32], [0, 0], 0), ([.max, 0], [1, 1], 5), ([-1], [1], 0), ([1], [-1], 0),
            ([1], [1], -1),
            ([.min], [.min], .min), ([1, 1], [1], 0), ([1 << 62, 4, 0], [1, 1, 1], 0),
            ([Int](repeating: 1, count: 17), [Int](repeating: 1, count: 17), 0),
        ] as [([Int], [Int], Int)])
    func everythingElseIsRefused(shape: [Int], strides: [Int], offset: Int) throws {
        let pickle = PickleBytes.tensor(offset: offset, shape: shape, strides: strides)
        let error = try openingError(file(pickle))
        #expect(error?.malformedReason != nil, "\(String(describing: error))")
    }

    @Test func repeatedElementsAreBounded() throws {
        let most = StoredTensor.maximumRepeated
        let fits = try open(file(PickleBytes.tensor(shape: [most], strides: [0])))
        #expect(fits.tensors["t"]?.elementCount == most)
        let error = try openingError(file(PickleBytes.tensor(shape: [most + 1], strides: [0])))
        #expect(error?.limitSubject?.contains("which repeats stored ones") == true)
    }

    @Test func storagesAreAsLongAsAnnounced() throws {
        for (count, isFine) in [
            (4, true), (3, true), (5, false), (Int.max / 4, false), (Int.max, false), (-1, false),
        ] {
            let error = try openingError(file(PickleBytes.tensor(count: count, shape: [1], strides: [1])))
            #expect((error == nil) == isFine, "\(count): \(String(describing: error))")
        }
        let missing = try openingError(ZipBytes(pickle: PickleBytes.tensor(shape: [1], strides: [1])).build())
        #expect(missing?.malformedReason == "object: the storage of tensor \"t\" is missing")
    }

    @Test func oddlyPlacedTensorsAreReadByCopy() throws {
        // One byte before the storage's member moves every float off its alignment.
        for shift in 0..<4 {
            let member = ZipBytes.Member(
                name: "archive/" + String(repeating: "x", count: 1 + shift), content: [])
            var zip = ZipBytes(
                pickle: PickleBytes.tensor(shape: [4], strides: [1]), storages: ["0": Self.storage])
            zip.members.insert(member, at: 0)
            let tensor = try #require(try open(zip.build()).tensors["t"])
            #expect(try tensor.floats() == [1, 2, 3, 4])
            #expect((tensor.contiguousBytes() == nil) == (tensor.byteOffset % 4 != 0))
        }
    }

    @Test func stateDictsAreStrict() throws {
        let twice = PickleBytes.make { pickle in
            pickle.op("}(")
            for _ in 0..<2 {
                pickle.text("t")
                pickle.tensor()
            }
            pickle.op("u")
        }
        #expect(try openingError(file(twice))?.malformedReason == "object: tensor \"t\" comes twice")
        let stranger = PickleBytes.make { pickle in
            pickle.op("}(")
            pickle.text("t")
            pickle.tensor()
            pickle.text("u")
            pickle.op("Nu")
        }
        #expect(
            try openingError(file(stranger))?.malformedReason
                == "object: \"u\" in the state dict is no tensor")
        let unnamed = PickleBytes.make { pickle in
            pickle.op("}(N")
            pickle.tensor()
            pickle.op("u")
        }
        #expect(try openingError(file(unnamed))?.malformedReason == "object: a tensor without a name")
        #expect(
            try openingError(file(PickleBytes.make { $0.op("}") }))?.malformedReason?.contains("no tensors")
                == true)
        #expect(
            try openingError(file(PickleBytes.make { $0.op("]") }))?.malformedReason?.contains(
                "no dictionary") == true)
    }
}

import Foundation
import Testing

@testable import Checkpoint

/// Matrices in blocks of rows: what is written is read back as the matrix that it was.
struct BlockedRowsTests {
    private typealias Matrix = (name: String, shape: [Int], values: [Float])

    private static func numbers(_ count: Int, seed: UInt32) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            // Exact in half precision.
            return Float(Int(state >> 22) - 512) / 256
        }
    }

    private static func matrix(_ name: String, _ shape: [Int], seed: UInt32) -> Matrix {
        (name, shape, numbers(shape.reduce(1, *), seed: seed))
    }

    private func written(
        _ matrices: [Matrix], _ type: ElementType = .float16, metadata: [String: String] = [:],
        in folder: String
    ) throws -> Checkpoint {
        let path = folder + "/source.safetensors"
        let entries = matrices.map {
            SafetensorsEntry(name: $0.name, elementType: type, shape: $0.shape)
        }
        try SafetensorsWriter.write(to: path, entries: entries, metadata: metadata) {
            (entry, give) throws(CheckpointError) in
            let values = matrices.first { $0.name == entry.name }?.values ?? []
            let content =
                type == .float16
                ? values.flatMap { bytes(HalfPrecision.narrow($0)) }
                : values.flatMap { bytes($0.bitPattern) }
            content.withUnsafeBytes { try? give($0) }
        }
        return try Checkpoint.open(path)
    }

    /// A matrix in blocks, element by element: block, then column, then row of the block; zeros behind the last row.
    private static func blocked<T: FixedWidthInteger>(
        _ matrix: Matrix, _ rowsPerBlock: Int, _ element: (Int, Int) -> T
    ) -> (shape: [Int], bytes: [UInt8]) {
        let (N, K) = (matrix.shape[0], matrix.shape[1...].reduce(1, *))
        let count = (N + rowsPerBlock - 1) / rowsPerBlock
        var content: [UInt8] = []
        for block in 0..<count {
            for column in 0..<K {
                for lane in 0..<rowsPerBlock {
                    let row = block * rowsPerBlock + lane
                    content += bytes(row < N ? element(row, column) : 0)
                }
            }
        }
        return ([count, K, rowsPerBlock], content)
    }

    private static func prepacked(_ matrix: Matrix, _ type: ElementType, _ rowsPerBlock: Int)
        -> PrepackedTensor
    {
        let K = matrix.shape[1...].reduce(1, *)
        let (shape, content) =
            type == .float16
            ? blocked(matrix, rowsPerBlock) { HalfPrecision.narrow(matrix.values[$0 * K + $1]) }
            : blocked(matrix, rowsPerBlock) { matrix.values[$0 * K + $1].bitPattern }
        return PrepackedTensor(blocksOf: matrix.name, matrix.shape, elementType: type, blocks: shape) {
            (give) throws(CheckpointError) in
            // In two parts, as a writer may.
            try pass(Array(content[..<(content.count / 2)]), to: give)
            try pass(Array(content[(content.count / 2)...]), to: give)
        }
    }

    private static let matrices = [
        matrix("a.weight", [48, 6], seed: 2), matrix("a.bias", [48], seed: 3),
        matrix("b.weight", [37, 5], seed: 4),
        matrix("c.weight", [1, 7], seed: 6), matrix("c.bias", [16], seed: 8),
        matrix("d.weight", [20, 3, 1], seed: 7),
    ]

    private func converted(
        _ source: Checkpoint, _ prepacked: [PrepackedTensor] = [], _ precision: WeightPrecision? = nil,
        in folder: String
    ) throws -> Checkpoint {
        let path = folder + "/\(UUID().uuidString).safetensors"
        try Converter(source, precision: precision, prepacked: prepacked, tool: "test").write(to: path)
        return try Checkpoint.open(path)
    }

    @Test(arguments: [ElementType.float16, .float32], [1, 3, 16, 64])
    func thereAndBack(_ type: ElementType, _ rowsPerBlock: Int) throws {
        try withFolder { folder in
            let source = try written(Self.matrices, type, in: folder)
            let prepacked = Self.matrices.filter { $0.shape.count > 1 }.map {
                Self.prepacked($0, type, rowsPerBlock)
            }
            let blocks = try converted(source, prepacked, in: folder)
            let rows = try converted(blocks, in: folder)
            #expect(Set(blocks.tensors.keys) == Set(source.tensors.keys))
            for (name, original) in source.tensors {
                let block = try #require(blocks.tensors[name])
                #expect((block.blocks != nil) == (original.shape.count > 1), "\(name)")
                #expect(block.shape == original.shape && block.elementType == type, "\(name)")
                #expect(try block.floats() == original.floats(), "\(name)")
                #expect(block.isContiguous == (block.blocks == nil))
                #expect((block.contiguousBytes() == nil) == (block.blocks != nil))
                let back = try #require(rows.tensors[name])
                #expect(back.blocks == nil)
                #expect(
                    back.contiguousBytes().map { Array($0) } == original.contiguousBytes().map { Array($0) })
            }
            #expect(
                blocks.inspection().contains(
                    "b.weight  \(type.rawValue) [37, 5], blocks of \(rowsPerBlock) rows\n"))
        }
    }

    /// What a layer maps is what it prepacked.
    @Test func blocksAreStoredAsTheyWereGiven() throws {
        try withFolder { folder in
            let source = try written(Self.matrices, .float32, in: folder)
            let blocks = try converted(source, [Self.prepacked(Self.matrices[2], .float32, 16)], in: folder)
            let values = Self.matrices[2].values
            let stored = try #require(blocks.tensors["b.weight"]?.blockBytes()).bindMemory(to: Float.self)
            #expect(stored.count == 3 * 5 * 16)
            for row in 0..<48 {
                for column in 0..<5 {
                    #expect(
                        stored[(row / 16 * 5 + column) * 16 + row % 16]
                            == (row < 37 ? values[row * 5 + column] : 0))
                }
            }
            #expect(blocks.tensors["b.weight"]?.byteOffset.isMultiple(of: 64) == true)
        }
    }

    /// Reading what is prepacked must not make pages of other tensors resident.
    @Test func prepackedTensorsAreAdjacent() throws {
        try withFolder { folder in
            let source = try written(Self.matrices, .float32, in: folder)
            let prepacked = [Self.matrices[0], Self.matrices[5]].map { Self.prepacked($0, .float32, 16) }
            let file = try converted(source, prepacked, in: folder)
            let stored = file.tensors.values.sorted { $0.byteOffset < $1.byteOffset }
            // In the order of names, c.bias is between them.
            #expect(stored.count == 6)
            let first = try #require(stored.firstIndex { $0.blocks != nil })
            let last = try #require(stored.lastIndex { $0.blocks != nil })
            #expect(last == first + 1)
        }
    }

    /// Signed bytes read as byte · scale of the row, and convert to rows of floats.
    @Test func bytesWithScales() throws {
        try withFolder { folder in
            let matrix = Self.matrix("q.weight", [5, 3], seed: 9)
            let source = try written([matrix], .float32, in: folder)
            let quantized = (0..<15).map { Int8($0 * 17 - 120) }
            let (shape, content) = Self.blocked(matrix, 4) { UInt8(bitPattern: quantized[$0 * 3 + $1]) }
            let scales: [Float] = [0.125, 0.25, 0.375, 0.5, 0.625, 0, 0, 0]
            let tensor = PrepackedTensor(
                blocksOf: matrix.name, matrix.shape, elementType: .int8, blocks: shape, scales: scales
            ) { (give) throws(CheckpointError) in
                try pass(content, to: give)
            }
            let expected = (0..<15).map { Float(quantized[$0]) * scales[$0 / 3] }
            let file = try converted(source, [tensor], in: folder)
            let found = try #require(file.tensors["q.weight"])
            #expect(file.tensors.count == 1 && found.elementType == .float32)
            #expect(try found.floats() == expected)
            #expect(found.rowScales() == scales)
            #expect(found.blockBytes().map { Array($0) } == content)
            #expect(file.inspection().contains("int8 [5, 3], blocks of 4 rows with a scale per row\n"))
            let rows = try converted(file, in: folder)
            #expect(rows.tensors["q.weight"]?.blocks == nil)
            #expect(try rows.tensors["q.weight"]?.floats() == expected)
        }
    }

    @Test func bytesAreForTextToSemanticModels() throws {
        let other = try Checkpoint.open(fixture("head05.pth"))
        let error = #expect(throws: CheckpointError.self) {
            try Converter(other, precision: .int8).write(to: "/dev/null/x")
        }
        #expect(error == .notQuantizable(path: other.path, found: .soVITS))
        #expect(error?.description.contains("int8 is for text-to-semantic (GPT) weights") == true)
    }

    // MARK: - Files that lie

    /// The two spellings of the same index: `{"a":[2,3]}` of earlier versions, and the present one.
    private static func metadata(_ panels: String, _ isPresent: Bool) -> [String: String] {
        guard isPresent else { return ["gsv.panels": panels] }
        let text = panels.replacingOccurrences(
            of: #""a":(\[[^\]]*\]|3)"#, with: #""a":{"rows_per_block":16,"shape":$1}"#,
            options: .regularExpression)
        return ["gsv.prepared": text]
    }

    private func reason(
        _ panels: String, _ isPresent: Bool, _ matrices: [Matrix], _ type: ElementType = .float16
    ) throws -> String? {
        try withFolder { folder in
            do {
                _ = try written(matrices, type, metadata: Self.metadata(panels, isPresent), in: folder)
                return nil
            } catch let error as CheckpointError {
                return error.malformedReason ?? error.description
            }
        }
    }

    @Test(arguments: [
        ("{", "gsv.p"), ("[]", "no JSON object"), ("{\"b\":[2,3]}", "\"b\" is not in the file"),
        ("{\"a\":3}", "\"a\" has no shape"), ("{\"a\":[2,\"x\"]}", "no integer"),
        ("{\"a\":[2.5,3]}", "no integer"), ("{\"a\":[]}", "for a matrix of shape []"),
        ("{\"a\":[2]}", "for a matrix of shape [2]"), ("{\"a\":[17,3]}", "for a matrix of shape [17, 3]"),
        ("{\"a\":[2,4]}", "for a matrix of shape [2, 4]"), ("{\"a\":[0,3]}", "for a matrix of shape [0, 3]"),
        ("{\"a\":[-2,3]}", "for a matrix of shape [-2, 3]"), ("{\"a\":[2,-3]}", "shape [2, -3]"),
        ("{\"a\":[9223372036854775807,3]}", "for a matrix of shape [9223372036854775807, 3]"),
        ("{\"a\":[2,4611686018427387904,4]}", "shape [2, 4611686018427387904, 4]"),
        ("{\"a\":[2,3],\"a\":[2,3]}", "comes twice"),
        ("{\"a\":[2,3,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}", "for a matrix of shape"),
    ])
    func metadataThatLie(_ panels: String, _ expected: String) throws {
        for isPresent in [false, true] {
            let found = try reason(panels, isPresent, [Self.matrix("a", [1, 3, 16], seed: 1)])
            #expect(found?.contains(expected) == true, "\(found ?? "opened")")
        }
    }

    @Test(arguments: ["0", "-16", "1025", "4611686018427387904", "\"16\"", "1.5", "null"])
    func rowsPerBlock(_ value: String) throws {
        let index = "{\"a\":{\"rows_per_block\":\(value),\"shape\":[2,3]}}"
        let error = #expect(throws: CheckpointError.self) {
            try withFolder { folder in
                try written(
                    [Self.matrix("a", [1, 3, 16], seed: 1)], metadata: ["gsv.prepared": index], in: folder)
            }
        }
        let reason = error?.malformedReason ?? ""
        #expect(
            reason.contains("no rows_per_block") || reason.contains("blocks of \(value) rows"), "\(reason)")
    }

    @Test(arguments: [false, true]) func shapesOfBlocks(_ isPresent: Bool) throws {
        for shape in [[48], [3, 16], [1, 3, 1, 16], [1, 6, 8], [3, 1, 16]] {
            #expect(
                try reason("{\"a\":[2,3]}", isPresent, [Self.matrix("a", shape, seed: 1)])?.contains(
                    "blocks of shape")
                    == true)
        }
        #expect(try reason("{\"a\":[2,3]}", isPresent, [Self.matrix("a", [1, 3, 16], seed: 1)]) == nil)
        #expect(try reason("{\"a\":[16,3,1]}", isPresent, [Self.matrix("a", [1, 3, 16], seed: 1)]) == nil)
        #expect(try reason("{\"a\":[0,3]}", isPresent, [Self.matrix("a", [0, 3, 16], seed: 1)]) == nil)
    }

    @Test(arguments: [
        #""gsv.panels":"{\"a\":[2,1]}""#,
        #""gsv.prepared":"{\"a\":{\"rows_per_block\":16,\"shape\":[2,1]}}""#,
    ])
    func bytesNeedTheirScales(_ index: String) throws {
        let panel = "\"a\":{\"dtype\":\"I8\",\"shape\":[1,1,16],\"data_offsets\":[0,16]}"
        func opened(_ scales: String, data: Int) throws -> Checkpoint {
            let text =
                "{\"__metadata__\":{\(index)},\(panel)\(scales)}"
            return try open(
                bytes(UInt64(text.utf8.count)) + Array(text.utf8) + [UInt8](repeating: 1, count: 16 + data))
        }
        func scales(_ type: String, _ count: Int, _ size: Int) -> String {
            ",\"a.scales\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[16,\(16 + size)]}"
        }
        #expect(try opened(scales("F32", 16, 64), data: 64).tensors.keys.sorted() == ["a"])
        for (text, size) in [
            ("", 0), (scales("F32", 2, 8), 8), (scales("F16", 16, 32), 32), (scales("I32", 16, 64), 64),
        ] {
            let error = #expect(throws: CheckpointError.self) { try opened(text, data: size) }
            #expect(error?.description.contains("signed bytes need 16 scales") == true)
        }
    }
}

import Foundation
import Testing

@testable import Checkpoint

/// Matrices of linear layers in panels: what is written is read back as the matrix that it was.
struct PanelTests {
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

    /// The names that tell a text-to-semantic model, with sizes that fill panels and that don't.
    private static let model: [Matrix] = [
        matrix("model.ar_text_embedding.word_embeddings.weight", [20, 6], seed: 1),
        matrix("model.h.layers.0.self_attn.in_proj_weight", [48, 6], seed: 2),
        matrix("model.h.layers.0.self_attn.in_proj_bias", [48], seed: 3),
        matrix("model.h.layers.0.linear1.weight", [37, 5], seed: 4),
        matrix("model.h.layers.0.norm1.weight", [6], seed: 5),
        matrix("model.ar_predict_layer.weight", [1, 7], seed: 6),
    ]
    private static let linear: Set<String> = [
        "model.h.layers.0.self_attn.in_proj_weight", "model.h.layers.0.linear1.weight",
        "model.ar_predict_layer.weight",
    ]

    private func written(
        _ matrices: [Matrix] = model, _ type: ElementType = .float16, metadata: [String: String] = [:],
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

    private func converted(
        _ source: Checkpoint, _ precision: WeightPrecision? = nil, _ layout: WeightLayout = .panels,
        in folder: String
    ) throws -> Checkpoint {
        let path = folder + "/\(UUID().uuidString).safetensors"
        try Converter(source, precision: precision, layout: layout, tool: "test").write(to: path)
        return try Checkpoint.open(path)
    }

    @Test(arguments: [ElementType.float16, .float32])
    func thereAndBack(_ type: ElementType) throws {
        try withFolder { folder in
            let source = try written(Self.model, type, in: folder)
            let panels = try converted(source, in: folder)
            let rows = try converted(panels, nil, .rows, in: folder)
            let again = try converted(panels, in: folder)
            #expect(Set(panels.tensors.keys) == Set(source.tensors.keys))
            #expect(panels.kind == .textToSemantic)
            for (name, original) in source.tensors {
                let panel = try #require(panels.tensors[name])
                #expect((panel.panels != nil) == Self.linear.contains(name), "\(name)")
                #expect(panel.shape == original.shape && panel.elementType == type, "\(name)")
                #expect(try panel.floats() == original.floats(), "\(name)")
                #expect(panel.isContiguous == (panel.panels == nil))
                #expect((panel.contiguousBytes() == nil) == (panel.panels != nil))
                let back = try #require(rows.tensors[name])
                #expect(back.panels == nil)
                #expect(
                    back.contiguousBytes().map { Array($0) } == original.contiguousBytes().map { Array($0) })
                #expect(
                    again.tensors[name]?.panelBytes().map { Array($0) }
                        == panel.panelBytes().map { Array($0) })
            }
            #expect(
                panels.inspection().contains("linear1.weight  \(type.rawValue) [37, 5], panels of 16 rows\n"))
        }
    }

    /// Element by element: panel, then column, then row in the panel; zeros behind the last row.
    @Test func panelsAreWhatTheKernelsRead() throws {
        try withFolder { folder in
            let panels = try converted(try written(Self.model, .float32, in: folder), in: folder)
            let name = "model.h.layers.0.linear1.weight"
            let values = try #require(Self.model.first { $0.name == name }).values
            let tensor = try #require(panels.tensors[name])
            let stored = try #require(tensor.panelBytes()).bindMemory(to: Float.self)
            #expect(stored.count == 3 * 5 * 16)
            for row in 0..<48 {
                for column in 0..<5 {
                    #expect(
                        stored[(row / 16 * 5 + column) * 16 + row % 16]
                            == (row < 37 ? values[row * 5 + column] : 0))
                }
            }
            for tensor in panels.tensors.values where tensor.panels?.columns == 6 {
                #expect(tensor.byteOffset.isMultiple(of: 64), "\(tensor.name)")
            }
        }
    }

    @Test func bytesAreHalfAStepOffAtMost() throws {
        try withFolder { folder in
            let source = try written(in: folder)
            let bytes = try converted(source, .int8, in: folder)
            #expect(Set(bytes.tensors.keys) == Set(source.tensors.keys))
            let stack = Self.linear.subtracting(["model.ar_predict_layer.weight"])
            for (name, tensor) in bytes.tensors {
                #expect((tensor.panels?.elementType == .int8) == stack.contains(name), "\(name)")
                let (found, wanted) = (try tensor.floats(), try #require(source.tensors[name]).floats())
                guard stack.contains(name) else {
                    #expect(found == wanted)
                    continue
                }
                #expect(tensor.elementType == .float32)
                let scales = try #require(tensor.panelScales())
                let columns = tensor.shape[1]
                for (index, (a, b)) in zip(found, wanted).enumerated() {
                    #expect(abs(a - b) <= scales[index / columns] * 0.5001, "\(name) \(index)")
                }
                #expect(found != wanted)
            }
            // Converting again keeps the bytes; other types widen what they stand for.
            let again = try converted(bytes, in: folder)
            let wide = try converted(bytes, .f32, .rows, in: folder)
            for name in stack {
                let tensor = try #require(bytes.tensors[name])
                #expect(
                    again.tensors[name]?.panelBytes().map { Array($0) }
                        == tensor.panelBytes().map { Array($0) })
                #expect(again.tensors[name]?.panelScales() == tensor.panelScales())
                #expect(try wide.tensors[name]?.floats() == tensor.floats())
            }
            #expect(bytes.inspection().contains("int8 [37, 5], panels of 16 rows with a scale per row\n"))
        }
    }

    @Test func bytesAreForTextToSemanticModels() throws {
        let other = try Checkpoint.open(fixture("head05.pth"))
        let error = #expect(throws: CheckpointError.self) {
            try Converter(other, precision: .int8).write(to: "/dev/null/x")
        }
        #expect(error == .notQuantizable(path: other.path, found: .soVITS))
        #expect(error?.description.contains("int8 is for text-to-semantic (GPT) weights") == true)
        try withFolder { folder in
            var matrices = Self.model
            matrices[1].values[3] = .infinity
            let source = try written(matrices, in: folder)
            #expect(throws: CheckpointError.self) { try converted(source, .int8, in: folder) }
        }
    }

    // MARK: - Files that lie

    private func reason(_ panels: String, _ matrices: [Matrix], _ type: ElementType = .float16) throws
        -> String?
    {
        try withFolder { folder in
            do {
                _ = try written(matrices, type, metadata: ["gsv.panels": panels], in: folder)
                return nil
            } catch let error as CheckpointError {
                return error.malformedReason ?? error.description
            }
        }
    }

    @Test(arguments: [
        ("{", "gsv.panels"), ("[]", "no JSON object"), ("{\"b\":[2,3]}", "\"b\" is not in the file"),
        ("{\"a\":3}", "\"a\" has no shape"), ("{\"a\":[2,\"x\"]}", "no whole number"),
        ("{\"a\":[2.5,3]}", "no whole number"), ("{\"a\":[]}", "for a matrix of shape []"),
        ("{\"a\":[2]}", "for a matrix of shape [2]"), ("{\"a\":[17,3]}", "for a matrix of shape [17, 3]"),
        ("{\"a\":[2,4]}", "for a matrix of shape [2, 4]"), ("{\"a\":[0,3]}", "for a matrix of shape [0, 3]"),
        ("{\"a\":[-2,3]}", "for a matrix of shape [-2, 3]"), ("{\"a\":[2,-3]}", "shape [2, -3]"),
        ("{\"a\":[9223372036854775807,3]}", "for a matrix of shape [9223372036854775807, 3]"),
        ("{\"a\":[2,4611686018427387904,4]}", "shape [2, 4611686018427387904, 4]"),
        ("{\"a\":[2,3],\"a\":[2,3]}", "comes twice"),
        ("{\"a\":[2,3,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}", "for a matrix of shape"),
    ])
    func metadataThatLie(_ panels: String, _ expected: String) throws {
        let found = try reason(panels, [Self.matrix("a", [1, 3, 16], seed: 1)])
        #expect(found?.contains(expected) == true, "\(found ?? "opened")")
    }

    @Test func shapesOfPanels() throws {
        for shape in [[48], [3, 16], [1, 3, 1, 16], [1, 6, 8], [3, 1, 16]] {
            #expect(
                try reason("{\"a\":[2,3]}", [Self.matrix("a", shape, seed: 1)])?.contains("panels of shape")
                    == true)
        }
        #expect(try reason("{\"a\":[2,3]}", [Self.matrix("a", [1, 3, 16], seed: 1)]) == nil)
        #expect(try reason("{\"a\":[16,3,1]}", [Self.matrix("a", [1, 3, 16], seed: 1)]) == nil)
        #expect(try reason("{\"a\":[0,3]}", [Self.matrix("a", [0, 3, 16], seed: 1)]) == nil)
    }

    @Test func bytesNeedTheirScales() throws {
        let panel = "\"a\":{\"dtype\":\"I8\",\"shape\":[1,1,16],\"data_offsets\":[0,16]}"
        func opened(_ scales: String, data: Int) throws -> Checkpoint {
            let text =
                "{\"__metadata__\":{\"gsv.panels\":\"{\\\"a\\\":[2,1]}\"},\(panel)\(scales)}"
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

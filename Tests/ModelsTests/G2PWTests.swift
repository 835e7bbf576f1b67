import Checkpoint
import Foundation
import Tensor
import TestSupport
import Testing

@testable import Models

/// Small networks exported from the public PyTorch module with random weights, and what onnxruntime answers.
@Suite struct G2PWTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/g2pw")

    private struct Record: Decodable {
        let ids: [Int]
        let tokens: [Int]
        let characters: [Int]
        let labels: [[Int]]
        let probabilities: [[Float]]
        let logits: [[Float]]

        func queries(text: Int) -> [G2PW.Query] {
            tokens.indices.map {
                G2PW.Query(text: text, token: tokens[$0], character: characters[$0], labels: labels[$0])
            }
        }
    }

    private static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private static func records(_ name: String) throws -> [Record] {
        let data = try Data(contentsOf: folder.appendingPathComponent(name + ".json"))
        return try JSONDecoder().decode([Record].self, from: data)
    }

    private func largestDifference(_ tensor: Tensor, _ rows: [[Float]]) -> Float {
        zip(tensor.values, rows.flatMap { $0 }).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// Named biases; equal parameters stored once, so that most names are lost; and descriptors of every kind that
    /// scale the features.
    @Test(arguments: ["named", "shared", "features"])
    func logitsAndProbabilitiesAreOnnxruntimes(name: String) throws {
        let network = try G2PW(path: Self.path(name + ".onnx"))
        #expect(network.labelCount == 12)
        #expect(network.characterCount == 6)
        let records = try Self.records(name)
        #expect(records.count == 5)
        for record in records {
            let (logits, probabilities) = network([record.ids], record.queries(text: 0))
            #expect(largestDifference(logits, record.logits) < Limit.onnxLogits)
            #expect(largestDifference(probabilities, record.probabilities) < Limit.onnxLogits)
            let wanted = record.probabilities.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
            #expect(network.choose([record.ids], record.queries(text: 0)) == wanted)
        }
    }

    /// Texts in one pass give the same results as one by one.
    @Test func batchesChangeNothing() throws {
        let network = try G2PW(path: Self.path("named.onnx"))
        let records = try Self.records("named")
        let together = network(
            records.map(\.ids), records.enumerated().flatMap { $1.queries(text: $0) }
        ).probabilities
        #expect(largestDifference(together, records.flatMap(\.probabilities)) < Limit.onnxLogits)
    }

    /// `gsv convert` makes a file that is the same network, in half the precision within its rounding.
    @Test func convertedFiles() throws {
        let source = try Checkpoint.open(Self.path("shared.onnx"))
        #expect(source.kind == .polyphones)
        for (precision, limit) in [(WeightPrecision.f32, Float(1e-6)), (.f16, 0.02)] {
            let target = FileManager.default.temporaryDirectory.appendingPathComponent(
                "g2pw-\(UUID()).safetensors")
            defer { try? FileManager.default.removeItem(at: target) }
            try Converter(source, precision: precision).write(to: target.path)
            let original = try G2PW(path: Self.path("shared.onnx"))
            let converted = try G2PW(path: target.path)
            for record in try Self.records("shared") {
                let queries = record.queries(text: 0)
                let difference = largestDifference(
                    converted([record.ids], queries).logits,
                    original([record.ids], queries).logits.values.map { [$0] })
                #expect(difference <= limit)
            }
        }
    }

    /// A changed row of any matrix is noticed, or the comparison above says nothing.
    @Test func comparisonBites() throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Self.path("named.onnx"))))
        let name = Array("bert.encoder.layer.0.attention.self.value.bias".utf8)
        // The last mention is the tensor itself; two bytes after its name its sixteen floats begin.
        let place = try #require(
            (0..<bytes.count - name.count).last { bytes[$0..<$0 + name.count].elementsEqual(name) })
        for index in 0..<16 { bytes[place + name.count + 2 + 4 * index + 2] ^= 0x40 }
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("g2pw-\(UUID()).onnx")
        defer { try? FileManager.default.removeItem(at: copy) }
        try Data(bytes).write(to: copy)
        let network = try G2PW(path: copy.path)
        let record = try #require(try Self.records("named").last)
        #expect(
            largestDifference(network([record.ids], record.queries(text: 0)).logits, record.logits) > 1e-3)
    }
}

import Checkpoint
import Foundation
import Models
import TestSupport
import Testing

/// A LoRA file is loaded as a whole model, if its base is there.
@Suite struct LoRAFileTests {
    private static let matrix = "cfm.estimator.to_q.weight"

    /// A file of tensors `[2, 2]` whose elements are all the same.
    private func write(_ path: String, _ tensors: [String: Float], metadata: [String: String]) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        let entries = tensors.keys.map { SafetensorsEntry(name: $0, elementType: .float32, shape: [2, 2]) }
        try SafetensorsWriter.write(to: path, entries: entries, metadata: metadata) {
            (entry, give) throws(CheckpointError) in
            let values = [Float](repeating: tensors[entry.name] ?? 0, count: 4)
            let result = values.withUnsafeBytes { bytes in
                Result { () throws(CheckpointError) in try give(bytes) }
            }
            try result.get()
        }
    }

    private func metadata(_ version: String, isLoRA: Bool) -> [String: String] {
        [
            "gsv.config": "{}", "gsv.metadata": "{}", "gsv.model_version": version,
            "gsv.symbols_version": "v2",
            "gsv.is_lora": "\(isLoRA)",
        ]
    }

    @Test(arguments: [("v3", "s2Gv3.pth"), ("v4", "gsv-v4-pretrained/s2Gv4.pth")])
    func theBaseIsThatOfTheVersion(version: String, base: String) throws {
        let place = try TemporaryPlace()
        let file = place.path + "/anna_e2_s100_l2.safetensors"
        let wrapped = "cfm.base_model.model.estimator.to_q."
        try write(
            file, [wrapped + "lora_A.default.weight": 2, wrapped + "lora_B.default.weight": 3],
            metadata: metadata(version, isLoRA: true))
        let pretrained = PretrainedFiles(folder: place.path)
        let error = #expect(throws: ModelError.self) {
            try AcousticModelFactory.checkpoint(file, pretrained: pretrained)
        }
        #expect(error?.description.hasSuffix("which is not there: \(place.path)/\(base)") == true)

        try write(
            place.path + "/" + base, [Self.matrix: 1, "enc_p.proj.weight": 5],
            metadata: metadata(version, isLoRA: false))
        let merged = try AcousticModelFactory.checkpoint(file, pretrained: pretrained)
        #expect(merged.soVITSVersion.modelVersion.rawValue == version)
        #expect(!merged.soVITSVersion.isLoRA)
        #expect(try merged.weights.floats(Self.matrix, [2, 2]) == [13, 13, 13, 13])
        #expect(try merged.weights.floats("enc_p.proj.weight", [2, 2]) == [5, 5, 5, 5])

        // Its converted form needs no base.
        try Converter(merged).write(to: place.path + "/merged.safetensors")
        let converted = try AcousticModelFactory.checkpoint(
            place.path + "/merged.safetensors", pretrained: PretrainedFiles(folder: place.path + "/nowhere"))
        #expect(try converted.weights.floats(Self.matrix, [2, 2]) == [13, 13, 13, 13])
    }

    @Test func aVersionWithoutBaseIsRefused() throws {
        let place = try TemporaryPlace()
        let file = place.path + "/a.safetensors"
        try write(
            file, ["cfm.base_model.model.x.lora_A.default.weight": 2, "enc_p.x": 1],
            metadata: metadata("v2", isLoRA: true))
        let error = #expect(throws: ModelError.self) {
            try AcousticModelFactory.checkpoint(file, pretrained: PretrainedFiles(folder: place.path))
        }
        #expect(error?.reason == "is a LoRA of v2; v3 and v4 have them")
    }

    /// Symbols are rows of a table that both networks share.
    @Test func anEmbeddingOfAnotherSizeIsRefused() throws {
        let place = try TemporaryPlace()
        let file = place.path + "/a.safetensors"
        try write(
            file, ["enc_p.text_embedding.weight": 1, "dec.x": 1, "quantizer.vq.x": 1],
            metadata: metadata("v2", isLoRA: false))
        let error = #expect(throws: ModelError.self) {
            try AcousticModelFactory.checkpoint(file, pretrained: PretrainedFiles(folder: place.path))
        }
        #expect(error?.key == "enc_p.text_embedding.weight")
    }
}

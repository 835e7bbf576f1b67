import Checkpoint
import Foundation
import Models
import ParityStages
import TestSupport

/// The LoRA file of a version, on its base.
struct RecordedLoRA {
    /// The folder of the models.
    let models: String
    let version: String
    let goldens: GoldenSet
    let references: String

    /// Where the oracle has put the file.
    var path: String {
        get throws {
            let list = "\(models)/oracle.json"
            let root = FileManager.default.contents(atPath: list).flatMap {
                try? JSONSerialization.jsonObject(with: $0)
            }
            guard let versions = (root as? [String: Any])?["versions"] as? [String: Any],
                let entry = versions[version] as? [String: Any], let lora = entry["lora"] as? [String: Any],
                let file = lora["file"] as? String
            else { throw ParityError("\(list) names no LoRA of \(version)") }
            return "\(models)/\(file)"
        }
    }

    func run(_ comparison: inout Comparison) throws {
        let pretrained = PretrainedFiles(folder: models)
        let base = try Checkpoint.open(version == "v4" ? pretrained.v4Base : pretrained.v3Base)
        let merged = try AcousticModelFactory.checkpoint(try path, pretrained: pretrained)
        try LoRAStage.run(base: base, merged: merged, &comparison)
        let model = try FlowMatching(merged, pretrained: pretrained)
        try RecordedFlow(model: model, version: version, goldens: goldens, references: references)
            .run("vocoder_synthesis_lora", &comparison)
    }
}

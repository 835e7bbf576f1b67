import Models
import ParityStages
import TestSupport

/// HuBERT and BERT on recorded inputs.
struct RecordedEncoders {
    /// The folder of the models.
    let models: String
    let goldens: GoldenSet

    func huBERT(_ comparison: inout Comparison) throws {
        comparison.uses("input")
        try EncoderStages.huBERT(
            try HuBERT(folder: models + "/chinese-hubert-base"),
            samples: try comparison.golden.floats("input"),
            limit: Tolerances.hidden(
                float32Error: goldens.float32Errors["hubert last_hidden_state: max|f32-f64|"] ?? 0),
            &comparison)
    }

    func bert(_ stage: String, _ comparison: inout Comparison) throws {
        let folder = models + "/chinese-roberta-wwm-ext-large"
        let model = try BERT(folder: folder, allLayers: true)
        let tokenizer = try CharacterTokenizer(folder: folder, size: model.vocabularySize)
        guard let text = (goldens.index[stage] as? [String: Any])?["text"] as? String else {
            return comparison.fail("text", "index.json has no text")
        }
        comparison.arrayName = { ["ids": "input_ids", "features": "phone_feature"][$0] ?? $0 }
        comparison.uses("word2ph")
        try EncoderStages.bert(
            model, tokenizer, text: text, wordToPhone: try comparison.golden.integers("word2ph"), &comparison)
    }
}

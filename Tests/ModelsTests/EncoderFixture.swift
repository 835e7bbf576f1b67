import ParityStages
import Tensor
import TestSupport

@testable import Models

/// HuBERT and BERT with synthetic weights, compared with recorded results of transformers' modules.
enum EncoderFixture {
    static func huBERT(damage: WeightDamage? = nil) throws -> Comparison {
        let model = try SyntheticNetwork.huBERT().loaded(damage: damage) { try HuBERT(folder: $0) }
        var comparison = Comparison(try Golden(models: "hubert"))
        let samples = SyntheticNumbers.uniform("input/samples", 4000).map { $0 * 0.5 }
        try EncoderStages.huBERT(model, samples: samples, limit: Tolerances.hidden(), &comparison)
        comparison.close()
        return comparison
    }

    /// The texts of the goldens; the last one is empty.
    static let texts = ["今天天气真不错,我们一起去公园散步吧.", "你好，世界！A龘…9—花Z", "落", ""]

    static func bert(damage: WeightDamage? = nil) throws -> Comparison {
        let (model, tokenizer) = try SyntheticNetwork.bert().loaded(damage: damage) { folder in
            let model = try BERT(folder: folder, allLayers: true)
            return (model, try CharacterTokenizer(folder: folder, size: model.vocabularySize))
        }
        var comparison = Comparison(try Golden(models: "bert"))
        for (index, text) in texts.enumerated() {
            comparison.arrayName = { "\($0)_\(index)" }
            comparison.uses("word2ph_\(index)")
            let wordToPhone = try comparison.golden.integers("word2ph_\(index)")
            try EncoderStages.bert(model, tokenizer, text: text, wordToPhone: wordToPhone, &comparison)
        }
        comparison.close()
        return comparison
    }
}

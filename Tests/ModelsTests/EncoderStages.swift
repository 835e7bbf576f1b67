import Tensor
import TestSupport

@testable import Models

/// The comparisons of HuBERT and BERT with transformers'.
enum EncoderStages {
    static func huBERT(damage: WeightDamage? = nil) throws -> Comparison {
        let model = try SyntheticNetwork.huBERT().loaded(damage: damage) { try HuBERT(folder: $0) }
        var comparison = Comparison(try Golden(models: "hubert"))
        let taps = Taps.recording()
        let samples = SyntheticNumbers.uniform("input/samples", 4000).map { $0 * 0.5 }
        let last = model(samples, taps: taps)
        for (name, value) in taps.recorded { try comparison.check(name, value.values, Tolerances.hidden()) }
        try comparison.check("last_hidden_state", last.values, Tolerances.hidden())
        comparison.close()
        return comparison
    }

    /// What the goldens' texts are; the last one is empty.
    static let texts = ["今天天气真不错,我们一起去公园散步吧.", "你好，世界！A龘…9—花Z", "落", ""]

    static func bert(damage: WeightDamage? = nil) throws -> Comparison {
        let (model, tokenizer) = try SyntheticNetwork.bert().loaded(damage: damage) { folder in
            let model = try BERT(folder: folder, allLayers: true)
            return (model, try CharacterTokenizer(folder: folder, size: model.vocabularySize))
        }
        let golden = try Golden(models: "bert")
        var comparison = Comparison(golden)
        for (index, text) in texts.enumerated() {
            let ids = tokenizer(text)
            try comparison.check("ids_\(index)", ids)
            let taps = Taps.recording()
            _ = model(ids, upTo: 4, taps: taps)
            for (name, value) in taps.recorded {
                try comparison.check("\(name)_\(index)", value.values, Tolerances.hidden())
            }
            let wordToPhone = text.unicodeScalars.indices.enumerated().map { place, _ in
                place == 1 ? 0 : 1 + place % 3
            }
            try comparison.check("word2ph_\(index)", wordToPhone)
            guard !text.isEmpty else { continue }
            let features = model.phoneFeatures(ids, wordToPhone: wordToPhone)
            try comparison.check("features_\(index)", features.values, Tolerances.hidden())
        }
        comparison.close()
        return comparison
    }
}

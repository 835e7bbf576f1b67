import Foundation
import Models
import Tensor
import TestSupport

/// HuBERT and BERT.
struct EncoderStages {
    let models: String
    let goldens: GoldenSet

    func huBERT(_ stage: Stage) throws {
        stage.uses("input")
        let limit = Tolerances.hidden(
            yardstick: goldens.yardsticks["hubert last_hidden_state: max|f32-f64|"] ?? 0)
        let model = try HuBERT(folder: models + "/chinese-hubert-base")
        let taps = Taps.recording()
        let last = model(try stage.golden.floats("input"), taps: taps)
        for (name, value) in taps.recorded {
            if name.hasPrefix("feature_extractor") {
                try stage.compareTransposed(name, value, limit)
            } else {
                try stage.compare(name, value.values, limit)
            }
        }
        try stage.compare("last_hidden_state", last.values, limit)
    }

    func bert(_ stage: Stage) throws {
        let limit = Tolerances.hidden()
        let folder = models + "/chinese-roberta-wwm-ext-large"
        let model = try BERT(folder: folder, allLayers: true)
        let tokenizer = try CharacterTokenizer(folder: folder, size: model.vocabularySize)
        guard let text = (goldens.index[stage.name] as? [String: Any])?["text"] as? String else {
            return stage.fail("text", "index.json has no text")
        }
        let ids = tokenizer(text)
        try stage.compareInts("input_ids", ids)
        try stage.compareInts("token_type_ids", [Int](repeating: 0, count: ids.count))
        stage.uses("word2ph")
        let taps = Taps.recording()
        let layers = model.featureLayer + 2
        let last = model(ids, upTo: layers, taps: taps)
        try stage.compare("hs0", taps.latest("hs0")?.values, limit)
        try stage.compare("hs1", taps.latest("hs1")?.values, limit)
        try stage.compare("hs_m3", taps.latest("hs\(model.featureLayer)")?.values, limit)
        try stage.compare("hs_last", last.values, limit)
        let features = model.phoneFeatures(ids, wordToPhone: try stage.golden.ints("word2ph"))
        try stage.compareTransposed("phone_feature", features, limit)
    }
}

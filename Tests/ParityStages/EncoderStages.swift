package import Models
import Tensor
package import TestSupport

/// HuBERT and BERT, compared with transformers' modules.
package enum EncoderStages {
    /// Every recorded activation of HuBERT, under its module path, and `last_hidden_state`.
    ///
    /// - Parameter samples: 16 kHz.
    package static func huBERT(
        _ model: HuBERT, samples: [Float], limit: Tolerance, _ comparison: inout Comparison
    ) throws {
        let trace = ActivationTrace.recording()
        let last = model(samples, trace: trace)
        for (name, value) in trace.recorded {
            let isConvolution = name.hasPrefix("feature_extractor")
            try comparison.check(name, value, limit, axes: isConvolution ? .channelsFirst : .timeMajor)
        }
        try comparison.check("last_hidden_state", last, limit)
    }

    /// The token ids of a text (`ids`, and their number as `token_type_ids`, which are 0 for a single text), the hidden
    /// state after every layer (`hs0` are the embeddings; `hs_m3` and `hs_last` the third last and the last) and the
    /// features per phone (`features`).
    ///
    /// - Parameter model: read with all its layers.
    /// - Parameter wordToPhone: phones of each character; features are compared if there is any.
    package static func bert(
        _ model: BERT, _ tokenizer: CharacterTokenizer, text: String, wordToPhone: [Int],
        _ comparison: inout Comparison
    ) throws {
        let limit = Tolerances.hidden()
        let ids = tokenizer(text)
        try comparison.check("ids", ids)
        let trace = ActivationTrace.recording()
        _ = model(ids, upTo: model.featureLayer + 2, trace: trace)
        if comparison.has("token_type_ids") {
            try comparison.check("token_type_ids", count: trace.latest("hs0")?.shape[0], of: 0)
        }
        for (name, value) in trace.recorded { try comparison.check(name, value, limit) }
        for (name, layer) in [("hs_m3", model.featureLayer), ("hs_last", model.featureLayer + 2)]
        where comparison.has(name) {
            try comparison.check(name, trace.latest("hs\(layer)"), limit)
        }
        guard !wordToPhone.isEmpty else { return }
        let features = model.phoneFeatures(ids, wordToPhone: wordToPhone)
        try comparison.check("features", features, limit, axes: .channelsFirst)
    }
}

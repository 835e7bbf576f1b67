import Checkpoint
import Tensor

/// What v2Pro and v2ProPlus do with a speaker embedding: vector of the reference encoder `[1, G]`, embedding `[1, E]` →
/// speaker vector `[1, G]`, and from that the narrower one `[1, H]` of the text encoder.
///
/// PyTorch: upstream's `sv_emb` (a linear layer whose result is added), `prelu` (a slope per channel) and `ge_to512`.
struct SpeakerAdapter: Sendable {
    private let projection: Linear
    private let slopes: Tensor
    private let narrowing: Linear

    /// Values of the embedding.
    let embeddingCount: Int

    /// Values of the vector that the text encoder reads; nil for a file without an adapter.
    static func textChannels(_ weights: WeightScope) -> Int? {
        weights["sv_emb"].isEmpty ? nil : weights["ge_to512"].axes(of: "weight", 2)?[0] ?? 512
    }

    init(_ weights: WeightScope, speakerChannels G: Int) throws(CheckpointError) {
        embeddingCount = weights["sv_emb"].axes(of: "weight", 2)?[1] ?? 20_480
        let textChannels = Self.textChannels(weights) ?? 512
        projection = try Linear(weights["sv_emb"], inputs: embeddingCount, outputs: G)
        slopes = Tensor(try weights["prelu"].tensor("weight", [G]))
        narrowing = try Linear(weights["ge_to512"], inputs: G, outputs: textChannels)
    }

    func callAsFunction(_ vector: Tensor, embedding: Tensor, trace: ActivationTrace) -> Tensor {
        let projected = projection(embedding)
        trace("sv_emb", projected)
        let speaker = (vector + projected).parametricReLU(slopes: slopes)
        trace("prelu", speaker)
        return speaker
    }

    /// `[1, G]` → `[1, H]`
    func narrowed(_ speaker: Tensor, trace: ActivationTrace) -> Tensor {
        let result = narrowing(speaker)
        trace("ge_to512", result)
        return result
    }
}

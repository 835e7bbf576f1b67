import Checkpoint
import Foundation
import Tensor
import TensorKernelTable

/// A transformer block whose norms and residuals are modulated: x `[T, C]` → `[T, C]`.
///
/// PyTorch: F5-TTS's `DiTBlock`: shift, scale and gate of the attention and of the feed-forward part come from the embedding
/// of the time step (adaLN-Zero).
struct DiffusionBlock: Sendable {
    private let modulation: Linear
    private let query: Linear, key: Linear, value: Linear, attentionOut: Linear
    private let up: Linear, down: Linear
    private let heads: Int, width: Int

    init(_ weights: WeightScope, width C: Int, heads: Int) throws(CheckpointError) {
        (width, self.heads) = (C, heads)
        modulation = try Linear(weights["attn_norm"]["linear"], inputs: C, outputs: 6 * C)
        let attention = weights["attn"]
        query = try Linear(attention["to_q"], inputs: C, outputs: C, isQuantizable: true)
        key = try Linear(attention["to_k"], inputs: C, outputs: C, isQuantizable: true)
        value = try Linear(attention["to_v"], inputs: C, outputs: C, isQuantizable: true)
        attentionOut = try Linear(attention["to_out"][0], inputs: C, outputs: C, isQuantizable: true)
        let feedForward = weights["ff"]["ff"]
        let inner = feedForward[0][0].axes(of: "weight", 2)?[0] ?? 2 * C
        up = try Linear(feedForward[0][0], inputs: C, outputs: inner, isQuantizable: true)
        down = try Linear(feedForward[2], inputs: inner, outputs: C, isQuantizable: true)
    }

    /// Shift, scale and gate of both parts for every row of an activated embedding: `[steps, C]` → `[steps, 6C]`.
    func modulations(_ embedding: Tensor) -> Tensor { modulation(embedding) }

    /// - Parameters:
    ///   - row: the modulation of this step, `[1, 6C]`.
    ///   - rotation: cosines and sines of the first head's rotary positions, `[T, 2 · pairs]`.
    func callAsFunction(
        _ x: Tensor, _ row: Tensor, rotation: Tensor, trace: ActivationTrace
    ) -> Tensor {
        let C = width
        func part(_ index: Int) -> Tensor { row.columns(index * C..<(index + 1) * C) }
        let normed = x.modulated(scale: part(1), shift: part(0))
        trace("attn_norm", normed)
        let attended = attentionOut(
            query(normed).rotated(rotation).attending(
                keys: key(normed).rotated(rotation), values: value(normed), heads: heads,
                scale: 1 / Float(C / heads).squareRoot()))
        trace("attn", attended)
        let y = x.adding(attended, gate: part(2))
        let hidden = y.modulated(scale: part(4), shift: part(3))
        let result = down(up(hidden, activation: .geluTanh))
        trace("ff", result)
        return y.adding(result, gate: part(5))
    }
}

/// Numbers → `[count, C]`: sines and cosines of 1000 · t at 128 frequencies from 1 to 10⁻⁴, and two linear layers.
///
/// PyTorch: F5-TTS's `TimestepEmbedding`.
struct TimestepEmbedding: Sendable {
    private let first: Linear, second: Linear
    private let frequencies: Int

    init(_ weights: WeightScope, width C: Int) throws(CheckpointError) {
        let layers = weights["time_mlp"]
        let inputs =
            layers[0].axes(of: "weight", 2).flatMap { $0[1] % 2 == 0 && $0[1] > 2 ? $0[1] : nil } ?? 256
        frequencies = inputs / 2
        first = try Linear(layers[0], inputs: inputs, outputs: C)
        second = try Linear(layers[2], inputs: C, outputs: C)
    }

    func callAsFunction(_ times: [Float]) -> Tensor {
        let half = frequencies
        let scale = Float(log(10_000.0) / Double(half - 1))
        let sinusoids = Tensor([times.count, 2 * half]) { out in
            for (row, time) in times.enumerated() {
                for i in 0..<half {
                    let angle = 1000 * time * expf(Float(i) * -scale)
                    out[row * 2 * half + i] = sinf(angle)
                    out[row * 2 * half + half + i] = cosf(angle)
                }
            }
        }
        return second(first(sinusoids).silu())
    }
}

import Checkpoint
import Foundation
import Tensor

/// Multi-reference timbre encoder: content attends to the text, and the speaker vector is added to every frame.
/// content `[T, C]`, text `[X, C]`, speaker `[1, H]` → `[T, C]`.
///
/// PyTorch: upstream's `MRTE`: four heads of cross-attention at the width of the speaker vector.
struct TimbreEncoder: Sendable {
    private let contentIn: Linear, textIn: Linear, contentOut: Linear
    private let query: Linear, key: Linear, value: Linear, output: Linear
    private let heads = 4

    /// - Parameter speakerChannels: width of the attention, and of the speaker vector that is added to it.
    init(_ weights: WeightScope, channels C: Int, speakerChannels: Int) throws(CheckpointError) {
        // The width is split over the heads.
        let H = speakerChannels % 4 == 0 ? speakerChannels : 512
        contentIn = try Linear(weights["c_pre"], inputs: C, outputs: H, pointwise: true)
        textIn = try Linear(weights["text_pre"], inputs: C, outputs: H, pointwise: true)
        contentOut = try Linear(weights["c_post"], inputs: H, outputs: C, pointwise: true)
        let attention = weights["cross_attention"]
        query = try Linear(attention["conv_q"], inputs: H, outputs: H, pointwise: true)
        key = try Linear(attention["conv_k"], inputs: H, outputs: H, pointwise: true)
        value = try Linear(attention["conv_v"], inputs: H, outputs: H, pointwise: true)
        output = try Linear(attention["conv_o"], inputs: H, outputs: H, pointwise: true)
    }

    func callAsFunction(content: Tensor, text: Tensor, speaker: Tensor, trace: ActivationTrace) -> Tensor {
        let x = contentIn(content)
        let y = textIn(text)
        let (_, H) = x.dims2("MRTE", columns: speaker.count)
        let attended = output(
            query(x).attending(
                keys: key(y), values: value(y), heads: heads, scale: 1 / Float(H / heads).squareRoot()))
        trace("cross_attention", attended)
        let result = contentOut((attended + x).addingRow(speaker))
        trace("", result)
        return result
    }
}

/// The prior of SoVITS: semantic frames and phones → mean and log deviation of the latent.
///
/// PyTorch: upstream's `TextEncoder`, prefix `enc_p`.
struct TextEncoder: Sendable {
    private let frameIn: Linear
    private let frameEncoder: RelativePositionTransformer, textEncoder: RelativePositionTransformer,
        jointEncoder: RelativePositionTransformer
    private let phones: Embedding
    private let timbre: TimbreEncoder
    private let projection: Linear

    /// - Parameter H: width of the speaker vector that it reads.
    init(
        _ weights: WeightScope, _ config: SoVITSConfiguration, features: Int, phoneCount: Int,
        speakerChannels H: Int
    ) throws(CheckpointError) {
        let C = config.hiddenChannels
        func encoder(_ name: String, depth: Int) throws(CheckpointError) -> RelativePositionTransformer {
            try RelativePositionTransformer(
                weights[name], channels: C, filter: config.filterChannels, heads: config.heads, depth: depth,
                kernel: config.kernel)
        }
        frameIn = try Linear(weights["ssl_proj"], inputs: features, outputs: C, pointwise: true)
        frameEncoder = try encoder("encoder_ssl", depth: config.depth / 2)
        textEncoder = try encoder("encoder_text", depth: config.depth)
        jointEncoder = try encoder("encoder2", depth: config.depth / 2)
        phones = try Embedding(weights["text_embedding"], entries: phoneCount, channels: C)
        timbre = try TimbreEncoder(weights["mrte"], channels: C, speakerChannels: H)
        projection = try Linear(
            weights["proj"], inputs: C, outputs: 2 * config.interChannels, pointwise: true)
    }

    /// State between the chunks of a streamed utterance: the last encoder frames of the previous chunk, and the number
    /// of frames to return.
    struct Continuation {
        /// Number of frames from the end to return; nil for all.
        var resultFrames: Int?
        /// Encoder output of the previous chunk, to cross-fade with: `[n, C]`.
        var overlap: Tensor?
    }

    /// What the encoder computes.
    struct Output {
        /// Mean and log deviation of the latent, `[T', 2·inter]`.
        let statistics: Tensor
        /// The hidden state that they are projected from, `[T', C]`.
        let hidden: Tensor
        /// The hidden state before the speed is changed, `[T, C]`: what the next chunk overlaps with.
        let overlap: Tensor
    }

    /// frames `[T, F]`, phone ids, speaker `[1, H]`. With a speed other than 1, T' = ⌊T / speed⌋ + 1.
    func callAsFunction(
        _ frames: Tensor, phones ids: [Int], speaker: Tensor, speed: Double,
        continuation: Continuation = .init(),
        trace: ActivationTrace
    ) -> Output {
        var y = frameIn(frames)
        trace("ssl_proj", y)
        y = frameEncoder(y)
        trace("encoder_ssl", y)
        let embedded = phones(ids)
        trace("text_embedding", embedded)
        let text = textEncoder(embedded)
        trace("encoder_text", text)
        y = timbre(content: y, text: text, speaker: speaker, trace: trace["mrte"])
        y = jointEncoder(y)
        trace("encoder2", y)
        if let wanted = continuation.resultFrames, wanted < y.shape[0] {
            y = y.rows(y.shape[0] - wanted..<y.shape[0])
        }
        if let overlap = continuation.overlap { y = Self.crossFaded(from: overlap, to: y) }
        let overlap = y
        if speed != 1 {
            // Double precision, as upstream: 120 / 1.2 is 100 there and 99.99 in single precision.
            y = y.interpolatingRows(to: Int(Double(y.shape[0]) / speed) + 1)
        }
        let statistics = projection(y)
        trace("proj", statistics)
        return Output(statistics: statistics, hidden: y, overlap: overlap)
    }

    /// sin(t·π / 2n): entry t of a half sine wave of 2n samples.
    private static func sineWindow(_ t: Int, _ n: Int) -> Float {
        Float(sin(Double(Float(t) * Float.pi / Float(2 * n))))
    }

    /// Cross-fades the rows of the previous chunk into the first rows of y, with quarter sine waves.
    private static func crossFaded(from overlap: Tensor, to y: Tensor) -> Tensor {
        let n = overlap.shape[0]
        var result = y
        let C = y.shape[1]
        precondition(n <= y.shape[0], "TextEncoder: overlap of \(n) frames in \(y.shape[0])")
        result.mutate { out in
            overlap.withElements { before in
                for t in 0..<n {
                    let rising = sineWindow(t, n)
                    let falling = sineWindow(n + t, n)
                    for c in 0..<C { out[t * C + c] = rising * out[t * C + c] + falling * before[t * C + c] }
                }
            }
        }
        return result
    }
}

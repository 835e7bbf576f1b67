import Checkpoint
package import Tensor
import TensorKernelTable

/// Semantic tokens, phonemes and a speaker → features for the flow, one row a mel frame.
///
/// PyTorch: `SynthesizerTrnV3.decode_encp`: the text encoder of SoVITS, a wider layer (`bridge`), interpolation to the rate
/// of mel frames, and a WaveNet conditioned on the speaker (`wns1`).
struct FeatureEncoder: Sendable {
    private let quantizer: Quantizer
    private let text: TextEncoder
    private let bridge: Linear, input: Linear, output: Linear
    private let waveNet: WaveNet
    private let framesPerToken: Int
    /// Mel frames per latent frame, and per token as upstream rounds them for its mask.
    private let factor: Double, maskedFactor: Double

    /// Width of the features.
    let featureCount: Int

    init(
        _ weights: WeightScope, _ config: SoVITSConfiguration, quantizer: Quantizer, phoneCount: Int,
        rates: FlowMatchingRates
    ) throws(CheckpointError) {
        self.quantizer = quantizer
        text = try TextEncoder(
            weights["enc_p"], config, features: quantizer.featureCount, phoneCount: phoneCount,
            speakerChannels: config.speakerChannels)
        let D = weights["bridge"][0].axes(of: "weight", 3)?[0] ?? 512
        featureCount = D
        bridge = try Linear(weights["bridge"][0], inputs: config.hiddenChannels, outputs: D, pointwise: true)
        let wide = weights["wns1"]
        let C = wide["pre"].axes(of: "weight", 3)?[0] ?? 512
        input = try Linear(wide["pre"], inputs: D, outputs: C, pointwise: true)
        waveNet = try WaveNet(wide["enc"], channels: C, speakerChannels: config.speakerChannels)
        output = try Linear(wide["proj"], inputs: C, outputs: D, pointwise: true)
        framesPerToken = config.framesPerToken
        (factor, maskedFactor) = (rates.framesPerLatentFrame, rates.maskedFramesPerToken)
    }

    /// Tokens and phonemes → features `[T, D]`.
    func callAsFunction(
        _ tokens: [Int], phonemes: [Int], speaker: Tensor, speed: Double, trace: ActivationTrace
    ) -> Tensor {
        let frames = quantizer.decode(tokens).repeatingRows(framesPerToken)
        let hidden = text(frames, phones: phonemes, speaker: speaker, speed: speed, trace: trace["enc_p"])
            .hidden
        trace("enc_p", hidden)
        let wide = bridge(hidden, activation: .leakyReLU(slope: 0.01))
        trace("bridge", wide)
        let x = wide.interpolatingRowsToNearest(factor: factor)
        // Upstream masks what lies beyond its own count of frames, which can be one less where the speed is not 1.
        let whole = Double(tokens.count) * maskedFactor
        let visible = min(x.shape[0], speed == 1 ? Int(whole) : Int(whole / speed) + 1)
        let features = output(waveNet(input(x.rows(0..<visible)), speaker: speaker)).paddingRows(
            to: x.shape[0])
        trace("wns1", features)
        return features
    }
}

package import Checkpoint
import Files
package import Tensor

/// SoVITS v3 and v4: semantic tokens and phonemes → features → mel spectrogram by flow matching → sound by a vocoder.
///
/// PyTorch: upstream's `SynthesizerTrnV3` with `TTS.using_vocoder_synthesis`. The flow continues the spectrogram of the
/// reference clip, whose features come from the clip's tokens and the phonemes of its text.
package struct FlowMatching: Sendable {
    /// See `AcousticModel`.
    package let version: ModelVersion
    package let referenceSampleRateHz: Int
    package let phoneCount: Int
    package let quantizer: Quantizer
    /// Features → spectrogram.
    package let decoder: FlowMatchingDecoder
    /// Spectrogram → sound.
    package let vocoder: Vocoder
    let rates: FlowMatchingRates

    let encoder: FeatureEncoder
    private let reference: ReferenceEncoder
    let speakerChannels: Int
    let spectrogram: ReferenceInput
    private let mapped: MappedFile?

    /// Whether a checkpoint is of this kind.
    static func isSupported(_ checkpoint: Checkpoint) -> Bool {
        let found = checkpoint.soVITSVersion
        return (found.modelVersion == .v3 || found.modelVersion == .v4) && !found.isLoRA
    }

    /// Reads an open checkpoint and the vocoder of its version.
    ///
    /// - Throws: `CheckpointError`, `ModelError`.
    package init(_ checkpoint: Checkpoint, pretrained: PretrainedFiles) throws {
        let version = checkpoint.soVITSVersion.modelVersion
        let vocoder = LoadingJob {
            version == .v3
                ? try Vocoder.bigVGAN(folder: pretrained.bigVGAN)
                : try Vocoder.hiFiGAN(path: pretrained.v4Vocoder)
        }
        let network = LoadingJob { try Network(checkpoint, recorder: nil) }
        runSideBySide([network, vocoder])
        try self.init(try network.value(), vocoder: try vocoder.value(), checkpoint)
    }

    /// The networks of one file.
    struct Network: Sendable {
        let config: SoVITSConfiguration
        let quantizer: Quantizer
        let encoder: FeatureEncoder
        let reference: ReferenceEncoder
        let decoder: FlowMatchingDecoder
        let rates: FlowMatchingRates
        let phoneCount: Int

        /// - Parameter recorder: records what the layers prepack.
        init(_ checkpoint: Checkpoint, recorder: PrepackRecorder?) throws {
            try checkpoint.require(.soVITS)
            rates = checkpoint.soVITSVersion.modelVersion == .v3 ? .v3 : .v4
            config = try SoVITSConfiguration(checkpoint)
            let weights = WeightScope(checkpoint, recorder: recorder)
            quantizer = try Quantizer(weights)
            phoneCount = weights["enc_p"]["text_embedding"].axes(of: "weight", 2)?[0] ?? 732
            encoder = try FeatureEncoder(
                weights, config, quantizer: quantizer, phoneCount: phoneCount, rates: rates)
            reference = try ReferenceEncoder(weights["ref_enc"], config)
            decoder = FlowMatchingDecoder(estimator: try DiffusionTransformer(weights["cfm"]["estimator"]))
            guard decoder.estimator.featureCount == encoder.featureCount else {
                throw CheckpointError.wrongShape(
                    path: checkpoint.path, key: "cfm.estimator.input_embed.proj.weight",
                    expected: [0, 2 * decoder.estimator.melBands + encoder.featureCount],
                    found: [0, 2 * decoder.estimator.melBands + decoder.estimator.featureCount])
            }
            // Parts of the training: another way to a spectrogram, and the posterior encoder.
            try weights.assertAllUsed(ignoring: ["linear_mel.", "enc_q.", "dec.", "flow."])
            checkpoint.file.releasePages()
        }
    }

    private init(_ network: Network, vocoder: Vocoder, _ checkpoint: Checkpoint) throws {
        version = checkpoint.soVITSVersion.modelVersion
        guard vocoder.melBands == network.decoder.estimator.melBands else {
            throw ModelError(
                path: checkpoint.path, key: "cfm.estimator.proj_out.weight",
                reason:
                    "gives \(network.decoder.estimator.melBands) mel bands, the vocoder reads \(vocoder.melBands)"
            )
        }
        self.vocoder = vocoder
        (quantizer, encoder, reference) = (network.quantizer, network.encoder, network.reference)
        (decoder, rates, phoneCount) = (network.decoder, network.rates, network.phoneCount)
        referenceSampleRateHz = network.config.sampleRateHz
        speakerChannels = network.config.speakerChannels
        spectrogram = .spectrogram(
            fftSize: network.config.filterLength, hopSamples: network.config.hopSamples,
            windowSamples: network.config.windowSamples)
        mapped = checkpoint.file
    }

    /// Spectrogram `[T, bins]` of a reference clip → its speaker vector `[1, G]`.
    package func speakerVector(_ spectrogram: Tensor, trace: ActivationTrace = .none) -> Tensor {
        reference(spectrogram, trace: trace)
    }

    /// Tokens and phonemes → features `[T, D]`.
    package func features(
        _ tokens: [Int], phonemes: [Int], speaker: Tensor, speed: Double = 1, trace: ActivationTrace = .none
    ) -> Tensor {
        encoder(tokens, phonemes: phonemes, speaker: speaker, speed: speed, trace: trace)
    }

    /// Releases the pages of mapped weights; they are read from the file again when they are needed.
    package func releasePages() {
        releaseFlowPages()
        vocoder.releasePages()
    }

    /// Releases those of all but the vocoder. To read them again takes a thousandth of the time of a flow.
    func releaseFlowPages() { mapped?.releasePages() }

    /// A spectrogram of the flow in −1 … 1 → log mel −12 … 2 → samples (upstream: `denorm_spec`, vocoder).
    func sound(_ spectrogram: Tensor) -> [Float] {
        let mel = spectrogram.mapping { ($0 + 1) / 2 * 14 - 12 }
        return vocoder(mel).values
    }
}

extension Tensor {
    /// A function of every element.
    func mapping(_ f: (Float) -> Float) -> Tensor {
        var result = self
        result.mutate { out in for i in out.indices { out[i] = f(out[i]) } }
        return result
    }
}

import Audio
import Models
import ParityStages
import Synthesis
import Tensor
import TestSupport

/// The stages of v3 and v4 between tokens and sound.
struct RecordedFlow {
    let model: FlowMatching
    let version: String
    let goldens: GoldenSet
    let references: String

    private var hidden: Tolerance {
        Tolerances.hidden(float32Error: goldens.float32Errors["\(version)/dit v: max|f32-f64|"] ?? 0)
    }

    func run(_ kind: String, _ comparison: inout Comparison) throws {
        if kind.hasPrefix("vq_") {
            comparison.uses("ssl_in", "margin")
            try SoVITSStages.quantizer(
                model.quantizer, features: try comparison.golden.timeMajor("ssl_in"), &comparison)
        } else if kind.hasPrefix("encp_") {
            try features(kind, &comparison)
        } else if kind == "dit" {
            try FlowStages.transformer(model.decoder.estimator, limit: hidden, &comparison)
        } else if kind.hasPrefix("cfm_") {
            let steps = ["cfm_4": 4, "cfm_8": 8][kind] ?? 2
            try FlowStages.flow(
                model.decoder, steps: steps, guidance: kind == "cfm_cfg05" ? 0.5 : 0, limit: hidden,
                &comparison)
        } else if kind.hasPrefix("vocoder_synthesis") {
            try synthesis(kind, &comparison)
        } else {
            comparison.fail(kind, "unknown stage")
        }
    }

    private func features(_ kind: String, _ comparison: inout Comparison) throws {
        let golden = comparison.golden
        let reference = try goldens.open("\(version)/encp_ref")
        let trace = ActivationTrace.recording()
        let isReference = kind == "encp_ref"
        comparison.uses("phones", isReference ? "prompt" : "codes")
        if isReference { comparison.uses("spec") }
        let speaker = model.speakerVector(try reference.timeMajor("spec"))
        let found = model.features(
            try golden.integers(isReference ? "prompt" : "codes"), phonemes: try golden.integers("phones"),
            speaker: speaker, speed: kind.hasSuffix("s130") ? 1.3 : 1, trace: trace)
        for (name, value) in trace.recorded where comparison.has(name) {
            try comparison.check(name, value, Tolerances.hidden(), axes: .channelsFirst)
        }
        if isReference {
            try comparison.check("ge", speaker, Tolerances.hidden())
            try comparison.check("ref_enc", speaker, Tolerances.hidden())
        }
        try comparison.check(
            isReference ? "fea_ref" : "fea", found, Tolerances.hidden(), axes: .channelsFirst)
    }

    /// The conditioning of the first clip, with the recorded tokens and phonemes of the prompt.
    private func conditioning() throws -> AcousticConditioning {
        let clip = try AudioReader.read(path: "\(references)/ref32k.wav")
        let reference = try goldens.open("\(version)/encp_ref")
        let mel = try ReferenceAudio.normalizedMel(clip, version == "v3" ? .v3 : .v4)
        var inputs: [ReferenceInput: Tensor] = [:]
        for input in model.requiredInputs {
            if case .mel = input {
                inputs[input] = Tensor(mel.values, [mel.frequencyBins, mel.frames]).transposed()
            } else {
                inputs[input] = try reference.timeMajor("spec")
            }
        }
        return model.conditioning(
            model.conditioning(inputs),
            prompt: AcousticPrompt(
                tokens: try reference.integers("prompt"), phonemes: try reference.integers("phones")))
    }

    private func synthesis(_ kind: String, _ comparison: inout Comparison) throws {
        let golden = comparison.golden
        comparison.uses(prefix: "noise_")
        let phonemes = try goldens.open("\(version)/encp_todo_s100").integers("phones")
        var batch: [AcousticInput] = []
        if kind.hasSuffix("_batched") {
            comparison.uses("s0", "s1", "ph0", "ph1")
            for index in 0...1 {
                batch.append(
                    AcousticInput(
                        tokens: try golden.integers("s\(index)"), phonemes: try golden.integers("ph\(index)"))
                )
            }
        } else {
            comparison.uses("codes", "phones", "prompt_phones")
            batch = [AcousticInput(tokens: try golden.integers("codes"), phonemes: phonemes)]
        }
        let noise = RecordedRunNoise(golden)
        var setting = AcousticSetting(try conditioning(), overlapAdd: SOLA.join) {
            noise.latent(call: 0, $0)
        }
        setting.sampleSteps = kind == "vocoder_synthesis" ? 4 : 2
        setting.isParallel = kind.hasSuffix("_batched")
        let found = try model.synthesize(batch, setting, checkpoint: {})
        for (index, samples) in found.enumerated() {
            try comparison.check(batch.count > 1 ? "wav\(index)" : "wav", samples, Tolerances.waveform)
        }
    }
}

package import Models
package import Tensor
package import TestSupport

/// Vocoders, compared with upstream's modules.
package enum VocoderStages {
    /// Every recorded activation, under its module path, and `wav`.
    ///
    /// - Parameter mel: log mel spectrogram `[T, bands]`.
    package static func vocoder(
        _ model: Vocoder, mel: Tensor, _ comparison: inout Comparison
    ) throws {
        let trace = ActivationTrace.recording()
        let wav = model(mel, trace: trace)
        for (name, value) in trace.recorded where comparison.has(name) {
            try comparison.check(name, value, Tolerances.waveform, axes: .channelsFirst)
        }
        try comparison.check("wav", wav, Tolerances.waveform)
    }
}
